"""One question on its way through a server: in line, in a thread, with a deadline, kept when it is answered."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from rag.answer.followup import Turn, standalone
from rag.config import Settings
from rag.errors import LastroError
from rag.pipeline import Event, check_question
from rag.serialise import answer_json, citation_json, sentence_json
from rag.serve.audit import record_of
from rag.serve.keys import Caller
from rag.serve.line import Ticket
from rag.serve.schemas import MessageRequest, QueryRequest, settings_with
from rag.serve.service import Service, check_collection
from rag.serve.state import Kept
from rag.serve.tracing import trace_answer
from rag.serve.work import Listener, Ping, drained, waiting
from rag.types import Answer, Filter

__all__ = ["Asked", "Told", "answered", "asked_in", "told"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with everything that decides its answer. ``before`` is the turn it may follow up on."""

    question: str
    collection: str
    settings: Settings
    where: Filter | None
    caller: str
    conversation_id: str
    before: Turn | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A step as the stream tells it: the pipeline's events, and before them ``queue`` and ``question``.

    ``answer`` carries the JSON object, with what the server adds.
    """

    kind: Literal["queue", "ping", "question", "citations", "token", "retry", "sentence", "answer"]
    data: Any = None


def asked_in(service: Service, request: QueryRequest, caller: Caller) -> Asked:
    """What ``request`` asks. Raises UsageError, NotAllowed, NotFound."""
    check_collection(caller, request.collection)
    with service.collections.use(request.collection) as lastro:  # an unknown one is said before anything waits
        settings = settings_with(lastro.settings, request)
    question = check_question(request.question)
    conversation_id = request.conversation_id or uuid.uuid4().hex
    before = _turn_of(request.messages)
    if before is None and request.conversation_id is not None:
        last = service.state.last_turn(request.conversation_id, caller.name)
        if last is not None:
            before = Turn(str(last.answer["standalone_question"]), str(last.answer["answer"]))
    where = None if request.filter is None else request.filter.to_filter()
    return Asked(
        question,
        request.collection,
        settings,
        where,
        caller.name,
        conversation_id,
        before,
    )


def _turn_of(messages: tuple[MessageRequest, ...]) -> Turn | None:
    """The last question among ``messages``, made to stand alone by those before it, and what was answered."""
    before: Turn | None = None
    for message in messages:
        if message.role == "user" and any(c.isalnum() for c in message.content):
            question = " ".join(message.content.split())
            before = Turn(question if before is None else standalone(question, before, None), "")
        elif message.role == "assistant" and before is not None:
            before = replace(before, answer=message.content)
    return before


async def told(service: Service, asked: Asked, ticket: Ticket) -> AsyncGenerator[Told, None]:
    """The steps of an answer, from waiting for its turn to the whole of it. ``ticket`` is left in every case.

    Raises Busy, DeadlineExceeded, and what the pipeline raises.
    """
    until = service.until()
    ticket.begun = True
    try:
        async for position in waiting(ticket, until):
            yield Told("ping") if isinstance(position, Ping) else Told("queue", {"position": position})
    except BaseException:
        ticket.leave()
        raise
    work = partial(_answer, service, asked)
    async with aclosing(drained(work, service.decoding, until, ticket)) as steps:
        async for step in steps:
            service.check_grace()
            yield Told("ping") if isinstance(step, Ping) else step


async def answered(service: Service, asked: Asked) -> dict[str, Any]:
    """The whole answer as JSON. Raises Busy when the line is full, and what ``told`` raises."""
    async with aclosing(told(service, asked, service.answers.join())) as steps:
        async for step in steps:
            if step.kind == "answer":
                answer: dict[str, Any] = step.data
                return answer
    raise LastroError("the pipeline ended without an answer.", hint="Please report this.")


def _answer(service: Service, asked: Asked, listener: Listener[Told]) -> None:
    """Answer in this thread, telling each step, until the answer is there or nobody listens."""
    with service.use(asked.collection, listener.listens) as lastro:
        question = asked.question
        if asked.before is not None:
            question = standalone(asked.question, asked.before, lastro.parts.generator)
            listener.tell(Told("question", {"question": asked.question, "standalone_question": question}))
        started = time.time_ns()
        with closing(lastro.stream(question, where=asked.where, settings=asked.settings)) as events:
            for event in events:
                if event.kind == "token":
                    service.metrics.token()
                step = Told("answer", _kept(service, asked, event.data)) if event.kind == "answer" else _step(event)
                if event.kind == "answer":
                    trace_answer(event.data, started)
                listener.tell(step)
                if not listener.listens():
                    return


def _step(event: Event) -> Told:
    match event.kind:
        case "citations":
            return Told("citations", [citation_json(citation) for citation in event.data])
        case "sentence":
            return Told("sentence", sentence_json(event.data))
        case "retry":
            return Told("retry", {"reason": event.data})
        case _:
            return Told("token", {"text": event.data})


def _kept(service: Service, asked: Asked, answer: Answer) -> dict[str, Any]:
    """The answer's JSON, counted and stored."""
    service.metrics.answer(answer, asked.collection)
    given = answer_json(answer) | {
        "id": uuid.uuid4().hex,
        "conversation_id": asked.conversation_id,
        "collection": asked.collection,
        "question": asked.question,
        "standalone_question": answer.question,
    }
    serve = service.settings.serve
    if serve.keep_answers or serve.audit:
        record = record_of(answer, asked.settings, asked.where, service.models) if serve.audit else None
        kept = Kept(given["id"], time.time(), asked.caller, asked.collection, asked.conversation_id, given, record)
        service.state.keep(kept, serve.keep_answers)
    return given
