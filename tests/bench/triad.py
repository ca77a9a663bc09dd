"""How far the triad's groundedness agrees with people, on sets the model was not trained on.

    python -m tests.bench.triad --data DATA_FOLDER [--judged 200]

A response's score is the mean over its claims of the best support among evidence windows. The Platt scaling that
`rag.evaluate.triad.GATE` ships is fitted on BEGIN's development sets and told here; ROC-AUC, Spearman and balanced
accuracy are of the other sets. ``--data`` holds grounding/ and nli/ (BEGIN, SummEdits, MTRAG, WiCE from their authors).
Published balanced accuracy on SummEdits: ChatGPT 71.2, QAFactEval 65.5, SummaC-Conv 57.1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import load_settings
from rag.evaluate.intervals import bootstrap
from rag.evaluate.triad import mean_support
from rag.models import load_entailer
from rag.text import detect_language
from rag.types import Citation
from rag.verify.claims import claims
from rag.verify.entail import Source

FITTED_ON = ("begin.dev_wow", "begin.dev_cmu", "begin.dev_tc")
MEASURED_ON = ("begin.test_wow", "summedits.all", "mtrag-human.test")
MOST = 6_000
"""Characters of a context that are looked at: MTRAG's run to tens of thousands."""

Row = tuple[str, str, str, bool]


def grounding(path: Path, limit: int) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(0).shuffle(rows)
    return [(r.get("question") or "", r["context"][:MOST], r["response"], bool(r["faithful"])) for r in rows[:limit]]


def wice(path: Path, limit: int) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    random.Random(0).shuffle(rows)
    return [("", premise, claim, label == "entailment") for premise, claim, label in rows[:limit]]


def scores_of(entailer, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    found = []
    for _, context, response, _ in rows:
        source = Source(Citation(1, "", "", "", None, 0, len(context), context), (), detect_language(context))
        said = [claim.text for claim in claims(response, detect_language(response)) if claim.asserts] or [response]
        found.append(mean_support(entailer, "", said, [source]))
    return np.clip(np.array(found), 1e-4, 1 - 1e-4), np.array([row[3] for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--judged", type=int, default=200, help="responses of each set")
    options = parser.parse_args()
    entailer = load_entailer(load_settings().models)
    folder = options.data / "grounding"
    parts = [scores_of(entailer, grounding(folder / f"{name}.jsonl.gz", options.judged)) for name in FITTED_ON]
    scores, faithful = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    # Balanced classes: how often people call answers faithful differs from set to set, and here it is not known.
    model = LogisticRegression(C=1e6, class_weight="balanced").fit(np.log(scores / (1 - scores))[:, None], faithful)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    print(f"Platt scaling on {', '.join(FITTED_ON)} ({len(scores)}): slope {slope:.3f}, intercept {intercept:.3f}")
    for name in (*MEASURED_ON, "wice-claim.dev"):
        rows = (
            wice(options.data / "nli" / f"{name}.tsv.gz", options.judged)
            if name.startswith("wice")
            else grounding(folder / f"{name}.jsonl.gz", options.judged)
        )
        scores, faithful = scores_of(entailer, rows)
        called = slope * np.log(scores / (1 - scores)) + intercept >= 0
        area = roc_auc_score(faithful, scores)
        low, high = bootstrap(
            lambda s, f=faithful, v=scores: float(roc_auc_score(f[s], v[s])) if 0 < f[s].sum() < len(s) else None,
            len(scores),
        )
        print(
            f"{name}: ROC-AUC {area:.3f} [{low:.3f}, {high:.3f}], Spearman {spearmanr(scores, faithful)[0]:.3f}, "
            f"balanced accuracy {100 * balanced_accuracy_score(faithful, called):.1f} of {len(rows)} "
            f"({int(faithful.sum())} faithful)",
            flush=True,
        )


if __name__ == "__main__":
    main()
