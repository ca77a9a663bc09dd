"""``POST /v1/query`` and ``GET /healthz``: the smallest service that answers."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from rag.errors import Busy, LastroError
from rag.facade import Lastro
from rag.serialise import answer_json
from rag.types import Filter, Language

__all__ = ["QueryRequest", "create_app"]


class FilterRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sources: tuple[str, ...] = Field(default=(), description="paths or patterns, as `lastro status` shows them")
    media_types: tuple[str, ...] = ()
    languages: tuple[Language, ...] = Field(default=(), examples=[["pt"]])


class QueryRequest(BaseModel):
    """A question and how to answer it; what is absent takes the server's settings."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(examples=["Qual é o prazo de garantia?"])
    k: int | None = Field(default=None, ge=1, le=200)
    alpha: float | None = Field(default=None, ge=0.0, le=1.0)
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    top_k: int | None = Field(default=None, ge=0, le=1000)
    max_tokens: int | None = Field(default=None, ge=1, le=4096)
    repetition_penalty: float | None = Field(default=None, ge=0.5, le=2.0)
    presence_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    frequency_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    stop: tuple[str, ...] | None = Field(default=None, max_length=8)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    filter: FilterRequest | None = None


def create_app(lastro: Lastro) -> FastAPI:
    """The service over one index. Questions are answered one at a time; at most ``serve.queue`` may wait."""
    app = FastAPI(title="Lastro", version="0.1.0", description="Answers with the backing of every sentence.")
    turn = threading.Lock()
    places = threading.BoundedSemaphore(lastro.settings.serve.queue + 1)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/query")
    def query(request: QueryRequest) -> dict[str, Any]:
        if not places.acquire(blocking=False):
            raise Busy("the queue is full.", hint="Try again in a few seconds.")
        try:
            with turn:
                answer = lastro.ask(request.question, where=_filter(request), settings=_settings(lastro, request))
        finally:
            places.release()
        return answer_json(answer)

    @app.exception_handler(LastroError)
    def known(request: Request, error: LastroError) -> JSONResponse:
        headers = {"Retry-After": "5"} if error.retryable else {}
        return _problem(error.http_status, type(error).__name__, str(error), error.subject, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if part != "body")
        return _problem(422, "UsageError", f"{name}: {first['msg']}", name)

    return app


def _problem(
    status: int, title: str, detail: str, subject: str | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "subject": subject}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def _filter(request: QueryRequest) -> Filter | None:
    if request.filter is None:
        return None
    wanted = request.filter
    return Filter(wanted.sources, wanted.media_types, wanted.languages)


def _settings(lastro: Lastro, request: QueryRequest) -> Any:
    """The server's settings with what the request overrides; both are validated by the same bounds."""
    given = {
        name: value for name, value in request.model_dump(exclude={"question", "filter"}).items() if value is not None
    }
    search = {name: value for name, value in given.items() if name in {"k", "alpha"}}
    answer = {name: value for name, value in given.items() if name not in search}
    settings = lastro.settings
    return settings.model_copy(
        update={
            "search": settings.search.model_copy(update=search),
            "answer": settings.answer.model_copy(update=answer),
        }
    )
