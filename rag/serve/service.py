"""What the routes share: collections, lines, threads, keys and what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from rag.errors import Busy, NotAllowed
from rag.facade import Lastro
from rag.serve.collections import Collections
from rag.serve.keys import Caller, Keys, Rates, Scope
from rag.serve.line import Line
from rag.serve.metrics import Metrics
from rag.serve.shared import SharedModels
from rag.serve.state import State
from rag.serve.work import in_turn

__all__ = ["Asker", "Ingester", "Owner", "Served", "Service", "check_collection"]

T = TypeVar("T")


class Service:
    """One server over ``lastro``. Its lines belong to the event loop; the rest is safe to share between threads."""

    def __init__(self, lastro: Lastro, state: Path) -> None:
        self.settings = lastro.settings
        serve = self.settings.serve
        self.models = lastro.models
        self.shared = SharedModels(lastro.models)
        self.state = State(state)
        self.collections = Collections(lastro, state / "collections")
        self.keys = Keys(self.state)
        self.rates = Rates(serve.rate_per_minute)
        self.answers = Line(1, serve.queue)
        self.searches = Line(serve.searches, serve.searches_waiting)
        self.ingests = Line(1, serve.queue)
        self.metrics = Metrics({"answers": self.answers, "searches": self.searches, "ingests": self.ingests})
        self.decoding = ThreadPoolExecutor(1, thread_name_prefix="answer")
        self.searching = ThreadPoolExecutor(serve.searches, thread_name_prefix="search")
        self.ingesting = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self.started = int(time.time())
        self.going_down_at: float | None = None

    def until(self) -> float:
        """When a request that begins now has to be done, by the loop's clock."""
        return asyncio.get_running_loop().time() + self.settings.serve.deadline_s

    @contextmanager
    def use(self, collection: str, wanted: Callable[[], bool]) -> Iterator[Lastro]:
        """The collection for one request: its models' work is done together with other requests', and ends with
        ClientGone once ``wanted`` says no. Raises NotFound."""
        with self.collections.use(collection) as lastro:
            yield Lastro(lastro.index, lastro.settings, self.shared.of(wanted))

    async def search(self, work: Callable[[Callable[[], bool]], T]) -> T:
        """The result of ``work`` among the searches; it is given what says whether somebody still waits for it.

        Raises Busy, DeadlineExceeded.
        """
        return await in_turn(self.searches, self.searching, self.settings.serve.deadline_s, work)

    async def write(self, work: Callable[[], T]) -> T:
        """The result of ``work``, which changes an index, one after another. Raises Busy, DeadlineExceeded."""
        return await in_turn(self.ingests, self.ingesting, self.settings.serve.deadline_s, lambda _: work())

    def go_down(self) -> None:
        """Nobody new is taken; those waiting are told; what is under way has ``serve.grace_s`` left."""
        if self.going_down_at is not None:
            return
        for line in (self.answers, self.searches, self.ingests):
            line.close()
        self.going_down_at = asyncio.get_running_loop().time() + self.settings.serve.grace_s

    def check_up(self) -> None:
        """Raises Busy when the server is going down."""
        if self.going_down_at is not None:
            raise Busy("the server is going down.", hint="Try again in a minute.", retry_after_s=30)

    def check_grace(self) -> None:
        """Raises Busy when the server is going down and has no time left for what is under way."""
        if self.going_down_at is not None and asyncio.get_running_loop().time() > self.going_down_at:
            raise Busy("the server is going down.", hint="Try again in a minute.", retry_after_s=30)

    def close(self) -> None:
        """Let the threads end and close what is open."""
        for pool in (self.decoding, self.searching, self.ingesting):
            pool.shutdown(wait=True)
        self.state.close()


def service_of(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


Served = Annotated[Service, Depends(service_of)]

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="A key of `lastro keys add`. Needed once there is any; before that, the server is on loopback only.",
)


class _Allowed:
    """The caller of a request, who has ``scope``. Raises NotAuthenticated, NotAllowed, TooManyRequests."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(
        self, request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Caller:
        service = service_of(request)
        caller = service.keys.caller(None if given is None else given.credentials)
        request.scope["lastro.caller"] = caller.name
        service.rates.take(caller)
        caller.check_scope(self.scope)
        return caller


Asker = Annotated[Caller, Depends(_Allowed("ask"))]
Ingester = Annotated[Caller, Depends(_Allowed("ingest"))]
Owner = Annotated[Caller, Depends(_Allowed("admin"))]


def check_collection(caller: Caller, collection: str) -> None:
    """Raises NotAllowed when the key is not for this collection."""
    if not caller.may_use(collection):
        raise NotAllowed(
            f"this key is not for the collection {collection[:80]!r}.",
            subject="collection",
            hint="Ask for a key made with `lastro keys add --collection`.",
        )
