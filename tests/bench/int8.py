"""What int8 costs the cross-encoder's two tasks: fp32 beside weights of 8 and of 7 bits, as machines without VNNI get.

    python -m tests.bench.int8 --data DATA_FOLDER [--limit 1000]

Accuracy on the halves of NLI dev sets that are kept for measuring, ROC-AUC of relevance on questions about articles
kept out of training, and how often the fp32 model's decision is kept. Differences come with their 95 % interval over
pairs (bootstrap of the paired difference). fp32 is the adapter as it ships, merged into the encoder, in torch.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from rag.config import ModelSettings, load_settings
from rag.evaluate.intervals import bootstrap
from rag.models.catalogue import SHIPPED, Store
from rag.models.cross import load_entailer
from rag.models.encoder import threads_of
from rag.models.export import export_cross_encoder
from rag.models.saturation import FULL, REDUCED, largest_weight
from rag.train.batches import batches, encode_pairs, tensors
from rag.train.claims import relevance_pairs
from rag.train.model import CrossEncoder
from rag.train.pairs import NOT_SUPPORTED, Pair, halves
from rag.train.recipe import Recipe
from tests.bench.edits import unseen

Decided = tuple[np.ndarray, np.ndarray]
"""The label or side chosen for each pair, int64[n], and the score of the first, float64[n]."""


@torch.no_grad()
def exact(base: Path, pairs: list[Pair]) -> Decided:
    model = CrossEncoder(base, Recipe(), SHIPPED).eval()
    encodings = encode_pairs(base, pairs, 512)
    logits = np.zeros((len(pairs), 4))
    for batch in batches([len(one) for one in encodings], 6144, 0, shuffle=False):
        entailment, relevance = model(*tensors(encodings, batch, model.pad))
        logits[batch] = torch.cat([entailment, relevance[:, None]], 1).double().numpy()
    return decided(pairs, logits[:, :3], logits[:, 3])


def served(folder: Path, pairs: list[Pair]) -> Decided:
    model = load_entailer(ModelSettings(entailment=str(folder)))
    entailment = np.log(model.probabilities([(pair.first, pair.second) for pair in pairs]).astype(float) + 1e-9)
    relevance = model.relevances([(pair.second, pair.first) for pair in pairs]).astype(float)
    return decided(pairs, entailment, np.log(relevance + 1e-9) - np.log(1 - relevance + 1e-9))


def decided(pairs: list[Pair], entailment: np.ndarray, relevance: np.ndarray) -> Decided:
    if pairs[0].task == "relevance":
        return (relevance > 0).astype(int), relevance
    return entailment.argmax(1), entailment[:, 0]


def right(pairs: list[Pair], found: Decided, some: np.ndarray) -> float:
    labels = np.array([pair.label for pair in pairs])[some]
    if pairs[0].task == "relevance":
        return float(roc_auc_score(labels, found[1][some]))
    if NOT_SUPPORTED in labels:  # a set of two classes
        return float(np.mean((found[0][some] == 0) == (labels == 0)))
    return float(np.mean(found[0][some] == labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=1000, help="pairs of each set")
    options = parser.parse_args()
    settings = load_settings().models
    torch.set_num_threads(threads_of(settings))
    base = Store(settings.cache_dir).path("fp32/model.safetensors").parent
    sets = dict(halves(options.data)[1])
    for language, asked in unseen(options.data / "qa").items():
        sets[f"relevance, {language}"] = relevance_pairs(asked, 0)
    with tempfile.TemporaryDirectory() as made:
        folders = {f"{bits} bits": Path(made, str(bits)) for bits in (8, 7)}
        for folder, weight in zip(folders.values(), (FULL, REDUCED), strict=True):
            folder.mkdir()
            export_cross_encoder(base, SHIPPED, folder, largest=weight)
        if largest_weight() == REDUCED:
            print("8 bits overflow on this CPU: they are left out")
            del folders["8 bits"]
        for name, pairs in sets.items():
            random.Random(0).shuffle(pairs)
            compare(base, name, pairs[: options.limit], folders)


def compare(base: Path, name: str, pairs: list[Pair], folders: dict[str, Path]) -> None:
    every = np.arange(len(pairs))
    before = exact(base, pairs)
    told = [f"fp32 {right(pairs, before, every):.3f}"]
    for bits, folder in folders.items():
        found = served(folder, pairs)

        def loss(some: np.ndarray, found: Decided = found) -> float:
            return right(pairs, found, some) - right(pairs, before, some)

        low, high = bootstrap(loss, len(pairs))
        kept = np.mean(found[0] == before[0])
        told.append(f"{bits} {loss(every):+.3f} [{low:+.3f}, {high:+.3f}], {kept:.1%} decided alike")
    print(f"{name}, {len(pairs)} pairs: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
