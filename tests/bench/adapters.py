"""Full training, LoRA, IA³ and prompt tuning on the same pairs for the same time: accuracy against size.

    python -m tests.bench.adapters --data SETS --work FOLDER [--minutes 8] [--methods full lora ia3 prompt]

Trained from the bare encoder on the mixture's NLI sets (no translations needed), judged on the unseen halves. Sizes are
of what would ship: a full update is also judged as four bits a weight leave it.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch

from rag.config import load_settings
from rag.models.catalogue import Store
from rag.models.encoder import threads_of
from rag.train.batches import predict
from rag.train.loop import train
from rag.train.model import CrossEncoder, trained_state
from rag.train.pairs import NLI_SETS, NOT_SUPPORTED, Mixture, Pair, halves, sample_nli
from rag.train.publish import publish
from rag.train.recipe import METHODS, RATES, Recipe


def accuracy(model: CrossEncoder, base: Path, pairs: list[Pair]) -> float:
    logits = predict(model, base, pairs)[0]
    labels = np.array([pair.label for pair in pairs])
    if set(labels.tolist()) == {0, NOT_SUPPORTED}:  # ASSIN 2 has two classes
        logits = np.column_stack([logits[:, 0], np.logaddexp(logits[:, 1], logits[:, 2])])
        labels = np.minimum(labels, 1)
    return float(np.mean(logits.argmax(1) == labels))


def row(model: CrossEncoder, base: Path, unseen: dict[str, list[Pair]]) -> str:
    return "  ".join(f"{name} {accuracy(model, base, pairs):.3f}" for name, pairs in unseen.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--limit", type=int, default=1000, help="pairs judged of each set")
    options = parser.parse_args()
    settings = load_settings().models
    torch.set_num_threads(threads_of(settings))
    base = Store(settings.cache_dir).path("fp32/model.safetensors").parent
    trained_half, unseen = halves(options.data)
    nli, _ = sample_nli(options.data, NLI_SETS, [pair for pairs in unseen.values() for pair in pairs], 0)
    pairs = nli + trained_half
    random.Random(0).shuffle(pairs)
    judged = {name: found[: options.limit] for name, found in unseen.items()}
    for method in options.methods:
        recipe = Recipe(method=method, learning_rate=RATES[method], minutes=options.minutes)
        out = options.work / method
        model = train(base, pairs, out, recipe)
        steps = json.loads((out / "log.jsonl").read_text().splitlines()[-1])["step"]
        trained = sum(p.numel() for n, p in trained_state(model).items() if n.startswith("trunk."))
        print(f"{method}: {trained:,} weights trained beside the heads, {steps} steps in {options.minutes:g} min")
        print(f"  as trained: {row(model, base, judged)}", flush=True)
        if method == "prompt":
            continue
        publish(base, model, recipe, Mixture([], [], {}), method, out / "adapter")
        size = (out / "adapter" / "adapter.safetensors").stat().st_size / 1e6
        shipped = CrossEncoder(base, Recipe(method="full"), out / "adapter")
        print(f"  as shipped, {size:.1f} MB: {row(shipped, base, judged)}", flush=True)


if __name__ == "__main__":
    main()
