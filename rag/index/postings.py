"""The sparse leg: BM25 over the catalog's terms, by tantivy. The only module that imports tantivy.

The terms are analysed by ``rag.text`` and only split at spaces here, so Portuguese and English chunks share one field,
one document count and one average length, and rank-bm25 as oracle sees the very same terms. k1 = 1.2, b = 0.75 and
Lucene's idf are tantivy's; it keeps field lengths in one byte, so scores differ from the oracle's by a few per cent on
chunks longer than 40 terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings"]

_HEAP_BYTES = 64_000_000


@cache
def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=True, fast=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class Postings:
    """Chunk ids with their terms, searchable by BM25."""

    def __init__(self, index: Any) -> None:
        index.reload()
        self._searcher = index.searcher()

    @classmethod
    def build(cls, rows: Iterable[tuple[int, str]], folder: Path | None = None) -> Postings:
        """``rows`` of (chunk id, terms joined by spaces), into ``folder`` or, when None, into memory."""
        import tantivy

        if folder is not None:
            folder.mkdir(parents=True)
        index = tantivy.Index(_schema(), path=None if folder is None else str(folder))
        writer = index.writer(_HEAP_BYTES, 1)
        for chunk_id, terms in rows:
            document = tantivy.Document()
            document.add_unsigned("id", chunk_id)
            document.add_text("terms", terms)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        return cls(index)

    @classmethod
    def read(cls, folder: Path) -> Postings:
        """Raises ValueError, OSError when tantivy cannot open ``folder``."""
        import tantivy

        try:
            return cls(tantivy.Index(_schema(), path=str(folder)))
        except ValueError:
            # tantivy locks the folder by a file in it, even to read: a read-only one is read through links to its
            # files, which stay mapped when the links are gone.
            with TemporaryDirectory() as links:
                for file in folder.iterdir():
                    Path(links, file.name).symlink_to(file.absolute())
                return cls(tantivy.Index(_schema(), path=links))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``k`` best chunk ids that share a term and their BM25 scores, best first, ties by id."""
        if not terms or (allowed is not None and not len(allowed)) or not len(self):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        query = self._any_of(terms)
        if allowed is not None:
            query = self._within(allowed, query, required=True)
        return self._run(query, k)

    def scores(self, ids: NDArray[np.int64], terms: Sequence[str]) -> NDArray[np.float32]:
        """The BM25 score of each of ``ids``, float32[n]; 0 where no term is shared."""
        found: dict[int, float] = {}
        if len(ids) and terms:
            hits, scores = self._run(self._within(ids, self._any_of(terms), required=False), len(ids))
            found = dict(zip(hits.tolist(), scores.tolist(), strict=True))
        return np.array([found.get(int(chunk_id), 0.0) for chunk_id in ids], np.float32)

    def _any_of(self, terms: Sequence[str]) -> Any:
        import tantivy

        should = [(tantivy.Occur.Should, tantivy.Query.term_query(_schema(), "terms", term)) for term in terms]
        return tantivy.Query.boolean_query(should)

    def _within(self, ids: NDArray[np.int64], query: Any, *, required: bool) -> Any:
        """``query`` restricted to ``ids``, which add nothing to the score."""
        import tantivy

        chosen = tantivy.Query.term_set_query(_schema(), "id", [int(i) for i in ids])
        must = tantivy.Query.const_score_query(chosen, 0.0)
        occur = tantivy.Occur.Must if required else tantivy.Occur.Should
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, must), (occur, query)])

    def _run(self, query: Any, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        hits = self._searcher.search(query, k).hits
        if not hits:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        scores = np.array([score for score, _ in hits], np.float32)
        ids = np.array(self._searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]
