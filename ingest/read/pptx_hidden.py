"""What a slide holds and does not show: hidden shapes, those beside the slide, and letters of no size, of no ink or of
the colour of what they stand on.

A shape beside the slide that an animation moves comes into it, and stays. A colour is believed where it is known, and
where what is behind the letters is; else they stay.
"""

from __future__ import annotations

from typing import Any

from ingest.read.builder import count
from ingest.read.colours import Rgb, alike
from ingest.read.pptx_letters import Letters
from ingest.read.pptx_papers import P, box_of, cell_paper, palette_of, papers
from ingest.read.scheme import A

__all__ = ["drop_hidden"]

_SMALLEST = 100
"""Hundredths of a point."""
_TRUE = frozenset({"1", "true"})
_FAINT = 0.1
"""Of 1: letters less opaque are not seen."""


def drop_hidden(slide: Any, width: int, height: int) -> tuple[int, int]:
    """Take out of ``slide`` what is not shown: how many shapes, and how many characters of those that stay, white space
    not counted. ``width`` and ``height`` are of the slides."""
    shapes = sum(map(_drop, _hidden_shapes(slide, width, height)))
    characters = 0
    palette = palette_of(slide)
    for shape, paper in list(papers(slide, palette)):
        letters = Letters(shape, slide, palette.scheme)
        for run in list(shape.element.iter(f"{A}r", f"{A}fld")):
            if _is_lost(run, letters, cell_paper(run, paper, palette.scheme)):
                characters += count(text.text for text in run.iter(f"{A}t"))
                run.getparent().remove(run)
    return shapes, characters


def _hidden_shapes(slide: Any, width: int, height: int) -> list[Any]:
    marked = [mark for mark in slide.shapes.element.iter(f"{P}cNvPr") if mark.get("hidden") in _TRUE]
    hidden = [mark.getparent().getparent() for mark in marked]
    moved = {target.get("spid") for target in slide.element.iter(f"{P}spTgt")}
    for shape in slide.shapes:
        box = box_of(shape)
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
    return words or next(element.iter(f"{P}graphicFrame"), None) is not None


def _is_lost(run: Any, letters: Letters, paper: Rgb | None) -> bool:
    size = letters.size(run)
    if size is not None and size <= _SMALLEST:
        return True
    # A link has the theme's colour for links.
    if any(run.find(f"{A}rPr/{A}{name}") is not None for name in ("highlight", "hlinkClick")):
        return False
    line, effects = letters.says(run, "ln"), letters.says(run, "effectLst", "effectDag")
    if (line is not None and line.find(f"{A}noFill") is None) or (effects is not None and len(effects)):
        return False
    ink = letters.ink(run)
    return ink is not None and (ink[1] < _FAINT or (paper is not None and alike(ink[0], paper)))
