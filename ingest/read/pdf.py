"""PDF: pypdfium2 for each page's text and fonts (pypdf's quality at twelve times its speed), pypdf where pdfium fails.

Running headers and footers that repeat are taken out, words hyphenated at line ends joined, lines of a paragraph
joined, also over a page's end. A page without a text layer is reported; a file with none at all is refused: it is a
scan.
"""

from __future__ import annotations

import ctypes
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.layout import Block, Style, blocks, continues, seam
from ingest.read.lines import Line, Words
from rag.errors import UnreadableFile

__all__ = ["read"]

_APART = "\n\n"
_NO_TITLE = {"untitled", "sem título", "document", "documento"}
_BOLD = re.compile(r"bold|black|heavy|demi|bx\d", re.IGNORECASE)
_BOLD_WEIGHT = 600
_GROUPS_APART = 1.0
"""Times the font's size: no word space of a justified line is so wide."""


def read(data: bytes) -> Extract:
    """Pages with exact offsets. Raises UnreadableFile for encrypted, broken and scanned files."""
    title, pages = _pages(data)
    builder = Builder(title="" if title.lower() in _NO_TITLE else title)
    running = _running_lines(pages)
    empty = [number for number, lines in enumerate(pages, 1) if not any(line.text.strip() for line in lines)]
    if len(empty) == len(pages):
        raise UnreadableFile("no text layer (a scan?)", hint="Run OCR on it (ocrmypdf) and ingest the result.")
    builder.warnings += [f"page {number}: no text layer (a scan?)" for number in empty]
    kept = [[line for line in lines if not line.text.strip() or _key(line) not in running] for lines in pages]
    _write(kept, builder)
    return builder.extract()


def _write(pages: Sequence[Sequence[Line]], builder: Builder) -> None:
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
        builder.end_page(number, start)


def _pages(data: bytes) -> tuple[str, list[list[Line]]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            return str(document.get_metadata_dict().get("Title", "")), [
                _lines(page.get_textpage()) for page in document
            ]
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("encrypted", hint="Save it without a password.") from error
        return _with_pypdf(data, error)


def _with_pypdf(data: bytes, first: Exception) -> tuple[str, list[list[Line]]]:
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
    return title, [[Line(line.rstrip()) for line in text.splitlines()] for text in texts]


def _lines(page: Any) -> list[Line]:
    """The lines of pdfium's text page."""
    found = re.finditer(r"([^\n]*)(?:\n|\Z)", page.get_text_range())
    return [_line(page, match.group(1), match.start()) for match in found]


def _line(page: Any, text: str, start: int) -> Line:
    """The line ``text``, at ``start`` in the page's text. Its font is that of its middle: a drop cap or the mark of a
    footnote at an end is not the line's."""
    from pypdfium2 import raw

    shown = [
        (at, raw.FPDFText_GetCharIndexFromTextIndex(page, start + at)) for at, c in enumerate(text) if not c.isspace()
    ]
    if not _readable(text):
        return Line("")
    sampled = [shown[0][1], shown[len(shown) // 2][1], shown[-1][1]]
    size = sorted(_size(page, index) for index in sampled)[1]
    return Line(
        _readable(text),
        size=size,
        bold=all(_is_bold(page, index) for index in sampled),
        groups=tuple(_groups(page, text, shown, _GROUPS_APART * size)),
        height=page.get_charbox(shown[0][1])[1],
    )


def _readable(text: str) -> str:
    """pdfium joins a word hyphenated at a line's end itself and leaves U+FFFE where the hyphen was."""
    return text.replace("\ufffe", "").strip()


def _groups(page: Any, text: str, shown: Sequence[tuple[int, int]], gap: float) -> Iterator[Words]:
    """The words that stand nearer to each other than ``gap`` points; ``shown`` are the visible characters' places in
    the line and in the page."""
    boxes = [page.get_charbox(index) for _, index in shown]
    begins = [0, *(n for n in range(1, len(boxes)) if boxes[n][0] - boxes[n - 1][2] > gap), len(boxes)]
    for first, end in itertools.pairwise(begins):
        words = _readable(text[shown[first][0] : shown[end - 1][0] + 1])
        yield Words(words, min(box[0] for box in boxes[first:end]), max(box[2] for box in boxes[first:end]))


def _size(page: Any, index: int) -> float:
    """Points, to the half: the font's size under the text's own scale, for many programs set 12 points as 1 × 12."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(page, index, matrix)
    size: float = raw.FPDFText_GetFontSize(page, index)
    return round(2 * size * math.hypot(matrix.c, matrix.d)) / 2


def _is_bold(page: Any, index: int) -> bool:
    """By the font's weight, or by its name: not all fonts state a weight."""
    from pypdfium2 import raw

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, index, name, len(name), flags)
    said = name.value.decode("utf-8", "replace")
    return bool(_BOLD.search(said)) or raw.FPDFText_GetFontWeight(page, index) >= _BOLD_WEIGHT


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.split()))


def _running_lines(pages: Sequence[Sequence[Line]]) -> set[str]:
    """The outermost lines of a page (two at each end of a long one) that stand on most pages, digits aside."""
    counts: Counter[str] = Counter()
    for lines in pages:
        filled = [line for line in lines if line.text.strip()]
        edge = 2 if len(filled) >= 8 else 1
        counts.update({_key(line) for line in [*filled[:edge], *filled[-edge:]]} if len(filled) > 1 else ())
    return {key for key, count in counts.items() if count >= 2 and count > 0.6 * len(pages)}
