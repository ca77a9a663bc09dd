"""What declining costs and spares: the risk–coverage curve and the area under it.

Each given answer has a confidence and is right or wrong. Answering only where the confidence reaches a threshold
answers a share of the questions (coverage) and is wrong in a share of those answers (selective risk).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["RiskCoverage", "area_under", "risk_coverage"]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve, from the most confident answer on: float64[m] each, one point a distinct confidence.

    ``coverage`` is a share of all questions, those withheld included, so that it ends where the product stops.
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]


def risk_coverage(confidence: ArrayLike, wrong: ArrayLike, questions: int) -> RiskCoverage:
    """The curve of the answers given among ``questions``; empty when none was given (El-Yaniv and Wiener, JMLR 2010).

    risk(t) = wrong answers with confidence ≥ t / answers with confidence ≥ t; answers of equal confidence come in
    together, since no threshold tells them apart.
    """
    scores, errors = np.asarray(confidence, np.float64), np.asarray(wrong, np.float64)
    order = np.argsort(-scores, kind="stable")
    scores, errors = scores[order], errors[order]
    given = np.arange(1, len(scores) + 1)
    last = np.flatnonzero(np.append(scores[:-1] != scores[1:], True)) if len(scores) else np.zeros(0, np.int64)
    return RiskCoverage(scores[last], given[last] / questions, np.cumsum(errors)[last] / given[last])


def area_under(curve: RiskCoverage) -> float | None:
    """AURC: the mean selective risk over the coverages reached (Geifman, Uziel and El-Yaniv, ICLR 2019).

    (1 / c_max) ∫ risk dc with the risk of a step holding over the coverage it adds; None of an empty curve. Lower is
    better; the risk at full coverage is what an order without knowledge would give on average.
    """
    if not len(curve.coverage):
        return None
    added = np.diff(curve.coverage, prepend=0.0)
    return float(np.sum(curve.risk * added) / curve.coverage[-1])
