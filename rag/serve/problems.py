"""Failures → RFC 9457 problem documents: what is wrong with which field and what to do, and nothing of the inside."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from rag.errors import LastroError, RequestRefused, UsageError
from rag.serve.work import ClientGone

__all__ = ["PROBLEMS", "Problem", "answer_with_problems", "problem", "problem_json", "request_id_of"]

_logger = logging.getLogger("lastro.serve")
_MEDIA_TYPE = "application/problem+json"
_DEFAULT_RETRY_S = 5


class Problem(BaseModel):
    """An RFC 9457 problem. ``title`` is the kind of failure; ``subject`` the field or file; ``hint`` the remedy."""

    type: str = Field(default="about:blank")
    title: str = Field(examples=["UsageError"])
    status: int = Field(examples=[422])
    detail: str
    subject: str | None = Field(default=None, description="the field, file or id that is wrong")
    hint: str | None = Field(default=None, description="what to do next")
    retryable: bool = Field(default=False, description="whether the same request may succeed later")
    request_id: str | None = Field(default=None, description="also in X-Request-Id and in the server's log")


def PROBLEMS(*statuses: int) -> dict[int | str, dict[str, Any]]:  # noqa: N802 - reads as a constant where it is used
    """The ``responses`` of a route that may answer with these statuses besides those every route may."""
    content = {_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _NAMES[status], "content": content}
        for status in sorted({*statuses, 400, 401, 403, 404, 408, 413, 422, 429, 500, 503})
    }


_NAMES = {
    400: "not a request this server understands",
    401: "no key, or an unknown one",
    403: "the key may not do this, or the request comes from another site",
    404: "no such collection, document or answer",
    405: "not with this method",
    408: "the request came too slowly",
    409: "already there, or in use",
    410: "the file that was indexed is not there any more",
    413: "too large",
    422: "a field is wrong",
    431: "headers too large",
    429: "too many requests",
    500: "a failure of the server",
    503: "busy, going down, or not ready",
    504: "no answer in time",
    507: "the disk is full",
}


def request_id_of(request: Request) -> str | None:
    found: str | None = request.scope.get("lastro.request_id")
    return found


def problem_json(error: LastroError, request_id: str | None = None) -> dict[str, Any]:
    """The problem document of a failure that was foreseen."""
    return Problem(
        title=type(error).__name__,
        status=error.http_status,
        detail=error.message,
        subject=error.subject,
        hint=error.hint,
        retryable=error.retryable,
        request_id=request_id,
    ).model_dump()


def problem(error: LastroError, request_id: str | None = None, more: Mapping[str, Any] | None = None) -> Response:
    """The response for ``error``, with ``more`` members beside the standard ones."""
    headers = {}
    if error.retryable:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s or _DEFAULT_RETRY_S))
    if error.http_status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="lastro"'
    return _response(problem_json(error, request_id) | dict(more or {}), headers)


def answer_with_problems(app: FastAPI) -> None:
    """Every failure of ``app``, foreseen or not, becomes a problem document."""

    @app.exception_handler(LastroError)
    async def foreseen(request: Request, error: LastroError) -> Response:
        if error.http_status >= 500 and not error.retryable:
            _logger.error("%s: %s", type(error).__name__, error.message, extra={"request_id": request_id_of(request)})
        return problem(error, request_id_of(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path", "header"})
        said = str(first["msg"]).removeprefix("Value error, ")
        return problem(
            UsageError(
                f"{name or 'body'}: {said}",
                subject=name or "body",
                hint="See /openapi.json for what is allowed.",
            ),
            request_id_of(request),
        )

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        """What the framework refuses by itself: an unknown path, another method, a body it cannot take apart."""
        body = Problem(
            title=RequestRefused.__name__,
            status=error.status_code,
            detail=str(error.detail),
            hint="See /openapi.json for the paths and methods there are.",
            request_id=request_id_of(request),
        )
        return _response(body.model_dump(), dict(error.headers or {}))

    @app.exception_handler(ClientGone)
    async def gone(request: Request, error: ClientGone) -> Response:
        return Response(status_code=499)  # nobody reads it; the log shows why it ended

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        """The stack goes to the log, under the request's id; the client learns only the id."""
        return _response(
            Problem(
                title="InternalError",
                status=500,
                detail="the server failed to answer.",
                hint="Its log has the details under this request's id.",
                request_id=request_id_of(request),
            ).model_dump()
        )


def _response(body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status_code=body["status"], headers=headers, media_type=_MEDIA_TYPE)
