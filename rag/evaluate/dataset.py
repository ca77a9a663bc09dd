"""Questions to evaluate with: JSON Lines of ``{id, question, answers?, evidence?, unanswerable?}``, read strictly.

Nothing but ``id`` and ``question`` is needed; each label that is there opens the metrics that rest on it. Fields that
are not known are left alone (a data set may carry its own), but one that looks like a misspelt label is refused: an
evaluation must not go on without labels that its author believes it has.
"""

from __future__ import annotations

import codecs
import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError, UsageError
from rag.evaluate.answers import comparable
from rag.text import detect_language
from rag.types import Language

__all__ = ["Dataset", "Question", "Target", "numbered_rows", "parse_question", "question_json", "read_dataset"]

_FIELDS = ("id", "question", "language", "answers", "all_of", "evidence", "also", "unanswerable", "kind", "about")
_PLACE_FIELDS = ("source", "page", "text")
_LANGUAGES: tuple[Language, ...] = ("pt", "en")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer stands: the file's ``source`` path in the index, its ``page`` (from 1) and the ``text`` there.

    Without ``text`` the whole page counts, without ``page`` too the whole document.
    """

    source: str
    page: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer.

    ``groups`` are accepted forms: the answer must say one of each group. ``evidence`` are the places the answer needs,
    ``also`` other places that serve as well as the only one. ``unanswerable`` is None where nobody said.
    """

    id: str
    question: str
    language: Language
    groups: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Target, ...] = ()
    also: tuple[Target, ...] = ()
    unanswerable: bool | None = None
    kind: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """The accepted short forms where any one will do; empty for lists, which no one form answers."""
        return self.groups[0] if len(self.groups) == 1 else ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """The questions of one file, in its order; ``digest`` is the SHA-256 of its bytes, ``name`` the file's."""

    name: str
    digest: str
    questions: tuple[Question, ...]


def read_dataset(path: Path) -> Dataset:
    """Raises InputError when the file cannot be read, UsageError naming the line and field that is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the data set {path} cannot be read ({error.strerror}).", subject=str(path), hint="Name a JSON Lines file."
        ) from error
    found: dict[str, Question] = {}
    for where, row in numbered_rows(raw, path):
        question = parse_question(row, where)
        if question.id in found:
            raise _wrong(where, "id", f"{question.id!r} is there twice")
        found[question.id] = question
    if not found:
        raise InputError(
            f"{path} holds no question.", subject=str(path), hint='A line is {"id": "1", "question": "…"}.'
        )
    return Dataset(path.name, hashlib.sha256(raw).hexdigest(), tuple(found.values()))


def numbered_rows(raw: bytes, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSON Lines file's bytes, each with where it stands: ``set.jsonl, line 3``. Blank lines are
    passed over. Raises InputError for what is not UTF-8, UsageError for what is no JSON object.

    Lines are cut as bytes: ``str.splitlines`` also cuts at U+0085, U+2028 and U+2029, which JSON allows in a text.
    """
    for number, line in enumerate(raw.removeprefix(codecs.BOM_UTF8).splitlines(), 1):
        where = f"{path.name}, line {number}"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{where} is not UTF-8.", subject=str(path), hint="Save the file as UTF-8.") from error
        if text.strip():
            yield where, _object(text, where)


def parse_question(row: Mapping[str, Any], where: str) -> Question:
    """One line's object as a ``Question``. Raises UsageError naming ``where`` and the field."""
    _refuse_misspelt(row, where)
    _refuse_half_characters(row, where)
    if not isinstance(row.get("id"), str | int) or row["id"] == "":
        raise _wrong(where, "id", "a text is needed")
    asked = row.get("question")
    if not isinstance(asked, str) or not any(character.isalnum() for character in asked):
        raise _wrong(where, "question", "a text is needed")
    language = row.get("language") or detect_language(asked)
    if language not in _LANGUAGES:
        raise _wrong(where, "language", f"{language!r} is neither 'pt' nor 'en'")
    unanswerable = row.get("unanswerable")
    if unanswerable is not None and not isinstance(unanswerable, bool):
        raise _wrong(where, "unanswerable", "true or false is needed")
    groups = _groups(row, where)
    evidence, also = (_targets(row, name, where) for name in ("evidence", "also"))
    if also and len(evidence) != 1:
        raise _wrong(where, "also", "it needs exactly one place in 'evidence' to stand in for")
    labelled = bool(groups or evidence)
    if unanswerable and labelled:
        raise _wrong(where, "unanswerable", "true goes without 'answers', 'all_of' and 'evidence'")
    if unanswerable is None and labelled:
        unanswerable = False
    kind = row.get("kind")
    return Question(
        str(row["id"]), asked, language, groups, evidence, also, unanswerable, None if kind is None else str(kind)
    )


