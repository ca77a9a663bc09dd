"""What the product itself says of its sentences, and how far its probabilities can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Bin", "calibration_error", "reliability", "share_of"]


def share_of(labels: Sequence[str], label: str) -> float | None:
    """Share of the claims among ``labels`` that are ``label``; sentences that claim nothing are left out, and None
    when nothing is claimed."""
    claims = [found for found in labels if found != "not_a_claim"]
    return sum(found == label for found in claims) / len(claims) if claims else None


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose score lies in [low, high): how many, their mean score, and the share that is right."""

    low: float
    high: float
    count: int
    score: float
    right: float


def reliability(scores: ArrayLike, right: ArrayLike, bins: int = 10) -> tuple[Bin, ...]:
    """The reliability diagram: ``bins`` of equal width over [0, 1], empty ones left out (DeGroot and Fienberg, 1983).

    A score of 1 belongs to the last bin.
    """
    values, outcomes = np.asarray(scores, np.float64), np.asarray(right, np.float64)
    which = np.minimum((values * bins).astype(np.int64), bins - 1)
    return tuple(
        Bin(b / bins, (b + 1) / bins, int(np.sum(which == b)), *_means(values, outcomes, which == b))
        for b in sorted(set(which.tolist()))
    )


def calibration_error(found: Sequence[Bin]) -> float | None:
    """ECE = Σ (count / n) |right − score| over bins (Naeini, Cooper and Hauskrecht, AAAI 2015); None without any."""
    total = sum(part.count for part in found)
    return sum(part.count * abs(part.right - part.score) for part in found) / total if total else None


def _means(values: np.ndarray, outcomes: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    return float(values[inside].mean()), float(outcomes[inside].mean())
