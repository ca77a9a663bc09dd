"""A trained model → the adapter folder that ships: compressed updates, fitted temperatures, config.

What full training, low-rank updates or scaling vectors made of the weights ships as its difference from the encoder in
four bits a weight, or, for LoRA, as the two factors in float16.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from rag.errors import InputError
from rag.models.adapter import GROUP, packed
from rag.models.catalogue import sha256_of
from rag.train.calibration import Calibration, calibrate
from rag.train.model import CrossEncoder
from rag.train.pairs import ENTAILMENT_LABELS, Mixture
from rag.train.recipe import Recipe

__all__ = ["HEADS", "check_served", "publish", "updates"]

HEADS = {"classifier": ENTAILMENT_LABELS, "relevance": ()}
"""The labels of each head; a head without has one output."""


def publish(
    base: Path,
    model: CrossEncoder,
    recipe: Recipe,
    of: Mixture,
    name: str,
    out: Path,
    *,
    heads: Sequence[str] = tuple(HEADS),
    started: bool = False,
) -> Calibration:
    """Write ``adapter.safetensors`` and ``config.json`` into ``out``; returns the figures on what ``of`` keeps out.

    ``heads``: those that were trained; the others are left out. ``started``: the run went on from another adapter,
    whose updates are in the trunk too. Raises InputError for virtual tokens, which no merged model can hold.
    """
    from safetensors.torch import save_file

    check_served(recipe)
    as_factors = recipe.method == "lora" and not started
    out.mkdir(parents=True, exist_ok=True)
    save_file(_factors(model, heads) if as_factors else updates(base, model, heads), out / "adapter.safetensors")
    config = {
        "name": name,
        "base_sha256": sha256_of(base / "model.safetensors"),
        "kind": "lora" if as_factors else "delta",
        "scale": recipe.lora_alpha / recipe.rank if as_factors else 1.0,
        "pooling": "mean",
        "heads": {head: list(HEADS[head]) for head in heads},
        "temperature": dict.fromkeys(heads, 1.0),
        "max_length": 512,
        "kept_out": of.kept_out,
    }
    _write(out, config)
    figures = calibrate(CrossEncoder(base, Recipe(), out), base, of.dev)  # what ships is not quite what was trained
    _write(out, config | {"temperature": {head: figures.temperature[head] for head in heads}})
    return figures


def check_served(recipe: Recipe) -> None:
    """Raises InputError for a method whose result no merged model can hold."""
    if recipe.method == "prompt":
        raise InputError(
            "prompt tuning makes no update of the weights, and only merged models are served.",
            subject="method",
            hint="Use full, lora or ia3; prompt tuning is there to be compared with (`tests.bench.adapters`).",
        )


def _write(out: Path, config: dict[str, Any]) -> None:
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def updates(base: Path, model: CrossEncoder, heads: Sequence[str]) -> dict[str, torch.Tensor]:
    """The whole difference from the encoder, packed, and the heads."""
    from transformers import AutoModel

    before = dict(AutoModel.from_pretrained(base, add_pooling_layer=False).named_parameters())
    tensors = _heads(model, heads)
    for name, parameter in model.merged_trunk().named_parameters():
        update = (parameter - before[name]).detach()
        if not bool(update.any()):
            continue
        if update.ndim == 2 and update.shape[1] % GROUP == 0:
            tensors[f"{name}.nibbles"], tensors[f"{name}.steps"] = packed(update)
        else:
            tensors[f"{name}.delta"] = update.half().contiguous()
    return tensors


def _factors(model: CrossEncoder, heads: Sequence[str]) -> dict[str, torch.Tensor]:
    tensors = _heads(model, heads)
    for name, parameter in model.trunk.named_parameters():
        layer = re.fullmatch(r"base_model\.model\.(.+)\.(lora_[AB])\.default\.weight", name)
        if layer is not None:
            tensors[f"{layer.group(1)}.{layer.group(2)}"] = parameter.detach().half().contiguous()
    return tensors


def _heads(model: CrossEncoder, heads: Sequence[str]) -> dict[str, torch.Tensor]:
    return {
        f"{head}.{name}": parameter.detach().half().contiguous()
        for head in heads
        for name, parameter in model.get_submodule(head).named_parameters()
    }
