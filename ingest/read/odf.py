"""OpenDocument, what text, spreadsheets and presentations have in common: the package, its styles and its text.

lxml on content.xml, not a library: odfpy (last released in 2020) builds a tree of its own in Python, slow and large; it
and odfdo parse the XML themselves, out of reach of the limits of ``archive``. What is needed here is one walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.read.archive import Archive
from ingest.read.builder import Builder
from ingest.read.odf_grounds import Grounds
from ingest.read.odf_hidden import drop_hidden
from ingest.read.odf_styles import DRAW, FO, OFFICE, PRESENTATION, STYLE, SVG, TABLE, TEXT, Styles
from ingest.read.odp_papers import papers
from ingest.read.tables import Cell, grid
from rag.errors import UnreadableFile

__all__ = [
    "DRAW",
    "FO",
    "OFFICE",
    "PRESENTATION",
    "STYLE",
    "SVG",
    "TABLE",
    "TEXT",
    "OpenDocument",
    "Walk",
    "repeated",
    "text_of",
]

_DC = "{http://purl.org/dc/elements/1.1/}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"

_MOST_REPEATED = 1_000
"""Copies of a row or cell that are made: sheets are filled to their last row and column by one number."""
_MOST_SPACES = 100
_SKIPPED = frozenset(
    {
        f"{TEXT}tracked-changes",
        f"{TEXT}note",
        f"{TEXT}ruby-text",
        f"{TEXT}hidden-text",
        f"{OFFICE}annotation",
        f"{OFFICE}forms",
        f"{SVG}title",
        f"{SVG}desc",
    }
)
"""What stands inside a paragraph and is no part of its line; shapes and notes are written after it."""
_INDEXES = frozenset(
    f"{TEXT}{name}" for name in ("table-of-content", "illustration-index", "table-index", "object-index", "user-index")
) | {f"{TEXT}alphabetical-index"}
"""They say everything twice."""
_ROW_GROUPS = frozenset(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


class OpenDocument:
    """An OpenDocument package: ``body`` is the element of its content, ``title`` that of its metadata.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """

    def __init__(self, data: bytes) -> None:
        archive = Archive(data)
        if "META-INF/manifest.xml" in archive.names:
            manifest = archive.xml("META-INF/manifest.xml")
            if next(manifest.iter(f"{_MANIFEST}encryption-data"), None) is not None:
                raise UnreadableFile("protected by a password", hint="Save it without one.")
        content = archive.xml("content.xml")
        body = content.find(f"{OFFICE}body")
        if body is None or len(body) == 0:
            raise UnreadableFile("damaged: content.xml has no body", hint="Open it in its program and save it again.")
        self.body = body[0]
        self.title = ""
        if "meta.xml" in archive.names:
            self.title = archive.xml("meta.xml").findtext(f".//{_DC}title") or ""
        self._styles = {style.get(f"{STYLE}name"): style for style in content.iter(f"{STYLE}style")}
        self.common = archive.xml("styles.xml") if "styles.xml" in archive.names else None
        """The root of its common styles and page layouts."""
        parts = (content,) if self.common is None else (self.common, content)
        self.styles = Styles(*parts)
        grounds = Grounds(self.body, self.styles, parts, papers(self.body, self.styles, self.common))
        self.hidden = drop_hidden(self.body, self.styles, grounds)
        """Characters that are not shown, left out."""

    def style(self, name: str | None) -> Any:
        """The automatic style of this name, or None: what a user changed by hand, parent included."""
        return self._styles.get(name)

    def property(self, name: str | None, kind: str, attribute: str) -> str:
        """One property of an automatic style: ``("ta1", "table", f"{TABLE}display")``; empty where it is not set."""
        style = self.style(name)
        found = style.find(f"{STYLE}{kind}-properties") if style is not None else None
        return (found.get(attribute) or "") if found is not None else ""

    def named(self, name: str | None) -> str:
        """The common style that a paragraph is of: that of its automatic one's parent, or its own."""
        style = self.style(name)
        return ((style.get(f"{STYLE}parent-style-name") if style is not None else name) or "").replace("_20_", " ")


