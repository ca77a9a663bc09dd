"""What a server keeps besides indexes: keys, answers with their conversations, feedback. One SQLite file.

SQLite for the reason the catalog has it. The file and its folder are readable by their owner only.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import IndexFailure, NotFound

__all__ = ["Kept", "State", "state_folder"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, scopes TEXT NOT NULL, collections TEXT,
    created REAL NOT NULL, revoked REAL
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, created REAL NOT NULL, caller TEXT NOT NULL, collection TEXT NOT NULL,
    conversation_id TEXT NOT NULL, answer TEXT NOT NULL, record TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation_id, created);
CREATE INDEX IF NOT EXISTS answers_by_time ON answers (created);
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, created REAL NOT NULL, caller TEXT NOT NULL, collection TEXT NOT NULL, answer_id TEXT NOT NULL,
    thumbs TEXT NOT NULL, comment TEXT NOT NULL, expected TEXT, answer TEXT NOT NULL
) STRICT;
"""


def state_folder(index_dir: Path, given: Path | None) -> Path:
    """Where a server keeps its state: ``given``, or beside the index (``docs.lastro`` → ``docs.lastro.serve``)."""
    index_dir = index_dir.resolve()
    return given or index_dir.with_name(f"{index_dir.name}.serve")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given. ``answer`` is its JSON; ``record`` what it was made of, where an audit is kept."""

    id: str
    created: float
    caller: str
    collection: str
    conversation_id: str
    answer: Mapping[str, Any]
    record: Mapping[str, Any] | None = None


class State:
    """One open ``state.sqlite``. Safe to share between threads; other processes may write besides.

    Raises IndexFailure where it cannot be made, written to or read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "state.sqlite"
        self._guard = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")
        except OSError as error:
            raise IndexFailure(
                f"{path} cannot be opened or written to: {error.strerror}.",
                subject="serve.state",
                hint="Make its folder writable for this user, or give another as --state.",
            ) from error
        except sqlite3.Error as error:
            raise IndexFailure(
                f"{path} cannot be used: {error}.",
                subject="serve.state",
                hint="Move it away, or give another folder as --state.",
            ) from error

    def close(self) -> None:
        with self._guard:
            self._db.close()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one statement or a few; nobody else uses it meanwhile."""
        with self._guard:
            yield self._db

    def keep(self, kept: Kept, most: int) -> None:
        """Store an answer; of those without a record, the oldest beyond ``most`` go."""
        with self.connection() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    kept.id,
                    kept.created,
                    kept.caller,
                    kept.collection,
                    kept.conversation_id,
                    json.dumps(kept.answer, ensure_ascii=False),
                    None if kept.record is None else json.dumps(kept.record, ensure_ascii=False),
                ),
            )
            db.execute(
                "DELETE FROM answers WHERE record IS NULL AND id NOT IN "
                "(SELECT id FROM answers WHERE record IS NULL ORDER BY created DESC LIMIT ?)",
                (most,),
            )

    def answer(self, answer_id: str) -> Kept:
        """Raises NotFound when it was never kept, or no longer is."""
        with self.connection() as db:
            row = db.execute("SELECT * FROM answers WHERE id = ?", (answer_id,)).fetchone()
        if row is None:
            raise NotFound(
                f"no answer {answer_id[:80]!r}.", subject="answer_id", hint="Only the last serve.keep_answers are kept."
            )
        return _kept(row)

    def last_turn(self, conversation_id: str, caller: str) -> Kept | None:
        """The last answer of a conversation of this caller."""
        with self.connection() as db:
            row = db.execute(
                "SELECT * FROM answers WHERE conversation_id = ? AND caller = ? ORDER BY created DESC LIMIT 1",
                (conversation_id, caller),
            ).fetchone()
        return None if row is None else _kept(row)

    def forget_collection(self, collection: str) -> None:
        """Answers about a deleted collection quote its documents: they go with it."""
        with self.connection() as db:
            db.execute("DELETE FROM answers WHERE collection = ?", (collection,))

    def add_feedback(self, feedback_id: str, about: Kept, thumbs: str, comment: str, expected: str | None) -> None:
        """Store what somebody thinks of an answer, together with the answer."""
        row = (feedback_id, time.time(), about.caller, about.collection, about.id, thumbs, comment, expected)
        with self.connection() as db:
            db.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(about.answer, ensure_ascii=False)),
            )

    def feedback(self) -> list[dict[str, Any]]:
        """All feedback, oldest first; ``answer`` is the answer's JSON."""
        columns = "id, created, collection, answer_id, thumbs, comment, expected, answer"
        with self.connection() as db:
            rows = db.execute(f"SELECT {columns} FROM feedback ORDER BY created").fetchall()
        found = [dict(zip(columns.split(", "), row, strict=True)) for row in rows]
        return [row | {"answer": json.loads(row["answer"])} for row in found]


def _kept(row: tuple[Any, ...]) -> Kept:
    answer_id, created, caller, collection, conversation_id, answer, record = row
    made_of = None if record is None else json.loads(record)
    return Kept(answer_id, created, caller, collection, conversation_id, json.loads(answer), made_of)
