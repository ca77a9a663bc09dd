"""What SQLite and the system say when an index cannot be used → the error that names the folder and the remedy."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from rag.errors import DamagedIndex, DiskFull, NoIndex

__all__ = ["damaged", "disk_full", "no_index", "says_disk_full"]


def says_disk_full(error: sqlite3.Error | OSError) -> bool:
    """Whether ``error`` comes of a full disk; SQLite calls some of those ``disk I/O error``."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "disk I/O" in str(error))


def no_index(path: Path) -> NoIndex:
    return NoIndex(
        f"no index in {path.parent}.",
        subject=str(path.parent),
        hint=f"Run `lastro ingest FOLDER --index {path.parent}`.",
    )


def damaged(path: Path, error: sqlite3.Error) -> DamagedIndex:
    return DamagedIndex(
        f"{path}: the catalog cannot be read ({error}).",
        subject=str(path),
        hint="Restore it from a backup, or delete the index folder and ingest again.",
    )


def disk_full(path: Path) -> DiskFull:
    return DiskFull(
        f"the disk with {path.parent} is full; nothing was lost and the last generation still answers.",
        subject=str(path.parent),
        hint="Free some space and run the same command again.",
    )
