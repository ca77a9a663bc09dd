"""Public question sets through the whole product, as folders of their own documents: the table of the evaluation.

    python -m tests.bench.evaluation --data DATA_FOLDER --work FOLDER [--sets squad faquad pira-pt pira-en unseen-en …]
    [--questions 150] [--configurations sparse hybrid reranked] [--answers none extractive decoder]
    [--tables] [--every]

Each set's documents are written as files and ingested once; ``--questions`` of its questions are drawn with a fixed
seed, a third of them unanswerable where the set has such. What was asked is kept in ``--work``: stopped, the same
command goes on, and what the decoder said to the same passages is not asked again when verification changes.
``extractive`` answers are in the documents' own words. ``--data`` holds qa/ (SQuAD 2.0, FaQuAD, Pirá from their
authors). Accepted answers are short in SQuAD and FaQuAD; Pirá's are whole sentences in other words, of which F1 tells
more than the share that is said to the letter.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest import ingest_folder
from rag.config import load_settings
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import evaluate
from rag.evaluate.measures import MEASURES
from rag.evaluate.summary import read_summary
from rag.facade import Lastro
from tests.bench.public_sets import SETS, read_set, write_folder, write_questions
from tests.bench.replay import replayed

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "sparse": {"alpha": 0.0, "rerank": False},
    "hybrid": {"rerank": False},
    "reranked": {},
}
FOUND = ("passage.recall@1", "passage.recall@5", "passage.mrr", "passage.ndcg@10")
SAID = (
    "answer.coverage", "answer.correct", "answer.recall", "answer.f1", "answer.risk", "citation.precision",
    "abstention.recall", "abstention.false", "abstention.aurc", "grader.round_trip",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--configurations", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS))
    parser.add_argument("--answers", choices=("none", "extractive", "decoder"), default="extractive")
    parser.add_argument("--tables", action="store_true", help="print what --work has, and ask nothing")
    parser.add_argument("--every", action="store_true", help="print every metric of every run, a table a set")
    options = parser.parse_args()
    for name in () if options.tables else options.sets:
        public, work = read_set(name, options.data), options.work / name
        write_folder(public, work / "documents")
        ingest_folder(work / "documents", work / "index")
        dataset = read_dataset(write_questions(public, options.questions, work / f"{name}.jsonl"))
        for configuration in options.configurations:
            models = {} if options.answers == "decoder" else {"models": {"generator": "none"}}
            app = Lastro.open(work / "index", load_settings(search=CONFIGURATIONS[configuration], **models))
            if options.answers == "decoder":
                replayed(app.models, work / "said.jsonl")
            evaluate(
                app,
                dataset,
                work / f"{configuration}-{options.answers}",
                answers=options.answers != "none",
                alphas=False,
                progress=lambda at, of, _: print(f"{at}/{of}", end="\r", file=sys.stderr),
            )
    if options.every:
        for name in options.sets:
            every(options.work / name)
        return
    for shown in (FOUND, SAID):
        table(options.work, options.sets, shown)


def table(work: Path, sets: Sequence[str], shown: Sequence[str]) -> None:
    """The figures of every finished run of ``work`` that has some of ``shown``; of the search's, once."""
    print("\n| set | configuration | answers | questions | " + " | ".join(name.split(".")[1] for name in shown) + " |")
    print("|" + "---|" * (len(shown) + 4))
    for name in sets:
        told: set[str] = set()
        for path in sorted((work / name).glob("*-*/summary.json")):
            configuration, answers = path.parent.name.split("-")
            summary = read_summary(path.parent)
            metrics = summary["metrics"]
            if not any(metric in metrics for metric in shown) or (shown is FOUND and configuration in told):
                continue
            told.add(configuration)
            cells = " | ".join(cell(metrics.get(metric)) for metric in shown)
            print(f"| {name} | {configuration} | {answers} | {summary['dataset']['questions']} | {cells} |")


def every(work: Path) -> None:
    """All metrics of the finished runs of one set, a column a run, and the time an answer takes."""
    runs = sorted(path.parent for path in work.glob("*-*/summary.json"))
    if not runs:
        return
    summaries = [read_summary(run) for run in runs]
    asked = summaries[0]["dataset"]
    print(f"\n## {work.name}: {asked['questions']} questions, {asked['unanswerable']} of them without an answer\n")
    print("| | " + " | ".join(run.name.replace("-", ", ").replace(", none", "") for run in runs) + " |")
    print("|" + "---|" * (len(runs) + 1))
    for metric in MEASURES:
        cells = [cell(summary["metrics"].get(metric)) for summary in summaries]
        if set(cells) != {"–"}:
            print(f"| {metric} | {' | '.join(cells)} |")
    taken = [json.loads((run / "latency.json").read_text(encoding="utf-8")).get("total") for run in runs]
    if any(taken):
        seconds = [f"{one['p50'] / 1000:.2f} / {one['p95'] / 1000:.2f}" if one else "–" for one in taken]
        print(f"| seconds an answer, p50 / p95 | {' | '.join(seconds)} |")


def cell(found: dict[str, float] | None) -> str:
    return "–" if found is None else f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


if __name__ == "__main__":
    main()
