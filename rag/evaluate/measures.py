"""Every figure of an evaluation by its name: what it tells, for people, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FAMILIES", "HEADLINES", "MEASURES", "Measure"]

FAMILIES = {
    "passage": "Retrieval, by passage",
    "document": "Retrieval, by document",
    "answer": "Answers",
    "citation": "Citations",
    "abstention": "Abstention",
    "verdict": "Verdicts",
    "triad": "RAG triad",
    "grader": "RAG triad, graded apart",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """``tells`` is a clause that begins with the share or mean it is; ``better`` is the way a change should go."""

    tells: str
    better: Literal["higher", "lower", "neither"] = "higher"


def _retrieval(unit: str, thing: str) -> dict[str, Measure]:
    cuts = {f"{unit}.recall@{k}": Measure(f"share of the expected {thing} among the first {k}") for k in (1, 3, 5, 10)}
    return cuts | {
        f"{unit}.mrr": Measure(f"mean of 1 / rank of the first expected {thing}"),
        f"{unit}.ndcg@10": Measure(f"how high the expected {thing} stand among ten, discounted"),
        f"{unit}.map": Measure(f"mean precision at each expected {thing}"),
    }


MEASURES: dict[str, Measure] = {
    **_retrieval("passage", "passages"),
    **_retrieval("document", "documents"),
    "answer.coverage": Measure("share of the questions that were given an answer", "neither"),
    "answer.correct": Measure("share of the answerable questions answered with an accepted form"),
    "answer.risk": Measure("share of the answers given that are wrong", "lower"),
    "answer.exact_match": Measure("share of the answers that are an accepted form and nothing else"),
    "answer.f1": Measure("tokens shared with the nearest accepted form, F1"),
    "answer.recall": Measure("share of an accepted form's tokens that the answer says"),
    "answer.in_passages": Measure("share of the answerable questions whose answer stands in the passages read"),
    "citation.precision": Measure("share of the passages cited that hold expected evidence"),
    "citation.recall": Measure("share of the expected evidence that is cited"),
    "citation.overlap": Measure("characters shared by the evidence shown and the expected, F1"),
    "abstention.precision": Measure("share of the questions withheld that nothing answers"),
    "abstention.recall": Measure("share of the unanswerable questions that were withheld"),
    "abstention.false": Measure("share of the answerable questions that were withheld", "lower"),
    "abstention.aurc": Measure("mean risk over the coverages reached, most confident answers first", "lower"),
    "abstention.ece": Measure("how far confidence lies from the share that is right", "lower"),
    "verdict.supported": Measure("share of an answer's claims that are called supported"),
    "verdict.contradicted": Measure("share of an answer's claims that are called contradicted", "lower"),
    "verdict.not_found": Measure("share of an answer's claims that are called not found", "lower"),
    "triad.context_relevance": Measure("how surely the passages hold an answer"),
    "triad.groundedness": Measure("share of the claims that evidence supports"),
    "triad.answer_relevance": Measure("how surely the answer answers the question"),
    "grader.context_use": Measure("share of the sentences read that the answer rests on", "neither"),
    "grader.round_trip": Measure("1 / rank of the question among all, looked for with its answer"),
    "grader.groundedness": Measure("mean support of the claims, by the grading model"),
}

HEADLINES = ("passage.recall@5", "answer.correct", "answer.risk", "abstention.recall")
"""The four questions people ask first: found, right, wrong, declined."""
