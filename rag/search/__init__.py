"""QUESTION → CANDIDATES → RERANKED: the hits of one question, best first."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from rag.config import SearchSettings
from rag.search import fuse
from rag.search.candidates import Candidates, QueryEncoder, Searchable, StoredChunk
from rag.search.fold import find_distinct, first_of_each, places
from rag.search.rerank import Reranker, is_statement, rerank
from rag.text import contextualise, detect_language, query_terms
from rag.types import Duplicate, Filter, Hit, Section

__all__ = ["Candidates", "Found", "QueryEncoder", "Reranker", "Searchable", "search"]

_FUSIONS = {"convex": fuse.convex, "rrf": fuse.reciprocal_rank}


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, best first, and the milliseconds of embed, dense, sparse, fuse and rerank."""

    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]


def search(
    index: Searchable,
    encoder: QueryEncoder,
    question: str,
    settings: SearchSettings,
    *,
    reranker: Reranker | None = None,
    where: Filter | None = None,
) -> Found:
    """The ``settings.k`` best chunks for ``question``; of near-duplicates one, unless ``settings.duplicates`` is show.

    Ties are broken by chunk id, so that the same index gives the same list. An empty index gives no hits.
    """
    clock = time.perf_counter()
    query = encoder.encode([question], "query")[0]
    timings = {"embed": 1000 * (time.perf_counter() - clock)}
    judge = None if not settings.rerank or is_statement(question) else reranker
    depth = settings.k if judge is None else max(settings.k, settings.rerank_depth)
    terms, apart = query_terms(question), settings.duplicates == "show"
    found, groups, legs = find_distinct(index, query, terms, settings.candidates, depth, where, apart=apart)
    timings |= legs
    clock = time.perf_counter()
    chunks = index.passages(found.ids.tolist())
    asked_in = detect_language(question)
    foreign = np.array([chunk.language != asked_in for chunk in chunks], bool)
    fused = _FUSIONS[settings.fusion](found.dense, found.sparse, settings.alpha, foreign)
    order = np.lexsort((found.ids, -fused))
    order = order[first_of_each(found.ids[order], groups)]
    timings["fuse"] = 1000 * (time.perf_counter() - clock)
    clock = time.perf_counter()
    head = order[:depth]
    scores = fused[head].copy()
    relevance: list[float | None] = [None] * len(head)
    if judge is not None and len(head):
        texts = [contextualise(chunks[i].title, chunks[i].headings, chunks[i].text) for i in head]
        judged, scores = rerank(judge, question, texts, fused[head], settings.rerank_weight, settings.k)
        relevance = [None if np.isnan(value) else float(value) for value in judged]
    timings["rerank"] = 1000 * (time.perf_counter() - clock)
    best = np.lexsort((found.ids[head], -scores))[: settings.k]
    chosen = found.ids[head[best]].tolist()
    duplicates = places(index, chosen, groups)
    sections = index.sections(chosen, settings.section)
    hits = tuple(
        _hit(
            chunks[head[i]],
            dense=float(found.dense[head[i]]),
            sparse=float(found.sparse[head[i]]),
            fused=float(fused[head[i]]),
            rerank=relevance[i],
            score=float(scores[i]),
            rank=rank,
            duplicates=duplicates.get(chunks[head[i]].chunk_id, ()),
            section=section,
        )
        for rank, (i, section) in enumerate(zip(best.tolist(), sections, strict=True), 1)
    )
    return Found(hits, timings)


def _hit(
    chunk: StoredChunk,
    *,
    dense: float,
    sparse: float,
    fused: float,
    rerank: float | None,
    score: float,
    rank: int,
    duplicates: tuple[Duplicate, ...],
    section: Section,
) -> Hit:
    return Hit(
        chunk_id=chunk.chunk_id,
        doc_id=chunk.doc_id,
        source=chunk.source,
        title=chunk.title,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        language=chunk.language,
        headings=tuple(chunk.headings),
        dense=dense,
        sparse=sparse,
        fused=fused,
        rerank=rerank,
        score=score,
        rank=rank,
        duplicates=duplicates,
        section=section,
    )
