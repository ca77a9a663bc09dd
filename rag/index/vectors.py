"""The dense leg: FAISS over the catalog's vectors. The only module that imports faiss.

Exact (Flat, inner product of unit vectors = cosine) up to ``HNSW_FROM`` chunks; above it HNSW with M = 32,
efConstruction = 200 and efSearch = 256, whose recall against exact search ``rag.index.measure_recall`` measures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HNSW_FROM", "Vectors"]

HNSW_FROM = 100_000


def _faiss() -> Any:
    """faiss, untyped: its stubs know neither its own keyword arguments nor its downcasts."""
    import faiss

    return faiss


class Vectors:
    """Chunk ids with their unit vectors, searchable by cosine."""

    def __init__(self, index: Any, *, exact: bool) -> None:
        self._index = index
        self.exact = exact

    @classmethod
    def build(cls, ids: NDArray[np.int64], vectors: NDArray[np.float32], *, hnsw_from: int = HNSW_FROM) -> Vectors:
        """``ids`` int64[n] ascending, ``vectors`` float32[n, d] of unit length."""
        faiss = _faiss()
        exact = len(ids) < hnsw_from
        dimension = vectors.shape[1]
        if exact:
            inner = faiss.IndexFlatIP(dimension)
        else:
            inner = faiss.IndexHNSWFlat(dimension, 32, faiss.METRIC_INNER_PRODUCT)
            inner.hnsw.efConstruction = 200
        index = faiss.IndexIDMap2(inner)
        if len(ids):
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return cls(index, exact=exact)

    @classmethod
    def read(cls, path: Path) -> Vectors:
        faiss = _faiss()
        index = faiss.read_index(str(path))
        inner = faiss.downcast_index(index.index)
        return cls(index, exact=isinstance(inner, faiss.IndexFlat))

    def write(self, path: Path) -> None:
        _faiss().write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``k`` nearest chunk ids and their cosines, best first; only ids in ``allowed`` when it is given."""
        faiss = _faiss()
        k = min(k, len(self) if allowed is None else len(allowed))
        if k == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        selector = None if allowed is None else faiss.IDSelectorBatch(allowed)
        if self.exact:
            parameters = faiss.SearchParameters(sel=selector) if selector else None
        else:
            parameters = faiss.SearchParametersHNSW(sel=selector, efSearch=max(256, 2 * k))
        scores, ids = self._index.search(query.reshape(1, -1), k, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def cosines(self, ids: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The true cosine of each of ``ids``, float32[n]."""
        if not len(ids):
            return np.zeros(0, np.float32)
        stored: NDArray[np.float32] = self._index.reconstruct_batch(ids)
        return stored @ query
