"""Blocking work of the pipeline → values on the event loop: in turn, within a deadline, stopped when nobody listens."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any, Final, Generic, TypeVar

from starlette.requests import Request

from rag.errors import DeadlineExceeded
from rag.serve.line import Line, Ticket

__all__ = ["PING", "ClientGone", "Listener", "Ping", "drained", "in_turn", "too_late", "unless_gone", "waiting"]

T = TypeVar("T")


class Ping:
    """Comes instead of a value when none came for a while: proxies close what is silent."""


PING: Final = Ping()
_PING_S = 5.0


class ClientGone(Exception):
    """The client closed the connection before it had its answer."""


class Listener(Generic[T]):
    """Whoever a thread works for: it takes values while it listens. Safe to share between threads."""

    def __init__(self, take: Callable[[T], object]) -> None:
        self._take = take
        self._gone = threading.Event()

    def tell(self, value: T) -> None:
        self._take(value)

    def listens(self) -> bool:
        """Whether there is still somebody to work for."""
        return not self._gone.is_set()

    def leave(self) -> None:
        self._gone.set()


async def waiting(ticket: Ticket, until: float) -> AsyncGenerator[int | Ping, None]:
    """How many turns are still to pass, each time that changes, until it is this ticket's turn.

    Raises Busy when the line closes, and DeadlineExceeded at ``until``.
    """
    loop = asyncio.get_running_loop()
    last = None
    while position := ticket.position:
        yield PING if position == last else position
        last = position
        await ticket.moved(min(_PING_S, until - loop.time()))
        if loop.time() >= until:
            raise too_late()


async def drained(
    work: Callable[[Listener[T]], None], pool: Executor, until: float, ticket: Ticket
) -> AsyncGenerator[T | Ping, None]:
    """What ``work``, run in ``pool``, tells its listener, and ``PING`` when it is silent for five seconds.

    Left early, or at ``until`` (of the loop's clock), the listener does not listen any more, and ``work`` is to return,
    which ends a generation within a token. ``ticket`` is left once the thread has really let go, and not before: a
    decoder still at work is still somebody's turn. Raises DeadlineExceeded, and what ``work`` raises.
    """
    loop = asyncio.get_running_loop()
    values: asyncio.Queue[T | Future[None]] = asyncio.Queue()
    listener: Listener[T] = Listener(lambda value: loop.call_soon_threadsafe(values.put_nowait, value))

    def ended(done: Future[None]) -> None:
        ticket.leave()
        values.put_nowait(done)

    running: Future[None] = pool.submit(contextvars.copy_context().run, work, listener)
    running.add_done_callback(lambda done: loop.call_soon_threadsafe(ended, done))
    try:
        while True:
            left = until - loop.time()
            try:
                value = await asyncio.wait_for(values.get(), max(0.0, min(left, _PING_S)))
            except TimeoutError:
                if left <= _PING_S:
                    raise too_late() from None
                yield PING
                continue
            if isinstance(value, Future):
                value.result()
                return
            yield value
    finally:
        listener.leave()


async def in_turn(line: Line, pool: Executor, seconds: float, work: Callable[[Callable[[], bool]], T]) -> T:
    """The result of ``work``, run in ``pool`` when its turn in ``line`` comes.

    ``work`` is given what says whether somebody still waits for it; the turn lasts until the thread is done, also when
    nobody does. Raises Busy, DeadlineExceeded, and what ``work`` raises.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    ticket = line.join()
    gone = threading.Event()
    try:
        async for _ in waiting(ticket, until):
            pass
        future = loop.run_in_executor(pool, contextvars.copy_context().run, work, lambda: not gone.is_set())
    except BaseException:
        ticket.leave()
        raise

    def ended(done: asyncio.Future[T]) -> None:
        ticket.leave()
        done.exception()  # looked at, so that a failure after the client has gone is not reported as forgotten

    future.add_done_callback(ended)
    try:
        finished, _ = await asyncio.wait([future], timeout=until - loop.time())
    finally:
        gone.set()
    if not finished:
        raise too_late()
    return future.result()


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is cancelled when the client disconnects: then ClientGone is raised.

    To be called when the request's body has been read.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        gone.cancel()
        task.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def too_late() -> DeadlineExceeded:
    return DeadlineExceeded(
        "no answer within the time a request may take.", subject="serve.deadline_s", hint="Ask for less, or raise it."
    )
