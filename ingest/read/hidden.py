"""Text that a page holds and does not show: kept out, because a reader of the page could never check it.

Hidden is what is set smaller than a point, stands outside the page as it is cut, is drawn in no ink (render mode 3)
with no picture under it, or leaves no trace on the page: white on white, fully transparent, of the colour of the box
behind it, on a layer that is switched off. Whether a text leaves a trace is seen, not concluded: the page is drawn with
it and without it. Drawing costs some 50 ms, so that it is done only where a text's colour, or its lack, or its layer
gives reason to.

Invisible text over a picture is what OCR programs write over their scans: it says what the picture shows, and stays.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rect", "page_rect", "pictures_of", "shown_text"]

Rect = tuple[float, float, float, float]
"""Left, bottom, right, top: points in the page's own space, where y grows upwards."""

_INVISIBLE = {3, 7}
"""Render modes that draw nothing themselves: 3, and 7, which only cuts what is drawn after it."""
_LEAST_SIZE = 1.0
"""Points. Nobody sets text to be read so small; the smallest print of contracts has 4."""
_LEAST_WIDTH = 0.1
_LIGHT = 225
"""Of 255 in each of red, green and blue: lighter text may be lost on white."""
_FAINT = 64
"""Of 255: text less opaque may be lost."""
_TRACE = 16
"""Of 255: a smaller difference of a pixel nobody sees."""
_BOX = 4.0
"""Points: a filled shape smaller each way is a rule or a dot, and hides no text."""
_SHAPES = 2000
"""So many shapes of a page are looked at: drawings have a hundred thousand."""
_PIXELS = 4e6


@dataclass(slots=True, eq=False)
class _Run:
    """A text object of the page, and where its visible characters stand."""

    handle: Any
    boxes: list[Rect] = field(default_factory=list)


def shown_text(page: Any) -> tuple[Any, frozenset[int], int]:
    """``(text page, outside, hidden)`` of a pdfium page: its text without what is hidden, the indices of those of its
    characters that run over the page's edge, and how many characters were kept out, white space not counted."""
    text = page.get_textpage()
    runs = _runs(text)
    bounds = page_rect(page)
    away = {run for run in runs if all(not _within(box, bounds) for box in run.boxes)}
    small = {run for run in runs if run not in away and _is_tiny(run)}
    seen = [run for run in runs if run not in away and run not in small]
    blank = _without_ink(page, seen)
    gone = away | small | blank | _without_trace(page, [run for run in seen if run not in blank])
    count = sum(len(run.boxes) for run in gone)
    if gone:
        _activate(gone, False)
        text = page.get_textpage()
    if all(_within(box, bounds) for run in runs if run not in gone for box in run.boxes):
        return text, frozenset(), count
    outside = frozenset(index for index, _, box in _characters(text) if not _within(box, bounds))
    return text, outside, count + len(outside)


def page_rect(page: Any) -> Rect:
    """The part of the page that is shown: its crop box within its media box."""
    from pypdfium2 import raw

    rect = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, rect)
    return rect.left, rect.bottom, rect.right, rect.top


def _characters(text: Any) -> Iterator[tuple[int, Any, Rect]]:
    """``(index, text object, box)`` of each character that the page draws, white space left out."""
    from pypdfium2 import raw

    rect = raw.FS_RECTF()
    for index in range(text.count_chars()):
        if chr(raw.FPDFText_GetUnicode(text, index)).isspace():
            continue
        handle = raw.FPDFText_GetTextObject(text, index)
        if handle and raw.FPDFText_GetLooseCharBox(text, index, rect):
            yield index, handle, (rect.left, rect.bottom, rect.right, rect.top)


def _runs(text: Any) -> list[_Run]:
    found: dict[int, _Run] = {}
    for _, handle, box in _characters(text):
        found.setdefault(ctypes.addressof(handle.contents), _Run(handle)).boxes.append(box)
    return list(found.values())


