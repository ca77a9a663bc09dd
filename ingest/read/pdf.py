"""PDF: pypdfium2 for the text of each page (pypdf's quality at twelve times its speed), pypdf where pdfium fails.

Running headers and footers that repeat are taken out, words hyphenated at line ends joined, lines of a paragraph
joined. A page without a text layer is reported; a file with none at all is refused: it is a scan.
"""

from __future__ import annotations

import io
import re
from collections import Counter

from ingest.read.builder import Builder, Extract
from rag.errors import UnreadableFile

__all__ = ["read"]

_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[A-ZÀ-Ý]")
_NO_TITLE = {"untitled", "sem título", "document", "documento"}
_ROW_NAME = re.compile(r"[A-Z]{1,3}-?\d{1,4}\b|\d{1,3}\s+\S")
_ITEM = re.compile(r"^\s*(?:[-–•*▪]\s|\d{1,2}[.)]\s|[a-z]\)\s)")


def read(data: bytes) -> Extract:
    """Pages with exact offsets. Raises UnreadableFile for encrypted, broken and scanned files."""
    title, texts = _pages(data)
    builder = Builder(title="" if title.lower() in _NO_TITLE else title)
    pages = [[line.rstrip() for line in text.replace("\r\n", "\n").split("\n")] for text in texts]
    running = _running_lines(pages)
    empty = [number for number, lines in enumerate(pages, 1) if not any(line.strip() for line in lines)]
    if len(empty) == len(pages):
        raise UnreadableFile("no text layer (a scan?)", hint="Run OCR on it (ocrmypdf) and ingest the result.")
    builder.warnings += [f"page {number}: no text layer (a scan?)" for number in empty]
    section = 0
    for number, lines in enumerate(pages, 1):
        start = builder.begin_page()
        kept = [line for line in lines if not line.strip() or _key(line) not in running]
        blocks, section = _blocks(kept, section)
        for kind, text in blocks:
            if kind:
                builder.heading(kind, text)
            else:
                builder.block(text)
        builder.end_page(number, start)
    return builder.extract()


def _pages(data: bytes) -> tuple[str, list[str]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            # pdfium joins a word hyphenated at a line's end itself and leaves U+FFFE where the hyphen was.
            texts = [page.get_textpage().get_text_range().replace("\ufffe", "") for page in document]
            return str(document.get_metadata_dict().get("Title", "")), texts
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("encrypted", hint="Save it without a password.") from error
        return _with_pypdf(data, error)


def _with_pypdf(data: bytes, first: Exception) -> tuple[str, list[str]]:
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
    return str(reader.metadata.title or "") if reader.metadata else "", texts


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _running_lines(pages: list[list[str]]) -> set[str]:
    """The outermost lines of a page (two at each end of a long one) that stand on most pages, digits aside."""
    counts: Counter[str] = Counter()
    for lines in pages:
        filled = [line for line in lines if line.strip()]
        edge = 2 if len(filled) >= 8 else 1
        counts.update({_key(line) for line in [*filled[:edge], *filled[-edge:]]} if len(filled) > 1 else ())
    return {key for key, count in counts.items() if count >= 2 and count > 0.6 * len(pages)}


def _blocks(lines: list[str], section: int) -> tuple[list[tuple[int, str]], int]:
    """``(heading level or 0, text)`` of each block, and the number of the last section, ``section`` before these lines.

    Lines are joined into paragraphs; headings, items and table rows stay apart.
    """
    widest = max((len(line) for line in lines), default=0)
    stripped = [line.strip() for line in lines]
    blocks: list[tuple[int, str]] = []
    paragraph = ""
    for index, line in enumerate(stripped):
        after = stripped[index + 1] if index + 1 < len(lines) else ""
        level = _heading_level(line)
        numbered = _NUMBERED.match(line) if level else None
        if numbered:
            # Rows of a numbered table look like headings: sections count on by one and have text after them.
            number = int(numbered.group(1).split(".")[0])
            level = 0 if number not in {section, section + 1} or _NUMBERED.match(after) else level
            section = number if level else section
        apart = bool(level) or _is_row(line)
        if not line or apart or _ITEM.match(line):
            blocks.append((0, paragraph))
            paragraph = ""
        if apart:
            blocks.append((level, line))
        elif line:
            paragraph = _joined(paragraph, line)
            if _ends_block(line, after, widest):
                blocks.append((0, paragraph))
                paragraph = ""
    blocks.append((0, paragraph))
    return [(level, text) for level, text in blocks if text], section


def _ends_block(line: str, after: str, widest: int) -> bool:
    """A line well short of the widest ends its paragraph, unless the next goes on in lower case; so does a table row
    (``E3 …``) before another."""
    if _ROW_NAME.match(line) and _ROW_NAME.match(after):
        return True
    return len(line) < 0.75 * widest and not (after[:1].islower() and not line.endswith((".", "!", "?", ":")))


def _joined(paragraph: str, line: str) -> str:
    if not paragraph:
        return line
    if re.search(r"[a-zà-ÿ]-$", paragraph) and line[:1].islower():
        return paragraph[:-1] + line
    return f"{paragraph} {line}"


def _is_row(line: str) -> bool:
    """A table row, as pdfium lays it out: cells apart by two spaces or more."""
    return len(re.findall(r"\S\s{2,}\S", line.strip())) >= 2


def _heading_level(line: str) -> int:
    if not 3 <= len(line) <= 90 or line.endswith((".", ",", ";", ":")):
        return 0
    numbered = _NUMBERED.match(line)
    if numbered and len(line.split()) <= 12:
        return 1 + numbered.group(1).count(".")
    letters = [c for c in line if c.isalpha()]
    return 1 if len(letters) >= 4 and all(c.isupper() for c in letters) and len(line.split()) <= 10 else 0
