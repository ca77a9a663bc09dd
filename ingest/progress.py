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

    ``files`` of ``of`` are read; ``pages`` and ``chunks`` came of them so far. ``of`` is None until the folder is
    looked through.
    """

    stage: Stage
    subject: str = ""
    files: int = 0
    of: int | None = None
    pages: int = 0
    chunks: int = 0


Progress = Callable[[Step], None]
"""Called before each step; what it does costs the run time."""


class Pace:
    """Files a second since the first one, and the seconds left at that rate.

    The mean over the whole run, not of its last moments: reading runs ahead of embedding by a batch at a time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def of(self, step: Step) -> tuple[float, float] | None:
        """``(files a second, seconds left)``; None while there is nothing to tell them by."""
        if step.of is None:
            return None
        if self._since is None:
            self._since = self._clock()
        elapsed = self._clock() - self._since
        if not step.files or elapsed <= 0:
            return None
        rate = step.files / elapsed
        return rate, (step.of - step.files) / rate


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
