"""The tier of a price list, a table of approvals, a scale: an order of 60 pumps gets no discount for 10 to 49.

Documents state such rules side by side, and to a small entailment model all of them are about an order of pumps. Here
they are compared by value: a question that names a quantity is not answered by what holds in a range without it.

A bound may also be the answer itself ("up to R$ 340 are paid" for a night of R$ 400), so that one alone says nothing
against a claim that states it in a sentence. Ranges and quantities are of one kind where their unit is, or the noun
after them, or the name of the table's column.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from rag.text import terms
from rag.types import Language
from rag.verify.literal import masked
from rag.verify.quantities import Quantity, folded, quantities

__all__ = ["other_ranges"]

_BELOW = re.compile(
    r"(?:\b(?:up to|ate|at most|no maximo|(?:a )?max(?:imum|imo) (?:of|de)|(?:no|not) more than|under"
    r"|(?:less|fewer) than|below|menos d[eo]|abaixo d[eo]|inferior(?:es)? a)|[<≤])\s*$"
)
_ABOVE = re.compile(
    r"(?:\b(?:over|above|(?<!no )(?<!not )more than|acima d[eo]|mais d[eo]|superior(?:es)? a|at least|a partir d[eo]"
    r"|pelo menos|no minimo|(?:a )?minim(?:um|o) (?:of|de)|beyond|exceeding)|[>≥])\s*$"
)
_OR_MORE = re.compile(r"^\+|^\W{0,2}(?:or|and|ou|e)\s+(?:more|over|above|upwards?|longer|mais|acima|superior(?:es)?)\b")
_OR_LESS = re.compile(r"^\W{0,2}(?:or|and|ou|e)\s+(?:less|fewer|under|below|menos|abaixo|inferior(?:es)?)\b")
_TO = re.compile(r"^\s*(?:to|a|ate|through|[-–—])\s*$")
_AND = re.compile(r"^\s*(?:and|e)\s*$")
_BETWEEN = re.compile(r"\b(?:between|entre)\s*$")
_NOUN = re.compile(r"\s?([a-zµ²³%°/]+(?:\([a-z]+\))?)")
_CUT = re.compile(r";|,\s|\n|\s(?:and|e|but|mas|while|enquanto|\|)\s|\.\s")
_HEADER = re.compile(r"([^|:\n]+):\s[^|:\n]*$")
_FILLERS = set("a e o to ate and or ou of de do da more mais in em per por".split())
"""What stands after a number and is no noun it counts."""


@dataclass(frozen=True, slots=True)
class _Range:
    """Values from ``low`` to ``high``, either of which may be infinite; of which ``dimensions``; where it stands in the
    folded text, from its first number to its last."""

    low: float
    high: float
    dimensions: frozenset[str]
    start: int
    end: int

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def one_sided(self) -> bool:
        return inf in (self.high, -self.low)


def other_ranges(question: str, claim: str, window: str, language: Language) -> list[str]:
    """The question's quantity, where ``window`` or ``claim`` tells what holds in ranges that do not have it, in words
    to be shown; else none. ``language`` is the window's, in which nouns are compared."""
    missing = []
    for asked, dimensions, words in _asked(question, language):
        said, there = (
            [one for one in _ranges(text, language) if one.dimensions & dimensions] for text in (claim, window)
        )
        elsewhere = _outside(asked, said, claim, claim) or _outside(asked, there, window, claim)
        if elsewhere or _beside(asked, there, question, claim, window):
            missing.append(words)
    return missing


def _outside(asked: Quantity, ranges: Sequence[_Range], text: str, claim: str) -> bool:
    """Whether ``text`` has these ranges, and neither they nor it have the quantity."""
    alike = any(quantity.value == asked.value for quantity in quantities(masked(text)))
    if not ranges or alike or any(one.has(asked.value) for one in ranges):
        return False
    stated = {quantity.value for quantity in quantities(claim)}
    bounds = {bound for one in ranges for bound in (one.low, one.high)}
    alone = len(ranges) == 1 and ranges[0].one_sided and " | " not in claim
    return not (alone and bounds & stated)


