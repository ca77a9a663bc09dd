"""Folders × index → what an ingest would do, told without doing it: nothing is written, not even a lock."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ingest import read
from ingest.plan import Plan, check_for_work, known_files, look
from ingest.read.worker import Reader
from ingest.walk import Found, check_folders, sha256_of
from rag.config import Settings, load_settings
from rag.errors import NoIndex, UnreadableFile
from rag.index import FileState, Index
from rag.text import ANALYSER_VERSION

__all__ = ["Expected", "FileForecast", "Preview", "preview_folder"]

Expected = Literal["added", "updated", "unchanged", "moved", "removed", "refused", "tried again"]
"""An outcome; ``tried again`` is a file that was refused and would be read again."""

_ORDER: tuple[Expected, ...] = ("added", "updated", "unchanged", "moved", "removed", "refused", "tried again")


@dataclass(frozen=True, slots=True)
class FileForecast:
    """What would become of one file; ``reason`` for a refusal, a move, or why it would be read again."""

    source: str
    expected: Expected
    reason: str | None = None
    root: str = ""


@dataclass(slots=True)
class Preview:
    """What an ingest would do. A file to be read may turn out to be unreadable: only reading says so."""

    files: list[FileForecast] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def totals(self) -> dict[str, int]:
        """Files by what is expected of them, ``tried_again`` among them."""
        counts = dict.fromkeys(_ORDER, 0)
        for file in self.files:
            counts[file.expected] += 1
        return {name.replace(" ", "_"): count for name, count in counts.items()}

    def to_json(self) -> dict[str, Any]:
        """As an ingest's report, with ``dry_run`` true."""
        files = sorted(self.files, key=lambda file: (file.root, file.source))
        return {
            "dry_run": True,
            "files": [{"source": f.source, "outcome": f.expected, "reason": f.reason} for f in files],
            "totals": self.totals,
            "seconds": {"walk": round(self.seconds, 3)},
        }


def preview_folder(
    folders: Path | str | Sequence[Path | str], index_dir: Path | str, settings: Settings | None = None
) -> Preview:
    """What ``ingest_folder`` would do with the same arguments. Reads files only to know a move or a touched file.

    Raises FolderError, FingerprintMismatch where the chunks would be cut otherwise (which encoder would be used is not
    asked: no weights are loaded), DamagedIndex.
    """
    settings = settings or load_settings()
    roots = check_folders(folders)
    index_dir = Path(index_dir).resolve()
    started = time.perf_counter()
    check_for_work(roots, index_dir, settings.ingest.max_file_bytes)
    _check_fingerprint(index_dir, settings)
    limits = Reader(settings.ingest).limits
    plan = look(roots, index_dir, known_files(index_dir), settings.ingest.max_file_bytes, limits)
    return Preview(list(_forecasts(plan)), time.perf_counter() - started)


def _check_fingerprint(index_dir: Path, settings: Settings) -> None:
    try:
        found = Index.open(index_dir).fingerprint
    except NoIndex:
        return
    chunks = settings.chunks
    wanted = replace(
        found, chunk_tokens=chunks.tokens, chunk_overlap=chunks.overlap_sentences, analyser=ANALYSER_VERSION
    )
    Index.open(index_dir, wanted)


def _forecasts(plan: Plan) -> Iterator[FileForecast]:
    for file, _ in plan.refused:
        yield _of(file, "refused", file.refusal)
    for file, known in plan.settled:
        yield _of(file, "unchanged" if known.doc_id else "refused", known.reason)
    for file, before in plan.changed:
        yield _of_changed(file, before)
    for before, file, _ in plan.moved:
        yield _of(file, "moved", f"from {before.source}")
    for state in plan.removed:
        if state.doc_id is not None:  # an ingest says nothing of a refused file that is gone
            yield FileForecast(state.source, "removed", root=state.root)


def _of_changed(file: Found, before: FileState | None) -> FileForecast:
    if before is None:
        return _of(file, "added")
    if before.doc_id is None:
        return _of(file, "tried again", f"was refused: {before.reason}")
    if before.reading != read.READING_VERSION:
        return _of(file, "updated", "was read by other readers")
    return _of(file, "unchanged" if _same_bytes(file, before) else "updated")


def _same_bytes(file: Found, before: FileState) -> bool:
    try:
        return file.size == before.size and sha256_of(file.path) == before.sha256
    except (OSError, UnreadableFile):
        return False  # reading it will say why


def _of(file: Found, expected: Expected, reason: str | None = None) -> FileForecast:
    return FileForecast(file.source, expected, reason, file.root)
