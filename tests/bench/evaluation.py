"""Public question sets through the whole product, as folders of their own documents: the table of the evaluation.

    python -m tests.bench.evaluation --data DATA_FOLDER --work FOLDER [--sets squad faquad pira-pt pira-en unseen-en …]
    [--questions 150] [--configurations sparse hybrid reranked] [--answers none extractive decoder]

Each set's documents are written as files and ingested once; ``--questions`` of its questions are drawn with a fixed
seed, a third of them unanswerable where the set has such. What was asked is kept in ``--work``: stopped, the same
command goes on. Without ``--decoder`` answers are in the documents' own words. ``--data`` holds qa/ (SQuAD 2.0, FaQuAD,
Pirá from their authors). Accepted answers are short in SQuAD and FaQuAD; Pirá's are whole sentences in other words, of
which F1 tells more than the share that is said to the letter.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ingest import ingest_folder
from rag.config import load_settings
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import evaluate
from rag.facade import Lastro
from tests.bench.public_sets import SETS, read_set, write_folder, write_questions

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "sparse": {"alpha": 0.0, "rerank": False},
    "hybrid": {"rerank": False},
    "reranked": {},
}
SHOWN = (
    "passage.recall@1", "passage.recall@5", "passage.ndcg@10", "answer.coverage", "answer.correct", "answer.f1",
    "answer.recall", "answer.risk", "abstention.recall", "abstention.false", "abstention.aurc", "triad.groundedness",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--configurations", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS))
    parser.add_argument("--answers", choices=("none", "extractive", "decoder"), default="extractive")
    options = parser.parse_args()
    print("| set | configuration | " + " | ".join(SHOWN) + " |")
    print("|" + "---|" * (len(SHOWN) + 2))
    for name in options.sets:
        public, work = read_set(name, options.data), options.work / name
        write_folder(public, work / "documents")
        ingest_folder(work / "documents", work / "index")
        dataset = read_dataset(write_questions(public, options.questions, work / f"{name}.jsonl"))
        for configuration in options.configurations:
            models = {} if options.answers == "decoder" else {"models": {"generator": "none"}}
            app = Lastro.open(work / "index", load_settings(search=CONFIGURATIONS[configuration], **models))
            done = evaluate(
                app,
                dataset,
                work / f"{configuration}-{options.answers}",
                answers=options.answers != "none",
                progress=lambda at, of, _: print(f"{at}/{of}", end="\r", file=sys.stderr),
            )
            cells = [cell(done.summary["metrics"].get(metric)) for metric in SHOWN]
            print(f"| {name} ({len(dataset.questions)}) | {configuration} | " + " | ".join(cells) + " |", flush=True)


def cell(found: dict[str, float] | None) -> str:
    return "–" if found is None else f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


if __name__ == "__main__":
    main()
