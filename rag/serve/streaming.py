"""Steps → server-sent events."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rag.errors import LastroError
from rag.serve.line import Ticket
from rag.serve.logs import request_id
from rag.serve.problems import Problem, problem_json

__all__ = ["EventStream", "event", "unforeseen"]

_logger = logging.getLogger("lastro.serve")


class EventStream(StreamingResponse):
    """A response of server-sent events, written as ``chunks`` come. The place in line is given up in every case.

    A client that leaves cancels the chunks at once; a failure half-way is the last event, ``error``, as a problem.
    """

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes, None], ticket: Ticket) -> None:
        # A proxy that collects a response before it passes it on would undo the streaming.
        super().__init__(_ended_well(chunks), headers={"X-Accel-Buffering": "no"})
        self._ticket = ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if not self._ticket.begun:
                self._ticket.leave()


def event(name: str, data: Any) -> bytes:
    """One event; a ``ping`` is a comment, which clients pass over."""
    if name == "ping":
        return b": ping\n\n"
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, allow_nan=False)}\n\n".encode()


def unforeseen() -> dict[str, Any]:
    """The problem of a failure that nobody foresaw: nothing of it but the id under which the log has it."""
    return Problem(
        title="InternalError",
        status=500,
        detail="the server failed to answer.",
        hint="Its log has the details under this request's id.",
        request_id=request_id.get(),
    ).model_dump()


async def _ended_well(chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(chunks) as steps:
            async for chunk in steps:
                yield chunk
    except LastroError as error:
        yield event("error", problem_json(error, request_id.get()))
    except Exception:
        _logger.exception("a stream ended with a failure nobody foresaw")
        yield event("error", unforeseen())
