"""A training run from its data to an adapter that can be served: pairs → training → calibration → adapter, card, ONNX.

The public mixture trains both heads at once, as shipped; a user's own pairs train one head, and their adapter serves
only that task.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

from rag.config import load_settings
from rag.errors import InputError
from rag.models import load_encoder
from rag.models.export import export_cross_encoder
from rag.train.calibration import Calibration
from rag.train.card import draw_curves, write_card
from rag.train.loop import train
from rag.train.mixture import mixture
from rag.train.model import CrossEncoder, interpolate
from rag.train.own import held_out, read_own
from rag.train.pairs import LICENCES, Mixture, Pair
from rag.train.publish import check_served, publish
from rag.train.recipe import Recipe

__all__ = ["run"]

_HEADS = {"entailment": "classifier", "reranker": "relevance"}


def run(
    task: str,
    base: Path,
    data: Path,
    out: Path,
    recipe: Recipe,
    *,
    start: Path | None,
    keep_to: Path | None = None,
    passes: int = 1,
    say: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Train on ``data`` and fill ``out``: ``adapter/`` (with card and curves) and ``served/`` (ONNX int8).

    ``data`` is a file of own pairs or the folder of public sets. ``start``: the adapter to go on from, or None;
    ``keep_to``: the one that ``recipe.keep`` is about. Raises InputError.
    """
    check_served(recipe)
    if recipe.share < 1 and (start is None or recipe.method != "full"):
        raise InputError(
            "--share mixes fully trained weights with those of the adapter gone on from, and there are none.",
            subject="--share",
            hint="Leave out --share, or --fresh and --method.",
        )
    if recipe.keep and keep_to is None:
        raise InputError("--keep has no adapter to keep to.", subject="--keep", hint="Leave out --keep.")
    own = data.is_file()
    pairs = _own(task, data) if own else _public(data, out, recipe)
    heads = (_HEADS[task],) if own else tuple(_HEADS.values())
    if not pairs.dev:
        say("too few passages to keep some out: nothing will be measured or calibrated")
    say(f"{len(pairs.train):,} pairs to train on, {len(pairs.dev):,} kept out")
    seen = [pair for turn in range(passes) for pair in _shuffled(pairs.train, recipe.seed + turn)]
    model = train(base, seen, out, recipe, dev=pairs.dev[:2000], start=start, keep_to=keep_to, say=say)
    if start is not None and recipe.share < 1:
        interpolate(model, CrossEncoder(base, recipe, start), recipe.share)
    adapter = out / "adapter"
    name = f"{task}-{data.stem}"
    figures = publish(base, model, recipe, pairs, name, adapter, heads=heads, started=start is not None)
    draw_curves(out, adapter)
    write_card(adapter, out, name, recipe, pairs.train, LICENCES, figures)
    say("exporting to ONNX int8")
    served = out / "served"
    served.mkdir(exist_ok=True)
    export_cross_encoder(base, adapter, served)
    return figures


def _own(task: str, data: Path) -> Mixture:
    pairs = read_own(data, cast(Literal["entailment", "reranker"], task))
    kept, dev = held_out(pairs)
    return Mixture(kept, dev, {})


def _public(data: Path, out: Path, recipe: Recipe) -> Mixture:
    encoder = load_encoder(load_settings().models)
    cache = out / "translations.jsonl"
    return mixture(data, cache, recipe.seed, encoder, recipe.nli_share, anchored=recipe.keep > 0)


def _shuffled(pairs: list[Pair], seed: int) -> list[Pair]:
    """Another order, in which a question's passages still follow each other no more than chance has it."""
    shuffled = [replace(pair) for pair in pairs]
    random.Random(seed).shuffle(shuffled)
    return shuffled
