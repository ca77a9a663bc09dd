"""Cells that a workbook holds and does not show: letters of the colour of their cell, of no size, or of a format that
shows nothing."""

from __future__ import annotations

from typing import Any

from ingest.read.colours import WHITE, Rgb, alike, from_hex, tinted
from ingest.read.scheme import NAMES, theme_colours

__all__ = ["Areas", "Inks"]

_SMALLEST = 1.0
"""Points: the least that Excel takes, and nobody reads."""

Areas = list[tuple[int, int, int, int]]
"""Ranges, first row, first column, last row, last column, all included."""


class Inks:
    """Tells which cells of a workbook, opened by openpyxl to be read only, are not shown."""

    def __init__(self, workbook: Any) -> None:
        self._scheme = theme_colours(workbook.loaded_theme)
        self._lost: dict[tuple[int, int], bool] = {}
        self._tiny: dict[int, bool] = {}

    def hide(self, cell: Any, coloured: Areas) -> bool:
        """Whether the cell's letters cannot be seen. In the areas ``coloured`` by something else than the cell, a
        table's style or a condition, nobody knows what they stand on."""
        font, fill = cell.style_array.fontId, cell.style_array.fillId
        if font not in self._tiny:
            self._tiny[font] = cell.font.sz is not None and cell.font.sz <= _SMALLEST
        if (font, fill) not in self._lost:
            self._lost[font, fill] = self._is_lost(cell)
        if self._tiny[font] or not self._lost[font, fill]:
            return self._tiny[font]
        return not any(top <= cell.row <= last and first <= cell.column <= end for top, first, last, end in coloured)

    def _is_lost(self, cell: Any) -> bool:
        ink = self._colour(cell.font.color)
        kind = cell.fill.fill_type
        paper = WHITE if kind in {None, "none"} else self._colour(cell.fill.fgColor) if kind == "solid" else None
        return ink is not None and paper is not None and alike(ink, paper)

    def _colour(self, colour: Any) -> Rgb | None:
        """None for a colour that is not set, or is the system's."""
        from openpyxl.styles.colors import COLOR_INDEX

        if colour is None:
            return None
        plain: Rgb | None = None
        if colour.type == "rgb":
            plain = from_hex(colour.rgb)
        elif colour.type == "indexed" and colour.indexed < len(COLOR_INDEX):
            plain = from_hex(COLOR_INDEX[colour.indexed])
        elif colour.type == "theme" and colour.theme < len(NAMES):
            plain = self._scheme.get(NAMES[colour.theme])
        tint = colour.tint or 0.0
        return tinted(plain, 1 - abs(tint), max(tint, 0.0)) if plain and tint else plain
