"""What a slide holds and does not show: hidden shapes, those beside the slide, and letters of no size, of no ink or of
the colour of what they stand on.

A shape beside the slide that an animation moves comes into it, and stays. A colour is believed where the letters' own
run sets it, and where what is behind them is known; else they stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.read.builder import count
from ingest.read.colours import WHITE, Rgb, alike
from ingest.read.scheme import A, drawn, theme_colours
from ingest.read.slides import Box, overlap

__all__ = ["drop_hidden", "scheme_of"]

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_SMALLEST = 100
"""Hundredths of a point."""
_FILLS = frozenset(f"{A}{kind}Fill" for kind in ("solid", "grad", "blip", "patt", "grp", "no"))
_TRUE = frozenset({"1", "true"})
_FAINT = 0.1
"""Of 1: letters less opaque are not seen."""
_PLAIN_GROUND = "1001"
"""The first of a theme's backgrounds, of one colour in every theme that Office has; the others are gradients."""

Scheme = Mapping[str, Rgb]


def scheme_of(master: Any) -> Scheme:
    """The colours by the names that the slides of a master give them: ``bg1`` is its theme's ``lt1``, or another."""
    themes = [related.target_part.blob for related in master.part.rels.values() if related.reltype == _THEME]
    colours = theme_colours(themes[0] if themes else None)
    mapping = master.element.find(f"{_P}clrMap")
    names = mapping.attrib.items() if mapping is not None else ()
    return colours | {name: colours[value] for name, value in names if value in colours}


def drop_hidden(slide: Any, width: int, height: int, scheme: Scheme) -> tuple[int, int]:
    """Take out of ``slide`` what is not shown: how many shapes, and how many characters of those that stay, white space
    not counted. ``width`` and ``height`` are of the slides."""
    shapes = sum(map(_drop, _hidden_shapes(slide, width, height)))
    characters = 0
    for shape, paper in list(_papers(slide, scheme)):
        for run in list(shape.iter(f"{A}r", f"{A}fld")):
            if _is_lost(run, _cell_paper(run, paper, scheme), scheme):
                characters += count(text.text for text in run.iter(f"{A}t"))
                run.getparent().remove(run)
    return shapes, characters


def _hidden_shapes(slide: Any, width: int, height: int) -> list[Any]:
    marked = [mark for mark in slide.shapes.element.iter(f"{_P}cNvPr") if mark.get("hidden") in _TRUE]
    hidden = [mark.getparent().getparent() for mark in marked]
    moved = {target.get("spid") for target in slide.element.iter(f"{_P}spTgt")}
    for shape in slide.shapes:
        box = _box(shape)
        if box is None or str(shape.shape_id) in moved:
            continue
        if box[2] < 0 or box[3] < 0 or box[0] > width or box[1] > height:
            hidden.append(shape.element)
    return hidden


def _drop(element: Any) -> bool:
    """Take the shape out; whether it had words, or was a chart, a table or a diagram."""
    if element.getparent() is None:  # its group is gone already, or it was found twice
        return False
    element.getparent().remove(element)
    words = any((text.text or "").strip() for text in element.iter(f"{A}t"))
    return words or next(element.iter(f"{_P}graphicFrame"), None) is not None


def _box(shape: Any) -> Box | None:
    """Where the shape stands, or may when it is turned; None where nothing says."""
    if None in {shape.left, shape.top, shape.width, shape.height}:
        return None
    across, up = shape.width / 2, shape.height / 2
    x, y = shape.left + across, shape.top + up
    if getattr(shape, "rotation", 0.0):
        across = up = (across**2 + up**2) ** 0.5
    return x - across, y - up, x + across, y + up


