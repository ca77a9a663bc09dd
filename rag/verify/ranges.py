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
from rag.verify.columns import adds
from rag.verify.literal import masked
from rag.verify.quantities import Quantity, folded, quantities
from rag.verify.rows import column_before, has_row

__all__ = ["NOUN", "dimensions_of", "other_ranges", "parted", "ranges_in"]

_DENIED = r"(?<!no )(?<!not )(?<!nao )"
_UNDER = rf"{_DENIED}\b(?:under|(?:less|fewer) than|below|menos d[eo]|abaixo d[eo]|inferior(?:es)? a)|<"
_OVER = rf"{_DENIED}\b(?:over|above|more than|acima d[eo]|mais d[eo]|superior(?:es)? a|beyond|exceeding)|>"
_UP_TO = (
    r"\b(?:up to|ate|at most|no maximo|(?:a )?max(?:imum|imo) (?:of|de)|no more than"
    r"|n(?:ot|ao) (?:more than|over|above|beyond|exceeding|acima d[eo]|mais d[eo]|superior(?:es)? a))|≤"
)
_FROM = (
    r"\b(?:at least|a partir d[eo]|pelo menos|no minimo|(?:a )?minim(?:um|o) (?:of|de)|no (?:less|fewer) than"
    r"|n(?:ot|ao) (?:under|below|(?:less|fewer) than|abaixo d[eo]|menos d[eo]|inferior(?:es)? a))|≥"
)
_BELOW, _ABOVE = (re.compile(rf"(?:{some})\s*$") for some in (f"{_UP_TO}|{_UNDER}", f"{_FROM}|{_OVER}"))
_STRICTLY = re.compile(rf"(?:{_UNDER}|{_OVER})\s*$")
"""Under 25 is not 25; up to 25 is."""
_OR_MORE = re.compile(r"^\+|^\W{0,2}(?:or|and|ou|e)\s+(?:more|over|above|upwards?|longer|mais|acima|superior(?:es)?)\b")
_OR_LESS = re.compile(r"^\W{0,2}(?:or|and|ou|e)\s+(?:less|fewer|under|below|menos|abaixo|inferior(?:es)?)\b")
_TO = re.compile(r"^\s*(?:to|a|ate|through|[-–—])\s*$")
_AND = re.compile(r"^\s*(?:and|e)\s*$")
_BETWEEN = re.compile(r"\b(?:between|entre)\s*$")
NOUN = re.compile(r"\s?([a-zµ²³%°/]+(?:\([a-z]+\))?)")
_CUT = re.compile(r";|,\s|\n|\s(?:and|e|but|mas|while|enquanto|\|)\s|\.\s")
_FILLERS = set("a e o to ate and or ou of de do da more mais in em per por".split())
"""What stands after a number and is no noun it counts."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values from ``low`` to ``high``, either of which may be infinite; of which ``dimensions``; where it stands in the
    folded text, from its first number to its last; whether its one bound is itself outside (``is_open``)."""

    low: float
    high: float
    dimensions: frozenset[str]
    start: int
    end: int
    is_open: bool = False

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.is_open and value in (self.low, self.high))

    @property
    def one_sided(self) -> bool:
        return inf in (self.high, -self.low)


def other_ranges(question: str, claim: str, context: str, window: str, language: Language) -> list[str]:
    """The question's quantity, where ``window`` or ``claim`` tells what holds in ranges that do not have it, in words
    to be shown; else none. ``context`` is the whole passage, ``language`` the window's, in which nouns are compared."""
    missing = []
    for asked, dimensions, words in _asked(question, language):
        said, there, around = (
            [one for one in ranges_in(text, language) if one.dimensions & dimensions]
            for text in (claim, window, context)
        )
        has_its_own = any(one.has(asked.value) for one in around)
        elsewhere = any(
            _outside(asked, some, text, claim, has_its_own) for some, text in ((said, claim), (there, window))
        )
        if elsewhere or _beside(asked, there, question, claim, window, language):
            missing.append(words)
    return missing


def _outside(asked: Quantity, ranges: Sequence[Range], text: str, claim: str, has_its_own: bool) -> bool:
    """Whether ``text`` has these ranges, and neither they nor it have the quantity.

    A quantity that the text has stands there, be it as the bound of a range without it, unless the passage has a range
    with it (``has_its_own``): people ask about the drop to $10 of what fell below it. A single range whose bounds the
    claim states is what is answered, not what is asked of: "My trip takes 10 days." "Book it 14 to 21 days before."
    """
    bounds = {bound for one in ranges for bound in (one.low, one.high)}
    stands = any(quantity.value == asked.value for quantity in quantities(masked(text)))
    alike = stands and not (has_its_own and asked.value in bounds)
    if not ranges or alike or any(one.has(asked.value) for one in ranges):
        return False
    stated = {quantity.value for quantity in quantities(claim)}
    if len(ranges) > 1 or has_row(claim):
        return True
    return not (bounds & stated if ranges[0].one_sided else bounds == stated)


