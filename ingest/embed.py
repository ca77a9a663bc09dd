"""Chunks → vectors: what was embedded before, anywhere in the index, is not embedded again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.index import Fingerprint, chunk_key, encoded
from rag.text import ANALYSER_VERSION
from rag.types import Chunk, Document

__all__ = ["Encoder", "embed", "fingerprint_of"]

_PART = 64
"""Chunks between two words of progress: a few seconds. Texts are encoded one by one, so no vector depends on it."""


class Encoder(Protocol):
    identity: str
    dimension: int
    query_prefix: str
    passage_prefix: str

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


class Embedded(Protocol):
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
    known: Embedded,
    told: Callable[[int, int], None],
) -> tuple[list[NDArray[np.float32]], int, int]:
    """Vectors float32[chunks, d] of each document, and how many were embedded and how many had been before.

    ``told(done, of)`` hears of the chunks to be embedded. Shortest first, so that texts of like length stand together.
    """
    keys = [[chunk_key(document.title, c.headings, c.text) for c in chunks] for document, chunks in documents]
    inputs = {
        key: encoded(document.title, chunk.headings, chunk.text)
        for (document, chunks), of_document in zip(documents, keys, strict=True)
        for chunk, key in zip(chunks, of_document, strict=True)
    }
    vectors = known.reusable_vectors(inputs)
    reused = len(vectors)
    missing = sorted((key for key in inputs if key not in vectors), key=lambda key: len(inputs[key]))
    for at in range(0, len(missing), _PART):
        told(at, len(missing))
        part = missing[at : at + _PART]
        vectors |= dict(zip(part, encoder.encode([inputs[key] for key in part], "passage"), strict=True))
    empty = np.zeros((0, encoder.dimension), np.float32)
    stacked = [np.stack([vectors[key] for key in of_document]) if of_document else empty for of_document in keys]
    return stacked, len(missing), reused
