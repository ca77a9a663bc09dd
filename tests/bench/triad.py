"""How far the three figures of the RAG triad agree with people, on sets that nothing was tuned on.

    python -m tests.bench.triad --data DATA_FOLDER [--part groundedness context answer trip] [--sets NAME …]
    [--judged 200] [--grader MODEL] [--fit]

*groundedness*: the mean over a response's claims of the support that verification leaves them, called faithful where
`rag.evaluate.triad.GATE` makes of it a half or more; with ``--grader``, of the best support that the grader finds,
called so from a half on. *context*: the most that a piece of the context is judged to
answer the question. *answer*: how far a response is judged to answer it. *trip*: 1 / rank of the question among all of
the set, looked for with the response. ``--fit`` prints the Platt scaling of groundedness on BEGIN's development sets,
which is what `GATE` holds. ``--data`` holds qa/, grounding/, nli/ and rank/ (SQuAD, FaQuAD, Pirá, BEGIN, SummEdits,
MTRAG, WiCE, WikiQA, TREC QA, PLUE from their authors).
Published balanced accuracy on SummEdits: ChatGPT 71.2, QAFactEval 65.5, SummaC-Conv 57.1.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import load_settings
from rag.evaluate.intervals import bootstrap
from rag.evaluate.triad import GATE, Grader, graded, load_grader, round_trips
from rag.facade import Verifier
from rag.models import load_encoder, load_reranker
from rag.text import detect_language, sentences
from rag.types import Citation
from rag.verify.claims import claims
from rag.verify.windows import Source
from tests.bench.judged import ANSWER, CONTEXT, GROUNDEDNESS, Judged

FITTED_ON = ("begin.dev_wow", "begin.dev_cmu", "begin.dev_tc")
PARTS = {
    "groundedness": {name: read for name, read in GROUNDEDNESS.items() if name not in FITTED_ON},
    "context": CONTEXT,
    "answer": ANSWER,
    "trip": {name: ANSWER[name] for name in ("wikiqa.test", "trecqa.test", "plue-qnli.dev")},
}
_PIECE = 1_000
"""Characters of a context that are judged at once, as a passage is."""


def supports(by: Verifier | Grader, rows: Sequence[Judged]) -> list[float]:
    found = []
    for row in rows:
        said = [c.text for c in claims(row.response, detect_language(row.response)) if c.asserts] or [row.response]
        if isinstance(by, Verifier):
            left = [by.verify(claim, row.context, row.question).probs["supported"] for claim in said]
            found.append(float(np.mean(left)))
        else:
            citation = Citation(1, "", "", "", None, 0, len(row.context), row.context)
            found.append(graded(by, row.question, said, [Source(citation, (), detect_language(row.context))]))
    return found


def pieces(text: str) -> list[str]:
    """Runs of whole sentences of at most ``_PIECE`` characters where sentences are no longer."""
    cuts = [0]
    for start, end in sentences(text, detect_language(text)):
        if end - cuts[-1] > _PIECE and start > cuts[-1]:
            cuts.append(start)
    return [text[a:b] for a, b in pairwise([*cuts, len(text)])]


def agreement(part: str, name: str, rows: Sequence[Judged], scores: np.ndarray, called: np.ndarray) -> None:
    label, rating = np.array([row.label for row in rows]), np.array([row.rating for row in rows])

    def told(name: str, measure: Callable[[np.ndarray], float]) -> str:
        low, high = bootstrap(lambda s: measure(s) if 0 < label[s].sum() < len(s) else None, len(rows))
        return f"{name} {measure(np.arange(len(rows))):.3f} [{low:.3f}, {high:.3f}]"

    figures = (
        told("ROC-AUC", lambda s: float(roc_auc_score(label[s], scores[s]))),
        told("balanced accuracy", lambda s: float(balanced_accuracy_score(label[s], called[s]))),
        told("Spearman", lambda s: float(spearmanr(scores[s], rating[s])[0])),
    )
    print(f"{part}, {name}: {', '.join(figures)}, of {len(rows)} ({int(label.sum())} yes)", flush=True)


def fit(by: Verifier, data: Path, judged: int) -> None:
    """Balanced classes: how often people call answers faithful differs from set to set, and here it is not known."""
    rows = [row for name in FITTED_ON for row in drawn(GROUNDEDNESS[name](data), judged)]
    scores = np.clip(supports(by, rows), 1e-4, 1 - 1e-4)
    model = LogisticRegression(C=1e6, class_weight="balanced")
    model.fit(np.log(scores / (1 - scores))[:, None], [row.label for row in rows])
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    print(f"Platt scaling on {', '.join(FITTED_ON)} ({len(rows)}): slope {slope:.3f}, intercept {intercept:.3f}")


def drawn(rows: list[Judged], judged: int) -> list[Judged]:
    random.Random(0).shuffle(rows)
    return rows[:judged]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--sets", nargs="+", help="those of the parts' sets that are meant")
    parser.add_argument("--judged", type=int, default=200, help="of each set")
    parser.add_argument("--grader", help="an entailment model, or a chat server's URL, in the place of the shipped one")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    settings = load_settings().models
    grader = load_grader(options.grader, settings)
    verifier = Verifier()
    if options.fit:
        fit(verifier, options.data, options.judged)
    relevance, encoder = load_reranker(settings), load_encoder(settings)
    for part in options.part:
        for name, read in PARTS[part].items():
            if options.sets and name not in options.sets:
                continue
            rows = drawn(read(options.data), options.judged)
            if part == "groundedness":
                scores = np.array(supports(grader or verifier, rows))
                called = scores >= 0.5 if grader else np.array([GATE(score) >= 0.5 for score in scores])
            elif part == "context":
                scores = np.array([relevance.relevance(row.question, pieces(row.context)).max() for row in rows])
                called = scores >= 0.5
            elif part == "answer":
                scores = np.array([relevance.relevance(row.question, [row.response])[0] for row in rows])
                called = scores >= 0.5
            else:
                asked = list(dict.fromkeys(row.question for row in rows))
                scores = np.array(round_trips(encoder, [(row.question, row.response) for row in rows], asked))
                called = scores == 1.0
            agreement(part, name, rows, scores, called)


if __name__ == "__main__":
    main()
