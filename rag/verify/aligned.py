"""A claim beside the sentence of a passage that says nearly the same, word by word: another's name, the opposite.

A small entailment model reads two sentences that share nearly all of their words as one. Where they can be aligned,
what differs can be looked at by itself (``difflib``, which aligns as Ratcliff and Obershelp, 1988).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text import fold, sentences, terms
from rag.types import Language
from rag.verify.claims import beyond_yes_or_no
from rag.verify.names import NAME, NAMES, part_of_name

__all__ = ["exchanged", "negations_apart"]

_NEARLY = 0.7
"""Share of a claim's terms besides names and numbers that a sentence has when the claim may be that sentence but for
those."""
_FEWEST = 3
"""Terms below which two sentences are alike by chance."""
_A_FEW = 6
"""Words in a row that may stand for others before it is no exchange but another way to say it."""
_SAME = 0.85
"""Share of words in common (2 × common / all) from which two sentences differ by a word or two."""
_NEGATIONS = {
    "pt": frozenset("nao nem nunca jamais nenhum nenhuma sem".split()),
    "en": frozenset("not no nor never none neither without cannot".split()),
}


def exchanged(claim: str, passage: str, language: Language) -> list[str]:
    """Names and numbers of the claim that stand where the ``passage``'s nearest sentence has others, the two aligned
    word by word.

    "The contract was signed by Ana Lima" is not supported by "The contract was signed by Rui Alves. Ana Lima was
    away.", though each of its words is there: the sentence that says nearly the same names somebody else. A name for a
    pronoun, for its initials, or with a word more or less, is not exchanged.
    """
    claim = beyond_yes_or_no(claim)
    figures = re.findall(r"\d+", claim)
    marks = [*NAME.findall(claim), *figures]
    besides = set(terms(claim, language)) - set(terms(" ".join(marks), language))
    if not marks or len(besides) < _FEWEST:
        return []
    several = len(NAMES.findall(claim)) + len(figures) > 1
    nearest = _nearest(besides, {fold(mark) for mark in marks}, passage, language, several=several)
    return [" ".join(mine) for mine, theirs in _replaced(claim, nearest) if not _same(mine, theirs)]


def negations_apart(claim: str, passage: str, language: Language) -> list[str]:
    """The negations by which the claim differs from the ``passage``'s nearest sentence, where it is that sentence a
    word or two aside and they make it the opposite; else none."""
    claim = beyond_yes_or_no(claim)
    said = set(terms(claim, language))
    nearest = _nearest(said, set(), passage, language) if len(said) >= _FEWEST else ""
    mine, theirs = (re.findall(r"\w+", re.sub(r"n['’]t\b", " not", text.lower())) for text in (claim, nearest))
    denied, there = ([word for word in words if fold(word) in _NEGATIONS[language]] for words in (mine, theirs))
    if not nearest or (len(denied) - len(there)) % 2 == 0:
        return []
    if SequenceMatcher(None, mine, theirs, autojunk=False).ratio() < _SAME:
        return []
    return [f"“{word}”" for word in denied if word not in there] or [f"without “{word}”" for word in there]


def _nearest(wanted: set[str], marks: set[str], passage: str, language: Language, *, several: bool = False) -> str:
    """The sentence with most of the ``marks`` among those that have nearly all of the ``wanted`` terms, or all marks
    where these are of ``several`` things, and of equal ones the one that has more of these terms; "" where there is
    none.

    Parallel sentences differ by their names and numbers alone: the claim is held against its own.
    """
    said = [passage[start:end] for start, end in sentences(passage, language)]
    shared = [len(wanted & set(terms(sentence, language))) for sentence in said]
    has = [len(marks & set(re.findall(r"\w+", fold(sentence)))) for sentence in said]
    enough = _NEARLY * len(wanted)
    near = [i for i in range(len(said)) if shared[i] >= enough or (several and has[i] == len(marks))]
    return said[max(near, key=lambda i: (has[i], shared[i]))] if near else ""


@dataclass(frozen=True, slots=True)
class _Word:
    """``is_mark``: a name's or a number. ``runs_on``: it is of the same name as the word before it."""

    folded: str
    said: str
    is_mark: bool
    runs_on: bool


def _replaced(claim: str, sentence: str) -> Iterator[tuple[list[str], list[str]]]:
    """``(the claim's marks, the sentence's)`` where a few words of one stand for a few of the other.

    Where they begin or end within a name that both have, only another part of it is given: "President Rule" for "Elton
    Rule".
    """
    mine, theirs = _marked(claim), _marked(sentence)
    aligned = SequenceMatcher(None, [w.folded for w in mine], [w.folded for w in theirs], autojunk=False)
    for tag, a, b, c, d in aligned.get_opcodes():
        if tag != "replace" or max(b - a, d - c) > _A_FEW or mine[a].runs_on or (b < len(mine) and mine[b].runs_on):
            continue
        here, there = ([w.said for w in words if w.is_mark] for words in (mine[a:b], theirs[c:d]))
        if here and there:
            yield here, there


def _marked(text: str) -> list[_Word]:
    text = text.strip()
    named = {match.start() for match in NAME.finditer(text)}
    found: list[_Word] = []
    for match in re.finditer(r"\w+", text):
        is_name, is_number = match.start() in named, match.group().isdecimal()
        after_name = bool(found) and found[-1].is_mark and not found[-1].said.isdecimal()
        follows = after_name and text[: match.start()].endswith(f"{found[-1].said} ")
        found.append(_Word(fold(match.group()), match.group(), is_name or is_number, is_name and follows))
    return found


def _same(mine: list[str], theirs: list[str]) -> bool:
    """Whether both may be the same thing said in two ways. Several numbers, or a number and a name, stand for each
    other wherever dates are written in more than one way."""
    digits = [[word for word in words if word.isdecimal()] for words in (mine, theirs)]
    if not any(digits):
        return _short_for(mine, theirs)
    return [len(mine), len(theirs)] != [1, 1] or not all(digits) or int(mine[0]) == int(theirs[0])


def _short_for(some: list[str], others: list[str]) -> bool:
    """Whether one is the other's initials (NASA), or its beginning (Tibet, Tibete)."""
    if part_of_name({fold(word) for word in some}, {fold(word) for word in others}):
        return True
    return any(
        len(short) == 1 and fold(short[0]) == "".join(fold(word)[0] for word in long)
        for short, long in ((some, others), (others, some))
    )
