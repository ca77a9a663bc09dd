"""What holds an index's lock may do: commit documents, or make the whole anew for another encoder or chunker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.index.catalog import Catalog
from rag.index.fingerprint import Fingerprint
from rag.index.records import Batch, FileState
from rag.types import Chunk, Document

__all__ = ["Rebuild", "Writer"]


class Writer:
    """Commits to one index while its lock is held."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def commit(self, batch: Batch) -> int:
        """Make ``batch`` visible in one transaction; the new generation. Raises DiskFull, nothing lost."""
        return self._catalog.commit(batch)

    def forget(self, doc_ids: Sequence[str]) -> int:
        """Remove documents: they stop answering with the generation returned."""
        return self._catalog.commit(Batch(forget=doc_ids))

    def abandon_rebuild(self) -> None:
        """Remove what an interrupted rebuild left waiting."""
        self._catalog.abandon_rebuild()

    def generation(self) -> int:
        """The generation readers see now."""
        return self._catalog.generation()

    def files(self) -> dict[tuple[str, str], FileState]:
        """What is known of each (root, source)."""
        return self._catalog.files()

    def reusable_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors already computed for the same encoder input, by ``chunk_key``."""
        return self._catalog.reusable_vectors(keys)


class Rebuild:
    """Another encoder's or chunker's index in the making, beside the one that answers, while its lock is held."""

    def __init__(self, catalog: Catalog, fingerprint: Fingerprint) -> None:
        self._catalog = catalog
        self._as_before = fingerprint.embeds_as(catalog.fingerprint())

    def waiting(self) -> list[str]:
        """The ids of the documents that are still to be staged."""
        return self._catalog.waiting()

    def staged(self) -> int:
        """How many documents are staged, by this rebuild or by the one it goes on with."""
        return self._catalog.staged()

    def document(self, doc_id: str) -> Document:
        """A document with its text, as it was read. Raises DocumentNotFound."""
        return self._catalog.document(doc_id)

    def reusable_vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors this rebuild has computed, and those that answer where the same encoder made them."""
        wanted = list(keys)
        found = self._catalog.staged_vectors(wanted)
        if self._as_before:
            found |= self._catalog.reusable_vectors(key for key in wanted if key not in found)
        return found

    def stage(self, documents: Iterable[tuple[Document, Sequence[Chunk], NDArray[np.float32]]]) -> None:
        """Keep the new chunks and vectors of ``documents``: a kill does not lose them. Raises DiskFull."""
        self._catalog.stage(documents)

    def swap(self) -> int:
        """Let what is staged answer from now on, in one transaction; the new generation. Raises DiskFull."""
        return self._catalog.swap()
