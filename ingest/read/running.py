"""Running headers and footers: what pages say at their upper and lower ends over and over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.read.lines import Line

__all__ = ["without_running_lines"]

_MOST_PAGES = 0.6
"""Share of the pages, or of the odd or the even ones, that a line stands on to be running."""
_FEWEST = 3
"""Pages. On fewer, what comes back on every other page may be the text's own."""
_ROMAN_NUMBER = re.compile(r"(?:p[aá]g(?:ina|e|\.)?)?[\W_]*(?=[ivxlc])(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})[\W_]*", re.I)
_PLACE = 2.0
"""Points that a header's height may differ from page to page."""

End = tuple[int, str]
"""``(page, key)`` of a line at the end of a page."""


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages' lines without headers and footers, page numbers in them aside.

    A line at the end of a page (one of two at each end of a long one) is running when it stands on most pages, or on
    most odd or most even ones, where books put their title and the chapter's by turns; or when the pages around it
    say the same at the same height, as the title of a chapter does on that chapter's pages, and most pages have such a
    line there. Pages that say the same are copies, and count once: what they share is their text.
    """
    ends = [_ends(lines) for lines in pages]
    keys = {n: {_key(pages[n][at]) for at in ends[n]} for n in _different(pages)}
    running = _frequent(list(keys.values()))
    for side in (0, 1):
        running |= _frequent([of_page for n, of_page in keys.items() if n % 2 == side], _FEWEST)
    chapters = _chapters(pages, ends) if len(keys) > 1 else set()
    kept = [
        [
            line
            for at, line in enumerate(lines)
            if not line.text.strip() or not (_key(line) in running or (number, at) in chapters)
        ]
        for number, lines in enumerate(pages)
    ]
    # Short pages of which all comes back are text.
    return kept if any(line.text.strip() for lines in kept for line in lines) else [list(lines) for lines in pages]


def _different(pages: Sequence[Sequence[Line]]) -> list[int]:
    """The numbers of the pages that say what no page before them says."""
    first: dict[tuple[str, ...], int] = {}
    for number, lines in enumerate(pages):
        first.setdefault(tuple(line.text for line in lines), number)
    return list(first.values())


def _ends(lines: Sequence[Line]) -> list[int]:
    """The indices of the outermost lines, in the order of reading and on the page; none of a page of one line, which is
    its text. Programs write a page's footer before its text as often as after it."""
    filled = [at for at, line in enumerate(lines) if line.text.strip()]
    edge = 2 if len(filled) >= 8 else 1
    if len(filled) < 2:
        return []
    placed = sorted((at for at in filled if lines[at].groups), key=lambda at: lines[at].height)
    return sorted({*filled[:edge], *filled[-edge:], *placed[:edge], *placed[len(placed) - edge :]})


def _frequent(keys: Sequence[Iterable[str]], fewest: int = 2) -> set[str]:
    counts: Counter[str] = Counter()
    for of_page in keys:
        counts.update(of_page)
    return {key for key, count in counts.items() if count >= fewest and count > _MOST_PAGES * len(keys)}


def _chapters(pages: Sequence[Sequence[Line]], ends: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """``(page, line)`` of the lines that a page one or two away also has, at their height, and most pages have one."""
    found: set[tuple[int, int]] = set()
    for number, (lines, of_page) in enumerate(zip(pages, ends, strict=True)):
        near = [n for n in (number - 2, number - 1, number + 1, number + 2) if 0 <= n < len(pages)]
        around = [pages[n][at] for n in near for at in ends[n]]
        found |= {(number, at) for at in of_page if any(_is_same(lines[at], line) for line in around)}
    places = [[pages[number][at].height for number, at in found if number == n] for n in range(len(pages))]
    kept: set[tuple[int, int]] = set()
    for number, at in found:
        height = pages[number][at].height
        share = sum(any(abs(other - height) <= _PLACE for other in of_page) for of_page in places)
        if len(pages) >= _FEWEST and share > _MOST_PAGES * len(pages):
            kept.add((number, at))
    return kept


def _is_same(line: Line, other: Line) -> bool:
    return _key(line) == _key(other) and abs(line.height - other.height) <= _PLACE


def _key(line: Line) -> str:
    """What a line says, numbers aside; so are Roman ones where nothing else is said, as in a book's front matter."""
    text = re.sub(r"\d+", "#", " ".join(line.text.split()))
    return "#" if _ROMAN_NUMBER.fullmatch(text) else text
