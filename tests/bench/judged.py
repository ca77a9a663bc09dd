"""Answers, contexts and questions with what people said of them: what the RAG triad is held against.

Labels are people's, but for those named *made*: of a question answered by SQuAD's or FaQuAD's annotators the right
answer is that, and a wrong one what another question of the same passage has for its answer.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rag.evaluate.answers import comparable
from rag.text import detect_language, fold, terms
from tests.bench.public_sets import read_set

__all__ = ["ANSWER", "CONTEXT", "GROUNDEDNESS", "Judged"]

MOST = 6_000
"""Characters of a context that are looked at: MTRAG's run to tens of thousands."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``label`` is what people said, ``rating`` how much where they said that, else the label as a number. What a set
    lacks is empty."""

    question: str
    context: str
    response: str
    label: bool
    rating: float


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _pairs(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


def _grounding(name: str) -> Callable[[Path], list[Judged]]:
    """Responses with whether people found them faithful to their context."""

    def read(data: Path) -> list[Judged]:
        rows = _rows(data / "grounding" / f"{name}.jsonl.gz")
        return [
            Judged("", row["context"][:MOST], row["response"], bool(row["faithful"]), _rating(row, "faithfulness"))
            for row in rows
        ]

    return read


def _rating(row: dict[str, Any], aspect: str) -> float:
    return fmean(row["human"][aspect]) if "human" in row else float(row["faithful"])


def _wice(data: Path) -> list[Judged]:
    rows = _pairs(data / "nli" / "wice-claim.dev.tsv.gz")
    return [
        Judged("", premise, claim, label == "entailment", float(label == "entailment"))
        for premise, claim, label in rows
    ]


def _last_turn(row: dict[str, Any]) -> str:
    return str(row["question"]).rsplit("user:", 1)[-1].strip()


def _mtrag_answerable(data: Path) -> list[Judged]:
    """Each conversation's context once: whether people found that it answers the last question."""
    found = {}
    for row in _rows(data / "grounding" / "mtrag-human.test.jsonl.gz"):
        answerable = row["answerability"] == ["ANSWERABLE"]
        if row["answerability"] != ["CONVERSATIONAL"]:
            key = row["question"]
            found[key] = Judged(_last_turn(row), row["context"][:MOST], "", answerable, float(answerable))
    return list(found.values())


def _mtrag_appropriate(data: Path) -> list[Judged]:
    """Responses with how appropriate three people found them, from 1 to 4; below 3.5 is a no."""
    rows = _rows(data / "grounding" / "mtrag-human.test.jsonl.gz")
    rated = [(row, _rating(row, "appropriateness")) for row in rows]
    return [Judged(_last_turn(row), "", row["response"], rating >= 3.5, rating) for row, rating in rated]


def _ranked(name: str) -> Callable[[Path], list[Judged]]:
    """Sentences that people said answer a question or do not: of each question one of either."""

    def read(data: Path) -> list[Judged]:
        found = []
        for row in _rows(data / "rank" / f"{name}.jsonl.gz"):
            if row["negatives"]:
                wrong = random.Random(row["query"]).choice(row["negatives"])
                for text, label in ((row["positive"], True), (wrong, False)):
                    found.append(Judged(row["query"], text, text, label, float(label)))
        return found

    return read


def _qnli(data: Path) -> list[Judged]:
    rows = _pairs(data / "nli" / "plue-qnli.dev.tsv.gz")
    return [
        Judged(question, sentence, sentence, label == "entailment", float(label == "entailment"))
        for sentence, question, label in rows
    ]


def _pira(name: str) -> Callable[[Path], list[Judged]]:
    """Pirá dev: the abstract a question was asked about, and the other that shares most terms with the question."""

    def read(data: Path) -> list[Judged]:
        public = read_set(name, data)
        words = {d["doc_id"]: frozenset(terms(d["text"], detect_language(d["text"]))) for d in public.documents}
        texts = {d["doc_id"]: d["text"] for d in public.documents}
        found = []
        for row in public.asked:
            asked = frozenset(terms(row["question"], detect_language(row["question"])))
            other = max((d for d in sorted(words) if d != row["doc_id"]), key=lambda d: len(asked & words[d]))
            found.append(Judged(row["question"], texts[row["doc_id"]], "", True, 1.0))
            found.append(Judged(row["question"], texts[other], "", False, 0.0))
        return found

    return read


def _made(name: str) -> Callable[[Path], list[Judged]]:
    """Of articles never trained on: a question's own answer, and another's of the same passage."""

    def read(data: Path) -> list[Judged]:
        public = read_set(name, data)
        texts = {d["doc_id"]: d["text"] for d in public.documents}
        by_passage: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in public.asked:
            if row["answers"]:
                by_passage[row["doc_id"]].append(row)
        found = []
        for doc_id, asked in by_passage.items():
            for row in asked:
                said = fold(" ".join(row["answers"]))
                others = [o["answers"][0] for o in asked if comparable(o["answers"][0]) and _apart(o, said)]
                if others:
                    wrong = random.Random(str(row["id"])).choice(others)
                    for text, label in ((row["answers"][0], True), (wrong, False)):
                        found.append(Judged(row["question"], texts[doc_id], text, label, float(label)))
        return found

    return read


def _apart(other: dict[str, Any], said: str) -> bool:
    return not any(fold(answer) in said or said in fold(answer) for answer in other["answers"])


GROUNDEDNESS: dict[str, Callable[[Path], list[Judged]]] = {
    "begin.dev_wow": _grounding("begin.dev_wow"),
    "begin.dev_cmu": _grounding("begin.dev_cmu"),
    "begin.dev_tc": _grounding("begin.dev_tc"),
    "begin.test_wow": _grounding("begin.test_wow"),
    "summedits.all": _grounding("summedits.all"),
    "mtrag-human.test": _grounding("mtrag-human.test"),
    "wice-claim.dev": _wice,
    "made-en": _made("unseen-en"),
    "made-pt": _made("unseen-pt"),
}
CONTEXT: dict[str, Callable[[Path], list[Judged]]] = {
    "mtrag-answerable": _mtrag_answerable,
    "pira-en": _pira("pira-en"),
    "pira-pt": _pira("pira-pt"),
}
ANSWER: dict[str, Callable[[Path], list[Judged]]] = {
    "wikiqa.test": _ranked("wikiqa.test"),
    "trecqa.test": _ranked("trecqa.test"),
    "plue-qnli.dev": _qnli,
    "mtrag-appropriate": _mtrag_appropriate,
    "made-en": _made("unseen-en"),
    "made-pt": _made("unseen-pt"),
}
