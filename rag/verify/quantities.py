"""Numbers with their units, compared by value across Portuguese and English notation (1.234,56 = 1,234.56)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import fold

__all__ = ["SPELLED_NUMBERS", "UNITS", "Quantity", "folded", "is_one_letter", "numbers", "quantities"]

_NUMBER = re.compile(
    r"(?<![\w.,])(r\$|us\$|\$|€|£)?\s?(\d{1,3}(?:[ .,\u00a0]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)\s?"
    r"(%|€|£|r\$|us\$|\$(?!\s?\d)|°\s?c|º\s?c|[a-zµ²³/]+(?:\([a-z]+\))?)?"
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
    "cm": "cm centimetros centimeters centimetres",
    "mm": "mm milimetros millimeters millimetres",
    "kg": "kg quilo quilos kilos kilograms",
    "gram": "g grama gramas grams",
    "litre": "l litro litros liter liters litre litres",
    "watt": "w watt watts",
    "kw": "kw quilowatt quilowatts kilowatts",
    "volt": "v volt volts",
    "ampere": "a ampere amperes amps",
    "hertz": "hz",
    "rpm": "rpm",
    **{unit: unit for unit in "m² km² cm² m³ cm³ m³/h m³/s l/h l/min l/s".split()},
    "bar": "bar bars",
    "db": "db db(a) dba decibeis decibels",
    "celsius": "°c ºc",
}.items():
    UNITS.update(dict.fromkeys(_names.split(), _kind))
_AMBIGUOUS = {"a", "s", "m", "l", "g", "h", "v", "w"}
"""One-letter units that are also words or ordinals: used only when written right after the digits in the evidence."""
SPELLED_NUMBERS = {
    word: value
    for value, words in enumerate(
        "zero um|uma|one dois|duas|two tres|three quatro|four cinco|five seis|six sete|seven oito|eight nove|nine "
        "dez|ten onze|eleven doze|twelve treze|thirteen quatorze|catorze|fourteen quinze|fifteen "
        "dezesseis|dezasseis|sixteen "
        "dezessete|dezassete|seventeen dezoito|eighteen dezenove|dezanove|nineteen vinte|twenty".split()
    )
    for word in words.split("|")
} | {
    word: value
    for value, words in {
        24: "vinte-e-quatro|twenty-four", 30: "trinta|thirty", 40: "quarenta|forty", 50: "cinquenta|fifty",
        60: "sessenta|sixty", 70: "setenta|seventy", 80: "oitenta|eighty", 90: "noventa|ninety",
        100: "cem|cento|hundred", 1000: "mil|thousand",
    }.items()
    for word in words.split("|")
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number written in digits; ``kind`` is that of its unit, "" where no known one follows. ``start`` and ``end``
    are its offsets in the ``folded`` text, with a currency before it and without what follows its digits."""

    value: float
    kind: str
    start: int
    end: int


def quantities(text: str) -> list[Quantity]:
    """Every number written in digits, in order."""
    found = []
    for match in _NUMBER.finditer(folded(text)):
        currency, digits, unit = match.groups()
        kind = UNITS.get((currency or unit or "").replace(" ", ""), "")
        found.append(Quantity(_value(digits), kind, match.start(), match.end(2)))
    return found


def numbers(text: str) -> set[tuple[float, str]]:
    """``(value, kind of unit)`` of every number written in digits; the kind is "" where no known unit follows."""
    return {(quantity.value, quantity.kind) for quantity in quantities(text)}


def folded(text: str) -> str:
    """``text`` folded, but for the exponents of units, without which a cubic metre looks like a name."""
    plain = fold(text).replace("\u00a0", " ")
    return _POWER.sub(lambda match: match.group(1) + "²³"[int(match.group(2)) - 2], plain)


_POWER = re.compile(r"(?<=\d)(\s?[ck]?m)([23])(?!\w)")


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


def is_one_letter(kind: str) -> bool:
    """Whether a unit of this ``kind`` may be written as one letter, which may be a word or an ordinal as well."""
    return any(UNITS.get(letter) == kind for letter in _AMBIGUOUS)
