"""The models as one request uses them: together with other requests, and no longer than somebody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rag.facade import Models
from rag.search.remember import Remembering
from rag.serve.batches import Batches

__all__ = ["SharedModels"]

_Wanted = Callable[[], bool]
_Row = NDArray[np.float32]
_MOST = 32
"""Texts of a batch: a client that leaves is noticed after as many, at most half a second on two cores."""


class SharedModels:
    """The models of a server, whose work for several requests at once is done together.

    An engine that takes one text to a run all the same (``rag.models.encoder`` says why) has its cores shared out
    text by text, and never more runs at a time than cores.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        parts = models.parts
        self._queries: Batches[str, _Row] = Batches(lambda texts: list(parts.encoder.encode(texts, "query")), _MOST)
        self._claims: Batches[tuple[str, str], _Row] = Batches(
            lambda pairs: list(parts.entailer.probabilities(pairs)), _MOST
        )
        # Without a trained judge, words are counted: there is nothing to gain by doing that together.
        judge = models.reranker or parts.entailer
        asked = judge.relevances if parts.measured and hasattr(judge, "relevances") else _each(parts.answers_it)
        self._relevances: Batches[tuple[str, str], np.float32] = Batches(lambda pairs: list(asked(pairs)), _MOST)

    def of(self, wanted: _Wanted) -> Models:
        """The models for one request: whatever asks them raises ClientGone once ``wanted`` says no."""
        parts = self._models.parts
        judge = Remembering(_Judge(self._relevances, wanted).relevance)
        encoder = _Encoder(self._models.encoder, self._queries, wanted)
        reranker = None if self._models.reranker is None else judge
        mine = Models(self._models.settings)
        mine.encoder, mine.reranker = encoder, reranker
        mine.parts = replace(
            parts,
            encoder=encoder,
            entailer=_Entailer(self._claims, wanted),
            answers_it=judge.relevance,
            reranker=reranker,
        )
        return mine


@dataclass(frozen=True, slots=True)
class _Encoder:
    encoder: Any
    batches: Batches[str, _Row]
    wanted: _Wanted

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        if kind == "passage":
            return np.asarray(self.encoder.encode(texts, kind), np.float32)
        return np.stack(self.batches.results(texts, self.wanted))


@dataclass(frozen=True, slots=True)
class _Judge:
    batches: Batches[tuple[str, str], np.float32]
    wanted: _Wanted

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array(self.batches.results([(question, text) for text in texts], self.wanted), np.float32)


@dataclass(frozen=True, slots=True)
class _Entailer:
    batches: Batches[tuple[str, str], _Row]
    wanted: _Wanted

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.array(self.batches.results(pairs, self.wanted), np.float32).reshape(-1, 3)


def _each(relevance: Callable[[str, Sequence[str]], NDArray[np.float32]]) -> Callable[[Any], list[np.float32]]:
    return lambda pairs: [relevance(question, [text])[0] for question, text in pairs]
