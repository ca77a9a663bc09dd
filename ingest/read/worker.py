"""Reading in a capped child process, so that no file can take the run down with it.

One child (``python -m ingest.read.worker``) reads many files; ``ingest.read.child`` has its limits.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ingest.read.builder import Extract
from ingest.read.child import Child, serve
from ingest.read.ocr import NeedsOcr, Ocr, OutOfTime, installed, refusals
from ingest.regular import open_regular
from rag.config import IngestSettings
from rag.errors import UnreadableFile
from rag.types import Heading, Page

__all__ = ["Reader", "Reading"]

_TOO_LONG = "its text is longer than any that is read (400 million characters)"
_CHANGED = "it was being written while it was read; ingest again once it is at rest"
_TICK_NS = 20_000_000
"""Nanoseconds: twice the longest that Linux counts by (CONFIG_HZ=100), and every version of it does so before 6.13."""
_OCR_SHARE = 0.8
"""Of a file's time: the rest is for its other pages."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one file. ``sha256`` is of its bytes, empty when they could not be had, or OCR was wanting.

    ``extract`` comes with its ``media_type``; ``refusal`` is the reason; neither is there when the bytes are the known.
    """

    sha256: str = ""
    media_type: str = ""
    extract: Extract | None = None
    refusal: str | None = None


class Reader:
    """Reads files in a child process; ``close`` ends it."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._child = Child("ingest.read.worker", settings, str(int(settings.ocr)))
        memory = f"{settings.file_memory_bytes / 1e9:g} GB of memory (ingest.file_memory_bytes)"
        self._late = f"took longer than {settings.file_timeout_s:g} s (ingest.file_timeout_s)"
        self._died = f"its reader crashed or needed more than {memory}"
        self._too_large = f"needs more than {memory}"

    @property
    def limits(self) -> frozenset[str]:
        """The refusals that come of this reader's limits: with others, the same file may be read."""
        ours = frozenset({self._late, self._died, self._too_large, _TOO_LONG})
        return ours if self._settings.ocr and installed() else ours | refusals()

    def read(self, path: Path, source: str, known_sha256: str = "") -> Reading:
        """The file's text, unless its bytes are the known ones. What goes wrong is the reading's refusal."""
        request = {"path": base64.b64encode(os.fsencode(path)).decode("ascii"), "source": source, "known": known_sha256}
        message = self._child.ask(request)
        if isinstance(message, str):
            return Reading(refusal=self._late if message == "late" else self._died)
        limits = {"memory": self._too_large, "late": self._late, "long": _TOO_LONG}
        limit = next((reason for name, reason in limits.items() if message.get(name)), None)
        return Reading(refusal=limit) if limit else _reading(message)

    def interrupt(self) -> None:
        """From another thread: end the child, so that what is being read comes back as refused."""
        self._child.interrupt()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._child.close()


def _reading(message: dict[str, Any]) -> Reading:
    found = message.get("extract")
    if found is None:
        return Reading(message["sha256"], refusal=message.get("refusal"))
    pages = tuple(Page(**page) for page in found["pages"])
    headings = tuple(Heading(**heading) for heading in found["headings"])
    extract = Extract(found["text"], found["title"], pages, headings, tuple(found["warnings"]))
    return Reading(message["sha256"], message["media_type"], extract)


def _bytes_of(path: Path) -> tuple[bytes, bool]:
    """What the file holds, and whether it was being written meanwhile, a second time too. Its next ingest sees that its
    size or its time is another.

    A file that was written in this very tick of the file system's clock may be written again in it: to the same size,
    its next ingest would see nothing, for ever. So it is read once the tick is over.
    """
    data = b""
    for _ in range(2):
        with open_regular(path) as file:
            before = os.fstat(file.fileno())
            left = before.st_mtime_ns + _TICK_NS - time.time_ns()
            if 0 < left <= _TICK_NS:  # a time to come is another clock's, and says nothing about this one's ticks
                time.sleep(left / 1e9)
            data = file.read()
            after = os.fstat(file.fileno())
        if (len(data), before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return data, False
    return data, True


def _answer(request: dict[str, str], ocr: Ocr | None = None) -> dict[str, Any]:
    """The child's answer about one file."""
    from ingest.read import extract

    digest = ""
    try:
        data, changed = _bytes_of(Path(os.fsdecode(base64.b64decode(request["path"]))))
        digest = hashlib.sha256(data).hexdigest()
        if digest == request["known"]:
            return {"sha256": digest}
        media_type, found = extract(data, request["source"], ocr)
        if changed:
            found = replace(found, warnings=(_CHANGED, *found.warnings))
        return {"sha256": digest, "media_type": media_type, "extract": asdict(found)}
    except MemoryError:
        return {"memory": True}
    except OutOfTime:
        return {"late": True}
    except NeedsOcr as error:
        digest, refusal = "", str(error)  # as one whose bytes could not be had: it is tried again once there is OCR
    except UnreadableFile as error:
        refusal = str(error)
    except OSError as error:
        refusal = f"cannot be read: {error.strerror or error}"
    except Exception as error:  # noqa: BLE001 — a parser's bug on one file is that file's refusal, named
        refusal = f"its reader failed: {type(error).__name__}: {error}"
    return {"sha256": digest, "refusal": refusal}


def _serve(memory_bytes: int, seconds: int, with_ocr: bool) -> None:
    """The child's side."""
    engine = installed() if with_ocr else None

    def answer(request: dict[str, str]) -> dict[str, Any]:
        return _answer(request, Ocr(engine, time.monotonic() + _OCR_SHARE * seconds) if engine else None)

    serve(answer, memory_bytes, seconds)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
