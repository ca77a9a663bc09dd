"""PDF: pypdfium2 for each page's text and fonts (pypdf's quality at twelve times its speed), pypdf where pdfium fails.

Hidden text and running headers and footers are taken out, words hyphenated at line ends joined, lines of a paragraph
joined, also over a page's end. A page without a text layer, or with one that is garbled, is read by OCR where there is
one, and otherwise reported; a file of no other pages is refused: it is a scan.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.garbled import is_garbled
from ingest.read.glyphs import lines_of, with_accents
from ingest.read.hidden import shown_text
from ingest.read.layout import Block, Style, blocks, continues, seam
from ingest.read.lines import Line
from ingest.read.running import without_running_lines
from rag.errors import UnreadableFile

__all__ = ["read"]

_APART = "\n\n"
_NO_TITLE = {"untitled", "sem título", "document", "documento"}
_NO_LAYER = "no text layer (a scan?)"
_GARBLED = "its text layer is garbled"


@dataclass(slots=True)
class _Sheet:
    """A page as it was read. ``missing`` says why it has no text; ``hidden`` counts the
    characters left out; ``label`` is what is printed as its number, where that is another."""

    lines: list[Line]
    label: str = ""
    hidden: int = 0
    missing: str = ""


def read(data: bytes) -> Extract:
    """Pages with exact offsets. Raises UnreadableFile for encrypted, broken and scanned files."""
    title, sheets = _sheets(data)
    builder = Builder(title="" if title.lower() in _NO_TITLE else title)
    if all(sheet.missing for sheet in sheets):
        raise UnreadableFile(sheets[0].missing, hint="Run OCR on it (ocrmypdf) and ingest the result.")
    builder.warnings += _warnings(sheets)
    _write(without_running_lines([sheet.lines for sheet in sheets]), [sheet.label for sheet in sheets], builder)
    return builder.extract()


def _warnings(sheets: Sequence[_Sheet]) -> Iterator[str]:
    """What there is to report of the pages; neighbours of which the same is said are named together."""
    for number, sheet in enumerate(sheets, 1):
        if sheet.hidden:
            characters = "character" if sheet.hidden == 1 else "characters"
            yield f"hidden text on page {number}: {sheet.hidden} {characters}, left out"
    for missing, group in itertools.groupby(enumerate(sheets, 1), key=lambda pair: pair[1].missing):
        numbers = [number for number, _ in group]
        if missing and len(numbers) == 1:
            yield f"page {numbers[0]}: {missing}"
        elif missing:
            yield f"pages {numbers[0]}–{numbers[-1]}: {missing}"


def _write(pages: Sequence[Sequence[Line]], labels: Sequence[str], builder: Builder) -> None:
    """The pages' blocks. A paragraph that runs on over a page's end is one: the next page begins inside it."""
    style = Style.of([line for lines in pages for line in lines])
    section = 0
    found: list[list[Block]] = []
    for lines in pages:
        of_page, section = blocks(lines, style, section)
        found.append(of_page)
    separator = _APART
    for number, of_page in enumerate(found, 1):
        start = builder.begin_page(separator)
        following = found[number][0] if number < len(found) and found[number] else None
        for at, block in enumerate(of_page):
            text, after = block.text, _APART
            if following and at == len(of_page) - 1 and continues(block, following):
                text, after = seam(text, following.text)
            if block.level:
                builder.heading(block.level, text)
            else:
                builder.block(text, separator=separator)
            separator = after
        builder.end_page(number, start, labels[number - 1])


def _sheets(data: bytes) -> tuple[str, list[_Sheet]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            title = str(document.get_metadata_dict().get("Title", ""))
            return title, [_sheet(document, index) for index in range(len(document))]
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("encrypted", hint="Save it without a password.") from error
        return _with_pypdf(data, error)


def _sheet(document: Any, index: int) -> _Sheet:
    text, outside, hidden = shown_text(document[index])
    label = document.get_page_label(index) or ""
    sheet = _judged(lines_of(text, outside))
    sheet.hidden, sheet.label = hidden, "" if label == str(index + 1) else label
    return sheet


def _judged(lines: list[Line]) -> _Sheet:
    """The lines, unless they are no text."""
    text = "\n".join(line.text for line in lines)
    if not text.strip():
        return _Sheet([], missing=_NO_LAYER)
    return _Sheet([], missing=_GARBLED) if is_garbled(text) else _Sheet(lines)


def _with_pypdf(data: bytes, first: Exception) -> tuple[str, list[_Sheet]]:
    """The text alone, without what pdfium knows of its fonts."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableFile("encrypted", hint="Save it without a password.")
        texts = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise UnreadableFile(f"broken PDF ({first})", hint="Open it in a PDF reader and save it again.") from error
    if not texts:
        raise UnreadableFile("a PDF without pages")
    title = str(reader.metadata.title or "") if reader.metadata else ""
    return title, [_judged([Line(line.rstrip()) for line in with_accents(text).splitlines()]) for text in texts]
