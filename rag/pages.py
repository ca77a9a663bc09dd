"""Which page of a document a place in its text is on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rag.types import Page

__all__ = ["page_at", "pages_within"]


def page_at(pages: Sequence[Page], offset: int) -> Page | None:
    """The page that ``offset`` stands on, between two pages the one before; None where there are no pages."""
    if not pages:
        return None
    return pages[max(0, bisect_right(pages, offset, key=lambda page: page.start) - 1)]


def pages_within(pages: Sequence[Page], start: int, end: int) -> tuple[Page, ...]:
    """The pages that the text from ``start`` to ``end`` touches, or the one it follows where it touches none."""
    touched = tuple(page for page in pages if page.start < end and start < page.end)
    before = page_at(pages, start)
    return touched or (() if before is None else (before,))
