"""One writer at a time: a lock that names its holder. The kernel frees it when the holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexLocked
from rag.index.failures import explained
from rag.index.steps import reached

__all__ = ["writer_lock"]


@contextmanager
def writer_lock(root: Path) -> Iterator[None]:
    """Hold the writer lock of the index at ``root``.

    filelock was chosen because it uses the system's own advisory locks: a dead holder's lock is free at once.
    Raises IndexLocked naming the process that holds it, DiskFull, and IndexFailure when the folder is read-only.
    """
    lock = FileLock(root / "writer.lock")
    holder = root / "writer.json"
    try:
        with explained(root, OSError):
            lock.acquire(blocking=False)
    except Timeout as error:
        raise IndexLocked(
            f"another process is writing to {root}: {_named(holder)}.",
            subject=str(root),
            hint="Wait for it to finish, or stop it and run this again.",
        ) from error
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # a courtesy: on a full disk the commit says so, if it needs room at all
            holder.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": now}))
        reached("lock.taken")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _named(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text())
        return f"process {who['pid']} on {who['host']} since {who['since']}"
    except (OSError, ValueError, KeyError):  # it may be between taking the lock and signing it
        return "its name is not written yet"
