"""The catalog: one SQLite file holding documents, chunks, vectors, files and the generation: the one source of truth.

SQLite because it is transactional, embedded and the most tested file format there is. WAL with ``synchronous=FULL``: a
commit is durable when ``commit`` returns, and a reader's transaction goes on seeing the generation it began with.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import DamagedIndex, DiskFull, DocumentNotFound, NoIndex
from rag.index.fingerprint import Fingerprint
from rag.index.steps import reached
from rag.text import contextualise, terms
from rag.types import Chunk, Document, Filter, Heading, Language, Page

__all__ = ["Batch", "Catalog", "DocumentRow", "FileState", "StoredChunk", "chunk_key"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  doc_id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL,
  language TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL, pages TEXT NOT NULL, headings TEXT NOT NULL,
  warnings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
  chunk_id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  page INTEGER, headings TEXT NOT NULL, key TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_doc ON chunks (doc_id);
CREATE INDEX IF NOT EXISTS chunks_key ON chunks (key);
CREATE TABLE IF NOT EXISTS files (
  root TEXT NOT NULL, source TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL,
  doc_id TEXT REFERENCES documents ON DELETE CASCADE, reason TEXT, PRIMARY KEY (root, source));
CREATE TABLE IF NOT EXISTS caches (
  name TEXT PRIMARY KEY, generation INTEGER NOT NULL, path TEXT NOT NULL, manifest TEXT NOT NULL);
"""
_CHUNK_COLUMNS = (
    "c.chunk_id, c.doc_id, d.source, d.title, d.media_type, c.page, c.start, c.end, c.text, c.language, c.headings"
)


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as last seen. ``doc_id`` is None and ``reason`` says why when it was refused."""

    root: str
    source: str
    size: int
    mtime_ns: int
    sha256: str
    doc_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with what its document says of it; offsets into the document's text."""

    chunk_id: int
    doc_id: str
    source: str
    title: str
    media_type: str
    page: int | None
    start: int
    end: int
    text: str
    language: Language
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as listings show it; ``characters`` of its text."""

    doc_id: str
    source: str
    title: str
    media_type: str
    language: Language
    pages: int
    chunks: int
    characters: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit makes visible together.

    ``documents``: (document, its chunks, float32[len(chunks), d] vectors of unit length); a document that exists is
    replaced. ``forget``: doc ids. ``moves``: (doc_id, where its file is now); text, chunks and vectors stay.
    ``drop_files``: (root, source) of refused files that are gone.
    """

    documents: Sequence[tuple[Document, Sequence[Chunk], NDArray[np.float32]]] = ()
    files: Sequence[FileState] = ()
    forget: Sequence[str] = ()
    moves: Sequence[tuple[str, FileState]] = ()
    drop_files: Sequence[tuple[str, str]] = ()


