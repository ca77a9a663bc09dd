"""Answers in the question's language: a small decoder forgets, and is asked again."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.prompt import Message
from rag.text import detect_language
from rag.types import Language

__all__ = ["in_other_language", "insisting"]


def in_other_language(text: str, language: Language) -> bool:
    """Whether ``text``, without its markers, is not in ``language``; short ones (names, numbers) belong to both."""
    return len(text.split()) >= 5 and detect_language(text, language) != language


def insisting(messages: Sequence[Message], text: str, language: Language) -> list[Message]:
    """The messages that had ``text`` for an answer, and that it be said again in ``language``."""
    wanted = "Diga o mesmo em português." if language == "pt" else "Say the same in English."
    again: list[Message] = [{"role": "assistant", "content": text}, {"role": "user", "content": wanted}]
    return [*messages, *again]
