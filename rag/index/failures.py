"""What SQLite and the system say when an index cannot be used → the error that names the folder and the remedy."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.durable import DISK_FULL, system_error
from rag.errors import DamagedIndex, DiskFull, IndexFailure, IndexLocked, LastroError, NoIndex

__all__ = ["changed_underneath", "damaged", "explained", "newer_format", "no_index", "not_foldable"]


@contextmanager
def explained(root: Path, *failures: type[Exception]) -> Iterator[None]:
    """Raise what the block's ``failures`` mean to who uses the index at ``root``; others pass as they are."""
    try:
        yield
    except failures as error:
        if (known := _known(root, error)) is None:
            raise
        raise known from error


def no_index(root: Path) -> NoIndex:
    return NoIndex(f"no index in {root}.", subject=str(root), hint=f"Run `lastro ingest FOLDER --index {root}`.")


def damaged(root: Path, how: str) -> DamagedIndex:
    return DamagedIndex(
        f"{root / 'catalog.sqlite'}: the catalog cannot be read ({how}).",
        subject=str(root),
        hint="Restore it from a backup, or delete the index folder and ingest again.",
    )


def newer_format(root: Path, number: int) -> IndexFailure:
    return IndexFailure(
        f"the index in {root} was written by a newer Lastro (format {number}).",
        subject=str(root),
        hint="Use that version, or ingest into a new folder.",
    )


def not_foldable(root: Path) -> IndexFailure:
    """For a journal that is not in the catalog yet, on a disk where nothing can be written."""
    return IndexFailure(
        f"the index in {root} was copied or cut off in the middle of a commit, and its folder is read-only.",
        subject=str(root),
        hint="Run `lastro status` on it once where it may be written, then use it read-only.",
    )


def changed_underneath(root: Path) -> IndexFailure:
    return IndexFailure(
        f"the index in {root} was written to while it was read; no lock can be had on a full or read-only disk.",
        subject=str(root),
        hint="Run the same command again when the writer has finished.",
    )


def _known(root: Path, error: Exception) -> LastroError | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(root, error)
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return IndexFailure(f"{root} is not a folder.", subject=str(root), hint="Give a folder for the index.")
    number = system_error(error)
    if number is None:
        return None
    words = os.strerror(number)
    return _disk_full(root, f"is full ({words})") if number in DISK_FULL else _not_writable(root, words)


def _of_sqlite(root: Path, error: sqlite3.Error) -> LastroError | None:
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of an extended code says which call failed
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(root, str(error))
    if primary == sqlite3.SQLITE_FULL:
        return _disk_full(root, "is full")
    if primary == sqlite3.SQLITE_IOERR:  # SQLite's word for no room where it maps memory; also for a failing disk
        return _disk_full(root, f"is full or failing ({error.sqlite_errorname})")
    if primary in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return _not_writable(root, str(error))
    if primary == sqlite3.SQLITE_BUSY:
        return IndexLocked(
            f"another process keeps the catalog in {root} to itself.",
            subject=str(root),
            hint="Wait for it to finish, or stop it and run this again.",
        )
    return None


def _disk_full(root: Path, how: str) -> DiskFull:
    return DiskFull(
        f"the disk with {root} {how}; nothing was lost and the last generation still answers.",
        subject=str(root),
        hint="Free some space and run the same command again.",
    )


def _not_writable(root: Path, words: str) -> IndexFailure:
    return IndexFailure(
        f"the index in {root} cannot be opened or written to ({words}).",
        subject=str(root),
        hint="Make the folder writable for this user, or give another --index.",
    )
