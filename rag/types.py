"""The nouns of the data's way: document, page, chunk, hit, passage, citation, sentence, answer.

Frozen, slotted, without logic. Every ``start``/``end`` is a character offset (Python string index, end exclusive),
and the text it points into is named in the docstring. ``source`` is always the path relative to the ingested folder,
with forward slashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["pt", "en"]
VerdictLabel = Literal["supported", "contradicted", "not_found", "not_a_claim"]
ReasonCode = Literal["no_passage", "not_quoted", "not_in_evidence", "repeats_question", "lacks_kind"]
Outcome = Literal["added", "updated", "unchanged", "moved", "removed", "refused"]

__all__ = [
    "Answer",
    "Chunk",
    "Citation",
    "Document",
    "Duplicate",
    "Evidence",
    "Filter",
    "Heading",
    "Hit",
    "Language",
    "Outcome",
    "Page",
    "Passage",
    "ReasonCode",
    "Section",
    "Sentence",
    "Triad",
    "Verdict",
    "VerdictLabel",
]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a paginated document: ``number`` counts from 1; offsets into the document's text.

    ``label`` is what the file calls the page (``iv``) where that is not its number, and empty otherwise.
    """

    number: int
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: ``level`` 1 is the outermost; offsets into the document's text cover the heading's own words."""

    level: int
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text. ``text`` is what every offset of the system points into; it is stored and never rewritten.

    ``doc_id`` is derived from the source path; ``sha256`` is of the file's bytes. ``warnings`` are sentences for the
    report about what was repaired or left out.
    """

    doc_id: str
    source: str
    title: str
    media_type: str
    language: Language
    text: str
    sha256: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A sentence-aligned slice of one document: ``document.text[start:end] == text``.

    ``headings`` is the path of headings above it, outermost first; it goes to the encoder and the postings together
    with the document's title, and is not part of ``text``. ``page`` is the page of ``start``, or None.
    """

    doc_id: str
    ordinal: int
    start: int
    end: int
    text: str
    language: Language
    page: int | None = None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which chunks may be found. Empty fields allow all. ``sources`` are exact paths or fnmatch patterns.

    ``modified_from`` (inclusive) and ``modified_before`` are of the document's file, in nanoseconds since 1970.
    """

    sources: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    doc_ids: tuple[str, ...] = ()
    modified_from: int | None = None
    modified_before: int | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Where else a hit's text stands, to the letter or nearly so: offsets into that document's text."""

    doc_id: str
    source: str
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """What stands around a chunk under the same headings, the chunk among it: offsets into the document's text, and
    that slice of it to the letter. ``pages`` are those it touches."""

    start: int
    end: int
    text: str
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question. Scores: ``dense`` cosine, ``sparse`` BM25, ``fused`` in [0, 1].

    ``rerank`` is None where no cross-encoder ran; ``score`` is what the list is ordered by; ``rank`` counts from 1.
    ``duplicates`` are the chunks that gave it their place in the list, by source and place. ``section`` is what the
    prompt may draw from: the chunk and what stands around it.
    """

    chunk_id: int
    doc_id: str
    source: str
    title: str
    page: int | None
    start: int
    end: int
    text: str
    language: Language
    headings: tuple[str, ...]
    dense: float
    sparse: float
    fused: float
    rerank: float | None
    score: float
    rank: int
    duplicates: tuple[Duplicate, ...] = ()
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What the prompt shows as ``[n]``: a contiguous run of sentences of one hit's section, cut between sentences.

    ``start``/``end`` are offsets into the document's text, and ``text`` is that slice to the letter.
    """

    n: int
    hit: Hit
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage the answer may point to as ``[n]``: ``document_text[start:end] == text``, always.

    ``page`` is the number of the page it begins on, and ``page_label`` what is printed there where that is another
    (``iv``), else empty; ``pages`` are all that it touches.
    """

    n: int
    doc_id: str
    source: str
    title: str
    page: int | None
    start: int
    end: int
    text: str
    page_label: str = ""
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact span a verdict rests on: offsets into the document's text, inside citation ``citation``. ``page`` and
    ``page_label`` are of the page it begins on, as a citation's are."""

    citation: int
    start: int
    end: int
    text: str
    page: int | None
    page_label: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of a claim. ``probs`` sum to 1 over supported, contradicted, not_found.

    ``score`` is the probability of ``label``. ``also`` are the spans that it rests on together with ``evidence``, where
    one alone does not say it all. ``reason`` says which check decided when it was not the model (a number that the
    evidence lacks, a quotation that is not to the letter); ``reason_code`` names it for programs, and ``reason_about``
    is what it found.
    """

    label: VerdictLabel
    score: float
    probs: Mapping[str, float]
    evidence: Evidence | None = None
    reason: str | None = None
    also: tuple[Evidence, ...] = ()
    reason_code: ReasonCode | None = None
    reason_about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer: offsets into ``Answer.answer``, its citations and the verdict on it."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Triad:
    """The RAG triad of one answer, each in [0, 1]; None where it was not measured."""

    context_relevance: float | None
    groundedness: float | None
    answer_relevance: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole result of one question, as shown to people and written to JSON (``rag.serialise``).

    ``reason_code`` names for programs why it was withheld (a key of ``rag.answer.withheld.REASONS``).
    ``signals`` are the probabilities the decision to show or withhold was made from. ``prompt_sha256`` is of the
    messages the decoder was last given, empty when it was not asked.
    """

    question: str
    language: Language
    answer: str
    abstained: bool
    reason: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    triad: Triad
    timings_ms: Mapping[str, float]
    models: Mapping[str, str]
    index: Mapping[str, str | int]
    seed: int
    closest: tuple[Citation, ...] = field(default=())
    signals: Mapping[str, float] = field(default_factory=dict)
    extractive: bool = False
    prompt_sha256: str = ""
    reason_code: str | None = None
