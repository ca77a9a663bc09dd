"""nDCG@10 and recall@10 of both legs and of their fusion, by alpha, on BEIR-form collections.

    python -m tests.bench.retrieval pira-pt pira-en --data IR_FOLDER --work FOLDER

Each document becomes a text file, ingested the ordinary way; a document's rank is that of its best chunk. The
collections (Pirá, CC0) are at https://github.com/C4AI/Pira; ``--data`` holds one folder each with corpus.jsonl.gz,
queries.jsonl.gz and qrels.tsv. The index is kept in ``--work`` and made only once.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from ingest import ingest_folder
from rag.facade import Lastro

ALPHAS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ndcg(ranked: list[str], relevant: set[str], k: int = 10) -> float:
    """Binary nDCG@k: the sum over relevant ranks r of 1 / log2(r + 1), over the best possible sum."""
    gain = sum(1 / np.log2(r + 1) for r, doc in enumerate(ranked[:k], 1) if doc in relevant)
    best = sum(1 / np.log2(r + 1) for r in range(1, min(k, len(relevant)) + 1))
    return float(gain / best)


def build(name: str, data: Path, work: Path) -> Path:
    folder, index = work / name / "documents", work / name / "index"
    folder.mkdir(parents=True, exist_ok=True)
    for document in rows(data / name / "corpus.jsonl.gz"):
        text = f"{document['title']}\n\n{document['text']}" if document.get("title") else document["text"]
        path = folder / f"{document['_id'].replace(':', '_').replace('/', '_')}.txt"
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    report = ingest_folder(folder, index)
    print(f"{name}: {report.totals}, seconds { ({k: round(v, 1) for k, v in report.seconds.items()}) }")
    return index


def measure(name: str, data: Path, index: Path, fusion: str) -> dict[float, float]:
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (data / name / "qrels.tsv").read_text(encoding="utf-8").splitlines()[0:]:
        query, document, *_ = line.split("\t")
        relevant[query].add(document.replace(":", "_").replace("/", "_"))
    queries = [query for query in rows(data / name / "queries.jsonl.gz") if query["_id"] in relevant]
    app = Lastro.open(index)
    found = {}
    for alpha in ALPHAS:
        search = app.settings.search.model_copy(update={"alpha": alpha, "k": 50, "fusion": fusion})
        settings = app.settings.model_copy(update={"search": search})
        scores, recalls = [], []
        for query in queries:
            ranked = list(dict.fromkeys(Path(hit.source).stem for hit in app.search(query["text"], settings=settings)))
            scores.append(ndcg(ranked, relevant[query["_id"]]))
            recalls.append(len(set(ranked[:10]) & relevant[query["_id"]]) / len(relevant[query["_id"]]))
        found[alpha] = float(np.mean(scores))
        print(f"{name} {fusion} alpha {alpha:.1f}: nDCG@10 {found[alpha]:.3f}, recall@10 {np.mean(recalls):.3f}, "
              f"{len(queries)} questions", flush=True)  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--fusion", choices=("convex", "rrf"), default="convex")
    options = parser.parse_args()
    for name in options.names:
        measure(name, options.data, build(name, options.data, options.work), options.fusion)


if __name__ == "__main__":
    main()
