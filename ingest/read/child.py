"""A child process that is asked in JSON, a line at a time, within limits: whatever a file does to it, the run goes on.

Memory and processor time are limited by the system, wall time and the length of answers by the parent; there is no
network; what the child says is never executed; it is replaced when it dies. It leads a process group of its own, so
that what it runs ends with it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from ingest.read.offline import go_offline
from rag.config import IngestSettings

__all__ = ["Child", "serve"]

_PACKAGES = Path(__file__).parents[2]
_LONGEST = 400_000_000
"""Characters of an answer, its line break included: as JSON, the text of any file that is small enough to be read."""


class Child:
    """``python -m module`` under the limits of ``settings``; started with the first question, and again when it died.

    ``arguments`` follow the limits on its command line. One question at a time.
    """

    def __init__(self, module: str, settings: IngestSettings, *arguments: str) -> None:
        limits = [str(settings.file_memory_bytes), str(math.ceil(settings.file_timeout_s))]
        self._command = [sys.executable, "-m", module, *limits, *arguments]
        self._seconds = settings.file_timeout_s
        self._process: subprocess.Popen[str] | None = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | Literal["late", "died"]:
        """The child's answer, or what became of it."""
        process = self._running()
        late = threading.Event()

        def stop() -> None:
            late.set()
            _end(process)

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True  # a stop that comes while it starts must not wait for it
        try:
            timer.start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline(_LONGEST)
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line.endswith("\n"):  # it died before or amid its answer
            self.close()
            return "late" if late.is_set() else "died"
        answer: dict[str, Any] = json.loads(line)
        return answer

    @property
    def pid(self) -> int | None:
        """Of the process that runs, None when none does."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def interrupt(self) -> None:
        """From another thread: end the child, so that what is asked comes back as ``died``."""
        process = self._process
        if process is not None:
            _end(process)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._process is not None:
            _end(self._process)
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):  # a killed child has nothing left to be told
                    pipe.close()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                # `-m` imports from the working directory first: it must not be a folder of somebody's documents.
                cwd=_PACKAGES,
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        return self._process


def _end(process: subprocess.Popen[str]) -> None:
    """Kill the child and what it runs: it leads its process group, whose number is its own until it is waited for."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]], memory_bytes: int, seconds: int) -> None:
    """The child's side: a request a line in, an answer a line out, until its parent is gone.

    Answers keep the pipe to themselves: what a library prints goes where its complaints go. One that is too long is
    ``{"long": true}``.
    """
    go_offline()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        # The parent's clock is the limit; this one ends a child whose parent is gone.
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(used.ru_utime + used.ru_stime) + seconds + 1
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed if most < 0 else min(allowed, most), most))
        answers.write(_said(answer(json.loads(line))))
        answers.flush()


def _said(answer: dict[str, Any]) -> str:
    line = json.dumps(answer) + "\n"
    return line if len(line) <= _LONGEST else json.dumps({"long": True}) + "\n"
