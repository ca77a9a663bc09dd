"""A cross-encoder over the head of the list, blended with the fused score.

In the blend the fused score still speaks: what the model misjudges loses at most ``weight``. Replacing the fused
order by an English cross-encoder's was measured to lower nDCG@10 on Pirá from 0.856 to 0.670. Passages are judged in
the order of their fused scores, and no further once none that is left could still come among the first ``k``, even if
it were judged certain.

A statement is not judged at all: the model says whether a passage answers a question, and on SciFact, whose queries are
claims, its word lowered nDCG@10 from 0.716 to 0.699. Keywords and questions without their mark it ranks as well as
questions (``tests.bench.rerank``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reranker", "blend", "is_statement", "rerank"]

_STEP = 4
"""Passages judged between two looks at what could still change: a multiple of the cores, so that none waits."""


class Reranker(Protocol):
    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability that each text answers the question, float32[n]."""
        ...


def rerank(
    reranker: Reranker, question: str, texts: Sequence[str], fused: NDArray[np.float32], weight: float, k: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``(relevance, blended)``, float32[n] each, of the head of the list, given by falling ``fused`` score.

    The first ``k`` by ``blended`` are those of judging every text. One that could not come among them is left
    unjudged: its relevance is NaN, and its blended score what it would be with none.
    """
    relevance = np.full(len(texts), np.nan, np.float32)
    blended = blend(fused, np.zeros(len(texts), np.float32), weight)
    start = 0
    while start < len(texts):
        end = _next_look(blended[:start], fused, weight, k)
        part = slice(start, end)
        relevance[part] = reranker.relevance(question, texts[part])
        blended[part] = blend(fused[part], relevance[part], weight)
        start = end
        if start < len(texts) and _surpassed(blended[:start], fused[start], weight) >= k:
            break
    return relevance, blended


def is_statement(query: str) -> bool:
    """Whether ``query`` ends as sentences do that ask nothing."""
    return query.rstrip().endswith(".") and "?" not in query


def _next_look(judged: NDArray[np.float32], fused: NDArray[np.float32], weight: float, k: int) -> int:
    """The first place at which, whatever those before it are judged, the rest may be decided; a few more, for the
    cores' sake. Judging up to it in one go judges none that looking more often would have spared."""
    for place in range(len(judged) + 1, len(fused)):
        new = place - len(judged)
        if new % _STEP == 0 and _surpassed(judged, fused[place], weight) + new >= k:
            return place
    return len(fused)


def _surpassed(judged: NDArray[np.float32], fused: float, weight: float) -> int:
    """How many of ``judged`` one with that ``fused`` score could not pass, even if it were judged certain."""
    return int((judged >= (1.0 - weight) * np.float32(fused) + weight).sum())


def blend(fused: NDArray[np.float32], relevance: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """``(1 - weight) * fused + weight * relevance``; both in [0, 1], so the result is."""
    return ((1.0 - weight) * fused + weight * relevance).astype(np.float32)
