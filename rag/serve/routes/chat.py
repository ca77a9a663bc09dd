"""``/v1/chat/completions`` and ``/v1/models``: for programs that speak OpenAI's protocol already.

A stream of that protocol cannot take anything back, and a decoder's first attempt may have to be. So the answer is
streamed a checked sentence at a time; ``/v1/query/stream`` has the tokens.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from rag.errors import NotFound, UsageError
from rag.serve.asking import Asked, answered, asked_in, told
from rag.serve.collections import DEFAULT
from rag.serve.keys import Caller
from rag.serve.line import Ticket
from rag.serve.problems import PROBLEMS
from rag.serve.replies import EVENTS
from rag.serve.schemas import QueryRequest
from rag.serve.service import Asker, Served, Service
from rag.serve.streaming import EventStream
from rag.serve.strict import StrictRoute
from rag.serve.work import unless_gone

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["openai"], route_class=StrictRoute)
MODEL = "lastro"
_EXTRA = ("id", "conversation_id", "standalone_question", "abstained", "reason", "extractive", "sentences", "citations",
          "closest", "triad", "index")  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["text"]
    text: str = Field(max_length=20_000)


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, Field(max_length=20_000)] | Annotated[list[_Part], Field(max_length=20)]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class _StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation whose last message is the question. Fields of the protocol that mean nothing here are ignored;
    system messages too, since only the documents say what is true."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(default=MODEL, max_length=200, description="`lastro`, or `lastro/COLLECTION`", examples=[MODEL])
    messages: list[_Message] = Field(
        min_length=1, max_length=100, examples=[[{"role": "user", "content": "Qual é o prazo de garantia?"}]]
    )
    stream: bool = False
    stream_options: _StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    max_tokens: int | None = Field(default=None, ge=1, le=4096)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=4096)
    presence_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    frequency_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    stop: str | tuple[str, ...] | None = None
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)

    def to_query(self) -> QueryRequest:
        """Raises UsageError when the last message is not the user's, NotFound for another model."""
        base, _, collection = self.model.partition("/")
        if base != MODEL:
            raise NotFound(f"no model {self.model[:80]!r}.", subject="model", hint="GET /v1/models lists them.")
        said = [message for message in self.messages if message.role in {"user", "assistant"}]
        if not said or said[-1].role != "user":
            raise UsageError("the last message is not the user's.", subject="messages", hint="End with the question.")
        stop = (self.stop,) if isinstance(self.stop, str) else self.stop
        asked = {
            "question": said[-1].text,
            "collection": collection or DEFAULT,
            "messages": [{"role": m.role, "content": m.text} for m in said[:-1][-50:]],
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
            "stop": stop,
            "seed": self.seed,
        }
        try:
            return QueryRequest.model_validate(asked)
        except ValidationError as error:  # what the protocol allows and a question does not
            raise RequestValidationError(error.errors()) from error


class _Choice(BaseModel):
    index: int
    message: dict[str, Any]
    finish_reason: str


class ChatReply(BaseModel):
    """OpenAI's object; `lastro` has the citations, the verdicts and why an answer was withheld."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[_Choice]
    usage: dict[str, int]
    lastro: dict[str, Any]


class _Model(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsReply(BaseModel):
    object: Literal["list"]
    data: list[_Model]


@router.get("/models", response_model=ModelsReply, responses=PROBLEMS())
async def models(service: Served, caller: Asker) -> dict[str, Any]:
    """A model a collection: `lastro` for the default one, `lastro/COLLECTION` for another."""
    names = [name for name in await run_in_threadpool(service.collections.names) if caller.may_use(name)]
    ids = [MODEL if name == DEFAULT else f"{MODEL}/{name}" for name in names]
    return {
        "object": "list",
        "data": [{"id": one, "object": "model", "created": service.started, "owned_by": MODEL} for one in ids],
    }


@router.post(
    "/chat/completions",
    response_model=ChatReply,
    responses={**PROBLEMS(504), 200: {"content": EVENTS}},
)
async def completions(request: Request, asked: ChatRequest, service: Served, caller: Asker) -> Any:
    """The answer to the last message, as OpenAI's clients expect it; with `stream`, a checked sentence at a time."""
    question = _asked_in(service, asked, caller)
    if asked.stream:
        ticket = service.answers.join()
        return EventStream(_chunks(service, asked, question, ticket), ticket, service.metrics)
    answer = await unless_gone(request, answered(service, question))
    return {
        "id": f"chatcmpl-{answer['id']}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": answer["answer"]}, "finish_reason": "stop"}
        ],
        "usage": await run_in_threadpool(_usage, service, asked, answer),
        "lastro": {name: answer[name] for name in _EXTRA},
    }


def _asked_in(service: Service, asked: ChatRequest, caller: Caller) -> Asked:
    return asked_in(service, asked.to_query(), caller)


async def _chunks(service: Service, asked: ChatRequest, question: Asked, ticket: Ticket) -> AsyncGenerator[bytes, None]:
    head: dict[str, Any] = {
        "id": f"chatcmpl-{question.conversation_id}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": asked.model,
    }

    def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> bytes:
        return _data({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})

    yield chunk({"role": "assistant", "content": ""})
    said = ""
    async with aclosing(told(service, question, ticket)) as steps:
        async for step in steps:
            if step.kind == "sentence":
                piece = step.data["text"] if not said else f" {step.data['text']}"
                said += piece
                yield chunk({"content": piece})
            elif step.kind == "answer":
                rest = step.data["answer"] if not said else ""
                if rest:
                    yield chunk({"content": rest})
                yield chunk({}, "stop", lastro={name: step.data[name] for name in _EXTRA})
                if asked.stream_options is not None and asked.stream_options.include_usage:
                    usage = await run_in_threadpool(_usage, service, asked, step.data)
                    yield _data({**head, "choices": [], "usage": usage})
            elif step.kind == "ping":
                yield b": ping\n\n"
    yield b"data: [DONE]\n\n"


def _data(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _usage(service: Service, asked: ChatRequest, answer: dict[str, Any]) -> dict[str, int]:
    """Tokens of what was sent and of what was answered, by the decoder's own tokenizer."""
    count = service.models.parts.count_tokens
    sent, said = sum(count(message.text) for message in asked.messages), count(answer["answer"])
    return {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}
