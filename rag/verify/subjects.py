"""What a question is about by an identifier or a year, and a window of evidence is not about: then it is no evidence.

The row of the P-200 reads like an answer about the P-250 to a small entailment model, and the figures of 2023 like
those of 2024. Identifiers and years are compared as they are written, whatever the model says.
"""

from __future__ import annotations

import re

from rag.text import fold
from rag.verify.literal import IDENTIFIER, series

__all__ = ["missing_subjects", "other_year"]

_YEAR = re.compile(r"(?:1\d|20)\d{2}")
_ASKS_WHEN = re.compile(
    r"\b(?:when|(?:what|which|in what) (?:year|date|day|month|time)|how long|since|until|till|by what|deadline"
    r"|quando|(?:que|qual) (?:e )?(?:o |a )?(?:ano|data|dia|mes)|quanto tempo|desde|ate|prazo|compar\w+|chang\w+|mud\w+"
    r"|differ\w*|diferenc\w+)\b"
)
_MEASURED_AGAINST = re.compile(
    r"\b(?:em relacao a|em comparacao (?:a|com)|comparad[oa]s? (?:a|com)|frente a|contra|do que em"
    r"|compared (?:with|to)|relative to|against|versus|vs\.?|up from|down from|than in)"
    r"\s(?:o ano de |the year )?(?:1\d|20)\d{2}\b"
)
"""“12 % more than in 2023” tells of another year than 2023."""
_TO_COME = re.compile(r"\b(?:by|until|ate)\s(?:o ano de |the year )?(?:1\d|20)\d{2}\b")
"""A goal has a year of its own beside the one in which it was set."""
_SPAN = re.compile(r"\b((?:1\d|20)\d{2})\s?(?:[-–—]|a|ate|to|till|until|through)\s?((?:1\d|20)\d{2})\b")
_BETWEEN = re.compile(r"\b(?:between|entre)\s((?:1\d|20)\d{2})\s(?:and|e)\s((?:1\d|20)\d{2})\b")
"""“In 2020 and 2024” are two years and not those between."""
_SHORT_SPAN = re.compile(r"\b((?:1\d|20)\d{2})/(\d{2})\b(?!/)")
_SINCE = re.compile(r"\b(?:since|desde)\s(?:o ano de |the year )?((?:1\d|20)\d{2})\b")
_GAP = re.compile(r"(?<=[a-z])[\s-](?=\d)")
"""Between letters and digits a hyphen is a matter of taste: P-220, P220, ISO 9001."""


def missing_subjects(question: str, context: str, window: str) -> list[str]:
    """Identifiers of the question (``P-250``, ``SV-1``, ``E4``) and its years that the evidence is not about.

    An identifier must be in the ``context`` (the window under its title and headings), and where the ``window`` itself
    names others of its kind, there: a row of the P-200 is no evidence on the P-250, however alike the two are. A year
    is missing only where other years stand that the question does not name and no span has it, in the ``window`` or,
    where that has none, around it: few sentences say their year.
    """
    asked = list(dict.fromkeys(IDENTIFIER.findall(fold(question))))
    years = {name for name in asked if name.isdigit()}
    named = _identifiers(window)
    joined = _GAP.sub("", fold(context)) if len(years) < len(asked) else ""
    missing = []
    for name in asked:
        if name in years:
            there = _years(window) or _years(context)
            if there - years and name not in there and not _spanned(int(name), window):
                missing.append(name)
        elif not re.search(rf"\b{re.escape(_GAP.sub('', name))}\b", joined) or (
            _GAP.sub("", name) not in named and any(series(other) == series(name) for other in named)
        ):
            missing.append(name)
    return missing


def other_year(question: str, claim: str) -> list[str]:
    """The one year that a ``question`` which asks for no time names, where the ``claim`` names another instead: sales
    of 2023 are none of 2024."""
    asked, said = _years(question), _years(_TO_COME.sub(" ", fold(claim)))
    if len(asked) != 1 or not said or asked & said or _ASKS_WHEN.search(fold(question)):
        return []
    return sorted(asked)


def _years(text: str) -> set[str]:
    """Its years, but for those that others are measured against."""
    return {name for name in _parts(_MEASURED_AGAINST.sub(" ", fold(text))) if _YEAR.fullmatch(name)}


def _spanned(year: int, window: str) -> bool:
    """Whether the window tells of a time that has the ``year`` in it: 2020 to 2024, 2023/24, since 2019."""
    text = fold(window)
    spans = [(int(first), int(last)) for first, last in _SPAN.findall(text) + _BETWEEN.findall(text)]
    spans += [(int(first), int(first[:2] + last)) for first, last in _SHORT_SPAN.findall(text)]
    open_ended = [int(first) for first in _SINCE.findall(_SPAN.sub(" ", text))]
    return any(first <= year <= last for first, last in spans) or any(first <= year for first in open_ended)


def _identifiers(text: str) -> set[str]:
    """The identifiers of ``text`` and what their hyphens join, each without a hyphen before its digits."""
    return {_GAP.sub("", name) for name in _parts(fold(text))}


def _parts(folded: str) -> set[str]:
    found = set(IDENTIFIER.findall(folded))
    return found | {part for name in found for part in name.split("-")}
