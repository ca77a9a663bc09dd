"""What the page's own routes answer, as OpenAPI documents it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from rag.types import Language

__all__ = ["DefaultsReply", "PagesReply"]


class _FromRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PageReply(_FromRecord):
    """A page as a part of the text: ``label`` is what the file calls it where that is not its number."""

    number: int
    start: int
    end: int
    label: str


class PagesReply(_FromRecord):
    doc_id: str
    source: str
    media_type: str
    language: Language
    pages: list[PageReply]


class DefaultsReply(BaseModel):
    """The server's settings for questions."""

    k: int = Field(description="passages to find")
    alpha: float
    temperature: float
    top_p: float
    max_tokens: int
    seed: int
