"""A user's own pairs, from JSON Lines: ``{"passage", "claim", "label"}`` or ``{"passage", "question", "relevant"}``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from rag.errors import InputError
from rag.text import detect_language
from rag.train.pairs import ENTAILMENT_LABELS, Pair, part_of

__all__ = ["held_out", "read_own"]

Task = Literal["entailment", "reranker"]

_HINT = {
    "entailment": '{"passage": "…", "claim": "…", "label": "supported" | "contradicted" | "not_found"}',
    "reranker": '{"passage": "…", "question": "…", "relevant": true | false}',
}


def read_own(path: Path, task: Task) -> list[Pair]:
    """The file's pairs. Raises InputError naming the file, the line and what it should be."""
    try:
        # Cut as bytes: str.splitlines also cuts at U+2028, which JSON allows in a text.
        lines = [line.decode("utf-8") for line in path.read_bytes().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", subject=str(path)) from error
    pairs = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        pair = _pair(line, task, path.name)
        if pair is None:
            raise InputError(
                f"{path.name}, line {number} is not a pair for {task}.",
                subject=f"{path}:{number}",
                hint=f"A line is {_HINT[task]}",
            )
        pairs.append(pair)
    if not pairs:
        raise InputError(f"{path} holds no pairs.", subject=str(path), hint=f"A line is {_HINT[task]}")
    return pairs


def _pair(line: str, task: Task, origin: str) -> Pair | None:
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(row, dict):
        return None
    passage, second = row.get("passage"), row.get("claim" if task == "entailment" else "question")
    if not (isinstance(passage, str) and isinstance(second, str) and passage.strip() and second.strip()):
        return None
    language = detect_language(passage)
    if task == "entailment":
        label = row.get("label")
        if label not in ENTAILMENT_LABELS:
            return None
        return Pair("entailment", passage, second, ENTAILMENT_LABELS.index(label), origin, language)
    relevant = row.get("relevant")
    return Pair("relevance", passage, second, int(relevant), origin, language) if isinstance(relevant, bool) else None


def held_out(pairs: Sequence[Pair], share: int = 10) -> tuple[list[Pair], list[Pair]]:
    """``(train, dev)``: about one passage in ``share`` goes to dev, with all its pairs."""
    dev = [pair for pair in pairs if part_of(pair, share) == 0]
    return [pair for pair in pairs if part_of(pair, share) != 0], dev
