"""Questions with the passage that answers them, read from the question-answering sets."""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.types import Language

__all__ = ["QA_SETS", "Question", "read_pira", "read_qa", "read_rows"]

QA_SETS: tuple[tuple[str, str, Language, str], ...] = (
    ("squad-v2.0.dev", "squad-v2.0", "en", "CC BY-SA 4.0"),
    ("qed-nq.dev", "qed-nq", "en", "CC BY-SA 3.0"),
    ("squad-v1.1-pt-sample.train", "squad-v1.1-pt-sample", "pt", "CC BY-SA 4.0"),
    ("faquad.train", "faquad", "pt", "CC BY 4.0"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its passage; ``answers`` is empty when the passage does not answer it. ``article`` groups the
    passages of one article, ``title`` is shown above the passage."""

    text: str
    answers: tuple[str, ...]
    passage: str
    title: str
    article: str
    passage_id: str
    language: Language
    origin: str


def read_qa(data: Path, name: str, corpus: str, language: Language) -> list[Question]:
    """The questions of ``qa/NAME.jsonl.gz`` whose passage is in ``qa/CORPUS.corpus.jsonl.gz``."""
    passages = {row["doc_id"]: row for row in read_rows(data / "qa" / f"{corpus}.corpus.jsonl.gz")}
    questions = []
    for row in read_rows(data / "qa" / f"{name}.jsonl.gz"):
        passage = passages.get(row["doc_id"])
        if passage is None or (not row["answers"] and not row["unanswerable"]):
            continue
        article = row["doc_id"].split("#")[0]
        answers = tuple(dict.fromkeys(row["answers"]))
        questions.append(
            Question(
                row["question"], answers, passage["text"], passage["title"], article, row["doc_id"], language, name
            )
        )
    return questions


def read_pira(data: Path) -> tuple[list[Question], list[Question]]:
    """Pirá 1.0's answered questions with their English passages, asked in English and, one for one, in Portuguese.

    Passages that its dev questions are about are left out, in whichever language.
    """
    passages = {row["doc_id"]: row for row in read_rows(data / "qa" / "pira.corpus.jsonl.gz")}
    measured_on = {
        row["doc_id"].split(":")[1]
        for language in ("en", "pt")
        for row in read_rows(data / "qa" / f"pira.dev_{language}.jsonl.gz")
        if row["doc_id"]
    }
    asked_in_portuguese = {
        row["id"].rsplit("-", 1)[0]: row["question"] for row in read_rows(data / "qa" / "pira.train1.0_pt.jsonl.gz")
    }
    english, portuguese = [], []
    for row in read_rows(data / "qa" / "pira.train1.0_en.jsonl.gz"):
        passage, number = passages.get(row["doc_id"] or ""), row["id"].rsplit("-", 1)[0]
        if passage is None or not row["answers"] or row["doc_id"].split(":")[1] in measured_on:
            continue
        of = (tuple(row["answers"]), passage["text"], passage["title"], row["doc_id"], row["doc_id"])
        english.append(Question(row["question"], *of, "en", "pira.train1.0"))
        if number in asked_in_portuguese:
            portuguese.append(Question(asked_in_portuguese[number], *of, "pt", "pira.train1.0>pt"))
    return english, portuguese


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a gzipped JSON Lines file, HTML entities in their texts resolved."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield {key: _plain(value) for key, value in json.loads(line).items()}


def _plain(value: Any) -> Any:
    """Without HTML entities: the Portuguese SQuAD has its quotes as such."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return html.unescape(value) if isinstance(value, str) else value
