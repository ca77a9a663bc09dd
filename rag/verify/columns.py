"""The cell of a table that is asked for: R$ 130 for everyone is not what the Plano Sênior pays.

Readers write a row as "Header: value | Header: value". To a small entailment model any value of a row about the right
things answers; which row and which column a question names, and where what the claim adds stands, can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.text import fold, terms
from rag.types import Language
from rag.verify.literal import identifiers
from rag.verify.quantities import numbers
from rag.verify.rows import Row, rows

__all__ = ["adds", "other_cells", "other_rows"]

_CAPITAL = re.compile(r"\b[A-ZÀ-Ý][\wà-ÿ-]+")
_ASIDE = re.compile(r"\([^)]*\)")
_HALF = 0.5
"""Share of a value's words that the question has where it asks by that value."""
_MOST = 0.6
"""Share of a claim's own words that the cell holds which it comes from, where it has no number."""


def other_cells(question: str, claim: str, context: str, window: str, language: Language) -> list[str]:
    """The names of the columns that ``question`` asks for, where what the ``claim`` adds to it stands in the
    ``window``'s rows, and there in other columns only; else none. ``context``, the whole passage, has all columns.

    A column whose value in the row the question has as well is what it asks by, not for; so is the first one.
    """
    found = [(row, cell) for row in rows(window) for cell in row if adds(question, claim, cell.value, language)]
    if not found:
        return []
    asked = _words(question, language)
    beside = _of_tables(rows(context), [row for row, _ in found])
    headers = {cell.header for row in beside for cell in row if cell.header and not cell.first}
    named = {header for header in headers if _is_named(header, asked, language)}
    for row, cell in found:
        by = {other.header for other in row if _is_named(other.value, asked, language, _HALF)}
        if cell.header in named or (cell.first and _is_named(cell.header, asked, language)) or not named - by:
            return []
    return sorted(named)


def other_rows(question: str, claim: str, context: str, window: str, language: Language) -> list[str]:
    """What of the ``question`` is said by another row of the ``context``, which says all that those of the ``window``
    say of it where what the ``claim`` adds stands; none where the better row has that, too. Rows whose first columns
    have one name are of one table."""
    asked = _words(question, language)
    named = asked & {word for name in _CAPITAL.findall(context) for word in _words(name, language)}
    holding = [row for row in rows(window) if any(adds(question, claim, cell.value, language) for cell in row)]
    others = [
        row
        for row in _of_tables(rows(context), holding)
        if not adds(question, claim, " ".join(cell.value for cell in row), language, every=True)
    ]
    missing = _said_elsewhere(holding, others, asked, language) or _said_elsewhere(holding, others, named, language)
    words = dict.fromkeys(re.findall(r"[^\W_]+", fold(question)))
    return [word for word in words if missing & _words(word, language)] or sorted(missing)


def _said_elsewhere(
    holding: Sequence[Row], others: Sequence[Row], asked: frozenset[str], language: Language
) -> frozenset[str]:
    """Of the words ``asked``, those that one of the ``others`` has beyond all that those ``holding`` the claim have."""
    said = [_said(row, asked, language) for row in holding]
    theirs = [_said(row, asked, language) for row in others]
    better = [more for more in theirs if said and all(has < more for has in said)]
    return max(better, key=len) - frozenset.union(*said) if better else frozenset()


def _of_tables(some: Sequence[Row], these: Sequence[Row]) -> list[Row]:
    """Those of ``some`` rows that are of the tables of ``these``."""
    return [row for row in some if any(row[0].header == one[0].header for one in these)]


def _said(row: Row, asked: frozenset[str], language: Language) -> frozenset[str]:
    """The words of the question, but for its numbers, that the row's values have."""
    values = frozenset(word for cell in row for word in _words(cell.value, language))
    return frozenset(word for word in asked if not word.isdigit() and word in values)


def adds(question: str, claim: str, text: str, language: Language, *, every: bool = False) -> bool:
    """Whether ``text`` has what the ``claim`` says beyond the ``question``: one of its identifiers, of its numbers
    (``every`` one of them), or most of its words."""
    if codes := identifiers(claim) - identifiers(question):
        return codes <= identifiers(text) if every else bool(codes & identifiers(text))
    if own := {value for value, _ in numbers(claim)} - {value for value, _ in numbers(question)}:
        there = {value for value, _ in numbers(text)}
        return own <= there if every else bool(own & there)
    said = _words(claim, language) - _words(question, language)
    return bool(said) and len(said & _words(text, language)) >= _MOST * len(said)


def _is_named(text: str, asked: frozenset[str], language: Language, share: float = 1.0) -> bool:
    """Whether the words of ``text``, or a ``share`` of them, are among those ``asked``."""
    words = _words(_ASIDE.sub(" ", text), language)
    return bool(words) and sum(any(_alike(word, other) for other in asked) for word in words) >= share * len(words)


def _alike(one: str, other: str) -> bool:
    """Whether two stems are of one word: pay, payment."""
    short, long = sorted((one, other), key=len)
    return short == long or (
        len(short) >= 3 and short.isalpha() and long.startswith(short) and len(long) - len(short) < 5
    )


@lru_cache(512)
def _words(text: str, language: Language) -> frozenset[str]:
    return frozenset(word for word in terms(text.replace("_", " "), language) if len(word) > 1 or word.isdigit())
