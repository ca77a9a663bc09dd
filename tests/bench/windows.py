"""How many evidence windows a claim is held against: what each bound costs and buys.

    python -m tests.bench.windows --data DATA_FOLDER [--sets wice-claim.dev mtrag-human.test] [--judged 100]

The bounds are those of ``rag.verify.entail``: in a passage of many sentences runs are read only around the nearest few
(``_NEAREST``), and for a claim that no window supports some pairs of sentences are tried together (``_PAIRS``). WiCE's
claims rest on several sentences, and MTRAG's contexts are long. Cost is the pairs of texts given to the model, as share
of those that the product's bounds take: unlike a clock it is the same on every machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import load_settings
from rag.models import load_entailer
from rag.text import detect_language
from rag.types import Citation
from rag.verify import entail
from rag.verify.claims import claims
from rag.verify.windows import Source
from tests.bench.judged import GROUNDEDNESS, Judged
from tests.bench.triad import drawn

BOUNDS: dict[str, dict[str, int]] = {
    "as served": {},
    "runs around 4": {"_NEAREST": 4},
    "runs around 16": {"_NEAREST": 16},
    "all runs": {"_MANY": 1_000_000},
    "no pairs": {"_PAIRS": 0},
    "4 pairs": {"_PAIRS": 4},
    "16 pairs": {"_PAIRS": 16},
}


class Counting:
    """The served model, and how many pairs it was given; what it was given before is not judged again."""

    def __init__(self) -> None:
        self.model, self.given, self.known = load_entailer(load_settings().models), 0, {}

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        self.given += len(pairs)
        new = list(dict.fromkeys(pair for pair in pairs if pair not in self.known))
        self.known.update(zip(new, self.model.probabilities(new), strict=True) if new else ())
        return np.array([self.known[pair] for pair in pairs], np.float32).reshape(-1, 3)


def support(model: Counting, row: Judged) -> tuple[float, bool]:
    """The mean support of the response's claims, and whether each is supported."""
    settings, language = load_settings().verify, detect_language(row.response)
    said = [claim.text for claim in claims(row.response, language) if claim.asserts] or [row.response]
    citation = Citation(1, "", "", "", None, 0, len(row.context), row.context)
    source = Source(citation, (), detect_language(row.context))
    found = [entail.judge(model, row.question, claim, ([source], []), settings, as_answer=False) for claim in said]
    return float(np.mean([one.probs["supported"] for one in found])), all(one.label == "supported" for one in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=GROUNDEDNESS, default=["wice-claim.dev", "mtrag-human.test"])
    parser.add_argument("--judged", type=int, default=100, help="of each set")
    options = parser.parse_args()
    model = Counting()
    for name in options.sets:
        rows = drawn(GROUNDEDNESS[name](options.data), options.judged)
        label, served = [row.label for row in rows], 0
        print(f"{name}: {len(rows)} responses, {sum(label)} faithful")
        for bound, constants in BOUNDS.items():
            model.given = 0
            with patch.multiple(entail, **constants) if constants else patch.dict({}):
                scores, called = zip(*(support(model, row) for row in rows), strict=True)
            served = served or model.given
            figures = roc_auc_score(label, scores), balanced_accuracy_score(label, called), model.given / served
            print("  {:16} ROC-AUC {:.3f}  balanced accuracy {:.3f}  cost {:.2f}".format(bound, *figures), flush=True)


if __name__ == "__main__":
    main()
