"""What each shape of the slides of an ODP is of: its own fill, or the slide behind it where nothing else lies there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.read.colours import WHITE, Rgb
from ingest.read.odf_grounds import Ground, filled
from ingest.read.odf_styles import DRAW, PRESENTATION, STYLE, SVG, Styles
from ingest.read.slides import Box, overlap

__all__ = ["length", "papers"]

_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|pc|px)")
_GROUPS = frozenset({f"{DRAW}g", f"{DRAW}a"})


def length(value: str | None) -> float:
    """Centimetres; 0 for what is no length."""
    match = _LENGTH.fullmatch(value or "")
    return float(match.group(1)) * _CENTIMETRES[match.group(2)] if match else 0.0


def papers(body: Any, styles: Styles, common: Any) -> dict[Any, Rgb | None]:
    """What the letters of each shape stand on; None where that is not known. ``common`` is the root of the styles that
    the masters are among, or None."""
    masters = {} if common is None else {m.get(f"{STYLE}name"): m for m in common.iter(f"{STYLE}master-page")}
    of_masters = Styles(common) if common is not None else Styles()
    found: dict[Any, Rgb | None] = {}
    for slide in body.iterchildren(f"{DRAW}page"):
        master = masters.get(slide.get(f"{DRAW}master-page-name"))
        ground = _ground(slide, master, styles, of_masters)
        # What a placeholder of a master says is on no slide.
        drawn = [] if master is None else [each for each in _shapes(master) if not each.get(f"{PRESENTATION}class")]
        below = [_box(shape) for shape in drawn]
        for shape in _shapes(slide):
            box, fill = _box(shape), _fill(shape, styles)
            if fill != "clear":
                below.append(box)
                found[shape] = fill
            else:
                found[shape] = None if box is None or any(overlap(box, other) for other in below) else ground
    return found


def _ground(slide: Any, master: Any, styles: Styles, of_masters: Styles) -> Rgb | None:
    """What a slide is of, else its master. A master of nothing is white, like paper."""
    chain = styles.of(slide)
    own = _background(chain)
    if own != "clear" or master is None:
        return None if own == "clear" else own
    if any(properties.get(f"{PRESENTATION}background-visible") == "false" for style in chain for properties in style):
        return None
    drawn = _background(of_masters.of(master))
    if drawn == "clear":  # as older programs write it
        drawn = _background(of_masters.chain("presentation", f"{master.get(f'{STYLE}name')}-background"), "graphic")
    return WHITE if drawn == "clear" else drawn


def _background(chain: list[Any], kind: str = "drawing-page") -> Ground:
    fills = (properties.get(f"{DRAW}fill") for style in chain for properties in style)
    return filled(chain, kind) if any(fills) else "clear"


def _shapes(container: Any) -> Iterator[Any]:
    """The shapes in the order in which they are drawn, those of groups among them."""
    for element in container:
        if element.tag in _GROUPS:
            yield from _shapes(element)
        elif isinstance(element.tag, str) and element.tag.startswith(DRAW):
            yield element


def _fill(shape: Any, styles: Styles) -> Ground:
    """A picture, a chart or a table covers what is behind it, whatever its frame is filled with."""
    if shape.tag == f"{DRAW}frame" and shape.find(f"{DRAW}text-box") is None:
        return None
    return filled(styles.of(shape))


def _box(shape: Any) -> Box | None:
    """Where the shape stands, in centimetres; None for a line, and for what is turned."""
    if shape.get(f"{SVG}x") is None or shape.get(f"{DRAW}transform") is not None:
        return None
    left, top, width, height = (length(shape.get(f"{SVG}{side}")) for side in ("x", "y", "width", "height"))
    return left, top, left + width, top + height
