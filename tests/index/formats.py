"""An index as earlier versions left it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_CHUNKS_1 = """
CREATE TABLE before (
  chunk_id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  page INTEGER, headings TEXT NOT NULL, key TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL);
INSERT INTO before SELECT chunk_id, doc_id, ordinal, start, end, text, language, page, headings, key, terms, vector
  FROM chunks;
DROP TABLE chunks;
ALTER TABLE before RENAME TO chunks;
CREATE INDEX chunks_doc ON chunks (doc_id);
CREATE INDEX chunks_key ON chunks (key);
DROP TABLE sketches;
DROP TABLE signatures;
DELETE FROM meta WHERE key = 'signatures';
UPDATE meta SET value = '1' WHERE key = 'format';
"""


def make_format_1(root: Path) -> None:
    """Take away from the index at ``root`` what format 2 brought."""
    with closing(sqlite3.connect(root / "catalog.sqlite")) as db:
        db.executescript(f"BEGIN; {_CHUNKS_1} COMMIT;")


def format_of(root: Path) -> str:
    with closing(sqlite3.connect(root / "catalog.sqlite")) as db:
        (value,) = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    return str(value)
