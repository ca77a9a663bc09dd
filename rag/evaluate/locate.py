"""Expected evidence → the spans of the index's documents it stands in, and the places at which a search finds them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.evaluate.citations import Span, covers
from rag.evaluate.dataset import Question, Target
from rag.index import Snapshot
from rag.text import tidy
from rag.types import Document

__all__ = ["Library", "Need", "Ranks", "document_ranks", "hit_spans", "meets_need", "span_ranks"]


@dataclass(frozen=True, slots=True)
class Need:
    """One expected thing: the ``places`` that say it, any of which will do. ``whole``: pages or documents of which
    nobody said what in them counts, so that any passage of them does."""

    places: tuple[Span, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ranks (from 1, distinct) of what was found, and how many things there were to find."""

    found: tuple[int, ...]
    relevant: int


class Library:
    """The documents of one generation by source: where a target stands in them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._ids = {row.source: row.doc_id for row in snapshot.documents()}
        self._documents: dict[str, Document] = {}

    def needs(self, question: Question) -> list[Need]:
        """One for each place in ``question.evidence``, with those of ``also`` where there is one place alone.

        A place that the index does not hold gives no span: what is not there cannot be found, and counts as missed.
        """
        also = [span for target in question.also for span in self.spans(target)]
        return [Need((*self.spans(target), *also), target.text is None) for target in question.evidence]

    def spans(self, target: Target) -> list[Span]:
        """Every place of ``target.text`` (white space aside), or its whole page or document; empty when absent."""
        document = self._document(target.source)
        if document is None:
            return []
        pages = [page for page in document.pages if page.number == target.page]
        if target.page is not None and document.pages and not pages:
            return []
        # A sentence may go over a page's end, so that a page bounds where its text starts, not where it ends.
        first, last = (pages[0].start, pages[0].end) if pages else (0, len(document.text))
        if target.text is None:
            return [(document.doc_id, first, last)]
        words = r"\s+".join(re.escape(word) for word in tidy(target.text).split())
        places = [match.span() for match in re.finditer(words, document.text)]
        return [(document.doc_id, start, end) for start, end in places if first <= start < last]

    def _document(self, source: str) -> Document | None:
        if source not in self._ids:
            return None
        if source not in self._documents:
            self._documents[source] = self._snapshot.document(self._ids[source])
        return self._documents[source]


def hit_spans(hit: Mapping[str, Any]) -> list[Span]:
    """Where a hit's text stands: its own place and those of the near-duplicates folded into it."""
    return [(place["doc_id"], place["start"], place["end"]) for place in (hit, *hit.get("duplicates", ()))]


def span_ranks(hits: Sequence[Mapping[str, Any]], needs: Sequence[Need]) -> Ranks:
    """At which ranks a hit holds at least half of what each need asks for.

    Needs that the same hit meets first are one thing to find: two expected sentences of one passage ask for one
    passage.
    """
    first = [
        next((rank for rank, hit in enumerate(hits, 1) if meets_need(hit_spans(hit), need)), None) for need in needs
    ]
    found = {rank for rank in first if rank is not None}
    return Ranks(tuple(sorted(found)), len(found) + sum(rank is None for rank in first))


def meets_need(spans: Sequence[Span], need: Need) -> bool:
    """Whether one of ``spans`` holds at least half of a place of ``need``, or lies in one that counts as a whole."""
    return any(
        covers(span, place) or (need.whole and span[0] == place[0] and place[1] <= span[1] < place[2])
        for span in spans
        for place in need.places
    )


def document_ranks(hits: Sequence[Mapping[str, Any]], needs: Sequence[Need], sources: int) -> Ranks:
    """The same of documents, ranked by their best hit; ``sources`` is how many the evidence names.

    A document counts once, however many of its chunks were found.
    """
    ranked: list[set[str]] = []
    for hit in hits:
        documents = {document for document, _, _ in hit_spans(hit)}
        if not any(documents & earlier for earlier in ranked):
            ranked.append(documents)
    wanted = {document for need in needs for document, _, _ in need.places}
    found = [rank for rank, documents in enumerate(ranked, 1) if documents & wanted][:sources]
    return Ranks(tuple(found), sources)
