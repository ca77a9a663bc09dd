"""What the letters of a slide stand on: the fill of their shape, or the slide behind it where nothing else lies there.

Both may come from the layout or the master, in a colour that the theme names. Where more than one thing may be behind
the letters, or a gradient or a picture is, nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.read.colours import WHITE, Rgb
from ingest.read.scheme import FILLS, A, Scheme, backgrounds, drawn, theme_colours
from ingest.read.slides import Box, overlap

__all__ = ["P", "Palette", "box_of", "cell_paper", "kind_on_master", "palette_of", "papers", "patterns"]

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_FIRST_GROUND = 1001
_UNKNOWN = object()
"""A fill that is there, and of which no more is known."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours by the names that a slide gives them, ``bg1`` and the like; those that its master does, which may be
    others; and the fills of the theme's backgrounds."""

    scheme: Scheme
    of_master: Scheme
    grounds: list[Any]


def palette_of(slide: Any) -> Palette:
    """A theme that the slide or its layout changes is not looked into, nor are names that the layout gives anew."""
    layout = slide.slide_layout
    master = layout.slide_master
    themes = [related.target_part.blob for related in master.part.rels.values() if related.reltype == _THEME]
    changes = [related.reltype for part in (slide.part, layout.part) for related in part.rels.values()]
    if not themes or f"{_THEME}Override" in changes:
        return Palette({}, {}, [])
    colours = theme_colours(themes[0])
    of_master = _named(colours, master.element.find(f"{P}clrMap"))
    own, of_layout = (part.element.find(f"{P}clrMapOvr/{A}overrideClrMapping") for part in (slide, layout))
    if own is not None:
        return Palette(_named(colours, own), of_master, backgrounds(themes[0]))
    scheme = of_master if of_layout is None else {}
    return Palette(scheme, scheme, backgrounds(themes[0]))


def _named(colours: dict[str, Rgb], mapping: Any) -> dict[str, Rgb]:
    names = mapping.attrib.items() if mapping is not None else ()
    return colours | {name: colours[value] for name, value in names if value in colours}


def papers(slide: Any, palette: Palette) -> Iterator[tuple[Any, Rgb | None]]:
    """Each shape, those of groups too, with what its letters stand on; None where that is not known."""
    layout = slide.slide_layout
    ground = _ground(slide, palette)
    drawn_below = [shape for part in (layout, layout.slide_master) for shape in part.shapes if not shape.is_placeholder]
    below = [box_of(shape) for shape in drawn_below]
    for shape, box in _placed(slide.shapes):
        fill = _fill(shape, layout) if shape.element.tag == f"{P}sp" else _UNKNOWN
        if fill is not None:
            below.append(box)
            yield shape, _plain(fill, palette.scheme)
        else:
            covered = box is None or any(overlap(box, other) for other in below)
            yield shape, None if covered else ground


def _placed(shapes: Any, around: Box | None = None, *, grouped: bool = False) -> Iterator[tuple[Any, Box | None]]:
    """The shapes and where they stand; one of a group, somewhere in it."""
    for shape in shapes:
        box = around if grouped else box_of(shape)
        if shape.element.tag == f"{P}grpSp":
            yield from _placed(shape.shapes, box, grouped=True)
        else:
            yield shape, box


def box_of(shape: Any) -> Box | None:
    """Where the shape stands, or may when it is turned, in the units of the file; None where nothing says."""
    if None in {shape.left, shape.top, shape.width, shape.height}:
        return None
    across, up = shape.width / 2, shape.height / 2
    x, y = shape.left + across, shape.top + up
    if getattr(shape, "rotation", 0.0):
        across = up = (across**2 + up**2) ** 0.5
    return x - across, y - up, x + across, y + up


def patterns(shape: Any, layout: Any) -> list[Any]:
    """The placeholders of the layout and its master that a placeholder is like."""
    if not shape.is_placeholder:
        return []
    index = shape.placeholder_format.idx
    found = next((each for each in layout.placeholders if each.placeholder_format.idx == index), None)
    if found is None:
        return []
    kind = kind_on_master(found)
    return [found, *(p for p in layout.slide_master.placeholders if p.placeholder_format.type == kind)]


def kind_on_master(pattern: Any) -> Any:
    """What a placeholder of a layout is like on its master, which has one for all titles and one for all contents."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    kind = pattern.placeholder_format.type
    if kind in {KIND.TITLE, KIND.CENTER_TITLE, KIND.VERTICAL_TITLE}:
        return KIND.TITLE
    return kind if kind in {KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER, KIND.HEADER} else KIND.BODY


def _fill(shape: Any, layout: Any) -> Any:
    """The element that fills the shape; None where it lets through what is behind it."""
    for each in (shape, *patterns(shape, layout)):
        properties = each.element.find(f"{P}spPr")
        said = next((child for child in properties if child.tag in FILLS), None) if properties is not None else None
        if said is not None:
            return None if said.tag == f"{A}noFill" else said
    style = shape.element.find(f"{P}style/{A}fillRef")
    return None if style is None or style.get("idx") == "0" else _UNKNOWN


def _ground(slide: Any, palette: Palette) -> Rgb | None:
    """What the slide itself is of: its own background, else its layout's, else its master's."""
    layout = slide.slide_layout
    own = slide.element.find(f"{P}cSld/{P}bg")
    if own is not None:
        return _background(own, palette.scheme, palette.grounds)
    said = (part.element.find(f"{P}cSld/{P}bg") for part in (layout, layout.slide_master))
    ground = next((element for element in said if element is not None), None)
    if ground is None:
        return WHITE
    # Where the slide gives the names to other colours, it is not said which of them its master's background is of.
    found = {_background(ground, scheme, palette.grounds) for scheme in (palette.scheme, palette.of_master)}
    return found.pop() if len(found) == 1 else None


def _background(ground: Any, scheme: Scheme, of_theme: list[Any]) -> Rgb | None:
    reference = ground.find(f"{P}bgRef")
    if reference is None:
        return _plain(ground.find(f"{P}bgPr/{A}solidFill"), scheme)
    at = int(reference.get("idx") or 0) - _FIRST_GROUND
    said = drawn(reference[0], scheme) if len(reference) else None
    if said is None or not 0 <= at < len(of_theme):
        return None
    return _plain(of_theme[at], {**scheme, "phClr": said[0]})


def _plain(fill: Any, scheme: Scheme) -> Rgb | None:
    """The one colour of a fill that lets nothing through, else None."""
    if fill is None or fill is _UNKNOWN or fill.tag != f"{A}solidFill" or len(fill) == 0:
        return None
    colour = drawn(fill[0], scheme)
    return colour[0] if colour is not None and colour[1] == 1.0 else None


def cell_paper(run: Any, paper: Rgb | None, scheme: Scheme) -> Rgb | None:
    """A run of a table stands on its cell: on ``paper`` where it is in none."""
    cell = next(run.iterancestors(f"{A}tc"), None)
    return paper if cell is None else _plain(cell.find(f"{A}tcPr/{A}solidFill"), scheme)
