"""Reading in a capped child process, so that no file can take the run down with it.

The child (``python -m ingest.read.worker``) is limited in memory and processor time by the system, in wall time by its
parent, answers in JSON (nothing it says is executed), and is replaced when it dies. One child reads many files.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from ingest.read.builder import Extract
from ingest.read.ocr import NeedsOcr, Ocr, OutOfTime, installed, refusals
from rag.config import IngestSettings
from rag.errors import UnreadableFile
from rag.types import Heading, Page

__all__ = ["Reader", "Reading"]

_PACKAGES = Path(__file__).parents[2]
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
        self._child: subprocess.Popen[str] | None = None
        memory = f"{settings.file_memory_bytes / 1e9:g} GB of memory (ingest.file_memory_bytes)"
        self._late = f"took longer than {settings.file_timeout_s:g} s (ingest.file_timeout_s)"
        self._died = f"its reader crashed or needed more than {memory}"
        self._too_large = f"needs more than {memory}"

    @property
    def limits(self) -> frozenset[str]:
        """The refusals that come of this reader's limits: with others, the same file may be read."""
        ours = frozenset({self._late, self._died, self._too_large})
        return ours if self._settings.ocr and installed() else ours | refusals()

    def read(self, path: Path, source: str, known_sha256: str = "") -> Reading:
        """The file's text, unless its bytes are the known ones. What goes wrong is the reading's refusal."""
        child = self._running()
        request = {"path": base64.b64encode(os.fsencode(path)).decode("ascii"), "source": source, "known": known_sha256}
        late = threading.Event()

        def stop() -> None:
            late.set()
            _end(child)

        timer = threading.Timer(self._settings.file_timeout_s, stop)
        timer.daemon = True  # a stop that comes while it starts must not wait for it
        try:
            timer.start()
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line.endswith("\n"):  # it died before or amid its answer
            self.close()
            return Reading(refusal=self._late if late.is_set() else self._died)
        message = json.loads(line)
        limit = self._too_large if message.get("memory") else self._late if message.get("late") else None
        return Reading(refusal=limit) if limit else _reading(message)

    def interrupt(self) -> None:
        """From another thread: end the child, so that what is being read comes back as refused."""
        child = self._child
        if child is not None:
            _end(child)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            _end(self._child)
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):  # a killed child has nothing left to be told
                    pipe.close()
            self._child = None

    def _running(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            settings = self._settings
            limits = [str(settings.file_memory_bytes), str(math.ceil(settings.file_timeout_s)), str(int(settings.ocr))]
            self._child = subprocess.Popen(
                [sys.executable, "-m", "ingest.read.worker", *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                # `-m` imports from the working directory first: it must not be a folder of somebody's documents.
                cwd=_PACKAGES,
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        return self._child


def _end(child: subprocess.Popen[str]) -> None:
    """Kill the child and what it runs: it leads its process group, whose number is its own until it is waited for."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _reading(message: dict[str, Any]) -> Reading:
    found = message.get("extract")
    if found is None:
        return Reading(message["sha256"], refusal=message.get("refusal"))
    pages = tuple(Page(**page) for page in found["pages"])
    headings = tuple(Heading(**heading) for heading in found["headings"])
    extract = Extract(found["text"], found["title"], pages, headings, tuple(found["warnings"]))
    return Reading(message["sha256"], message["media_type"], extract)


def _answer(request: dict[str, str], ocr: Ocr | None = None) -> dict[str, Any]:
    """The child's answer about one file."""
    from ingest.read import extract

    digest = ""
    try:
        data = Path(os.fsdecode(base64.b64decode(request["path"]))).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest == request["known"]:
            return {"sha256": digest}
        media_type, found = extract(data, request["source"], ocr)
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


def _serve(answers: TextIO, memory_bytes: int, seconds: int, with_ocr: bool) -> None:
    """The child's loop: a request a line in, an answer a line out."""
    engine = installed() if with_ocr else None
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        # The parent's clock is the limit; this one ends a child whose parent is gone.
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(used.ru_utime + used.ru_stime) + seconds + 1
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed if most < 0 else min(allowed, most), most))
        ocr = Ocr(engine, time.monotonic() + _OCR_SHARE * seconds) if engine else None
        answers.write(json.dumps(_answer(json.loads(line), ocr)) + "\n")
        answers.flush()


if __name__ == "__main__":
    # Answers keep the pipe to themselves: what a library prints goes where its complaints go.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _serve(pipe, int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
