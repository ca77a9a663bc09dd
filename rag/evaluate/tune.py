"""One setting of the search chosen on a data set, with the gain it would have on questions it was not chosen on.

Choosing the best value and reporting its score on the same questions promises a gain that is partly luck. Here the
questions are cut into folds; for each the value is chosen on the others and scored on it (cross-validation, Stone,
1974). The pooled out-of-fold scores are compared with the present value's by a paired test, and a gain inside the
noise is not reported as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.config import SearchSettings
from rag.errors import InputError
from rag.evaluate.compare import sign_flip
from rag.evaluate.dataset import Dataset
from rag.evaluate.intervals import Estimate, mean, mean_change
from rag.evaluate.run import DEPTH
from rag.evaluate.sweep import ALPHAS, Sweep, sweep
from rag.facade import Lastro
from rag.search.remember import Remembering

__all__ = ["SETTINGS", "Setting", "Tuned", "choose", "cross_validate", "tune"]

Setting = Literal["alpha", "k", "rerank"]
FOLDS = 5
_SIGNIFICANT = 0.05

SETTINGS: dict[Setting, tuple[str, tuple[float, ...]]] = {
    "alpha": ("search.alpha", ALPHAS),
    "k": ("search.k", (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)),
    "rerank": ("search.rerank_weight", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
}
"""The setting's name in lastro.toml and the values tried. ``k`` is chosen by recall@k against the passages it costs."""

_WORTH = 0.005
"""Recall that one more passage must add to be worth reading it."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """``best`` is what all questions together choose; ``gain`` is out-of-fold, over ``present``, with its p.

    ``means`` has one score a value. ``agreement`` is the share of folds that choose ``best`` or its neighbour.
    """

    setting: str
    values: tuple[float, ...]
    means: tuple[Estimate, ...]
    present: float
    best: float
    gain: Estimate
    p: float
    agreement: float

    @property
    def worth_it(self) -> bool:
        """Whether the gain is beyond chance."""
        return self.best != self.present and self.gain.value > 0 and self.p < _SIGNIFICANT

    @property
    def verdict(self) -> str:
        """What it comes to, in a few words."""
        gain = f"{self.gain.value:+.3f}, p = {self.p:.3f}"
        if self.worth_it:
            return f"{self.best:g} gains {gain}, on questions it was not chosen on"
        if self.best == self.present:
            return f"the present {self.present:g} is the best of those tried"
        return f"no gain beyond chance over the present {self.present:g} ({gain})"


def tune(app: Lastro, dataset: Dataset, setting: Setting) -> Tuned:
    """Try the values of ``setting`` on every question with evidence. Raises InputError with fewer than two a fold."""
    labelled = sum(bool(question.evidence) for question in dataset.questions)
    if labelled < 2 * FOLDS:
        raise InputError(
            f"{dataset.name} has {labelled} questions with evidence; {2 * FOLDS} are the fewest to tune on.",
            subject="--dataset",
            hint="Add `evidence` to more questions, or make some with `lastro eval make`.",
        )
    name, tried = SETTINGS[setting]
    present = _present(app.settings.search, setting)
    values = tuple(sorted({*tried, present}))
    scores = _scores(app, dataset, setting, values)
    return cross_validate(name, values, scores, present, costly=setting == "k")


def cross_validate(
    name: str, values: Sequence[float], scores: NDArray[np.float64], present: float, *, costly: bool = False
) -> Tuned:
    """``scores`` float64[values, questions]; ``costly``: a higher value must add something to be chosen."""
    questions = scores.shape[1]
    folds = np.random.default_rng(0).permutation(questions) % FOLDS
    held_out = np.zeros(questions)
    chosen = []
    for fold in range(FOLDS):
        pick = choose(scores[:, folds != fold].mean(1), values if costly else None)
        chosen.append(pick)
        held_out[folds == fold] = scores[pick, folds == fold]
    change = held_out - scores[list(values).index(present)]
    best = choose(scores.mean(1), values if costly else None)
    means = [mean(row.tolist()) for row in scores]
    gain = mean_change(change.tolist())
    assert gain is not None
    return Tuned(
        setting=name,
        values=tuple(values),
        means=tuple(estimate for estimate in means if estimate is not None),
        present=present,
        best=values[best],
        gain=gain,
        p=sign_flip(change),
        agreement=float(np.mean([abs(pick - best) <= 1 for pick in chosen])),
    )


def choose(means: NDArray[np.float64], costs: Sequence[float] | None = None) -> int:
    """The place of the best mean: of equal ones the middle, away from the edges of a plateau; with ``costs`` the first
    from which no later value adds as much as each unit more that it costs must."""
    if costs is not None:
        ahead = (
            place
            for place in range(len(means))
            if all(
                means[later] - means[place] < _WORTH * (costs[later] - costs[place])
                for later in range(place + 1, len(means))
            )
        )
        return next(ahead)
    top = np.flatnonzero(means >= means.max() - 1e-12)
    return int(top[len(top) // 2])


def _present(settings: SearchSettings, setting: Setting) -> float:
    if setting == "rerank":
        return settings.rerank_weight if settings.rerank else 0.0
    return float(getattr(settings, setting))


def _scores(app: Lastro, dataset: Dataset, setting: Setting, values: Sequence[float]) -> NDArray[np.float64]:
    """nDCG@10 of each value and question, float64[values, questions]; for ``k`` recall@k, from one long list."""
    reranker = app.reranker if app.settings.search.rerank or setting == "rerank" else None
    remembering = Remembering(reranker.relevance) if reranker is not None else None
    now = app.settings.search
    if setting == "k":
        cuts = [int(value) for value in values]
        deep = now.model_copy(update={"k": max(cuts)})
        found = sweep(app, dataset, setting, [0.0], [deep], reranker=remembering, cuts=cuts)
        return np.stack([found.recall[k][0] for k in cuts])
    return _sweep(app, dataset, setting, values, remembering).ndcg


def _sweep(
    app: Lastro, dataset: Dataset, setting: Setting, values: Sequence[float], reranker: Remembering | None
) -> Sweep:
    now = app.settings.search.model_copy(update={"k": DEPTH})
    field = {"alpha": "alpha", "rerank": "rerank_weight"}[setting]
    settings = [
        now.model_copy(update={field: value} | ({"rerank": True} if setting == "rerank" else {})) for value in values
    ]
    return sweep(app, dataset, setting, values, settings, reranker=reranker)
