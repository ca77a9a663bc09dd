"""ODP: a slide is a page: its title as a heading, its text in the order of reading, then the speaker's notes."""

from __future__ import annotations

import re
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.odf import DRAW, PRESENTATION, SVG, OpenDocument, Walk, paragraphs, text_of
from ingest.read.slides import Placed, hidden_slides, in_reading_order

__all__ = ["read"]

_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|pc|px)")
_TRANSLATE = re.compile(r"translate\s*\(\s*(\S+?)[\s,]+(\S+?)\s*\)")
_RUNNING = frozenset({"header", "footer", "date-time", "page-number"})


def read(data: bytes) -> Extract:
    """The visible slides in order; each is a page of its number.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    document = OpenDocument(data)
    builder = Builder(title=document.title, hidden=document.hidden)
    walk = Walk(document, builder)
    hidden = 0
    for number, slide in enumerate(document.body.iterchildren(f"{DRAW}page"), start=1):
        style = slide.get(f"{DRAW}style-name")
        if document.property(style, "drawing-page", f"{PRESENTATION}visibility") == "hidden":
            hidden += 1
            continue
        start = builder.begin_page()
        _slide(slide, walk)
        builder.end_page(number, start)
    builder.warnings += hidden_slides(hidden)
    return builder.extract()


def _slide(slide: Any, walk: Walk) -> None:
    notes = slide.find(f"{PRESENTATION}notes")
    shapes = [shape for shape in slide if isinstance(shape.tag, str) and shape is not notes]
    titles = [shape for shape in shapes if shape.get(f"{PRESENTATION}class") == "title"]
    for title in titles:
        walk.builder.heading(1, " ".join(text_of(paragraph) for paragraph in paragraphs(title)))
    _shapes([shape for shape in shapes if shape not in titles], walk)
    if notes is not None:
        _shapes([frame for frame in notes if frame.get(f"{PRESENTATION}class") == "notes"], walk)


def _shapes(shapes: list[Any], walk: Walk) -> None:
    for shape in in_reading_order(map(_placed, shapes)):
        if shape.tag == f"{DRAW}g":
            _shapes([inner for inner in shape if isinstance(inner.tag, str)], walk)
        elif shape.get(f"{PRESENTATION}class") not in _RUNNING and shape.get(f"{PRESENTATION}placeholder") != "true":
            walk.blocks(shape)


def _placed(shape: Any) -> Placed:
    """A group has no place of its own: that of the first of its shapes."""
    left, top = shape.get(f"{SVG}x"), shape.get(f"{SVG}y")
    moved = _TRANSLATE.search(shape.get(f"{DRAW}transform") or "")
    if top is None and moved:
        left, top = moved.groups()
    if top is None and shape.tag == f"{DRAW}g":
        inner = [_placed(each) for each in shape if isinstance(each.tag, str)]
        first = min(inner, key=lambda placed: (placed.top, placed.left), default=Placed(shape, 0, 0, 0))
        return Placed(shape, first.top, first.left, first.height)
    return Placed(shape, _length(top), _length(left), _length(shape.get(f"{SVG}height")))


def _length(value: str | None) -> float:
    match = _LENGTH.fullmatch(value or "")
    return float(match.group(1)) * _CENTIMETRES[match.group(2)] if match else 0.0
