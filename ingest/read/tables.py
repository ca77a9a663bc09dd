"""Tables → lines that mean something alone: each row says the names of its columns.

A chunk may hold one row of a table, and evidence is one line of it; "P-200 | 32 m" alone answers nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Cell", "grid", "is_value", "table_lines"]

_MAX_SPAN = 1000
_YEAR = re.compile(r"(?:19|20)\d{2}")
_VALUE = re.compile(r"[-+≤≥<>~]?\s*(?:R\$|US\$|[$€£])?\s*\d")
"""A number, with or without a unit: what cells hold and headers do not."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as marked up: how many columns and rows it covers, and whether it is marked as a header."""

    text: str
    columns: int = 1
    rows: int = 1
    header: bool = False


def is_value(text: str) -> bool:
    """Whether it is a number, with or without a unit."""
    return bool(_VALUE.match(text))


def grid(rows: Iterable[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows with every spanning cell repeated where it reaches, so that column n is the same in all."""
    out: list[list[Cell]] = []
    reaching: dict[int, tuple[Cell, int]] = {}  # column → the cell from above, rows that it still covers
    for row in rows:
        line: list[Cell] = []
        waiting = list(row)
        while waiting or len(line) in reaching:
            at = len(line)
            if at in reaching:
                cell, left = reaching.pop(at)
                if left > 1:
                    reaching[at] = (cell, left - 1)
                line.append(cell)
                continue
            cell = waiting.pop(0)
            for column in range(at, at + min(max(cell.columns, 1), _MAX_SPAN)):
                if cell.rows > 1:
                    reaching[column] = (cell, cell.rows - 1)
                line.append(cell)
        out.append(line)
    return out


def table_lines(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """``[["Modelo", "Potência"], ["P-200", "0,75 kW"]]`` → ``["Modelo: P-200 | Potência: 0,75 kW"]``.

    Rows at its head that are one cell across the whole table are its title, a line each, and never the names of its
    columns. A table of names and values (``Peso | 9 kg``) has no header row: its lines are ``Peso: 9 kg``. One of a
    single row, or whose first row cannot be a header, is joined as it stands.
    """
    cleaned = [[Cell(" ".join(c.text.split()), c.columns, header=c.header) for c in row] for row in rows]
    cleaned = [row for row in cleaned if any(cell.text for cell in row)]
    titles = list(itertools.takewhile(_is_across, cleaned[:-1]))
    return [row[0].text for row in titles] + _lines(cleaned[len(titles) :])


def _lines(rows: Sequence[Sequence[Cell]]) -> list[str]:
    if len(rows) > 1 and _is_header(rows):
        names = [cell.text for cell in rows[0]]
        return [_named(names, row) for row in rows[1:]]
    pairs = len(rows) > 1 and all(len(row) == 2 for row in rows)
    return [(": " if pairs else " | ").join(_distinct(row)) for row in rows]


def _is_across(row: Sequence[Cell]) -> bool:
    """Whether it is one cell across the whole table."""
    return 1 < len(row) <= row[0].columns


def _is_header(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the first row names the columns: what is marked decides; else the look of its cells, the corner aside."""
    first = rows[0]
    if any(cell.header for cell in first):
        # Marked in the first column only, they are names of rows.
        return len(first) == 1 or all(cell.header or not cell.text for cell in first[1:])
    named = [cell.text for cell in first[1:]]
    if not named or not all(named):
        return False
    if not first[0].text or (len(named) > 1 and all(_YEAR.fullmatch(name) for name in named)):
        return True
    return not all(_VALUE.match(name) for name in named)


def _named(names: Sequence[str], cells: Sequence[Cell]) -> str:
    """A row with its columns' names. One cell across the whole table is a line of its own."""
    if _is_across(cells):
        return cells[0].text
    pairs = itertools.zip_longest(names, (cell.text for cell in cells), fillvalue="")
    return " | ".join(dict.fromkeys(f"{name}: {text}" if name else text for name, text in pairs if text))


def _distinct(cells: Iterable[Cell]) -> list[str]:
    """What the cells say, one that spans columns once; equal neighbours that do not span are two cells."""
    out: list[str] = []
    before: Cell | None = None
    for cell in cells:
        if cell.text and not (cell.columns > 1 and cell == before):
            out.append(cell.text)
        before = cell
    return out
