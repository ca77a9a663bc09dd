"""How far a figure could lie from what more questions would show: the bootstrap over questions.

The percentile bootstrap (Efron, 1979; 2,000 resamples of the questions, with a fixed seed, so that the same values
give the same interval) takes any statistic, ratios included. Of shares it knows nothing at the ends: when every value
is 1 every resample is, so that there the exact interval of Clopper and Pearson (1934) stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["RESAMPLES", "Estimate", "bootstrap", "clopper_pearson", "mean", "mean_change"]

RESAMPLES = 2000
Sample = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over ``n`` questions with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def mean(values: Sequence[float], *, seed: int = 0) -> Estimate | None:
    """The mean of one value a question with its interval; None without values."""
    found = np.asarray(values, np.float64)
    if not len(found):
        return None
    if np.all(found == found[0]) and found[0] in {0.0, 1.0}:
        low, high = clopper_pearson(int(found.sum()), len(found))
        return Estimate(float(found[0]), low, high, len(found))
    low, high = np.percentile(found[_resamples(len(found), seed)].mean(1), [2.5, 97.5])
    return Estimate(float(found.mean()), float(low), float(high), len(found))


def mean_change(changes: Sequence[float], *, seed: int = 0) -> Estimate | None:
    """The mean of one change a question, each in [−1, 1], with its interval; None without changes.

    Where all are alike a resample tells nothing: up to the share of questions that Clopper and Pearson allow to be
    otherwise, anything may be.
    """
    found = np.asarray(changes, np.float64)
    if not len(found) or np.any(found != found[0]):
        return mean(changes, seed=seed)
    value, otherwise = float(found[0]), clopper_pearson(0, len(found))[1]
    low, high = (max(-1.0, min(1.0, (1 - otherwise) * value + sign * otherwise)) for sign in (-1, 1))
    return Estimate(value, low, high, len(found))


def bootstrap(statistic: Callable[[Sample], float | None], n: int, *, seed: int = 0) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of ``statistic`` over resamples of ``range(n)``, int64[n] each.

    A resample of which it is None (no such question was drawn) is left out.
    """
    drawn = (statistic(sample) for sample in _resamples(n, seed))
    found = [value for value in drawn if value is not None]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


@lru_cache(maxsize=2)
def _resamples(n: int, seed: int) -> Sample:
    """int64[RESAMPLES, n]; every metric of a run is resampled alike."""
    return np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval of a share (Clopper and Pearson, Biometrika 1934)."""
    from scipy.stats import binomtest

    found = binomtest(successes, trials).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)
