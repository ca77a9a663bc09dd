"""A judge of relevance that is asked the same thing more than once and judges it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Remembering"]


class Remembering:
    """What ``judge``, a reranker's ``relevance`` or the like, said of each text for each question, kept: the stages of
    an answer, and searches that differ in weight or depth, ask for much the same."""

    def __init__(self, judge: Callable[[str, Sequence[str]], NDArray[np.float32]]) -> None:
        self._judge = judge
        self._judged: dict[tuple[str, str], float] = {}

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the judge itself."""
        new = [text for text in dict.fromkeys(texts) if (question, text) not in self._judged]
        if new:
            judged = self._judge(question, new)
            self._judged |= {(question, text): float(value) for text, value in zip(new, judged, strict=True)}
        return np.array([self._judged[question, text] for text in texts], np.float32)
