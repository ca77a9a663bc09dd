"""Documents whole, and questions whose evidence has its place in them: what chunkers are compared by.

Articles rather than paragraphs, so that a chunker has something to cut: those of SQuAD and FaQuAD with their paragraphs
joined. ``tests.bench.retrieval`` says what the sets are and where they are from.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.read import extract
from rag.text import detect_language
from rag.types import Document
from tests.bench.golden import DATA
from tests.bench.retrieval import collection, rows

__all__ = ["Material", "Question", "material_of"]

_SCAN = "comprovante-8812.pdf"
"""Read by OCR alone, and asked about by no question."""


@dataclass(frozen=True, slots=True)
class Question:
    """``spans``: of any, one is to be found whole, (doc_id, start, end); ``documents`` where only they are known."""

    text: str
    spans: tuple[tuple[str, int, int], ...] = ()
    documents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Material:
    documents: list[Document]
    questions: list[Question]


def golden() -> Material:
    """The sample folder and the questions whose evidence is in it."""
    documents = dict(_read(path) for path in sorted((DATA / "sample").iterdir()) if path.name != _SCAN)
    questions = []
    for line in (DATA / "golden.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = tuple(span for e in row["evidence"][:1] for span in _found(documents[e["source"]], e["text"]))
        if not row["unanswerable"]:
            assert spans, row["id"]
            questions.append(Question(row["question"], spans))
    return Material(list(documents.values()), questions)


def _read(path: Path) -> tuple[str, Document]:
    media_type, found = extract(path.read_bytes(), path.name)
    language = detect_language(found.text)
    title = found.title or path.stem
    read = Document(path.name, path.name, title, media_type, language, found.text, "", found.pages, found.headings)
    return path.name, read


def _found(document: Document, text: str) -> list[tuple[str, int, int]]:
    """Where ``text`` stands in the document, whatever its white space."""
    pattern = r"\s+".join(re.escape(word) for word in text.split())
    return [(document.doc_id, match.start(), match.end()) for match in re.finditer(pattern, document.text)]


def articles(name: str, data: Path, number: int) -> Material:
    """Articles of SQuAD (those that no adapter was trained on, and as many others) or FaQuAD; questions about the
    former."""
    corpus, asked = ("squad-v1.1", "squad-v1.1.dev") if name == "squad" else ("faquad", "faquad.train")
    paragraphs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows(data / "qa" / f"{corpus}.corpus.jsonl.gz"):
        paragraphs[row["doc_id"].split("#")[0]].append((row["doc_id"], row["text"]))
    trained = {row["doc_id"].split("#")[0] for row in rows(data / "qa" / "squad-v2.0.corpus.jsonl.gz")}
    unseen = sorted(paragraphs.keys() - trained)
    kept = unseen + sorted(paragraphs.keys() - set(unseen))[: len(unseen)]
    places: dict[str, tuple[str, int, str]] = {}
    documents = []
    for title in kept:
        text = ""
        for doc_id, paragraph in paragraphs[title]:
            text += "\n\n" if text else ""
            places[doc_id] = (title, len(text), paragraph)
            text += paragraph
        name_of = title.replace("_", " ")
        documents.append(Document(title, f"{title}.txt", name_of, "text/plain", detect_language(text), text, ""))
    candidates: list[Any] = [
        row for row in rows(data / "qa" / f"{asked}.jsonl.gz") if row["doc_id"].split("#")[0] in unseen
    ]
    questions = []
    for row in random.Random(0).sample(candidates, min(number, len(candidates))):
        title, at, paragraph = places[row["doc_id"]]
        starts = [(answer, paragraph.find(answer)) for answer in row["answers"]]
        spans = tuple((title, at + start, at + start + len(answer)) for answer, start in starts if start >= 0)
        if spans:
            questions.append(Question(row["question"], spans))
    return Material(documents, questions)


def abstracts(name: str, data: Path, number: int) -> Material:
    found = collection(name, data / "ir")
    documents = [
        Document(doc_id, f"{doc_id}.txt", "", "text/plain", detect_language(text), text, "")
        for doc_id, text in found.documents.items()
    ]
    chosen = random.Random(0).sample(found.queries, min(number, len(found.queries)))
    return Material(documents, [Question(text, documents=frozenset(relevant)) for _, text, relevant in chosen])


def material_of(name: str, data: Path | None, questions: int) -> Material:
    if name == "golden":
        return golden()
    if data is None:
        raise SystemExit(f"{name} is in a folder that --data names")
    return (abstracts if name.startswith("pira") else articles)(name, data, questions)
