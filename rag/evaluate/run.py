"""Every question of a data set through the product, each result kept the moment it is there.

Results are appended to ``answers.jsonl`` under a key of the question, the index's contents, the settings and the
models: an interrupted run goes on where it stopped, a changed label or report costs nothing, and a changed index,
setting or model asks again. Labels are no part of a result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import rag
from rag.config import Settings
from rag.errors import FolderError, InputError
from rag.evaluate.dataset import Dataset, Question
from rag.facade import Lastro, Models
from rag.index import Snapshot
from rag.search.remember import Remembering
from rag.serialise import answer_json, hit_json

__all__ = ["DEPTH", "Configuration", "Result", "answer_all", "configuration", "contents_digest"]

DEPTH = 10
"""Hits looked at for every question, so that nDCG@10 can be told whatever ``search.k`` is."""

_FILE = "answers.jsonl"
Progress = Callable[[int, int, str], None]
"""Told (done, of, question) before each question and once at the end."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the product gave for one question: ``hits`` and ``answer`` as their JSON objects; ``answer`` is None where
    retrieval alone was evaluated."""

    hits: tuple[Mapping[str, Any], ...]
    answer: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What results depend on besides the question, as the summary shows it; ``digest`` stands for the whole."""

    index: Mapping[str, str | int]
    settings: Mapping[str, Any]
    models: Mapping[str, str]
    answers: bool

    @property
    def digest(self) -> str:
        told = [self.index, self.settings, self.models, self.answers, DEPTH, rag.__version__]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def key(self, question: Question) -> str:
        return hashlib.sha256(f"{self.digest}\n{question.question}".encode()).hexdigest()[:24]


def configuration(app: Lastro, *, answers: bool = True) -> Configuration:
    """What is evaluated. Loads the models."""
    with app.index.pin() as snapshot:
        index: dict[str, str | int] = {
            "generation": snapshot.generation,
            "fingerprint": snapshot.fingerprint.digest,
            "contents": contents_digest(snapshot),
        }
    if answers:
        names = dict(app.parts.names)
    else:
        reranker = app.reranker if app.settings.search.rerank else None
        names = {"encoder": str(app.encoder.identity), "reranker": str(reranker.identity) if reranker else "none"}
    return Configuration(index, _settings(app.settings, answers), names, answers)


def contents_digest(snapshot: Snapshot) -> str:
    """Sixteen hexadecimal digits of every document's path and text: two indexes of the same texts are the same."""
    digest = hashlib.sha256()
    for row in snapshot.documents():
        text = snapshot.document(row.doc_id).text
        digest.update(f"{row.source}\n{len(text)}\n{text}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def answer_all(
    app: Lastro,
    dataset: Dataset,
    out: Path,
    *,
    answers: bool = True,
    fresh: bool = False,
    progress: Progress = lambda done, of, question: None,
) -> tuple[Configuration, dict[str, Result]]:
    """The result of every question by its id. Those in ``out`` under the same key are not asked again.

    Raises FolderError when ``out`` cannot be written to, InputError when what is in it is damaged, and what answering
    raises; what was answered until then stays.
    """
    config = configuration(app, answers=answers)
    path = out / _FILE
    try:
        out.mkdir(parents=True, exist_ok=True)
        known = {} if fresh else _read(path)
        with path.open("w" if fresh else "a", encoding="utf-8") as kept:
            found = _asked(app, dataset, config, known, kept, progress)
    except OSError as error:
        raise FolderError(
            f"--out: {out} cannot be written to ({error.strerror}).", subject="--out", hint="Name another folder."
        ) from error
    return config, found


def _asked(
    app: Lastro,
    dataset: Dataset,
    config: Configuration,
    known: dict[str, Result],
    kept: TextIO,
    progress: Progress,
) -> dict[str, Result]:
    total = len(dataset.questions)
    found: dict[str, Result] = {}
    for done, question in enumerate(dataset.questions):
        progress(done, total, question.question)
        key = config.key(question)
        if key not in known:
            known[key] = _ask(app, question, answers=config.answers)
            row = {"key": key, "hits": list(known[key].hits), "answer": known[key].answer}
            kept.write(json.dumps(row, ensure_ascii=False) + "\n")
            kept.flush()
        found[question.id] = known[key]
    progress(total, total, "")
    return found


def _ask(app: Lastro, question: Question, *, answers: bool) -> Result:
    search = app.settings.search.model_copy(update={"k": max(DEPTH, app.settings.search.k)})
    deeper = app.settings.model_copy(update={"search": search})
    app = _judging_once(app) if answers and search.rerank and app.reranker is not None else app
    # The answer first: its times are those of a question nobody asked before.
    answer = answer_json(app.ask(question.question)) if answers else None
    return Result(tuple(hit_json(hit) for hit in app.search(question.question, settings=deeper)), answer)


def _judging_once(app: Lastro) -> Lastro:
    """``app`` for one question, whose passages are reranked once for its answer and for the hits beyond."""
    models = Models(app.settings)
    models.encoder, models.reranker = app.encoder, Remembering(app.reranker.relevance)
    models.parts = replace(app.parts, reranker=models.reranker)
    return Lastro(app.index, app.settings, models)


def _read(path: Path) -> dict[str, Result]:
    """The results kept so far. A last line cut short by a kill is dropped from the file."""
    if not path.exists():
        return {}
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        path.write_bytes(whole)
    found = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            row = json.loads(line)
            found[row["key"]] = Result(tuple(row["hits"]), row["answer"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}, line {number} is no result of an evaluation.", subject=str(path), hint="--fresh starts anew."
            ) from error
    return found


def _settings(settings: Settings, answers: bool) -> dict[str, Any]:
    """Those that a result depends on; where weights lie, how many threads and who may ask do not change it."""
    sections = ["search", "answer", "verify"] if answers else ["search"]
    return {name: getattr(settings, name).model_dump(mode="json") for name in sections}
