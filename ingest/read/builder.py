"""Blocks → one text with exact offsets: what every reader writes into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.text import normalise
from rag.types import Heading, Page

__all__ = ["Builder", "Extract", "table_rows"]


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader found: the text, already normalised, and what points into it."""

    text: str
    title: str = ""
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Builder:
    """Collects blocks, one blank line between them; text is normalised as it comes in, before any offset is taken."""

    title: str = ""
    warnings: list[str] = field(default_factory=list)
    _text: str = ""
    _headings: list[Heading] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)
    _repaired: bool = False

    def block(self, text: str, *, separator: str = "\n\n") -> tuple[int, int]:
        """Append a block; its offsets. Empty text appends nothing."""
        clean = normalise(text).strip()
        self._repaired |= clean != text.strip() and _without_marks(clean) != _without_marks(text)
        if not clean:
            return len(self._text), len(self._text)
        start = len(self._text) + (len(separator) if self._text else 0)
        self._text += (separator if self._text else "") + clean
        return start, len(self._text)

    def heading(self, level: int, text: str) -> None:
        """Append a heading; ``level`` 1 is the outermost."""
        start, end = self.block(" ".join(text.split()))
        if end > start:
            self._headings.append(Heading(level, self._text[start:end], start, end))

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Append a table: each row is a line that says its header's names, so that a row alone means something."""
        for number, line in enumerate(table_rows(rows)):
            self.block(line, separator="\n\n" if number == 0 else "\n")

    def begin_page(self) -> int:
        """Where the page that begins now starts."""
        return len(self._text) + (2 if self._text else 0)

    def end_page(self, number: int, start: int) -> None:
        """Record page ``number`` from ``start`` to here; nothing for a page without text."""
        if len(self._text) > start:
            self._pages.append(Page(number, start, len(self._text)))

    def extract(self) -> Extract:
        warnings = list(self.warnings)
        if self._repaired:
            warnings.append("wrongly decoded characters were repaired")
        return Extract(self._text, self.title.strip(), tuple(self._pages), tuple(self._headings), tuple(warnings))


def _without_marks(text: str) -> str:
    """Only what repair of mojibake changes: ASCII letters and the count of other letters do not."""
    return "".join(c for c in text if c in "√Ã¬â‚")


def table_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """``[["Modelo", "Potência"], ["P-200", "0,75 kW"]]`` → ``["Modelo: P-200 | Potência: 0,75 kW"]``.

    A table of one row, or whose first row has empty cells, has no header: its rows are joined as they stand.
    """
    cleaned = [[" ".join(cell.split()) for cell in row] for row in rows]
    cleaned = [row for row in cleaned if any(row)]
    if not cleaned:
        return []
    header = cleaned[0]
    if len(cleaned) == 1 or not all(header):
        return [" | ".join(cell for cell in row if cell) for row in cleaned]
    lines = []
    for row in cleaned[1:]:
        pairs = [f"{name}: {cell}" for name, cell in zip(header, row, strict=False) if cell]
        pairs += [cell for cell in row[len(header) :] if cell]
        lines.append(" | ".join(pairs))
    return lines
