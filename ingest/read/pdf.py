"""PDF: pypdfium2 for each page's text and fonts (pypdf's quality at twelve times its speed), pypdf where pdfium fails.

Hidden text and running headers and footers are taken out, words hyphenated at line ends joined, lines of a paragraph
joined, also over a page's end. A page without a text layer, or with one that is garbled, is read by OCR where there is
one, and otherwise reported; a file of no other pages is refused: it is a scan.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ingest.read.builder import Extract
from ingest.read.garbled import is_garbled
from ingest.read.glyphs import lines_of, with_accents
from ingest.read.hidden import page_rect, pictures_of, shown_text
from ingest.read.lines import Line
from ingest.read.ocr import GARBLED, NO_LAYER, Ocr
from ingest.read.pages import Sheet, document_of
from rag.errors import UnreadableFile

__all__ = ["read"]

_NO_TITLE = {"untitled", "sem título", "document", "documento"}
_FEW_LETTERS = 60
_MOST = 0.7
"""Of a page's area: scanners leave its margins out."""
_DPI = 300
"""Dots an inch at which a page is drawn for OCR: tesseract is made for 300."""
_PIXELS = 25e6
"""Of the largest drawing: an A3 page at 360 dots an inch."""


def read(data: bytes, ocr: Ocr | None = None) -> Extract:
    """Pages with exact offsets. Raises UnreadableFile for encrypted and broken files, and for scans that are not read:
    NeedsOcr without OCR."""
    title, sheets = _sheets(data, ocr)
    return document_of(sheets, "" if title.lower() in _NO_TITLE else title, ocr)


def _sheets(data: bytes, ocr: Ocr | None) -> tuple[str, list[Sheet]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            title = str(document.get_metadata_dict().get("Title", ""))
            return title, [_sheet(document, index, ocr) for index in range(len(document))]
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("encrypted", hint="Save it without a password.") from error
        return _with_pypdf(data, error)


def _sheet(document: Any, index: int, ocr: Ocr | None) -> Sheet:
    page = document[index]
    text, outside, hidden = shown_text(page)
    label = document.get_page_label(index) or ""
    sheet = replace(_judged(lines_of(text, outside)), hidden=hidden, label="" if label == str(index + 1) else label)
    if _letters(sheet.lines) < _FEW_LETTERS and _is_pictured(page):
        # The stamp of a scanning program, or the title on a cover: what there is stays, unless OCR finds more.
        sheet = replace(sheet, remark=sheet.remark or "a picture with little text (a scan?)")
    if not sheet.remark or ocr is None or not any(True for _ in page.get_objects(max_depth=1)):
        return sheet
    found = ocr.recognise(*_picture(page))
    lines = found.lines if _letters(found.lines) > _letters(sheet.lines) else sheet.lines
    return replace(sheet, lines=lines, remark=f"{sheet.remark}; {found.remark}", late=found.late)


def _letters(lines: Sequence[Line]) -> int:
    return sum(c.isalnum() for line in lines for c in line.text)


def _is_pictured(page: Any) -> bool:
    """Whether one picture covers most of the page."""
    left, bottom, right, top = page_rect(page)
    return any(
        (min(c, right) - max(a, left)) * (min(d, top) - max(b, bottom)) > _MOST * (right - left) * (top - bottom)
        for a, b, c, d in pictures_of(page)
        if c > left and a < right and d > bottom and b < top
    )


def _judged(lines: Sequence[Line]) -> Sheet:
    """The lines, unless they are no text."""
    text = "\n".join(line.text for line in lines)
    if not text.strip():
        return Sheet((), NO_LAYER)
    return Sheet((), GARBLED) if is_garbled(text) else Sheet(lines)


def _picture(page: Any) -> tuple[bytes, int]:
    """The page as a PGM, and its dots an inch."""
    width, height = page.get_size()
    dpi = min(_DPI, int(72 * math.sqrt(_PIXELS / (width * height))))
    grey = page.render(scale=dpi / 72, grayscale=True, may_draw_forms=False).to_numpy()
    return b"P5 %d %d 255\n" % (grey.shape[1], grey.shape[0]) + grey.tobytes(), dpi


def _with_pypdf(data: bytes, first: Exception) -> tuple[str, list[Sheet]]:
    """The text alone, without what pdfium knows of its fonts."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableFile("encrypted", hint="Save it without a password.")
        texts = [page.extract_text() for page in reader.pages]
    # pypdf answers what it cannot make sense of with any of these.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError, OSError) as error:
        raise UnreadableFile(
            f"broken PDF ({str(first).rstrip('.')})", hint="Open it in a PDF reader and save it again."
        ) from error
    if not texts:
        raise UnreadableFile("a PDF without pages")
    title = str(reader.metadata.title or "") if reader.metadata else ""
    return title, [_judged([Line(line.rstrip()) for line in with_accents(text).splitlines()]) for text in texts]
