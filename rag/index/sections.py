"""The parent of a chunk: what stands around it under the same headings. Small chunks are searched; of their section
the prompt may draw.

A section is made of whole chunks, so that it begins and ends between sentences, and is looked up when a chunk was
found: stored with each chunk, it would be kept as many times as it has chunks.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rag.pages import pages_within
from rag.types import Page, Section

__all__ = ["around", "sections"]

T = TypeVar("T")


def sections(db: sqlite3.Connection, ids: Sequence[int], reach: int) -> list[Section]:
    """The section of each chunk in ``ids``: it, and the neighbours of the same headings that lie within ``reach``
    characters of it on either side; with a reach of 0 the chunk alone."""
    return [_section(db, int(chunk_id), reach) for chunk_id in ids]


def _section(db: sqlite3.Connection, chunk_id: int, reach: int) -> Section:
    row = db.execute("SELECT doc_id, start, end FROM chunks WHERE chunk_id = ?", (chunk_id,)).fetchone()
    doc_id, start, end = row
    # Nothing but this document's rows is looked at, and of these only what comes before the text and the vector.
    near: list[tuple[Any, ...]] = db.execute(
        "SELECT chunk_id, start, end, headings FROM chunks WHERE doc_id = ? AND start >= ? AND end <= ? ORDER BY start",
        (doc_id, start - reach, end + reach),
    ).fetchall()
    at = next(place for place, one in enumerate(near) if one[0] == chunk_id)
    run = around(near, at, lambda one: one[3])
    start, end = min(one[1] for one in run), max(one[2] for one in run)
    text, pages = db.execute(
        "SELECT substr(text, ?, ?), pages FROM documents WHERE doc_id = ?", (start + 1, end - start, doc_id)
    ).fetchone()
    found = [Page(**page) for page in json.loads(pages)]
    return Section(start, end, text, pages_within(found, start, end))


def around(places: Sequence[T], at: int, headings: Callable[[T], object]) -> Sequence[T]:
    """The longest run of ``places`` around ``places[at]`` that all have its headings."""
    own = headings(places[at])
    first = last = at
    while first > 0 and headings(places[first - 1]) == own:
        first -= 1
    while last + 1 < len(places) and headings(places[last + 1]) == own:
        last += 1
    return places[first : last + 1]
