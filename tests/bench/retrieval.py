"""nDCG@10 and recall@10 of both legs and of their fusion, by alpha, on BEIR-form collections.

    python -m tests.bench.retrieval pira-pt pira-en --data IR_FOLDER --work FOLDER

Each document becomes a text file, ingested the ordinary way; a document's rank is that of its best chunk. The
collections (Pirá, CC0) are at https://github.com/C4AI/Pira; ``--data`` holds one folder each with corpus.jsonl.gz,
queries.jsonl.gz and qrels.tsv. ``pira-mixed`` is made of both: each abstract is there in one of its two languages, and
every question is asked in both. ``squad`` and ``faquad`` are made of the paragraphs of SQuAD 1.1 and 2.0 dev (CC BY-SA
4.0) and of FaQuAD (CC BY 4.0) under ``--data``'s sibling ``qa``: a document each, asked the questions of SQuAD articles
that no adapter was trained on (those only 1.1 has), and all of FaQuAD's. The index is kept in ``--work`` and made only
once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest import ingest_folder
from rag.facade import Lastro

ALPHAS = (0.0, 0.3, 0.5, 0.7, 1.0)


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ndcg(ranked: list[str], relevant: set[str], k: int = 10) -> float:
    """Binary nDCG@k: the sum over relevant ranks r of 1 / log2(r + 1), over the best possible sum."""
    gain = sum(1 / np.log2(r + 1) for r, doc in enumerate(ranked[:k], 1) if doc in relevant)
    best = sum(1 / np.log2(r + 1) for r in range(1, min(k, len(relevant)) + 1))
    return float(gain / best)


@dataclass(frozen=True, slots=True)
class Collection:
    """``documents`` by name; ``queries`` as (group, text, names of the relevant documents)."""

    documents: dict[str, str]
    queries: list[tuple[str, str, set[str]]]


def collection(name: str, data: Path) -> Collection:
    if name == "pira-mixed":
        return mixed(collection("pira-pt", data), collection("pira-en", data))
    if name in {"squad", "faquad"}:
        return of_questions(name, data.parent / "qa")
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (data / name / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, *_ = line.split("\t")
        relevant[query].add(file_name(document))
    documents = {
        file_name(row["_id"]): f"{row['title']}\n\n{row['text']}" if row.get("title") else row["text"]
        for row in rows(data / name / "corpus.jsonl.gz")
    }
    asked = [row for row in rows(data / name / "queries.jsonl.gz") if row["metadata"]["split"] in {"dev", "test"}]
    queries = [(name, row["text"], relevant[row["_id"]]) for row in asked]
    return Collection(documents, [query for query in queries if query[2]])


def mixed(portuguese: Collection, english: Collection) -> Collection:
    """Abstracts that exist in both languages, in one of them each; the questions about them, in both."""
    both = sorted({name[3:] for name in portuguese.documents} & {name[3:] for name in english.documents})
    kept = {name: ("pt", "en")[i % 2] for i, name in enumerate(both)}
    texts = portuguese.documents | english.documents
    documents = {f"{language}_{name}": texts[f"{language}_{name}"] for name, language in kept.items()}
    queries = []
    for asked, own in (("pt", portuguese), ("en", english)):
        for _, text, relevant in own.queries:
            there = {f"{kept[name[3:]]}_{name[3:]}" for name in relevant if name[3:] in kept}
            if there:
                queries.append(("same language" if any(n.startswith(asked) for n in there) else "across", text, there))
    return Collection(documents, queries)


def of_questions(name: str, data: Path) -> Collection:
    """Paragraphs as documents, under their article's title; 300 questions, the same every time."""
    corpora = ("squad-v1.1", "squad-v2.0") if name == "squad" else ("faquad",)
    documents = {
        file_name(row["doc_id"]): f"{row['title']}\n\n{row['text']}"
        for corpus in corpora
        for row in rows(data / f"{corpus}.corpus.jsonl.gz")
    }
    trained = {row["doc_id"].split("#")[0] for row in rows(data / "squad-v2.0.corpus.jsonl.gz")}
    asked = rows(data / ("squad-v1.1.dev.jsonl.gz" if name == "squad" else "faquad.train.jsonl.gz"))
    unseen = [row for row in asked if row["doc_id"].split("#")[0] not in trained]
    chosen = random.Random(0).sample(unseen, min(300, len(unseen)))
    return Collection(documents, [(name, row["question"], {file_name(row["doc_id"])}) for row in chosen])


def file_name(document: str) -> str:
    return re.sub(r"[^\w.-]", "_", document)


def build(name: str, documents: dict[str, str], work: Path) -> Path:
    folder, index = work / name / "documents", work / name / "index"
    folder.mkdir(parents=True, exist_ok=True)
    for document, text in documents.items():
        path = folder / f"{document}.txt"
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    report = ingest_folder(folder, index)
    print(f"{name}: {report.totals}, seconds { ({k: round(v, 1) for k, v in report.seconds.items()}) }")
    return index


def measure(name: str, queries: list[tuple[str, str, set[str]]], index: Path, fusion: str) -> None:
    app = Lastro.open(index)
    for alpha in ALPHAS:
        # Judged by document: of two copies of an abstract either may be the one that is called right.
        update = {"alpha": alpha, "k": 50, "fusion": fusion, "duplicates": "show", "rerank": False}
        search = app.settings.search.model_copy(update=update)
        settings = app.settings.model_copy(update={"search": search})
        scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for group, text, relevant in queries:
            ranked = list(dict.fromkeys(Path(hit.source).stem for hit in app.search(text, settings=settings)))
            recall = len(set(ranked[:10]) & relevant) / len(relevant)
            scores[group].append((ndcg(ranked, relevant), recall))
        for group, values in sorted(scores.items()):
            gain, recall = np.mean(values, axis=0)
            print(f"{name} {fusion} alpha {alpha:.1f} {group}: nDCG@10 {gain:.3f}, recall@10 {recall:.3f}, "
                  f"{len(values)} questions", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--fusion", choices=("convex", "rrf"), default="convex")
    options = parser.parse_args()
    for name in options.names:
        chosen = collection(name, options.data)
        measure(name, chosen.queries, build(name, chosen.documents, options.work), options.fusion)


if __name__ == "__main__":
    main()
