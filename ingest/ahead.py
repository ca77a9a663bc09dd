"""Files are read ahead of what is done with them: while chunks are embedded, the reader's process is on the next files.

One thread waits for the reader and does nothing else, so that the encoder has what is left of both cores.
``tests.bench.ingest`` compares that with the other schedule, a reader beside an encoder kept to one core.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.read.worker import Reader, Reading

__all__ = ["Read", "Request", "read_ahead"]

_LOOK_S = 0.1
"""How often somebody who waits for a reading looks whether to go on waiting."""
_CHARACTERS = 20_000_000
"""Of text that waits: about as many bytes of memory, a few times over."""


@dataclass(frozen=True, slots=True)
class Request:
    """A file to be read, unless its bytes are those of ``known_sha256``."""

    path: Path
    source: str
    known_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of it, and the seconds the reader took."""

    reading: Reading
    seconds: float


def read_ahead(
    reader: Reader, requests: Sequence[Request], ahead: int, stopped: Callable[[], bool] = lambda: False
) -> Generator[Read, None, None]:
    """The readings in the order of ``requests``, at most ``ahead`` of them waiting to be taken; none any more once
    ``stopped`` says so, even of a file that is being read.

    What the reader raises is raised here. Closed early (``contextlib.closing``), what is being read is broken off.
    """
    line = _Line(ahead)
    thread = threading.Thread(target=_fill, args=(line, reader, requests), name="reading", daemon=True)
    thread.start()
    try:
        for _ in requests:
            found = line.take(stopped)
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        line.close()
        while thread.is_alive():  # it may be between two files, and about to begin the next
            reader.interrupt()
            thread.join(0.02)


class _Line:
    """What was read and waits to be taken, first come first served: so many files and so much text at most."""

    def __init__(self, files: int) -> None:
        self._files = files
        self._changed = threading.Condition()
        self._waiting: deque[Read | BaseException] = deque()
        self._closed = False

    def put(self, found: Read | BaseException) -> bool:
        """Wait for room, then leave ``found`` there; False when nobody will take it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room())
            self._waiting.append(found)
            self._changed.notify_all()
            return not self._closed

    def take(self, stopped: Callable[[], bool]) -> Read | BaseException | None:
        """The next, or None once ``stopped`` says so."""
        with self._changed:
            while not stopped() and not self._changed.wait_for(lambda: bool(self._waiting), _LOOK_S):
                pass
            if stopped():
                return None
            found = self._waiting.popleft()
            self._changed.notify_all()
            return found

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        characters = sum(_characters(found) for found in self._waiting)
        return not self._waiting or (len(self._waiting) < self._files and characters < _CHARACTERS)


def _characters(found: Read | BaseException) -> int:
    extract = found.reading.extract if isinstance(found, Read) else None
    return len(extract.text) if extract is not None else 0


def _fill(line: _Line, reader: Reader, requests: Sequence[Request]) -> None:
    for request in requests:
        started = time.perf_counter()
        try:
            reading = reader.read(request.path, request.source, request.known_sha256)
            found: Read | BaseException = Read(reading, time.perf_counter() - started)
        except BaseException as error:  # noqa: BLE001 — raised where the reading is waited for
            found = error
        if not line.put(found):
            return
