"""``lastro ask``, ``search`` and ``verify``, one question at a time or ``--batch``."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.errors import UsageError
from rag.terminal import print_json, say

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.types import Answer, Sentence

__all__ = ["ask", "search", "show_answer", "verify"]

_INDEX = click.option(
    "--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
_BATCH = click.option("--batch", type=click.File(encoding="utf-8"), help="JSON Lines in; one JSON line out a line.")
_ALPHA = click.option("--alpha", type=float, help="1 = dense only, 0 = sparse only.  [default: 0.5]")
_K = click.option("-k", type=int, help="Passages to find.  [default: 8]")
_MARKS = {
    "supported": ("✓", "green", "supported"),
    "contradicted": ("✗", "red", "contradicted"),
    "not_found": ("?", "yellow", "not found"),
    "not_a_claim": ("·", "white", ""),
}


def _settings(search: dict[str, Any], answer: dict[str, Any] | None = None) -> Settings:
    from rag.config import load_settings

    sections = {"search": search, "answer": answer or {}}
    given = {name: {k: v for k, v in part.items() if v is not None} for name, part in sections.items()}
    return load_settings(**{name: part for name, part in given.items() if part})


@click.command()
@click.argument("question", required=False)
@_INDEX
@_JSON
@_BATCH
@_ALPHA
@_K
@click.option("--temperature", type=float, help="0 is greedy.  [default: 0]")
@click.option("--top-p", type=float, help="Nucleus sampling.  [default: 1]")
@click.option("--top-k", type=int, help="0 is no limit.  [default: 0]")
@click.option("--max-tokens", type=int, help="Of the answer.  [default: 160]")
@click.option("--repetition-penalty", type=float)
@click.option("--presence-penalty", type=float)
@click.option("--frequency-penalty", type=float)
@click.option("--stop", multiple=True, help="A stop sequence; may be given several times.")
@click.option("--seed", type=int, help="[default: 0]")
def ask(
    question: str | None,
    index_dir: Path,
    as_json: bool,
    batch: Any,
    alpha: float | None,
    k: int | None,
    **decoding: Any,
) -> None:
    """Answer QUESTION from the index; every sentence with its verdict and the passage that backs it.

    \b
    lastro ask "What is the warranty period?" --index docs.lastro
    """
    from rag.calibration import RECALIBRATE
    from rag.facade import Lastro
    from rag.serialise import answer_json

    decoding["stop"] = tuple(decoding["stop"]) or None
    app = Lastro.open(index_dir, _settings({"alpha": alpha, "k": k}, decoding))
    if caveat := app.caveat:
        say(caveat, RECALIBRATE)
    if batch is not None:
        for row in _rows(batch, ("id", "question")):
            print_json({"id": row["id"], **answer_json(app.ask(row["question"]))})
    elif as_json:
        print_json(answer_json(app.ask(_given(question, "question"))))
    else:
        _show(app, _given(question, "question"))


def _show(app: Any, question: str) -> None:
    on_terminal = sys.stdout.isatty()
    streamed = False
    for event in app.stream(question):
        if event.kind == "token" and on_terminal:
            click.echo(click.style(event.data, dim=True), nl=False)
            streamed = True
        elif event.kind == "retry" and streamed:
            click.echo("\n")
        elif event.kind == "answer":
            if streamed:
                click.echo("\n")
            show_answer(event.data)


def show_answer(answer: Answer) -> None:
    """Print an answer: each sentence with its verdict and the quoted backing, or why it was withheld."""
    if answer.abstained:
        click.echo(click.style(answer.answer, bold=True) + (f" ({answer.reason}.)" if answer.reason else ""))
        for citation in answer.closest[:3]:
            click.echo(
                click.style(f"  closest: {citation.source}{_page(citation.page, citation.page_label)}", dim=True)
            )
            click.echo(textwrap.indent(textwrap.fill(" ".join(citation.text.split()), 92), "    "))
        return
    if answer.extractive:
        click.echo(click.style("in the documents' own words:", dim=True))
    for sentence in answer.sentences:
        _show_sentence(answer, sentence)
    seconds = answer.timings_ms["total"] / 1000
    click.echo(click.style(f"{seconds:.1f} s, {answer.models['generator']}", dim=True))


def _show_sentence(answer: Answer, sentence: Sentence) -> None:
    mark, colour, name = _MARKS[sentence.verdict.label]
    click.echo(click.style(mark, fg=colour, bold=True) + " " + click.style(sentence.text, bold=True))
    evidence = sentence.verdict.evidence
    if evidence is not None:
        verdict = click.style(f"{name} {sentence.verdict.score:.2f}", fg=colour)
        for backing in (evidence, *sentence.verdict.also):
            citation = next(c for c in answer.citations if c.n == backing.citation)
            click.echo(f"    {verdict} · [{citation.n}] {citation.source}{_page(backing.page, backing.page_label)}")
            click.echo(textwrap.indent(textwrap.fill(f"“{' '.join(backing.text.split())}”", 92), "    "))
            verdict = "together with"
    elif name:
        note = f": {sentence.verdict.reason}" if sentence.verdict.reason else ""
        click.echo(f"    {click.style(name, fg=colour)}{note}")


def _page(page: int | None, label: str = "") -> str:
    """``, p. iv (4)`` where the page bears another number than it has in the file."""
    shown = f"{label} ({page})" if label else page
    return f", p. {shown}" if page else ""


@click.command()
@click.argument("question", required=False)
@_INDEX
@_JSON
@_BATCH
@_ALPHA
@_K
@click.option("--no-rerank", is_flag=True, help="Skip the cross-encoder, where one is set.")
def search(
    question: str | None,
    index_dir: Path,
    as_json: bool,
    batch: Any,
    alpha: float | None,
    k: int | None,
    no_rerank: bool,
) -> None:
    """Show the best passages for QUESTION with their scores.

    \b
    lastro search "prazo de garantia" --index docs.lastro -k 5
    """
    from rag.facade import Lastro
    from rag.serialise import hit_json

    app = Lastro.open(index_dir, _settings({"alpha": alpha, "k": k, "rerank": False if no_rerank else None}))
    if batch is not None:
        for row in _rows(batch, ("id", "question")):
            print_json({"id": row["id"], "hits": [hit_json(hit) for hit in app.search(row["question"])]})
        return
    hits = app.search(_given(question, "question"))
    if as_json:
        print_json({"question": question, "hits": [hit_json(hit) for hit in hits]})
        return
    for hit in hits:
        path = " › ".join(hit.headings)
        click.echo(click.style(f"{hit.rank}. {hit.source}{_page(hit.page)}", bold=True) + (f"  {path}" if path else ""))
        click.echo(click.style(f"   fused {hit.fused:.3f}  dense {hit.dense:.3f}  sparse {hit.sparse:.2f}", dim=True))
        click.echo(textwrap.indent(textwrap.shorten(" ".join(hit.text.split()), 280), "   "))
        if hit.duplicates:
            also = ", ".join(dict.fromkeys(f"{place.source}{_page(place.page)}" for place in hit.duplicates))
            click.echo(click.style(textwrap.indent(textwrap.shorten(f"also in {also}", 280), "   "), dim=True))


@click.command()
@_BATCH
@click.option("--claim", help="One claim, with --context.")
@click.option("--context", help="The text it is checked against.")
@click.option("--question", default="", help="The question the claim answers.")
def verify(batch: Any, claim: str | None, context: str | None, question: str) -> None:
    """Check claims against given contexts: supported, contradicted or not found, with the evidence.

    \b
    lastro verify --claim "São 24 meses." --context "A garantia é de 24 meses."
    lastro verify --batch claims.jsonl      lines of {"id", "claim", "context", "question"?}
    """
    from rag.facade import Verifier
    from rag.serialise import verdict_json

    verifier = Verifier()
    if batch is not None:
        for row in _rows(batch, ("id", "claim", "context")):
            verdict = verifier.verify(row["claim"], row["context"], row.get("question") or "")
            print_json({"id": row["id"], **verdict_json(verdict)})
        return
    verdict = verifier.verify(_given(claim, "--claim"), _given(context, "--context"), question)
    print_json(verdict_json(verdict))


def _given(value: str | None, name: str) -> str:
    if value is None:
        raise UsageError(f"{name} is missing.", subject=name, hint="Give it, or --batch FILE. See --help.")
    return value


def _rows(lines: Any, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file. Raises UsageError naming the line and the field that is wrong."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"line {number} of the batch is not JSON ({error}).", subject=f"line {number}") from error
        for name in fields:
            if not isinstance(row, dict) or name not in row or (name != "id" and not isinstance(row[name], str)):
                raise UsageError(f"line {number} of the batch lacks the text field {name!r}.", subject=name)
        yield row
