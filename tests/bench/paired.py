"""Two runs of the golden questions, question by question: what changed, and whether chance would do as much.

    python -m tests.bench.paired --after RUN.json … [--before RUN.json …] [--questions]

A run is the ``golden-answers.json`` that ``tests.bench.golden --work FOLDER`` writes; several runs of different
folders are read as one. Every question is right, wrong, declined (it has no answer) or withheld (it has one). For
*wrong* and for *right*: how many questions became so and how many ceased to be, and the exact two-sided sign test over
those that changed. Then how well confidence tells right from wrong among the answers given (ROC-AUC), and how many
wrong answers rest on a passage in the question's language. ``--questions`` names each question that changed; leave it
out for folders whose single answers nobody should read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from rag.text import detect_language

Records = dict[tuple[str, str], dict[str, Any]]


def read(runs: Sequence[Path]) -> Records:
    """By id and question: two folders may use one id, not for one question."""
    return {
        (record["golden"]["id"], record["golden"]["question"]): record
        for run in runs
        for record in json.loads(run.read_text(encoding="utf-8"))
    }


def outcome(record: Mapping[str, Any]) -> str:
    if record["answer"]["abstained"]:
        return "declined" if record["golden"]["unanswerable"] else "withheld"
    return "right" if record["right"] else "wrong"


def changed(before: Mapping[Any, str], after: Mapping[Any, str], what: str) -> tuple[int, int, float]:
    """How many became ``what``, how many ceased to be, and the two-sided p of the sign test (1 where none changed)."""
    became = sum(before[key] != what and after[key] == what for key in before)
    ceased = sum(before[key] == what and after[key] != what for key in before)
    p = binomtest(became, became + ceased).pvalue if became + ceased else 1.0
    return became, ceased, float(p)


def languages(records: Records) -> tuple[int, int]:
    """Wrong answers whose first evidence is in the question's language, and in the other one."""
    same = other = 0
    for record in records.values():
        shown = [s["evidence"]["text"] for s in record["answer"]["sentences"] if s["evidence"]]
        if outcome(record) == "wrong" and shown:
            alike = detect_language(shown[0]) == detect_language(record["golden"]["question"])
            same, other = same + alike, other + (not alike)
    return same, other


def told(name: str, records: Records) -> None:
    counts = Counter(map(outcome, records.values()))
    print(f"{name}: " + ", ".join(f"{counts[what]} {what}" for what in ("right", "wrong", "declined", "withheld")))
    given = [record for record in records.values() if not record["answer"]["abstained"]]
    right = [record["right"] for record in given]
    if len(set(right)) == 2:
        confidence = [record["answer"]["signals"].get("confidence", 0.0) for record in given]
        print(f"  confidence tells right from wrong: ROC-AUC {roc_auc_score(right, confidence):.2f} of {len(given)}")
    print("  wrong by a passage in the question's language: {}, in the other: {}".format(*languages(records)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--after", type=Path, nargs="+", required=True)
    parser.add_argument("--before", type=Path, nargs="+", default=())
    parser.add_argument("--questions", action="store_true", help="name every question that changed")
    options = parser.parse_args()
    after, before = read(options.after), read(options.before)
    if before:
        told("before", before)
    told("after", after)
    if not before:
        return
    if apart := before.keys() ^ after.keys():
        parser.error(f"{len(apart)} questions are in one run alone, {min(apart)[0]} first")
    was, now = ({key: outcome(record) for key, record in run.items()} for run in (before, after))
    for what in ("wrong", "right"):
        became, ceased, p = changed(was, now, what)
        print(f"{what}: {became} became so, {ceased} ceased to be; sign test p {p:.3f}")
    for key in sorted(key for key in was if options.questions and was[key] != now[key]):
        print(f"  {key[0]} {was[key]} → {now[key]}: {key[1]} → {after[key]['answer']['answer'][:120]}")


if __name__ == "__main__":
    main()
