"""What the letters of an OpenDocument file stand on: a page, a slide, a cell, a shape, a paragraph of its own colour.

Where more than one thing may be behind them, or a gradient, a picture or a thing half seen through is, nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.read.colours import WHITE, Rgb, from_hex
from ingest.read.odf_styles import DRAW, FO, OFFICE, STYLE, TABLE, TEXT, Styles, said

__all__ = ["Ground", "Grounds", "colour", "filled"]

Ground = Rgb | None | Literal["clear"]
"""None is a colour that is not known; what is clear lets through what is behind it."""

_LETTERS = frozenset({f"{TEXT}span", f"{TEXT}p", f"{TEXT}h"})
_CONTENTS = frozenset(f"{OFFICE}{kind}" for kind in ("text", "presentation", "spreadsheet"))
_PAINTED = {f"{TABLE}table-row": "table-row", f"{TABLE}table": "table", f"{TEXT}section": "section"}
_AROUND = frozenset({f"{DRAW}text-box", f"{DRAW}a", f"{DRAW}g"})
"""They have no look of their own, but the shapes around or inside them."""


class Grounds:
    """Tells what letters stand on. ``body`` is the element of the content; ``parts`` are the roots of all that has
    styles; ``papers`` say what the shapes of slides are of."""

    def __init__(self, body: Any, styles: Styles, parts: tuple[Any, ...], papers: dict[Any, Rgb | None]) -> None:
        self._styles = styles
        self._papers = papers
        self._kind = body.tag.removeprefix(OFFICE)
        self._page = _page(parts) if self._kind == "text" else None
        self._conditional: dict[Any, bool] = {}

    def of(self, element: Any) -> Rgb | None:
        """What the letters that stand in ``element`` itself stand on; None where that is not known."""
        for around in (element, *element.iterancestors()):
            ground = self._own(around)
            if ground != "clear":
                return ground
        return None

    def _own(self, element: Any) -> Ground:
        tag = element.tag
        ground: Ground = "clear"
        if tag in _LETTERS:
            ground = self._of_letters(element)
        elif tag == f"{TABLE}table-cell":
            ground = self._of_cell(element)
        elif tag in _PAINTED:
            ground = _painted(self._styles.of(element), _PAINTED[tag])
            if ground == "clear" and element.get(f"{TABLE}template-name"):  # it colours what its cells do not
                ground = None
        elif tag in _CONTENTS:
            ground = self._page
        elif tag.startswith(DRAW) and tag not in _AROUND:
            ground = self._of_shape(element)
        return ground

    def _of_letters(self, element: Any) -> Ground:
        chain = self._styles.of(element)
        marked = _painted(chain, "text")
        return _painted(chain, "paragraph") if marked == "clear" else marked

    def _of_shape(self, shape: Any) -> Rgb | None:
        if self._kind == "presentation":
            return self._papers.get(shape)
        ground = filled(self._styles.of(shape))
        return None if ground == "clear" else ground

    def _of_cell(self, cell: Any) -> Ground:
        chain = self._styles.of(cell)
        painted = _painted(chain, "table-cell")
        if self._kind == "spreadsheet":
            named = cell.get(f"{TABLE}style-name") or cell.getparent().get(f"{TABLE}default-cell-style-name")
            if named is None or self._is_conditional(cell, chain):
                return None
            return WHITE if painted == "clear" else painted
        if self._kind == "presentation" and painted == "clear":
            return None
        return painted

    def _is_conditional(self, cell: Any, chain: list[Any]) -> bool:
        """Whether a condition may give the cell another look."""
        if any(style.find(f"{STYLE}map") is not None for style in chain):
            return True
        table = next(cell.iterancestors(f"{TABLE}table"), cell)
        if table not in self._conditional:
            self._conditional[table] = next(table.iter("{*}conditional-format"), None) is not None
        return self._conditional[table]


def colour(value: str) -> Rgb | None:
    """``#ffffff``; None for what is no colour."""
    return from_hex(value.removeprefix("#")) if value.startswith("#") else None


def filled(chain: list[Any], kind: str = "graphic") -> Ground:
    """What fills a shape or a slide of these styles."""
    fill = said(chain, kind, f"{DRAW}fill")
    if fill == "none":
        through = any(value == "true" for value in _all(chain, "fill-use-slide-background"))
        return None if through else "clear"
    if fill == "":  # frames of a text say it as paragraphs do
        return colour(said(chain, kind, f"{FO}background-color"))
    seen_through = said(chain, kind, f"{DRAW}opacity") not in {"", "100%"} or said(chain, kind, f"{DRAW}opacity-name")
    return colour(said(chain, kind, f"{DRAW}fill-color")) if fill == "solid" and not seen_through else None


def _all(chain: list[Any], name: str) -> Iterator[str]:
    """The values of an attribute of this local name, whatever its namespace."""
    for style in chain:
        for properties in style:
            yield from (value for key, value in properties.attrib.items() if key.endswith(f"}}{name}"))


def _painted(chain: list[Any], kind: str) -> Ground:
    """What is behind letters, a cell, a row, a table or a section by its own style."""
    if any(_has_picture(properties) for style in chain for properties in style):
        return None
    if kind != "text" and said(chain, "graphic", f"{DRAW}fill") not in {"", "none"}:
        return filled(chain)
    value = said(chain, kind, f"{FO}background-color")
    return "clear" if value in {"", "transparent"} else colour(value)


def _has_picture(properties: Any) -> bool:
    picture = properties.find(f"{STYLE}background-image")
    return picture is not None and (len(picture) > 0 or len(picture.attrib) > 0)


def _page(parts: tuple[Any, ...]) -> Rgb | None:
    """The colour of a text's pages, where it is one for all of them and nothing is drawn behind their letters."""
    layouts = [layout for part in parts for layout in part.iter(f"{STYLE}page-layout-properties")]
    drawn = (style for part in parts for each in part.iter(f"{OFFICE}automatic-styles") for style in each.iter())
    if any(_lies_behind(properties) for properties in drawn if properties.tag == f"{STYLE}graphic-properties"):
        return None
    if any(_has_picture(layout) or layout.get(f"{DRAW}fill", "none") not in {"none", "solid"} for layout in layouts):
        return None
    values = {layout.get(f"{FO}background-color", "transparent") for layout in layouts} or {"transparent"}
    colours = {WHITE if value == "transparent" else colour(value) for value in values}
    return colours.pop() if len(colours) == 1 else None


def _lies_behind(properties: Any) -> bool:
    around = properties.get(f"{STYLE}wrap"), properties.get(f"{STYLE}run-through")
    return around == ("run-through", "background")