def _beside(asked: Quantity, ranges: Sequence[_Range], question: str, claim: str, window: str) -> bool:
    """Whether all numbers of the claim's own stand, in the window, beside ranges without the quantity."""
    if not any(one.has(asked.value) for one in ranges) or all(one.has(asked.value) for one in ranges):
        return False
    text = folded(window)
    cuts = [0]
    for one, following in itertools.pairwise(ranges):
        between = [match.start() + one.end for match in _CUT.finditer(text[one.end : following.start])]
        if len(between) != 1:  # which of the two what stands between belongs to cannot be told
            return False
        cuts += between
    cuts.append(len(text))
    own = {q.value for q in quantities(claim)} - {q.value for q in quantities(question)}
    own -= {bound for one in ranges for bound in (one.low, one.high)}
    beside = [
        one.has(asked.value)
        for one, (start, end) in zip(ranges, itertools.pairwise(cuts), strict=True)
        if own & {q.value for q in quantities(text[start:end])}
    ]
    return bool(beside) and not any(beside)


def _asked(question: str, language: Language) -> list[tuple[Quantity, frozenset[str], str]]:
    """The quantities of the question that are no range and the only ones of their dimensions, with these, in words."""
    text = masked(question)
    ranges = _ranges(question, language)
    found = [
        (quantity, _dimensions(text, quantity, language))
        for quantity in quantities(text)
        if not any(one.start <= quantity.start < one.end for one in ranges)
    ]
    return [
        (quantity, dimensions, _in_words(text, quantity))
        for quantity, dimensions in found
        if dimensions and not any(dimensions & others for other, others in found if other is not quantity)
    ]


def _in_words(text: str, quantity: Quantity) -> str:
    noun = _NOUN.match(text[quantity.end :])
    return text[quantity.start : quantity.end + (noun.end() if noun else 0)].strip()


@lru_cache(512)
def _ranges(text: str, language: Language) -> tuple[_Range, ...]:
    plain = masked(text)
    found = quantities(plain)
    out: list[_Range] = []
    at = 0
    while at < len(found):
        one = found[at]
        other = found[at + 1] if at + 1 < len(found) else None
        before, after = plain[: one.start], plain[one.end :]
        own = _dimensions(plain, one, language)
        if other is not None and _spans(plain, one, other):
            dimensions = own | _dimensions(plain, other, language)
            out.append(_Range(one.value, other.value, dimensions, one.start, other.end))
            at += 2
            continue
        noun = _NOUN.match(after)
        exact = "|" in text and not one.kind and bool(own)
        after = after[noun.end() :] if noun and not _OR_MORE.match(after) and not _OR_LESS.match(after) else after
        if _BELOW.search(before) or _OR_LESS.match(after):
            out.append(_Range(-inf, one.value, own, one.start, one.end))
        elif _ABOVE.search(before) or _OR_MORE.match(after):
            out.append(_Range(one.value, inf, own, one.start, one.end))
        elif exact:
            out.append(_Range(one.value, one.value, own, one.start, one.end))
        at += 1
    return tuple(out)


def _spans(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether the two are the ends of a range: "10 to 49", "de R$ 3.000,01 a R$ 12.000,00", "between 10 and 49"."""
    between = text[one.end : other.start]
    noun = _NOUN.match(between)
    rests = [between] + ([between[noun.end() :]] if noun else [])
    joined = any(_TO.match(rest) for rest in rests)
    joined = joined or bool(_BETWEEN.search(text[: one.start]) and any(_AND.match(rest) for rest in rests))
    return joined and one.value < other.value and (one.kind == other.kind or not one.kind)


def _dimensions(text: str, quantity: Quantity, language: Language) -> frozenset[str]:
    """The kind of its unit; without one the stem of the noun after it, and those of the name of its column."""
    if quantity.kind:
        return frozenset({quantity.kind})
    noun = _NOUN.match(text[quantity.end :].removeprefix("+"))
    words = [noun.group(1)] if noun and noun.group(1) not in _FILLERS else []
    column = _HEADER.search(text[: quantity.start])
    words += re.findall(r"[a-z]{3,}", column.group(1)) if column else []
    return frozenset(stem for word in words for stem in terms(word, language))
