"""Blocks → one text with exact offsets: what every reader writes into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.read.tables import Cell, table_lines
from rag.text import invisible, normalise, repair_mojibake, tidy
from rag.types import Heading, Page

__all__ = ["Builder", "Extract", "count"]

_LONGEST_HEADING = 200
"""Characters. A paragraph set in a heading's style is text: as a heading it would crowd the chunk's own text out."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader found: the text, already normalised, and what points into it."""

    text: str
    title: str = ""
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    warnings: tuple[str, ...] = ()


def count(texts: Iterable[str | None]) -> int:
    """The characters of ``texts``, white space not counted: so text that was left out is counted in every format."""
    return sum(not c.isspace() for text in texts for c in text or "")


@dataclass(slots=True)
class Builder:
    """Collects blocks, one blank line between them; text is normalised as it comes in, before any offset is taken."""

    title: str = ""
    warnings: list[str] = field(default_factory=list)
    hidden: int = 0
    """Characters that the file holds and does not show, left out."""
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _headings: list[Heading] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)
    _repaired: bool = False
    _zero_width: int = 0
    _bidirectional: int = 0

    def block(self, text: str, *, separator: str = "\n\n") -> tuple[int, int]:
        """Append a block; its offsets. Empty text appends nothing."""
        repaired = repair_mojibake(text)
        self._repaired |= repaired != text
        zero_width, bidirectional = invisible(repaired)
        self._zero_width += zero_width
        self._bidirectional += bidirectional
        clean = tidy(repaired).strip()
        if not clean:
            return self._length, self._length
        start = self._length + (len(separator) if self._length else 0)
        self._parts += [separator, clean] if self._length else [clean]
        self._length = start + len(clean)
        return start, self._length

    def heading(self, level: int, text: str) -> None:
        """Append a heading; ``level`` 1 is the outermost."""
        start, end = self.block(" ".join(text.split()))
        if 0 < end - start <= _LONGEST_HEADING:
            self._headings.append(Heading(level, self._parts[-1], start, end))

    def table(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Append a table: each row is a line that says its header's names, so that a row alone means something."""
        for number, line in enumerate(table_lines(rows)):
            self.block(line, separator="\n\n" if number == 0 else "\n")

    def begin_page(self, separator: str = "\n\n") -> int:
        """Where the page that begins now starts, when ``separator`` goes before its first block."""
        return self._length + (len(separator) if self._length else 0)

    def end_page(self, number: int, start: int, label: str = "") -> None:
        """Record page ``number`` from ``start`` to here; nothing for a page without text."""
        if self._length > start:
            self._pages.append(Page(number, start, self._length, label))

    def extract(self) -> Extract:
        warnings = list(self.warnings)
        if self.hidden:
            warnings.append(f"hidden text: {self.hidden} character{'s' if self.hidden > 1 else ''}, left out")
        if self._repaired:
            warnings.append("wrongly decoded characters were repaired")
        # They hide words from a search, and words from a reader: whoever checks a citation should know of them.
        counts = ((self._zero_width, "zero-width"), (self._bidirectional, "bidirectional control"))
        warnings += [f"{kind} characters taken out: {count}" for count, kind in counts if count]
        title = normalise(self.title).strip()
        return Extract("".join(self._parts), title, tuple(self._pages), tuple(self._headings), tuple(warnings))
