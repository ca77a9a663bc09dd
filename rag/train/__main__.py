"""``python -m rag.train entailment --data DIR --out DIR``: the recipe behind the shipped adapter, resumable."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from rag.config import load_settings
from rag.models.catalogue import Store
from rag.train.entailment import Recipe, train
from rag.train.mixture import entailment_mixture
from rag.train.publish import publish


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rag.train", description=__doc__)
    parser.add_argument("task", choices=["entailment"])
    parser.add_argument("--data", type=Path, required=True, help="folder with nli/ and qa/")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log, translations and the adapter")
    parser.add_argument("--minutes", type=float, default=0.0, help="bound on the wall clock; 0 = the whole pass")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(load_settings().models.threads or torch.get_num_threads())
    base = Store(load_settings().models.cache_dir).path("fp32/model.safetensors").parent
    pairs, dev = entailment_mixture(options.data, options.out / "translations.jsonl", options.seed)
    train(base, pairs, options.out, Recipe(minutes=options.minutes, seed=options.seed))
    figures = publish(base, options.out / "checkpoint.pt", dev, "entailment-v1", options.out / "adapter")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
