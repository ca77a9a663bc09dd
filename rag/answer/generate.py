"""Messages → streamed answer; stops and limits, and the sentinel caught before anyone sees half of it."""

from __future__ import annotations

from collections.abc import Generator as PyGenerator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer.prompt import SENTINEL, Message
from rag.config import AnswerSettings

__all__ = ["Decoding", "Generator", "declined", "decoding_of", "visible"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the decoder samples. ``temperature`` 0 is greedy; ``top_k`` 0 is no limit; ``max_tokens`` of the answer."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    max_tokens: int = 160
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int = 0


def decoding_of(settings: AnswerSettings) -> Decoding:
    names = Decoding.__dataclass_fields__
    return Decoding(**{name: getattr(settings, name) for name in names})


class Generator(Protocol):
    def stream(self, messages: Sequence[Message], decoding: Decoding) -> PyGenerator[str, None, None]:
        """The answer's text in pieces. Closing the iterator stops the decoder. Raises GeneratorFailed."""
        ...


def declined(text: str) -> bool:
    """Whether the decoder said that the passages do not hold the answer."""
    return SENTINEL in text or not text.strip()


def visible(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces to show, in order. What may still turn into the sentinel is held back; from the sentinel on, nothing
    is shown."""
    held = ""
    for piece in pieces:
        held += piece
        if SENTINEL in held:
            break
        keep = next((n for n in range(min(len(SENTINEL), len(held)), 0, -1) if held.endswith(SENTINEL[:n])), 0)
        if len(held) > keep:
            yield held[: len(held) - keep]
            held = held[len(held) - keep :]
    else:
        if held:
            yield held
