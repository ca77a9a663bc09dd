"""Where on its pages a span of a PDF's text stands, so that a citation can be drawn there.

Nothing of this is stored: the file is opened again when somebody asks. The document's text and the page's characters
are then laid side by side, and what is the same, in the same order, is taken for the same. What readers changed (words
joined over a hyphen, ligatures, accents, running lines, the names of columns said in each row) leaves gaps that do no
harm; carrying a place with each character through every step of reading would have cost more, and the index its size.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ingest.read.hidden import Rect, shown_text
from rag.errors import UnreadableFile
from rag.text import fold
from rag.types import Page

__all__ = ["Box", "PageBoxes", "boxes"]

_PARTS = 1000
"""pdfium gives places on a page as whole numbers: of thousandths of a point, then."""
_LEAST_ALIKE = 0.5
"""Share of a page's characters found on it; below, its text came from elsewhere (OCR of a garbled page)."""
_LONGEST_GAP = 1000
"""Characters that differ in one place and are compared one by one."""
_MANY_WORDS = 3000
"""On a page of more, a sheet of figures, what comes often is no point of departure: it would take minutes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points (1/72 inch) from the left and upper edges of the page as it is shown: cut to
    its crop box, turned as the file says."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """Page ``number`` (from 1), its size in points, and one box for each piece of a line of the span, in order."""

    number: int
    width: float
    height: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    """A character as it is compared, without case and accents. ``at`` is its place: in the text, or among the page's
    places. ``word`` counts the words before it."""

    character: str
    at: int
    word: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a character or a run of them stands on the page; ``upright`` when its line runs up or down."""

    rect: Rect
    upright: bool


def boxes(data: bytes, text: str, pages: Sequence[Page], start: int, end: int) -> list[PageBoxes]:
    """The boxes of ``text[start:end]``, page by page; ``text`` and ``pages`` are those of the document that was read
    from ``data``, a PDF. A page of which nothing is found, such as one read by OCR, comes without boxes.

    Raises ValueError for a span outside the text, UnreadableFile when the file cannot be opened.
    """
    import pypdfium2

    if not 0 <= start < end <= len(text):
        raise ValueError(f"no span of the text: {start} to {end}, of {len(text)}")
    touched = [page for page in pages if page.start < end and start < page.end]
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFile(f"not a PDF that can be opened ({error})") from error
    try:
        return [_on_page(document[page.number - 1], page, text, start, end) for page in touched]
    except (IndexError, pypdfium2.PdfiumError) as error:
        raise UnreadableFile(f"not the PDF that was read ({error})", hint="Ingest it again.") from error
    finally:
        document.close()


def _on_page(shown: Any, page: Page, text: str, start: int, end: int) -> PageBoxes:
    width, height = shown.get_size()
    drawn, places = _drawn(shown)
    written = list(_signs(enumerate(text[page.start : page.end], page.start)))
    pairs = _paired(written, drawn)
    pieces: Iterator[Rect] = iter(())
    if len(pairs) >= _LEAST_ALIKE * len(written):
        chosen = sorted({drawn[b].at for a, b in pairs if start <= written[a].at < end})
        pieces = _pieces([places[at] for at in chosen])
    return PageBoxes(page.number, width, height, tuple(_as_shown(shown, piece) for piece in pieces))


def _drawn(page: Any) -> tuple[list[_Sign], list[_Place]]:
    """The page's characters, and the places they point into."""
    from pypdfium2 import raw

    text, outside, _ = shown_text(page)
    rect = raw.FS_RECTF()
    characters: list[tuple[int, str]] = []
    places: list[_Place] = []
    for index in range(text.count_chars()):
        if index in outside:
            continue
        raw.FPDFText_GetLooseCharBox(text, index, rect)
        upright = abs(math.sin(raw.FPDFText_GetCharAngle(text, index))) > 0.7
        characters.append((len(places), chr(raw.FPDFText_GetUnicode(text, index))))
        places.append(_Place((rect.left, rect.bottom, rect.right, rect.top), upright))
    return list(_signs(characters)), places


def _as_shown(page: Any, rect: Rect) -> Box:
    from pypdfium2 import raw

    width, height = (round(side * _PARTS) for side in page.get_size())
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for corner in (rect[:2], rect[2:]):
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, *corner, x, y)
        corners.append((x.value / _PARTS, y.value / _PARTS))
    (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
    return Box(left, top, right, bottom)


def _signs(characters: Iterator[tuple[int, str]] | Sequence[tuple[int, str]]) -> Iterator[_Sign]:
    """Those that show something; a ligature is its letters. Two words are apart by white space."""
    word = 0
    for at, character in characters:
        if character.isspace():
            word += 1
        for part in fold(character):
            if part.isprintable() and not part.isspace():
                yield _Sign(part, at, word)


def _paired(written: Sequence[_Sign], drawn: Sequence[_Sign]) -> list[tuple[int, int]]:
    """``(written, drawn)`` indices of the signs that are the same: words first, and between them single signs."""
    left, right = _words(written), _words(drawn)
    ours, theirs = [_said(written, *span) for span in left], [_said(drawn, *span) for span in right]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=len(right) > _MANY_WORDS)
    pairs: list[tuple[int, int]] = []
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind not in {"equal", "replace"}:
            continue
        (at, to), (other, other_to) = (left[a][0], left[a_end - 1][1]), (right[b][0], right[b_end - 1][1])
        if kind == "equal":
            pairs += zip(range(at, to), range(other, other_to), strict=True)
        elif max(to - at, other_to - other) <= _LONGEST_GAP:
            within = SequenceMatcher(None, _said(written, at, to), _said(drawn, other, other_to), autojunk=False)
            for block in within.get_matching_blocks():
                pairs += ((at + block.a + n, other + block.b + n) for n in range(block.size))
    return pairs


def _words(signs: Sequence[_Sign]) -> list[tuple[int, int]]:
    """Where each word begins and ends."""
    begins = [n for n in range(len(signs)) if n == 0 or signs[n].word != signs[n - 1].word]
    return list(zip(begins, [*begins[1:], len(signs)], strict=True))


def _said(signs: Sequence[_Sign], start: int, end: int) -> str:
    return "".join(sign.character for sign in signs[start:end])


def _pieces(places: Sequence[_Place]) -> Iterator[Rect]:
    """The places of neighbours on one line as one; a gap wider than the line is high parts columns and cells."""
    whole: _Place | None = None
    for place in places:
        if whole and _follows(whole, place):
            (a, b, c, d), (left, bottom, right, top) = whole.rect, place.rect
            whole = _Place((min(a, left), min(b, bottom), max(c, right), max(d, top)), whole.upright)
        else:
            if whole:
                yield whole.rect
            whole = place
    if whole:
        yield whole.rect


def _follows(whole: _Place, place: _Place) -> bool:
    """Whether ``place`` goes on along the line of ``whole``."""
    along, across = (1, 0) if place.upright else (0, 1)
    start, end = place.rect[along], place.rect[along + 2]
    low, high = place.rect[across], place.rect[across + 2]
    size = high - low
    shared = min(whole.rect[across + 2], high) - max(whole.rect[across], low)
    apart = max(start - whole.rect[along + 2], whole.rect[along] - end)
    return whole.upright == place.upright and shared > 0.5 * size and -0.5 * size <= apart <= size
