"""How well answers are told from what are none, on questions of articles no adapter was trained on.

    python -m tests.bench.claims --data QA_FOLDER [--claims 2000]

A claim is a right answer, another answer of the same kind from the passage, the answer with another number, the right
answer where the passage lacks it, or a made-up answer to a question without one (``rag.train.claims``); each goes
through ``rag.verify`` as at run time. Printed by language: ROC-AUC of the support it is found to have, the balanced
accuracy at thresholds of it (``verify.supported``), and the expected calibration error of the support; then, of the
entailment model alone, ROC-AUC of the best support among windows of up to one, two and three sentences and of the whole
passage, and the balanced accuracy where runs of sentences must be surer than one and where they need not.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import VerifySettings, load_settings
from rag.models import load_entailer
from rag.text import sentences
from rag.train.calibration import expected_calibration_error
from rag.train.claims import claim_pairs
from rag.types import Citation
from rag.verify.entail import SUPPORTED, judge
from rag.verify.windows import Source, windows
from tests.bench.edits import unseen

THRESHOLDS = (0.34, 0.38, 0.42, 0.46, 0.5, 0.55, 0.6, 0.65, 0.7)


def supports(entailer, pairs) -> np.ndarray:
    """The support each claim is found to have, 0 where something else than the model speaks against it."""
    every = VerifySettings(supported=0.0)
    found = []
    for pair in pairs:
        question, _, claim = pair.second.rpartition("? ")
        citation = Citation(1, "", "", "", None, 0, len(pair.first), pair.first)
        verdict = judge(entailer, f"{question}?", claim, ([Source(citation, (), pair.language)], []), every)
        found.append(verdict.probs["supported"] if verdict.label == "supported" else 0.0)
    return np.array(found)


def by_window(entailer, pairs, right: np.ndarray) -> None:
    """What the windows are worth, without the literal checks."""
    best = []
    for pair in pairs:
        citation = Citation(1, "", "", "", None, 0, len(pair.first), pair.first)
        looked = windows(Source(citation, (), pair.language))
        found = entailer.probabilities([(window.premise, pair.second) for window in looked])[:, SUPPORTED]
        lengths = np.array([len(sentences(window.text, pair.language)) for window in looked])
        whole = entailer.probabilities([(pair.first, pair.second)])[0, SUPPORTED]
        best.append([found[lengths <= n].max(initial=0.0) for n in (1, 2, 3)] + [whole])
    support = np.array(best)
    areas = [roc_auc_score(right, column) for column in support.T]
    named = zip(("one sentence", "to two", "to three", "whole"), areas, strict=True)
    print("  ROC-AUC of the best support:", "  ".join(f"{name} {area:.3f}" for name, area in named))
    surer = (support[:, 0] >= 0.42) | (support[:, 2] >= 0.6)
    as_one = support[:, 2] >= 0.42
    accuracies = [balanced_accuracy_score(right, said) for said in (surer, as_one)]
    print("  balanced accuracy, runs at 0.60 {:.3f}, at 0.42 as one sentence {:.3f}".format(*accuracies), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--claims", type=int, default=2000, help="by language")
    options = parser.parse_args()
    entailer = load_entailer(load_settings().models)
    for language, questions in unseen(options.data).items():
        pairs = [pair for pair in claim_pairs(questions, 0) if "? " in pair.second]
        pairs = random.Random(0).sample(pairs, min(options.claims, len(pairs)))
        right = np.array([pair.label == 0 for pair in pairs])
        found = supports(entailer, pairs)
        by_threshold = {t: balanced_accuracy_score(right, found >= t) for t in THRESHOLDS}
        print(f"{language}: ROC-AUC {roc_auc_score(right, found):.3f} of {len(pairs)}, {right.mean():.2f} right")
        print("  balanced accuracy at", "  ".join(f"{t:.2f} {v:.3f}" for t, v in by_threshold.items()))
        logits = np.log(np.clip(np.stack([1 - found, found], 1), 1e-6, 1.0))
        print(f"  expected calibration error {expected_calibration_error(logits, right.astype(int)):.3f}", flush=True)
        by_window(entailer, pairs, right)


if __name__ == "__main__":
    main()
