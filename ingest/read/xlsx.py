"""XLSX and XLSM: openpyxl reads the values, row after row; what its read-only mode leaves out is read beside it.

That mode holds no sheet in memory and knows no merged cells, hidden rows and columns, nor whether a formula's value was
ever stored; all of them are marks in the same XML. Its full mode knows them, at some fifty times the file in memory.
"""

from __future__ import annotations

import io
import itertools
import posixpath
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.read.archive import Archive
from ingest.read.builder import Builder, Extract, count
from ingest.read.number_formats import shown, shows_nothing
from ingest.read.sheets import LeftOut, Rows, Sheet
from ingest.read.xlsx_hidden import Areas, Inks
from rag.errors import UnreadableFile
from rag.text import detect_language
from rag.types import Language

__all__ = ["read"]

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT = "{http://purl.oclc.org/ooxml/"
_WIDEST = 16_384
_EVERYWHERE = (1, 1, 1_048_576, _WIDEST)
_BROKEN = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, OSError, SyntaxError, zipfile.BadZipFile
)  # fmt: skip
"""What openpyxl and the XML parsers raise for a file that is not as it should be."""
_JUDGED = 5_000
"""Cells of text that tell the language."""

Raw = dict[int, dict[int, tuple[object, str]]]
"""Row number → column number → value and number format."""
_Found = tuple[str, Sheet, Raw, Raw]
"""A sheet's name, what is to be written of it, its cells that are shown and those that are not."""


def read(data: bytes) -> Extract:
    """Each visible sheet: its name as a heading, then its tables; values as stored, formulas never computed.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    from openpyxl import load_workbook

    archive = Archive(data)
    archive.check()
    paths = _paths(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions and styles that it does not keep: none holds text
        try:
            workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            found = _workbook(workbook, Archive(data), paths)
            workbook.close()
        except _BROKEN as error:
            raise UnreadableFile(
                f"not a readable Excel file ({error})", hint="Open it in Excel and save it again."
            ) from error
    return found


def _workbook(workbook: Any, archive: Archive, paths: dict[str, str]) -> Extract:
    builder = Builder(title=workbook.properties.title or "")
    left_out, inks = LeftOut(), Inks(workbook)
    sheets: list[_Found] = []
    for source in workbook.worksheets:
        if source.sheet_state != "visible":
            left_out.sheets += 1
            continue
        sheet = Sheet()
        coloured = _read_marks(archive, paths[source.title], sheet, left_out)
        source.reset_dimensions()  # they may be wrong, and what is outside would be lost
        sheets.append((source.title, sheet, *_values(source, inks, coloured)))
    cells = (cell for _, _, raw, _ in sheets for row in raw.values() for cell in row.values())
    words = itertools.islice((value for value, _ in cells if isinstance(value, str)), _JUDGED)
    language = detect_language(" ".join(itertools.chain((name for name, *_ in sheets), words)))
    for name, sheet, raw, unseen in sheets:
        sheet.cells = _texts(raw, language)
        for row in _texts(unseen, language).values():
            builder.hidden += count(row.values())
        if sheet.cells:
            builder.heading(1, name)
            sheet.write(builder, left_out)
    builder.warnings += left_out.warnings()
    return builder.extract()


def _texts(raw: Raw, language: Language) -> Rows:
    found: Rows = {}
    for number, row in raw.items():
        texts = {column: shown(*cell, language).strip() for column, cell in row.items()}
        if kept := {column: text for column, text in texts.items() if text}:
            found[number] = kept
    return found


def _values(source: Any, inks: Inks, coloured: Areas) -> tuple[Raw, Raw]:
    """The cells that are shown, and those that are not."""
    raw: Raw = {}
    unseen: Raw = {}
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                hidden = shows_nothing(cell.value, cell.number_format) or inks.hide(cell, coloured)
                (unseen if hidden else raw).setdefault(cell.row, {})[cell.column] = (cell.value, cell.number_format)
    return raw, unseen


def _paths(archive: Archive) -> dict[str, str]:
    """Sheet name → the member that holds it."""
    main = next((target for kind, target in _related(archive, "").values() if kind == "officeDocument"), "")
    root = archive.xml(main)
    if root.tag.startswith(_STRICT):
        raise UnreadableFile("in the strict form of Open XML", hint="Save it as a usual Excel workbook (XLSX).")
    related = _related(archive, main)
    sheets = ((sheet.get("name", ""), sheet.get(f"{_R}id", "")) for sheet in root.iter(f"{_S}sheet"))
    return {name: related[key][1] for name, key in sheets if key in related}


def _related(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """The relationships of a part, by id: the last word of their type, and the member they lead to."""
    folder, name = posixpath.split(part)
    found = {}
    for element in archive.xml(posixpath.join(folder, "_rels", f"{name}.rels")).iter(f"{_PACKAGE}Relationship"):
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
        found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], target.lstrip("/"))
    return found


def _read_marks(archive: Archive, path: str, sheet: Sheet, left_out: LeftOut) -> Areas:
    """What the values do not say: merged cells, hidden rows and columns, formulas without a value. The areas that
    something else than their cells colours, conditions, tables or a picture behind all."""
    from lxml import etree

    tags = [f"{_S}{name}" for name in ("col", "row", "mergeCell", "conditionalFormatting", "tablePart", "picture")]
    col, line, merged, condition, table, _ = tags
    number = 0
    coloured: Areas = []
    xml = io.BytesIO(archive.read(path))
    for _, element in etree.iterparse(xml, tag=tags, resolve_entities=False, no_network=True):
        if element.tag == line:
            number = int(element.get("r", number + 1))
            if _is_hidden(element, "ht"):
                sheet.hidden_rows.add(number)
            else:
                left_out.formulas += sum(map(_is_unstored, element.iter(f"{_S}c")))
        elif element.tag == merged:
            sheet.merged += _range(element.get("ref", ""))
        elif element.tag == condition:
            coloured += itertools.chain.from_iterable(map(_range, element.get("sqref", "").split()))
        elif element.tag == table:
            coloured += _table(archive, path, element.get(f"{_R}id", ""))
        elif element.tag == col and _is_hidden(element, "width"):
            sheet.hidden_columns |= set(range(int(element.get("min", 1)), min(int(element.get("max", 1)), _WIDEST) + 1))
        elif element.tag not in {line, col}:
            coloured.append(_EVERYWHERE)
        element.clear()
    return coloured


def _table(archive: Archive, path: str, key: str) -> Areas:
    """The area of a sheet's table; all of it where nothing says which: a missing style is no damage to the values."""
    rels = posixpath.join(posixpath.dirname(path), "_rels", f"{posixpath.basename(path)}.rels")
    _, part = _related(archive, path).get(key, ("", "")) if rels in archive.names else ("", "")
    return list(_range(archive.xml(part).get("ref", ""))) if part in archive.names else [_EVERYWHERE]


def _is_hidden(element: Any, size: str) -> bool:
    """Whether a row or column is, or is as high or wide as nothing."""
    return element.get("hidden") in {"1", "true"} or float(element.get(size, 1)) == 0.0


def _is_unstored(cell: Any) -> bool:
    """Whether a formula has no value. An empty one is a value of a formula that says text."""
    value = cell.find(f"{_S}v")
    return cell.find(f"{_S}f") is not None and (value is None or (not value.text and cell.get("t") != "str"))


def _range(reference: str) -> Iterator[tuple[int, int, int, int]]:
    from openpyxl.utils.cell import range_boundaries

    first, top, last, bottom = range_boundaries(reference)
    if None not in {first, top, last, bottom}:
        yield top, first, bottom, last
