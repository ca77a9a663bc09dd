"""Sentences changed so that they say something else: another number, unit, date or name, or the opposite.

A model that only looks for shared words takes each of them for the sentence it was made of. Where an edit cannot be
made with certainty (no number, no other name in reach, no verb whose negation is known) there is none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from rag.text import fold
from rag.types import Language

__all__ = ["EDITS", "change_date", "change_number", "change_unit", "negate", "swap_name"]

_DIGITS = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)")
_YEAR = re.compile(r"(?<![\w.,])(?:1[5-9]|20)\d{2}(?![\w.,]\d|\w)")
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
}
_UNITS = {
    "en": (
        "seconds minutes hours days weeks months years",
        "millimetres centimetres metres kilometres miles feet inches",
        "millimeters centimeters meters kilometers miles feet inches",
        "mm cm m km",
        "grams kilograms tons tonnes",
        "mg g kg",
        "million billion trillion",
        "dollars euros francs yen",
        "W kW MW GW",
    ),
    "pt": (
        "segundos minutos horas dias semanas meses anos",
        "milímetros centímetros metros quilômetros milhas",
        "milímetros centímetros metros quilómetros milhas",
        "mm cm m km",
        "gramas quilogramas quilos toneladas",
        "mg g kg",
        "milhões bilhões trilhões",
        "reais dólares euros francos",
        "W kW MW GW",
    ),
}
"""Units that measure the same, but none in the place of another."""
_NAME = re.compile(r"\b[A-ZÀ-Ý][\wà-ÿ'-]+(?:\s(?:(?:d[aeo]s?|of|the|von|van)\s)?[A-ZÀ-Ý][\wà-ÿ'-]+)*")
_VERBS = {
    "en": re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|must|should|may)\b(?! not|n't)", re.I),
    "pt": re.compile(
        r"\b(é|são|foi|foram|era|eram|está|estão|tem|têm|tinha|pode|podem|deve|devem|será|serão|havia|fica|ficou|teve)\b",
        re.I,
    ),
}
_NEGATED = {
    "en": re.compile(r"\b(?:not|no|never|none|nor|neither|without|cannot|\w+n't)\b", re.I),
    "pt": re.compile(r"\b(?:não|nem|nunca|nenhum|nenhuma|sem|jamais)\b", re.I),
}


def change_number(sentence: str, language: Language, others: Sequence[str], random_: random.Random) -> str | None:
    """One number that is no year, changed in one digit (a number of one digit becomes another)."""
    found = [match for match in _DIGITS.finditer(sentence) if not _YEAR.fullmatch(match.group())]
    if not found:
        return None
    match = random_.choice(found)
    digits = list(match.group())
    place = random_.choice([i for i, digit in enumerate(digits) if digit.isdigit()])
    digits[place] = random_.choice([digit for digit in "123456789" if digit != digits[place]])
    return _replaced(sentence, match, "".join(digits))


def change_unit(sentence: str, language: Language, others: Sequence[str], random_: random.Random) -> str | None:
    """The unit after a number exchanged for another that measures the same."""
    found = [
        (match, units)
        for units in map(str.split, _UNITS[language])
        for match in re.finditer(rf"(?<=\d\s)(?:{'|'.join(units)})\b(?![/²³^])", sentence)
    ]
    if not found:
        return None
    match, units = random_.choice(found)
    return _replaced(sentence, match, random_.choice([unit for unit in units if unit != match.group()]))


def change_date(sentence: str, language: Language, others: Sequence[str], random_: random.Random) -> str | None:
    """A year moved by up to thirty, or a month's name exchanged for another month's."""
    months = _MONTHS[language]
    named = [
        match
        for month in months
        for match in re.finditer(rf"\b{month}\b", sentence)
        if month != "May" or re.match(r"\W{1,2}\d", sentence[match.end() :])
    ]
    found = [*_YEAR.finditer(sentence), *named]
    if not found:
        return None
    match = random_.choice(found)
    if match.group().isdigit():
        moved = int(match.group()) + random_.choice([-1, 1]) * random_.randint(1, 30)
        return _replaced(sentence, match, str(moved))
    return _replaced(sentence, match, random_.choice([month for month in months if month != match.group()]))


def swap_name(sentence: str, language: Language, others: Sequence[str], random_: random.Random) -> str | None:
    """One name exchanged for another of as many words, taken from ``others`` (the passage's other sentences)."""
    here = fold(sentence)
    found = _names(sentence)
    random_.shuffle(found)
    elsewhere = [match.group() for other in others for match in _names(other)]
    for match in found:
        length = len(match.group().split())
        fitting = sorted({name for name in elsewhere if len(name.split()) == length and fold(name) not in here})
        if fitting:
            return _replaced(sentence, match, random_.choice(fitting))
    return None


def _names(sentence: str) -> list[re.Match[str]]:
    """Runs of capitals that no sentence begins with: there any word has one."""
    return [
        match
        for match in _NAME.finditer(sentence)
        if match.start() and not re.search(r"[.!?:]\s$", sentence[: match.start()]) and not _is_date(match.group())
    ]


def _is_date(name: str) -> bool:
    return any(fold(word) in {fold(month) for month in (*_MONTHS["en"], *_MONTHS["pt"])} for word in name.split())


def negate(sentence: str, language: Language, others: Sequence[str], random_: random.Random) -> str | None:
    """The sentence with its first plain verb negated, or without its only negation."""
    negations = list(_NEGATED[language].finditer(sentence))
    if len(negations) == 1 and negations[0].group().lower() in {"not", "não"}:
        return " ".join((sentence[: negations[0].start()] + sentence[negations[0].end() :]).split())
    verb = _VERBS[language].search(sentence)
    if negations or verb is None:
        return None
    said = verb.group()
    negated = f"{said} not" if language == "en" else f"{'Não' if said[0].isupper() else 'não'} {said.lower()}"
    return _replaced(sentence, verb, negated)


def _replaced(sentence: str, match: re.Match[str], by: str) -> str:
    return sentence[: match.start()] + by + sentence[match.end() :]


Edit = Callable[[str, Language, Sequence[str], random.Random], str | None]
EDITS: dict[str, Edit] = {
    "number": change_number,
    "unit": change_unit,
    "date": change_date,
    "name": swap_name,
    "negation": negate,
}
