"""API keys: who may ask, ingest and administer, and in which collections.

A key is ``lastro_<id>_<secret>``; the secret is 32 random bytes, of which only the SHA-256 is kept. A slow password
hash would add nothing: there is no dictionary of 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rag.errors import NotAllowed, NotAuthenticated, NotFound, TooManyRequests, UsageError
from rag.serve.state import State

__all__ = ["LOCAL", "SCOPES", "Caller", "Key", "Keys", "Rates", "Scope"]

Scope = Literal["ask", "ingest", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. ``collections`` None is all of them; ``admin`` includes the other scopes."""

    name: str
    scopes: frozenset[str]
    collections: frozenset[str] | None = None

    def check_scope(self, scope: Scope) -> None:
        """Raises NotAllowed."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise NotAllowed(
                f"this key may not do that: it lacks the scope {scope!r}.",
                subject="scope",
                hint=f"Ask for a key made with `lastro keys add --scope {scope}`.",
            )

    def may_use(self, collection: str) -> bool:
        return self.collections is None or collection in self.collections


LOCAL = Caller("local", frozenset(SCOPES))
"""Everybody on this machine, while there are no keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed; its secret is known to its holder alone. Times are seconds since 1970."""

    id: str
    name: str
    scopes: tuple[str, ...]
    collections: tuple[str, ...] | None
    created: float
    revoked: float | None


class Keys:
    """The keys in a server's state. A revoked key stops working with the next request."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, name: str, scopes: Collection[Scope], collections: Sequence[str] | None = None) -> str:
        """A new key, shown this once. Raises UsageError for an empty name or no scope."""
        if not name.strip() or not scopes:
            raise UsageError("a key needs a name and a scope.", subject="name", hint="Say whose it is: --name ana.")
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        with self._state.connection() as db:
            db.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (
                    key_id,
                    name.strip(),
                    _digest(secret),
                    " ".join(scope for scope in SCOPES if scope in scopes),
                    None if collections is None else " ".join(sorted(set(collections))),
                    time.time(),
                ),
            )
        return f"lastro_{key_id}_{secret}"

    def list(self) -> list[Key]:
        """All keys, the revoked ones too, oldest first."""
        with self._state.connection() as db:
            rows = db.execute("SELECT id, name, scopes, collections, created, revoked FROM keys ORDER BY created")
            return [Key(i, n, tuple(s.split()), _split(c), made, gone) for i, n, s, c, made, gone in rows]

    def revoke(self, key_id: str) -> None:
        """Raises NotFound when there is no such key, or it is revoked already."""
        with self._state.connection() as db:
            changed = db.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (time.time(), key_id)
            ).rowcount
        if not changed:
            raise NotFound(f"no active key {key_id!r}.", subject=key_id, hint="`lastro keys list` shows them.")

    def exist(self) -> bool:
        """Whether any key works: then every request needs one."""
        with self._state.connection() as db:
            return db.execute("SELECT 1 FROM keys WHERE revoked IS NULL LIMIT 1").fetchone() is not None

    def caller(self, given: str | None) -> Caller:
        """Whose key ``given`` is; ``LOCAL`` when there are no keys. Raises NotAuthenticated.

        The comparison takes the same time whether or not the id is known.
        """
        if not self.exist():
            return LOCAL
        _, _, rest = (given or "").partition("lastro_")
        key_id, _, secret = rest.partition("_")
        with self._state.connection() as db:
            row: Any = db.execute(
                "SELECT digest, name, scopes, collections FROM keys WHERE id = ? AND revoked IS NULL", (key_id,)
            ).fetchone()
        good = hmac.compare_digest(_digest(secret), row[0] if row else _NOBODY)
        if row is None or not good:
            raise NotAuthenticated(
                "no API key, or one that is not known." if given else "this server asks for an API key.",
                subject="authorization",
                hint="Send `Authorization: Bearer lastro_…`; `lastro keys add` makes one.",
            )
        collections = _split(row[3])
        return Caller(
            f"{key_id}:{row[1]}", frozenset(row[2].split()), None if collections is None else frozenset(collections)
        )


class Rates:
    """A token bucket a caller: ``per_minute`` requests at once, refilled evenly. 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: Caller, now: float | None = None) -> None:
        """Count a request. Raises TooManyRequests with the seconds until the next one is let through."""
        if not self.per_minute or caller is LOCAL:
            return
        now = time.monotonic() if now is None else now
        left, before = self._buckets.get(caller.name, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - before) * self.per_minute / 60)
        if left < 1:
            self._buckets[caller.name] = (left, now)
            raise TooManyRequests(
                f"more than {self.per_minute} requests a minute.",
                subject="serve.rate_per_minute",
                hint="Wait for the seconds that Retry-After names.",
                retry_after_s=(1 - left) * 60 / self.per_minute,
            )
        self._buckets[caller.name] = (left - 1, now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _split(collections: str | None) -> tuple[str, ...] | None:
    return None if collections is None else tuple(collections.split())
