"""A cross-encoder over the head of the list, blended with the fused score.

The blend keeps an exact match from being buried: replacing the fused order by an English cross-encoder's was measured
to lower nDCG@10 on Pirá from 0.856 to 0.670. Off by default until a reranker is measured to help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reranker", "blend", "rerank"]


class Reranker(Protocol):
    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability that each text answers the question, float32[n]."""
        ...


def rerank(
    reranker: Reranker, question: str, texts: Sequence[str], fused: NDArray[np.float32], weight: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``(relevance, blended)`` of the head of the list, float32[n] each, in the order given."""
    relevance = np.asarray(reranker.relevance(question, texts), np.float32)
    return relevance, blend(fused, relevance, weight)


def blend(fused: NDArray[np.float32], relevance: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """``(1 - weight) * fused + weight * relevance``; both in [0, 1], so the result is."""
    return ((1.0 - weight) * fused + weight * relevance).astype(np.float32)
