"""The months a text names, in words and in dates written in digits.

"March" and "may" are English verbs, "out" and "set" Portuguese months cut short: such words are months only where a
date or a preposition says so. A claim is held to the months it surely names, evidence may name one in any way.
"""

from __future__ import annotations

import re

from rag.text import fold

__all__ = ["MONTHS", "dated_months", "named_months"]

MONTHS = {
    name: number
    for number, names in enumerate(
        "janeiro|january fevereiro|february marco|march abril|april maio|may junho|june julho|july agosto|august "
        "setembro|september outubro|october novembro|november dezembro|december".split(),
        1,
    )
    for name in names.split("|")
}
_SHORT = {
    name: number
    for number, names in enumerate(
        "jan fev|feb mar abr|apr mai|may jun jul ago|aug set|sep|sept out|oct nov dez|dec".split(), 1
    )
    for name in names.split("|")
}
_VERBS = {"may", "march"}
_WORD = re.compile(rf"\b(?:{'|'.join(sorted({**MONTHS, **_SHORT}, key=len, reverse=True))})\b")
_DAY_BEFORE = re.compile(r"\d(?:o|a|st|nd|rd|th)?(?:[\s.,/-]{1,2}|\s(?:de|of|day of|dia de)\s)$")
_DIGIT_AFTER = re.compile(r"[\s.,/:-]{1,3}\d|\s(?:de|of)\s\d|\s?\|\s?\d")
_JOINED = re.compile(r"\d[/.-]$")
_YEAR_AFTER = re.compile(r"\.?(?:[\s,/-]{1,2}|\s(?:de|of)\s)(?:19|20)\d{2}\b|[/-]\d{2}\b")
_BEFORE = r"\b(?:de|em|in|of|since|until|till|ate|desde|during|durante|by|from|between|entre|early|mid|late|before"
_BEFORE_ANY = re.compile(rf"{_BEFORE}|after|next|last|every|each|this|through|to|a|para|cada|todo)[\s-]$")
_BEFORE_A_VERB = re.compile(rf"{_BEFORE}|after)[\s-]$")
_HEADER = re.compile(r"\b(?:mes|month|period|periodo|data|date|quando|when)\)?\s?:\s?$")
_OPENS = re.compile(r"(?:^|[|\n;:])\s?$")
_CLOSES = re.compile(r"[\s.!]*(?:$|[|\n;])")
_NEXT_MONTH = re.compile(r"(?:\s?[,/–—-]\s?|\s(?:a|to|e|and|ou|or|ate|through|until)\s)([a-z]+)\b")
_DAY_MONTH = re.compile(
    r"(?<![\d/.-])(?:(\d{1,2})/(\d{1,2})(?:/(?:\d{4}|\d{2}))?(?![\d/])|(\d{1,2})([.-])(\d{1,2})\4\d{4}(?!\d))"
)
_YEAR_MONTH = re.compile(r"(?<!\d)(?:19|20)\d{2}[/.-](\d{1,2})(?!\d)|(?<![\d/.-])(\d{1,2})[/.-](?:19|20)\d{2}(?!\d)")
_NUMBERED = re.compile(r"\b(?:mes|month)\)?\s?:?\s(\d{1,2})(?![\d.,])")


def named_months(text: str, *, surely: bool) -> set[int]:
    """The numbers of the months ``text`` names in words; ``surely``, only where the word is not likely another."""
    plain = fold(text)
    found: set[int] = set()
    for match in _WORD.finditer(plain):
        word = match.group()
        before, after = plain[max(0, match.start() - 16) : match.start()], plain[match.end() : match.end() + 16]
        is_verb = word in _VERBS and word.capitalize() not in text and word.upper() not in text
        beside = bool((_DAY_BEFORE.search(before) and not is_verb) or _DIGIT_AFTER.match(after))
        if word in MONTHS:
            placed = (_BEFORE_A_VERB if word in _VERBS else _BEFORE_ANY).search(before) or _HEADER.search(before)
            alone = _OPENS.search(before) and _CLOSES.match(after)
            likely = word not in _VERBS or re.search(rf"[a-z,]\s{word.capitalize()}\b", text)
            if beside or placed or alone or (likely and not surely):
                found.add(MONTHS[word])
            if (following := _NEXT_MONTH.match(after)) and following.group(1) in MONTHS:
                found |= {MONTHS[word], MONTHS[following.group(1)]}
        elif beside and (not surely or _JOINED.search(before) or _YEAR_AFTER.match(after)):
            found.add(_SHORT[word])
    return found


def dated_months(text: str) -> set[int]:
    """The numbers that may be months in the dates in digits of ``text``: both of 05/03/2021, 6 of 2026-06-30."""
    plain = fold(text)
    parts = [
        part
        for pattern in (_DAY_MONTH, _YEAR_MONTH, _NUMBERED)
        for match in pattern.finditer(plain)
        for part in match.groups()
        if part and part.isdigit()
    ]
    return {int(part) for part in parts if 1 <= int(part) <= 12}
