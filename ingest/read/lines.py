"""Lines as they stand on a page, and the tables they plainly make: cells one under the other, below their names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.read.tables import Cell, is_value

__all__ = ["Line", "Words", "code_lines", "table_rows"]

_EVEN = 1.3
"""Times the least step from row to row that another may be."""
_SLACK = 0.4
"""Times the font's size that places of one column may differ."""
_LONG_CELLS = 45
"""Mean characters of a column's cells: columns of prose, side by side, are wider."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a line that stand together, apart from others: where they begin and end, in points from the left."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page. ``size`` is its font's, in points, 0 when unknown; ``fixed`` when all its letters are equally
    wide; ``groups`` are its words as they stand together; ``height`` is its place above the page's lower edge, in
    points."""

    text: str
    size: float = 0.0
    bold: bool = False
    fixed: bool = False
    groups: tuple[Words, ...] = ()
    height: float = 0.0

    @property
    def right(self) -> float:
        return max((words.right for words in self.groups), default=0.0)


def code_lines(lines: Sequence[Line], first: int) -> list[str]:
    """The lines from ``first`` on that are set like a program's, as far as they go, indented as they stand."""
    code = list(itertools.takewhile(lambda line: line.fixed and line.groups, lines[first:]))
    edge = min((line.groups[0].left for line in code), default=0.0)
    return [" " * round((line.groups[0].left - edge) / _letter(line)) + line.text for line in code]


def _letter(line: Line) -> float:
    """How wide a letter is, in points: the first words' width by their letters."""
    words = line.groups[0]
    return max(words.right - words.left, 1.0) / max(len(words.text), 1)


def table_rows(lines: Sequence[Line], first: int) -> list[list[Cell]]:
    """The table whose header is ``lines[first]``, or nothing where it is not plain that there is one.

    Plain is: a header and two rows or more below it at even distances, none bold, each with as many groups of words as
    the header, one under the other. A header is bold, or names what the rows have numbers for. A row that wraps or
    lacks a cell makes the whole doubtful, and then its lines are text: a wrong table is worse than none.
    """
    header = lines[first]
    end = first + 1
    if len(header.groups) > 1 and (header.bold or not any(c.isdigit() or c == ":" for c in header.text)):
        while end < len(lines) and len(lines[end].groups) == len(header.groups) and not lines[end].bold:
            end += 1
    table, columns = lines[first:end], len(header.groups)
    if len(table) < 3 or not _is_even(table) or not _is_aligned(table):
        return []
    if not header.bold and not any(all(is_value(row.groups[at].text) for row in table[1:]) for at in range(1, columns)):
        return []
    step = table[-2].height - table[-1].height
    around = [*lines[max(first - 1, 0) : first], *lines[end : end + 1]]
    if any(_is_part(line, table, step) for line in around):
        return []
    return [[Cell(words.text, header=line is header) for words in line.groups] for line in table]


def _is_even(table: Sequence[Line]) -> bool:
    steps = [upper.height - lower.height for upper, lower in itertools.pairwise(table)]
    return min(steps) > 0 and max(steps) <= _EVEN * min(steps)


def _is_aligned(table: Sequence[Line]) -> bool:
    """Whether each column's groups begin, end or are centred at one place, and no column reaches into the next."""
    columns = list(zip(*(line.groups for line in table), strict=True))
    slack = _SLACK * table[0].size
    for column in columns:
        rows = column[1:]
        places = ([w.left for w in rows], [w.right for w in rows], [w.left + w.right for w in rows])
        if min(max(place) - min(place) for place in places) > slack or sum(
            len(w.text) for w in rows
        ) > _LONG_CELLS * len(rows):
            return False
    return all(max(w.right for w in left) < min(w.left for w in right) for left, right in itertools.pairwise(columns))


def _is_part(line: Line, table: Sequence[Line], step: float) -> bool:
    """Whether a line next to the table belongs to it: one of several groups, or of one that stands under a column."""
    if not line.groups or min(abs(line.height - row.height) for row in table) > _EVEN * step:
        return False
    left, right = line.groups[0].left, line.right
    first, second = ([row.groups[at] for row in table] for at in (0, 1))
    slack = _SLACK * table[0].size
    return (
        len(line.groups) > 1
        or left >= min(words.left for words in second) - slack
        or (abs(left - first[-1].left) <= slack and right <= max(words.right for words in first) + slack)
    )