def chunk_key(title: str, headings: Sequence[str], text: str) -> str:
    """The hash under which a chunk's vector can be found again: of exactly what the encoder sees."""
    import hashlib

    return hashlib.sha256(contextualise(title, headings, text).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Catalog:
    """One connection to ``catalog.sqlite``. Not for two threads at once."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """An existing catalog. Raises NoIndex when there is none, DamagedIndex when SQLite cannot read it."""
        if not path.is_file():
            raise _no_index(path)
        catalog = cls(path, _connect(path))
        try:
            catalog.generation()
        except sqlite3.OperationalError as error:
            catalog.close()
            if "no such table" in str(error):  # the process that began to create it died
                raise _no_index(path) from error
            raise
        except sqlite3.DatabaseError as error:
            catalog.close()
            raise DamagedIndex(
                f"{path}: the catalog cannot be read ({error}).",
                subject=str(path),
                hint="Restore it from a backup, or delete the index folder and ingest again.",
            ) from error
        return catalog

    @classmethod
    def create(cls, path: Path, fingerprint: Fingerprint) -> Catalog:
        """The catalog at ``path``, made in one transaction when absent or when its maker died."""
        path.parent.mkdir(parents=True, exist_ok=True)
        reached("create.before")
        catalog = cls(path, _connect(path))
        with catalog._transaction():
            for statement in _SCHEMA.split(";"):
                catalog._db.execute(statement)
            reached("create.inside")
            catalog._db.executemany(
                "INSERT OR IGNORE INTO meta VALUES (?, ?)",
                [("format", "1"), ("fingerprint", fingerprint.to_json()), ("generation", "0")],
            )
        reached("create.after")
        return catalog

    def close(self) -> None:
        self._db.close()

    def begin_read(self) -> None:
        """Pin what this connection sees until it is closed."""
        self._db.execute("BEGIN")
        self._db.execute("SELECT value FROM meta LIMIT 1").fetchone()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            if "full" in str(error) or "disk I/O" in str(error):
                raise _disk_full(self.path) from error
            raise
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise _disk_full(self.path) from error
            raise

    def generation(self) -> int:
        row = self._db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        return int(row[0])

    def fingerprint(self) -> Fingerprint:
        return Fingerprint.from_json(self._db.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()[0])

    def commit(self, batch: Batch) -> int:
        """Make ``batch`` visible in one transaction and return the new generation. Raises DiskFull, nothing lost."""
        reached("commit.before")
        with self._transaction():
            for doc_id in [*batch.forget, *(document.doc_id for document, _, _ in batch.documents)]:
                self._db.execute("DELETE FROM documents WHERE doc_id = ?", (doc_id,))
            for root, source in batch.drop_files:
                self._db.execute("DELETE FROM files WHERE root = ? AND source = ?", (root, source))
            for document, chunks, vectors in batch.documents:
                self._insert(document, chunks, vectors)
            reached("commit.inside")
            for doc_id, state in batch.moves:
                self._db.execute("DELETE FROM files WHERE doc_id = ?", (doc_id,))
                self._db.execute("UPDATE documents SET source = ? WHERE doc_id = ?", (state.source, doc_id))
            states = [*batch.files, *(state for _, state in batch.moves)]
            self._db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(s.root, s.source, s.size, s.mtime_ns, s.sha256, s.doc_id, s.reason) for s in states],
            )
            generation = self.generation() + 1
            self._db.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(generation),))
        reached("commit.after")
        return generation

    def _insert(self, document: Document, chunks: Sequence[Chunk], vectors: NDArray[np.float32]) -> None:
        if len(chunks) != len(vectors):
            raise ValueError(f"{document.source}: {len(chunks)} chunks and {len(vectors)} vectors")
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.doc_id,
                document.source,
                document.title,
                document.media_type,
                document.language,
                document.sha256,
                document.text,
                json.dumps([asdict(page) for page in document.pages]),
                json.dumps([asdict(heading) for heading in document.headings]),
                json.dumps(document.warnings),
            ),
        )
        rows = []
        for chunk, vector in zip(chunks, vectors, strict=True):
            analysed = " ".join(terms(contextualise(document.title, chunk.headings, chunk.text), chunk.language))
            rows.append(
                (
                    chunk.doc_id,
                    chunk.ordinal,
                    chunk.start,
                    chunk.end,
                    chunk.text,
                    chunk.language,
                    chunk.page,
                    json.dumps(chunk.headings),
                    chunk_key(document.title, chunk.headings, chunk.text),
                    analysed,
                    np.asarray(vector, "<f4").tobytes(),
                )
            )
        self._db.executemany(
            "INSERT INTO chunks (doc_id, ordinal, start, end, text, language, page, headings, key, terms, vector) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

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
            sql = f"SELECT {_CHUNK_COLUMNS} FROM chunks c JOIN documents d USING (doc_id) WHERE c.chunk_id IN ({marks})"
            for row in self._db.execute(sql, part):
                found[row[0]] = _stored_chunk(row)
        return [found[int(chunk_id)] for chunk_id in ids]

    def allowed(self, where: Filter | None) -> NDArray[np.int64] | None:
        """Ids of the chunks that ``where`` lets through; None when it lets everything through."""
        if where is None or where == Filter():
            return None
        tests: list[str] = []
        values: list[str] = []
        for column, wanted in (("d.media_type", where.media_types), ("c.language", where.languages)):
            if wanted:
                tests.append(f"{column} IN ({','.join('?' * len(wanted))})")
                values += wanted
        if where.doc_ids:
            tests.append(f"c.doc_id IN ({','.join('?' * len(where.doc_ids))})")
            values += where.doc_ids
        if where.sources:
            tests.append("(" + " OR ".join("d.source = ? OR d.source GLOB ?" for _ in where.sources) + ")")
            values += [value for source in where.sources for value in (source, source)]
        sql = f"SELECT c.chunk_id FROM chunks c JOIN documents d USING (doc_id) WHERE {' AND '.join(tests)}"
        return np.array([row[0] for row in self._db.execute(sql, values)], np.int64)

    def document(self, doc_id: str) -> Document:
        """Raises DocumentNotFound."""
        row = self._db.execute("SELECT * FROM documents WHERE doc_id = ?", (doc_id,)).fetchone()
        if row is None:
            raise DocumentNotFound(
                f"no document {doc_id} in the index.", subject=doc_id, hint="`lastro status` lists them."
            )
        pages = tuple(Page(**page) for page in json.loads(row[7]))
        headings = tuple(Heading(**heading) for heading in json.loads(row[8]))
        doc_id, source, title, media_type, language, sha256, text = row[:7]
        return Document(
            doc_id, source, title, media_type, language, text, sha256, pages, headings, tuple(json.loads(row[9]))
        )

    def documents(self) -> list[DocumentRow]:
        sql = (
            "SELECT d.doc_id, d.source, d.title, d.media_type, d.language, json_array_length(d.pages), "
            "(SELECT count(*) FROM chunks c WHERE c.doc_id = d.doc_id), length(d.text), d.warnings "
            "FROM documents d ORDER BY d.source"
        )
        return [_document_row(row) for row in self._db.execute(sql)]

    def files(self) -> dict[tuple[str, str], FileState]:
        rows = self._db.execute("SELECT root, source, size, mtime_ns, sha256, doc_id, reason FROM files")
        return {(row[0], row[1]): FileState(*row) for row in rows}

    def cache(self, name: str) -> tuple[int, str, str] | None:
        """(generation, path relative to the index, manifest JSON) of the cache recorded under ``name``."""
        row = self._db.execute("SELECT generation, path, manifest FROM caches WHERE name = ?", (name,)).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def record_caches(self, records: Iterable[tuple[str, int, str, str]]) -> None:
        """Record (name, generation, path, manifest) rows in one transaction."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?)", list(records))


def _stored_chunk(row: tuple[Any, ...]) -> StoredChunk:
    values: tuple[Any, ...] = (*row[:-1], tuple(json.loads(row[-1])))
    return StoredChunk(*values)


def _document_row(row: tuple[Any, ...]) -> DocumentRow:
    values: tuple[Any, ...] = (*row[:-1], tuple(json.loads(row[-1])))
    return DocumentRow(*values)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "disk I/O" in str(error)):
            raise _disk_full(path) from error
        raise DamagedIndex(
            f"{path}: the catalog cannot be read ({error}).",
            subject=str(path),
            hint="Restore it from a backup, or delete the index folder and ingest again.",
        ) from error
    return connection


def _no_index(path: Path) -> NoIndex:
    return NoIndex(
        f"no index in {path.parent}.",
        subject=str(path.parent),
        hint=f"Run `lastro ingest FOLDER --index {path.parent}`.",
    )


def _disk_full(path: Path) -> DiskFull:
    return DiskFull(
        f"the disk with {path.parent} is full; nothing was lost and the last generation still answers.",
        subject=str(path.parent),
        hint="Free some space and run the same command again.",
    )