def _papers(slide: Any, scheme: Scheme) -> Iterator[tuple[Any, Rgb | None]]:
    """Each shape's element, with what its letters stand on; None where that is not known."""
    layout = slide.slide_layout
    ground = _ground(slide, scheme)
    below = [shape for part in (layout, layout.slide_master) for shape in part.shapes if not shape.is_placeholder]
    for shape in slide.shapes:
        fill = _fill(shape, layout) if shape.element.tag == f"{_P}sp" else _UNKNOWN
        if fill is not None:
            below.append(shape)
            yield shape.element, _plain(fill, scheme)
        else:
            box = _box(shape)
            covered = box is None or any(overlap(box, _box(other)) for other in below)
            yield shape.element, None if covered else ground


_UNKNOWN = object()
"""A fill that is there, and of which no more is known."""


def _fill(shape: Any, layout: Any) -> Any:
    """The element that fills the shape; None where it lets through what is behind it."""
    chain = [shape, *_patterns(shape, layout)]
    for each in chain:
        said = next((child for child in each.element.spPr if child.tag in _FILLS), None)
        if said is not None:
            return None if said.tag == f"{A}noFill" else said
    style = shape.element.find(f"{_P}style/{A}fillRef")
    return None if style is None or style.get("idx") == "0" else _UNKNOWN


def _patterns(shape: Any, layout: Any) -> Iterator[Any]:
    """The placeholders of the layout and its master that a placeholder is filled by."""
    if not shape.is_placeholder:
        return
    for pattern in layout.placeholders:
        if pattern.placeholder_format.idx == shape.placeholder_format.idx:
            yield pattern
            kind = pattern.placeholder_format.type
            yield from (p for p in layout.slide_master.placeholders if p.placeholder_format.type == kind)


def _ground(slide: Any, scheme: Scheme) -> Rgb | None:
    """What the slide itself is of: its own background, else its layout's, else its master's."""
    layout = slide.slide_layout
    said = (part.element.find(f"{_P}cSld/{_P}bg") for part in (slide, layout, layout.slide_master))
    ground = next((element for element in said if element is not None), None)
    if ground is None:
        return WHITE
    if slide.element.find(f"{_P}clrMapOvr/{A}overrideClrMapping") is not None:
        return None
    reference = ground.find(f"{_P}bgRef")
    if reference is not None:
        return _plain(reference, scheme) if reference.get("idx") == _PLAIN_GROUND else None
    fill = ground.find(f"{_P}bgPr/{A}solidFill")
    return _plain(fill, scheme) if fill is not None else None


def _plain(fill: Any, scheme: Scheme) -> Rgb | None:
    """The one colour of a fill that lets nothing through, else None."""
    if fill is _UNKNOWN or fill.tag not in {f"{A}solidFill", f"{_P}bgRef"} or len(fill) == 0:
        return None
    colour = drawn(fill[0], scheme)
    return colour[0] if colour is not None and colour[1] == 1.0 else None


def _cell_paper(run: Any, paper: Rgb | None, scheme: Scheme) -> Rgb | None:
    """A run of a table stands on its cell: on ``paper`` where it is in none."""
    cell = next(run.iterancestors(f"{A}tc"), None)
    if cell is None:
        return paper
    fill = cell.find(f"{A}tcPr/{A}solidFill")
    return _plain(fill, scheme) if fill is not None else None


def _is_lost(run: Any, paper: Rgb | None, scheme: Scheme) -> bool:
    own = run.find(f"{A}rPr")
    if own is None:
        return False
    if int(own.get("sz") or 2 * _SMALLEST) <= _SMALLEST:
        return True
    if any(own.find(f"{A}{name}") is not None for name in ("highlight", "effectLst", "effectDag")):
        return False
    line = own.find(f"{A}ln")
    if line is not None and line.find(f"{A}noFill") is None:
        return False
    if own.find(f"{A}noFill") is not None:
        return True
    fill = own.find(f"{A}solidFill")
    ink = drawn(fill[0], scheme) if fill is not None and len(fill) else None
    return ink is not None and (ink[1] < _FAINT or (paper is not None and alike(ink[0], paper)))
