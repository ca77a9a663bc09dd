"""``/v1/query``, ``/v1/query/stream``, ``/v1/answers/{id}``: questions and their answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response

from rag.serve.asking import Asked, answered, asked_in, told
from rag.serve.line import Ticket
from rag.serve.problems import PROBLEMS
from rag.serve.replies import EVENTS, AnswerReply
from rag.serve.schemas import QueryRequest
from rag.serve.service import Asker, Served, Service, check_collection
from rag.serve.streaming import EventStream, event
from rag.serve.strict import StrictRoute
from rag.serve.work import unless_gone

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["ask"], route_class=StrictRoute)

_STREAM = (
    "Server-sent events, in this order: `queue` {position} while others are served, `question` {standalone_question} "
    "where a follow-up was rewritten, `citations` [citation…], `token` {text}…, `retry` {reason} when the tokens so "
    "far are taken back and others follow, `sentence` with its verdict…, and last `answer`, the whole object, or "
    "`error`, a problem."
)


@router.post("/query", response_model=AnswerReply, responses=PROBLEMS(504))
async def query(request: Request, asked: QueryRequest, service: Served, caller: Asker) -> dict[str, Any]:
    """The answer to a question, with the backing of every sentence."""
    return await unless_gone(request, answered(service, asked_in(service, asked, caller)))


@router.post(
    "/query/stream",
    response_class=Response,
    responses={**PROBLEMS(504), 200: {"description": _STREAM, "content": EVENTS}},
)
async def stream(asked: QueryRequest, service: Served, caller: Asker) -> Response:
    """The same answer as it comes: its citations first, then its text, then its verdicts."""
    question = asked_in(service, asked, caller)
    ticket = service.answers.join()
    return EventStream(_events(service, question, ticket), ticket)


async def _events(service: Service, asked: Asked, ticket: Ticket) -> AsyncGenerator[bytes, None]:
    async with aclosing(told(service, asked, ticket)) as steps:
        async for step in steps:
            yield event(step.kind, step.data)


@router.get("/answers/{answer_id}", response_model=AnswerReply, responses=PROBLEMS())
async def kept_answer(answer_id: str, service: Served, caller: Asker) -> dict[str, Any]:
    """An answer given before, as it was: what a link to an answer shows."""
    kept = service.state.answer(answer_id)
    check_collection(caller, kept.collection)
    return dict(kept.answer)
