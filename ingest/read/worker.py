"""Reading in a capped child process, so that no file can take the run down with it.

The child (``python -m ingest.read.worker``) is limited in memory and CPU time by the system, in wall time by its
parent, answers in JSON (nothing it says is executed), and is replaced when it dies. One child reads many files.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.read.builder import Extract
from rag.config import IngestSettings
from rag.errors import UnreadableFile
from rag.types import Heading, Page

__all__ = ["Reader"]


class Reader:
    """Reads files in a child process; ``close`` ends it."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[str] | None = None

    def read(self, path: Path, source: str) -> tuple[str, str, Extract]:
        """``(SHA-256 of the bytes read, media type, what was read)``.

        Raises UnreadableFile: the reader's reason, or that it ran out of time or memory, or crashed.
        """
        child = self._running()
        request = {"path": base64.b64encode(os.fsencode(path)).decode("ascii"), "source": source}
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._settings.file_timeout_s, stop)
        timer.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            self.close()
            if late.is_set():
                raise UnreadableFile(f"took longer than {self._settings.file_timeout_s:.0f} s (ingest.file_timeout_s)")
            raise UnreadableFile("its reader crashed or ran out of memory")
        return _answer(json.loads(line))

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            assert self._child.stdin is not None
            assert self._child.stdout is not None
            with contextlib.suppress(BrokenPipeError):  # a killed child has nothing left to be told
                self._child.stdin.close()
            self._child.wait()
            self._child.stdout.close()
            self._child = None

    def _running(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            command = [sys.executable, "-m", "ingest.read.worker", str(self._settings.file_memory_bytes)]
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        return self._child


def _answer(message: dict[str, Any]) -> tuple[str, str, Extract]:
    if "refused" in message:
        raise UnreadableFile(message["refused"])
    found = message["extract"]
    pages = tuple(Page(**page) for page in found["pages"])
    headings = tuple(Heading(**heading) for heading in found["headings"])
    extract = Extract(found["text"], found["title"], pages, headings, tuple(found["warnings"]))
    return message["sha256"], message["media_type"], extract


def _serve(memory_bytes: int) -> None:
    """The child's loop: a request a line in, an answer a line out."""
    import hashlib

    from ingest.read import extract

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            data = Path(os.fsdecode(base64.b64decode(request["path"]))).read_bytes()
            media_type, found = extract(data, request["source"])
            digest = hashlib.sha256(data).hexdigest()
            answer: dict[str, Any] = {"sha256": digest, "media_type": media_type, "extract": asdict(found)}
        except UnreadableFile as error:
            answer = {"refused": str(error)}
        except OSError as error:
            answer = {"refused": f"cannot be read: {error.strerror or error}"}
        except MemoryError:
            answer = {"refused": f"needs more than {memory_bytes / 1e9:.1f} GB of memory (ingest.file_memory_bytes)"}
        except RecursionError:
            answer = {"refused": "nested too deeply"}
        except Exception as error:  # noqa: BLE001 — a parser's bug on one file is that file's refusal, named
            answer = {"refused": f"its reader failed: {type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
