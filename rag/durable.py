"""Files that are there whole or not at all, whenever the power fails: synced, renamed, and their folder synced."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

__all__ = ["DISK_FULL", "NOT_WRITABLE", "put", "sync", "system_error"]

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No room on the disk, in the user's quota, or under the limit on a file's size: the remedy is the same."""

NOT_WRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def put(temporary: Path, final: Path) -> None:
    """Give the finished file or folder ``temporary`` the name ``final``, durably. A folder replaces what is there; a
    file replaces no folder (IsADirectoryError): that is somebody's."""
    for path in [*temporary.rglob("*"), temporary]:
        sync(path)
    if final.is_dir() and temporary.is_dir():
        shutil.rmtree(final)
    temporary.replace(final)
    sync(final.parent)


def sync(path: Path) -> None:
    """Return when the file's bytes, or the folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def system_error(error: BaseException) -> int | None:
    """The number in DISK_FULL or NOT_WRITABLE that ``error`` comes of; None when it is something else.

    Native libraries raise exceptions of their own with the system's words in them.
    """
    known = DISK_FULL | NOT_WRITABLE
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno if error.errno in known else None
    return next((number for number in sorted(known) if os.strerror(number) in str(error)), None)
