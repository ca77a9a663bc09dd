"""The questions that were made, and beside them what came of every passage, so that making goes on where it stopped.

``questions.jsonl`` has ``questions.tried.jsonl`` beside it: one line a passage, with the question as the decoder wrote
it and why it was left out. A question is appended to the first before the second tells of it; cut off between the two,
its passage is tried once more and found to be asked twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from rag.errors import FolderError, InputError
from rag.evaluate.dataset import question_json, read_dataset
from rag.evaluate.make import Earlier, Tried

__all__ = ["earlier_in", "log_of", "write_tried"]


def log_of(path: Path) -> Path:
    """Where it stands what was tried for the questions in ``path``."""
    return path.with_suffix(".tried.jsonl")


def earlier_in(path: Path) -> Earlier:
    """What ``path`` and its log hold; nothing where there is no ``path``, and the log is forgotten then.

    Raises FolderError when ``path`` is there without a log: a test set that was not made is not added to.
    Raises InputError when the log is damaged, and what ``read_dataset`` raises.
    """
    log = log_of(path)
    if not path.exists():
        log.unlink(missing_ok=True)
        return Earlier()
    if not log.exists():
        raise FolderError(f"--to: {path} exists.", subject="--to", hint="Name another file, or remove it.")
    questions = read_dataset(path).questions if _whole(path) else ()
    ids, keys = {question.id for question in questions}, set()
    for number, line in enumerate(_whole(log), 1):
        try:
            row = json.loads(line)
            keys.add(row["key"])
            ids |= {row["id"]} - {None}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{log}, line {number} tells of no passage.", subject=str(log), hint="Name another file for --to."
            ) from error
    return Earlier(questions, frozenset(ids), frozenset(keys))


def write_tried(path: Path, tried: Iterable[Tried], say: Callable[[str], None]) -> tuple[int, Counter[str]]:
    """Append each question as it comes, and tell of it; how many came, and why the others were left out.

    Raises FolderError when ``path`` cannot be written.
    """
    made, refused = 0, Counter[str]()
    try:
        with path.open("a", encoding="utf-8") as questions, log_of(path).open("a", encoding="utf-8") as log:
            for one in tried:
                if one.question is not None:
                    questions.write(json.dumps(question_json(one.question), ensure_ascii=False) + "\n")
                    questions.flush()
                    made += 1
                    say(f"{one.question.id}: {one.question.question}")
                else:
                    refused[str(one.reason)] += 1
                log.write(json.dumps(_row(one), ensure_ascii=False) + "\n")
                log.flush()
    except OSError as error:
        raise FolderError(
            f"--to: {path} cannot be written ({error.strerror}).", subject="--to", hint="Name another file."
        ) from error
    return made, refused


def _row(one: Tried) -> dict[str, str | int | None]:
    chunk = one.draft.chunk
    return {
        "key": one.key,
        "id": one.question.id if one.question is not None else None,
        "reason": one.reason,
        "question": one.draft.question,
        "answer": one.draft.answer,
        "source": chunk.source,
        "start": chunk.start,
        "end": chunk.end,
    }


def _whole(path: Path) -> list[bytes]:
    """The lines of ``path``; a last one that a kill cut short is dropped from the file, one that an editor left without
    its end is ended."""
    raw = path.read_bytes()
    head, last = raw[: raw.rfind(b"\n") + 1], raw[raw.rfind(b"\n") + 1 :]
    if last:
        head += last + b"\n" if _is_json(last) else b""
        path.write_bytes(head)
    return head.splitlines()


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
