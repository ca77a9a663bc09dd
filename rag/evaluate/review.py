"""Questions shown one by one, to be kept, dropped, reworded or given another answer: by keys, or a pipe of them.

Every decision is in the file before the next question is shown, as ``reviewed``: stopped, the same command goes on with
those that nobody has looked at. Fields that are not of a question stay as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from rag.durable import put
from rag.errors import FolderError, UsageError
from rag.evaluate.answers import says
from rag.evaluate.dataset import Question, numbered_rows, parse_question, read_dataset

__all__ = ["Review", "review"]

_KEYS = {"k": "keep", "d": "drop", "q": "reword the question", "a": "correct the answer", "b": "back", "s": "stop"}
_ENTER = {"\r", "\n"}


@dataclass(slots=True)
class Review:
    """The rows of one file and what was decided of them; a dropped row stays here, so that ``back`` finds it."""

    path: Path
    rows: list[dict[str, Any]]
    dropped: set[int] = field(default_factory=set)

    @classmethod
    def open(cls, path: Path) -> Review:
        """Raises what ``read_dataset`` raises."""
        read_dataset(path)
        return cls(path, [row for _, row in numbered_rows(path.read_bytes(), path)])

    def waiting(self) -> list[int]:
        """The places of those that nobody has looked at."""
        return [place for place, row in enumerate(self.rows) if not row.get("reviewed") and place not in self.dropped]

    def question(self, place: int) -> Question:
        return parse_question(self.rows[place], f"{self.path.name}, {self.rows[place]['id']}")

    def decide(self, place: int, *, keep: bool) -> None:
        """Write the file with this decision. Raises FolderError."""
        self.rows[place]["reviewed"] = True
        self.dropped = self.dropped - {place} if keep else self.dropped | {place}
        self._write()

    def reopen(self, place: int) -> None:
        """Take the decision back. Raises FolderError."""
        self.rows[place].pop("reviewed", None)
        self.dropped.discard(place)
        self._write()

    def correct(self, place: int, name: str, value: object) -> None:
        """Give a field another value, and write the file.

        Raises UsageError, and changes nothing, where the row would be no question; FolderError.
        """
        parse_question(self.rows[place] | {name: value}, name)
        self.rows[place][name] = value
        self._write()

    def _write(self) -> None:
        kept = [row for place, row in enumerate(self.rows) if place not in self.dropped]
        part = self.path.with_name(self.path.name + ".part")
        try:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
            # Half a surrogate pair in a field that is not of a question goes back as the escape that it was.
            part.write_text(lines, encoding="utf-8", errors="backslashreplace")
            put(part, self.path)
        except OSError as error:
            raise FolderError(
                f"{self.path} cannot be written ({error.strerror}).", subject=str(self.path), hint="Free the file."
            ) from error


def review(path: Path) -> Review:
    """Show every question that waits, until all are decided, the person stops or a pipe of keys ends."""
    found = Review.open(path)
    order = found.waiting()
    at = 0
    click.echo("  ".join(f"{click.style(key, bold=True)} {name}" for key, name in _KEYS.items()) + "  (Enter keeps)")
    while at < len(order):
        _show(found.question(order[at]), f"{at + 1} of {len(order)}")
        chosen = _key()
        if chosen == "s":
            break
        if chosen == "b":
            at = max(0, at - 1)
            found.reopen(order[at])
        elif chosen in {"q", "a"}:
            try:
                _edit(found, order[at], chosen)
            except click.Abort:
                if _at_terminal():
                    raise
                break  # the pipe ended where a text was due
        else:
            found.decide(order[at], keep=chosen == "k")
            at += 1
    return found


def _show(question: Question, where: str) -> None:
    click.echo(f"\n{click.style(where, dim=True)}  {click.style(question.question, bold=True)}")
    if question.unanswerable:
        click.echo("  expected: that nothing answers it")
    for forms in question.groups:
        click.echo("  expected: " + click.style(" or ".join(forms), fg="green"))
    for target in (*question.evidence, *question.also):
        page = f", page {target.page}" if target.page is not None else ""
        said = " ".join((target.text or "").split())
        click.echo(f"  {target.source}{page}" + (f": “{said}”" if said else ""))
        if said and question.forms and not any(says(said, form) for form in question.forms):
            click.echo(click.style("  the evidence does not say the expected answer to the letter", fg="yellow"))


def _key() -> str:
    """One of ``_KEYS``, pressed; Ctrl-C goes out as click's own, the end of the input stops."""
    while True:
        click.echo("  k/d/q/a/b/s: ", nl=False)
        pressed = _pressed() or "s"
        chosen = "k" if pressed in _ENTER else pressed.lower()
        if chosen in _KEYS:
            click.echo(_KEYS[chosen])
            return chosen
        click.echo("press one of these.")


def _pressed() -> str:
    """The next key, or the next character of a pipe; empty at the end."""
    try:
        if _at_terminal():
            return click.getchar()
        return sys.stdin.read(1) if sys.stdin else ""  # getchar would pass over the pipe and ask the terminal
    except EOFError:
        return ""
    except UnicodeDecodeError as error:
        raise UsageError("the keys are not text.", subject="stdin", hint="Pipe in UTF-8, such as kdk.") from error


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _edit(found: Review, place: int, chosen: str) -> None:
    question = found.question(place)
    if chosen == "q":
        with _prefilled(question.question):
            value: object = click.prompt("  question")
        name = "question"
    elif question.unanswerable or len(question.groups) > 1:
        click.echo("  it has no single answer; correct it in the file.")
        return
    else:
        with _prefilled(" | ".join(question.forms)):
            typed = click.prompt("  accepted answers, | between them")
        name, value = "answers", [form.strip() for form in typed.split("|") if form.strip()]
    try:
        found.correct(place, name, value)
    except UsageError as error:
        click.echo(f"  {error.message}")


@contextmanager
def _prefilled(text: str) -> Iterator[None]:
    """The next line asked for begins as ``text``, to be changed rather than typed again, where a terminal can."""
    try:
        import readline
    except ImportError:  # Windows: the line begins empty
        click.echo(f"  now: {text}")
        yield
        return
    readline.set_startup_hook(lambda: readline.insert_text(text))
    try:
        yield
    finally:
        readline.set_startup_hook(None)