def _beside(
    asked: Quantity, ranges: Sequence[Range], question: str, claim: str, window: str, language: Language
) -> bool:
    """Whether all numbers of the claim's own, or its words where it has none, stand in the window beside ranges
    without the quantity."""
    if not any(one.has(asked.value) for one in ranges) or all(one.has(asked.value) for one in ranges):
        return False
    text = folded(window)
    spans = parted(text, ranges)
    if not spans:
        return False
    own = {q.value for q in quantities(claim)} - {q.value for q in quantities(question)}
    own -= {bound for one in ranges for bound in (one.low, one.high)}
    beside = [
        one.has(asked.value)
        for one, (start, end) in zip(ranges, spans, strict=True)
        if (
            own & {q.value for q in quantities(text[start:end])}
            if own
            else adds(question, claim, text[start:end], language)
        )
    ]
    return bool(beside) and not any(beside)


def parted(text: str, found: Sequence[Range | Quantity]) -> list[tuple[int, int]]:
    """The part of ``text`` that each of ``found`` stands in, from cut to cut; none where there is not one single cut
    between two of them: to which of the two what stands there belongs cannot be told."""
    cuts = [0]
    for one, following in itertools.pairwise(found):
        between = [match.start() + one.end for match in _CUT.finditer(text[one.end : following.start])]
        if len(between) != 1:
            return []
        cuts += between
    return list(itertools.pairwise([*cuts, len(text)]))


def _asked(question: str, language: Language) -> list[tuple[Quantity, frozenset[str], str]]:
    """The quantities of the question that are no range and the only ones of their dimensions, with these, in words."""
    text = masked(question)
    ranges = ranges_in(question, language)
    found = [
        (quantity, dimensions_of(text, quantity, language))
        for quantity in quantities(text)
        if not any(one.start <= quantity.start < one.end for one in ranges)
    ]
    return [
        (quantity, dimensions, _in_words(text, quantity))
        for quantity, dimensions in found
        if dimensions and not any(dimensions & others for other, others in found if other is not quantity)
    ]


def _in_words(text: str, quantity: Quantity) -> str:
    noun = NOUN.match(text[quantity.end :])
    return text[quantity.start : quantity.end + (noun.end() if noun else 0)].strip()


@lru_cache(512)
def ranges_in(text: str, language: Language) -> tuple[Range, ...]:
    plain = masked(text)
    found = quantities(plain)
    out: list[Range] = []
    at = 0
    while at < len(found):
        one = found[at]
        other = found[at + 1] if at + 1 < len(found) else None
        before, after = plain[: one.start], plain[one.end :]
        own = dimensions_of(plain, one, language)
        if other is not None and _spans(plain, one, other):
            dimensions = own | dimensions_of(plain, other, language)
            out.append(Range(one.value, other.value, dimensions, one.start, other.end))
            at += 2
            continue
        noun = NOUN.match(after)
        exact = has_row(text) and not one.kind and bool(own)
        after = after[noun.end() :] if noun and not _OR_MORE.match(after) and not _OR_LESS.match(after) else after
        if _BELOW.search(before) or _OR_LESS.match(after):
            strictly = bool(_STRICTLY.search(before))
            out.append(Range(-inf, one.value, own, one.start, one.end, strictly))
        elif _ABOVE.search(before) or _OR_MORE.match(after):
            strictly = bool(_STRICTLY.search(before))
            out.append(Range(one.value, inf, own, one.start, one.end, strictly))
        elif exact:
            out.append(Range(one.value, one.value, own, one.start, one.end))
        at += 1
    return tuple(out)


def _spans(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether the two are the ends of a range: "10 to 49", "de R$ 3.000,01 a R$ 12.000,00", "between 10 and 49"."""
    between = text[one.end : other.start]
    noun = NOUN.match(between)
    rests = [between] + ([between[noun.end() :]] if noun else [])
    joined = any(_TO.match(rest) for rest in rests)
    joined = joined or bool(_BETWEEN.search(text[: one.start]) and any(_AND.match(rest) for rest in rests))
    return joined and one.value < other.value and (one.kind == other.kind or not one.kind)


def dimensions_of(text: str, quantity: Quantity, language: Language) -> frozenset[str]:
    """The kind of its unit; without one the stem of the noun after it, and those of the name of its column."""
    if quantity.kind:
        return frozenset({quantity.kind})
    noun = NOUN.match(text[quantity.end :].removeprefix("+"))
    words = [noun.group(1)] if noun and noun.group(1) not in _FILLERS else []
    words += re.findall(r"[a-z]{3,}", column_before(text[: quantity.start]))
    return frozenset(stem for word in words for stem in terms(word, language))
