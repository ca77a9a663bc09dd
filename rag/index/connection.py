"""Connections to the catalog: one that writes, and one that reads even where no file can be made beside it.

SQLite's journal is shared through a memory map in a file beside the catalog. A full disk has no room for that file and
a read-only one no permission, and a plain connection then fails although nothing is wrong with the catalog.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rag.index.failures import not_foldable

__all__ = ["connect", "connect_to_read"]


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes, in autocommit: transactions are begun by name. Raises sqlite3.Error."""
    connection = _open(path)
    return _begun(connection, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")


def connect_to_read(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection that reads, and whether nothing keeps a writer from changing the file under it.

    Raises sqlite3.Error, IndexFailure.
    """
    uri = path.absolute().as_uri()
    first_page = "SELECT count(*) FROM sqlite_schema"
    try:
        return _begun(_open(f"{uri}?mode=rw"), first_page), False
    except sqlite3.OperationalError as error:
        primary = error.sqlite_errorcode & 0xFF
        if primary not in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
    if not _has_journal(path):
        return _begun(_open(f"{uri}?mode=ro&immutable=1"), first_page), True
    if primary != sqlite3.SQLITE_IOERR:
        raise not_foldable(path.parent)
    # Exclusive locking keeps the map in this process's memory, at the price that readers wait for one another.
    return _begun(_open(f"{uri}?mode=rw"), "PRAGMA locking_mode = EXCLUSIVE", first_page), False


def _open(path: Path | str) -> sqlite3.Connection:
    is_uri = isinstance(path, str)
    return sqlite3.connect(path, isolation_level=None, timeout=30.0, check_same_thread=False, uri=is_uri)


def _begun(connection: sqlite3.Connection, *statements: str) -> sqlite3.Connection:
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_journal(path: Path) -> bool:
    journal = path.with_name(path.name + "-wal")
    return journal.is_file() and journal.stat().st_size > 0
