"""Pairs about painted pumps, which an encoder of two layers learns in seconds."""

import numpy as np

from rag.train.batches import predict
from rag.train.pairs import Pair
from rag.train.recipe import Recipe

COLOURS = ("red", "blue", "green", "white", "black", "grey")
WORDS = ["<s>", "<pad>", "</s>", "<unk>", *COLOURS, "the", "pump", "is", "not", "painted", "?", "."]
FAST = Recipe(learning_rate=3e-3, head_learning_rate=3e-3, batch_tokens=128, checkpoint_every=10_000)


def pairs_of(n, task="entailment", seed=0):
    """A pump of one colour; the claim names it, denies it, or the question asks for a colour that stands there."""
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(n):
        colour, label = random.choice(COLOURS), int(random.integers(2))
        if task == "relevance":
            text = "the pump is " + (colour if label else "painted")
            pairs.append(
                Pair(task, text, "is the pump red ?" if colour == "red" else "is the pump ?", label, "own", "en")
            )
        else:
            pairs.append(
                Pair(task, f"the pump is {colour} .", f"the pump is {'not ' * label}painted", label, "own", "en")
            )
    return pairs


def accuracy(model, base, pairs):
    return float(np.mean(predict(model, base, pairs)[0].argmax(1) == [pair.label for pair in pairs]))
