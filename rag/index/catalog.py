"""The catalog: one SQLite file holding documents, chunks, vectors, files and the generation: the one source of truth.

SQLite because it is transactional, embedded and the most tested file format there is. WAL with ``synchronous=FULL``: a
commit is durable when ``commit`` returns, and a reader's transaction goes on seeing the generation it began with.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import DocumentNotFound
from rag.index import rebuild
from rag.index.apply import apply
from rag.index.connection import connect, connect_to_read
from rag.index.duplicates import near_duplicates
from rag.index.failures import changed_underneath, damaged, explained, newer_format, no_index
from rag.index.filters import condition
from rag.index.fingerprint import Fingerprint
from rag.index.records import (
    CHUNK_COLUMNS,
    Batch,
    DocumentRow,
    FileState,
    StoredChunk,
    document,
    document_row,
    stored_chunk,
)
from rag.index.schema import FORMAT, bring_up_to_date, create, format_of, is_current
from rag.index.sections import sections
from rag.index.steps import reached
from rag.types import Chunk, Document, Filter, Section

__all__ = ["Catalog"]


class Catalog:
    """One connection to ``catalog.sqlite``. Not for two threads at once."""

    def __init__(self, path: Path, connection: sqlite3.Connection, unguarded: os.stat_result | None = None) -> None:
        self.path = path
        self._db = connection
        self._unguarded = unguarded

    @classmethod
    def open(cls, path: Path, *, to_write: bool = False) -> Catalog:
        """An existing catalog.

        Raises NoIndex when there is none, DamagedIndex when SQLite cannot read it, IndexFailure when it may not be
        opened or a newer Lastro wrote it and, if it is ``to_write``, DiskFull.
        """
        with explained(path.parent, OSError):
            if not path.is_file():
                raise no_index(path.parent)
            before = path.stat()
        with explained(path.parent, sqlite3.Error):
            connection, unguarded = (connect(path), False) if to_write else connect_to_read(path)
            catalog = cls(path, connection, before if unguarded else None)
            try:
                catalog.generation()
            except sqlite3.Error as error:
                catalog.close()
                if "no such table" in str(error):  # the process that began to create it died
                    raise no_index(path.parent) from error
                raise
            if (found := format_of(connection)) > FORMAT:
                catalog.close()
                raise newer_format(path.parent, found)
        return catalog

    @classmethod
    def create(cls, path: Path, fingerprint: Fingerprint) -> Catalog:
        """The catalog at ``path``, made in one transaction when absent or when its maker died."""
        with explained(path.parent, OSError, sqlite3.Error):
            path.parent.mkdir(parents=True, exist_ok=True)
            reached("create.before")
            catalog = cls(path, connect(path))
        try:
            with catalog._transaction():
                create(catalog._db, fingerprint)
                reached("create.inside")
        except BaseException:
            catalog.close()
            raise
        reached("create.after")
        return catalog

    def close(self) -> None:
        self._db.close()

    def begin_read(self) -> None:
        """Pin what this connection sees until it is closed."""
        self._db.execute("BEGIN")
        self._db.execute("SELECT value FROM meta LIMIT 1").fetchone()

    def check(self) -> None:
        """Read every page. Raises DamagedIndex when one is not as SQLite wrote it."""
        with explained(self.path.parent, sqlite3.Error):
            (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise damaged(self.path.parent, " ".join(found.split()))

    def check_unchanged(self) -> None:
        """Raises IndexFailure when no lock could be had on a full or read-only disk and somebody wrote meanwhile."""
        before, now = self._unguarded, self.path.stat()
        if before is not None and (before.st_ino, before.st_size, before.st_mtime_ns) != (
            now.st_ino,
            now.st_size,
            now.st_mtime_ns,
        ):
            raise changed_underneath(self.path.parent)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(self.path.parent, sqlite3.Error, OSError):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def bring_up_to_date(self) -> None:
        """An index of an earlier format becomes one of today's, in one transaction. The caller holds the writer lock.

        Raises DiskFull, nothing lost.
        """
        if not is_current(self._db):
            with self._transaction():
                bring_up_to_date(self._db)
                reached("upgrade.inside")

    def generation(self) -> int:
        row = self._db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        return int(row[0])

    def fingerprint(self) -> Fingerprint:
        return Fingerprint.from_json(self._db.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()[0])

    def commit(self, batch: Batch) -> int:
        """Make ``batch`` visible in one transaction and return the new generation. Raises DiskFull, nothing lost."""
        reached("commit.before")
        with self._transaction():
            apply(self._db, batch)
            generation = self._raise_generation()
        reached("commit.after")
        return generation

    def _raise_generation(self) -> int:
        generation = self.generation() + 1
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(generation),))
        return generation

    def begin_rebuild(self, fingerprint: Fingerprint) -> None:
        """Stage chunks for ``fingerprint``, from where an interrupted rebuild ended. See ``rag.index.rebuild``."""
        with self._transaction():
            rebuild.begin(self._db, fingerprint)

    def abandon_rebuild(self) -> None:
        """Remove what an interrupted rebuild staged."""
        with self._transaction():
            rebuild.abandon(self._db)

    def waiting(self) -> list[str]:
        """The ids of the documents that are not staged."""
        return rebuild.waiting(self._db)

    def staged(self) -> int:
        """How many documents are staged."""
        return rebuild.staged(self._db)

    def stage(self, documents: Iterable[tuple[Document, Sequence[Chunk], NDArray[np.float32]]]) -> None:
        """Keep new chunks beside those that answer, durably. Raises DiskFull, nothing lost."""
        with self._transaction():
            rebuild.stage(self._db, documents)

    def staged_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of staged chunks, by ``chunk_key``."""
        return rebuild.staged_vectors(self._db, keys)

    def swap(self) -> int:
        """Put the staged chunks in the place of those that answer, in one transaction; the new generation."""
        with self._transaction():
            rebuild.swap(self._db)
            generation = self._raise_generation()
        reached("rebuild.after")
        return generation

    def vectors(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All chunk ids, ascending, and their vectors float32[n, d]."""
        rows = self._db.execute("SELECT chunk_id, vector FROM chunks ORDER BY chunk_id").fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        data = np.frombuffer(b"".join(row[1] for row in rows), "<f4").astype(np.float32)
        return ids, data.reshape(len(rows), -1) if rows else np.zeros((0, self.fingerprint().dimension), np.float32)

    def postings(self) -> Iterator[tuple[int, str]]:
        """(chunk id, its analysed terms joined by spaces), ascending."""
        yield from self._db.execute("SELECT chunk_id, terms FROM chunks ORDER BY chunk_id")

    def reusable_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of chunks whose encoder input is the same as one already embedded, by ``chunk_key``."""
        found = {}
        for key in dict.fromkeys(keys):
            row = self._db.execute("SELECT vector FROM chunks WHERE key = ? LIMIT 1", (key,)).fetchone()
            if row:
                found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
        return found

    def chunks(self, ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks with these ids, in that order."""
        found = {}
        for i in range(0, len(ids), 500):
            part = [int(chunk_id) for chunk_id in ids[i : i + 500]]
            marks = ",".join("?" * len(part))
            sql = f"SELECT {CHUNK_COLUMNS} FROM chunks c JOIN documents d USING (doc_id) WHERE c.chunk_id IN ({marks})"
            for row in self._db.execute(sql, part):
                found[row[0]] = stored_chunk(row)
        return [found[int(chunk_id)] for chunk_id in ids]

    def sections(self, ids: Sequence[int], reach: int) -> list[Section]:
        """What stands around each of these chunks, see ``rag.index.sections``."""
        return sections(self._db, ids, reach)

    def near_duplicates(self, ids: Sequence[int], where: Filter | None) -> list[list[int]]:
        """The groups of two or more chunks that ``where`` lets through and of which one is in ``ids``; ids ascending.
        None are known in an index of format 1 that no writer has opened since."""
        return near_duplicates(self._db, ids, where) if format_of(self._db) > 1 else []

    def allowed(self, where: Filter | None) -> NDArray[np.int64] | None:
        """Ids of the chunks that ``where`` lets through; None when it lets everything through."""
        if where is None or where == Filter():
            return None
        test, values = condition(where)
        sql = f"SELECT c.chunk_id FROM chunks c JOIN documents d USING (doc_id) WHERE {test}"
        return np.array([row[0] for row in self._db.execute(sql, values)], np.int64)

    def document(self, doc_id: str) -> Document:
        """Raises DocumentNotFound."""
        row = self._db.execute("SELECT * FROM documents WHERE doc_id = ?", (doc_id,)).fetchone()
        if row is None:
            raise DocumentNotFound(
                f"no document {doc_id} in the index.", subject=doc_id, hint="`lastro status` lists them."
            )
        return document(row)

    def documents(self) -> list[DocumentRow]:
        sql = (
            "SELECT d.doc_id, d.source, d.title, d.media_type, d.language, json_array_length(d.pages), "
            "(SELECT count(*) FROM chunks c WHERE c.doc_id = d.doc_id), length(d.text), d.warnings "
            "FROM documents d ORDER BY d.source"
        )
        return [document_row(row) for row in self._db.execute(sql)]

    def files(self) -> dict[tuple[str, str], FileState]:
        rows = self._db.execute("SELECT root, source, size, mtime_ns, sha256, doc_id, reason, reading FROM files")
        return {(row[0], row[1]): FileState(*row) for row in rows}

    def file(self, doc_id: str) -> FileState | None:
        """The file a document was read from; None when its document is not in the index."""
        sql = "SELECT root, source, size, mtime_ns, sha256, doc_id, reason, reading FROM files WHERE doc_id = ?"
        row = self._db.execute(sql, (doc_id,)).fetchone()
        return None if row is None else FileState(*row)

    def cache(self, name: str) -> tuple[int, str, str] | None:
        """(generation, path relative to the index, manifest JSON) of the cache recorded under ``name``."""
        row = self._db.execute("SELECT generation, path, manifest FROM caches WHERE name = ?", (name,)).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def record_caches(self, records: Iterable[tuple[str, int, str, str]]) -> None:
        """Record (name, generation, path, manifest) rows in one transaction."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?)", list(records))
