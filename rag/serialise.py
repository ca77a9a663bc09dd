"""Records → the JSON objects that callers rely on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.pages import page_at
from rag.types import Answer, Citation, Evidence, Hit, Sentence, Verdict

__all__ = ["answer_json", "citation_json", "hit_json", "sentence_json", "verdict_json"]

_HIT_FIELDS = (
    "doc_id", "source", "title", "page", "start", "end", "text", "dense", "sparse", "fused", "rerank", "score", "rank"
)  # fmt: skip


def hit_json(hit: Hit) -> dict[str, Any]:
    return {name: getattr(hit, name) for name in _HIT_FIELDS} | {
        "page_label": _label(hit),
        "headings": list(hit.headings),
        "duplicates": [asdict(duplicate) for duplicate in hit.duplicates],
    }


def _label(hit: Hit) -> str:
    page = page_at(hit.section.pages, hit.start) if hit.section else None
    return "" if page is None else page.label


def citation_json(citation: Citation) -> dict[str, Any]:
    return asdict(citation)


def sentence_json(sentence: Sentence) -> dict[str, Any]:
    verdict = sentence.verdict
    return {
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "verdict": verdict.label,
        "score": verdict.score,
        "probs": dict(verdict.probs),
        "reason": verdict.reason,
        "reason_code": verdict.reason_code,
        "reason_about": list(verdict.reason_about),
        "citations": list(sentence.citations),
        "evidence": None if verdict.evidence is None else asdict(verdict.evidence),
        "also": [asdict(evidence) for evidence in verdict.also],
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict on one claim against a given context: offsets are into that context."""
    evidence = verdict.evidence
    return {
        "verdict": verdict.label,
        "score": verdict.score,
        "probs": dict(verdict.probs),
        "reason": verdict.reason,
        "reason_code": verdict.reason_code,
        "reason_about": list(verdict.reason_about),
        "evidence": None if evidence is None else _span(evidence),
        "also": [_span(one) for one in verdict.also],
    }


def _span(evidence: Evidence) -> dict[str, Any]:
    return {"start": evidence.start, "end": evidence.end, "text": evidence.text}


def answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "language": answer.language,
        "answer": answer.answer,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "reason_code": answer.reason_code,
        "extractive": answer.extractive,
        "sentences": [sentence_json(sentence) for sentence in answer.sentences],
        "citations": [citation_json(citation) for citation in answer.citations],
        "closest": [citation_json(citation) for citation in answer.closest],
        "triad": asdict(answer.triad),
        "signals": {name: round(value, 4) for name, value in answer.signals.items()},
        "timings_ms": {name: round(value, 1) for name, value in answer.timings_ms.items()},
        "models": dict(answer.models),
        "index": dict(answer.index),
        "seed": answer.seed,
    }
