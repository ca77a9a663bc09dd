"""Numbers with their units, compared by value across Portuguese and English notation (1.234,56 = 1,234.56).

What is written as one number is one: 5 mil is 5.000, 9 pm is 21, 14h30 are 14 hours and 30 minutes. A sign counts where
it touches its digits and follows neither a digit nor a word: the dashes of "10-49" and "P-220" are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rag.text import fold
from rag.verify.spelled import SCALE, SPELLED_NUMBERS, scale_of, spelled

__all__ = [
    "SPELLED_NUMBERS",
    "TEMPERATURES",
    "UNITS",
    "Quantity",
    "folded",
    "numbers",
    "quantities",
    "scales",
    "spelled_quantities",
]

_UNIT = (
    r"(?:(?:graus?|degrees?)\s(?=[cf]))?(?P<unit>%|€|£|r\$|us\$|\$(?!\s?\d)|°\s?[cf](?![a-z])|o\s?c(?![a-z])|por\scento\b"
    r"|per\scent\b|(?:quilo|kilo|mega)watts?[\s-]h(?:ora|our)s?\b|[a-zμ²³/]+(?:\([a-z]+\))?)?"
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>(?<![/+)\]%°-])(?<!\d\s)(?<!%\s)[-−–](?=\d|r\$|us\$|[$€£]))?"
    r"(?:(?P<currency>r\$|us\$|\$|€|£)\s?(?P<debit>[-−](?=\d))?)?"
    r"(?P<digits>\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)"
    rf"(?P<scale>{SCALE})?(?(scale)(?:\sde(?=\s))?)\s?{_UNIT}"
)
_DATE = re.compile(
    r"(?<![\w.,/-])(?:(\d{1,2})\.(\d{1,2})\.((?:1\d|20)\d{2})(?![\w/])|(\d{1,2})/(\d{1,2})/(\d{2})(?![\w/]))"
)
"""Dates that are not to be read number by number: 05.03.2021 is no 5.03, and the 21 of 05/03/21 is 2021."""
_CLOCK = re.compile(
    r"(?<![\w.,:])(?P<hour>\d{1,2})(?:h(?P<min>\d{2})(?:\s?m(?:in)?\b)?(?!\d)|(?P<mark>[:.])(?P<minute>\d{2})(?!\d))?"
    r"(?:\s?(?:(?:hs?|hrs?|horas?|o['’]?\s?clock)(?![a-z])\s?)?(?:"
    r"(?P<am>a(?:m\b|\.\s?m\b\.?)|d[ae] (?:manha|madrugada)\b|in the morning\b)"
    r"|(?P<pm>p(?:m\b|\.\s?m\b\.?)|d[ae] tarde\b|in the (?:afternoon|evening)\b)|(?P<night>d[ae] noite\b|at night\b)))?"
)
UNITS: dict[str, str] = {}
for _kind, _names in {
    "%": "% porcento percent",
    "brl": "r$ reais real brl",
    "usd": "us$ $ dollar dollars dolar dolares usd",
    "eur": "€ euro euros eur",
    "gbp": "£ pound pounds libra libras",
    "year": "ano anos year years",
    "month": "mes meses month months",
    "week": "semana semanas week weeks",
    "day": "dia dias day days",
    "hour": "h hora horas hour hours hrs",
    "minute": "min minuto minutos minute minutes",
    "second": "s segundo segundos second seconds",
    "km": "km quilometro quilometros kilometers kilometres",
    "metre": "m metro metros meter meters metre metres",
    "cm": "cm centimetro centimetros centimeters centimetres",
    "mm": "mm milimetro milimetros millimeters millimetres",
    "mile": "mile miles milha milhas",
    "foot": "ft foot feet",
    "kg": "kg quilo quilos kilos kilogram kilograms quilograma quilogramas",
    "gram": "g grama gramas gram grams",
    "mg": "mg miligrama miligramas milligram milligrams",
    "µg": "μg mcg micrograma microgramas microgram micrograms",
    "tonne": "tonelada toneladas tonne tonnes ton tons",
    "lb": "lb lbs",
    "litre": "l litro litros liter liters litre litres",
    "ml": "ml mililitro mililitros milliliter milliliters millilitre millilitres",
    "watt": "w watt watts",
    "kw": "kw quilowatt quilowatts kilowatt kilowatts",
    "mw": "mw megawatt megawatts",
    "wh": "wh",
    "kwh": "kwh quilowatthora quilowatthoras quilowattshora kilowatthour kilowatthours",
    "mwh": "mwh megawatthora megawatthoras megawattshora megawatthour megawatthours",
    "volt": "v volt volts",
    "ampere": "ampere amperes amps",
    "hertz": "hz",
    "rpm": "rpm",
    **{unit: unit for unit in "m² km² cm² m³ cm³ m³/h m³/s l/h l/min l/s".split()},
    "bar": "bar bars",
    "psi": "psi",
    "kpa": "kpa",
    "kb": "kb kilobyte kilobytes",
    "mb": "mb megabyte megabytes",
    "gb": "gb gigabyte gigabytes",
    "tb": "tb terabyte terabytes",
    "db": "db db(a) dba decibeis decibels",
    "celsius": "°c oc celsius centigrado centigrados",
    "fahrenheit": "°f fahrenheit",
}.items():
    UNITS.update(dict.fromkeys(_names.split(), _kind))
_TIGHT = {"a": "ampere", "t": "tonne"}
"""What is a word or a letter first: a unit only right after the digits, or where no word follows ("16 A.")."""
TEMPERATURES = frozenset({"celsius", "fahrenheit"})
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mi": 10**6, "b": 10**9, "bn": 10**9, "bi": 10**9}
"""What follows sums of money and multiplies them: $5m, R$ 2 bi."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number; ``kind`` is that of its unit, "" where no known one follows. ``start`` and ``end`` are its offsets in
    the ``folded`` text, with a sign and a currency before it and with the word that multiplies it by ``scale`` (which
    ``value`` is multiplied by), but without its unit. ``half`` is "am" or "pm" where that is said of a time of day,
    whose ``value`` is the hour of 24."""

    value: float
    kind: str
    start: int
    end: int
    scale: int = 1
    half: str = ""

    @property
    def dial(self) -> float:
        """What the clock shows: 9 at 21 hours, where the half of the day is said."""
        return (self.value % 12 or 12.0) if self.half else self.value


def quantities(text: str) -> list[Quantity]:
    """Every number written in digits, in order."""
    return list(_quantities(folded(text)))


def spelled_quantities(text: str) -> list[Quantity]:
    """Every number written in words, in order."""
    plain = folded(text)
    found = []
    for value, start, end in _spelled(plain):
        unit = _UNIT_OF_WORDS.match(plain, end)
        known = unit and unit["unit"] and len(unit["unit"]) > 1
        found.append(Quantity(value, _kind_of(unit["unit"]) if unit and known else "", start, end))
    return found


_UNIT_OF_WORDS = re.compile(rf"[\s-](?:de\s)?{_UNIT}")


def numbers(text: str) -> set[tuple[float, str]]:
    """``(value, kind of unit)`` of every number written in digits; the kind is "" where no known unit follows."""
    return {(quantity.value, quantity.kind) for quantity in quantities(text)}


def scales(text: str) -> set[int]:
    """By what the words of ``text`` multiply numbers, wherever they stand: a column may be one of thousands."""
    plain = folded(text)
    short = (_SHORT_SCALES[match.group(1)] for match in _SHORT_SCALE.finditer(plain))
    return {scale_of(match.group()) for match in _LONG_SCALE.finditer(plain)} | set(short)


_LONG_SCALE = re.compile(rf"(?<![a-z]){SCALE}")
_SHORT_SCALE = re.compile(r"\d\s?(k|m|mn|mi|b|bn|bi)\b")


@lru_cache(512)
def folded(text: str) -> str:
    """``text`` folded, but for the exponents of units, without which a cubic metre looks like a name, and without the
    ª of ordinals, with which the first looks like an ampere."""
    plain = fold(_ORDINAL.sub("", text)).replace("\u00a0", " ")
    return _POWER.sub(lambda match: match.group(1) + "²³"[int(match.group(2)) - 2], plain)


_ORDINAL = re.compile(r"(?<=\d)\.?ª")
_POWER = re.compile(r"(?<=\d)(\s?[ck]?m)([23])(?!\w)")


@lru_cache(512)
def _spelled(plain: str) -> tuple[tuple[float, int, int], ...]:
    return tuple(spelled(plain))


@lru_cache(512)
def _quantities(plain: str) -> tuple[Quantity, ...]:
    found, rest = [], plain
    for one in (*_dates(plain), *_times(plain)):
        rest = rest[: one.start] + "\0" * (one.end - one.start) + rest[one.end :]
        found += [one] if one.kind != _NOTHING else []
    found += [_quantity(match) for match in _NUMBER.finditer(rest)]
    found.sort(key=lambda one: one.start)
    for at, (one, other) in enumerate(pairwise(found)):
        # "2 a 3 milhões": what multiplies the end of a range multiplies its beginning as well.
        shared = one.scale < other.scale and one.value < other.value / other.scale
        alike = "" in {one.kind, other.kind} or one.kind == other.kind
        if shared and alike and _TO.fullmatch(plain[one.end : other.start]):
            found[at] = replace(one, value=_scaled(one.value, other.scale), scale=other.scale)
    return tuple(found)


_NOTHING = "nothing"
"""The minutes of a full hour: 14:00 says no more than 14."""
_TO = re.compile(r"\s?(?:a|to|ate|e|and|ou|or|[-–—])\s?")


def _quantity(match: re.Match[str]) -> Quantity:
    unit, end, scale = match["unit"] or "", match.end("digits"), 1
    if match["scale"]:
        end, scale = match.end("scale"), scale_of(match["scale"])
    is_tight = match["unit"] is not None and match.start("unit") == end
    if match["currency"] and unit in _SHORT_SCALES and (is_tight or len(unit) > 1):
        end, scale = match.end("unit"), _SHORT_SCALES[unit]
    value = _scaled(_value(match["digits"]), scale)
    kind = _kind_of(match["currency"] or unit)
    if unit in _TIGHT and not match["currency"] and (is_tight or not _WORD_AFTER.match(match.string, match.end())):
        kind = _TIGHT[unit]
    if unit == "s" and is_tight and value % 10 == 0:  # the 1960s
        kind = ""
    is_negative = match["sign"] or match["debit"]
    return Quantity(-value if is_negative else value, kind, match.start(), end, scale)


_WORD_AFTER = re.compile(r"\s*\w")


def _kind_of(unit: str) -> str:
    return UNITS.get(re.sub(r"[\s-]", "", unit), "")


def _scaled(value: float, scale: int) -> float:
    return round(value * scale, 6)


def _dates(plain: str) -> list[Quantity]:
    found = []
    for match in _DATE.finditer(plain):
        for group in filter(match.group, range(1, 7)):
            value = float(match.group(group))
            if group == 6:
                value += 2000 if value < 70 else 1900
            found.append(Quantity(value, "", match.start(group), match.end(group)))
    return found


def _times(plain: str) -> list[Quantity]:
    """Hours and minutes of the day, or of a length of time: 14:30, 1h30, 9 pm."""
    found = []
    for match in _CLOCK.finditer(plain):
        hour, minutes = int(match["hour"]), int(match["min"] or match["minute"] or 0)
        said = match["am"] or match["pm"] or match["night"]
        alone = not match["min"] and match["mark"] != ":"
        if (alone and not said) or hour > 24 or minutes > 59 or (said and not 1 <= hour <= 12):
            continue
        half = "am" if match["am"] or (match["night"] and hour == 12) else "pm"
        value = float(hour % 12 + (12 if half == "pm" else 0) if said else hour)
        units = ("hour", "minute") if match["min"] else ("", "")
        found.append(Quantity(value, units[0], *match.span("hour"), half=half if said else ""))
        group = "min" if match["min"] else "minute"
        if match[group]:
            found.append(Quantity(float(minutes), units[1] if minutes else _NOTHING, *match.span(group)))
    return found


def _value(digits: str) -> float:
    """Portuguese and English notation: the last separator is decimal unless exactly three digits follow it."""
    digits = digits.replace(" ", "")
    head, separator, tail = digits, "", ""
    for index in range(len(digits) - 1, -1, -1):
        if digits[index] in ".,":
            head, separator, tail = digits[:index], digits[index], digits[index + 1 :]
            break
    if separator and (len(tail) == 3 and (digits.count(separator) > 1 or len(head) <= 3) and head.strip("0")):
        return float(re.sub(r"[.,]", "", digits))
    return float(f"{re.sub(r'[.,]', '', head) or '0'}.{tail or '0'}")
