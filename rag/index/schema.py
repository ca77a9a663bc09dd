"""The catalog's tables, and how those of an earlier format become today's."""

from __future__ import annotations

import sqlite3

from rag.index.duplicates import sign_all
from rag.index.fingerprint import Fingerprint
from rag.index.signature import SIGNATURE_VERSION

__all__ = ["FORMAT", "bring_up_to_date", "create", "format_of", "is_current"]

FORMAT = 2
"""1: without near-duplicates. Readers take both: they find none in an index of format 1."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  doc_id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL,
  language TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL, pages TEXT NOT NULL, headings TEXT NOT NULL,
  warnings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
  chunk_id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  page INTEGER, headings TEXT NOT NULL, key TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL,
  signature INTEGER REFERENCES signatures);
CREATE INDEX IF NOT EXISTS chunks_doc ON chunks (doc_id);
CREATE INDEX IF NOT EXISTS chunks_key ON chunks (key);
CREATE TABLE IF NOT EXISTS files (
  root TEXT NOT NULL, source TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL,
  doc_id TEXT REFERENCES documents ON DELETE CASCADE, reason TEXT, reading TEXT NOT NULL,
  PRIMARY KEY (root, source));
CREATE TABLE IF NOT EXISTS caches (
  name TEXT PRIMARY KEY, generation INTEGER NOT NULL, path TEXT NOT NULL, manifest TEXT NOT NULL);
"""
_DUPLICATES = """
CREATE TABLE IF NOT EXISTS signatures (
  signature_id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, cluster INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS signatures_cluster ON signatures (cluster);
CREATE TABLE IF NOT EXISTS sketches (
  value INTEGER NOT NULL, signature_id INTEGER NOT NULL REFERENCES signatures ON DELETE CASCADE,
  PRIMARY KEY (value, signature_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sketches_signature ON sketches (signature_id);
CREATE INDEX IF NOT EXISTS chunks_signature ON chunks (signature)
"""
"""Since format 2; see ``rag.index.duplicates``."""


def create(db: sqlite3.Connection, fingerprint: Fingerprint) -> None:
    """Make the tables and write what the index is, inside the caller's transaction; an index that exists is left."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return  # of an older format maybe: its writer brings it up to date, under the lock
    for statement in (_SCHEMA + _DUPLICATES).split(";"):
        db.execute(statement)
    db.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [
            ("format", str(FORMAT)),
            ("fingerprint", fingerprint.to_json()),
            ("generation", "0"),
            ("signatures", SIGNATURE_VERSION),
        ],
    )


def format_of(db: sqlite3.Connection) -> int:
    """The format the catalog was made in, or brought up to."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()[0])


def is_current(db: sqlite3.Connection) -> bool:
    """Whether a writer can go on at once: today's format, every chunk signed as today."""
    signed = db.execute("SELECT value FROM meta WHERE key = 'signatures'").fetchone()
    return format_of(db) == FORMAT and signed == (SIGNATURE_VERSION,)


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Today's format from any earlier one, inside the caller's transaction. Generation, ids and vectors stay, and with
    them the caches."""
    if format_of(db) < 2:
        db.execute("ALTER TABLE chunks ADD COLUMN signature INTEGER REFERENCES signatures")
        for statement in _DUPLICATES.split(";"):
            db.execute(statement)
    sign_all(db)
    db.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("format", str(FORMAT)), ("signatures", SIGNATURE_VERSION)]
    )
