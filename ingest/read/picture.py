"""A page of a PDF as a picture with a span of the document's text marked on it, drawn in a capped child process.

pdfium is fed what anybody put into the folder, so that it never runs in the process that serves: the child
(``python -m ingest.read.picture``) has the limits of ``ingest.read.child``. pillow draws the marks and writes the PNG;
it comes with python-pptx, which reads slides.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import math
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.read.boxes import Box, boxes
from ingest.read.child import Child, serve
from ingest.regular import open_regular
from rag.config import IngestSettings
from rag.errors import SourceChanged, SourceGone, UnreadableFile
from rag.types import Document, Page

__all__ = ["Painter", "Picture", "paint"]

_PIXELS = 12e6
"""A page many times as long as wide is drawn smaller, so that it fits."""
_MARKER = (255, 226, 110)
"""Of a highlighter: multiplied with the page, so that letters under it stay black."""
_MARGIN = 1.5
"""Points around a box, as a hand with a marker would leave."""
_TOO_MUCH = "its page needs more time or memory than ingest.file_timeout_s and ingest.file_memory_bytes allow"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of a page; ``boxes`` are the marks, each left, top, right, bottom in shares of its width and height."""

    png: bytes
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]


def paint(data: bytes, text: str, pages: tuple[Page, ...], number: int, span: tuple[int, int], width: int) -> Picture:
    """Page ``number`` of the PDF ``data``, ``width`` pixels wide, what it holds of ``text[start:end]`` marked.

    ``text`` and ``pages`` are those of the document read from ``data``. An empty span marks nothing. Raises
    UnreadableFile when the file cannot be opened or has no such page.
    """
    import pypdfium2
    from PIL import Image, ImageChops, ImageDraw

    page = next(page for page in pages if page.number == number)
    start, end = max(span[0], page.start), min(span[1], page.end)
    found = boxes(data, text, [page], start, end)[0].boxes if start < end else ()
    try:
        document = pypdfium2.PdfDocument(data)
        with contextlib.closing(document):
            shown = document[number - 1]
            size = shown.get_size()
            scale = min(width / size[0], math.sqrt(_PIXELS / (size[0] * size[1])))
            drawn = shown.render(scale=scale).to_pil().convert("RGB")
    except (IndexError, pypdfium2.PdfiumError) as error:
        raise UnreadableFile(f"page {number} cannot be drawn ({error})", hint="Read its text instead.") from error
    if found:
        marks = Image.new("RGB", drawn.size, "white")
        pen = ImageDraw.Draw(marks)
        for box in found:
            pen.rounded_rectangle([scale * side for side in _wider(box)], radius=2 * scale, fill=_MARKER)
        drawn = ImageChops.multiply(drawn, marks)
    png = io.BytesIO()
    drawn.save(png, "PNG", compress_level=3)
    shares = tuple((b.left / size[0], b.top / size[1], b.right / size[0], b.bottom / size[1]) for b in found)
    return Picture(png.getvalue(), drawn.width, drawn.height, shares)


def _wider(box: Box) -> tuple[float, float, float, float]:
    return box.left - _MARGIN, box.top - _MARGIN, box.right + _MARGIN, box.bottom + _MARGIN


class Painter:
    """Draws pages in a child process, one at a time; ``close`` ends it."""

    def __init__(self, settings: IngestSettings) -> None:
        self._turn = threading.Lock()
        self._child = Child("ingest.read.picture", settings)

    def paint(self, path: Path, document: Document, number: int, span: tuple[int, int], width: int) -> Picture:
        """Page ``number`` of ``document``, whose file is at ``path``; see ``paint`` of this module.

        Raises SourceGone or SourceChanged when the file is not there or is not the one that was indexed, and
        UnreadableFile when its page cannot be drawn, or not within the limits of ``ingest``.
        """
        page = next(page for page in document.pages if page.number == number)
        request = {
            "path": base64.b64encode(os.fsencode(path)).decode("ascii"),
            "sha256": document.sha256,
            "text": document.text[page.start : page.end],
            "page": asdict(page),
            "span": [max(span[0] - page.start, 0), max(span[1] - page.start, 0)],
            "width": width,
        }
        with self._turn:
            answer = self._child.ask(request)
        if isinstance(answer, str):
            answer = {"refusal": _TOO_MUCH}
        if answer.get("gone"):
            raise SourceGone(
                f"the file of {document.source} is not there any more.",
                subject=document.source,
                hint="Put it back, or ingest the folder again.",
            )
        if answer.get("changed"):
            raise SourceChanged(
                f"the file of {document.source} has changed since it was indexed.",
                subject=document.source,
                hint="Ingest the folder again.",
            )
        if "refusal" in answer:
            raise UnreadableFile(answer["refusal"], subject=document.source, hint="Read its text instead.")
        shares = tuple((box[0], box[1], box[2], box[3]) for box in answer["boxes"])
        return Picture(base64.b64decode(answer["png"]), answer["width"], answer["height"], shares)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._child.close()


def _indexed(path: Path, sha256: str) -> tuple[bytes, dict[str, Any]]:
    """What the file holds, or why it is not what was indexed. Where a link leads does not matter: its bytes are told by
    their hash."""
    try:
        with open_regular(path, follow=True) as file:
            data = file.read()
    except FileNotFoundError:
        return b"", {"gone": True}
    except UnreadableFile:  # a pipe, a socket or a device
        return b"", {"changed": True}
    except OSError as error:
        return b"", {"refusal": f"cannot be read: {error.strerror or error}"}
    return data, {"changed": True} if hashlib.sha256(data).hexdigest() != sha256 else {}


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The child's answer: the page's text came along, so that the span counts from where the page begins."""
    data, trouble = _indexed(Path(os.fsdecode(base64.b64decode(request["path"]))), request["sha256"])
    if trouble:
        return trouble
    given = Page(**request["page"])
    page = Page(given.number, 0, given.end - given.start, given.label)
    start, end = request["span"]
    try:
        picture = paint(data, request["text"], (page,), page.number, (start, end), request["width"])
    except UnreadableFile as error:
        return {"refusal": error.message}
    except MemoryError:
        return {"refusal": _TOO_MUCH}
    png = base64.b64encode(picture.png).decode("ascii")
    return {"png": png, "width": picture.width, "height": picture.height, "boxes": picture.boxes}


def _serve(memory_bytes: int, seconds: int) -> None:
    """The child's side."""
    import pypdfium2  # noqa: F401 - before the limit, which is for files and not for libraries
    from PIL import Image

    Image.init()
    serve(_answer, memory_bytes, seconds)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
