"""The training loop: bfloat16 autocast, AdamW, warm-up then linear decay; it checkpoints, resumes and stops early.

``minutes`` bounds the wall clock: the learning rate decays by whichever of steps and time is further on, so a bounded
run is still annealed. A checkpoint holds what was trained, the optimiser, the position and the state of chance: a run
stopped and resumed ends with the same weights as one that was not.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rag.errors import InputError
from rag.models.catalogue import sha256_of
from rag.train.batches import batches, encode_pairs, predict, tensors
from rag.train.model import CrossEncoder, trained_state
from rag.train.pairs import NOT_SUPPORTED, UNLABELLED, Pair, is_plain
from rag.train.recipe import Recipe

__all__ = ["CHECKPOINT", "LOG", "load_checkpoint", "read_log", "train"]

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
_LOG_EVERY = 50
_SMOOTHING = 0.03

Say = Callable[[str], None]


@dataclass(slots=True)
class _Position:
    """Where a run stands: steps done, seconds spent, the evaluations' best and how many failed to beat it."""

    step: int = 0
    spent: float = 0.0
    best: float = 0.0
    failed: int = 0
    recent: list[float] = field(default_factory=list)


def train(
    base: Path,
    pairs: Sequence[Pair],
    out: Path,
    recipe: Recipe,
    *,
    dev: Sequence[Pair] = (),
    start: Path | None = None,
    keep_to: Path | None = None,
    say: Say = lambda line: None,
) -> CrossEncoder:
    """Train on ``pairs``, in their order but for batching by length; ``out`` gets ``checkpoint.pt`` and ``log.jsonl``.

    ``dev`` pairs are judged every ``recipe.evaluate_every`` steps. With ``recipe.keep`` what the adapter ``keep_to``
    says is kept to. Resumes from the checkpoint when there is one. Raises InputError when there are no pairs or the
    checkpoint is of another recipe or other pairs.
    """
    if not pairs:
        raise InputError("no pairs to train on.", subject="pairs", hint="Give at least a few hundred.")
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    pairs = pairs[: recipe.limit] if recipe.limit else pairs
    model = CrossEncoder(base, recipe, start)
    kept = CrossEncoder(base, Recipe(), keep_to).eval() if recipe.keep and keep_to else None
    encodings = encode_pairs(base, pairs, recipe.max_length)
    plan = batches([len(encoding) for encoding in encodings], recipe.batch_tokens, recipe.seed)
    optimiser = _optimiser(model, recipe)
    data = _digest(encodings, pairs, [adapter for adapter in (start, keep_to if kept else None) if adapter])
    at = _resume(out / CHECKPOINT, model, optimiser, recipe, data)
    if at.step:
        say(f"resuming at step {at.step} of {len(plan)}")
    started = time.monotonic() - at.spent
    while at.step < len(plan):
        at.spent = time.monotonic() - started
        progress = max(at.step / len(plan), at.spent / (60 * recipe.minutes) if recipe.minutes else 0.0)
        if progress >= 1.0 or (recipe.patience and at.failed >= recipe.patience):
            break
        scale = min(1.0, (at.step + 1) / max(1.0, recipe.warmup * len(plan))) * (1.0 - progress)
        for group in optimiser.param_groups:
            group["lr"] = group["base_lr"] * scale
        batch = plan[at.step]
        inputs = tensors(encodings, batch, model.pad)
        at.recent.append(_step(model, optimiser, inputs, [pairs[i] for i in batch], kept, recipe.keep))
        at.step += 1
        if at.step % _LOG_EVERY == 0:
            _tell_loss(out, at, len(plan), say)
        if recipe.evaluate_every and dev and at.step % recipe.evaluate_every == 0:
            _evaluate(model, base, dev, out, at, recipe, say)
        if at.step % recipe.checkpoint_every == 0:
            _checkpoint(out, model, optimiser, at, recipe, data)
    if at.recent:
        _tell_loss(out, at, len(plan), say)
    _checkpoint(out, model, optimiser, at, recipe, data)
    return model


def _digest(encodings: Sequence[Sequence[int]], pairs: Sequence[Pair], adapters: Sequence[Path]) -> str:
    """Of what is learned, in its order, and of the adapters it goes on from and keeps to."""
    digest = hashlib.sha256("".join(sha256_of(adapter / "adapter.safetensors") for adapter in adapters).encode())
    for encoding, pair in zip(encodings, pairs, strict=True):
        digest.update(f"{pair.task} {pair.label} {len(encoding)}".encode())
        digest.update(np.asarray(encoding, np.int32).tobytes())
    return digest.hexdigest()


def _tell_loss(out: Path, at: _Position, steps: int, say: Say) -> None:
    loss = float(np.mean(at.recent))
    _log(out, {"step": at.step, "of": steps, "loss": round(loss, 4), "seconds": round(at.spent)})
    say(f"step {at.step} of {steps}  loss {loss:.3f}  {at.spent / 60:.0f} min")
    at.recent.clear()


def _step(
    model: CrossEncoder,
    optimiser: torch.optim.Optimizer,
    inputs: tuple[torch.Tensor, torch.Tensor],
    pairs: Sequence[Pair],
    kept: CrossEncoder | None = None,
    keep: float = 0.0,
) -> float:
    """One update; returns the batch's loss."""
    model.train()
    with torch.autocast("cpu", torch.bfloat16):
        said = model(*inputs)
    entailment, relevance = said
    labels = torch.tensor([pair.label for pair in pairs])
    known = labels != UNLABELLED
    claims = known & torch.tensor([pair.task == "entailment" for pair in pairs])
    questions = known & ~claims
    loss = torch.zeros(())
    if claims.any():
        loss = loss + _entailment_loss(entailment[claims], labels[claims])
    if questions.any():
        loss = loss + nn.functional.binary_cross_entropy_with_logits(
            relevance[questions], labels[questions].float(), reduction="sum"
        )
    other = torch.tensor([not is_plain(pair) for pair in pairs])
    if kept is not None and other.any():
        loss = loss + keep * _divergence(said, inputs, other, kept)
    loss = loss / len(pairs)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.item())


