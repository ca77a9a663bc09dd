"""Rows of tables, as the readers write them ("Modelo: K-12 | Peso: 4,5 kg"), with questions and claims about them.

No public set asks such rows, in either language or across the two, and folders are full of them. They are made from
``table_columns.toml``: names of a column, how one asks for it and how one states it. A claim with the row's value is
supported, with another value, of this or of another column, or in another currency contradicted, and not found in the
row of another subject or without the column. After its question the value may stand alone, as answers do.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from rag.train.pairs import Pair, Task
from rag.types import Language

__all__ = ["ORIGIN", "table_pairs"]

ORIGIN = "table-rows"
_LANGUAGES: tuple[Language, Language] = ("pt", "en")
_BARE = 0.4
"""The share of claims that are a value without a sentence."""


@dataclass(frozen=True, slots=True)
class _Column:
    """``spec`` is the entry of ``table_columns.toml``; ``one_of`` its list of values, when it has one."""

    spec: dict[str, Any]
    one_of: tuple[Any, ...]

    def value(self, random_: random.Random) -> Any:
        if self.one_of:
            return random_.choice(self.one_of)
        if self.spec["shown"] == "money":
            return random_.randrange(*self.spec["whole"]), random_.choice(list(_currencies()))
        if "decimal" in self.spec:
            low, high, digits = (*self.spec["decimal"], 1)[:3]
            return round(random_.uniform(low, high), digits)
        return random_.randrange(*self.spec["whole"])

    def other(self, value: Any, random_: random.Random) -> Any:
        """Another value, or money of another currency."""
        other = self.value(random_)
        return (value[0], other[1]) if self.spec["shown"] == "money" and random_.random() < 0.5 else other

    def show(self, value: Any, language: Language, random_: random.Random) -> str:
        """``value`` as it is written in ``language``; money in one of several ways."""
        shown = self.spec["shown"]
        if shown == "money":
            amount, currency = value
            return str(random_.choice(_currencies()[currency][language])).format(_number(amount, language))
        if shown == "hour":
            return f"{value}h" if language == "pt" else f"{value}:00"
        if shown == "named":
            return str(value[_LANGUAGES.index(language)])
        return str(value) if shown == "plain" else f"{_number(value, language)} {shown[_LANGUAGES.index(language)]}"

    def wording(self, language: Language, what: str, random_: random.Random) -> str:
        """One of its ``named``, ``asked`` or ``stated``."""
        return str(random_.choice(self.spec[language][what]))


def _number(value: float, language: Language) -> str:
    plain = f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)
    return plain.translate(str.maketrans(".,", ",.")) if language == "pt" else plain


@cache
def _material() -> dict[str, Any]:
    """What ``table_columns.toml`` holds."""
    return tomllib.loads((files("rag.train") / "table_columns.toml").read_text(encoding="utf-8"))


def _currencies() -> dict[str, dict[Language, list[str]]]:
    """How each currency is written, by language."""
    return cast(dict[str, dict[Language, list[str]]], _material()["currencies"])


@cache
def _columns() -> tuple[_Column, ...]:
    found = _material()
    lists = found["lists"]
    return tuple(_Column(spec, tuple(lists[spec["one_of"]]) if "one_of" in spec else ()) for spec in found["column"])


_SUBJECT_NAMES: dict[Language, tuple[str, ...]] = {
    "pt": ("Modelo", "Produto", "Item", "Serviço", "Nome", "Área"),
    "en": ("Model", "Product", "Item", "Service", "Name", "Area"),
}
_TITLES: dict[Language, tuple[str, ...]] = {
    "pt": ("Tabela de dados", "Manual do equipamento", "Lista de 2022", "Catálogo › Dados técnicos", "Relatório"),
    "en": ("Data table", "Equipment manual", "List of 2022", "Catalogue › Technical data", "Report"),
}


def _subject(random_: random.Random, series: str) -> str:
    return f"{series}{random_.randrange(10, 900, 5)}"


def table_pairs(count: int, seed: int) -> list[Pair]:
    """About ``count`` pairs, a third of them relevance; a third has row and question in different languages."""
    random_ = random.Random(seed)
    made: list[Pair] = []
    while len(made) < count:
        made += _of_one_row(random_)
    return made[:count]


def _of_one_row(random_: random.Random) -> list[Pair]:
    there: Language = random_.choice(_LANGUAGES)
    here: Language = there if random_.random() < 0.6 else ("en" if there == "pt" else "pt")
    series = random_.choice(("K-", "MX", "Z-", "T-", "Bomba B-", "QR-", "L", "S-")) if random_.random() < 0.8 else ""
    subject, other = (_subject(random_, series or "N") for _ in range(2))
    if other == subject:
        return []
    columns = random_.sample(_columns(), random_.randint(2, 6))
    asked = random_.choice(columns)
    values = {id(column): column.value(random_) for column in columns}
    row = _row(subject, columns, values, there, random_)
    others = {id(column): column.value(random_) for column in columns}
    row_of_other = _row(other, columns, others, there, random_)
    without = _row(subject, [column for column in columns if column is not asked], values, there, random_)
    title = f"{random_.choice(_TITLES[there])}\n" if random_.random() < 0.7 else ""
    question = asked.wording(here, "asked", random_).format(s=subject)

    def pair(task: Task, premise: str, second: str, label: int) -> Pair:
        return Pair(task, title + premise, second, label, ORIGIN, here)

    def claim(value: Any, of: _Column = asked) -> str:
        shown = of.show(value, here, random_)
        if random_.random() < _BARE:
            return f"{question} {shown}{random_.choice(('', '.'))}"
        said = asked.wording(here, "stated", random_).format(s=subject, v=shown)
        stands_alone = subject in said and random_.random() < 0.4
        return said if stands_alone else f"{question} {said}"

    value = values[id(asked)]
    wrong = others[id(asked)] if random_.random() < 0.5 else asked.other(value, random_)
    around = f"{row_of_other}\n{row}" if random_.random() < 0.2 else row
    made = [
        pair("relevance", row, question, 1),
        pair("relevance", row_of_other if random_.random() < 0.6 else without, question, 0),
        pair("entailment", around, claim(value), 0),
        pair("entailment", row_of_other if random_.random() < 0.5 else without, claim(value), 2),
    ]
    if wrong != value:
        made.append(pair("entailment", around, claim(wrong), 1))
    beside = random_.choice([column for column in columns if column is not asked])
    if values[id(beside)] != value:  # what the row says of something else: how loud it is, in cubic metres an hour
        where, label = (around, 1) if random_.random() < 0.5 else (without, 2)
        made.append(pair("entailment", where, claim(values[id(beside)], beside), label))
    return made


def _row(
    subject: str, columns: list[_Column], values: dict[int, Any], language: Language, random_: random.Random
) -> str:
    cells = [f"{c.wording(language, 'named', random_)}: {c.show(values[id(c)], language, random_)}" for c in columns]
    return " | ".join([f"{random_.choice(_SUBJECT_NAMES[language])}: {subject}", *cells])
