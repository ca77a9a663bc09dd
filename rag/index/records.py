"""The catalog's nouns: what a commit brings and what reading gives back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.text import contextualise
from rag.types import Chunk, Document, Heading, Language, Page

__all__ = [
    "CHUNK_COLUMNS",
    "Batch",
    "DocumentRow",
    "FileState",
    "StoredChunk",
    "chunk_key",
    "document",
    "document_row",
    "encoded",
    "stored_chunk",
]

CHUNK_COLUMNS = (
    "c.chunk_id, c.doc_id, d.source, d.title, d.media_type, c.page, c.start, c.end, c.text, c.language, c.headings"
)
"""Of ``chunks c`` joined with ``documents d``, in the order ``stored_chunk`` takes them."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as last seen. ``doc_id`` is None and ``reason`` says why when it was refused; ``reading`` is the version
    of the readers that looked."""

    root: str
    source: str
    size: int
    mtime_ns: int
    sha256: str
    doc_id: str | None = None
    reason: str | None = None
    reading: str = ""


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
    return hashlib.sha256(encoded(title, headings, text).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def encoded(title: str, headings: Sequence[str], text: str) -> str:
    """What the encoder sees of a chunk: lines and pages that break elsewhere than they did make no other of it."""
    return contextualise(title, headings, " ".join(text.split()))


def stored_chunk(row: tuple[Any, ...]) -> StoredChunk:
    """Of a row of CHUNK_COLUMNS."""
    values: tuple[Any, ...] = (*row[:-1], tuple(json.loads(row[-1])))
    return StoredChunk(*values)


def document_row(row: tuple[Any, ...]) -> DocumentRow:
    """Of a row in the order of DocumentRow's fields."""
    values: tuple[Any, ...] = (*row[:-1], tuple(json.loads(row[-1])))
    return DocumentRow(*values)


def document(row: tuple[Any, ...]) -> Document:
    """Of a whole row of ``documents``."""
    doc_id, source, title, media_type, language, sha256, text = row[:7]
    pages = tuple(Page(**page) for page in json.loads(row[7]))
    headings = tuple(Heading(**heading) for heading in json.loads(row[8]))
    return Document(
        doc_id, source, title, media_type, language, text, sha256, pages, headings, tuple(json.loads(row[9]))
    )
