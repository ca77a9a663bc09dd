"""Two scores a candidate → one: the alpha-weighted convex combination, or reciprocal rank fusion.

Convex: ``fused = alpha * norm(dense) + (1 - alpha) * norm(sparse)``, alpha in [0, 1], 1 = dense only, 0 = sparse only.
Bruch, Gai and Ingber (arXiv 2210.11934) find it better than rank fusion, robust to the choice of normalisation and
cheap to tune. Normalisation is min–max over the query's candidates, all of which carry both true scores; the sparse
minimum is the theoretical one, 0 ("no term in common"). For the dense leg the theoretical minimum of a cosine, -1, was
measured too and is worse here: this encoder's cosines all lie above 0.7, so that it would hand the ranking to BM25.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.errors import UsageError

__all__ = ["convex", "minmax", "reciprocal_rank"]

RRF_ETA = 60
"""The constant of Cormack, Clarke and Büttcher (SIGIR 2009)."""


def convex(
    dense: NDArray[np.float32], sparse: NDArray[np.float32], alpha: float, foreign: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Fused scores in [0, 1], float32[n]. Raises UsageError when ``alpha`` is outside [0, 1].

    ``foreign`` bool[n] marks chunks in another language than the question's. Few terms cross languages, so that their
    BM25 says "unknown" rather than "unlike", and cosines across languages are lower too. In place of a BM25 score they
    get their standing among themselves: ``alpha`` times the sum of both scores, each normalised over foreign chunks
    only, where names, numbers and cognates tell them apart. (`tests/bench/retrieval.py`, ``pira-mixed``: nDCG@10
    across languages from 0.398 to 0.543, within a language from 0.893 to 0.888.)
    """
    _check(alpha)
    near = minmax(dense)
    terms = minmax(sparse, minimum=0.0)
    if foreign is not None and foreign.any():
        standing = alpha * (minmax(dense[foreign]) + minmax(sparse[foreign], minimum=0.0))
        terms[foreign] = np.maximum(terms[foreign], standing)
    return (alpha * near + (1.0 - alpha) * terms).astype(np.float32)


def minmax(scores: NDArray[np.float32], minimum: float | None = None) -> NDArray[np.float64]:
    """``(s - min) / (max - min)``; zeros where all scores are equal to the minimum, ones where equal above it."""
    values = np.asarray(scores, np.float64)
    if values.size == 0:
        return values
    low = float(values.min()) if minimum is None else minimum
    span = float(values.max()) - low
    if span <= 0:
        return np.zeros_like(values) if minimum is not None else np.ones_like(values)
    return np.clip((values - low) / span, 0.0, 1.0)


def reciprocal_rank(
    dense: NDArray[np.float32], sparse: NDArray[np.float32], alpha: float, foreign: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Weighted reciprocal rank fusion, scaled into [0, 1]: ``(eta + 1) * (alpha / (eta + rank_dense) + ...)``.

    A candidate without a term in common with the question has no sparse rank and gets nothing from that leg; ranks
    know nothing of languages, so ``foreign`` changes nothing here.
    """
    _check(alpha)
    fused = alpha / (RRF_ETA + _ranks(dense)) + (1.0 - alpha) * (sparse > 0) / (RRF_ETA + _ranks(sparse))
    return ((RRF_ETA + 1) * fused).astype(np.float32)


def _ranks(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks from 1, best first; equal scores share the better rank."""
    ordered = np.sort(scores)[::-1]
    return np.searchsorted(-ordered, -np.asarray(scores), side="left").astype(np.float64) + 1


def _check(alpha: float) -> None:
    if not 0.0 <= alpha <= 1.0:
        raise UsageError(
            f"alpha must lie between 0 (sparse only) and 1 (dense only), not {alpha:g}.",
            subject="alpha",
            hint="0.5 is the default.",
        )
