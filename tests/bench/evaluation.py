"""Public question sets through the whole product, as folders of their own documents: the table of the evaluation.

    python -m tests.bench.evaluation --data DATA_FOLDER --work FOLDER [--sets squad faquad pira-pt pira-en]
    [--questions 150] [--configurations sparse hybrid reranked] [--decoder]

Each set's documents are written as files and ingested once; ``--questions`` of its questions are drawn with a fixed
seed, a third of them unanswerable where the set has such. What was asked is kept in ``--work``: stopped, the same
command goes on. Without ``--decoder`` answers are in the documents' own words. ``--data`` holds qa/ (SQuAD 2.0, FaQuAD,
Pirá from their authors). Accepted answers are short in SQuAD and FaQuAD; Pirá's are whole sentences in other words, of
which F1 tells more than the share that is said to the letter.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from pathlib import Path
from typing import Any

from ingest import ingest_folder
from rag.config import load_settings
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import evaluate
from rag.facade import Lastro

SETS = {
    "squad": ("squad-v2.0", "dev", "en"),
    "faquad": ("faquad", "train", "pt"),
    "pira-pt": ("pira", "dev_pt", "pt"),
    "pira-en": ("pira", "dev_en", "en"),
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "sparse": {"alpha": 0.0, "rerank": False},
    "hybrid": {"rerank": False},
    "reranked": {},
}
SHOWN = (
    "passage.recall@1", "passage.recall@5", "passage.ndcg@10", "answer.coverage", "answer.correct", "answer.f1",
    "answer.risk", "abstention.recall", "abstention.false", "abstention.aurc", "triad.groundedness",
)  # fmt: skip


def rows_of(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def folder_of(data: Path, name: str, corpus: str, split: str, language: str, work: Path) -> Path:
    """The set's documents as files; of a bilingual set those in the questions' language."""
    folder = work / name / "documents"
    if not folder.exists():
        documents = rows_of(data / "qa" / f"{corpus}.corpus.jsonl.gz")
        if corpus == "pira":
            asked = {row["doc_id"] for row in rows_of(data / "qa" / f"{corpus}.{split}.jsonl.gz")}
            documents = [d for d in documents if d["doc_id"] in asked or d["doc_id"].endswith(language)]
        folder.mkdir(parents=True)
        for document in documents:
            text = f"# {document['title']}\n\n{document['text']}\n" if document["title"] else document["text"]
            (folder / source(document["doc_id"])).write_text(text, encoding="utf-8")
    return folder


def source(doc_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in doc_id) + ".md"


def questions_of(data: Path, corpus: str, split: str, language: str, count: int, path: Path) -> Path:
    """``count`` questions drawn with a fixed seed as a data set; more of them later begin with the same ones."""
    rows = [row for row in rows_of(data / "qa" / f"{corpus}.{split}.jsonl.gz") if row["doc_id"]]
    random.Random(0).shuffle(rows)
    without = [row for row in rows if row["unanswerable"]]
    with_answer = [row for row in rows if not row["unanswerable"] and row["answers"]]
    declined = min(len(without), count // 3)
    drawn = []
    for row in [*with_answer[: count - declined], *without[:declined]]:
        one = {"id": str(row["id"]), "question": row["question"], "language": language}
        if row["unanswerable"]:
            one["unanswerable"] = True
        else:
            one |= {"answers": sorted(set(row["answers"])), "evidence": [{"source": source(row["doc_id"])}]}
        drawn.append(one)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in drawn), encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--configurations", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS))
    parser.add_argument("--decoder", action="store_true")
    options = parser.parse_args()
    print("| set | configuration | " + " | ".join(SHOWN) + " |")
    print("|" + "---|" * (len(SHOWN) + 2))
    for name in options.sets:
        corpus, split, language = SETS[name]
        folder = folder_of(options.data, name, corpus, split, language, options.work)
        index = options.work / name / "index"
        ingest_folder(folder, index)
        path = options.work / name / f"{name}.jsonl"
        dataset = read_dataset(questions_of(options.data, corpus, split, language, options.questions, path))
        for configuration in options.configurations:
            models = {} if options.decoder else {"models": {"generator": "none"}}
            app = Lastro.open(index, load_settings(search=CONFIGURATIONS[configuration], **models))
            out = options.work / name / f"{configuration}-{'decoder' if options.decoder else 'extractive'}"
            done = evaluate(
                app, dataset, out, progress=lambda at, of, _: print(f"{at}/{of}", end="\r", file=sys.stderr)
            )
            cells = [cell(done.summary["metrics"].get(metric)) for metric in SHOWN]
            print(f"| {name} ({len(dataset.questions)}) | {configuration} | " + " | ".join(cells) + " |", flush=True)


def cell(found: dict[str, float] | None) -> str:
    return "–" if found is None else f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


if __name__ == "__main__":
    main()
