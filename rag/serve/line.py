"""First come, first served: so many at a time, so many waiting, and each told how many are ahead.

Lives on the event loop alone, so that no lock is needed. A semaphore would do for the turns, but it cannot say who
stands where.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress

from rag.errors import Busy

__all__ = ["Line", "Ticket"]

_FIRST_GUESS_S = 5.0
_MOST_S = 120.0


class Line:
    """``abreast`` are served at a time and ``waiting`` may stand behind them."""

    def __init__(self, abreast: int, waiting: int) -> None:
        self.abreast = abreast
        self.waiting = waiting
        self._tickets: list[Ticket] = []
        self._turn_s = _FIRST_GUESS_S
        self._closed = False

    def __len__(self) -> int:
        """Those served and those waiting."""
        return len(self._tickets)

    def join(self) -> Ticket:
        """A place at the end. Raises Busy, with the time after which one is likely, when there is none."""
        if self._closed:
            raise _going_down()
        if len(self._tickets) >= self.abreast + self.waiting:
            raise Busy(
                f"the queue is full ({self.waiting} waiting).",
                hint="Try again after the seconds that Retry-After names.",
                retry_after_s=min(_MOST_S, math.ceil(self._turn_s * len(self._tickets) / self.abreast)),
            )
        ticket = Ticket(self)
        self._tickets.append(ticket)
        return ticket

    def close(self) -> None:
        """Nobody joins any more, and those still waiting are told so; those served go on."""
        self._closed = True
        self._tell()

    def _position(self, ticket: Ticket) -> int:
        return max(0, self._tickets.index(ticket) - self.abreast + 1)

    def _leave(self, ticket: Ticket, took_s: float | None) -> None:
        self._tickets.remove(ticket)
        if took_s is not None:
            self._turn_s = 0.8 * self._turn_s + 0.2 * took_s
        self._tell()

    def _tell(self) -> None:
        for ticket in self._tickets:
            ticket._moved.set()


class Ticket:
    """One place in a line. ``leave`` must be called in the end, whatever happened; ``begun`` says that somebody has
    taken that upon himself."""

    def __init__(self, line: Line) -> None:
        self.begun = False
        self._line = line
        self._moved = asyncio.Event()
        self._since: float | None = None
        self._left = False

    @property
    def position(self) -> int:
        """How many turns are still to pass; 0 when it is this one's. Raises Busy when the line closed before that."""
        position = self._line._position(self)
        if position == 0:
            self._since = self._since or time.monotonic()
        elif self._line._closed:
            raise _going_down()
        return position

    async def moved(self, seconds: float) -> None:
        """Wait until the line moves or closes, at most so long."""
        self._moved.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._moved.wait(), max(0.0, seconds))

    def leave(self) -> None:
        """Give the place up; the next moves on. A second call does nothing."""
        if not self._left:
            self._left = True
            self._line._leave(self, None if self._since is None else time.monotonic() - self._since)


def _going_down() -> Busy:
    return Busy("the server is going down.", hint="Try again in a minute.", retry_after_s=30)
