"""Train the entailment adapter: LoRA on the bilingual encoder, a three-way head and a relevance head.

Recipe: word, position and type embeddings frozen; LoRA (Hu et al., arXiv 2106.09685; through peft) on every linear
layer; heads ``dense → tanh → out`` on the mean of the states, as the encoder pools; one pass, short NLI pairs before
the rest; batches of similar length under a token budget, bfloat16 autocast, AdamW, warm-up then linear decay. With a
learning rate of 1e-3 nothing was learned in 350 steps; with 3e-4 it was.

``--minutes`` bounds the wall clock: the learning rate decays by whichever of steps and time is further on, so a bounded
run is still annealed. Checkpoints hold adapter, heads, optimiser and position; a run resumes where the last one ends.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rag.train.pairs import Pair

__all__ = ["CrossEncoder", "Recipe", "predict", "train"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """``rank`` and ``lora_alpha`` of the adapter; ``batch_tokens`` padded tokens a step; ``minutes`` 0 = no bound."""

    rank: int = 48
    lora_alpha: int = 96
    learning_rate: float = 3e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.015
    batch_tokens: int = 1536
    max_length: int = 256
    minutes: float = 0.0
    checkpoint_every: int = 200
    seed: int = 0
    limit: int = 0


class CrossEncoder(nn.Module):
    """The encoder with its adapter and two heads; ``forward`` gives (entailment float[n, 3], relevance float[n])."""

    def __init__(self, base: Path, recipe: Recipe) -> None:
        super().__init__()
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModel

        trunk = AutoModel.from_pretrained(base, add_pooling_layer=False)
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.lora_alpha,
            target_modules=["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"],
        )
        self.trunk = get_peft_model(trunk, config)
        width = trunk.config.hidden_size
        self.classifier = _head(width, 3)
        self.relevance = _head(width, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.trunk(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1)
        state = (states * weights).sum(1) / weights.sum(1)
        return self.classifier(state), self.relevance(state).squeeze(-1)


def _head(width: int, outputs: int) -> nn.Module:
    head = nn.Sequential()
    head.add_module("dense", nn.Linear(width, width))
    head.add_module("tanh", nn.Tanh())
    head.add_module("dropout", nn.Dropout(0.1))
    head.add_module("out", nn.Linear(width, outputs))
    return head


def encode_pairs(base: Path, pairs: Sequence[Pair], max_length: int) -> list[list[int]]:
    """Token ids ``<s> first </s></s> second </s>``, the first truncated so that the second is whole."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy="only_first")
    encodings = []
    for pair in pairs:
        encodings.append(tokenizer.encode(pair.first, " ".join(pair.second.split()[:120])).ids)
    return encodings


def batches(lengths: Sequence[int], budget: int, seed: int, *, shuffle: bool = True) -> list[list[int]]:
    """Indices in batches of similar length with at most ``budget`` padded tokens.

    With ``shuffle`` the batches' order is random within each pool of 4096, and the pools keep the order of the data.
    """
    random_ = random.Random(seed)
    order = list(range(len(lengths)))
    out: list[list[int]] = []
    pool = 4096 if shuffle else len(order)
    for start in range(0, len(order), max(1, pool)):
        batch: list[int] = []
        chunk: list[list[int]] = []
        for index in sorted(order[start : start + pool], key=lambda i: lengths[i]):
            if batch and (len(batch) + 1) * lengths[index] > budget:
                chunk.append(batch)
                batch = []
            batch.append(index)
        chunk.append(batch)
        if shuffle:
            random_.shuffle(chunk)
        out += chunk
    return out


