"""Delimiter-separated tables (CSV, TSV), through the standard library's parser.

The delimiter is the one that gives the rows most often the same number of cells, semicolons before commas: where
decimals have a comma, ``1,5;2,5`` is as regular by the one as by the other, and csv.Sniffer takes the comma.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.read.builder import Builder, Extract
from ingest.read.plain import decode_into
from ingest.read.tables import Cell

__all__ = ["read"]

_DELIMITERS = "\t;|,"
_IN_NO_FILE = "\x1f"
_JUDGED_CHARACTERS = 200_000
_JUDGED_ROWS = 300
_MOST_ALONE = 0.5
"""Share of the rows that may be one cell: with more, the delimiter is a mark of the text."""
_AT_A_TIME = 1000
"""Rows, so that a table of a million is not held as cells all at once."""
_LONGEST_NAME = 120
"""Characters of a column's name; what is longer is text."""
_YEAR = re.compile(r"(?:19|20)\d{2}")
_VALUE = re.compile(r"[-+]?(?:R\$|US\$|[$€£])?\s*[-+]?\d[\d\s.,:/%T+-]*|\S+@\S+\.\S+|https?://\S+", re.IGNORECASE)
"""A number, an amount, a date or an address: what a column is not called."""

_Row = list[str]


def read(data: bytes) -> Extract:
    """Each row a line that says its columns' names, where the first row names them; the lines above a table first."""
    builder = Builder()
    text = decode_into(builder, data, encoded=False)
    declared = re.match(r"\s*\"?sep=([^\s\"]|\t)\"?[\r\n]+", text, re.IGNORECASE)  # Excel's own mark
    text, delimiter = (text[declared.end() :], declared.group(1)) if declared else (text, "")
    rows = _rows(text, delimiter, builder)
    head = _above(list(itertools.islice(rows, _JUDGED_ROWS)), builder)
    names: _Row = []
    if len(head) > 1 and _is_header(head[0], head[1:]):
        names = head.pop(0)
    _write(names, itertools.chain(head, rows), builder)
    return builder.extract()


def _rows(text: str, delimiter: str, builder: Builder) -> Iterator[_Row]:
    """The rows with something in them, by the likeliest delimiter where none is given.

    Where quotation marks do not balance they are read as characters, and that is said.
    """
    csv.field_size_limit(len(text) + 1)
    likeliest = delimiter or _delimiter(text)
    try:
        for _ in _parsed(text, likeliest, strict=True):
            pass
    except csv.Error:
        builder.warnings.append("its quotation marks do not balance: read as characters")
        return _parsed(text, delimiter or _delimiter(text, quoting=False), quoting=False)
    return _parsed(text, likeliest)


def _parsed(text: str, delimiter: str, *, strict: bool = False, quoting: bool = True) -> Iterator[_Row]:
    parser = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        skipinitialspace=True,
        strict=strict,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
    )
    for row in parser:
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            yield cells


def _delimiter(text: str, *, quoting: bool = True) -> str:
    best, most = _IN_NO_FILE, 0.0
    for delimiter in _DELIMITERS:
        parsed = _parsed(text[:_JUDGED_CHARACTERS], delimiter, quoting=quoting)
        rows = list(itertools.islice(parsed, _JUDGED_ROWS))
        if len(text) > _JUDGED_CHARACTERS and 1 < len(rows) < _JUDGED_ROWS:
            rows.pop()  # it is cut
        widths = Counter(len(row) for row in rows)
        rows_in_all, alone = widths.total(), widths.pop(1, 0)
        regular = max(widths.values(), default=0) / max(1, rows_in_all)
        if regular > most and alone < _MOST_ALONE * rows_in_all:
            best, most = delimiter, regular
    return best


def _above(rows: list[_Row], builder: Builder) -> list[_Row]:
    """Write what stands above the table, a title or a date in its first cell alone; the rest of the rows."""
    wide = any(len(row) > 1 for row in rows)
    while wide and len(rows) > 1 and not any(rows[0][1:]):
        builder.block(rows.pop(0)[0])
    return rows


def _is_header(first: _Row, rows: Sequence[_Row]) -> bool:
    """Whether ``first`` names the columns: no values, no name twice, none that stands below itself as a value.

    A single column has a name only above numbers: a list of words begins with its first word.
    """
    names = [name for name in first if name]
    if len(set(names)) < len(names) or any(len(name) > _LONGEST_NAME for name in names):
        return False
    if len(first) == 1:
        return not _VALUE.fullmatch(first[0]) and all(_VALUE.fullmatch(cell) for row in rows for cell in row if cell)
    values = [name for name in names if _VALUE.fullmatch(name)]
    if any(not _YEAR.fullmatch(name) for name in values) or len(values) == len(first):
        return False
    below = [row for row in rows if row != first]
    return not any(name and at < len(row) and row[at] == name for row in below for at, name in enumerate(first))


def _write(names: _Row, rows: Iterator[_Row], builder: Builder) -> None:
    """The rows, and the names of the columns that have nothing in any of them."""
    header = [Cell(name, header=True) for name in names]
    empty = set(range(len(names)))
    separator = "\n\n"
    while batch := list(itertools.islice(rows, _AT_A_TIME)):
        if names:
            builder.table([header, *([Cell(cell) for cell in row] for row in batch)])
            empty -= {at for row in batch for at, cell in enumerate(row) if cell}
        else:
            for row in batch:
                builder.block(" | ".join(cell for cell in row if cell), separator=separator)
                separator = "\n"
    builder.block(" | ".join(names[at] for at in sorted(empty) if names[at]))
