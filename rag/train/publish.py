"""A trained checkpoint → the adapter folder that ships: float16 tensors, fitted temperatures, config."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from rag.models.catalogue import sha256_of
from rag.train.entailment import CrossEncoder, Recipe, predict
from rag.train.pairs import ENTAILMENT_LABELS, Pair

__all__ = ["expected_calibration_error", "fit_temperature", "load_checkpoint", "publish"]

_TEMPERATURES = np.geomspace(0.5, 3.0, 60)


def load_checkpoint(base: Path, checkpoint: Path) -> tuple[CrossEncoder, Recipe]:
    """The model of a ``checkpoint.pt`` on its base."""
    state = torch.load(checkpoint, weights_only=True)
    recipe = Recipe(**state["recipe"])
    model = CrossEncoder(base, recipe)
    model.load_state_dict(state["model"], strict=False)
    return model.eval(), recipe


def publish(base: Path, checkpoint: Path, dev: Sequence[Pair], name: str, out: Path) -> dict[str, float]:
    """Write ``adapter.safetensors`` and ``config.json`` into ``out``; returns calibration before and after."""
    from safetensors.torch import save_file

    model, recipe = load_checkpoint(base, checkpoint)
    claims = [pair for pair in dev if pair.task == "entailment"]
    questions = [pair for pair in dev if pair.task == "relevance"]
    claim_logits = predict(model, base, claims)[0]
    question_logits = predict(model, base, questions)[1]
    claim_labels = np.array([pair.label for pair in claims])
    question_labels = np.array([pair.label for pair in questions])
    binary = np.stack([np.zeros_like(question_logits), question_logits], 1)
    temperature = {
        "classifier": fit_temperature(claim_logits, claim_labels),
        "relevance": fit_temperature(binary, question_labels),
    }
    out.mkdir(parents=True, exist_ok=True)
    save_file(_tensors(model), out / "adapter.safetensors")
    config = {
        "name": name,
        "base_sha256": sha256_of(base / "model.safetensors"),
        "scale": recipe.lora_alpha / recipe.rank,
        "rank": recipe.rank,
        "pooling": "mean",
        "heads": {"classifier": list(ENTAILMENT_LABELS), "relevance": []},
        "temperature": temperature,
        "max_length": 512,
    }
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return {
        "claims": float(np.mean(claim_logits.argmax(1) == claim_labels)),
        "relevance": float(np.mean((question_logits > 0) == question_labels)),
        "ece_claims_before": expected_calibration_error(claim_logits, claim_labels),
        "ece_claims_after": expected_calibration_error(claim_logits / temperature["classifier"], claim_labels),
        "ece_relevance_before": expected_calibration_error(binary, question_labels),
        "ece_relevance_after": expected_calibration_error(binary / temperature["relevance"], question_labels),
    }


def _tensors(model: CrossEncoder) -> dict[str, torch.Tensor]:
    tensors = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        layer = re.fullmatch(r"trunk\.base_model\.model\.(.+)\.(lora_[AB])\.default\.weight", name)
        key = f"{layer.group(1)}.{layer.group(2)}" if layer else name
        tensors[key] = parameter.detach().to(torch.float16).contiguous()
    return tensors


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature of least negative log-likelihood (Guo et al., arXiv 1706.04599) on a grid."""
    losses = [-np.mean(_log_softmax(logits / t)[np.arange(len(labels)), labels]) for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def expected_calibration_error(logits: NDArray[np.float32], labels: NDArray[np.int64], bins: int = 10) -> float:
    """ECE: the mean over ``bins`` of equal width of |accuracy − confidence|, weighted by their share (Naeini, 2015)."""
    probabilities = np.exp(_log_softmax(logits))
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[which == b].mean() - confidence[which == b].mean()) * np.mean(which == b) for b in set(which)]
    return float(sum(gaps))


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result
