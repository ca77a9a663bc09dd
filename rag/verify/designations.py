"""The Vaporis 23 is not the Vaporis 20: a name with a number after it, told apart by the number.

`missing_subjects` knows names with letters and digits in one word; here the number stands alone, and that what comes
before it is a name only its capital says, which people leave out when they ask.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text import fold
from rag.verify.quantities import UNITS

__all__ = ["missing_designations"]

_NUMBERS = r"\d{1,4}(?:\s?(?:,|/|and|or|e|ou)\s?\d{1,4})*\b(?![.,:/]\d|\s?[%°º€$]|\w)"
_NAMED = re.compile(rf"\b([A-ZÀ-Ý][a-zà-ÿ][\wà-ÿ-]*)\s({_NUMBERS})(?:\s([a-zµ²³/]+))?")
_NOT_NAMES = set(
    "the a an in on at of to for from by with and or but no not if when after before about over under above below "
    "only up between since until some all each every these those it is are was has have o os as um uma em no na nos "
    "nas de do da dos das para por com e ou mas se ao aos ate desde entre sobre so mais menos acima abaixo cerca sao "
    "foi tem january february march april may june july august september october november december janeiro fevereiro "
    "marco "
    "abril maio junho julho agosto setembro outubro novembro dezembro page pages pagina paginas table figure tabela "
    "figura euros reais dollars".split()
)


def missing_designations(said: str, context: str, window: str) -> list[str]:
    """Names with a number in ``said`` (question and claim) that the ``context`` (the passage under its title) does not
    have, or the ``window`` has with another number only. ``said`` may have them without capitals."""
    plain = fold(said)
    missing = []
    for name in sorted(_names(context)):
        meant = {int(number) for number in re.findall(rf"\b{re.escape(name)}\s(\d{{1,4}})\b(?![.,]\d)", plain)}
        if meant := {number for number in meant if number not in _YEARS}:
            there = _numbers(name, window) or _numbers(name, context)
            missing += [f"{name} {number}" for number in sorted(meant - there)]
    return missing


_YEARS = range(1500, 2101)


@lru_cache(512)
def _names(text: str) -> frozenset[str]:
    """Folded names that have a number after them, which is no year and has no unit."""
    found = set()
    for match in _NAMED.finditer(text):
        name, numbers, unit = match.groups()
        is_measure = unit and fold(unit) in UNITS
        if (
            fold(name) not in _NOT_NAMES
            and not is_measure
            and any(int(n) not in _YEARS for n in re.findall(r"\d+", numbers))
        ):
            found.add(fold(name))
    return frozenset(found)


def _numbers(name: str, text: str) -> set[int]:
    """All numbers that stand after ``name`` in ``text``, with capitals or without."""
    lists = re.findall(rf"\b{re.escape(name)}\s({_NUMBERS})", fold(text))
    return {int(number) for numbers in lists for number in re.findall(r"\d+", numbers)}
