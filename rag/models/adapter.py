"""An adapter on disk: updates of the encoder's weights, and one or more heads.

``adapter.safetensors`` holds one kind of update. Low rank (``"kind": "lora"``): ``LAYER.lora_A`` float[r, in] and
``LAYER.lora_B`` float[out, r], merged as ``W + scale * B @ A`` (Hu et al., arXiv 2106.09685). Whole (``"delta"``): for
every linear layer ``LAYER.weight.nibbles`` uint8[out, in / 2] and ``LAYER.weight.steps`` float16[out, in / 128], and
for every vector ``NAME.delta`` float16[n]; a nibble is a whole number of steps from -8 to 7, two in a byte, the lower
half first. For each head, ``NAME.dense.{weight,bias}`` and ``NAME.out.{weight,bias}``. ``config.json``: ``kind``,
``scale``, ``pooling`` (``first`` or ``mean``), ``heads`` {name: labels or []}, ``temperature`` {name: t},
``max_length``, ``base_sha256``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import WeightsDamaged
from rag.models.catalogue import sha256_of

__all__ = ["GROUP", "merged", "packed", "unpacked"]

GROUP = 128
"""Weights that share a step, along the inputs of a layer."""


def merged(fp32: Path, adapter: Path) -> tuple[Any, dict[str, Any], Callable[[Any, Any], Any]]:
    """``(trunk, heads, pooling)`` as torch modules in eval mode, the adapter merged into the trunk.

    Raises WeightsDamaged when the adapter was trained on another base or names a layer the base lacks.
    """
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel

    config = json.loads((adapter / "config.json").read_text(encoding="utf-8"))
    base = sha256_of(fp32 / "model.safetensors")
    if config["base_sha256"] != base:
        raise WeightsDamaged(
            f"{adapter.name} was trained on base {config['base_sha256'][:12]}…, the encoder here is {base[:12]}….",
            subject=str(adapter),
            hint="Run `lastro models prepare` again, or train the adapter on this encoder.",
        )
    tensors = load_file(adapter / "adapter.safetensors")
    trunk = AutoModel.from_pretrained(fp32, add_pooling_layer=False, attn_implementation="eager").eval()
    parameters = dict(trunk.named_parameters())
    updates = _low_rank(tensors, config["scale"]) if config.get("kind", "lora") == "lora" else _whole(tensors)
    with torch.no_grad():
        for name, update in updates.items():
            if name not in parameters:
                raise WeightsDamaged(f"{adapter.name} names a weight the encoder lacks: {name}.", subject=str(adapter))
            parameters[name] += update
    heads = {name: _head(tensors, name) for name in config["heads"]}
    return trunk, heads, _mean if config["pooling"] == "mean" else _first


def _low_rank(tensors: dict[str, Any], scale: float) -> dict[str, Any]:
    layers = [name.removesuffix(".lora_A") for name in tensors if name.endswith(".lora_A")]
    return {
        f"{layer}.weight": scale * (tensors[f"{layer}.lora_B"].float() @ tensors[f"{layer}.lora_A"].float())
        for layer in layers
    }


def _whole(tensors: dict[str, Any]) -> dict[str, Any]:
    updates = {name.removesuffix(".delta"): t.float() for name, t in tensors.items() if name.endswith(".delta")}
    for name, nibbles in tensors.items():
        if name.endswith(".nibbles"):
            weight = name.removesuffix(".nibbles")
            updates[weight] = unpacked(nibbles, tensors[f"{weight}.steps"])
    return updates


def packed(update: Any) -> tuple[Any, Any]:
    """float[out, in] → (nibbles uint8[out, in / 2], steps float16[out, in / 128]); ``in`` is a multiple of 128.

    Of the steps that would do, each group takes the one of least squared error, tried from 60 to 100 % of the step that
    just reaches its largest weight: a rare large weight is better clipped than all the others coarse.
    """
    import torch

    groups = update.float().reshape(update.shape[0], -1, GROUP)
    reach = groups.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 7
    best_error, best_step = torch.full_like(reach, float("inf")), reach
    for share in (1.0, 0.9, 0.8, 0.7, 0.6):
        step = (share * reach).half().float().clamp_min(6e-8)
        error = ((groups / step).round().clamp(-8, 7) * step - groups).square().sum(-1, keepdim=True)
        better = error < best_error
        best_error, best_step = torch.where(better, error, best_error), torch.where(better, step, best_step)
    whole = (groups / best_step).round().clamp(-8, 7).to(torch.int8).reshape(update.shape[0], -1) + 8
    whole = whole.to(torch.uint8)
    return whole[:, 0::2] | (whole[:, 1::2] << 4), best_step.squeeze(-1).half()


def unpacked(nibbles: Any, steps: Any) -> Any:
    """The inverse of ``packed``, but for what rounding took: float32[out, in]."""
    import torch

    whole = torch.stack([nibbles & 15, nibbles >> 4], -1).reshape(nibbles.shape[0], -1).float() - 8
    return (whole.reshape(whole.shape[0], -1, GROUP) * steps.float().unsqueeze(-1)).reshape(whole.shape)


def _head(tensors: dict[str, Any], name: str) -> Any:
    import torch

    dense, out = tensors[f"{name}.dense.weight"], tensors[f"{name}.out.weight"]
    head = torch.nn.Sequential(
        torch.nn.Linear(dense.shape[1], dense.shape[0]), torch.nn.Tanh(), torch.nn.Linear(out.shape[1], out.shape[0])
    )
    parts = (("dense", "0"), ("out", "2"))
    head.load_state_dict(
        {f"{n}.{kind}": tensors[f"{name}.{p}.{kind}"].float() for p, n in parts for kind in ("weight", "bias")}
    )
    return head.eval()


def _first(states: Any, mask: Any) -> Any:
    return states[:, 0]


def _mean(states: Any, mask: Any) -> Any:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)
