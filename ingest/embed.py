"""Chunks → vectors: what was embedded before, anywhere in the index, is not embedded again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.index import Fingerprint, chunk_key, encoded
from rag.text import ANALYSER_VERSION
from rag.types import Chunk, Document

__all__ = ["Embedded", "Embedder", "Encoder", "embed", "fingerprint_of"]

_PART = 64
"""Chunks between two words of progress: a few seconds. What an encoder makes of them by batches is its own affair."""


class Encoder(Protocol):
    identity: str
    dimension: int
    query_prefix: str
    passage_prefix: str

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


class Known(Protocol):
    def reusable_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """What was embedded before, by ``chunk_key``."""
        ...


def fingerprint_of(encoder: Encoder, settings: Settings) -> Fingerprint:
    """What an index built with these is called by."""
    return Fingerprint(
        encoder=encoder.identity,
        dimension=encoder.dimension,
        query_prefix=encoder.query_prefix,
        passage_prefix=encoder.passage_prefix,
        chunk_tokens=settings.chunks.tokens,
        chunk_overlap=settings.chunks.overlap_sentences,
        analyser=ANALYSER_VERSION,
    )


def embed(
    documents: Sequence[tuple[Document, Sequence[Chunk]]],
    encoder: Encoder,
    known: Known,
    told: Callable[[int, int], None],
) -> tuple[list[NDArray[np.float32]], int, int]:
    """Vectors float32[chunks, d] of each document, and how many were embedded and how many had been before.

    ``told(done, of)`` hears of the chunks to be embedded. Shortest first, so that texts of like length stand together.
    """
    work = _Work.of(documents, known)
    reused = len(work.vectors)
    return work.done(encoder, told, threading.Event()), len(work.missing), reused


@dataclass(frozen=True, slots=True)
class _Work:
    """``keys`` of each document's chunks, what the encoder is to see under each, ``vectors`` that are known, and which
    keys are ``missing`` one, shortest first."""

    keys: list[list[str]]
    inputs: dict[str, str]
    vectors: dict[str, NDArray[np.float32]]
    missing: list[str]

    @classmethod
    def of(cls, documents: Sequence[tuple[Document, Sequence[Chunk]]], *known: Known) -> _Work:
        keys = [[chunk_key(document.title, c.headings, c.text) for c in chunks] for document, chunks in documents]
        inputs = {
            key: encoded(document.title, chunk.headings, chunk.text)
            for (document, chunks), of_document in zip(documents, keys, strict=True)
            for chunk, key in zip(chunks, of_document, strict=True)
        }
        vectors: dict[str, NDArray[np.float32]] = {}
        for holder in known:
            vectors |= holder.reusable_vectors(key for key in inputs if key not in vectors)
        missing = sorted((key for key in inputs if key not in vectors), key=lambda key: len(inputs[key]))
        return cls(keys, inputs, vectors, missing)

    def reusable_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        return {key: self.vectors[key] for key in keys if key in self.vectors}

    def done(
        self, encoder: Encoder, told: Callable[[int, int], None], broken_off: threading.Event
    ) -> list[NDArray[np.float32]]:
        """The vectors of each document, those that were missing embedded, unless it is ``broken_off``."""
        for at in range(0, len(self.missing), _PART):
            if broken_off.is_set():
                raise CancelledError
            told(at, len(self.missing))
            part = self.missing[at : at + _PART]
            made = encoder.encode([self.inputs[key] for key in part], "passage")
            self.vectors.update(zip(part, made, strict=True))
        empty = np.zeros((0, encoder.dimension), np.float32)
        return [np.stack([self.vectors[key] for key in keys]) if keys else empty for keys in self.keys]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of each document of a batch, how many were embedded and how many had been before, and the seconds
    it took."""

    vectors: list[NDArray[np.float32]]
    embedded: int
    reused: int
    seconds: float


class Embedder:
    """Embeds a batch in a thread of its own, beside the splitting of the next one and the commit of the last."""

    def __init__(self, encoder: Encoder, told: Callable[[int, int], None]) -> None:
        self._encoder = encoder
        self._told = told
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self._broken_off = threading.Event()
        self._work: _Work | None = None
        self._future: Future[Embedded] | None = None

    def start(self, documents: Sequence[tuple[Document, Sequence[Chunk]]], known: Known) -> None:
        """Begin with a batch, after the last one is finished; what that one embedded is known too."""
        self._work = _Work.of(documents, known, *([self._work] if self._work else []))
        self._future = self._thread.submit(self._embedded, self._work)

    def finish(self) -> Embedded:
        """Wait for the batch. Raises what the encoder raised."""
        assert self._future is not None
        return self._future.result()

    def close(self) -> None:
        """Break off what is under way, after the chunks that the encoder has in hand."""
        self._broken_off.set()
        self._thread.shutdown(cancel_futures=True)

    def _embedded(self, work: _Work) -> Embedded:
        started, reused = time.perf_counter(), len(work.vectors)
        vectors = work.done(self._encoder, self._told, self._broken_off)
        return Embedded(vectors, len(work.missing), reused, time.perf_counter() - started)
