"""``lastro eval make``: questions from one's own folder; ``lastro eval review``: looked through by a person."""

from __future__ import annotations

from pathlib import Path

import click

from rag.terminal import say

__all__ = ["make", "review"]


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many to write.")
@click.option("--to", type=click.Path(path_type=Path), default=Path("questions.jsonl"), show_default=True)
@click.option("--review", "look", is_flag=True, help="Then look through them, as `lastro eval review` does.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the order in which passages are drawn.")
def make(index_dir: Path, count: int, to: Path, look: bool, seed: int) -> None:
    """Write questions about your own documents with the decoder, and keep those that hold up.

    One in five has no answer. Ctrl-C keeps what is there, and the same command goes on; so it does when some were
    dropped or more are wanted. Beside --to, .tried.jsonl tells what was left out and why.
    """
    from rag.config import load_settings
    from rag.evaluate.make import make as made
    from rag.evaluate.make_log import earlier_in, write_tried
    from rag.facade import Lastro

    earlier = earlier_in(to)
    there = len(earlier.questions)
    if there < count:
        app = Lastro.open(index_dir, load_settings())
        more, refused = write_tried(to, made(app, count, seed=seed, earlier=earlier), say)
        there += more
        for reason, times in refused.most_common():
            click.echo(f"  {times} left out: {reason}")
        if there < count:
            click.echo(f"Every passage was tried; {count} were asked for.")
    click.echo(f"Questions in {to}: {there}.")
    if look:
        _review(to)


@click.command()
@click.argument("questions", type=click.Path(path_type=Path))
def review(questions: Path) -> None:
    """Show every question with its answer and evidence, to be kept, dropped, reworded or corrected.

    Each decision is written at once: stop when you like, and the same command goes on with what is left.
    """
    _review(questions)


def _review(path: Path) -> None:
    from rag.evaluate.review import review as look_through

    found = look_through(path)
    kept, left = len(found.rows) - len(found.dropped), len(found.waiting())
    click.echo(f"\nQuestions in {path}: {kept}; {len(found.dropped)} dropped, {left} not looked at.")
