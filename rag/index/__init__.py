"""CHUNK → VECTORS + POSTINGS: the catalog is the truth, FAISS and tantivy are caches of one generation of it."""

from rag.index.catalog import Catalog
from rag.index.fingerprint import Fingerprint
from rag.index.memory import MemoryIndex
from rag.index.records import Batch, DocumentRow, FileState, StoredChunk, chunk_key, encoded
from rag.index.store import Index, Snapshot, measure_recall
from rag.index.writing import Rebuild, Writer

__all__ = [
    "Batch",
    "Catalog",
    "DocumentRow",
    "FileState",
    "Fingerprint",
    "Index",
    "MemoryIndex",
    "Rebuild",
    "Snapshot",
    "StoredChunk",
    "Writer",
    "chunk_key",
    "encoded",
    "measure_recall",
]
