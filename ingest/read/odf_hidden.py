"""Letters that an OpenDocument file holds and does not show: hidden by their style, of no size, or of the colour of
what they stand on."""

from __future__ import annotations

import re
from typing import Any

from ingest.read.builder import count
from ingest.read.colours import WHITE, Rgb, alike
from ingest.read.odf_grounds import Grounds, colour
from ingest.read.odf_styles import DRAW, FO, OFFICE, PRESENTATION, STYLE, TABLE, TEXT, Styles, said

__all__ = ["drop_hidden", "is_lost_cell"]

_LETTERS = (f"{TEXT}span", f"{TEXT}p", f"{TEXT}h")
_OPACITY = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}opacity"
_OUTLINE = "-outline1"
_POINTS = re.compile(r"([\d.]+)pt")
_PERCENT = re.compile(r"([\d.]+)%")
_SMALLEST = 1.0
"""Points."""
_FAINT = 10.0
"""Percent: letters less opaque are not seen."""


def drop_hidden(body: Any, styles: Styles, grounds: Grounds) -> int:
    """Take out of ``body`` the letters that are not shown; how many they were, white space not counted."""
    in_shapes = body.tag == f"{OFFICE}presentation"  # where letters may be what their shape says
    hidden = 0
    for element in list(body.iter(*_LETTERS)):
        if not (in_shapes or element.get(f"{TEXT}style-name") or element.find(f"{TEXT}span") is not None):
            continue
        if said(styles.of(element)[:1], "text", f"{TEXT}display") in {"none", "condition"}:
            hidden += count(element.itertext())
            tail = element.tail
            element.clear()  # its place stays: what follows it in the line is its tail
            element.tail = tail
        elif _letters(element) and _is_lost(element, styles, grounds):
            hidden += count(_letters(element))
            element.text = None
            for child in element:
                child.tail = None
    return hidden


def is_lost_cell(styles: Styles, name: str | None) -> bool:
    """Whether a spreadsheet's cell of this style shows nothing of its letters."""
    chain = styles.chain("table-cell", name)
    if any(style.find(f"{STYLE}map") is not None for style in chain):  # another style, where a condition holds
        return False
    paper = said(chain, "table-cell", f"{FO}background-color")
    ink, stands_on = _ink(chain), WHITE if paper in {"", "transparent"} else colour(paper)
    return _is_tiny(chain) or (ink is not None and stands_on is not None and alike(ink, stands_on))


def _letters(element: Any) -> list[str]:
    """What stands in the element itself, not in those inside it."""
    parts = (element.text, *(child.tail for child in element))
    return [part for part in parts if part and not part.isspace()]


def _is_lost(element: Any, styles: Styles, grounds: Grounds) -> bool:
    chain = _around(element, styles)
    if _is_tiny(chain):
        return True
    outlined = said(chain, "text", f"{STYLE}text-outline") == "true"
    if outlined or said(chain, "text", f"{FO}text-shadow") not in {"", "none"}:
        return False
    ink = _ink(chain)
    if ink is None or _is_faint(chain):
        return ink is not None
    paper = grounds.of(element)
    return paper is not None and alike(ink, paper)


def _around(element: Any, styles: Styles) -> list[Any]:
    """The styles that say how the letters of an element look: its own, those around it, its cell's or its shape's."""
    chain = list(styles.of(element))
    lists = 0
    for around in element.iterancestors():
        lists += around.tag == f"{TEXT}list"
        if around.tag in _LETTERS:
            chain += styles.of(around)
        elif around.tag == f"{TABLE}table-cell":
            return chain + styles.of(around)
        elif around.get(f"{DRAW}style-name") or around.get(f"{PRESENTATION}style-name"):
            chain += styles.chain("paragraph", around.get(f"{DRAW}text-style-name"))
            return chain + _of_shape(around, lists, styles)
    return chain


def _of_shape(shape: Any, level: int, styles: Styles) -> list[Any]:
    """What a shape's styles say of letters in a list of this level. Each level of an outline has a style of its own, of
    which the shape names the first; what it says itself may be of that one only."""
    chain = styles.of(shape)
    if level < 2:
        return chain
    names = [style.get(f"{STYLE}name", "") for style in chain]
    at = next((at for at, name in enumerate(names) if name.endswith(_OUTLINE)), None)
    if at is None or _inked(chain[:at]) is not None:
        return []
    return styles.chain("presentation", f"{names[at].removesuffix('1')}{level}")


def _ink(chain: list[Any]) -> Rgb | None:
    """The colour of the letters; None where it is not known, or where it is light on dark and dark on light."""
    found = _inked(chain)
    return None if found is None else colour(found.get(f"{FO}color", ""))


def _inked(chain: list[Any]) -> Any:
    """The properties that colour the letters; None where none do."""
    for style in chain:
        properties = style.find(f"{STYLE}text-properties")
        if properties is None:
            continue
        if properties.get(f"{STYLE}use-window-font-color") == "true":
            return None
        if properties.get(f"{FO}color"):
            return properties
    return None


def _is_faint(chain: list[Any]) -> bool:
    opacity = _PERCENT.fullmatch(_inked(chain).get(_OPACITY, ""))
    return opacity is not None and float(opacity.group(1)) < _FAINT


def _is_tiny(chain: list[Any]) -> bool:
    size = _POINTS.fullmatch(said(chain, "text", f"{FO}font-size"))
    return size is not None and float(size.group(1)) <= _SMALLEST
