"""What answers say, as OpenAPI documents it: the JSON of ``rag.serialise`` and what a server adds to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from rag.answer.withheld import REASONS
from rag.types import Language, Outcome, ReasonCode, VerdictLabel

__all__ = [
    "EVENTS",
    "AnswerReply",
    "CollectionReply",
    "CollectionsReply",
    "DeletedReply",
    "DocumentReply",
    "DocumentsReply",
    "FeedbackReply",
    "HealthReply",
    "ReadyReply",
    "SearchReply",
    "UploadReply",
    "VerifyReply",
]


_KIND = "what kind of reason it was refused for, one of a few"


class _Span(BaseModel):
    start: int
    end: int
    text: str


class _Place(BaseModel):
    doc_id: str
    source: str
    page: int | None
    start: int
    end: int


class _Page(BaseModel):
    """A page that a passage stands on; offsets are into the document's text."""

    number: int
    start: int
    end: int
    label: str


class HitReply(_Span):
    """A passage found. Offsets are into the document's text."""

    doc_id: str
    source: str
    title: str
    page: int | None
    page_label: str
    headings: list[str]
    dense: float
    sparse: float
    fused: float
    rerank: float | None
    score: float
    rank: int
    duplicates: list[_Place]


class SearchReply(BaseModel):
    question: str
    hits: list[HitReply]


class VerifyReply(BaseModel):
    """A verdict on a claim; the evidence's offsets are into the context."""

    verdict: VerdictLabel
    score: float
    probs: dict[str, float]
    reason: str | None = Field(description="which check decided where it was not the model, in English")
    reason_code: ReasonCode | None = Field(default=None, description="the same for programs")
    reason_about: list[str] = Field(default=[], description="what the check found: the words, the quotation, the kind")
    evidence: _Span | None
    also: list[_Span]


class CitationReply(_Span):
    """A passage an answer points to as [n]; its offsets are into the document's text."""

    n: int
    doc_id: str
    source: str
    title: str
    page: int | None
    page_label: str = Field(description="what is printed on the page where that is not its number")
    pages: list[_Page]


class EvidenceReply(_Span):
    citation: int
    page: int | None
    page_label: str


class SentenceReply(_Span):
    """A sentence of an answer; its offsets are into the answer, those of its evidence into the document's text."""

    verdict: VerdictLabel
    score: float
    probs: dict[str, float]
    reason: str | None = Field(description="which check decided where it was not the model, in English")
    reason_code: ReasonCode | None = Field(default=None, description="the same for programs")
    reason_about: list[str] = Field(default=[], description="what the check found: the words, the quotation, the kind")
    citations: list[int]
    evidence: EvidenceReply | None
    also: list[EvidenceReply]


class TriadReply(BaseModel):
    context_relevance: float | None
    groundedness: float | None
    answer_relevance: float | None


class AnswerReply(BaseModel):
    """An answer with the backing of every sentence, or why there is none and the closest passages."""

    id: str = Field(description="for feedback, links and `lastro replay`")
    conversation_id: str = Field(description="send it with a follow-up")
    collection: str
    question: str = Field(description="as it was asked")
    standalone_question: str = Field(description="as it was answered: a follow-up is rewritten to stand alone")
    language: Language
    answer: str
    abstained: bool
    reason: str | None = Field(description="why there is no answer, in its language")
    reason_code: str | None = Field(default=None, description=f"the same for programs: {', '.join(REASONS)}")
    extractive: bool = Field(description="in the documents' own words")
    sentences: list[SentenceReply]
    citations: list[CitationReply]
    closest: list[CitationReply]
    triad: TriadReply
    signals: dict[str, float]
    timings_ms: dict[str, float]
    models: dict[str, str]
    index: dict[str, str | int]
    seed: int


class DocumentReply(BaseModel):
    doc_id: str
    source: str
    title: str
    media_type: str
    language: Language
    pages: int
    chunks: int
    characters: int
    warnings: list[str]
    uploaded: bool = Field(description="whether it came by POST /v1/documents")


class RefusedReply(BaseModel):
    """A file that could not be read. Its id is for DELETE."""

    id: str
    source: str
    reason: str | None
    kind: str | None = Field(description=_KIND)
    uploaded: bool


class DocumentsReply(BaseModel):
    collection: str
    generation: int
    documents: list[DocumentReply]
    refused: list[RefusedReply]


class UploadedFile(BaseModel):
    source: str
    outcome: Outcome
    reason: str | None
    kind: str | None = Field(description=_KIND)
    chunks: int
    doc_id: str | None


class UploadReply(BaseModel):
    """What became of each file; ``generation`` is the one that answers with them."""

    collection: str
    generation: int
    files: list[UploadedFile]


class DeletedReply(BaseModel):
    deleted: str
    source: str | None = None
    generation: int | None = None


class CollectionReply(BaseModel):
    name: str
    documents: int
    chunks: int
    generation: int


class CollectionsReply(BaseModel):
    collections: list[CollectionReply]


class FeedbackReply(BaseModel):
    id: str
    answer_id: str


class HealthReply(BaseModel):
    status: Literal["ok"]


class ReadyReply(BaseModel):
    """Ready: the models are loaded and the index opens."""

    status: Literal["ready"]
    generation: int
    models: dict[str, str]
    version: str


EVENTS: dict[str, Any] = {
    "text/event-stream": {
        "schema": {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
    }
}
"""The content of a response of server-sent events: what one event is."""
