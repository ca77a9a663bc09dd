"""The in-memory index of notebooks and small collections: the same verbs, rank-bm25 and numpy behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.duplicates import clusters
from rag.index.records import StoredChunk
from rag.index.sections import around
from rag.index.signature import sign
from rag.pages import pages_within
from rag.text import contextualise, terms
from rag.types import Chunk, Document, Filter, Section

__all__ = ["MemoryIndex"]


class MemoryIndex:
    """Chunks of ``documents`` with their vectors float32[n, d]; chunk ids are their places in the list."""

    def __init__(self, documents: Sequence[Document], chunks: Sequence[Chunk], vectors: NDArray[np.float32]) -> None:
        if len(chunks) != len(vectors):
            raise ValueError(f"{len(chunks)} chunks and {len(vectors)} vectors")
        self._documents = {document.doc_id: document for document in documents}
        self._chunks = [_stored(i, chunk, self._documents[chunk.doc_id]) for i, chunk in enumerate(chunks)]
        self._of_document: dict[str, list[StoredChunk]] = defaultdict(list)
        for stored in sorted(self._chunks, key=lambda chunk: chunk.start):
            self._of_document[stored.doc_id].append(stored)
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._bm25 = _bm25([terms(contextualise(c.title, c.headings, c.text), c.language) for c in self._chunks])

    def __len__(self) -> int:
        return len(self._chunks)

    def dense(
        self, query: NDArray[np.float32], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return self._best(self._vectors @ query, k, where, above=-2.0)

    def sparse(
        self, terms: Sequence[str], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return self._best(self._sparse_scores(terms), k, where, above=0.0)

    def scores(
        self, ids: NDArray[np.int64], query: NDArray[np.float32], terms: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return (self._vectors[ids] @ query).astype(np.float32), self._sparse_scores(terms)[ids]

    def passages(self, ids: Sequence[int]) -> list[StoredChunk]:
        return [self._chunks[int(i)] for i in ids]

    def sections(self, ids: Sequence[int], reach: int) -> list[Section]:
        return [self._section(self._chunks[int(i)], reach) for i in ids]

    def _section(self, chunk: StoredChunk, reach: int) -> Section:
        low, high = chunk.start - reach, chunk.end + reach
        near = [c for c in self._of_document[chunk.doc_id] if c.start >= low and c.end <= high]
        run = around(near, near.index(chunk), lambda c: c.headings)
        start, end = min(c.start for c in run), max(c.end for c in run)
        document = self._documents[chunk.doc_id]
        return Section(start, end, document.text[start:end], pages_within(document.pages, start, end))

    def near_duplicates(self, ids: Sequence[int], where: Filter | None = None) -> list[list[int]]:
        asked = {self._clusters[int(i)] for i in ids if int(i) in self._clusters}
        groups = [[i for i in group if _passes(self._chunks[i], where)] for group in asked]
        return sorted(group for group in groups if len(group) > 1)

    @cached_property
    def _clusters(self) -> dict[int, tuple[int, ...]]:
        """Every chunk that has near-duplicates, with all of its group; found when first asked for."""
        groups = clusters([sign(chunk.title, chunk.headings, chunk.text) for chunk in self._chunks])
        return {i: tuple(group) for group in groups for i in group}

    def _sparse_scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        if self._bm25 is None:
            return np.zeros(len(self._chunks), np.float32)
        return np.asarray(self._bm25.get_scores(list(terms)), np.float32)

    def _best(
        self, scores: NDArray[np.float32], k: int, where: Filter | None, *, above: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        allowed = np.array([scores[i] > above and _passes(c, where) for i, c in enumerate(self._chunks)], bool)
        ids = np.flatnonzero(allowed)
        order = ids[np.lexsort((ids, -scores[ids]))][:k]
        return order.astype(np.int64), scores[order].astype(np.float32)


def _bm25(corpus: list[list[str]]) -> Any:
    """rank-bm25's Okapi with Lucene's idf, ``ln(1 + (N - n + 0.5) / (n + 0.5))``, which is never negative and is what
    the index on disk uses; its own floors negative idfs at a share of the average one."""
    from rank_bm25 import BM25Okapi

    class LuceneBM25(BM25Okapi):  # type: ignore[misc]
        def _calc_idf(self, nd: dict[str, int]) -> None:
            n = self.corpus_size
            self.idf = {word: float(np.log(1 + (n - freq + 0.5) / (freq + 0.5))) for word, freq in nd.items()}

    return LuceneBM25(corpus, k1=1.2, b=0.75) if any(corpus) else None


def _passes(chunk: StoredChunk, where: Filter | None) -> bool:
    if where is None:
        return True
    if where.modified_from is not None or where.modified_before is not None:
        return False  # nothing here comes of a file
    return (
        (not where.media_types or chunk.media_type in where.media_types)
        and (not where.languages or chunk.language in where.languages)
        and (not where.doc_ids or chunk.doc_id in where.doc_ids)
        and (not where.sources or any(s == chunk.source or fnmatchcase(chunk.source, s) for s in where.sources))
    )


def _stored(chunk_id: int, chunk: Chunk, document: Document) -> StoredChunk:
    return StoredChunk(
        chunk_id,
        chunk.doc_id,
        document.source,
        document.title,
        document.media_type,
        chunk.page,
        chunk.start,
        chunk.end,
        chunk.text,
        chunk.language,
        chunk.headings,
    )
