"""A page of a PDF as a picture with a span of the document's text marked on it, drawn in a capped child process.

pdfium is fed what anybody put into the folder, so that it never runs in the process that serves: the child
(``python -m ingest.read.picture``) is limited in memory and processor time by the system, in wall time by its parent,
answers in JSON (nothing it says is executed), and is replaced when it dies. pillow draws the marks and writes the PNG;
it comes with python-pptx, which reads slides.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import math
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from ingest.read.boxes import Box, boxes
from rag.config import IngestSettings
from rag.errors import SourceChanged, SourceGone, UnreadableFile
from rag.types import Document, Page

__all__ = ["Painter", "Picture", "paint"]

_PACKAGES = Path(__file__).parents[2]
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
        self._settings = settings
        self._turn = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

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
            answer = self._asked(request)
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
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):  # a killed child has nothing left to be told
                    pipe.close()
            self._child = None

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        timer = threading.Timer(self._settings.file_timeout_s, child.kill)
        timer.daemon = True
        timer.start()
        try:
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line.endswith("\n"):  # it died before or amid its answer
            self.close()
            return {"refusal": _TOO_MUCH}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            settings = self._settings
            limits = [str(settings.file_memory_bytes), str(math.ceil(settings.file_timeout_s))]
            self._child = subprocess.Popen(
                [sys.executable, "-m", "ingest.read.picture", *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                cwd=_PACKAGES,  # `-m` imports from the working directory first
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        return self._child


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The child's answer: the page's text came along, so that the span counts from where the page begins."""
    try:
        data = Path(os.fsdecode(base64.b64decode(request["path"]))).read_bytes()
    except FileNotFoundError:
        return {"gone": True}
    except OSError as error:
        return {"refusal": f"cannot be read: {error.strerror or error}"}
    if hashlib.sha256(data).hexdigest() != request["sha256"]:
        return {"changed": True}
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


def _serve(answers: TextIO, memory_bytes: int, seconds: int) -> None:
    """The child's loop: a request a line in, an answer a line out."""
    import pypdfium2  # noqa: F401 - before the limit, which is for files and not for libraries
    from PIL import Image

    Image.init()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        # The parent's clock is the limit; this one ends a child whose parent is gone.
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(used.ru_utime + used.ru_stime) + seconds + 1
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed if most < 0 else min(allowed, most), most))
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    # Answers keep the pipe to themselves: what a library prints goes where its complaints go.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _serve(pipe, int(sys.argv[1]), int(sys.argv[2]))
