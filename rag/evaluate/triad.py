"""The RAG triad without a language-model judge: is the context relevant, the answer grounded, the question answered?

The product measures the triad of every answer with its own cross-encoder (``triad.*``). That model also decides which
answers are shown, so that its word on them is not independent. What is added here leans on something else:

* ``context_use``: the share of the sentences read that the answer's evidence touches (ARES and RAGAS ask a model which
  sentences were needed; here the evidence spans say it).
* ``round_trip``: the answer, embedded, looks for its question among all questions of the run; 1 / rank of its own.
  RAGAS (Es et al., EACL 2024) generates questions from the answer and compares; retrieving needs no decoder.
* ``groundedness``: the mean over claims of the best support among evidence windows, by the grading model. Without
  ``--grader`` it is the support that verification, which gates, left each claim, and the summary says so; the mean is
  turned into the probability that people call an answer faithful by Platt scaling (1999), fitted on BEGIN's
  development sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rag.config import ModelSettings
from rag.evaluate.citations import Span, meets
from rag.evaluate.judge import Judge
from rag.evaluate.score import Scored, evidence_spans
from rag.facade import Lastro
from rag.models import load_entailer
from rag.models.hosted import OpenAICompatible
from rag.search import QueryEncoder
from rag.text import detect_language, sentences
from rag.types import Citation
from rag.verify.claims import strip_citations
from rag.verify.entail import SUPPORTED, Entailer
from rag.verify.windows import Source, windows

__all__ = [
    "GATE",
    "Grader",
    "Platt",
    "context_use",
    "grade",
    "graded",
    "load_grader",
    "mean_support",
    "round_trips",
    "told",
]


@dataclass(frozen=True, slots=True)
class Platt:
    """p = 1 / (1 + exp(−(slope · logit(score) + intercept)))."""

    slope: float
    intercept: float

    def __call__(self, score: float) -> float:
        bounded = min(max(score, 1e-4), 1 - 1e-4)
        return 1.0 / (1.0 + math.exp(-(self.slope * math.log(bounded / (1 - bounded)) + self.intercept)))


GATE = Platt(1.310, -0.745)
"""Of the mean support that verification leaves: 600 responses of BEGIN's development sets, by `tests.bench.triad`."""


@dataclass(frozen=True, slots=True)
class Grader:
    """A model that grades answers it did not gate; its scores are not calibrated to people.

    ``whole``: it reads all passages at once, as a language model can, and not window by window.
    """

    identity: str
    entailer: Entailer
    whole: bool = False


def told(grader: Grader | None) -> str:
    """Who grades, in a sentence for the summary and the report."""
    if grader is None:
        return "The triad is graded by the model that decides which answers are shown: it is no second opinion."
    return (
        f"Groundedness is graded apart by {grader.identity}, which gates no answer; its scores are not calibrated to "
        "people. The relevances of context and answer are of the model that decides which answers are shown."
    )


def load_grader(name: str | None, settings: ModelSettings) -> Grader | None:
    """The grader ``name``: an entailment model (a hub id, a directory), or the base URL of an OpenAI-compatible server,
    to which ``models.generator_model`` and its key are sent; None for none. Raises what loading a model raises."""
    if name is None:
        return None
    if name.startswith(("http://", "https://")):
        key = settings.generator_api_key
        secret = key.get_secret_value() if key else None
        judge = Judge(OpenAICompatible(name, settings.generator_model, secret, settings.timeout_s))
        return Grader(judge.identity, judge, whole=True)
    entailer = load_entailer(settings.model_copy(update={"entailment": name}))
    return Grader(str(entailer.identity), entailer)


def grade(scored: Sequence[Scored], app: Lastro, grader: Grader | None) -> tuple[Scored, ...]:
    """``scored`` with the ``grader.*`` values of the answers given."""
    given = [one for one in scored if one.result.answer is not None and not one.result.answer["abstained"]]
    said = [(one.question.question, strip_citations(str((one.result.answer or {})["answer"]))) for one in given]
    returned = round_trips(app.encoder, said, [one.question.question for one in scored])
    graded: dict[str, dict[str, float]] = {}
    for one, trip in zip(given, returned, strict=True):
        answer = one.result.answer
        assert answer is not None
        support = _recorded(answer) if grader is None else _judged(grader, answer)
        values = {"grader.context_use": context_use(answer), "grader.round_trip": trip}
        if support is not None:
            values["grader.groundedness"] = GATE(support) if grader is None else support
        graded[one.question.id] = values
    return tuple(replace(one, values={**one.values, **graded.get(one.question.id, {})}) for one in scored)


def context_use(answer: Mapping[str, Any]) -> float:
    """Share of the sentences of the passages read that evidence of the answer touches."""
    evidence = evidence_spans(answer)
    read: list[Span] = []
    for passage in answer["citations"]:
        language = detect_language(passage["text"])
        read += [
            (passage["doc_id"], passage["start"] + start, passage["start"] + end)
            for start, end in sentences(passage["text"], language)
        ]
    return sum(any(meets(span, place) for place in evidence) for span in read) / len(read) if read else 0.0


def round_trips(encoder: QueryEncoder, said: Sequence[tuple[str, str]], questions: Sequence[str]) -> list[float]:
    """1 / rank of each (question, answer)'s own question among ``questions`` by the cosine of its answer's embedding
    with theirs; the same question asked twice has the better rank."""
    if not said:
        return []
    answers = encoder.encode([answer for _, answer in said], "passage")
    asked, own = (encoder.encode(list(texts), "query") for texts in (questions, [question for question, _ in said]))
    cosines, mine = answers @ asked.T, np.sum(answers * own, axis=1, keepdims=True)
    ranks = 1 + np.sum(cosines > mine + 1e-6, axis=1)
    return [1.0 / rank for rank in ranks.tolist()]


def mean_support(entailer: Entailer, question: str, claims: Sequence[str], sources: Sequence[Source]) -> float:
    """Mean over ``claims`` of the best support among the windows of ``sources``; 0 where there is nothing to look at.

    The hypothesis is "question claim", as the product's; ``question`` may be empty.
    """
    looked = [window.premise for source in sources for window in windows(source)]
    if not looked or not claims:
        return 0.0
    asked = f"{question} " if question else ""
    best = [entailer.probabilities([(premise, asked + claim) for premise in looked]) for claim in claims]
    return float(np.mean([probabilities[:, SUPPORTED].max() for probabilities in best]))


def _recorded(answer: Mapping[str, Any]) -> float | None:
    """The mean support of the claims as the product judged them; None when nothing is claimed."""
    support = [sentence["probs"]["supported"] for sentence in _claims(answer)]
    return float(np.mean(support)) if support else None


def _judged(grader: Grader, answer: Mapping[str, Any]) -> float | None:
    said = [strip_citations(sentence["text"]) for sentence in _claims(answer)]
    if not said:
        return None
    sources = [Source(Citation(**citation), (), detect_language(citation["text"])) for citation in answer["citations"]]
    return graded(grader, answer["question"], said, sources)


def graded(grader: Grader, question: str, claims: Sequence[str], sources: Sequence[Source]) -> float:
    """The mean support of ``claims``, one at least, by ``grader`` as it reads: whole, or window by window."""
    if not grader.whole:
        return mean_support(grader.entailer, question, claims, sources)
    read = "\n".join(f"[{source.citation.n}] {source.citation.text}" for source in sources)
    return float(np.mean(grader.entailer.probabilities([(read, claim) for claim in claims])[:, SUPPORTED]))


def _claims(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [sentence for sentence in answer["sentences"] if sentence["verdict"] != "not_a_claim"]
