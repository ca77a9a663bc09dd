"""The encoder as a cross-encoder under training: its trunk by one of four methods, and two heads.

Heads are ``dense → tanh → out`` on the mean of the states, as the encoder pools: ``classifier`` says whether a passage
supports a claim, contradicts it or neither, ``relevance`` whether it answers a question. Word, position and type
embeddings are always frozen: at this size they are most of the memory and learn nothing in one pass. The adapters are
peft's.

Attention's weights are not dropped out, and what is dropped elsewhere is drawn by the byte: torch's own draws on CPU
took a quarter of a step.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rag.models.adapter import merged
from rag.train.recipe import Recipe

__all__ = ["CrossEncoder", "Trained", "interpolate", "trained_state"]

Trained = dict[str, torch.Tensor]

_DROPPED = 26
"""Of 256: the share of hidden states set to zero, 0.1 as the encoder was pre-trained."""

_LINEAR = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


class CrossEncoder(nn.Module):
    """``forward`` gives (entailment float[n, 3], relevance float[n]) for ids and mask int64[n, length].

    ``start`` is an adapter folder to go on from: its updates are merged into the trunk before training, its heads are
    taken over.
    """

    def __init__(self, base: Path, recipe: Recipe, start: Path | None = None) -> None:
        super().__init__()
        from transformers import AutoModel

        heads: dict[str, nn.Module] = {}
        if start is None:
            trunk = AutoModel.from_pretrained(base, add_pooling_layer=False)
        else:
            trunk, heads, _ = merged(base, start)
        self.width = int(trunk.config.hidden_size)
        self.pad = int(trunk.config.pad_token_id)
        self.virtual_tokens = recipe.prompt_tokens if recipe.method == "prompt" else 0
        _drop_by_the_byte(trunk)
        self.trunk = _trainable(trunk, recipe)
        self.classifier = _head(self.width, 3, heads.get("classifier"))
        self.relevance = _head(self.width, 1, heads.get("relevance"))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.trunk(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        states = states[:, self.virtual_tokens :]  # what is pooled is the text
        weights = mask.unsqueeze(-1)
        state = (states * weights).sum(1) / weights.sum(1)
        return self.classifier(state), self.relevance(state).squeeze(-1)

    def merged_trunk(self) -> Any:
        """The trunk as a plain model with its updates in its weights. Raises ValueError for prompt tuning."""
        if self.virtual_tokens:
            raise ValueError("virtual tokens are an input, not an update of the weights: they cannot be merged")
        return self.trunk.merge_and_unload() if hasattr(self.trunk, "merge_and_unload") else self.trunk


class _Dropout(nn.Module):
    """Dropout (Srivastava et al., 2014) whose mask is of random bytes; it follows torch's seed."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return states
        drawn = np.random.Generator(np.random.SFC64(int(torch.randint(2**62, ()))))
        numbers = torch.frombuffer(bytearray(drawn.bytes(states.numel())), dtype=torch.uint8)
        kept = numbers.view(states.shape) >= _DROPPED
        return states * kept.to(states.dtype).mul_(256 / (256 - _DROPPED))


def _drop_by_the_byte(trunk: nn.Module) -> None:
    for name, module in list(trunk.named_modules()):
        if isinstance(module, nn.Dropout):
            parent, _, own = name.rpartition(".")
            if parent.endswith("attention.self"):
                module.p = 0.0
            else:
                setattr(trunk.get_submodule(parent), own, _Dropout())


def _trainable(trunk: Any, recipe: Recipe) -> Any:
    if recipe.method == "full":
        for name, parameter in trunk.named_parameters():
            parameter.requires_grad = not name.startswith("embeddings")
        return trunk
    import peft

    config: Any
    if recipe.method == "lora":
        config = peft.LoraConfig(r=recipe.rank, lora_alpha=recipe.lora_alpha, target_modules=_LINEAR)
    elif recipe.method == "ia3":
        config = peft.IA3Config(target_modules=["key", "value", "output.dense"], feedforward_modules=["output.dense"])
    else:
        config = peft.PromptTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=recipe.prompt_tokens)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name it has given up
        return peft.get_peft_model(trunk, config)


def _head(width: int, outputs: int, start: nn.Module | None) -> nn.Module:
    head = nn.Sequential()
    head.add_module("dense", nn.Linear(width, width))
    head.add_module("tanh", nn.Tanh())
    head.add_module("dropout", nn.Dropout(0.1))
    head.add_module("out", nn.Linear(width, outputs))
    if start is not None:
        linear = [module for module in start.modules() if isinstance(module, nn.Linear)]
        head.get_submodule("dense").load_state_dict(linear[0].state_dict())
        head.get_submodule("out").load_state_dict(linear[1].state_dict())
    return head


@torch.no_grad()
def interpolate(model: CrossEncoder, before: CrossEncoder, share: float) -> None:
    """Make ``model`` the mean of itself (``share``) and of ``before``, a fully trained one like it."""
    for after, earlier in zip(model.parameters(), before.parameters(), strict=True):
        after.copy_(torch.lerp(earlier, after, share))


def trained_state(model: CrossEncoder) -> Trained:
    """The tensors under training, without the frozen base."""
    return {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}
