"""The first and last thing a request meets: limits on what comes in, headers on what goes out, one line in the log.

Plain ASGI, because Starlette's function middleware would stand between a stream and the news that its reader left.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.config import ServeSettings
from rag.errors import HeadTooLarge, LastroError, NotAllowed, RequestTimeout, RequestTooLarge
from rag.serve.logs import request_id
from rag.serve.metrics import Metrics
from rag.serve.problems import problem

__all__ = ["CONTENT_SECURITY_POLICY", "Guard", "is_loopback"]

_logger = logging.getLogger("lastro.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SLOWEST = 20_000
"""Bytes a second: a body may take ``serve.body_timeout_s``, and as much longer as its size needs at this rate."""
_MULTIPART_OVERHEAD = 65_536
_LARGEST_HEAD = 32_768
_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


def is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or bool(re.match(r"^127\.\d+\.\d+\.\d+$", host))


class Guard:
    """ASGI middleware. ``open_to_all`` says whether requests need no key at the moment: then only a request that was
    meant for this server counts, which a web page elsewhere can forge in every part but ``Host`` and ``Origin``."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, metrics: Metrics, open_to_all: Any) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics
        self.open_to_all = open_to_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        scope["lastro.request_id"] = found = given if _SAFE_ID.match(given) else uuid.uuid4().hex
        started, status = time.perf_counter(), 499
        token = request_id.set(found)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope, found)
            await send(message)

        try:
            try:
                self._check(scope, headers)
            except LastroError as error:
                await problem(error, found)(scope, receive, sending)
                return
            await self.app(scope, self._limited(receive, self._most(scope)), sending)
        finally:
            took = time.perf_counter() - started
            self._note(scope, status, took)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, took: float) -> None:
        # The route's pattern, not the path: ids in labels would make a new series each.
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.request(scope["method"], route, status, took)
        _logger.info(
            "%s %s %d",
            scope["method"],
            scope["path"],
            status,
            extra={"route": route, "status": status, "ms": round(1000 * took, 1), "caller": scope.get("lastro.caller")},
        )

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raises HeadTooLarge, NotAllowed, RequestTooLarge."""
        # The parser's own limit is of what has not come whole: a head that comes at once passes it.
        if sum(len(name) + len(value) for name, value in headers.raw) > _LARGEST_HEAD:
            raise HeadTooLarge(
                f"the headers have more than {_LARGEST_HEAD} bytes.", subject="headers", hint="Send fewer of them."
            )
        host = _host_of(headers.get("host", ""))
        origin = headers.get("origin")
        # A page of another site may send what a form can; the browser then says where it comes from.
        if origin is not None and urlsplit(origin).netloc != headers.get("host", ""):
            raise NotAllowed(
                f"requests from pages of {origin[:200]} are refused.",
                subject="origin",
                hint="Use this server's own page, or call it from outside a browser.",
            )
        if self.open_to_all() and not (is_loopback(host) or host in self.settings.hosts):
            raise NotAllowed(
                f"{host[:200]!r} is not a name this server answers to.",
                subject="host",
                hint="Use localhost, add the name to serve.hosts, or make keys with `lastro keys add`.",
            )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:18]) > self._most(scope):
            raise self._too_large(self._most(scope))

    def _most(self, scope: Scope) -> int:
        if scope["method"] == "POST" and scope["path"] == "/v1/documents":
            return self.settings.max_upload_bytes + _MULTIPART_OVERHEAD
        return self.settings.max_body_bytes

    def _limited(self, receive: Receive, most: int) -> Receive:
        """``receive`` that counts a body as it comes, whatever its length was said to be, and does not wait for ever.

        Raises RequestTooLarge, RequestTimeout.
        """
        started = time.monotonic()
        read = 0
        whole = False

        async def counted() -> Message:
            nonlocal read, whole
            if whole:
                return await receive()
            left = started + self.settings.body_timeout_s + read / _SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, left))
            except TimeoutError:
                raise RequestTimeout(
                    f"only {read} bytes of the body came in {self.settings.body_timeout_s:g} s.",
                    subject="body",
                    hint="Send it faster, or raise serve.body_timeout_s.",
                ) from None
            read += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if read > most:
                raise self._too_large(most)
            return message

        return counted

    def _too_large(self, most: int) -> RequestTooLarge:
        return RequestTooLarge(
            f"the body has more than {most} bytes.",
            subject="body",
            hint="Send less, or raise serve.max_body_bytes (serve.max_upload_bytes for files).",
        )


def _add_headers(message: Message, scope: Scope, found: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = found
    if scope["path"].startswith("/v1/"):
        headers.setdefault("Cache-Control", "no-store")


def _host_of(header: str) -> str:
    """The host of a Host header, without port and brackets."""
    host = urlsplit(f"//{header}").hostname if re.match(r"^[\w.:\[\]-]*$", header) else None
    return host or ""
