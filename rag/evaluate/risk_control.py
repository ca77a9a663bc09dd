"""A threshold on confidence such that, with stated probability, few of the answers given are wrong.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, arXiv 2110.01052, Theorem 1 and its Algorithm 1). For a
threshold t let R(t) be the probability that an answer is wrong given that its confidence reaches t. Each hypothesis
"R(t) > risk" is tested; the thresholds whose hypothesis is rejected, with the family-wise error held at δ, all have
R(t) ≤ risk together with probability at least 1 − δ over the draw of the calibration questions. Of those the one that
answers most is taken.

*p-value.* Among n answers with confidence ≥ t, wrong ones are Binomial(n, R(t)) given n, so that
P(Binomial(n, risk) ≤ wrong) is a p-value without further assumptions.

*Many thresholds.* Fixed-sequence testing from several starts: from each the thresholds are tested from the strictest
on at level δ / starts until one is not rejected. The order must not depend on the answers tested: the thresholds are
quantiles of a pilot, a fifth of the questions, that takes no part in the tests.

It assumes that the questions asked later are drawn as those calibrated with were, independently, from the same index,
models and settings. It does not promise anything for one question, for a language or kind of question alone (unless
calibrated alone), after the documents or the questions change, or of the share of *all* questions that go wrong. TRAQ
(arXiv 2307.04642) bounds the error of answer *sets*, Conformal-RAG (arXiv 2506.20978) of claims kept in an answer; here
whole answers are given or withheld, as in selective classification (Geifman and El-Yaniv, NeurIPS 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Outcomes", "Tested", "binomial_p", "control", "fewest_answers", "reject"]

STARTS = 4
LEVELS = 20
PILOT = 0.2


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One entry a question: its answer's confidence (NaN where it was withheld anyway) and whether that is wrong."""

    confidence: NDArray[np.float64]
    wrong: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.confidence)

    def take(self, chosen: NDArray[np.int64]) -> Outcomes:
        return Outcomes(self.confidence[chosen], self.wrong[chosen])

    def given(self, threshold: float) -> NDArray[np.bool_]:
        """Which questions are answered at ``threshold``."""
        return np.nan_to_num(self.confidence, nan=-1.0) >= threshold


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests found: ``threshold`` is None where no hypothesis could be rejected. ``given`` and ``wrong`` are
    of the questions tested at the threshold, ``tested`` how many there were; ``p`` its p-value."""

    threshold: float | None
    tested: int
    given: int
    wrong: int
    p: float

    @property
    def coverage(self) -> float:
        return self.given / self.tested if self.tested else 0.0


def control(outcomes: Outcomes, risk: float, delta: float, *, seed: int = 0) -> Tested:
    """The threshold that answers most while R ≤ ``risk`` with probability 1 − ``delta``."""
    order = np.random.default_rng(seed).permutation(len(outcomes))
    cut = int(PILOT * len(order))
    pilot, rest = outcomes.take(order[:cut]), outcomes.take(order[cut:])
    thresholds = _thresholds(pilot)
    counts = [(int(rest.given(t).sum()), int(rest.wrong[rest.given(t)].sum())) for t in thresholds]
    ps = [binomial_p(wrong, given, risk) for given, wrong in counts]
    rejected = reject(ps, delta)
    if not rejected:
        return Tested(None, len(rest), 0, 0, min(ps, default=1.0))
    last = max(rejected)
    return Tested(thresholds[last], len(rest), *counts[last], ps[last])


def binomial_p(wrong: int, given: int, risk: float) -> float:
    """P(Binomial(``given``, ``risk``) ≤ ``wrong``): small where so few wrong answers are hard to explain by luck."""
    from scipy.stats import binom

    return float(binom.cdf(wrong, given, risk)) if given else 1.0


def reject(ps: Sequence[float], delta: float, starts: int = STARTS) -> set[int]:
    """The places in ``ps``, ordered from the strictest threshold, whose hypothesis falls (Algorithm 1 of the paper)."""
    found: set[int] = set()
    for start in sorted({round(i * len(ps) / starts) for i in range(starts)}):
        for place in range(start, len(ps)):
            if ps[place] > delta / starts:
                break
            found.add(place)
    return found


def fewest_answers(risk: float, delta: float, starts: int = STARTS) -> int:
    """How many answers without a wrong one it takes to reject anything: (1 − risk)^n ≤ delta / starts."""
    return int(np.ceil(np.log(delta / starts) / np.log1p(-risk)))


def _thresholds(pilot: Outcomes) -> list[float]:
    """From the strictest: the confidences that answer 1/20, 2/20 … of what the pilot answers, and 0, which answers
    all that is not withheld anyway."""
    scores = np.sort(pilot.confidence[~np.isnan(pilot.confidence)])
    if not len(scores):
        return [0.0]
    levels = np.quantile(scores, 1 - np.arange(1, LEVELS) / LEVELS, method="inverted_cdf")
    return [*sorted({float(level) for level in levels if level > 0}, reverse=True), 0.0]
