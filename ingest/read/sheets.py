"""A spreadsheet's cells → its tables: what a blank row or column parts is another table."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.read.builder import Builder
from ingest.read.tables import Cell

__all__ = ["LeftOut", "Rows", "Sheet"]

_MOST_MERGED = 1_000
"""Rows or columns that a merged cell is repeated over, as in any other table."""
_MOST_REPEATED = 1_000_000
"""Cells that the merged ones of a sheet become."""


class _Merged(str):
    """The text of a merged cell, at each place that it covers."""

    __slots__ = ()


Rows = dict[int, dict[int, str]]
"""Row number → column number → text; empty cells are not in it."""


@dataclass(slots=True)
class LeftOut:
    """What a workbook holds and its text does not, counted."""

    sheets: int = 0
    rows: int = 0
    columns: int = 0
    formulas: int = 0

    def warnings(self) -> Iterator[str]:
        """One sentence for each kind of thing."""
        for count, name in (
            (self.sheets, "hidden sheet"),
            (self.rows, "hidden row"),
            (self.columns, "hidden column"),
        ):
            if count:
                yield f"{count} {name}{'s' if count > 1 else ''} left out"
        if self.formulas:
            formulas = f"{self.formulas} formula{'s' if self.formulas > 1 else ''}"
            yield f"{formulas} without a stored value left out; open it in its program and save it again"


@dataclass(slots=True)
class Sheet:
    """A sheet's cells as text. ``merged`` are ranges: first row, first column, last row, last column, all included."""

    cells: Rows = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def write(self, builder: Builder, left_out: LeftOut) -> None:
        """Append the sheet's tables, from top to bottom and from left to right; what is hidden is counted."""
        self._repeat_merged()
        for rows in _parted(self._shown(left_out)):
            _write(rows, builder)

    def _repeat_merged(self) -> None:
        left = _MOST_REPEATED
        for top, first, bottom, last in self.merged:
            text = self.cells.get(top, {}).get(first)
            if not text:
                continue
            for row in range(top, min(bottom, top + _MOST_MERGED - 1) + 1):
                for column in range(first, min(last, first + _MOST_MERGED - 1) + 1):
                    left -= 1
                    if left < 0:
                        return
                    cells = self.cells.setdefault(row, {})
                    if cells.get(column, text) == text:  # some programs leave other values under a merged cell
                        cells[column] = _Merged(text)

    def _shown(self, left_out: LeftOut) -> Rows:
        """The cells that are not hidden, closed up: a hidden row parts no table. Empty hidden rows do not count."""
        rows_before, columns_before = sorted(self.hidden_rows), sorted(self.hidden_columns)
        shown: Rows = {}
        gone: set[int] = set()
        for number, row in self.cells.items():
            if number in self.hidden_rows:
                left_out.rows += 1
                continue
            gone |= row.keys() & self.hidden_columns
            kept = {c - bisect_left(columns_before, c): text for c, text in row.items() if c not in self.hidden_columns}
            if kept:
                shown[number - bisect_left(rows_before, number)] = kept
        left_out.columns += len(gone)
        return shown


def _parted(cells: Rows) -> Iterator[Rows]:
    """The tables and the lines above them: cut at blank rows, then at blank columns, until nothing more parts."""
    for numbers in _runs(cells):
        band = {number: cells[number] for number in numbers}
        above = ""
        # A title set over two tables would hold them together, and over one would pass for its header.
        for number in numbers[:-1]:
            text = _alone(band, number)
            if not text:
                break
            if text != above:
                yield {number: band[number]}
            above = text
            del band[number]
        runs = list(_runs({column for row in band.values() for column in row}))
        if len(runs) == 1:
            yield band
            continue
        for run in runs:
            inside = set(run)
            part = {number: {c: t for c, t in row.items() if c in inside} for number, row in band.items()}
            yield from _parted({number: row for number, row in part.items() if row})


def _alone(band: Rows, number: int) -> str:
    """The text of a row that says one thing, at the left or across, above a table of several columns; else empty."""
    texts = set(band[number].values())
    columns = {column for row in band.values() for column in row}
    if len(texts) > 1 or len(columns) == 1 or min(band[number]) > min(columns):
        return ""
    return texts.pop()


def _runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Consecutive numbers together: ``{1, 2, 5}`` → ``[1, 2]``, ``[5]``."""
    for _, run in itertools.groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _write(rows: Rows, builder: Builder) -> None:
    first = min(min(row) for row in rows.values())
    last = max(max(row) for row in rows.values())
    builder.table([_cells([row.get(column, "") for column in range(first, last + 1)]) for row in rows.values()])


def _cells(texts: Sequence[str]) -> list[Cell]:
    """A merged cell once for every column it covers, each time with their number."""
    cells = []
    for text, run in itertools.groupby(texts):
        same = list(run)
        spans = len(same) if all(isinstance(one, _Merged) for one in same) else 1
        cells += [Cell(str(text), spans)] * len(same)
    return cells