def _tensors(encodings: Sequence[Sequence[int]], batch: Sequence[int], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(len(encodings[i]) for i in batch)
    ids = torch.tensor([list(encodings[i]) + [pad] * (length - len(encodings[i])) for i in batch])
    mask = torch.tensor([[1] * len(encodings[i]) + [0] * (length - len(encodings[i])) for i in batch])
    return ids, mask


@torch.no_grad()
def predict(
    model: CrossEncoder, base: Path, pairs: Sequence[Pair], *, max_length: int = 512
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits ``(entailment float32[n, 3], relevance float32[n])`` in the order of ``pairs``."""
    model.eval()
    encodings = encode_pairs(base, pairs, max_length)
    entailment = np.zeros((len(pairs), 3), np.float32)
    relevance = np.zeros(len(pairs), np.float32)
    for batch in batches([len(e) for e in encodings], 6144, 0, shuffle=False):
        ids, mask = _tensors(encodings, batch, model.trunk.config.pad_token_id)
        with torch.autocast("cpu", torch.bfloat16):
            first, second = model(ids, mask)
        entailment[batch], relevance[batch] = first.float().numpy(), second.float().numpy()
    return entailment, relevance


def _loss(model: CrossEncoder, ids: torch.Tensor, mask: torch.Tensor, pairs: Sequence[Pair]) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        entailment, relevance = model(ids, mask)
    labels = torch.tensor([pair.label for pair in pairs])
    is_entailment = torch.tensor([pair.task == "entailment" for pair in pairs])
    loss = torch.zeros(())
    if is_entailment.any():
        loss = loss + nn.functional.cross_entropy(
            entailment[is_entailment], labels[is_entailment], label_smoothing=0.03, reduction="sum"
        )
    if (~is_entailment).any():
        loss = loss + nn.functional.binary_cross_entropy_with_logits(
            relevance[~is_entailment], labels[~is_entailment].float(), reduction="sum"
        )
    return loss / len(pairs)


def train(base: Path, pairs: Sequence[Pair], out: Path, recipe: Recipe) -> CrossEncoder:
    """Train on ``pairs``, in their order but for batching by length; ``out`` gets ``checkpoint.pt`` and ``log.jsonl``.

    Resumes from the checkpoint when there is one.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    pairs = pairs[: recipe.limit] if recipe.limit else pairs
    model = CrossEncoder(base, recipe)
    encodings = encode_pairs(base, pairs, recipe.max_length)
    plan = batches([len(encoding) for encoding in encodings], recipe.batch_tokens, recipe.seed)
    optimiser = _optimiser(model, recipe)
    first, spent = _resume(out / "checkpoint.pt", model, optimiser)
    started = time.monotonic() - spent
    running = 0.0
    for step in range(first, len(plan)):
        spent = time.monotonic() - started
        progress = max(step / len(plan), spent / (60 * recipe.minutes) if recipe.minutes else 0.0)
        if progress >= 1.0:
            break
        scale = min(1.0, (step + 1) / max(1.0, recipe.warmup * len(plan))) * (1.0 - progress)
        for group in optimiser.param_groups:
            group["lr"] = group["base_lr"] * scale
        model.train()
        ids, mask = _tensors(encodings, plan[step], model.trunk.config.pad_token_id)
        loss = _loss(model, ids, mask, [pairs[i] for i in plan[step]])
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        running = loss.item() if not running else 0.98 * running + 0.02 * loss.item()
        if (step + 1) % 50 == 0:
            _log(out, {"step": step + 1, "of": len(plan), "loss": round(running, 4), "seconds": round(spent)})
        if (step + 1) % recipe.checkpoint_every == 0:
            _checkpoint(out, model, optimiser, (step + 1, spent), recipe)
    _checkpoint(out, model, optimiser, (len(plan), time.monotonic() - started), recipe)
    return model


def _optimiser(model: CrossEncoder, recipe: Recipe) -> torch.optim.Optimizer:
    adapter = [p for n, p in model.named_parameters() if p.requires_grad and "lora_" in n]
    heads = [*model.classifier.parameters(), *model.relevance.parameters()]
    groups = [
        {"params": adapter, "lr": recipe.learning_rate, "base_lr": recipe.learning_rate, "weight_decay": 0.0},
        {
            "params": heads,
            "lr": recipe.head_learning_rate,
            "base_lr": recipe.head_learning_rate,
            "weight_decay": recipe.weight_decay,
        },
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.999))


def trained_state(model: CrossEncoder) -> dict[str, torch.Tensor]:
    """The adapter's and the heads' tensors, without the frozen base."""
    return {n: p.detach() for n, p in model.named_parameters() if p.requires_grad}


def _checkpoint(
    out: Path, model: CrossEncoder, optimiser: torch.optim.Optimizer, at: tuple[int, float], recipe: Recipe
) -> None:
    """``at``: steps done and seconds spent."""
    state: dict[str, Any] = {
        "model": trained_state(model),
        "optimiser": optimiser.state_dict(),
        "step": at[0],
        "spent": at[1],
        "recipe": asdict(recipe),
    }
    temporary = out / "checkpoint.tmp"
    torch.save(state, temporary)
    temporary.replace(out / "checkpoint.pt")


def _resume(path: Path, model: CrossEncoder, optimiser: torch.optim.Optimizer) -> tuple[int, float]:
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"], strict=False)
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"]), float(state["spent"])


def _log(out: Path, record: dict[str, Any]) -> None:
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")


def read_log(out: Path) -> Iterator[dict[str, Any]]:
    with (out / "log.jsonl").open(encoding="utf-8") as log:
        yield from map(json.loads, log)
