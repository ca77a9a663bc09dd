"""Figures of the shipped entailment adapter (ONNX int8, as prepared) on sets it was not trained on.

    python -m tests.bench.entailment --data DATA_FOLDER [--limit 2000] [--judged 300] [--longest 1 2 3] [--sets NAME …]

Accuracy on the halves of NLI dev sets that are kept for measuring, of the model and of ``lastro verify``; ROC-AUC of
"supported" against people's judgements, and balanced accuracy of calling it so, by ``lastro verify``. With
``--longest`` by the model alone: a response's score is the mean over its sentences of the best support among evidence
windows of one to so many sentences, called so at ``verify.supported``. Of a context the first 20,000 characters are
looked at. ``--data`` holds nli/ and grounding/ (SNLI, LingNLI, ASSIN 2, InferBR, WiCE, BEGIN, MTRAG, SummEdits from
their authors).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import load_settings
from rag.facade import Verifier
from rag.models import load_entailer
from rag.text import detect_language
from rag.train.pairs import ENTAILMENT_LABELS, NOT_SUPPORTED, Pair, halves
from rag.types import Citation
from rag.verify.claims import claims
from rag.verify.windows import Source, windows

NLI = ("snli.dev", "lingnli.dev", "assin2.dev", "inferbr.dev")
WICE = "wice-claim.dev"
_MOST = 20_000
GROUNDING = (WICE, "begin.dev_wow", "begin.dev_cmu", "mtrag-human.test", "summedits.all")


def accuracy(verifier: Verifier, entailer, pairs: list[Pair], name: str) -> None:
    probabilities = entailer.probabilities([(pair.first, pair.second) for pair in pairs])
    said = np.array([ENTAILMENT_LABELS.index(verifier.verify(pair.second, pair.first).label) for pair in pairs])
    labels = np.array([pair.label for pair in pairs])
    if set(labels.tolist()) == {0, NOT_SUPPORTED}:  # ASSIN 2 has two classes
        probabilities = np.column_stack([probabilities[:, 0], probabilities[:, 1:].sum(1)])
        said, labels = np.minimum(said, 1), np.minimum(labels, 1)
    model, verified = np.mean(probabilities.argmax(1) == labels), np.mean(said == labels)
    print(f"{name}: accuracy {model:.3f}, as verified {verified:.3f}, of {len(pairs)}", flush=True)


def support(entailer, context: str, response: str, longest: int) -> float:
    """Mean over the response's sentences of the best support among the context's windows."""
    language = detect_language(context)
    source = Source(Citation(1, "", "", "", None, 0, len(context), context), (), language)
    looked = [window.premise for window in windows(source, longest=longest)]
    if not looked:  # a few contexts are empty: nothing supports anything
        return 0.0
    said = [claim.text for claim in claims(response, detect_language(response)) if claim.asserts] or [response]
    best = [float(entailer.probabilities([(premise, claim) for premise in looked])[:, 0].max()) for claim in said]
    return float(np.mean(best))


def agreement(rows, name: str, scores: np.ndarray, called: np.ndarray) -> None:
    faithful = np.array([label for *_, label in rows])
    area, balanced = roc_auc_score(faithful, scores), balanced_accuracy_score(faithful, called)
    print(f"{name}: ROC-AUC {area:.3f}, balanced accuracy {balanced:.3f} of {len(rows)}", flush=True)


def verified(verifier: Verifier, rows, name: str) -> None:
    verdicts = [verifier.verify(response, context) for context, response, _ in rows]
    scores = np.array([verdict.probs["supported"] for verdict in verdicts])
    agreement(rows, name, scores, np.array([verdict.label == "supported" for verdict in verdicts]))


def judged(data: Path, name: str, limit: int) -> list[tuple[str, str, bool]]:
    """``(context, response, faithful to it)``, ``limit`` of the set at random."""
    nli = name == WICE
    path = data / "nli" / f"{name}.tsv.gz" if nli else data / "grounding" / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") if nli else json.loads(line) for line in lines]
    random.Random(0).shuffle(rows)
    if nli:
        return [(premise, claim, label == "entailment") for premise, claim, label in rows[:limit]]
    return [(row["context"][:_MOST], row["response"], bool(row["faithful"])) for row in rows[:limit]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=2000, help="pairs of each NLI set")
    parser.add_argument("--judged", type=int, default=300, help="responses of each grounding set")
    parser.add_argument("--longest", type=int, nargs="+", default=[])
    parser.add_argument("--sets", nargs="+", choices=(*NLI, *GROUNDING), default=(*NLI, *GROUNDING))
    options = parser.parse_args()
    settings = load_settings()
    entailer = load_entailer(settings.models)
    verifier = Verifier(settings, entailer)
    unseen = halves(options.data)[1]
    for name in filter(unseen.__contains__, options.sets):
        random.Random(0).shuffle(unseen[name])
        accuracy(verifier, entailer, unseen[name][: options.limit], name)
    for name in filter(GROUNDING.__contains__, options.sets):
        rows = judged(options.data, name, options.judged)
        for longest in options.longest:
            scores = np.array([support(entailer, context, response, longest) for context, response, _ in rows])
            agreement(rows, f"{name}, windows to {longest}", scores, scores >= settings.verify.supported)
        if not options.longest:
            verified(verifier, rows, name)


if __name__ == "__main__":
    main()
