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
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from rag.config import load_settings
from rag.facade import Verifier
from rag.models import load_entailer
from rag.verify import entail
from tests.bench.judged import GROUNDEDNESS
from tests.bench.triad import drawn, supports

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=GROUNDEDNESS, default=["wice-claim.dev", "mtrag-human.test"])
    parser.add_argument("--judged", type=int, default=100, help="of each set")
    options = parser.parse_args()
    model = Counting()
    verifier = Verifier(entailer=model)
    for name in options.sets:
        rows = drawn(GROUNDEDNESS[name](options.data), options.judged)
        label, served = [row.label for row in rows], 0
        print(f"{name}: {len(rows)} responses, {sum(label)} faithful")
        for bound, constants in BOUNDS.items():
            model.given = 0
            with patch.multiple(entail, **constants) if constants else nullcontext():
                scores = supports(verifier, rows)
                verdicts = [verifier.verify(row.response, row.context, row.question) for row in rows]
            called = [verdict.label == "supported" for verdict in verdicts]
            served = served or model.given
            figures = roc_auc_score(label, scores), balanced_accuracy_score(label, called), model.given / served
            print("  {:16} ROC-AUC {:.3f}  balanced accuracy {:.3f}  cost {:.2f}".format(bound, *figures), flush=True)


if __name__ == "__main__":
    main()
