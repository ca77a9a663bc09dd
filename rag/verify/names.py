"""Names: those a question asks about that evidence lacks, and those a claim puts in another's place.

A name is a word with a capital inside a sentence; where a sentence begins any word has one. Compared within one
language only: "Northeast" is "Nordeste" elsewhere.
"""

from __future__ import annotations

import re

from rag.text import fold, sentences, terms
from rag.types import Language

__all__ = ["exchanged_names", "missing_names"]

_CAPITAL = r"[A-ZÀ-Ý][\wà-ÿ'-]"
_RUN = rf"{_CAPITAL}{{2,}}(?:\s(?:(?:d[aeo]s?|of|the|von|van)\s)?{_CAPITAL}+)*"
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“])[A-ZÀ-Ý][\wà-ÿ]{2,}")
_NAMES = re.compile(rf"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“]){_RUN}")
_MENTION = re.compile(rf"\b{_RUN}")
"""Also where a sentence begins: of what may be mentioned, rather one too many."""
_NEARLY = 0.7
"""Share of a claim's other terms that a sentence has when the claim is that sentence, but for its names."""
_FEWEST = 3
"""Terms besides names below which two sentences are alike by chance."""


def missing_names(question: str, evidence: str) -> list[str]:
    """Names of the question that the evidence does not have, compared without accents.

    Part of a name is enough ("the Panthers" for the Carolina Panthers) unless it is part of another's there: Renato
    Alves is not Renato Vidal.
    """
    have = _words(evidence)
    mentioned = [parts for mention in _MENTION.findall(evidence) if (parts := _parts(mention))]
    missing = []
    for name in dict.fromkeys(_NAMES.findall(question.strip())):
        parts = _parts(name)
        if not _within(parts, have) and not any(_within(mention, parts) for mention in mentioned):
            missing.append(name)
    return missing


def _parts(name: str) -> set[str]:
    """The words of a name that have capitals, folded."""
    return {fold(word) for word in re.findall(r"\w+", name) if word[0].isupper() and len(word) > 2}


def _within(parts: set[str], others: set[str]) -> bool:
    """Whether each of ``parts`` is one of ``others`` but for an ending (Tibet, Tibete; Christians)."""
    return all(part in others or any(_same_stem(part, other) for other in others) for part in parts)


def _same_stem(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one))


def exchanged_names(claim: str, known: str, evidence: str, language: Language) -> list[str]:
    """Names of the claim that stand where the ``evidence``'s nearest sentence has others.

    "The contract was signed by Ana Lima" is not supported by "The contract was signed by Rui Alves. Ana Lima was
    away.", though each of its words is there: the sentence that says nearly the same names somebody else. A name that
    is ``known`` (from the question, the title and headings) may stand for a pronoun.
    """
    names = _names(claim)
    named = [name for name in dict.fromkeys(names) if fold(name) not in _words(known)]
    if not named:
        return []
    besides = set(terms(claim, language)) - set(terms(" ".join(names), language))
    if len(besides) < _FEWEST:
        return []
    said = [evidence[start:end] for start, end in sentences(evidence, language)]
    shared = [len(besides & set(terms(sentence, language))) for sentence in said]
    if not said or max(shared) < _NEARLY * len(besides):
        return []
    # Of sentences that say as much, the one with the claim's names: parallel sentences differ by nothing else.
    nearest = max(range(len(said)), key=lambda i: (shared[i], len(_words(said[i]) & {fold(name) for name in named})))
    there = _words(said[nearest])
    if {fold(name) for name in _names(said[nearest])} <= _words(claim):
        return []
    return [name for name in named if fold(name) not in there]


def _names(text: str) -> list[str]:
    return _NAME.findall(text.strip())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))
