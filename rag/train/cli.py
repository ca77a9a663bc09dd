"""``lastro train``: the recipes behind the shipped adapter, on the public sets or on one's own pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click

from rag.config import load_settings
from rag.errors import InputError, MissingExtra
from rag.terminal import print_json, say
from rag.train.recipe import METHODS, RATES, Method, Recipe

__all__ = ["train"]

_TASKS = ("entailment", "reranker")


@click.command()
@click.argument("task", type=click.Choice(_TASKS))
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Your pairs, a JSON Lines file; or the folder of public sets (nli/, qa/) the shipped adapter is made of.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Checkpoints, log and the adapter.")
@click.option("--method", type=click.Choice(METHODS), default="full", show_default=True)
@click.option("--minutes", type=click.FloatRange(0), default=0.0, help="Bound on the wall clock; 0 = the whole pass.")
@click.option("--passes", type=click.IntRange(1, 50), default=1, show_default=True, help="How often pairs are seen.")
@click.option("--learning-rate", type=click.FloatRange(0, 1, min_open=True), help="Default by method.")
@click.option(
    "--nli-share",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Of the public sets' text, what plain sentence pairs are to be; 0 = as they come.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Of the weights that ship; the rest are those it started from, which forgets less.",
)
@click.option(
    "--keep",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How much what the shipped adapter says is to stay as it is, beside what your labels ask.",
)
@click.option("--evaluate-every", type=click.IntRange(0), default=200, show_default=True, help="Steps; 0 = never.")
@click.option("--fresh", is_flag=True, help="Start from the encoder, not from the shipped adapter.")
@click.option(
    "--start",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The adapter to start from, an `adapter` folder of an earlier run.  [default: the shipped one]",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON on standard output.")
def train(
    task: str,
    data: Path,
    out: Path,
    method: str,
    minutes: float,
    passes: int,
    learning_rate: float | None,
    nli_share: float,
    share: float,
    keep: float,
    evaluate_every: int,
    fresh: bool,
    start: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train an adapter, and make it ready to serve. Interrupted, the same command resumes.

    \b
    entailment   a line is {"passage": "…", "claim": "…", "label": "supported" | "contradicted" | "not_found"}
    reranker     a line is {"passage": "…", "question": "…", "relevant": true | false}

    \b
    lastro train reranker --data pairs.jsonl --out mine
    LASTRO_MODELS__RERANKER=mine/served lastro search "…" --index docs.lastro
    """
    if fresh and start is not None:
        raise InputError(
            "--fresh starts from the encoder, --start from an adapter.", subject="--start", hint="Give one."
        )
    if start is not None and not (start / "adapter.safetensors").is_file():
        raise InputError(f"{start} holds no adapter.", subject="--start", hint="Name the `adapter` folder of a run.")
    try:
        import peft as _  # noqa: F401
        import torch
    except ImportError as error:
        raise MissingExtra(
            f"{error.name} is needed to train.", subject=str(error.name), hint="pip install 'lastro[train]'"
        ) from error
    from rag.models.catalogue import SHIPPED, Store
    from rag.models.encoder import threads_of
    from rag.train.run import run

    settings = load_settings().models
    torch.set_num_threads(threads_of(settings))
    base = Store(settings.cache_dir).path("fp32/model.safetensors").parent
    chosen = cast(Method, method)
    recipe = Recipe(
        method=chosen,
        learning_rate=learning_rate or RATES[chosen],
        minutes=minutes,
        seed=seed,
        evaluate_every=evaluate_every,
        nli_share=nli_share,
        share=share,
        keep=keep,
    )
    start = None if fresh else start or SHIPPED
    figures = run(task, base, data, out, recipe, start=start, keep_to=SHIPPED, passes=passes, say=say)
    if as_json:
        print_json({"task": task, "out": str(out), **figures.as_json()})
        return
    _show(figures.figures.items(), out)


def _show(figures: Any, out: Path) -> None:
    lines: Sequence[str] = [
        f"{head}: {of.accuracy:.3f} of {of.pairs} held-out pairs right; calibration error "
        f"{of.ece_before:.3f} before, {of.ece_after:.3f} after"
        for head, of in figures
    ]
    for line in lines:
        say(line)
    say(f"adapter, card and curves: {out / 'adapter'}; ready to serve: {out / 'served'}")
