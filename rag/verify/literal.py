"""What must be in the evidence to the letter: numbers with their units, month names, quotations.

An entailment model of this size reads "24 months" and "12 months" as nearly the same sentence; a set difference does
not. Number words count as numbers in the evidence (``dois``, ``twelve``), and a unit that is known must be the same
kind of unit there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from rag.text import fold, terms
from rag.types import Language
from rag.verify.quantities import SPELLED_NUMBERS, UNITS, folded, is_one_letter, numbers

__all__ = [
    "contrasted_words",
    "foreign_words",
    "identifiers",
    "masked",
    "measures",
    "missing_numbers",
    "missing_quotations",
    "missing_subjects",
    "other_year",
]

_MONTHS = {
    name: number
    for number, names in enumerate(
        "janeiro|january fevereiro|february marco|march abril|april maio|may junho|june julho|july agosto|august "
        "setembro|september outubro|october novembro|november dezembro|december".split(),
        1,
    )
    for name in names.split("|")
}
_QUOTED = re.compile('["“«]([^"“”«»]{8,})["”»]')


def measures(text: str) -> set[tuple[float, str]]:
    """``numbers`` without those that are part of a name: the 220 of ``P-220``, a year."""
    return numbers(masked(text))


def masked(text: str) -> str:
    """``text`` folded, with blanks where a name with digits or a year stands."""
    return _IDENTIFIER.sub(lambda match: " " * len(match.group()), folded(text))


def missing_numbers(claim: str, evidence: str) -> list[str]:
    """What the claim states and the evidence does not: numbers, units, months, as words for the reason given."""
    stated = numbers(evidence)
    values: dict[float, set[str]] = {}
    for value, kind in stated:
        values.setdefault(value, set()).add(kind)
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", fold(evidence).replace(" e ", "-e-")))
    words |= set(re.findall(r"[a-z]+", fold(evidence)))
    spelled = {float(value) for word, value in SPELLED_NUMBERS.items() if word in words}
    missing = []
    for value, kind in sorted(numbers(claim)):
        if value in values:
            kinds = values[value]
            if kind and "" not in kinds and kind not in kinds and not is_one_letter(kind):
                missing.append(f"{value:g} {kind}")
        elif value not in spelled:
            missing.append(f"{value:g}")
    for month in _months(claim) - _months(evidence):
        if not any(value == month for value, _ in stated):
            missing.append(f"month {month}")
    return missing


def _months(text: str) -> set[int]:
    # "may" and "march" are also English verbs: a month counts only next to a digit or after a preposition.
    found = set()
    for match in re.finditer(
        r"(?:\d|\bde|\bem|\bin|\bof|\bsince|\buntil|\bate)\W{1,3}([a-z]+)|\b([a-z]+)\W{1,3}\d", fold(text)
    ):
        for word in match.groups():
            if word in _MONTHS:
                found.add(_MONTHS[word])
    return found


_BEFORE_A_YEAR = [
    *("in ", "em ", "since ", "desde ", "until ", "ate ", "by "),
    *(f"{month}{then}" for month in _MONTHS for then in (" ", ", ", " of ", " de ")),
]
_EARLIER = r"(?=1[0-8])(?:" + "|".join(rf"(?<=\b{before})" for before in _BEFORE_A_YEAR) + r")1[0-8]\d{2}\b"
"""A year before 1900: four digits that stand where a year does."""
_IDENTIFIER = re.compile(
    rf"\b(?=\w*[a-z])(?=[\w-]*\d)[a-z][\w]*(?:-\w+)*\b|\b(?:19|20)\d{{2}}\b"
    rf"|{_EARLIER}(?!\s?(?:{'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})(?!\w))"
)


def missing_subjects(question: str, context: str, window: str) -> list[str]:
    """Identifiers of the question (``P-250``, ``SV-1``, ``E4``) and its years that the evidence is not about.

    An identifier must be in the ``context`` (the window under its title and headings), and where the ``window`` itself
    names others of its kind, there: a row of the P-200 is no evidence on the P-250, however alike the two are. A year
    is missing only where other years stand that the question does not name, in the ``window`` or, where that has none,
    around it: few sentences say their year.
    """
    asked = dict.fromkeys(_IDENTIFIER.findall(fold(question)))
    have, named = _identifiers(context), _identifiers(window)
    missing = []
    for name in asked:
        if name.isdigit():
            years = _years(window) or have
            others = {other for other in years if _YEAR.fullmatch(other) and other not in asked}
            if name not in years and others:
                missing.append(name)
        elif name not in have or (name not in named and any(_series(other) == _series(name) for other in named)):
            missing.append(name)
    return missing


_YEAR = re.compile(r"(?:1\d|20)\d{2}")
_ASKS_WHEN = re.compile(
    r"\b(?:when|(?:what|which|in what) (?:year|date|day|month|time)|how long|since|until|till|by what|deadline"
    r"|quando|(?:que|qual) (?:e )?(?:o |a )?(?:ano|data|dia|mes)|quanto tempo|desde|ate|prazo|compar\w+|chang\w+|mud\w+"
    r"|differ\w*|diferenc\w+)\b"
)


def other_year(question: str, claim: str) -> list[str]:
    """The one year that a ``question`` which asks for no time names, where the ``claim`` names another instead: sales
    of 2023 are none of 2024."""
    asked, said = _years(question), _years(claim)
    if len(asked) != 1 or not said or asked & said or _ASKS_WHEN.search(fold(question)):
        return []
    return sorted(asked)


def _years(text: str) -> set[str]:
    return {name for name in _IDENTIFIER.findall(fold(text)) if _YEAR.fullmatch(name)}


def _identifiers(text: str) -> set[str]:
    found = set(_IDENTIFIER.findall(fold(text)))
    return found | {part for name in found for part in name.split("-")}


def identifiers(text: str) -> set[str]:
    """The names with letters and digits in ``text`` (``p-220``, ``e4``), folded; years are none."""
    return {name for name in _IDENTIFIER.findall(fold(text)) if not name.isdigit()}


def _series(identifier: str) -> str:
    """The letters an identifier begins with: ``p`` of ``p-220``."""
    letters = re.match(r"[a-z]+", identifier)
    return letters.group() if letters else ""


def contrasted_words(question: str, claim: str, context: str, window: str) -> list[str]:
    """Words of question or claim that ``context`` lacks while the ``window`` has their counterpart: one that differs
    only in how it begins and that the question does not name. *Paternity* leave is not *maternity* leave.
    """
    said = set(_LETTERS.findall(fold(f"{question} {claim}")))
    there = set(_LETTERS.findall(fold(window))) - set(_LETTERS.findall(fold(question)))
    unknown = sorted(said - set(_LETTERS.findall(fold(context))))
    return [word for word in unknown if any(_only_begins_otherwise(word, other) for other in there)]


_LETTERS = re.compile(r"[a-z]{7,}")


def _only_begins_otherwise(word: str, other: str) -> bool:
    """Whether both end alike for seven tenths of their length or more, and neither begins as the other does."""
    pairs = zip(reversed(word), reversed(other), strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return word[0] != other[0] and shared >= 0.7 * max(len(word), len(other))


def foreign_words(claim: str, question: str, evidence: str, language: Language) -> list[str]:
    """The content words a claim has beyond its question's that the evidence lacks, when they are more than two in five;
    else none.

    For a claim in the evidence's language. What the question said is no word of the claim's own: that it is not meant
    is for the entailment model to see.
    """
    asked = set(terms(question, language))
    said = [word for word in dict.fromkeys(terms(claim, language)) if word not in asked]
    have = set(terms(evidence, language))
    missing = [word for word in said if word not in have]
    return missing if len(missing) > 0.4 * len(said) and len(said) > 2 else []


_NEGATION = re.compile(
    r"\b(?:nao|nem|nunca|nenhum|nenhuma|sem|exceto|not|no|never|none|without|except|cannot|\w+n't)\b"
)


def restates(claim: str, sentence: str, language: Language) -> bool:
    """Whether ``claim`` says nothing but words of ``sentence``, with the same negations, and its numbers and
    identifiers all stand between two semicolons there, beside no other identifier of their kind.

    Such a claim is supported whatever a small model makes of it: "The P-220 makes 65 dB at one metre." of "The P-200
    makes 62 dB at one metre; the P-220 makes 65 dB."
    """
    said = set(terms(claim, language))
    marks = {value for value, _ in numbers(claim)}
    named = set(_IDENTIFIER.findall(fold(claim)))
    if len(said) < 3 or not marks or not said <= set(terms(sentence, language)):
        return False
    if sorted(_NEGATION.findall(fold(claim))) != sorted(_NEGATION.findall(fold(sentence))):
        return False
    for clause in re.split(r";\s+", sentence):
        there = set(_IDENTIFIER.findall(fold(clause)))
        others = {name for name in there - named if _series(name) in {_series(mine) for mine in named}}
        if marks <= {value for value, _ in numbers(clause)} and named <= there and not others:
            return True
    return False


def missing_quotations(claim: str, texts: Iterable[str]) -> list[str]:
    """Quotations of two words or more in the claim that no text has to the letter (white space aside)."""
    haystack = [" ".join(text.split()) for text in texts]
    quoted = [" ".join(match.group(1).split()).strip(" .,;") for match in _QUOTED.finditer(claim)]
    return [quote for quote in quoted if " " in quote and not any(quote in text for text in haystack)]
