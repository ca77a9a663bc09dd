"""What requests may say, each field bounded, as OpenAPI documents it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rag.config import Settings
from rag.pipeline import MAX_QUESTION
from rag.serve.collections import DEFAULT, NAME
from rag.types import Filter, Language

__all__ = [
    "CollectionRequest",
    "DecodingFields",
    "FeedbackRequest",
    "FilterRequest",
    "MessageRequest",
    "QueryRequest",
    "SearchRequest",
    "VerifyRequest",
    "settings_with",
]

_ANSWER_FIELDS = (
    "temperature", "top_p", "top_k", "max_tokens", "repetition_penalty", "presence_penalty", "frequency_penalty",
    "stop", "seed",
)  # fmt: skip
_SEARCH_FIELDS = ("k", "alpha", "rerank")
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Question = Annotated[str, StringConstraints(max_length=20 * MAX_QUESTION)]
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterRequest(_Request):
    """Which passages may be found; an empty field allows all."""

    sources: tuple[Name, ...] = Field(
        default=(),
        max_length=100,
        description="paths as listed by /v1/documents, or patterns with * and ?",
        examples=[["manuais/*.pdf"]],
    )
    media_types: tuple[Name, ...] = Field(default=(), max_length=100, examples=[["application/pdf"]])
    languages: tuple[Language, ...] = Field(default=(), max_length=2, examples=[["pt"]])
    doc_ids: tuple[Name, ...] = Field(default=(), max_length=100)

    def to_filter(self) -> Filter:
        return Filter(self.sources, self.media_types, self.languages, self.doc_ids)


class _About(_Request):
    collection: str = Field(default=DEFAULT, pattern=NAME, examples=[DEFAULT])


class DecodingFields(_Request):
    """How the decoder samples; what is absent takes the server's settings."""

    temperature: float | None = Field(default=None, ge=0.0, le=2.0, description="0 is greedy", examples=[0.0])
    top_p: float | None = Field(default=None, gt=0.0, le=1.0, description="nucleus", examples=[1.0])
    top_k: int | None = Field(default=None, ge=0, le=1000, description="0 is no limit", examples=[0])
    max_tokens: int | None = Field(default=None, ge=1, le=4096, description="of the answer", examples=[160])
    repetition_penalty: float | None = Field(default=None, ge=0.5, le=2.0, examples=[1.0])
    presence_penalty: float | None = Field(default=None, ge=-2.0, le=2.0, examples=[0.0])
    frequency_penalty: float | None = Field(default=None, ge=-2.0, le=2.0, examples=[0.0])
    stop: tuple[Name, ...] | None = Field(default=None, max_length=8, examples=[["\n\n"]])
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1, examples=[0])


class MessageRequest(_Request):
    """A turn of a conversation that the caller keeps itself."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class QueryRequest(_About, DecodingFields):
    """A question and how to answer it; what is absent takes the server's settings."""

    question: _Question = Field(
        description=f"at most {MAX_QUESTION} characters", examples=["Qual é o prazo de garantia da bomba P-220?"]
    )
    k: int | None = Field(default=None, ge=1, le=200, description="passages to find", examples=[8])
    alpha: float | None = Field(
        default=None, ge=0.0, le=1.0, description="1 = meaning only, 0 = words only", examples=[0.5]
    )
    rerank: bool | None = Field(default=None, description="judge the head of the list by the cross-encoder")
    filter: FilterRequest | None = None
    conversation_id: _Id | None = Field(
        default=None, description="of an earlier answer: a follow-up is rewritten into a question that stands alone"
    )
    messages: tuple[MessageRequest, ...] = Field(
        default=(), max_length=50, description="the earlier turns, where no conversation_id is used; oldest first"
    )


class SearchRequest(_About):
    """A question, and how many passages to find for it."""

    question: _Question = Field(examples=["prazo de garantia"])
    k: int | None = Field(default=None, ge=1, le=200, examples=[5])
    alpha: float | None = Field(default=None, ge=0.0, le=1.0, examples=[0.5])
    rerank: bool | None = None
    filter: FilterRequest | None = None


class VerifyRequest(_Request):
    """A claim, and the text it is to be checked against."""

    claim: _Question = Field(examples=["A garantia é de 24 meses."])
    context: str = Field(max_length=100_000, examples=["A bomba tem garantia de 24 meses a contar da entrega."])
    question: _Question = Field(default="", description="the question that the claim answers")


class CollectionRequest(_Request):
    name: str = Field(pattern=NAME, examples=["contratos-2024"])


class FeedbackRequest(_Request):
    """What somebody thinks of an answer."""

    answer_id: _Id = Field(description="the `id` of the answer", examples=["5f0c1b1ed4a84f0e"])
    thumbs: Literal["up", "down"]
    comment: str = Field(default="", max_length=5_000)
    expected: str | None = Field(default=None, max_length=5_000, description="what the answer should have been")


def settings_with(settings: Settings, request: QueryRequest | SearchRequest | DecodingFields) -> Settings:
    """The server's settings with what the request overrides; both are held by the same bounds."""
    given = request.model_dump(include={*_ANSWER_FIELDS, *_SEARCH_FIELDS}, exclude_none=True)
    search = {name: value for name, value in given.items() if name in _SEARCH_FIELDS}
    answer = {name: value for name, value in given.items() if name in _ANSWER_FIELDS}
    return settings.model_copy(
        update={
            "search": settings.search.model_copy(update=search),
            "answer": settings.answer.model_copy(update=answer),
        }
    )
