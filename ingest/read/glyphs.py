"""A page's characters, as pdfium places them, → lines with their fonts and groups of words."""

from __future__ import annotations

import ctypes
import itertools
import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.read.lines import Line, Words

__all__ = ["lines_of", "with_accents"]

_BOLD = re.compile(r"bold|black|heavy|demi|bx\d", re.IGNORECASE)
_BOLD_WEIGHT = 600
_FIXED_PITCH = 1
"""Of a font's flags (ISO 32000-1, table 123)."""
_COMBINING = {"´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¨": "\u0308", "¸": "\u0327", "`": "\u0300"}
_BESIDE = re.compile(r"([´ˆ˜¨¸`])([A-Za-zı])")
_NOTE_MARK = re.compile(r"(?:(?<=[^\W\d_]{4})|(?<=\w[.,;:!?)\"”’»]))\d{1,3}(?=\s|$)")
"""Digits after a word or what ends a sentence; a unit's power follows a shorter one: ``cm2``."""
_RAISED = 0.8
"""Times the size of what it stands after that a note's mark has at most."""
_LEVEL = 0.3
"""Times the font's size that the feet of a line's letters differ."""
_GROUPS_APART = 1.0
"""Times the font's size: no word space of a justified line is so wide."""


def lines_of(page: Any, outside: Collection[int] = ()) -> list[Line]:
    """The lines of pdfium's text page; ``outside`` are the indices of characters to leave out."""
    found = re.finditer(r"([^\n]*)(?:\n|\Z)", page.get_text_range())
    lines: list[Line] = []
    for match in found:
        line = _line(page, match.group(1), match.start(), outside)
        if lines and _goes_on(lines[-1], line):
            lines[-1] = _as_one(lines[-1], line)
        else:
            lines.append(line)
    return lines


def _goes_on(line: Line, after: Line) -> bool:
    """Whether pdfium broke one line in two, as it does at the raised mark of a note."""
    if not line.groups or not after.groups or not line.size:
        return False
    apart = after.groups[0].left - line.right
    return abs(line.height - after.height) < _LEVEL * line.size and -0.5 < apart / line.size <= _GROUPS_APART


def _as_one(line: Line, after: Line) -> Line:
    *first, last = line.groups
    following, *rest = after.groups
    whole = Words(f"{last.text} {following.text}", last.left, following.right)
    return replace(line, text=f"{line.text} {after.text}", groups=(*first, whole, *rest))


def _line(page: Any, text: str, start: int, outside: Collection[int]) -> Line:
    """The line ``text``, at ``start`` in the page's text. Its font is that of its middle: a drop cap or the mark of a
    footnote at an end is not the line's."""
    from pypdfium2 import raw

    shown = [
        (at, raw.FPDFText_GetCharIndexFromTextIndex(page, start + at)) for at, c in enumerate(text) if not c.isspace()
    ]
    if outside:
        shown = [(at, index) for at, index in shown if index not in outside]
        kept = {at for at, _ in shown}
        text = "".join(c if c.isspace() or at in kept else "\ufffe" for at, c in enumerate(text))
    if not _readable(text):
        return Line("")
    text = _without_note_marks(page, text, shown)
    sampled = [shown[0][1], shown[len(shown) // 2][1], shown[-1][1]]
    size = sorted(_size(page, index) for index in sampled)[1]
    fonts = [_font(page, index) for index in sampled]
    return Line(
        _readable(text),
        size=size,
        bold=all(bold for bold, _ in fonts),
        fixed=all(fixed for _, fixed in fonts),
        groups=tuple(_groups(page, text, shown, _GROUPS_APART * size)),
        height=page.get_charbox(shown[0][1])[1],
    )


def _without_note_marks(page: Any, text: str, shown: Sequence[tuple[int, int]]) -> str:
    """``text`` with the marks of its notes as hyphens joined away: ``em Aveiro.1 O contrato`` says neither where a
    sentence ends nor what it says."""
    index_at = dict(shown)
    for match in _NOTE_MARK.finditer(text):
        size = _size(page, index_at[match.start() - 1])
        if all(_size(page, index_at[at]) <= _RAISED * size for at in range(match.start(), match.end())):
            text = text[: match.start()] + "\ufffe" * len(match.group()) + text[match.end() :]
    return text


def _readable(text: str) -> str:
    """pdfium joins a word hyphenated at a line's end itself and leaves U+FFFE where the hyphen was."""
    return with_accents(text.replace("\ufffe", "")).strip()


def with_accents(text: str) -> str:
    """``text`` with its accents on their letters: older programs draw one beside the other (``manuten¸c˜ao``)."""
    return _BESIDE.sub(_composed, text) if _BESIDE.search(text) else text


def _composed(match: re.Match[str]) -> str:
    accent, letter = match.groups()
    letter = "i" if letter == "ı" else letter
    composed = unicodedata.normalize("NFC", letter + _COMBINING[accent])
    # ``d´Oeste`` has the accent for an apostrophe.
    apostrophe = letter.isupper() and match.string[max(match.start() - 1, 0) : match.start()].islower()
    return composed if len(composed) == 1 and not apostrophe else match.group()


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


def _font(page: Any, index: int) -> tuple[bool, bool]:
    """Whether it is bold, by the font's weight or by its name, for not all fonts state a weight; and whether its
    letters are equally wide."""
    from pypdfium2 import raw

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, index, name, len(name), flags)
    said = name.value.decode("utf-8", "replace")
    bold = bool(_BOLD.search(said)) or raw.FPDFText_GetFontWeight(page, index) >= _BOLD_WEIGHT
    return bold, bool(flags.value & _FIXED_PITCH)