def _within(box: Rect, bounds: Rect) -> bool:
    """Whether the box's middle is."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]


def _is_tiny(run: _Run) -> bool:
    """By the larger side of the boxes, for text may stand upright; a character of no width may be a combining one."""
    sides = [sorted((box[2] - box[0], box[3] - box[1])) for box in run.boxes]
    return max(larger for _, larger in sides) < _LEAST_SIZE or max(smaller for smaller, _ in sides) < _LEAST_WIDTH


def _without_ink(page: Any, runs: Sequence[_Run]) -> set[_Run]:
    """The runs of an invisible render mode that stand over no picture."""
    from pypdfium2 import raw

    invisible = [run for run in runs if raw.FPDFTextObj_GetTextRenderMode(run.handle) in _INVISIBLE]
    pictures = pictures_of(page) if invisible else []
    return {
        run
        for run in invisible
        if sum(any(_within(box, picture) for picture in pictures) for box in run.boxes) < len(run.boxes) / 2
    }


def pictures_of(page: Any) -> list[Rect]:
    """Where pictures and shadings stand. A form that holds one counts whole: what is in it has a space of its own."""
    from pypdfium2 import raw

    kinds = {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}
    found: list[Rect] = []
    for thing in page.get_objects(max_depth=1):
        within = page.get_objects(form=thing.raw, max_depth=5) if thing.type == raw.FPDF_PAGEOBJ_FORM else ()
        if thing.type in kinds or any(inner.type in kinds for inner in within):
            found.append(thing.get_bounds())
    return found


def _without_trace(page: Any, runs: Sequence[_Run]) -> set[_Run]:
    """The runs that change nothing of how the page looks."""
    suspects = _suspects(page, runs)
    if not suspects:
        return set()
    width, height = page.get_size()
    scale = min(2.0, math.sqrt(_PIXELS / (width * height)))
    with_them = _drawn(page, scale)
    _activate(suspects, False)
    without = _drawn(page, scale)
    _activate(suspects, True)
    trace = (np.maximum(with_them, without) - np.minimum(with_them, without)).max(axis=2)
    return {run for run in suspects if not _leaves(trace, page, run)}


def _suspects(page: Any, runs: Sequence[_Run]) -> list[_Run]:
    """The runs on a layer, and those whose colour is light, faint or that of a shape on the page."""
    from pypdfium2 import raw

    colours = [(_colour(run.handle, raw.FPDFTextObj_GetTextRenderMode(run.handle)), run) for run in runs]
    shapes: set[tuple[int, ...]] = set()
    if any(min(colour[:3]) < _LIGHT and colour[3] >= _FAINT for colour, _ in colours):
        shapes = _shapes(page)
    return [
        run
        for colour, run in colours
        if min(colour[:3]) >= _LIGHT
        or colour[3] < _FAINT
        or any(_alike(colour, shape) for shape in shapes)
        or _has_layer(run.handle)
    ]


def _has_layer(handle: Any) -> bool:
    from pypdfium2 import raw

    name, length = (ctypes.c_ushort * 8)(), ctypes.c_ulong()
    for number in range(raw.FPDFPageObj_CountMarks(handle)):
        raw.FPDFPageObjMark_GetName(raw.FPDFPageObj_GetMark(handle, number), name, ctypes.sizeof(name), length)
        if bytes(name)[: length.value].decode("utf-16-le").rstrip("\0") == "OC":
            return True
    return False


def _alike(colour: Sequence[int], other: Sequence[int]) -> bool:
    return all(abs(a - b) <= _TRACE for a, b in zip(colour[:3], other[:3], strict=True))


def _colour(handle: Any, mode: int) -> tuple[int, ...]:
    """Red, green, blue and opacity, 0 to 255, of what is drawn: the stroke in modes 1 and 5, else the fill. Of a
    pattern pdfium knows none: it is taken as opaque black."""
    from pypdfium2 import raw

    ask = raw.FPDFPageObj_GetStrokeColor if mode in {1, 5} else raw.FPDFPageObj_GetFillColor
    values = [ctypes.c_uint() for _ in range(4)]
    return tuple(value.value for value in values) if ask(handle, *values) else (0, 0, 0, 255)


def _shapes(page: Any) -> set[tuple[int, ...]]:
    """The colours of the page's filled shapes that are large enough to hide text."""
    from pypdfium2 import raw

    found: set[tuple[int, ...]] = set()
    for number, shape in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3)):
        if number >= _SHAPES:
            break
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(shape.raw, fill, stroke)
        left, bottom, right, top = shape.get_bounds()
        if fill.value and right - left >= _BOX and top - bottom >= _BOX:
            found.add(_colour(shape.raw, 0))
    return found


def _drawn(page: Any, scale: float) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = page.render(scale=scale, draw_annots=False, may_draw_forms=False).to_numpy().copy()
    return pixels


def _leaves(trace: NDArray[np.uint8], page: Any, run: _Run) -> bool:
    from pypdfium2 import raw

    height, width = trace.shape
    x, y = ctypes.c_int(), ctypes.c_int()
    for left, bottom, right, top in run.boxes:
        corners = []
        for corner in ((left, bottom), (right, top)):
            raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, *corner, x, y)
            corners.append((x.value, y.value))
        (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
        part = trace[max(y0 - 1, 0) : max(y1 + 2, 0), max(x0 - 1, 0) : max(x1 + 2, 0)]
        if part.size and part.max() >= _TRACE:
            return True
    return False


def _activate(runs: Iterable[_Run], active: bool) -> None:
    """Let pdfium draw and read the runs, or pass over them; the file is not touched."""
    from pypdfium2 import raw

    for run in runs:
        raw.FPDFPageObj_SetIsActive(run.handle, active)
