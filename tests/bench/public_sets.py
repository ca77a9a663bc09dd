"""Public question sets as folders of their own documents, with the questions that are asked of them.

Four are whole sets. The shipped cross-encoder has seen passages and questions of two of them, SQuAD 2.0 dev and FaQuAD
train, in training (its card lists the data), so that their figures flatter it. Two more are of articles it never saw:
``unseen-en`` the 13 of SQuAD 1.1 dev that SQuAD 2.0 dev lacks, ``unseen-pt`` those that training left out of the
Portuguese SQuAD (a machine translation) and of FaQuAD. There questions without an answer are made by leaving the
passage of a question out of the folder: the rest of its article stays, and nothing that stays says an accepted answer.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluate.answers import comparable
from rag.train.questions import read_rows

__all__ = ["SETS", "PublicSet", "read_set", "write_folder", "write_questions"]

_UNSEEN_EN = tuple(
    "American_Broadcasting_Company Apollo_program Chloroplast Doctor_Who Genghis_Khan Kenya Martin_Luther "
    "Newcastle_upon_Tyne Nikola_Tesla Super_Bowl_50 Teacher United_Methodist_Church Victoria_and_Albert_Museum".split()
)
_UNSEEN_PT = ("Frédéric_Chopin", "RES ATIVIDADES COMPLEMENTARES CC")
"""Articles that ``rag.train.mixture`` keeps out of the two sets."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublicSet:
    """``documents`` and ``asked`` as in the files of the sets; of ``asked`` those without an answer are marked."""

    documents: tuple[Row, ...]
    asked: tuple[Row, ...]
    language: str


def read_set(name: str, data: Path) -> PublicSet:
    """The set ``name`` of ``SETS`` from ``data``, which holds qa/."""
    return SETS[name](data / "qa")


def write_folder(public: PublicSet, folder: Path) -> None:
    """Each document as a Markdown file; a folder that is there stays as it is."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    for document in public.documents:
        text = f"# {document['title']}\n\n{document['text']}\n" if document["title"] else document["text"]
        (folder / _source(document["doc_id"])).write_text(text, encoding="utf-8")


def write_questions(public: PublicSet, count: int, path: Path) -> Path:
    """``count`` questions drawn with a fixed seed as a data set, a third of them without an answer where there are
    such; more of them later begin with the same ones."""
    rows = list(public.asked)
    random.Random(0).shuffle(rows)
    without = [row for row in rows if row["unanswerable"]]
    with_answer = [row for row in rows if not row["unanswerable"] and row["answers"]]
    declined = min(len(without), count // 3)
    lines = []
    for row in [*with_answer[: count - declined], *without[:declined]]:
        line: Row = {"id": str(row["id"]), "question": row["question"], "language": public.language}
        if row["unanswerable"]:
            line["unanswerable"] = True
        else:
            line |= {"answers": sorted(set(row["answers"])), "evidence": [{"source": _source(row["doc_id"])}]}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _whole(corpus: str, split: str, language: str) -> Callable[[Path], PublicSet]:
    def read(qa: Path) -> PublicSet:
        asked = [row for row in read_rows(qa / f"{corpus}.{split}.jsonl.gz") if row["doc_id"]]
        documents = list(read_rows(qa / f"{corpus}.corpus.jsonl.gz"))
        if corpus == "pira":  # bilingual: the documents in the questions' language
            meant = {row["doc_id"] for row in asked}
            documents = [d for d in documents if d["doc_id"] in meant or d["doc_id"].startswith(f"{language}:")]
        return PublicSet(tuple(documents), tuple(asked), language)

    return read


def _unseen_en(qa: Path) -> PublicSet:
    asked, documents = _of_articles(qa, "squad-v1.1.dev", "squad-v1.1", _UNSEEN_EN)
    return _with_passages_left_out(asked, documents, "en")


def _unseen_pt(qa: Path) -> PublicSet:
    asked, documents = _of_articles(qa, "squad-v1.1-pt-sample.train", "squad-v1.1-pt-sample", _UNSEEN_PT)
    more, further = _of_articles(qa, "faquad.train", "faquad", _UNSEEN_PT)
    return _with_passages_left_out(asked + more, documents + further, "pt")


def _of_articles(qa: Path, split: str, corpus: str, articles: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """(questions, documents) of ``articles``. Questions none of whose answers stands in their passage go: translation
    took the two apart."""
    chosen = set(articles)
    documents = [d for d in read_rows(qa / f"{corpus}.corpus.jsonl.gz") if d["doc_id"].split("#")[0] in chosen]
    text = {document["doc_id"]: _words(document["text"]) for document in documents}
    asked = [
        row
        for row in read_rows(qa / f"{split}.jsonl.gz")
        if row["doc_id"] in text and any(_words(answer) in text[row["doc_id"]] for answer in row["answers"])
    ]
    return asked, documents


def _with_passages_left_out(asked: list[Row], documents: list[Row], language: str) -> PublicSet:
    """A quarter of the passages leave the folder. Their questions have no answer any more, but those whose answer a
    passage that stays says, which go."""
    order = sorted(documents, key=lambda document: str(document["doc_id"]))
    random.Random(0).shuffle(order)
    kept = order[len(order) // 4 :]
    stays = {document["doc_id"] for document in kept}
    said = "".join(_words(document["text"]) for document in kept)
    rows = []
    for row in asked:
        if row["doc_id"] in stays:
            rows.append(row)
        elif not any(_words(answer) in said for answer in row["answers"]):
            rows.append(row | {"unanswerable": True, "answers": []})
    return PublicSet(tuple(kept), tuple(rows), language)


def _words(text: str) -> str:
    """As ``rag.evaluate.answers.says`` compares them, so that ``in`` finds whole words only."""
    return f" {' '.join(comparable(text))} "


def _source(doc_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in doc_id) + ".md"


SETS: dict[str, Callable[[Path], PublicSet]] = {
    "squad": _whole("squad-v2.0", "dev", "en"),
    "faquad": _whole("faquad", "train", "pt"),
    "pira-pt": _whole("pira", "dev_pt", "pt"),
    "pira-en": _whole("pira", "dev_en", "en"),
    "unseen-en": _unseen_en,
    "unseen-pt": _unseen_pt,
}
