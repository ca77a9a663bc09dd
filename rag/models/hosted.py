"""Generation by any server with ``POST {base_url}/chat/completions`` (vLLM, llama.cpp, …), streamed over httpx.

httpx, because it streams, times out per read, and pools nothing we would have to close.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from rag.errors import GeneratorFailed
from rag.models.generator import Decoding, Message, estimated_tokens

__all__ = ["OpenAICompatible", "chat_request", "contents"]


def chat_request(messages: Sequence[Message], decoding: Decoding) -> dict[str, Any]:
    """The chat completion request of OpenAI's API.

    Fields that API does not know are sent only where they ask for something, since strict servers refuse them: the
    repetition penalty goes by two names, vLLM's and llama.cpp's.
    """
    request: dict[str, Any] = {
        "messages": [dict(message) for message in messages],
        "stream": True,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "max_tokens": decoding.max_tokens,
        "presence_penalty": decoding.presence_penalty,
        "frequency_penalty": decoding.frequency_penalty,
        "stop": list(decoding.stop),
        "seed": decoding.seed,
    }
    if decoding.top_k:
        request["top_k"] = decoding.top_k
    if decoding.repetition_penalty != 1.0:
        request["repetition_penalty"] = request["repeat_penalty"] = decoding.repetition_penalty
    return request


def contents(chunks: Iterable[Any]) -> Iterator[str]:
    """The text of streamed chat completion chunks. Raises GeneratorFailed with the server's own message."""
    for chunk in chunks:
        if "error" in chunk:
            raise GeneratorFailed(
                f"the decoder refused the prompt: {reason(chunk)}",
                subject="generator",
                hint="If the prompt is too long, lower answer.prompt_tokens.",
            )
        for choice in chunk.get("choices", ()):
            piece = choice.get("delta", {}).get("content")
            if piece:
                yield piece


def reason(answer: Any) -> str:
    """The message inside ``{"error": {"message": …}}`` or ``{"error": …}``, or the whole of anything else."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    return str(error.get("message", error) if isinstance(error, dict) else error)[:300]


class OpenAICompatible:
    """A server at ``base_url`` (which ends in ``/v1``); ``model`` is the name it knows the model by."""

    def __init__(self, base_url: str, model: str, api_key: str | None, timeout_s: float) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._key = api_key
        self._timeout = timeout_s
        self.identity = f"{model or 'default'} at {base_url}"

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Generator[str, None, None]:
        """The answer in pieces; closing the iterator closes the connection. Raises GeneratorFailed."""
        import httpx

        body = chat_request(messages, decoding) | {"model": self._model or "default"}
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            with httpx.stream("POST", self._url, json=body, headers=headers, timeout=self._timeout) as response:
                if response.status_code != 200:
                    raise self._refusal(response.status_code, response.read())
                yield from contents(_events(_lines(response.iter_bytes())))
        except httpx.TimeoutException as error:
            raise self._failure(
                f"did not answer within {self._timeout:g} s", "Raise models.timeout_s, or use a faster server."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failure(f"cannot be reached: {error}", "Is the server running, and the URL right?") from error
        except json.JSONDecodeError as error:
            raise self._failure(
                f"sent what is no chat completion: {error.doc[:80]!r}", "Is it the base URL of a chat server?"
            ) from error
        except _Truncated as error:
            raise self._failure(
                "sent a stream that ended before its end mark", "See the server's log; is the base URL right?"
            ) from error

    def count_tokens(self, text: str) -> int:
        """About how many tokens ``text`` is: the server's tokenizer is not known."""
        return estimated_tokens(text)

    def _refusal(self, status: int, body: bytes) -> GeneratorFailed:
        text = body.decode("utf-8", "replace")
        try:
            said = reason(json.loads(text))
        except json.JSONDecodeError:
            said = text[:300]
        return self._failure(f"answered {status}: {said}", "Check models.generator, its model name and its key.")

    def _failure(self, what: str, hint: str) -> GeneratorFailed:
        return GeneratorFailed(f"{self._url} {what}.", subject=self._url, hint=hint)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """The lines of a stream, cut at line feeds alone: httpx's also cut at U+2028, which may stand in a JSON text."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
    yield rest.decode("utf-8", "replace")


def _events(lines: Iterable[str]) -> Iterator[Any]:
    """The JSON of server-sent ``data:`` lines, until ``[DONE]``. Raises _Truncated without it, JSONDecodeError."""
    for line in lines:
        if line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            yield json.loads(data)
    # A proxy that gives up, or a page that is no stream, ends without a word: half an answer must not pass for whole.
    raise _Truncated


class _Truncated(Exception):
    """The stream ended before ``[DONE]``."""
