"""A test set from one's own folder: questions written from its passages by the decoder, kept only if they hold up.

A small decoder writes many poor questions, so that the work is in the filters (``make_filters.py``), and each says what
it threw out. Questions without an answer are asked about the same passages, for a fact they lack. What passes the
product's own models is easier for it than what people ask: such a set compares configurations and guards against
regressions, and a person should look through it (``lastro eval review``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import rag
from rag.answer.generate import Generator
from rag.errors import ModelError
from rag.evaluate.dataset import Question, Target
from rag.evaluate.make_draft import Draft, write
from rag.evaluate.make_filters import answered_elsewhere, holding_window, ill_answered, ill_formed, may_be_answered
from rag.evaluate.run import contents_digest
from rag.facade import Lastro
from rag.index import Snapshot, StoredChunk
from rag.text import query_terms

__all__ = ["Earlier", "Tried", "make"]

_SHORTEST = 80
"""Characters of a passage worth asking about."""
_UNANSWERABLE = 5
"""Of so many questions one is to have no answer."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one passage: the ``question``, or the ``reason`` why its draft was left out.

    ``key`` stands for the passage, the index's contents, the decoder and this version of Lastro.
    """

    key: str
    draft: Draft
    question: Question | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is there already: ``questions``, every id ever given, and the keys of the passages that were tried."""

    questions: tuple[Question, ...] = ()
    ids: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


def make(app: Lastro, count: int, *, seed: int = 0, earlier: Earlier | None = None) -> Iterator[Tried]:
    """Every passage that is tried, until there are ``count`` questions, the earlier ones included; one in five has no
    answer.

    Ends when every passage was tried once. Raises ModelError without a decoder, at the call, so that no file is begun
    for nothing; and what the decoder raises, as the passages are tried.
    """
    generator = app.parts.generator
    if generator is None:
        raise ModelError(
            "questions are written by the decoder, and there is none.",
            subject="models.generator",
            hint="Set models.generator to `embedded` or to a server.",
        )
    return _tried(app, generator, count, seed, earlier or Earlier())


def _tried(app: Lastro, generator: Generator, count: int, seed: int, earlier: Earlier) -> Iterator[Tried]:
    kept, ids = list(earlier.questions), set(earlier.ids)
    with app.index.pin() as snapshot:
        told = [contents_digest(snapshot), app.parts.names["generator"], rag.__version__]
        for chunk in _drawn(snapshot, seed):
            if len(kept) >= count:
                return
            key = _key(told, chunk)
            if key in earlier.keys:
                continue
            lacking = sum(bool(question.unanswerable) for question in kept)
            lacks = lacking < (len(kept) + 1) // _UNANSWERABLE
            draft = write(generator, app.settings.answer, chunk, lacks=lacks)
            found = _twice(draft, kept) or _checked(app, draft, _name("u" if lacks else "q", ids))
            if isinstance(found, str):
                yield Tried(key, draft, None, found)
                continue
            kept.append(found)
            ids.add(found.id)
            yield Tried(key, draft, found, None)


def _checked(app: Lastro, draft: Draft, name: str) -> Question | str:
    """The question, or why the draft is none; filters that cost nothing come first."""
    chunk = draft.chunk
    flaw = ill_formed(draft)
    if draft.lacks:
        flaw = flaw or may_be_answered(app, draft)
        return flaw or Question(name, draft.question, chunk.language, unanswerable=True, kind="made")
    if flaw := flaw or ill_answered(draft):
        return flaw
    held = holding_window(app, draft)
    if held is None:
        return "the passage does not answer it"
    evidence, relevance = held
    if flaw := answered_elsewhere(app, draft, relevance):
        return flaw
    target = Target(chunk.source, chunk.page, evidence.text)
    return Question(name, draft.question, chunk.language, ((draft.answer,),), (target,), (), False, "made")


def _twice(draft: Draft, kept: list[Question]) -> str | None:
    asked = set(query_terms(draft.question))
    return "asked twice" if any(asked == set(query_terms(other.question)) for other in kept) else None


def _name(kind: str, ids: set[str]) -> str:
    number = 1
    while f"{kind}{number}" in ids:
        number += 1
    return f"{kind}{number}"


def _key(told: list[str], chunk: StoredChunk) -> str:
    place = [chunk.doc_id, chunk.start, chunk.end]
    return hashlib.sha256(json.dumps([*told, *place]).encode()).hexdigest()[:16]


def _drawn(snapshot: Snapshot, seed: int) -> Iterator[StoredChunk]:
    """Passages in an order in which every document comes once before any comes twice."""
    generator = np.random.default_rng(seed)
    by_document: dict[str, list[StoredChunk]] = {}
    for chunk in snapshot.passages(snapshot.chunk_ids()):
        if len(chunk.text) >= _SHORTEST:
            by_document.setdefault(chunk.doc_id, []).append(chunk)
    decks = [[deck[i] for i in generator.permutation(len(deck))] for deck in by_document.values()]
    for turn in range(max(map(len, decks), default=0)):
        for place in generator.permutation(len(decks)).tolist():
            if turn < len(decks[place]):
                yield decks[place][turn]
