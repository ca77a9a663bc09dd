"""Another encoder or another chunker: everything is made anew beside what answers, and takes its place in one commit.

The new chunks wait in tables of the same catalog, under the fingerprint they are made for. So no second file has to be
swapped for the first under the eyes of its readers: they see the old generation until the one transaction that empties
the old table into the new, and those that have pinned it after that, too. What was staged outlives a kill, and a
document that is replaced or removed meanwhile takes its staged chunks along. Texts are in the catalog: no file is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.index.apply import CHUNK_ROW, chunk_row
from rag.index.duplicates import sign_all
from rag.index.fingerprint import Fingerprint
from rag.index.steps import reached
from rag.types import Chunk, Document

__all__ = ["abandon", "begin", "stage", "staged", "staged_vectors", "swap", "waiting"]

_TABLES = """
CREATE TABLE staged_documents (doc_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE);
CREATE TABLE staged_chunks (
  place INTEGER PRIMARY KEY, doc_id TEXT NOT NULL REFERENCES staged_documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  page INTEGER, headings TEXT NOT NULL, key TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX staged_chunks_doc ON staged_chunks (doc_id);
CREATE INDEX staged_chunks_key ON staged_chunks (key)
"""


def begin(db: sqlite3.Connection, fingerprint: Fingerprint) -> None:
    """Make room for what ``fingerprint`` asks for, or go on where an interrupted rebuild for the same one ended."""
    row = db.execute("SELECT value FROM meta WHERE key = 'staged'").fetchone()
    if row is not None and row[0] == fingerprint.to_json():
        return
    abandon(db)
    for statement in _TABLES.split(";"):
        db.execute(statement)
    db.execute("INSERT INTO meta VALUES ('staged', ?)", (fingerprint.to_json(),))


def abandon(db: sqlite3.Connection) -> None:
    """Remove what is staged, if anything is."""
    db.execute("DROP TABLE IF EXISTS staged_chunks")
    db.execute("DROP TABLE IF EXISTS staged_documents")
    db.execute("DELETE FROM meta WHERE key = 'staged'")


def waiting(db: sqlite3.Connection) -> list[str]:
    """The ids of the documents that are not staged, by source."""
    sql = (
        "SELECT doc_id FROM documents WHERE doc_id NOT IN (SELECT doc_id FROM staged_documents) ORDER BY source, doc_id"
    )
    return [row[0] for row in db.execute(sql)]


def staged(db: sqlite3.Connection) -> int:
    """How many documents are staged."""
    return int(db.execute("SELECT count(*) FROM staged_documents").fetchone()[0])


def stage(db: sqlite3.Connection, documents: Iterable[tuple[Document, Sequence[Chunk], NDArray[np.float32]]]) -> None:
    """Keep the new chunks of ``documents``, with their vectors float32[chunks, d], until ``swap``."""
    marks = ", ".join("?" * len(CHUNK_ROW))
    for document, chunks, vectors in documents:
        db.execute("INSERT INTO staged_documents VALUES (?)", (document.doc_id,))
        db.executemany(
            f"INSERT INTO staged_chunks ({', '.join(CHUNK_ROW)}) VALUES ({marks})",
            [chunk_row(document, chunk, vector) for chunk, vector in zip(chunks, vectors, strict=True)],
        )
    reached("rebuild.stage")


def staged_vectors(db: sqlite3.Connection, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
    """Vectors of staged chunks whose encoder input is the same, by ``chunk_key``."""
    found = {}
    for key in dict.fromkeys(keys):
        row = db.execute("SELECT vector FROM staged_chunks WHERE key = ? LIMIT 1", (key,)).fetchone()
        if row:
            found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
    return found


def swap(db: sqlite3.Connection) -> None:
    """Put what is staged in the place of what answers, and its fingerprint with it. Ids are new: none is used twice.

    Raises ValueError when a document is not staged: it would be there and never found.
    """
    if left := waiting(db):
        raise ValueError(f"{len(left)} documents are not staged")
    columns = ", ".join(CHUNK_ROW)
    db.execute("DELETE FROM chunks")
    db.execute(f"INSERT INTO chunks ({columns}) SELECT {columns} FROM staged_chunks ORDER BY place")
    db.execute("UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'staged') WHERE key = 'fingerprint'")
    abandon(db)
    sign_all(db)
    reached("rebuild.swap")
