"""Temperatures fitted on held-out pairs, so that 0.8 means 0.8, and how far from it they are before and after.

The temperature is fitted on one half of the pairs and the error reported on the other; the halves go by passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.train.batches import predict
from rag.train.model import CrossEncoder
from rag.train.pairs import Pair, part_of

__all__ = ["Calibration", "Figures", "calibrate", "expected_calibration_error", "fit_temperature"]

_TEMPERATURES = np.geomspace(0.5, 3.0, 60)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one head on the second half: pairs, share right, expected calibration error before and after."""

    pairs: int
    accuracy: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Figures and temperatures by head; ``by_set``: head, set and language with the number of pairs there and the
    share right."""

    figures: dict[str, Figures]
    temperature: dict[str, float]
    by_set: list[tuple[str, str, str, int, float]]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def calibrate(model: CrossEncoder, base: Path, dev: Sequence[Pair]) -> Calibration:
    """Fit each head's temperature on one half of its pairs; a head without pairs there keeps 1."""
    figures: dict[str, Figures] = {}
    temperatures: dict[str, float] = {}
    by_set: list[tuple[str, str, str, int, float]] = []
    for head, task in (("classifier", "entailment"), ("relevance", "relevance")):
        pairs = [pair for pair in dev if pair.task == task]
        fitted_on = np.array([part_of(pair, purpose="calibration") == 0 for pair in pairs], bool)
        labels = np.array([pair.label for pair in pairs], np.int64)
        temperatures[head] = 1.0
        if not fitted_on.any() or fitted_on.all():
            continue
        entailment, relevance = predict(model, base, pairs)
        logits = entailment if head == "classifier" else np.stack([np.zeros_like(relevance), relevance], 1)
        whose = [(pair.set_name, pair.language) for pair in pairs]
        for name, language in sorted(set(whose)):
            of = np.array([one == (name, language) for one in whose])
            share = float(np.mean(logits[of].argmax(1) == labels[of]))
            by_set.append((head, name, language, int(of.sum()), share))
        temperature = temperatures[head] = fit_temperature(logits[fitted_on], labels[fitted_on])
        judged, right = logits[~fitted_on], labels[~fitted_on]
        figures[head] = Figures(
            len(right),
            float(np.mean(judged.argmax(1) == right)),
            expected_calibration_error(judged, right),
            expected_calibration_error(judged / temperature, right),
        )
    return Calibration(figures, temperatures, by_set)


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature of least negative log-likelihood (Guo et al., arXiv 1706.04599) on a grid."""
    losses = [-np.mean(_log_softmax(logits / t)[np.arange(len(labels)), labels]) for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def expected_calibration_error(logits: NDArray[np.float32], labels: NDArray[np.int64], bins: int = 10) -> float:
    """ECE: the mean over ``bins`` of equal width of |accuracy − confidence|, weighted by their share (Naeini, 2015)."""
    probabilities = np.exp(_log_softmax(logits))
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[which == b].mean() - confidence[which == b].mean()) * np.mean(which == b) for b in set(which)]
    return float(sum(gaps))


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result
