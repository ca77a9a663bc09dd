"""What must be in the evidence to the letter: numbers with their units, month names, quotations.

An entailment model of this size reads "24 months" and "12 months" as nearly the same sentence; a set difference does
not. Numbers are compared by value across Portuguese and English notation (1.234,56 = 1,234.56), number words count as
numbers in the evidence (``dois``, ``twelve``), and a unit that is known must be the same kind of unit there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from rag.text import fold, terms
from rag.types import Language

__all__ = [
    "SPELLED_NUMBERS",
    "contrasted_words",
    "foreign_words",
    "identifiers",
    "measures",
    "missing_numbers",
    "missing_quotations",
    "missing_subjects",
    "numbers",
]

_NUMBER = re.compile(
    r"(?<![\w.,])(r\$|us\$|\$|€|£)?\s?(\d{1,3}(?:[ .,\u00a0]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)\s?"
    r"(%|°\s?c|º\s?c|[a-zµ²³/]+(?:\([a-z]+\))?)?"
)
_UNITS: dict[str, str] = {}
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
    _UNITS.update(dict.fromkeys(_names.split(), _kind))
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
_MONTHS = {
    name: number
    for number, names in enumerate(
        "janeiro|january fevereiro|february marco|march abril|april maio|may junho|june julho|july agosto|august "
        "setembro|september outubro|october novembro|november dezembro|december".split(),
        1,
    )
    for name in names.split("|")
}
_QUOTED = re.compile('["“«]([^"“”«»]{8,})["”»]')


def numbers(text: str) -> set[tuple[float, str]]:
    """``(value, kind of unit)`` of every number written in digits; the kind is "" where no known unit follows."""
    return _numbers(_folded(text))


def _numbers(folded: str) -> set[tuple[float, str]]:
    found = set()
    for match in _NUMBER.finditer(folded):
        currency, digits, unit = match.groups()
        kind = _UNITS.get((currency or unit or "").replace(" ", ""), "")
        found.add((_value(digits), kind))
    return found


def measures(text: str) -> set[tuple[float, str]]:
    """``numbers`` without those that are part of a name: the 220 of ``P-220``, a year."""
    return _numbers(_IDENTIFIER.sub(" ", _folded(text)))


def _folded(text: str) -> str:
    """``text`` folded, but for the exponents of units, without which a cubic metre looks like a name."""
    folded = fold(text).replace("\u00a0", " ")
    return _POWER.sub(lambda match: match.group(1) + "²³"[int(match.group(2)) - 2], folded)


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


def missing_numbers(claim: str, evidence: str) -> list[str]:
    """What the claim states and the evidence does not: numbers, units, months, as words for the reason given."""
    stated = numbers(evidence)
    values: dict[float, set[str]] = {}
    for value, kind in stated:
        values.setdefault(value, set()).add(kind)
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", fold(evidence).replace(" e ", "-e-")))
    words |= set(re.findall(r"[a-z]+", fold(evidence)))
    spelled = {float(value) for word, value in SPELLED_NUMBERS.items() if word in words}
    missing = []
    for value, kind in sorted(numbers(claim)):
        if value in values:
            kinds = values[value]
            if kind and "" not in kinds and kind not in kinds and not _one_letter(kind):
                missing.append(f"{value:g} {kind}")
        elif value not in spelled:
            missing.append(f"{value:g}")
    for month in _months(claim) - _months(evidence):
        if not any(value == month for value, _ in stated):
            missing.append(f"month {month}")
    return missing


def _one_letter(kind: str) -> bool:
    return any(_UNITS.get(letter) == kind for letter in _AMBIGUOUS)


def _months(text: str) -> set[int]:
    # "may" and "march" are also English verbs: a month counts only next to a digit or after a preposition.
    found = set()
    for match in re.finditer(
        r"(?:\d|\bde|\bem|\bin|\bof|\bsince|\buntil|\bate)\W{1,3}([a-z]+)|\b([a-z]+)\W{1,3}\d", fold(text)
    ):
        for word in match.groups():
            if word in _MONTHS:
                found.add(_MONTHS[word])
    return found


_BEFORE_A_YEAR = [
    *("in ", "em ", "since ", "desde ", "until ", "ate ", "by "),
    *(f"{month}{then}" for month in _MONTHS for then in (" ", ", ", " of ", " de ")),
]
_EARLIER = r"(?=1[0-8])(?:" + "|".join(rf"(?<=\b{before})" for before in _BEFORE_A_YEAR) + r")1[0-8]\d{2}\b"
"""A year before 1900: four digits that stand where a year does."""
_IDENTIFIER = re.compile(
    rf"\b(?=\w*[a-z])(?=[\w-]*\d)[a-z][\w]*(?:-\w+)*\b|\b(?:19|20)\d{{2}}\b"
    rf"|{_EARLIER}(?!\s?(?:{'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})(?!\w))"
)


def missing_subjects(question: str, context: str, window: str) -> list[str]:
    """Identifiers of the question (``P-250``, ``SV-1``, ``E4``) and its years that the evidence is not about.

    An identifier must be in the ``context`` (the window under its title and headings), and where the ``window`` itself
    names others of its kind, there: a row of the P-200 is no evidence on the P-250, however alike the two are. A year
    is missing only where other years stand that the question does not name: few sentences say their year.
    """
    asked = dict.fromkeys(_IDENTIFIER.findall(fold(question)))
    have, named = _identifiers(context), _identifiers(window)
    missing = []
    for name in asked:
        if name.isdigit():
            others = {other for other in have if _YEAR.fullmatch(other) and other not in asked}
            if name not in have and others:
                missing.append(name)
        elif name not in have or (name not in named and any(_series(other) == _series(name) for other in named)):
            missing.append(name)
    return missing


_YEAR = re.compile(r"(?:1\d|20)\d{2}")


def _identifiers(text: str) -> set[str]:
    found = set(_IDENTIFIER.findall(fold(text)))
    return found | {part for name in found for part in name.split("-")}


def identifiers(text: str) -> set[str]:
    """The names with letters and digits in ``text`` (``p-220``, ``e4``), folded; years are none."""
    return {name for name in _IDENTIFIER.findall(fold(text)) if not name.isdigit()}


def _series(identifier: str) -> str:
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
    identifiers all stand between two semicolons there, beside no other identifier of their kind.

    Such a claim is supported whatever a small model makes of it: "The P-220 makes 65 dB at one metre." of "The P-200
    makes 62 dB at one metre; the P-220 makes 65 dB."
    """
    said = set(terms(claim, language))
    marks = {value for value, _ in numbers(claim)}
    named = set(_IDENTIFIER.findall(fold(claim)))
    if len(said) < 3 or not marks or not said <= set(terms(sentence, language)):
        return False
    if sorted(_NEGATION.findall(fold(claim))) != sorted(_NEGATION.findall(fold(sentence))):
        return False
    for clause in re.split(r";\s+", sentence):
        there = set(_IDENTIFIER.findall(fold(clause)))
        others = {name for name in there - named if _series(name) in {_series(mine) for mine in named}}
        if marks <= {value for value, _ in numbers(clause)} and named <= there and not others:
            return True
    return False


def missing_quotations(claim: str, texts: Iterable[str]) -> list[str]:
    """Quotations of two words or more in the claim that no text has to the letter (white space aside)."""
    haystack = [" ".join(text.split()) for text in texts]
    quoted = [" ".join(match.group(1).split()).strip(" .,;") for match in _QUOTED.finditer(claim)]
    return [quote for quote in quoted if " " in quote and not any(quote in text for text in haystack)]
