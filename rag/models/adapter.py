"""An adapter on disk: low-rank updates of the encoder's linear layers, and one or more heads.

``adapter.safetensors`` holds ``encoder.layer.{i}.….lora_A`` float[r, in] and ``.lora_B`` float[out, r], merged as
``W + scale * B @ A`` (Hu et al., arXiv 2106.09685), and for each head ``NAME.dense.{weight,bias}``,
``NAME.out.{weight,bias}``. ``config.json``: ``scale``, ``pooling`` (``first`` or ``mean``), ``heads`` {name: labels or
[]}, ``temperature`` {name: t}, ``max_length``, ``base_sha256``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import WeightsDamaged
from rag.models.catalogue import sha256_of

__all__ = ["merged"]


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
    tensors = {name: tensor.float() for name, tensor in load_file(adapter / "adapter.safetensors").items()}
    trunk = AutoModel.from_pretrained(fp32, add_pooling_layer=False, attn_implementation="eager").eval()
    parameters = dict(trunk.named_parameters())
    with torch.no_grad():
        for name, a in tensors.items():
            if not name.endswith(".lora_A"):
                continue
            layer = name.removesuffix(".lora_A")
            weight = parameters.get(f"{layer}.weight")
            if weight is None:
                raise WeightsDamaged(f"{adapter.name} names a layer the encoder lacks: {layer}.", subject=str(adapter))
            weight += config["scale"] * (tensors[f"{layer}.lora_B"] @ a)
    heads = {name: _head(tensors, name) for name in config["heads"]}
    return trunk, heads, _mean if config["pooling"] == "mean" else _first


def _head(tensors: dict[str, Any], name: str) -> Any:
    import torch

    dense, out = tensors[f"{name}.dense.weight"], tensors[f"{name}.out.weight"]
    head = torch.nn.Sequential(
        torch.nn.Linear(dense.shape[1], dense.shape[0]), torch.nn.Tanh(), torch.nn.Linear(out.shape[1], out.shape[0])
    )
    parts = (("dense", "0"), ("out", "2"))
    head.load_state_dict(
        {f"{n}.{kind}": tensors[f"{name}.{p}.{kind}"] for p, n in parts for kind in ("weight", "bias")}
    )
    return head.eval()


def _first(states: Any, mask: Any) -> Any:
    return states[:, 0]


def _mean(states: Any, mask: Any) -> Any:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)
