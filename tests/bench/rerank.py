"""What a reranker adds to hybrid search: nDCG@10 by weight and depth, and its cost.

    python -m tests.bench.rerank pira-pt pira-en pira-mixed scifact squad faquad --data IR_FOLDER --work FOLDER
                                 [--reranker embedded|DIRECTORY] [--questions 150] [--statements] [--keywords]

Each question's ``--depth`` best chunks are judged once; every blend is computed from that. Collections are those of
``tests.bench.retrieval``, asked their dev questions only where they say which those are. A gain comes with its 95 %
interval over questions (paired bootstrap). Statements keep their fused order, as the product has it; with
``--statements`` they are judged, too. ``--keywords`` asks without the words that search leaves out.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from rag.config import load_settings
from rag.facade import Lastro
from rag.models import load_reranker
from rag.search.rerank import is_statement
from rag.text import contextualise, query_terms
from tests.bench.retrieval import build, collection, ndcg

WEIGHTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


def judged(app: Lastro, reranker, queries, depth: int, statements: bool):
    """For each query: group, relevant documents, ranked document names, fused scores and relevance, best first."""
    search = app.settings.search.model_copy(update={"k": depth, "rerank": False, "duplicates": "show"})
    settings = app.settings.model_copy(update={"search": search})
    spent, texts = 0.0, 0
    out = []
    for group, text, relevant in queries:
        hits = app.search(text, settings=settings)
        passages = [contextualise(hit.title, hit.headings, hit.text) for hit in hits]
        fused = relevance = np.array([hit.fused for hit in hits])
        if statements or not is_statement(text):
            clock = time.perf_counter()
            relevance = reranker.relevance(text, passages)
            spent += time.perf_counter() - clock
            texts += len(passages)
        out.append((group, relevant, [Path(hit.source).stem for hit in hits], fused, relevance))
    if texts:
        print(f"  {1000 * spent / len(queries):.0f} ms a question, {texts / spent:.0f} passages a second")
    return out


def keywords(question: str) -> str:
    return " ".join(word for word in re.findall(r"[\w-]+", question) if query_terms(word))


def gains(records, weight: float, depth: int) -> dict[str, np.ndarray]:
    """nDCG@10 by group, a value a question."""
    values = defaultdict(list)
    for group, relevant, names, fused, relevance in records:
        head = (1 - weight) * fused[:depth] + weight * relevance[:depth]
        order = [*np.lexsort((np.arange(len(head)), -head)).tolist(), *range(depth, len(names))]
        ranked = list(dict.fromkeys(names[i] for i in order))
        values[group].append(ndcg(ranked, relevant))
    return {group: np.array(found) for group, found in values.items()}


def interval(differences: np.ndarray) -> tuple[float, float]:
    draws = np.random.default_rng(0).integers(0, len(differences), (2000, len(differences)))
    low, high = np.percentile(differences[draws].mean(1), [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--reranker", default="embedded")
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--depth", type=int, default=30)
    parser.add_argument("--statements", action="store_true", help="judge for them, too")
    parser.add_argument("--keywords", action="store_true", help="ask by keywords alone")
    options = parser.parse_args()
    settings = load_settings()
    reranker = load_reranker(settings.models.model_copy(update={"reranker": options.reranker}))
    for name in options.names:
        chosen = collection(name, options.data)
        app = Lastro.open(build(name, chosen.documents, options.work), settings)
        queries = random.Random(1).sample(chosen.queries, min(options.questions, len(chosen.queries)))
        if options.keywords:
            queries = [(group, keywords(text), relevant) for group, text, relevant in queries]
        records = judged(app, reranker, queries, options.depth, options.statements)
        for depth in (10, 20, options.depth):
            without = gains(records, 0.0, depth)
            for weight in WEIGHTS:
                for group, values in sorted(gains(records, weight, depth).items()):
                    low, high = interval(values - without[group])
                    change = values.mean() - without[group].mean()
                    print(f"{name} depth {depth} weight {weight:.1f} {group}: nDCG@10 {values.mean():.3f}", end=" ")
                    print(f"({change:+.3f}, {low:+.3f} to {high:+.3f}), {len(values)} questions", flush=True)


if __name__ == "__main__":
    main()
