"""Whether one run is better than another, beyond chance: paired tests, question by question.

The sign-flip randomisation test (Fisher, 1935; the test Smucker, Allan and Carterette, CIKM 2007, recommend for
retrieval) assumes only that, were both runs alike, either could have had either value. It is exact up to 16 questions
that differ and Monte Carlo beyond. Several metrics are looked at, so that Holm's step-down correction (1979) goes with
them.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.intervals import Estimate, mean_change

__all__ = ["Comparison", "compare", "holm", "sign_flip"]

_EXACT = 16
_FLIPS = 20_000
_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric in two runs. ``difference`` is after − before with its interval; ``p`` is Holm-corrected over the
    metrics compared; wins and losses are questions that went the better and the worse way, or up and down where neither
    is better."""

    metric: str
    before: float
    after: float
    difference: Estimate
    p: float
    wins: int
    losses: int

    @property
    def significant(self) -> bool:
        return self.p < _SIGNIFICANT


def compare(pairs: Mapping[str, Sequence[tuple[float, float]]], lower: Collection[str] = ()) -> list[Comparison]:
    """Of each metric, the (before, after) values of the questions both runs have. Metrics without any are left out; of
    those in ``lower`` less is better."""
    found = {name: np.asarray(values, np.float64) for name, values in pairs.items() if len(values)}
    raw = [sign_flip(values[:, 1] - values[:, 0]) for values in found.values()]
    rows = []
    for (name, values), p in zip(found.items(), holm(raw), strict=True):
        change = values[:, 1] - values[:, 0]
        difference = mean_change(change.tolist())
        assert difference is not None
        before, after = values.mean(0).tolist()
        up, down = int(np.sum(change > 0)), int(np.sum(change < 0))
        wins, losses = (down, up) if name in lower else (up, down)
        rows.append(Comparison(name, before, after, difference, p, wins, losses))
    return rows


def sign_flip(differences: Sequence[float] | NDArray[np.float64], *, seed: int = 0) -> float:
    """Two-sided p: the share of sign patterns whose |Σ ± d| is at least |Σ d|; 1 when nothing differs.

    Monte Carlo adds the observed pattern to those drawn, (b + 1) / (m + 1), so that p is never 0 (Phipson and Smyth,
    2010).
    """
    changed = np.asarray(differences, np.float64)
    changed = changed[changed != 0]
    if not len(changed):
        return 1.0
    least = abs(changed.sum()) * (1 - 1e-12)
    if len(changed) <= _EXACT:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(changed))))
        return float(np.mean(np.abs(signs @ changed) >= least))
    signs = np.random.default_rng(seed).integers(0, 2, (_FLIPS, len(changed))) * 2.0 - 1.0
    return float((np.sum(np.abs(signs @ changed) >= least) + 1) / (_FLIPS + 1))


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's corrected p-values, in the order given: the i-th smallest times (m − i + 1), kept ascending, at most 1."""
    order = np.argsort(ps, kind="stable")
    corrected, least = [1.0] * len(ps), 0.0
    for i, place in enumerate(order.tolist()):
        least = max(least, min(1.0, (len(ps) - i) * ps[place]))
        corrected[place] = least
    return corrected
