"""Question → candidates: both legs in parallel, then complete scores for their union.

A candidate found by one leg alone still gets the other leg's true score, so that fusion never normalises a missing
value (the usual stand-in, zero, is what makes naive hybrids worse than their better leg).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.types import Filter, Language, Section

T = TypeVar("T")

__all__ = ["Candidates", "QueryEncoder", "Searchable", "StoredChunk", "find"]


class StoredChunk(Protocol):
    """What the index tells of a chunk: read-only attributes named as in ``rag.types.Hit``."""

    @property
    def chunk_id(self) -> int: ...
    @property
    def doc_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def page(self) -> int | None: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> Language: ...
    @property
    def headings(self) -> tuple[str, ...]: ...


class Searchable(Protocol):
    """One generation of an index, through six verbs. Lists come best first, at most ``k`` long."""

    def dense(
        self, query: NDArray[np.float32], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...

    def sparse(
        self, terms: Sequence[str], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...

    def scores(
        self, ids: NDArray[np.int64], query: NDArray[np.float32], terms: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...

    def passages(self, ids: Sequence[int]) -> Sequence[StoredChunk]: ...

    def sections(self, ids: Sequence[int], reach: int) -> Sequence[Section]:
        """What stands around each chunk under the same headings, ``reach`` characters to either side."""
        ...

    def near_duplicates(self, ids: Sequence[int], where: Filter | None = None) -> Sequence[Sequence[int]]:
        """The groups of two or more chunks that ``where`` lets through and of which one is in ``ids``."""
        ...


class QueryEncoder(Protocol):
    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Candidates:
    """The union of both legs, unordered: ``ids`` int64[n], ``dense`` cosines and ``sparse`` BM25, float32[n] each."""

    ids: NDArray[np.int64]
    dense: NDArray[np.float32]
    sparse: NDArray[np.float32]


def find(
    index: Searchable, query: NDArray[np.float32], terms: Sequence[str], k: int, where: Filter | None = None
) -> tuple[Candidates, dict[str, float]]:
    """At most ``2 * k`` candidates and the milliseconds each leg took.

    ``query`` float32[d] of unit length; ``terms`` as analysed by ``rag.text.query_terms``.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="sparse") as pool:
        sparse_leg = pool.submit(_timed, lambda: index.sparse(terms, k, where))
        (dense_ids, _), dense_ms = _timed(lambda: index.dense(query, k, where))
        (sparse_ids, _), sparse_ms = sparse_leg.result()
    ids = np.unique(np.concatenate([dense_ids, sparse_ids]))
    dense, sparse = index.scores(ids, query, terms)
    return Candidates(ids, dense, sparse), {"dense": dense_ms, "sparse": sparse_ms}


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    result = work()
    return result, 1000 * (time.perf_counter() - started)
