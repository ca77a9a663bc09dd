"""HTTP/1.1 as uvicorn speaks it, and no patience with a head that trickles in: it costs a connection and says nothing.

Of uvicorn's two parsers h11, which checks more and limits the head's size; it is written in Python, which at a few
requests a second is no loss.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["patient_for"]


def patient_for(seconds: float) -> type[H11Protocol]:
    """A protocol whose connections have so long for the head of each request, once it has begun; and for beginning the
    first. Then they get 408 and are closed."""

    class Protocol(H11Protocol):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._deadline = self.loop.call_later(seconds, self._give_up)

        def data_received(self, data: bytes) -> None:
            if self._deadline is None and self._between_requests():
                self._deadline = self.loop.call_later(seconds, self._give_up)
            super().data_received(data)
            if not self._between_requests():
                self._relax()

        def connection_lost(self, exc: Exception | None) -> None:
            self._relax()
            super().connection_lost(exc)

        def _between_requests(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _relax(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _give_up(self) -> None:
            self._deadline = None
            if not self.transport.is_closing():
                self.transport.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                self.transport.close()

    return Protocol
