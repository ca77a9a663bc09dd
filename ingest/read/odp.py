"""ODP: a slide is a page: its title as a heading, its text in the order of reading, then the speaker's notes."""

from __future__ import annotations

import re
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.odf import DRAW, FO, PRESENTATION, STYLE, SVG, OpenDocument, Walk, paragraphs, text_of
from ingest.read.odp_papers import length
from ingest.read.slides import Placed, hidden_shapes, hidden_slides, in_reading_order

__all__ = ["read"]

_TRANSLATE = re.compile(r"translate\s*\(\s*(\S+?)[\s,]+(\S+?)\s*\)")
_RUNNING = frozenset({"header", "footer", "date-time", "page-number"})


def read(data: bytes) -> Extract:
    """The visible slides in order; each is a page of its number.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    document = OpenDocument(data)
    builder = Builder(title=document.title, hidden=document.hidden)
    walk = Walk(document, builder)
    hidden = gone = 0
    for number, slide in enumerate(document.body.iterchildren(f"{DRAW}page"), start=1):
        style = slide.get(f"{DRAW}style-name")
        if document.property(style, "drawing-page", f"{PRESENTATION}visibility") == "hidden":
            hidden += 1
            continue
        start = builder.begin_page()
        gone += _drop_beside(slide, document)
        _slide(slide, walk)
        builder.end_page(number, start)
    builder.warnings += [*hidden_slides(hidden), *hidden_shapes(gone)]
    return builder.extract()


def _drop_beside(slide: Any, document: OpenDocument) -> int:
    """Take out the shapes that stand beside the slide; how many had words. Where one is moved by an animation, it may
    come into it, and all stay; so do turned ones, whose place is written in another way."""
    size = _size(document, slide.get(f"{DRAW}master-page-name"))
    if size is None or any(element.tag.endswith("}animateMotion") for element in slide.iter("{*}*")):
        return 0
    gone = 0
    for shape in [shape for shape in slide if isinstance(shape.tag, str) and shape.get(f"{SVG}x") is not None]:
        left, top, width, height = (length(shape.get(f"{SVG}{side}")) for side in ("x", "y", "width", "height"))
        if left + width < 0 or top + height < 0 or left > size[0] or top > size[1]:
            gone += any(text_of(paragraph).strip() for paragraph in paragraphs(shape))
            slide.remove(shape)
    return gone


def _size(document: OpenDocument, master: str | None) -> tuple[float, float] | None:
    """How wide and high the slides of a master are, in centimetres; None where nothing says."""
    if document.common is None:
        return None
    of_master = (m for m in document.common.iter(f"{STYLE}master-page") if m.get(f"{STYLE}name") == master)
    name = next((element.get(f"{STYLE}page-layout-name") for element in of_master), None)
    layouts = (each for each in document.common.iter(f"{STYLE}page-layout") if each.get(f"{STYLE}name") == name)
    said = next((each.find(f"{STYLE}page-layout-properties") for each in layouts), None)
    if said is None:
        return None
    width, height = length(said.get(f"{FO}page-width")), length(said.get(f"{FO}page-height"))
    return (width, height) if width and height else None


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
    return Placed(shape, length(top), length(left), length(shape.get(f"{SVG}height")))
