"""One batch → the rows of the catalog: every statement of a commit, in the order the foreign keys ask for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.duplicates import regroup, signature_id, signatures_of
from rag.index.records import Batch, chunk_key
from rag.index.signature import sign
from rag.index.steps import reached
from rag.text import contextualise, terms
from rag.types import Chunk, Document

__all__ = ["CHUNK_ROW", "apply", "chunk_row"]

CHUNK_ROW = ("doc_id", "ordinal", "start", "end", "text", "language", "page", "headings", "key", "terms", "vector")
"""The columns of a chunk that are known before its near-duplicates are."""


def apply(db: sqlite3.Connection, batch: Batch) -> None:
    """Bring ``batch`` into the tables, inside the caller's transaction."""
    new: set[int] = set()
    left: set[int] = set()
    for doc_id in [*batch.forget, *(document.doc_id for document, _, _ in batch.documents)]:
        left |= signatures_of(db, doc_id)
        db.execute("DELETE FROM documents WHERE doc_id = ?", (doc_id,))
    for root, source in batch.drop_files:
        db.execute("DELETE FROM files WHERE root = ? AND source = ?", (root, source))
    for document, chunks, vectors in batch.documents:
        new |= _insert(db, document, chunks, vectors)
    regroup(db, new, left)
    reached("commit.inside")
    for doc_id, state in batch.moves:
        db.execute("DELETE FROM files WHERE doc_id = ?", (doc_id,))
        db.execute("UPDATE documents SET source = ? WHERE doc_id = ?", (state.source, doc_id))
    states = [*batch.files, *(state for _, state in batch.moves)]
    db.executemany(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(s.root, s.source, s.size, s.mtime_ns, s.sha256, s.doc_id, s.reason, s.reading) for s in states],
    )


def _insert(
    db: sqlite3.Connection, document: Document, chunks: Sequence[Chunk], vectors: NDArray[np.float32]
) -> set[int]:
    """The signatures that no chunk had before."""
    if len(chunks) != len(vectors):
        raise ValueError(f"{document.source}: {len(chunks)} chunks and {len(vectors)} vectors")
    db.execute(
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
    rows, new = [], set()
    for chunk, vector in zip(chunks, vectors, strict=True):
        signature, is_new = signature_id(db, sign(document.title, chunk.headings, chunk.text))
        if is_new:
            new.add(signature)
        rows.append((*chunk_row(document, chunk, vector), signature))
    marks = ", ".join("?" * len(CHUNK_ROW))
    db.executemany(f"INSERT INTO chunks ({', '.join(CHUNK_ROW)}, signature) VALUES ({marks}, ?)", rows)
    return new


def chunk_row(document: Document, chunk: Chunk, vector: NDArray[np.float32]) -> tuple[Any, ...]:
    """A chunk in the order of CHUNK_ROW, with its analysed terms."""
    analysed = " ".join(terms(contextualise(document.title, chunk.headings, chunk.text), chunk.language))
    return (
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