class Walk:
    """Writes paragraphs, headings, lists, tables and frames into a builder; ``notes`` are what is left for the end."""

    def __init__(self, document: OpenDocument, builder: Builder) -> None:
        self.document = document
        self.builder = builder
        self.notes: list[str] = []
        self.hidden_sections = 0

    def blocks(self, container: Any, *, listed: bool = False) -> None:
        """The blocks inside an element; ``listed`` when the first of them is what a list's mark stands before."""
        for element in container:
            if not isinstance(element.tag, str) or element.tag in _INDEXES:
                continue
            if element.tag in {f"{TEXT}h", f"{TEXT}p"}:
                self._paragraph(element, listed=listed)
                listed = False
            elif element.tag == f"{TEXT}list":
                for item in element:
                    self.blocks(item, listed=item.tag == f"{TEXT}list-item")
            elif element.tag == f"{TABLE}table":
                self.builder.table(grid(_cells(row) for row in rows(element)))
            elif element.tag == f"{TEXT}section" and element.get(f"{TEXT}display", "true") != "true":
                self.hidden_sections += 1
            elif element.tag not in _SKIPPED:
                self.blocks(element)

    def _paragraph(self, element: Any, *, listed: bool) -> None:
        text = text_of(element)
        if element.tag == f"{TEXT}h":
            level = element.get(f"{TEXT}outline-level", "1")
            self.builder.heading(int(level) if level.isdigit() else 1, text)
        elif self.document.named(element.get(f"{TEXT}style-name")) == "Title":
            self.builder.title = self.builder.title or " ".join(text.split())
            self.builder.heading(1, text)
        elif listed and text.strip():
            self.builder.block(f"- {text.strip()}", separator="\n")
        else:
            self.builder.block(text)
        for inner in _outermost(element, DRAW):
            self.blocks([inner])
        for note in _outermost(element, f"{TEXT}note"):
            self.notes += [" ".join(text_of(p) for body in note.iter(f"{TEXT}note-body") for p in paragraphs(body))]


def text_of(element: Any) -> str:
    """The line of a paragraph: spaces, tabs and breaks as characters, without notes, comments and what was deleted."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT}s":
            parts.append(" " * repeated(child, f"{TEXT}c", _MOST_SPACES))
        elif child.tag == f"{TEXT}tab":
            parts.append(" ")
        elif child.tag == f"{TEXT}line-break":
            parts.append("\n")
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and not child.tag.startswith(DRAW):
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def paragraphs(container: Any) -> Iterator[Any]:
    """All paragraphs below, also those of lists; not those of comments."""
    for child in container:
        if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
            yield child
        elif isinstance(child.tag, str) and child.tag != f"{OFFICE}annotation":
            yield from paragraphs(child)


def rows(table: Any) -> Iterator[Any]:
    """The rows of a table, out of the groups that hold them."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from rows(child)


def repeated(element: Any, attribute: str, most: int = _MOST_REPEATED) -> int:
    """A number that says how often: 1 where it is not set, never more than ``most``."""
    value = element.get(attribute) or "1"
    return min(int(value), most) if value.isdigit() else 1


def _cells(row: Any) -> list[Cell]:
    """A row of a text document's table. What a spanning cell covers is left to ``grid``."""
    header = row.getparent().tag == f"{TABLE}table-header-rows"
    found = []
    for cell in row.iterchildren(f"{TABLE}table-cell"):
        text = " ".join(text_of(paragraph) for paragraph in paragraphs(cell))
        columns = repeated(cell, f"{TABLE}number-columns-spanned")
        made = Cell(text, columns, repeated(cell, f"{TABLE}number-rows-spanned"), header)
        found += [made] * repeated(cell, f"{TABLE}number-columns-repeated")
    return found


def _outermost(element: Any, tag: str) -> Iterator[Any]:
    """The nearest descendants whose tag begins so: one name, or all of a namespace."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag.startswith(tag):
            yield child
        elif child.tag not in _SKIPPED:
            yield from _outermost(child, tag)
