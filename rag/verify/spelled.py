"""Number words as numbers, in Portuguese and English: ``quarenta e cinco``, ``forty-eight``, ``dois milhões``.

A number of several words is one number: "vinte e cinco dias" are not 20 days, nor 5.
"""

from __future__ import annotations

import re
from math import inf

__all__ = ["AND_A_PART", "SCALE", "SPELLED_NUMBERS", "scale_of", "spelled"]


def _values(words: str, values: range) -> dict[str, int]:
    """``words`` in the order of their ``values``; those of one value with ``|`` between."""
    return {word: value for value, same in zip(values, words.split(), strict=True) for word in same.split("|")}


_ONES = _values(
    "um|uma|one dois|duas|two tres|three quatro|four cinco|five seis|six sete|seven oito|eight nove|nine", range(1, 10)
)
_TEENS = _values(
    "dez|ten onze|eleven doze|twelve treze|thirteen quatorze|catorze|fourteen quinze|fifteen "
    "dezesseis|dezasseis|sixteen dezessete|dezassete|seventeen dezoito|eighteen dezenove|dezanove|nineteen",
    range(10, 20),
)
_TENS = _values(
    "vinte|twenty trinta|thirty quarenta|forty cinquenta|fifty sessenta|sixty setenta|seventy oitenta|eighty "
    "noventa|ninety",
    range(20, 100, 10),
)
_HUNDREDS = _values(
    "cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas seiscentos|seiscentas "
    "setecentos|setecentas oitocentos|oitocentas novecentos|novecentas",
    range(100, 1000, 100),
)
_SCALES = {
    "mil": 10**3, "thousand": 10**3, "milhao": 10**6, "milhoes": 10**6, "million": 10**6, "millions": 10**6,
    "bilhao": 10**9, "bilhoes": 10**9, "billion": 10**9, "billions": 10**9,
    "biliao": 10**12, "bilioes": 10**12, "trilhao": 10**12, "trilhoes": 10**12, "trillion": 10**12,
}  # fmt: skip
SPELLED_NUMBERS = {"zero": 0, **_ONES, **_TEENS, **_TENS, **_HUNDREDS, "cem": 100, "hundred": 100, **_SCALES}
"""Every word, without accents, that is a number or a part of one, with its value alone."""


def _one_of(*words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted((word for some in words for word in some), key=len, reverse=True)) + r")\b"


_THEN = r"(?:\se\s|-e-|[\s-])"
_SMALL = rf"(?:{_one_of(_TENS)}(?:{_THEN}{_one_of(_ONES)})?|{_one_of(_TEENS, _ONES)})"
_GROUP = re.compile(
    rf"\b(?:(?<!por )(?<!per ){_one_of(_HUNDREDS)}(?:{_THEN}{_SMALL})?|cem\b"
    rf"|(?:{_SMALL}[\s-]|(?<!\d\s))hundred\b(?:(?:\sand\s|[\s-]){_SMALL})?|{_SMALL}|zero\b)"
)
"""A number under a thousand. English says "and" after hundreds only: "twenty and five" are two."""
SCALE = rf"(?:[ -]?{_one_of(_SCALES)})+"
"""Pattern of what multiplies the number before it: ``mil``, ``million``, ``mil milhões``."""
_ALONE = re.compile(rf"(?<!\d\s)(?<!\d-)\b(?:mil(?:\smilh(?:ao|oes))?|thousand|(?<!half )a\s{_one_of(_SCALES)})\b")
_SCALE = re.compile(SCALE)
_AND_A_HALF = re.compile(r"\s(?:e\smei[oa]|and\sa\shalf)\b")
AND_A_PART = re.compile(r"(?:[\s-](?:de\s)?[a-z]+)?\s(?:e\smei[oa]|and\sa\s(?:half|quarter))\b")
"""What stands after a number that is not all of it: ``anos e meio``, ``and a half``."""
_JOINER = re.compile(r"\s(?:(?:e|and)\s)?")
_START = re.compile(rf"{_GROUP.pattern}|{_ALONE.pattern}")


def scale_of(words: str) -> int:
    """What the words of ``SCALE`` multiply by, together."""
    product = 1
    for word in re.findall(r"[a-z]+", words):
        product *= _SCALES.get(word, 1)
    return product


def spelled(text: str) -> list[tuple[float, int, int]]:
    """``(value, start, end)`` of every number written in words in the folded ``text``; "por cento" is none."""
    found = []
    at = 0
    while match := _START.search(text, at):
        value, end = _number(text, match.start())
        found.append((value, match.start(), end))
        at = end
    return found


def _number(text: str, start: int) -> tuple[float, int]:
    """The number that begins at ``start``: groups under a thousand with ever smaller scales. A scale that is not
    smaller belongs to the next number: "mil e dois mil" are two."""
    total, smallest, end, at = 0.0, inf, start, start
    while smallest > 1:
        group, alone = _GROUP.match(text, at), _ALONE.match(text, at)
        if group:
            scaled = _SCALE.match(text, group.end())
            value, scale = _under_1000(group.group()), scale_of(scaled.group()) if scaled else 1
            after = (scaled or group).end()
        elif alone:
            value, scale, after = 1, scale_of(alone.group()), alone.end()
        else:
            break
        if scale >= smallest:
            break
        total, smallest, end = total + value * scale, scale, after
        if scale > 1 and (half := _AND_A_HALF.match(text, end)):
            return total + scale / 2, half.end()
        joiner = _JOINER.match(text, end)
        if not joiner:
            break
        at = joiner.end()
    return total, end


def _under_1000(words: str) -> int:
    total = 0
    for word in re.findall(r"[a-z]+", words):
        total = (total or 1) * 100 if word == "hundred" else total + SPELLED_NUMBERS.get(word, 0)
    return total
