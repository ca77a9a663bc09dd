"""Questions that were made, shown on a terminal to be kept, left out or reworded, and written as they are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import click

from rag.errors import FolderError
from rag.evaluate.dataset import Question, question_json

__all__ = ["review_question", "write_made"]

Review = Callable[[Question], Question | None]


def review_question(question: Question) -> Question | None:
    """What a person makes of it: itself, itself in other words, or None to leave it out."""
    click.echo(click.style(question.question, bold=True))
    if question.unanswerable:
        click.echo("  nothing should answer it")
    for target in question.evidence:
        click.echo(f"  {' or '.join(question.forms)} · {target.source}")
        click.echo(click.style(f"  “{' '.join((target.text or '').split())}”", dim=True))
    chosen = click.prompt("keep, leave out or reword", type=click.Choice(["k", "l", "r"]), default="k")
    if chosen == "l":
        return None
    return question if chosen == "k" else replace(question, question=click.prompt("question"))


def write_made(
    path: Path, made: Iterable[Question | str], review: Review | None, say: Callable[[str], None]
) -> tuple[int, Counter[str]]:
    """Write each question as it comes; how many were kept, and why the others were not.

    Raises FolderError when ``path`` cannot be written, or exists: a test set looked through by hand is not overwritten.
    """
    kept, refused = 0, Counter[str]()
    try:
        with path.open("x", encoding="utf-8") as lines:
            for found in made:
                if isinstance(found, str):
                    refused[found] += 1
                    continue
                question = review(found) if review is not None else found
                if question is None:
                    refused["left out by hand"] += 1
                    continue
                lines.write(json.dumps(question_json(question), ensure_ascii=False) + "\n")
                lines.flush()
                kept += 1
                if review is None:
                    say(f"{kept}: {question.question}")
    except FileExistsError as error:
        raise FolderError(f"--to: {path} exists.", subject="--to", hint="Name another file, or remove it.") from error
    except OSError as error:
        raise FolderError(
            f"--to: {path} cannot be written ({error.strerror}).", subject="--to", hint="Name another file."
        ) from error
    return kept, refused
