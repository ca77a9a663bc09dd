"""``lastro eval``: a data set through the product, and the files that tell how it went."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.evaluate.make_cli import make, review
from rag.terminal import print_json, say

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.evaluate.evaluation import Evaluation
    from rag.evaluate.run import Progress

__all__ = ["evaluate", "live_progress"]

_FINE = {"right", "found", "declined", "unlabelled"}
_MISSED = 3
"""Exit code of a run that finished and did not meet a requirement, as an ingest's that finished and refused files."""


class _DataSetFirst(click.Group):
    """``eval DATASET …`` evaluates; ``make`` and ``review`` are words that are no data set."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return super().resolve_command(ctx, ["run", *args])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options may stand before the data set; only ``--help`` is the group's own."""
        if args and args[0] not in self.commands and args not in (["--help"], ["-h"]):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "DATASET --index DIR --out DIR [OPTIONS]")
        formatter.write_usage(ctx.command_path, "make --index DIR -n 100 [OPTIONS]")
        formatter.write_usage(ctx.command_path, "review QUESTIONS")


@click.group(cls=_DataSetFirst, context_settings={"help_option_names": ["-h", "--help"]})
def evaluate() -> None:
    """How often is the right passage found, the answer right, something said that the documents do not say?

    \b
    lastro eval questions.jsonl --index docs.lastro --out today
    lastro eval questions.jsonl --index docs.lastro --out today --against yesterday
    lastro eval run --help     the options
    lastro eval make --help    questions from your own folder
    lastro eval review --help  look through them
    """


evaluate.add_command(make)
evaluate.add_command(review)


@evaluate.command("run")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where results and report go.")
@click.option("--against", type=click.Path(path_type=Path), help="The --out folder of an earlier run.")
@click.option("--only", type=click.Choice(["retrieval"]), help="Search alone; the decoder is not loaded.")
@click.option("--extractive", is_flag=True, help="Answers in the documents' own words, without the decoder.")
@click.option("--require", "requirements", multiple=True, metavar="NAME>=X", help="A threshold; exit 3 if missed.")
@click.option("--grader", help="Another model to grade with: a hub id, a directory, a chat server's URL.")
@click.option("--alpha", type=float, help="1 = dense only, 0 = sparse only.  [default: 0.5]")
@click.option("-k", type=int, help="Passages to find.  [default: 8]")
@click.option("--no-rerank", is_flag=True, help="Skip the cross-encoder.")
@click.option("--fresh", is_flag=True, help="Forget the results in --out and ask everything again.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
def run(
    dataset: Path,
    index_dir: Path,
    out: Path,
    against: Path | None,
    only: str | None,
    extractive: bool,
    requirements: tuple[str, ...],
    grader: str | None,
    alpha: float | None,
    k: int | None,
    no_rerank: bool,
    fresh: bool,
    as_json: bool,
) -> int:
    """Evaluate on DATASET, JSON Lines of {id, question, answers?, evidence?, unanswerable?}.

    Interrupted, the same command resumes. In --out: report.html, summary.json, latency.json, junit.xml.
    """
    from rag.evaluate.dataset import read_dataset
    from rag.evaluate.evaluation import evaluate as evaluation
    from rag.evaluate.junit import parse_requirement
    from rag.evaluate.triad import load_grader
    from rag.facade import Lastro

    required = [parse_requirement(text) for text in requirements]
    questions = read_dataset(dataset)
    settings = _settings({"alpha": alpha, "k": k, "rerank": False if no_rerank else None}, extractive)
    app = Lastro.open(index_dir, settings)
    with live_progress() as progress:
        done = evaluation(
            app,
            questions,
            out,
            answers=only is None,
            fresh=fresh,
            other=against,
            requirements=required,
            grader=load_grader(grader, settings.models),
            progress=progress,
        )
    if as_json:
        print_json(done.summary)
    else:
        _show(done, out)
    return _MISSED if done.failures else 0


def _settings(search: dict[str, Any], extractive: bool) -> Settings:
    from rag.config import load_settings

    given = {name: value for name, value in search.items() if value is not None}
    sections = ({"search": given} if given else {}) | ({"models": {"generator": "none"}} if extractive else {})
    return load_settings(**sections)


@contextmanager
def live_progress() -> Iterator[Progress]:
    """A bar on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda done, of, question: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    columns = (
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, expand=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of, question: bar.update(task, completed=done, total=of, description=question)


def _show(done: Evaluation, out: Path) -> None:
    from rag.evaluate.words import change, sentences_of

    for sentence in sentences_of(done.summary):
        click.echo(sentence)
    wrong = {name: count for name, count in done.summary["outcomes"].items() if name not in _FINE}
    if wrong:
        click.echo("What went wrong: " + ", ".join(f"{count} {name}" for name, count in wrong.items()) + ".")
    moved = [row for row in done.comparisons if row.significant]
    for row in moved:
        click.echo(change(row))
    if done.comparisons and not moved:
        click.echo("Against the other run: no difference beyond chance.")
    click.echo(f"The report: {out / 'report.html'}")
    for failure in done.failures:
        say(click.style("missed: ", fg="red", bold=True) + failure)
