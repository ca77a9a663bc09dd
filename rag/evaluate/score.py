"""A question's labels and its result → the value of every metric that both allow, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.evaluate import retrieval
from rag.evaluate.answers import correct, exact_match, token_f1, token_recall
from rag.evaluate.citations import Span, citation_precision, citation_recall, meets, overlap
from rag.evaluate.dataset import Question
from rag.evaluate.locate import Library, Need, Ranks, document_ranks, span_ranks
from rag.evaluate.run import Result
from rag.evaluate.verdicts import share_of

__all__ = ["CUTS", "OUTCOMES", "Outcome", "Scored", "evidence_spans", "score"]

CUTS = (1, 3, 5, 10)
Outcome = Literal[
    "right",
    "found",
    "declined",
    "retrieval miss",
    "ranking miss",
    "generation",
    "false abstention",
    "false support",
    "unlabelled",
]
OUTCOMES: dict[Outcome, str] = {
    "right": "the answer says what was expected",
    "found": "the expected passage is among the hits that are read from",
    "declined": "withheld, and nothing answers it",
    "retrieval miss": "the expected passage was not among the hits",
    "ranking miss": "it was found, but too low to be read",
    "generation": "it was read, and the answer says something else",
    "false abstention": "it was read, and the answer was withheld",
    "false support": "the answer rests on something that does not answer the question",
    "unlabelled": "there is no label to judge it by",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """One question with the values of its metrics by name; a metric that does not apply to it is absent.

    ``right`` is whether the answer given is right, None when none was given or nobody can tell. ``confidence`` is that
    of the answer given. ``rank`` is that of the first expected passage, None when not found. ``unresolved`` are the
    sources of expected evidence that the index does not hold, ``expected`` the spans of what it holds.
    """

    question: Question
    result: Result
    values: Mapping[str, float]
    outcome: Outcome
    right: bool | None
    confidence: float | None
    rank: int | None
    unresolved: tuple[str, ...]
    expected: tuple[Span, ...] = ()


def score(question: Question, result: Result, library: Library, k: int) -> Scored:
    """``k`` is how many hits the product itself reads passages from (``search.k``)."""
    needs = library.needs(question)
    unresolved = tuple(target.source for target, need in zip(question.evidence, needs, strict=True) if not need.places)
    values: dict[str, float] = {}
    ranks = span_ranks(result.hits, needs) if needs else None
    if ranks is not None:
        values |= _retrieval("passage", ranks)
        sources = len({target.source for target in question.evidence})
        values |= _retrieval("document", document_ranks(result.hits, needs, sources))
    right = None
    if result.answer is not None:
        right = _right(question, result.answer)
        values |= _answer(question, result.answer, right)
        values |= _said(result.answer)
        if needs and not result.answer["abstained"]:
            values |= _citations(result.answer, needs)
    first = min(ranks.found) if ranks is not None and ranks.found else None
    outcome = _outcome(question, result, right, needs, first, k)
    answer = result.answer
    confidence = None if answer is None or answer["abstained"] else answer["signals"].get("confidence")
    expected = tuple(place for need in needs for place in need.places)
    return Scored(question, result, values, outcome, right, confidence, first, unresolved, expected)


def _retrieval(unit: str, ranks: Ranks) -> dict[str, float]:
    found, relevant = ranks.found, ranks.relevant
    return {f"{unit}.recall@{k}": retrieval.recall(found, relevant, k) for k in CUTS} | {
        f"{unit}.mrr": retrieval.reciprocal_rank(found, relevant),
        f"{unit}.ndcg@10": retrieval.ndcg(found, relevant, 10),
        f"{unit}.map": retrieval.average_precision(found, relevant),
    }


def _right(question: Question, answer: Mapping[str, Any]) -> bool | None:
    """Whether the answer given is right; an answer to a question that has none is wrong."""
    if answer["abstained"]:
        return None
    if question.unanswerable:
        return False
    return correct(answer["answer"], question.groups) if question.groups else None


def _answer(question: Question, answer: Mapping[str, Any], right: bool | None) -> dict[str, float]:
    withheld, text = bool(answer["abstained"]), answer["answer"]
    values = {"answer.coverage": float(not withheld)}
    if right is not None:
        values["answer.risk"] = float(not right)
    if question.unanswerable is not None:
        # Declining is the positive class: precision over what was withheld, recall over what has no answer.
        if withheld:
            values["abstention.precision"] = float(question.unanswerable)
        name = "abstention.recall" if question.unanswerable else "abstention.false"
        values[name] = float(withheld)
    if question.groups:
        values["answer.correct"] = float(bool(right))
        shown = [citation["text"] for citation in [*answer["citations"], *answer["closest"]]]
        values["answer.in_passages"] = float(correct("\n".join(shown), question.groups))
    if question.forms:
        values["answer.exact_match"] = 0.0 if withheld else exact_match(text, question.forms)
        values["answer.f1"] = 0.0 if withheld else token_f1(text, question.forms)
        values["answer.recall"] = 0.0 if withheld else token_recall(text, question.forms)
    return values


def _said(answer: Mapping[str, Any]) -> dict[str, float]:
    labels = [sentence["verdict"] for sentence in answer["sentences"]]
    found = {f"verdict.{label}": share_of(labels, label) for label in ("supported", "contradicted", "not_found")}
    found |= {f"triad.{name}": value for name, value in answer["triad"].items()}
    return {name: value for name, value in found.items() if value is not None}


def _citations(answer: Mapping[str, Any], needs: Sequence[Need]) -> dict[str, float]:
    pointed = {n for sentence in answer["sentences"] for n in sentence["citations"]}
    cited = [_span(citation) for citation in answer["citations"] if citation["n"] in pointed]
    places = [need.places for need in needs]
    return {
        "citation.precision": citation_precision(cited, places),
        "citation.recall": citation_recall(cited, places),
        "citation.overlap": overlap(evidence_spans(answer), places),
    }


def _outcome(
    question: Question,
    result: Result,
    right: bool | None,
    needs: Sequence[Need],
    first: int | None,
    k: int,
) -> Outcome:
    """Which stage failed, the earliest first: what was not found cannot be read, what was not read cannot be said."""
    answer = result.answer
    if needs and not right and (first is None or first > k):
        return "retrieval miss" if first is None else "ranking miss"
    if answer is None:
        return "found" if needs else "unlabelled"
    withheld = bool(answer["abstained"])
    if question.unanswerable:
        return "declined" if withheld else "false support"
    if right or question.unanswerable is None or (right is None and not withheld):
        return "right" if right else "unlabelled"
    places = [place for need in needs for place in need.places]
    if needs and not _meet([_span(citation) for citation in [*answer["citations"], *answer["closest"]]], places):
        return "ranking miss"
    rests_on = evidence_spans(answer)
    beside = bool(needs and rests_on) and not _meet(rests_on, places)
    return "false abstention" if withheld else "false support" if beside else "generation"


def _meet(spans: Sequence[Span], places: Sequence[Span]) -> bool:
    return any(meets(span, place) for span in spans for place in places)


def evidence_spans(answer: Mapping[str, Any]) -> list[Span]:
    """The exact spans the supported sentences rest on."""
    document = {citation["n"]: citation["doc_id"] for citation in answer["citations"]}
    return [
        (document[place["citation"]], place["start"], place["end"])
        for sentence in answer["sentences"]
        if sentence["verdict"] == "supported"
        for place in [sentence["evidence"], *sentence["also"]]
        if place is not None
    ]


def _span(citation: Mapping[str, Any]) -> Span:
    return (citation["doc_id"], citation["start"], citation["end"])
