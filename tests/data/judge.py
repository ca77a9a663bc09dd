"""Whether an answer is right, by the accepted forms of a golden question, as an evaluation judges it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.evaluate import answers
from rag.evaluate.answers import comparable as tokens
from rag.evaluate.answers import says

__all__ = ["correct", "says", "tokens"]


def correct(record: Mapping[str, Any], answer: str) -> bool:
    """Whether ``answer`` answers an answerable record: one accepted form, or one of each group of ``all_of``."""
    return answers.correct(answer, record.get("all_of") or [record["answers"]])
