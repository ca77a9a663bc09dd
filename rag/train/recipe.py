"""What a training run is told: one dataclass, written into checkpoints, configs and cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["METHODS", "RATES", "Method", "Recipe"]

Method = Literal["full", "lora", "ia3", "prompt"]
METHODS: tuple[Method, ...] = ("full", "lora", "ia3", "prompt")
RATES: dict[Method, float] = {"full": 1.2e-4, "lora": 5e-4, "ia3": 5e-3, "prompt": 3e-2}
"""The learning rate of each method where none is given."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """``method``: what is trained beside the heads: every layer above the embeddings (``full``), low-rank updates
    (``lora``, Hu et al., arXiv 2106.09685), scaling vectors (``ia3``, Liu et al., arXiv 2205.05638), or virtual tokens
    (``prompt``, Lester et al., arXiv 2104.08691).

    ``batch_tokens``: padded tokens a step. ``minutes``: bound on the wall clock, 0 = none. ``evaluate_every``: steps
    between evaluations on held-out pairs; after ``patience`` of them that do not gain ``threshold`` over the best, the
    run stops; 0 = never. ``limit``: the first pairs only, 0 = all. ``nli_share``: what plain NLI is of the public sets'
    text, 0 = as they come. ``share``: of the weights that ship, what was trained, the rest being
    what the run went on from (full training; Wortsman et al., arXiv 2109.01903). ``keep``: the weight, beside what the
    labels ask, of saying of everything but plain NLI what the shipped adapter says (Kullback–Leibler divergence of both
    heads; learning without forgetting, Li and Hoiem, arXiv 1606.09282); 0 = not at all.
    """

    method: Method = "full"
    learning_rate: float = 1.2e-4
    head_learning_rate: float = 3e-4
    rank: int = 48
    lora_alpha: int = 96
    prompt_tokens: int = 32
    weight_decay: float = 0.01
    warmup: float = 0.02
    batch_tokens: int = 1536
    max_length: int = 256
    minutes: float = 0.0
    checkpoint_every: int = 200
    evaluate_every: int = 0
    patience: int = 3
    threshold: float = 0.002
    seed: int = 0
    limit: int = 0
    nli_share: float = 0.0
    share: float = 1.0
    keep: float = 0.0
