"""``lastro tune``: what one setting of the search would be best at, and whether that is more than luck."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from rag.errors import FolderError
from rag.terminal import print_json

if TYPE_CHECKING:
    from rag.evaluate.tune import Setting, Tuned

__all__ = ["tune"]


@click.command()
@click.argument("setting", type=click.Choice(["alpha", "k", "rerank"]))
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--dataset", required=True, type=click.Path(path_type=Path), help="Questions with evidence, JSON Lines.")
@click.option("--plot", type=click.Path(path_type=Path), help="An SVG file for the plot.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def tune(setting: str, index_dir: Path, dataset: Path, plot: Path | None, as_json: bool) -> None:
    """Try the values of a setting on --dataset, cross-validated; say a gain only where it is beyond chance.

    \b
    alpha    the weight of the dense leg against the sparse one
    k        how many passages to find
    rerank   the weight of the reranker's judgement; 0 is none

    \b
    lastro tune alpha --dataset questions.jsonl --index docs.lastro --plot alpha.svg
    """
    from rag.config import load_settings
    from rag.evaluate.dataset import read_dataset
    from rag.evaluate.report.tuning import write_plot
    from rag.evaluate.tune import tune as tuned
    from rag.facade import Lastro

    questions = read_dataset(dataset)
    if plot is not None:
        _check(plot)
    found = tuned(Lastro.open(index_dir, load_settings()), questions, cast("Setting", setting))
    if as_json:
        print_json(asdict(found) | {"worth_it": found.worth_it})
    else:
        _show(found)
    if plot is not None:  # last: what was found is told even where the disk has become full
        write_plot(plot, found)


def _check(plot: Path) -> None:
    """The sweep takes minutes: where its plot cannot go is said before it."""
    wrong = f"{plot} is a folder" if plot.is_dir() else f"there is no folder {plot.parent}"
    if plot.is_dir() or not plot.parent.is_dir():
        raise FolderError(f"--plot: {wrong}.", subject="--plot", hint="Name another file.")


def _show(found: Tuned) -> None:
    measure = "recall@k" if found.setting == "search.k" else "nDCG@10"
    for value, score in zip(found.values, found.means, strict=True):
        marks = [name for name, at in (("present", found.present), ("best", found.best)) if at == value]
        click.echo(
            f"  {value:5g}  {measure} {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]  "
            f"{'▇' * round(30 * score.value)} {', '.join(marks)}".rstrip()
        )
    click.echo(f"{found.verdict[0].upper()}{found.verdict[1:]}" + ("." if found.worth_it else ": leave it."))
    if found.worth_it:
        section, name = found.setting.split(".")
        click.echo(f"In lastro.toml:\n\n[{section}]\n{name} = {found.best:g}")
