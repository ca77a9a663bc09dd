"""DOCX: python-docx opens the package and knows its styles; the body is walked as XML.

Its own ``paragraph.text`` and ``iter_inner_content`` leave out what stands in content controls, in tracked insertions
and in footnotes, and contracts are full of those. Tracked deletions, headers and footers are left out on purpose;
hidden text is, and is counted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.read.archive import check, parse_xml
from ingest.read.builder import Builder, Extract
from ingest.read.colours import Rgb
from ingest.read.docx_hidden import drop_hidden, page_colour
from ingest.read.tables import Cell, grid
from rag.errors import UnreadableFile

__all__ = ["read"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}delText", _FALLBACK})
_LETTERS = frozenset({f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_SAID = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": " "}


def read(data: bytes) -> Extract:
    """Headings, paragraphs, lists and tables in the order of the document, then its notes.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    check(data)
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError, XMLSyntaxError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            f"not a readable Word file ({error})", hint="Open it in Word and save it again."
        ) from error
    builder = Builder(title=document.core_properties.title or "")
    styles = {style.style_id: style for style in document.styles}
    page = page_colour(document)
    builder.hidden += drop_hidden(document.element.body, styles, page)
    walk = _Walk(builder, styles, page)
    walk.blocks(document.element.body)
    for kind in ("footnotes", "endnotes"):
        for part in document.part.rels.values():
            if part.reltype.endswith(f"/{kind}") and not part.is_external:
                walk.notes(part.target_part.blob)
    return builder.extract()


class _Walk:
    """Writes the document's blocks into a builder; ``styles`` by the ids that paragraphs name; ``page`` is the colour
    that its text stands on, None where that is not known."""

    def __init__(self, builder: Builder, styles: dict[str, Any], page: Rgb | None) -> None:
        self.builder = builder
        self.styles = styles
        self.page = page

    def blocks(self, container: Any) -> None:
        """Paragraphs and tables, also inside content controls and custom XML."""
        for element in container:
            if element.tag == f"{_W}p":
                self.paragraph(element)
            elif element.tag == f"{_W}tbl":
                self.builder.table(grid(_rows(element)))
            elif element.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"}:
                self.blocks(element)

    def paragraph(self, element: Any) -> None:
        text = _text(element).strip()
        named = element.find(f"{_W}pPr/{_W}pStyle")
        style = self.styles.get(named.get(f"{_W}val")) if named is not None else None
        if not text or (style is not None and (style.name or "").lower().startswith("toc ")):
            return  # a table of contents says everything twice
        level = _level(element, style)
        if level is not None:
            if level == 0:
                self.builder.title = self.builder.title or text
            self.builder.heading(max(level, 1), text)
        elif element.find(f"{_W}pPr/{_W}numPr") is not None or _is_list(style):
            self.builder.block(f"- {text}", separator="\n")
        else:
            self.builder.block(text)

    def notes(self, xml: bytes) -> None:
        """Footnotes or endnotes; the separators between them and the text are of a type of their own."""
        notes = parse_xml(xml, "the notes")
        self.builder.hidden += drop_hidden(notes, self.styles, self.page)
        for note in notes:
            if note.get(f"{_W}type") in {None, "normal"}:
                self.builder.block(" ".join(_text(paragraph) for paragraph in note.iter(f"{_W}p")))


def _level(paragraph: Any, style: Any) -> int | None:
    """0 for the title, 1 to 9 for a heading, by the outline or the style or what the style is based on; else None."""
    outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    if outline is not None and outline.get(f"{_W}val", "9") in "012345678":
        return int(outline.get(f"{_W}val")) + 1
    while style is not None:
        name = style.name or ""
        if name in {"Title", "Título"}:
            return 0
        if heading := re.fullmatch(r"(?:Heading|heading|Título) (\d)", name):
            return int(heading.group(1))
        style = style.base_style
    return None


def _is_list(style: Any) -> bool:
    return style is not None and (style.name or "").startswith(("List", "Lista"))


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """The nearest descendants of this tag: not those of a table inside a cell, nor what was deleted."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"}:
            yield from _inside(child, tag)


def _rows(table: Any) -> Iterator[list[Cell]]:
    """The rows; a cell merged with the one above says again what that one says."""
    above: dict[int, str] = {}
    for row in _inside(table, f"{_W}tr"):
        header = row.find(f"{_W}trPr/{_W}tblHeader") is not None
        cells = []
        column = 0
        for cell in _inside(row, f"{_W}tc"):
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            columns = int(span.get(f"{_W}val", "1")) if span is not None else 1
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            goes_on = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
            text = above.get(column, "") if goes_on else " ".join(_text(cell).split()).removesuffix(";")
            cells.append(Cell(text, columns, header=header))
            above[column] = text
            column += columns
        yield cells


def _text(element: Any) -> str:
    """The text of everything below, with what was inserted and without what was deleted."""
    parts: list[str] = []
    for child in element:
        if child.tag in _GONE:
            continue
        if child.tag in _LETTERS:
            parts.append(child.text or "")
        elif child.tag in _SAID:
            parts.append(_SAID[child.tag])
        elif child.tag == f"{_W}p":
            parts += ["\n", _text(child)]
        elif child.tag == f"{_W}tc":  # of a table inside a cell
            parts += [_text(child), ";"]
        elif child.tag != f"{_W}pPr":
            parts.append(_text(child))
    return "".join(parts)