def question_json(question: Question) -> dict[str, Any]:
    """The line that ``parse_question`` reads back, without empty fields."""
    row: dict[str, Any] = {"id": question.id, "question": question.question, "language": question.language}
    if len(question.groups) == 1:
        row["answers"] = list(question.groups[0])
    elif question.groups:
        row["all_of"] = [list(group) for group in question.groups]
    for name in ("evidence", "also"):
        targets: Sequence[Target] = getattr(question, name)
        if targets:
            row[name] = [
                {"source": t.source}
                | ({"page": t.page} if t.page is not None else {})
                | ({"text": t.text} if t.text is not None else {})
                for t in targets
            ]
    if question.unanswerable is not None:
        row["unanswerable"] = question.unanswerable
    if question.kind is not None:
        row["kind"] = question.kind
    return row


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else error
        raise UsageError(f"{where} is not JSON ({why}).", subject=where, hint="One JSON object a line.") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where} is not a JSON object.", subject=where, hint='{"id": "1", "question": "…"}')
    return row


def _refuse_misspelt(row: Mapping[str, Any], where: str, fields: Sequence[str] = _FIELDS, within: str = "") -> None:
    absent = [name for name in fields if name not in row]
    for name in row:
        if name not in fields and (meant := difflib.get_close_matches(name.casefold(), absent, 1, 0.8)):
            shown = name.encode("utf-8", "backslashreplace").decode()
            raise _wrong(where, within + shown, f"no such field; {meant[0]!r} is")


def _refuse_half_characters(row: Mapping[str, Any], where: str) -> None:
    """JSON may escape half a surrogate pair, which can be neither printed nor encoded later."""
    for name in _FIELDS:
        rest = [row.get(name)]
        while rest:
            value = rest.pop()
            if isinstance(value, dict | list):
                rest += value.values() if isinstance(value, dict) else value
            elif isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
                raise _wrong(where, name, "it is not valid Unicode, but has half a surrogate pair")


def _groups(row: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], ...]:
    answers, all_of = row.get("answers") or [], row.get("all_of") or []
    if answers and all_of:
        raise _wrong(where, "all_of", "it stands instead of 'answers', not beside it")
    for name, groups in (("answers", [answers]), ("all_of", all_of)):
        if not isinstance(groups, list) or not all(
            isinstance(forms, list) and all(isinstance(form, str) and form.strip() for form in forms)
            for forms in groups
        ):
            shape = "a list of texts" if name == "answers" else "a list of lists of texts"
            raise _wrong(where, name, f"{shape} is needed")
    if any(not forms for forms in all_of):
        raise _wrong(where, "all_of", "every group needs an accepted form")
    found = tuple(tuple(forms) for forms in ([answers] if answers else all_of))
    for form in (form for forms in found for form in forms):
        if not comparable(form):
            raise _wrong(where, "answers" if answers else "all_of", f"{form!r} has no letter or digit to compare")
    return found


def _targets(row: Mapping[str, Any], name: str, where: str) -> tuple[Target, ...]:
    listed = row.get(name) or []
    if not isinstance(listed, list):
        raise _wrong(where, name, "a list of {source, page?, text?} is needed")
    found = []
    for item in listed:
        if isinstance(item, dict):
            _refuse_misspelt(item, where, _PLACE_FIELDS, f"{name}.")
        if not isinstance(item, dict) or not isinstance(item.get("source"), str):
            raise _wrong(where, name, "each place needs 'source', a file's path in the index")
        page, text = item.get("page"), item.get("text")
        if page is not None and (isinstance(page, bool) or not isinstance(page, int) or page < 1):
            raise _wrong(where, f"{name}.page", "a number from 1 is needed")
        if text is not None and not (isinstance(text, str) and text.strip()):
            raise _wrong(where, f"{name}.text", "a text is needed, or none")
        found.append(Target(item["source"], page, text))
    return tuple(found)


def _wrong(where: str, name: str, why: str) -> UsageError:
    return UsageError(
        f"{where}: {name}: {why}.", subject=name, hint="Correct the line; docs/evaluation.md has the format."
    )
