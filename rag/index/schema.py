"""The catalog's tables."""

from __future__ import annotations

import sqlite3

from rag.index.fingerprint import Fingerprint

__all__ = ["create_tables", "describe"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  doc_id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL,
  language TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL, pages TEXT NOT NULL, headings TEXT NOT NULL,
  warnings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
  chunk_id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  page INTEGER, headings TEXT NOT NULL, key TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_doc ON chunks (doc_id);
CREATE INDEX IF NOT EXISTS chunks_key ON chunks (key);
CREATE TABLE IF NOT EXISTS files (
  root TEXT NOT NULL, source TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL,
  doc_id TEXT REFERENCES documents ON DELETE CASCADE, reason TEXT, reading TEXT NOT NULL,
  PRIMARY KEY (root, source));
CREATE TABLE IF NOT EXISTS caches (
  name TEXT PRIMARY KEY, generation INTEGER NOT NULL, path TEXT NOT NULL, manifest TEXT NOT NULL);
"""


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables that are absent, inside the caller's transaction."""
    for statement in _SCHEMA.split(";"):
        db.execute(statement)


def describe(db: sqlite3.Connection, fingerprint: Fingerprint) -> None:
    """Write what the index is, unless it is written already."""
    db.executemany(
        "INSERT OR IGNORE INTO meta VALUES (?, ?)",
        [("format", "1"), ("fingerprint", fingerprint.to_json()), ("generation", "0")],
    )
