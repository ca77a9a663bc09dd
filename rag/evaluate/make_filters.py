"""Why a question that was made cannot stay: each filter returns its reason, or None.

* *form*: a question, in the passage's language, that names what it is about and points at no text the asker lacks;
* *in its own words*: no long run of the question's words stands in the passage, or lexical search would find it blind;
* *round trip*: the answer stands in the passage to the letter, and a sentence that holds it is judged relevant and to
  entail it as the answer (Alberti et al., ACL 2019, keep a question when a reader finds the same answer again);
* *only here*: no sentence of another passage that a wide search finds is about as relevant as the one that holds the
  answer, whether it answers alike or otherwise. A question that two versions of a policy answer differently is
  ambiguous: whichever answer is expected, the other is no mistake;
* *nowhere*, for questions without an answer: neither a passage that a wide search finds nor a sentence of one is judged
  relevant, at less than what is asked of an answer.

The thresholds were set by reading what the decoder wrote of the sample folder; the filters are to be strict, since
passages are many and a wrong question costs a person's time.
"""

from __future__ import annotations

import re

import numpy as np

from rag.evaluate.answers import comparable, says
from rag.evaluate.make_draft import Draft, borrowed
from rag.facade import Lastro
from rag.index import StoredChunk
from rag.text import contextualise, detect_language, fold, terms
from rag.types import Citation, Hit, Language
from rag.verify.entail import SUPPORTED
from rag.verify.literal import contrasted_words
from rag.verify.names import missing_names
from rag.verify.subjects import missing_subjects
from rag.verify.windows import Source, Window, windows

__all__ = ["answered_elsewhere", "copied", "holding_window", "ill_answered", "ill_formed", "may_be_answered"]

_LONGEST_ANSWER = 12
_COPIED = 6
"""Words in a row that make a question a copy."""
_NAMED = 2
"""Terms of content that a question needs to name what it is about."""
_RELEVANT = 0.4
"""Least relevance of the sentence that holds the answer; alone, short sentences are judged low."""
_ENTAILED = 0.65
_CLOSE = 0.1
"""A sentence elsewhere that is less relevant by no more than this may be meant as well."""
_HINT, _TOUCHED = 0.25, 0.4
"""Relevance of a sentence, and of a passage, from which on a question may have an answer after all."""
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
    context = contextualise(chunk.title, chunk.headings, chunk.text)
    if borrowed(draft) or missing_subjects(question, context, context) or missing_names(question, context):
        return "it names what its passage does not"
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


def holding_window(app: Lastro, draft: Draft) -> tuple[Window, float] | None:
    """The sentence of the passage that holds the answer and entails it best, with its relevance; None where it is
    judged beside the question, none entails the answer, or the answer goes over a sentence's end."""
    said = [window for window in windows(_source(draft.chunk), longest=1) if says(window.text, draft.answer)]
    if not said:
        return None
    pairs = [(window.premise, f"{draft.question} {draft.answer}") for window in said]
    entailed = app.parts.entailer.probabilities(pairs)[:, SUPPORTED]
    best = int(np.argmax(entailed))
    relevance = float(app.parts.answers_it(draft.question, [said[best].premise])[0])
    return (said[best], relevance) if entailed[best] >= _ENTAILED and relevance >= _RELEVANT else None


def answered_elsewhere(app: Lastro, draft: Draft, relevance: float) -> str | None:
    """Whether another passage answers it too, or otherwise; ``relevance`` is that of its own evidence."""
    for window, judged in _judged(app, draft.question, draft.chunk):
        if judged >= relevance - _CLOSE:
            too = says(window.text, draft.answer)
            return "another passage answers it too" if too else "another passage answers it otherwise"
    return None


def may_be_answered(app: Lastro, draft: Draft) -> str | None:
    """Whether any passage, its own among them, comes near to answering it."""
    looked = _judged(app, draft.question)
    whole = list(dict.fromkeys(window.context for window, _ in looked))
    touched = app.parts.answers_it(draft.question, whole).max(initial=0.0) >= _TOUCHED
    near = any(judged >= _HINT for _, judged in looked)
    return "something may answer it" if near or touched else None


def _judged(app: Lastro, question: str, beside: StoredChunk | None = None) -> list[tuple[Window, float]]:
    """Sentences of what is found, ``beside`` a passage of its own, with their relevance; those that lack something the
    question names are left out: another model or year is no other answer."""
    found = [hit for hit in _found(app, question) if beside is None or not _same_place(hit, beside)]
    looked = [window for hit in found for window in windows(_source(hit), longest=1) if _about(question, window)]
    judged = app.parts.answers_it(question, [window.premise for window in looked])
    return list(zip(looked, judged.tolist(), strict=True))


def _found(app: Lastro, question: str) -> list[Hit]:
    """More passages than an answer reads, copies each in its own place: versions of a document are near copies."""
    wide = app.settings.search.model_copy(update={"k": _WIDE, "duplicates": "show"})
    return app.search(question, settings=app.settings.model_copy(update={"search": wide}))


def _source(place: StoredChunk | Hit) -> Source:
    citation = Citation(1, place.doc_id, place.source, place.title, place.page, place.start, place.end, place.text)
    return Source(citation, place.headings, place.language)


def _about(question: str, window: Window) -> bool:
    """Whether the window lacks nothing that the question names: another model or year is no other answer."""
    language: Language = detect_language(question)
    return not (
        missing_subjects(question, window.premise, window.text)
        or (window.language == language and missing_names(question, window.context))
        or contrasted_words(question, "", window.context, window.text)
    )


def _same_place(hit: Hit, chunk: StoredChunk) -> bool:
    """Whether the hit is the passage itself, or overlaps it."""
    return hit.doc_id == chunk.doc_id and hit.start < chunk.end and chunk.start < hit.end
