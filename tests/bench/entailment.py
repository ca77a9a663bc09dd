"""Figures of the shipped entailment adapter (ONNX int8, as prepared) on held-out sets.

    python -m tests.bench.entailment --data DATA_FOLDER [--limit 2000]

Accuracy on NLI dev sets; ROC-AUC of "supported" against people's judgements, claim by claim the way answers are
checked: a response's score is the mean over its sentences of the best support among evidence windows. ``--data`` holds
nli/ and grounding/ (SNLI, LingNLI, ASSIN 2, InferBR, WiCE, BEGIN, MTRAG from their authors' repositories).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from rag.config import load_settings
from rag.models import load_entailer
from rag.text import detect_language
from rag.train.pairs import read_nli
from rag.types import Citation
from rag.verify.claims import claims
from rag.verify.entail import Source, windows

NLI = (("snli.dev", "en"), ("lingnli.dev", "en"), ("assin2.dev", "pt"), ("inferbr.dev", "pt"))


def accuracy(entailer, path: Path, name: str, language, limit: int) -> None:
    pairs = read_nli(path, language, name)
    random.Random(0).shuffle(pairs)
    pairs = pairs[:limit]
    probabilities = entailer.probabilities([(pair.first, pair.second) for pair in pairs])
    labels = np.array([pair.label for pair in pairs])
    if set(labels.tolist()) == {0, 2}:  # ASSIN 2 has two classes
        probabilities[:, 2] += probabilities[:, 1]
        probabilities[:, 1] = 0
    print(f"{name}: accuracy {np.mean(probabilities.argmax(1) == labels):.3f} of {len(pairs)}", flush=True)


def support(entailer, context: str, response: str) -> float:
    """Mean over the response's sentences of the best support among the context's windows."""
    language = detect_language(context)
    source = Source(Citation(1, "", "", "", None, 0, len(context), context), (), language)
    looked = [window.premise for window in windows(source)]
    if not looked:  # a few contexts are empty: nothing supports anything
        return 0.0
    said = [claim.text for claim in claims(response, detect_language(response)) if claim.asserts] or [response]
    best = [float(entailer.probabilities([(premise, claim) for premise in looked])[:, 0].max()) for claim in said]
    return float(np.mean(best))


def agreement(entailer, rows, name: str) -> None:
    scores = [support(entailer, context, response) for context, response, _ in rows]
    print(
        f"{name}: ROC-AUC {roc_auc_score([faithful for *_, faithful in rows], scores):.3f} of {len(rows)}", flush=True
    )


def grounding(path: Path, limit: int) -> list[tuple[str, str, bool]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(0).shuffle(rows)
    return [(row["context"], row["response"], bool(row["faithful"])) for row in rows[:limit]]


def wice(path: Path, limit: int) -> list[tuple[str, str, bool]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    random.Random(0).shuffle(rows)
    return [(premise, claim, label == "entailment") for premise, claim, label in rows[:limit]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=2000)
    options = parser.parse_args()
    entailer = load_entailer(load_settings().models)
    for name, language in NLI:
        accuracy(entailer, options.data / "nli" / f"{name}.tsv.gz", name, language, options.limit)
    agreement(
        entailer, grounding(options.data / "grounding" / "begin.dev_wow.jsonl.gz", options.limit), "begin.dev_wow"
    )
    limit = min(options.limit, 300)
    agreement(entailer, wice(options.data / "nli" / "wice-claim.dev.tsv.gz", limit), "wice-claim.dev")
    agreement(entailer, grounding(options.data / "grounding" / "mtrag-human.test.jsonl.gz", limit), "mtrag-human")


if __name__ == "__main__":
    main()
