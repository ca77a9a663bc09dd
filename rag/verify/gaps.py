"""What a claim says, or its question is about, and a window of evidence does not mention: then it is no evidence.

The literal checks that stand beside the entailment model, put together; each is explained where it is defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from rag.text import detect_language, terms
from rag.verify.aligned import exchanged, negations_apart
from rag.verify.claims import answers_yes_or_no
from rag.verify.clauses import other_clauses
from rag.verify.columns import other_cells, other_rows
from rag.verify.counterparts import counterparts
from rag.verify.designations import missing_designations
from rag.verify.events import unspoken_events
from rag.verify.literal import contrasted_words, foreign_words, missing_numbers
from rag.verify.names import missing_names, names_none
from rag.verify.parallels import other_parts
from rag.verify.ranges import other_ranges
from rag.verify.subjects import missing_subjects, other_year
from rag.verify.windows import FEW, Window

__all__ = ["gaps_of", "on_the_matter"]

_SHARED = 0.5
"""Share of the terms of claim and question that a window among more must have to speak against the claim."""


def on_the_matter(question: str, claim: str, looked: Sequence[Window]) -> list[bool]:
    """Which windows may contradict the claim. Those on another model or year than the one asked about may not; and of
    many windows some look like contradictions that speak of something else, so that these must share its words, where
    they are in its language."""
    language = detect_language(question or claim)
    wanted = set(terms(f"{question} {claim}", language))

    def shares(window: Window) -> bool:
        return len(wanted & set(terms(window.premise, language))) >= _SHARED * len(wanted)

    return [
        not missing_subjects(question, window.premise, window.text)
        and (len(looked) <= FEW or window.language != language or shares(window))
        for window in looked
    ]


def gaps_of(question: str, claim: str, looked: Sequence[Window], sure: Sequence[bool]) -> list[list[str]]:
    """Of each window of ``looked`` what is missing in it, in words to be shown; empty where nothing is.

    Words are compared within one language: the question's, or the claim's where there is none. Other words than the
    window's are no gap where the model is ``sure``: an answer may put things its own way.
    """
    language = detect_language(question or claim)

    @cache
    def altered(passage: str) -> list[str]:
        return exchanged(claim, passage, language) + negations_apart(claim, passage, language)

    @cache
    def unnamed(context: str) -> list[str]:
        return missing_names(question, context)

    found = []
    for window, is_sure in zip(looked, sure, strict=True):
        parts = window.parts or (window,)
        gaps = missing_numbers(claim, f"{window.premise}\n{question}")
        gaps += missing_subjects(question, window.premise, window.text)
        gaps += unspoken_events(question, window.premise)
        gaps += missing_designations(f"{question} {claim}", window.context, window.text)
        gaps += other_year(question, claim)
        if not answers_yes_or_no(claim):  # "Is it for external use?" – "No, for internal use."
            gaps += counterparts(question, claim, window.context, window.text, window.language)
            gaps += other_ranges(question, claim, window.context, window.text, window.language)
            gaps += other_cells(question, claim, window.context, window.text, language)
            gaps += other_rows(question, claim, window.context, window.text, language)
            gaps += other_parts(question, claim, window.text, window.language)
            gaps += other_clauses(question, claim, window.text, language)
        if len({part.citation.doc_id for part in parts}) > 1:
            # Of two documents each must be about something the question names, or they have only been put together.
            gaps += [gap for part in parts if part.language == language for gap in names_none(question, part.context)]
        if window.language == language:
            # What a passage without a title is about, it need not say itself.
            gaps += unnamed(window.context) if window.citation.title else []
            gaps += [gap for part in parts for gap in altered(part.citation.text)]
            gaps += contrasted_words(question, claim, window.context, window.text)
            gaps += [] if is_sure else foreign_words(claim, question, window.context, window.language)
        found.append(gaps)
    return found
