"""The rows of a table as readers write them, "Header: value | Header: value": where one ends and what its cells are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.text import fold

__all__ = ["Cell", "Row", "column_before", "has_row", "rows"]

_BAR = re.compile(r"(?<=\S)\s\|\s(?=\S)")
_HEADER = re.compile(r"([^:|]{1,60}?)\s?:\s+(.*)", re.DOTALL)
_OPEN_CELL = re.compile(r"([^|:\n]{1,60}):\s[^|:\n]*$")


@dataclass(frozen=True, slots=True)
class Cell:
    """``header``: folded, "" where the cell has none; ``first``: the cell that says what the row is about."""

    header: str
    value: str
    first: bool


Row = tuple[Cell, ...]


def has_row(text: str) -> bool:
    """Whether a row stands in ``text``."""
    return _BAR.search(text) is not None


def rows(text: str) -> list[Row]:
    """The rows of ``text``: those of its lines that have two cells or more."""
    return [row for line in text.splitlines() if len(row := _row(line)) > 1]


def column_before(text: str) -> str:
    """The header of the cell in which ``text`` ends; "" where it has none."""
    match = _OPEN_CELL.search(text)
    return match.group(1) if match else ""


@lru_cache(512)
def _row(line: str) -> Row:
    cells = []
    for at, part in enumerate(_BAR.split(line.strip())):
        match = _HEADER.fullmatch(part.strip())
        header, value = match.groups() if match else ("", part.strip())
        cells.append(Cell(fold(header).replace("_", " ").strip(), value, at == 0))
    return tuple(cells)
