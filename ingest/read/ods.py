"""ODS: a cell holds its value and what was shown for it; what was shown is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.read.builder import Builder, Extract, count
from ingest.read.odf import OFFICE, TABLE, TEXT, OpenDocument, paragraphs, repeated, rows, text_of
from ingest.read.odf_hidden import is_lost_cell
from ingest.read.odf_styles import Styles
from ingest.read.sheets import LeftOut, Sheet
from rag.errors import UnreadableFile

__all__ = ["read"]

_LAST = 1_048_576
"""Rows of the tallest sheet; no sheet has so many columns."""
_MOST_CELLS = 5_000_000
_VALUES = ("date-value", "time-value", "boolean-value", "string-value", "value")
_GONE = frozenset({"collapse", "filter"})


def read(data: bytes) -> Extract:
    """Each visible sheet: its name as a heading, then its tables; formulas never computed.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much, and for a sheet of more than
    five million cells: a few bytes repeat a row as often as they like.
    """
    document = OpenDocument(data)
    builder = Builder(title=document.title, hidden=document.hidden)
    left_out = LeftOut()
    for table in document.body.iterchildren(f"{TABLE}table"):
        if document.property(table.get(f"{TABLE}style-name"), "table", f"{TABLE}display") == "false":
            left_out.sheets += 1
            continue
        sheet, hidden = _sheet(table, document, left_out)
        builder.hidden += hidden
        if sheet.cells:
            builder.heading(1, table.get(f"{TABLE}name", ""))
            sheet.write(builder, left_out)
    builder.warnings += left_out.warnings()
    return builder.extract()


def _sheet(table: Any, document: OpenDocument, left_out: LeftOut) -> tuple[Sheet, int]:
    """The sheet, and how many characters of it are not shown by their colour or size."""
    lost, unseen = _Lost(table, document.styles), 0
    sheet = Sheet(hidden_columns=set(_hidden_columns(table)))
    number = count = 0
    for row in rows(table):
        times = repeated(row, f"{TABLE}number-rows-repeated", _LAST)
        hidden = row.get(f"{TABLE}visibility") in _GONE
        cells, characters = _row(row, sheet, number, lost, left_out)
        unseen += characters
        if cells:
            copies = min(times, repeated(row, f"{TABLE}number-rows-repeated"))
            count += copies * len(cells)
            if count > _MOST_CELLS:
                raise UnreadableFile(f"a sheet of more than {_MOST_CELLS} cells", hint="Save the part that matters.")
            for copy in range(number, number + copies):
                sheet.cells[copy] = dict(cells)
                if hidden:
                    sheet.hidden_rows.add(copy)
        number += times
    return sheet, unseen


class _Lost:
    """Tells which cells of a sheet are not shown: by their own style, their row's, or their column's."""

    def __init__(self, table: Any, styles: Styles) -> None:
        self._styles = styles
        self._conditions = any(element.tag.endswith("}conditional-format") for element in table.iter("{*}*"))
        self._columns: list[tuple[int, str | None]] = []
        self._known: dict[str | None, bool] = {}
        end = 0
        for column in table.iter(f"{TABLE}table-column"):
            end += repeated(column, f"{TABLE}number-columns-repeated", _LAST)
            self._columns.append((end, column.get(f"{TABLE}default-cell-style-name")))

    def __contains__(self, place: tuple[Any, Any, int]) -> bool:
        """Of a row, a cell and its column's number."""
        row, cell, column = place
        if self._conditions or next(cell.iter(f"{TEXT}span"), None) is not None:
            return False
        of_column = next((style for end, style in self._columns if column < end), None)
        name = cell.get(f"{TABLE}style-name") or row.get(f"{TABLE}default-cell-style-name") or of_column
        if name not in self._known:
            self._known[name] = is_lost_cell(self._styles, name)
        return self._known[name]


def _row(row: Any, sheet: Sheet, number: int, lost: _Lost, left_out: LeftOut) -> tuple[dict[int, str], int]:
    """Column number → text, and how many characters are not shown; spans go to the sheet, formulas without a value are
    counted."""
    cells: dict[int, str] = {}
    column = hidden = 0
    for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
        times = repeated(cell, f"{TABLE}number-columns-repeated", _LAST)
        text = "" if cell.tag == f"{TABLE}covered-table-cell" else _text(cell)
        if text and (row, cell, column) in lost:
            hidden += count([text])
        elif text:
            for copy in range(column, column + min(times, repeated(cell, f"{TABLE}number-columns-repeated"))):
                cells[copy] = text
            bottom = number + repeated(cell, f"{TABLE}number-rows-spanned") - 1
            last = column + repeated(cell, f"{TABLE}number-columns-spanned") - 1
            if (bottom, last) != (number, column):
                sheet.merged.append((number, column, bottom, last))
        elif cell.get(f"{TABLE}formula") and cell.get(f"{OFFICE}value-type") is None:
            left_out.formulas += 1
        column += times
    return cells, hidden


def _text(cell: Any) -> str:
    """What was shown, or the bare value where a program wrote no text beside it."""
    text = " ".join(" ".join(text_of(paragraph) for paragraph in paragraphs(cell)).split())
    return text or next((value for name in _VALUES if (value := cell.get(f"{OFFICE}{name}"))), "")


def _hidden_columns(table: Any) -> Iterator[int]:
    number = 0
    for column in table.iter(f"{TABLE}table-column"):
        times = repeated(column, f"{TABLE}number-columns-repeated", _LAST)
        if column.get(f"{TABLE}visibility") in _GONE:
            yield from range(number, min(number + times, _LAST))
        number += times
