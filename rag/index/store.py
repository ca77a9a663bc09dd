"""The index on disk: pinned snapshots for readers, one writer, caches that follow the catalog."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import FingerprintMismatch
from rag.index import caches
from rag.index.catalog import Catalog
from rag.index.failures import explained
from rag.index.fingerprint import Fingerprint
from rag.index.lock import writer_lock
from rag.index.postings import Postings
from rag.index.records import DocumentRow, FileState, StoredChunk
from rag.index.vectors import Vectors
from rag.index.writing import Rebuild, Writer
from rag.types import Document, Filter, Section

__all__ = ["Index", "Snapshot", "measure_recall"]


class Snapshot:
    """One generation, whole: what a query pinned does not change while a writer commits."""

    def __init__(self, catalog: Catalog, generation: int, vectors: Vectors, postings: Postings) -> None:
        self._catalog = catalog
        self.generation = generation
        self.fingerprint = catalog.fingerprint()
        self.vectors = vectors
        self._postings = postings

    def dense(
        self, query: NDArray[np.float32], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Chunk ids and cosines, best first, at most ``k``; ``query`` float32[d] of unit length."""
        return self.vectors.search(query, k, self._catalog.allowed(where))

    def sparse(
        self, terms: Sequence[str], k: int, where: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Chunk ids and BM25 scores, best first, at most ``k``; only chunks that share a term."""
        return self._postings.search(terms, k, self._catalog.allowed(where))

    def scores(
        self, ids: NDArray[np.int64], query: NDArray[np.float32], terms: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The true cosine and BM25 score of each of ``ids``, float32[n] each."""
        return self.vectors.cosines(ids, query), self._postings.scores(ids, terms)

    def passages(self, ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks with these ids, in that order."""
        return self._catalog.chunks(ids)

    def sections(self, ids: Sequence[int], reach: int) -> list[Section]:
        """What stands around each of these chunks under the same headings, ``reach`` characters to either side."""
        return self._catalog.sections(ids, reach)

    def near_duplicates(self, ids: Sequence[int], where: Filter | None = None) -> list[list[int]]:
        """The groups of two or more chunks that ``where`` lets through and of which one is in ``ids``, ascending."""
        return self._catalog.near_duplicates(ids, where)

    def document(self, doc_id: str) -> Document:
        """Raises DocumentNotFound."""
        return self._catalog.document(doc_id)

    def file(self, doc_id: str) -> FileState | None:
        """The file a document was read from; None when its document is not in the index."""
        return self._catalog.file(doc_id)

    def documents(self) -> list[DocumentRow]:
        """One row a document, by source."""
        return self._catalog.documents()

    def chunk_ids(self) -> list[int]:
        """The ids of all chunks, ascending."""
        return [int(chunk_id) for chunk_id in self._catalog.vectors()[0]]

    def files(self) -> list[FileState]:
        """Every file known, the refused ones too."""
        return list(self._catalog.files().values())

    def refused(self) -> list[FileState]:
        """The files that could not be read, with their reasons."""
        return [state for state in self.files() if state.doc_id is None]

    def __len__(self) -> int:
        return len(self.vectors)


class Index:
    """An index folder: ``catalog.sqlite`` and ``cache/``. Safe to share between threads."""

    def __init__(self, root: Path, fingerprint: Fingerprint) -> None:
        self.root = root
        self.fingerprint = fingerprint
        self._guard = threading.Lock()
        self._loaded: tuple[int, Vectors, Postings] | None = None

    @classmethod
    def open(cls, root: Path, fingerprint: Fingerprint | None = None) -> Index:
        """An existing index. Raises NoIndex, DamagedIndex, and FingerprintMismatch naming what differs."""
        catalog = Catalog.open(root / "catalog.sqlite")
        try:
            found = catalog.fingerprint()
        finally:
            catalog.close()
        _check(root, found, fingerprint)
        return cls(root, found)

    @classmethod
    def create(cls, root: Path, fingerprint: Fingerprint) -> Index:
        """The index at ``root``, made when absent. Raises FingerprintMismatch, DiskFull."""
        catalog = Catalog.create(root / "catalog.sqlite", fingerprint)
        try:
            found = catalog.fingerprint()
        finally:
            catalog.close()
        _check(root, found, fingerprint)
        return cls(root, found)

    @contextmanager
    def pin(self) -> Iterator[Snapshot]:
        """The newest generation, unchanging until the block ends.

        Raises FingerprintMismatch when it was rebuilt for another encoder since this index was opened.
        """
        catalog = Catalog.open(self.root / "catalog.sqlite")
        try:
            with explained(self.root, sqlite3.Error):
                catalog.begin_read()
                self._check_same_questions(catalog.fingerprint())
                generation = catalog.generation()
                vectors, postings = self._caches(catalog, generation)
                yield Snapshot(catalog, generation, vectors, postings)
            catalog.check_unchanged()
        finally:
            catalog.close()

    def _check_same_questions(self, found: Fingerprint) -> None:
        if not found.answers_as(self.fingerprint):
            raise FingerprintMismatch(
                f"the index in {self.root} was rebuilt while it was open "
                f"({'; '.join(self.fingerprint.differences(found))}).",
                subject=str(self.root),
                hint="Start again with the settings it was rebuilt with.",
            )

    def _caches(self, catalog: Catalog, generation: int) -> tuple[Vectors, Postings]:
        with self._guard:
            if self._loaded is None or self._loaded[0] != generation:
                vectors, postings = caches.load(catalog, self.root, generation)
                self._loaded = (
                    generation,
                    vectors or Vectors.build(*catalog.vectors()),
                    postings or Postings.build(catalog.postings()),
                )
            return self._loaded[1], self._loaded[2]

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """The one writer; the caches are written when the block ends. Raises IndexLocked naming the holder."""
        with self._writing() as catalog:
            yield Writer(catalog)

    @contextmanager
    def _writing(self) -> Iterator[Catalog]:
        with writer_lock(self.root):
            catalog = Catalog.open(self.root / "catalog.sqlite", to_write=True)
            try:
                catalog.bring_up_to_date()
                yield catalog
                self._refresh(catalog)
            finally:
                catalog.close()

    @contextmanager
    def rebuilding(self, fingerprint: Fingerprint) -> Iterator[Rebuild]:
        """The making of the same documents' index for ``fingerprint``; readers go on with the old one until it is
        swapped. An interrupted rebuild for the same fingerprint is gone on with, one for another is dropped.

        Raises IndexLocked naming the holder, DiskFull.
        """
        with self._writing() as catalog:
            catalog.begin_rebuild(fingerprint)
            yield Rebuild(catalog, fingerprint)
            self.fingerprint = catalog.fingerprint()

    def _refresh(self, catalog: Catalog) -> None:
        generation = catalog.generation()
        if any(cache is None for cache in caches.load(catalog, self.root, generation)):
            caches.write(catalog, self.root)
        else:
            with explained(self.root, OSError):
                caches.sweep(self.root, generation)

    def check(self) -> list[str]:
        """What is amiss with the caches, in words; ``repair_caches`` mends it. Raises DamagedIndex."""
        catalog = Catalog.open(self.root / "catalog.sqlite")
        try:
            catalog.begin_read()
            catalog.check()
            return caches.problems(catalog, self.root)
        finally:
            catalog.close()

    def repair_caches(self) -> None:
        """Write missing or damaged caches again, and remove what interrupted runs left.

        Raises IndexLocked, DiskFull, and IndexFailure when the folder is read-only.
        """
        with self.writer():
            pass


def _check(root: Path, found: Fingerprint, wanted: Fingerprint | None) -> None:
    if wanted is None or found == wanted:
        return
    raise FingerprintMismatch(
        f"the index in {root} was built differently ({'; '.join(found.differences(wanted))}).",
        subject=str(root),
        hint=f"Use the settings it was built with, or run `lastro reindex --index {root}`: it answers meanwhile.",
    )


def measure_recall(snapshot: Snapshot, queries: NDArray[np.float32], k: int = 10) -> float:
    """Share of the exact ``k`` nearest that the dense leg finds, over ``queries`` float32[n, d]; 1.0 when exact."""
    ids, vectors = snapshot._catalog.vectors()
    if not len(ids) or not len(queries):
        return 1.0
    k = min(k, len(ids))
    found = 0.0
    for query in queries:
        cosines = vectors @ query
        least = np.partition(cosines, len(ids) - k)[len(ids) - k]
        _, scores = snapshot.dense(query, k)
        # By score, not by id: equal vectors (copies of a text) may stand in for one another.
        found += float(np.sum(scores >= least - 1e-6)) / k
    return found / len(queries)
