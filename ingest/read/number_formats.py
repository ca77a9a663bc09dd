"""A spreadsheet's values, shown as its number formats say (ECMA-376 part 1, 18.8.31) and in the notation of a language.

The file says ``1234.5`` and ``#,##0.00``; what a person reads in it, ``1.234,50`` or ``1,234.50``, depends on the
program's language, which is not stored: it is taken from the workbook's own words. Dates are day/month/year in
Portuguese and ISO 8601 in English, where 03/04 means two things.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_UP, Decimal

from rag.types import Language

__all__ = ["shown", "shows_nothing"]

_ASIDE = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|_.|\*.|\[[^\]]*\]')
"""Literals and currencies, which are shown; room for a character, filling, colours and conditions, which are not."""
_UNSHOWN = re.compile(r'""|_.|\*.|\[[^\]$][^\]]*\]|\s')
"""What of a section leaves a cell blank: room for a character, filling, colours and conditions."""
_SECTION = re.compile(r'((?:"[^"]*"|\\.|[^;"\\])*)(?:;|$)')
_DIGITS = re.compile(r"[0#?](?:[0#?,.]*[0#?])?,*")
_EXACT = 15
"""Significant digits that a spreadsheet computes with; those after them are noise (0.1 + 0.2)."""
_MOST_DECIMALS = 15


def shown(value: object, number_format: str, language: Language) -> str:
    """``(1234.5, "#,##0.00 €", "pt")`` → ``"1.234,50 €"``. Text is itself, nothing is empty."""
    text = "" if value is None else str(value)
    if isinstance(value, bool):
        text = {"pt": ("FALSO", "VERDADEIRO"), "en": ("FALSE", "TRUE")}[language][value]
    elif isinstance(value, int | float):
        text = _number(value, number_format, language) if math.isfinite(value) else ""
    elif isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        text = f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    elif isinstance(value, dt.time):
        text = _time(value)
    elif isinstance(value, dt.date):
        text = _date(value, number_format, language)
    return text


def shows_nothing(value: object, number_format: str) -> bool:
    """Whether the format leaves a cell blank that holds something: ``;;;`` any, ``;;`` numbers, ``0;;`` those below
    zero. A zero that is left blank is a way to write it, and stays."""
    sections = [match.group(1) for match in _SECTION.finditer(number_format)]
    sections = sections if number_format.endswith(";") else sections[:-1]  # at the end, one of nothing is found
    if len(sections) < 2:
        return False
    blank = [not _UNSHOWN.sub("", section) for section in sections]
    if isinstance(value, str):
        return len(blank) > 3 and blank[3]
    return blank[1] if isinstance(value, int | float) and value < 0 else blank[0]


def _date(value: dt.date, number_format: str, language: Language) -> str:
    """The parts of a date that its format shows; midnight is no time of a day but the want of one."""
    code = _ASIDE.sub("", number_format).lower()
    time = _time(value.time()) if isinstance(value, dt.datetime) and "h" in code else ""
    if time and not re.search("[dy]", code):
        return time
    if "y" in code and "d" not in code:
        pattern = "%Y" if "m" not in code else "%m/%Y" if language == "pt" else "%Y-%m"
    else:
        pattern = "%d/%m/%Y" if language == "pt" else "%Y-%m-%d"
    return f"{value.strftime(pattern)} {'' if time == '00:00' else time}".rstrip()


def _time(value: dt.time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def _number(value: float, number_format: str, language: Language) -> str:
    """As the format's section for its sign says, the sign before the number; General where the format is beyond us."""
    sections = [match.group(1) for match in _SECTION.finditer(number_format)]
    section = sections[2] if value == 0 and len(sections) > 3 and sections[2] else sections[0]
    literals: list[str] = []

    def hold(match: re.Match[str]) -> str:
        """Literals stand aside as private characters: their digits and points are no placeholders."""
        literals.append("".join(group or "" for group in match.groups()))
        return chr(0xE000 + len(literals) - 1)

    section = _ASIDE.sub(hold, section)
    groups = _DIGITS.findall(section)
    exact = Decimal(format(value, f".{_EXACT}g"))
    if not groups or re.search(r"[Ee][+-]|/|General|@", section):
        text = _general(exact, language)
        if "General" in section:
            text = section.replace("General", text)
    elif len(groups) > 1:
        text = _masked(exact, section)
    else:
        text = _DIGITS.sub(lambda match: _placed(exact, match.group(), section.count("%"), language), section, count=1)
    for index, literal in enumerate(literals):
        text = text.replace(chr(0xE000 + index), literal)
    return " ".join(f"{'-' if value < 0 and re.search('[1-9]', text) else ''}{text.strip()}".split())


def _placed(value: Decimal, digits: str, percents: int, language: Language) -> str:
    """The number without its sign in one run of placeholders: ``(Decimal("0.125"), "0.0", 1, "pt")`` → ``"12,5"``."""
    scale = len(digits) - len(digits.rstrip(","))
    whole, _, fraction = digits.rstrip(",").partition(".")
    fraction = re.sub(r"[^0#?]", "", fraction)[:_MOST_DECIMALS]
    value = abs(value).scaleb(2 * percents - 3 * scale)
    rounded = f"{value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP):f}"
    integer, _, decimals = rounded.partition(".")
    integer = integer.zfill(whole.count("0"))
    while decimals and fraction[len(decimals) - 1] != "0" and decimals.endswith("0"):
        decimals = decimals[:-1]
    if "," in whole:
        integer = f"{int(integer):,}" if not integer.startswith("0") else integer
        integer = integer.replace(",", ".") if language == "pt" else integer
    return integer + ((("," if language == "pt" else ".") + decimals) if decimals else "")


def _masked(value: Decimal, section: str) -> str:
    """Digits in a pattern, as of telephones and postcodes: ``(Decimal(2790072), "0000-000")`` → ``"2790-072"``."""
    places = sum(character in "0#?" for character in section)
    digits = f"{abs(value):.0f}".zfill(places)
    left = iter(digits[len(digits) - places :])
    filled = "".join(next(left) if character in "0#?" else character for character in section)
    return digits[: len(digits) - places] + filled


def _general(value: Decimal, language: Language) -> str:
    text = f"{abs(value).normalize():f}"
    return text.replace(".", ",") if language == "pt" else text
