"""OCR: the text of pictures, by tesseract where it is installed.

The program is called as it is, a process a page: its Python bindings are either the same call or a library to compile.
It gets one thread, for pages are read next to other work, and a time limit; it belongs to the reader's process group,
so that it ends when the reader is ended.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import shutil
import subprocess
import time
from dataclasses import dataclass

from ingest.read.lines import Line
from rag.errors import UnreadableFile

__all__ = [
    "GARBLED",
    "HINT",
    "IMAGES",
    "NO_LAYER",
    "NeedsOcr",
    "Ocr",
    "OutOfTime",
    "Recognised",
    "Tesseract",
    "installed",
    "refusals",
]

HINT = (
    "Install tesseract with Portuguese and English (apt install tesseract-ocr tesseract-ocr-por) and ingest again, "
    "or run ocrmypdf on it."
)
NO_LAYER = "no text layer (a scan?)"
GARBLED = "its text layer is garbled"
IMAGES = {
    "png": "an image (PNG)",
    "jpeg": "an image (JPEG)",
    "tiff": "an image (TIFF)",
    "gif": "an image (GIF)",
    "bmp": "an image (BMP)",
    "webp": "an image (WebP)",
}
_LANGUAGES = ("por", "eng")
_PAGE_SECONDS = 60.0
"""A page takes 2 to 10; one that takes more is a drawing."""
_LEGIBLE = 50.0
"""Percent of tesseract's own confidence. Of a photograph without writing it makes words, at 20 to 40."""
_SURE = 80.0
_NOISE = 30.0
"""Percent: a word less sure is a stain or a line of a table."""


class NeedsOcr(UnreadableFile):
    """A file of pictures, where there is no OCR."""


class OutOfTime(UnreadableFile):
    """A file of pictures whose first page OCR did not finish in the time it had."""


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program: its path, its version and those of our languages it has, as it calls them."""

    program: str
    version: str
    languages: tuple[str, ...]
    turns: bool
    """Whether it can tell which way up a page is."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lines of a page, paragraphs apart by an empty one; none when there is a ``problem``. ``sure``: whether
    tesseract is. ``late``: the file's time ended before."""

    lines: tuple[Line, ...] = ()
    sure: bool = True
    problem: str = ""
    late: bool = False

    @property
    def remark(self) -> str:
        """What the report says of it."""
        if self.problem:
            return f"OCR: {self.problem}"
        return "read by OCR" if self.sure else "read by OCR, which is unsure of it"


_LATE = Recognised(problem="no time left (ingest.file_timeout_s)", late=True)


@dataclass(frozen=True, slots=True)
class Ocr:
    """Tesseract for one file, until ``deadline`` (of ``time.monotonic``)."""

    engine: Tesseract
    deadline: float

    def recognise(self, picture: bytes, dpi: int = 0) -> Recognised:
        """The text of ``picture`` (PGM, PNG …) of ``dpi`` dots an inch, 0 when unknown. Raises nothing: what goes
        wrong with a page is said of that page."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return _LATE
        engine = self.engine
        command = [engine.program, "stdin", "stdout", "-l", "+".join(engine.languages)]
        command += ["--psm", "1"] if engine.turns else []
        command += ["--dpi", str(dpi)] if dpi else []
        try:
            done = _run([*command, "tsv"], min(_PAGE_SECONDS, left), picture)
        except subprocess.TimeoutExpired:
            return Recognised(problem=f"took longer than {_PAGE_SECONDS:g} s") if left > _PAGE_SECONDS else _LATE
        except OSError as error:
            return Recognised(problem=f"tesseract does not start ({error.strerror or error})")
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return Recognised(problem=f"tesseract failed ({said[-1] if said else done.returncode})")
        return _lines(done.stdout.decode("utf-8", "replace"))


def installed() -> Tesseract | None:
    """The program, if it is on the path and has Portuguese or English."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        version, languages = (_run([program, option], 10.0) for option in ("--version", "--list-langs"))
    except (OSError, subprocess.TimeoutExpired):
        return None
    listed = languages.stdout.decode("utf-8", "replace").split()
    ours = tuple(name for name in _LANGUAGES if name in listed)
    said = version.stdout.decode("utf-8", "replace").split()
    return Tesseract(program, said[1] if len(said) > 1 else "", ours, "osd" in listed) if ours else None


def refusals() -> frozenset[str]:
    """The reasons files are refused for while there is no OCR: with it, they may be read."""
    return frozenset(str(NeedsOcr(reason, hint=HINT)) for reason in (NO_LAYER, GARBLED, *IMAGES.values()))


def _run(command: list[str], seconds: float, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return subprocess.run(command, input=given, capture_output=True, timeout=seconds, env=environment, check=False)


def _lines(table: str) -> Recognised:
    """Of tesseract's table: a row a word, with its block, paragraph and line, and how sure it is of it."""
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and row["text"].strip() and float(row["conf"]) >= _NOISE]
    letters = sum(len(row["text"]) for row in words)
    sure = sum(float(row["conf"]) * len(row["text"]) for row in words) / letters if letters else 0.0
    if sure < _LEGIBLE or not any(c.isalnum() for row in words for c in row["text"]):
        return Recognised(problem="no text found")
    lines: list[Line] = []
    for _, paragraph in itertools.groupby(words, key=lambda row: (row["block_num"], row["par_num"])):
        for _, line in itertools.groupby(paragraph, key=lambda row: row["line_num"]):
            lines.append(Line(" ".join(row["text"] for row in line)))
        lines.append(Line(""))
    return Recognised(tuple(lines), sure >= _SURE)
