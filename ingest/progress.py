"""Where a run stands: what it tells while it goes on, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Pace", "Progress", "Stage", "Step", "duration"]

Stage = str
"""``walk``, ``read``, ``split``, ``embed`` or ``commit``: the keys of ``Report.seconds``."""


@dataclass(frozen=True, slots=True)
class Step:
    """What begins now. ``subject`` is the file, or the part of the chunks that is embedded.

    ``files`` of ``of`` are read and ``committed`` of them in the index; ``pages`` and ``chunks`` came of those read.
    ``of`` is None until the folder is looked through.
    """

    stage: Stage
    subject: str = ""
    files: int = 0
    committed: int = 0
    of: int | None = None
    pages: int = 0
    chunks: int = 0


Progress = Callable[[Step], None]
"""Called before each step, by one thread at a time and not always the same; what it does costs the run time."""


class Pace:
    """Files a second up to the last commit, and the seconds left at that rate.

    Of committed files, not of read ones: reading runs ahead of embedding, which takes most of the time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._committed = 0
        self._at = 0.0

    def of(self, step: Step) -> tuple[float, float] | None:
        """``(files a second, seconds left)``; None before the first commit."""
        if step.of is None:
            return None
        now = self._clock()
        if self._since is None:
            self._since = now
        if step.committed != self._committed:
            self._committed, self._at = step.committed, now
        if not self._committed or self._at <= self._since:
            return None
        rate = self._committed / (self._at - self._since)
        return rate, max((step.of - self._committed) / rate - (now - self._at), 0.0)


def duration(seconds: float) -> str:
    """In words short enough for a line: ``4 ms``, ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if seconds < 0.095:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
