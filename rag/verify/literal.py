"""What must be in the evidence to the letter: numbers with their units, month names, quotations.

An entailment model of this size reads "24 months" and "12 months" as nearly the same sentence; a set difference does
not. Number words count as numbers (``dois``, ``forty-eight``), and a unit that is known must be the same kind of unit
there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from rag.text import fold, terms
from rag.types import Language
from rag.verify.months import MONTHS, dated_months, named_months
from rag.verify.quantities import (
    TEMPERATURES,
    UNITS,
    Quantity,
    folded,
    numbers,
    quantities,
    scales,
    spelled_quantities,
)
from rag.verify.spelled import AND_A_PART

__all__ = [
    "IDENTIFIER",
    "contrasted_words",
    "foreign_words",
    "identifiers",
    "masked",
    "measures",
    "missing_numbers",
    "missing_quotations",
    "restates",
    "series",
]

_QUOTED = re.compile('["“«]([^"“”«»]{8,})["”»]')


def measures(text: str) -> set[tuple[float, str]]:
    """``numbers`` without those that are part of a name: the 220 of ``P-220``, a year."""
    return numbers(masked(text))


def masked(text: str) -> str:
    """``text`` folded, with blanks where a name with digits or a year stands."""
    return _MASKED.sub(lambda match: " " * len(match.group()), folded(text))


def missing_numbers(claim: str, evidence: str) -> list[str]:
    """What the claim states and the evidence does not: numbers, units, months, as words for the reason given."""
    there = [*quantities(evidence), *spelled_quantities(evidence)]
    stated = [*quantities(claim), *_counted(claim, evidence, there)]
    several = scales(evidence) if any(one.scale > 1 for one in stated) else set()
    months, dated = named_months(claim, surely=True), dated_months(claim)
    named = named_months(evidence, surely=False) if months or dated else set()
    missing = []
    for one in sorted(stated, key=lambda one: (one.value, one.kind)):
        kinds = {other.kind for other in there if _same_number(one, other, several, f"{claim} {evidence}")}
        if not kinds and one.value not in dated & named:
            missing.append(f"{one.value:.12g}")
        elif one.kind and kinds and kinds.isdisjoint({"", one.kind, *_SAME_WORD.get(one.kind, ())}):
            missing.append(f"{one.value:.12g} {one.kind}")
    unnamed = months - named
    unnamed -= dated_months(evidence) if unnamed else set()
    return list(dict.fromkeys([*missing, *(f"month {month}" for month in sorted(unnamed))]))


_SAME_WORD = {"gbp": ("lb", "psi"), "lb": ("gbp",), "psi": ("gbp",)}
"""Kinds of units that go by one name: pounds."""
_BELOW_ZERO = re.compile(r"\b(?:menos|minus|negativ\w*|below zero|abaixo de zero|sub-?zero)\b")
_LESS = re.compile(
    r"\b(?:fall\w*|fell|drop\w*|decreas\w*|declin\w*|los[st]\w*|down|reduc\w*|cuts?|less|lower\w*|below|shr[aiu]nk\w*"
    r"|deficit|cai\w*|queda\w*|diminu\w*|reduz\w*|perd\w*|prejuizo\w*|abaixo|defice|recu\w*|baix\w*|menor\w*|descont\w*"
    r"|discount\w*|debit\w*|abat\w*)\b"
)
"""What may say in words what a sign says in digits."""


def _same_number(stated: Quantity, other: Quantity, several: set[int], words: str) -> bool:
    """Whether ``other``, of the evidence, says the number ``stated``. ``several``: what numbers there are multiplied
    by, which may stand in the name of a column; ``words``: all that is said."""
    wanted, said = {stated.value}, {other.value}
    if stated.half and not other.half and other.kind in {"", "hour"}:
        wanted.add(stated.dial)
    if other.half and not stated.half:
        said.add(other.dial)
    if stated.scale > 1 == other.scale and stated.scale in several:
        wanted.add(round(stated.value / stated.scale, 6))
    if wanted & said:
        return True
    if stated.value != -other.value:
        return False
    says_sign = _BELOW_ZERO.search(fold(words)) or (stated.kind not in TEMPERATURES and _LESS.search(fold(words)))
    return bool(says_sign)


def _counted(claim: str, evidence: str, there: list[Quantity]) -> list[Quantity]:
    """The numbers in words of the ``claim`` that a known unit follows, or a noun that the ``evidence`` counts as well.

    "One" is an article and a pronoun; "the two" are known already.
    """
    plain, other = folded(claim), folded(evidence)
    whole = [one for one in spelled_quantities(claim) if one.value > 1 and not AND_A_PART.match(plain, one.end)]
    nouns = {_noun_after(other, one) for one in there} - {""} if whole else set()
    return [
        one for one in whole if one.kind or (_noun_after(plain, one) in nouns and not _KNOWN.search(plain[: one.start]))
    ]


def _noun_after(text: str, quantity: Quantity) -> str:
    match = _NOUN.match(text, quantity.end)
    return match.group(1).removesuffix("s") if match and match.group(1) not in _NO_NOUNS else ""


_NOUN = re.compile(r"[\s-]([a-z]{3,})")
_NO_NOUNS = set(
    "the and for per por para com with das dos que more mais other others outros outras were was are foram eram sao "
    "have had tem when once out into than from until ate mil thousand million".split()
)
_KNOWN = re.compile(
    r"\b(?:the|these|those|its|their|our|his|her|both|all|other|last|first|next|os|as|dos|das|nos|nas|aos|esses|essas"
    r"|estes|estas|seus|suas|outros|outras|primeir[oa]s|ultim[oa]s|proxim[oa]s)\s$"
)


_BEFORE_A_YEAR = [
    *("in ", "em ", "since ", "desde ", "until ", "ate ", "by "),
    *(f"{month}{then}" for month in MONTHS for then in (" ", ", ", " of ", " de ")),
]
_EARLIER = r"(?=1[0-8])(?:" + "|".join(rf"(?<=\b{before})" for before in _BEFORE_A_YEAR) + r")1[0-8]\d{2}\b"
"""A year before 1900: four digits that stand where a year does."""
IDENTIFIER = re.compile(
    rf"\b(?=\w*[a-z])(?=[\w-]*\d)[a-z][\w]*(?:-\w+)*\b|\b(?:19|20)\d{{2}}\b"
    rf"|{_EARLIER}(?!\s?(?:{'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})(?!\w))"
)
_MASKED = re.compile(rf"(?:{IDENTIFIER.pattern})(?:-(?=\d))?")
"""The hyphen of 2026-06, which would be a sign without its year."""


def identifiers(text: str) -> set[str]:
    """The names with letters and digits in ``text`` (``p-220``, ``e4``), folded; years are none."""
    return {name for name in IDENTIFIER.findall(fold(text)) if not name.isdigit()}


def series(identifier: str) -> str:
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
    identifiers all stand between two semicolons there, beside no other identifier or quantity of their kind.

    Such a claim is supported whatever a small model makes of it: "The P-220 makes 65 dB at one metre." of "The P-200
    makes 62 dB at one metre; the P-220 makes 65 dB."
    """
    said = set(terms(claim, language))
    marks = {value for value, _ in numbers(claim)}
    named = set(IDENTIFIER.findall(fold(claim)))
    if len(said) < 3 or not marks or not said <= set(terms(sentence, language)):
        return False
    if sorted(_NEGATION.findall(fold(claim))) != sorted(_NEGATION.findall(fold(sentence))):
        return False
    for clause in re.split(r";\s+", sentence):
        there = set(IDENTIFIER.findall(fold(clause)))
        others = {name for name in there - named if series(name) in {series(mine) for mine in named}}
        stated = measures(clause)
        kinds = {kind for value, kind in stated if value in marks}
        beside = any(kind in kinds and value not in marks for value, kind in stated)
        if marks <= {value for value, _ in numbers(clause)} and named <= there and not others and not beside:
            return True
    return False


def missing_quotations(claim: str, texts: Iterable[str]) -> list[str]:
    """Quotations of two words or more in the claim that no text has to the letter (white space aside)."""
    haystack = [" ".join(text.split()) for text in texts]
    quoted = [" ".join(match.group(1).split()).strip(" .,;") for match in _QUOTED.finditer(claim)]
    return [quote for quote in quoted if " " in quote and not any(quote in text for text in haystack)]
