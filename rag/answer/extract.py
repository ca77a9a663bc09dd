"""Extractive answer: the sentences that answer best, verbatim, when the decoder is absent, fails or is not backed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.text import contextualise, sentences
from rag.types import Passage

__all__ = ["best_sentences"]


def best_sentences(
    question: str,
    passages: Sequence[Passage],
    relevance: Callable[[str, Sequence[str]], NDArray[np.float32]],
    *,
    most: int | None = 2,
    least: float = 0.5,
) -> list[tuple[int, str, float]]:
    """``(passage number, sentence, relevance)`` of at most ``most`` sentences (None: all) judged at ``least`` relevant,
    best first.

    Sentences are slices of their passage to the letter.
    """
    found = []
    for passage in passages:
        for start, end in sentences(passage.text, passage.hit.language):
            found.append((passage, passage.text[start:end]))
    if not found:
        return []
    judged = relevance(question, [contextualise(p.hit.title, p.hit.headings, text) for p, text in found])
    order = np.argsort(-judged, kind="stable")[:most]
    return [(found[i][0].n, found[i][1], float(judged[i])) for i in order.tolist() if judged[i] >= least]
