"""Why a question that was made cannot stay: each filter returns its reason, or None.

* *form*: a question, in the passage's language, that names what it is about and points at no text the asker lacks;
* *in its own words*: no long run of the question's words stands in the passage, or lexical search would find it blind;
* *round trip*: the answer stands in the passage to the letter, the cross-encoder judges the passage relevant, and a
  sentence that holds the answer entails it as the answer, better than any other sentence there entails itself
  (Alberti et al., ACL 2019, keep a question when a reader finds the same answer again);
* *only here*: no other passage that a wide search finds answers it, alike or otherwise. A question that two versions
  of a policy answer differently is ambiguous, and whichever answer is expected, the other is no mistake;
* *nowhere*, for questions without an answer: no sentence that a wide search finds entails itself as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.answers import comparable, says
from rag.evaluate.make_draft import Draft
from rag.facade import Lastro
from rag.index import StoredChunk
from rag.text import detect_language, fold, terms
from rag.types import Citation, Hit, Language
from rag.verify.entail import CONTRADICTED, SUPPORTED, Source, Window, windows
from rag.verify.literal import contrasted_words, missing_subjects
from rag.verify.names import missing_names

__all__ = ["answered_elsewhere", "copied", "holding_sentence", "ill_answered", "ill_formed", "may_be_answered"]

_LONGEST_ANSWER = 12
_COPIED = 6
"""Words in a row that make a question a copy."""
_NAMED = 2
"""Terms of content that a question needs to name what it is about."""
_RELEVANT = 0.5
_ENTAILED = 0.5
_WIDE = 20
"""Passages looked through for another answer."""
_POINTING = re.compile(
    r"\b(?:(?:the|this|that) (?:passage|text|document|section|table|paragraph|excerpt)|mentioned|described above|"
    r"(?:o|no|do|ao|este|neste|deste|esse|nesse|desse) (?:trecho|texto|documento|paragrafo)|"
    r"(?:a|na|da|esta|nesta|desta|essa|nessa|dessa) (?:passagem|secao|tabela)|mencionad[oa]s?|citad[oa]s? acima)\b"
)


def ill_formed(draft: Draft) -> str | None:
    """Why the question cannot be asked of anyone."""
    question, chunk = draft.question, draft.chunk
    if not question.endswith("?") or not 3 <= len(question.split()) <= 30:
        return "it is no question"
    if detect_language(question, chunk.language) != chunk.language:
        return "it is in the other language"
    if _POINTING.search(fold(question)):
        return "it points at a text the asker does not have"
    if len(set(terms(question, chunk.language))) < _NAMED:
        return "it does not say what it is about"
    return "it copies the passage" if copied(question, chunk.text) else None


def copied(question: str, text: str) -> bool:
    """Whether ``_COPIED`` words of the question stand in ``text`` in a row."""
    asked, held = comparable(question), comparable(text)
    runs = {tuple(held[i : i + _COPIED]) for i in range(len(held) - _COPIED + 1)}
    return any(tuple(asked[i : i + _COPIED]) in runs for i in range(len(asked) - _COPIED + 1))


def ill_answered(draft: Draft) -> str | None:
    """Why the answer is none."""
    if not draft.answer or len(comparable(draft.answer)) > _LONGEST_ANSWER or not says(draft.chunk.text, draft.answer):
        return "its answer does not stand in the passage"
    return "it tells its own answer" if says(draft.question, draft.answer) else None


def holding_sentence(app: Lastro, draft: Draft) -> tuple[int, int] | None:
    """Offsets of the sentence of the passage that holds the answer and entails it best; None where none entails it, the
    passage is judged beside the question, or the answer goes over a sentence's end."""
    chunk = draft.chunk
    said = [window for window in _windows(chunk) if says(window.text, draft.answer)]
    if not said:
        return None
    entailed = _judged(app, said, [f"{draft.question} {draft.answer}"] * len(said))[:, SUPPORTED]
    best = int(np.argmax(entailed))
    if entailed[best] < _ENTAILED or app.parts.answers_it(draft.question, [said[best].context])[0] < _RELEVANT:
        return None
    return said[best].start - chunk.start, said[best].end - chunk.start


def answered_elsewhere(app: Lastro, draft: Draft) -> str | None:
    """Whether another passage answers it too, or otherwise: one of its sentences entails itself as the answer, or
    contradicts the expected one."""
    question = draft.question
    found = (hit for hit in _found(app, question) if not _same_place(hit, draft.chunk))
    looked = _relevant(app, question, [window for hit in found for window in _windows(hit)])
    if not looked:
        return None
    answers = _judged(app, looked, [f"{question} {window.text}" for window in looked])[:, SUPPORTED] >= _ENTAILED
    against = _judged(app, looked, [f"{question} {draft.answer}"] * len(looked))[:, CONTRADICTED] >= _ENTAILED
    for window, does, opposes in zip(looked, answers.tolist(), against.tolist(), strict=True):
        if does or opposes:
            too = says(window.text, draft.answer)
            return "another passage answers it too" if too else "another passage answers it otherwise"
    return None


def may_be_answered(app: Lastro, draft: Draft) -> str | None:
    """Whether a sentence of any passage entails itself as the answer."""
    question = draft.question
    looked = [window for hit in _found(app, question) for window in _windows(hit) if _about(question, window)]
    answers = _judged(app, looked, [f"{question} {window.text}" for window in looked])[:, SUPPORTED]
    return "something may answer it" if answers.max(initial=0.0) >= _ENTAILED else None


def _found(app: Lastro, question: str) -> list[Hit]:
    """More passages than an answer reads, copies each in its own place: versions of a document are near copies."""
    wide = app.settings.search.model_copy(update={"k": _WIDE, "duplicates": "show"})
    return app.search(question, settings=app.settings.model_copy(update={"search": wide}))


def _windows(place: StoredChunk | Hit) -> list[Window]:
    """Its single sentences, and their parts between semicolons."""
    citation = Citation(1, place.doc_id, place.source, place.title, place.page, place.start, place.end, place.text)
    return windows(Source(citation, place.headings, place.language), longest=1)


def _relevant(app: Lastro, question: str, looked: Sequence[Window]) -> list[Window]:
    looked = [window for window in looked if _about(question, window)]
    judged = app.parts.answers_it(question, [window.premise for window in looked])
    return [window for window, relevance in zip(looked, judged.tolist(), strict=True) if relevance >= _RELEVANT]


def _about(question: str, window: Window) -> bool:
    """Whether the window lacks nothing that the question names: another model or year is no other answer."""
    language: Language = detect_language(question)
    return not (
        missing_subjects(question, window.premise, window.text)
        or (window.language == language and missing_names(question, window.context))
        or contrasted_words(question, "", window.context, window.text)
    )


def _judged(app: Lastro, looked: Sequence[Window], hypotheses: Sequence[str]) -> NDArray[np.float32]:
    """float32[n, 3] of each hypothesis under its window, read in its context."""
    pairs = [(window.premise, hypothesis) for window, hypothesis in zip(looked, hypotheses, strict=True)]
    return app.parts.entailer.probabilities(pairs) if pairs else np.zeros((0, 3), np.float32)


def _same_place(hit: Hit, chunk: StoredChunk) -> bool:
    """Whether the hit is the passage itself, or overlaps it."""
    return hit.doc_id == chunk.doc_id and hit.start < chunk.end and chunk.start < hit.end