def _divergence(
    said: tuple[torch.Tensor, torch.Tensor],
    inputs: tuple[torch.Tensor, torch.Tensor],
    rows: torch.Tensor,
    kept: CrossEncoder,
) -> torch.Tensor:
    """Summed Kullback–Leibler divergence of both heads' probabilities from those that ``kept`` gives these ``rows``."""
    ids, mask = inputs[0][rows], inputs[1][rows]
    longest = int(mask.sum(1).max())
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        entailment, relevance = kept(ids[:, :longest], mask[:, :longest])
    of_three = nn.functional.kl_div(
        said[0][rows].log_softmax(1), entailment.float().log_softmax(1), log_target=True, reduction="sum"
    )
    yes = torch.stack((relevance, -relevance)).float()
    now = torch.stack((said[1][rows], -said[1][rows]))
    of_two = (yes.sigmoid() * (nn.functional.logsigmoid(yes) - nn.functional.logsigmoid(now))).sum()
    return of_three + of_two


def _entailment_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Summed cross-entropy; of a pair that is only known not to be supported, of "contradicted or not found"."""
    known = labels != NOT_SUPPORTED
    loss = nn.functional.cross_entropy(logits[known], labels[known], label_smoothing=_SMOOTHING, reduction="sum")
    either = logits[~known].log_softmax(1)[:, 1:].logsumexp(1)
    return loss - either.sum()


def _evaluate(
    model: CrossEncoder, base: Path, dev: Sequence[Pair], out: Path, at: _Position, recipe: Recipe, say: Say
) -> None:
    """Judge ``dev``, log it, and count how often in a row nothing was gained."""
    entailment, relevance = predict(model, base, dev)
    right = [
        (entailment[i].argmax() if pair.task == "entailment" else int(relevance[i] > 0)) == pair.label
        for i, pair in enumerate(dev)
    ]
    accuracy = float(np.mean(right))
    _log(out, {"step": at.step, "accuracy": round(accuracy, 4), "seconds": round(at.spent)})
    say(f"step {at.step}: {accuracy:.3f} of {len(dev)} held-out pairs right (best {max(at.best, accuracy):.3f})")
    at.failed = 0 if accuracy >= at.best + recipe.threshold else at.failed + 1
    at.best = max(at.best, accuracy)


def _optimiser(model: CrossEncoder, recipe: Recipe) -> torch.optim.Optimizer:
    heads = [*model.classifier.parameters(), *model.relevance.parameters()]
    body = [parameter for parameter in model.trunk.parameters() if parameter.requires_grad]
    groups = [
        {"params": body, "lr": 0.0, "base_lr": recipe.learning_rate, "weight_decay": recipe.weight_decay},
        {"params": heads, "lr": 0.0, "base_lr": recipe.head_learning_rate, "weight_decay": recipe.weight_decay},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def _checkpoint(
    out: Path, model: CrossEncoder, optimiser: torch.optim.Optimizer, at: _Position, recipe: Recipe, data: str
) -> None:
    state: dict[str, Any] = {
        "model": trained_state(model),
        "optimiser": optimiser.state_dict(),
        "position": asdict(at),
        "random": torch.get_rng_state(),
        "recipe": asdict(recipe),
        "data": data,
    }
    temporary = out / f"{CHECKPOINT}.tmp"
    torch.save(state, temporary)
    temporary.replace(out / CHECKPOINT)


def _resume(path: Path, model: CrossEncoder, optimiser: torch.optim.Optimizer, recipe: Recipe, data: str) -> _Position:
    if not path.exists():
        return _Position()
    state = torch.load(path, weights_only=True)
    bounded = ("minutes", "share", "checkpoint_every", "evaluate_every", "patience", "threshold")  # may change underway
    was = asdict(Recipe(**state["recipe"]))  # a field added since had its default
    before = {name: value for name, value in was.items() if name not in bounded}
    now = {name: value for name, value in asdict(recipe).items() if name not in bounded}
    changed = sorted(name for name in now if before.get(name) != now[name])
    if changed:
        raise InputError(
            f"{path} is of another recipe: {', '.join(changed)} differ.",
            subject=str(path),
            hint="Give another --out, or the recipe it was begun with.",
        )
    if state.get("data") != data:
        raise InputError(
            f"{path} is of other pairs, or goes on from another adapter.",
            subject=str(path),
            hint="Give another --out, or the data it was begun with.",
        )
    model.load_state_dict(state["model"], strict=False)
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    return _Position(**state["position"])


def load_checkpoint(base: Path, checkpoint: Path, start: Path | None = None) -> tuple[CrossEncoder, Recipe]:
    """The model of a checkpoint, in eval mode, and its recipe."""
    state = torch.load(checkpoint, weights_only=True)
    recipe = Recipe(**state["recipe"])
    model = CrossEncoder(base, recipe, start)
    model.load_state_dict(state["model"], strict=False)
    return model.eval(), recipe


def _log(out: Path, record: dict[str, Any]) -> None:
    with (out / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")


def read_log(out: Path) -> list[dict[str, Any]]:
    """The run's log: records of ``step`` with ``loss``, or with ``accuracy`` on held-out pairs."""
    return [json.loads(line) for line in (out / LOG).read_text(encoding="utf-8").splitlines()]
