"""Folder → out of the index: its documents stop answering with one commit, whether or not the folder is still there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ingest.plan import Place, known_below
from ingest.report import FileReport, Report
from rag.errors import FolderError
from rag.index import Batch, Index

__all__ = ["forget_folder"]


def forget_folder(folders: Path | str | Sequence[Path | str], index_dir: Path | str) -> Report:
    """Take what the index at ``index_dir`` holds of ``folders`` out of it; the files themselves are left alone.

    A folder inside an ingested one is forgotten without the rest of that one, and is found again when that one is
    ingested. All or nothing: raises FolderError naming the first folder that the index holds nothing of; NoIndex,
    IndexLocked, DiskFull.
    """
    given = [folders] if isinstance(folders, (str, Path)) else list(folders)
    # As ingest names them: absolute, links resolved; what does not exist keeps its name.
    wanted = [Path(folder).resolve() for folder in given]
    report = Report()
    started = time.perf_counter()
    with Index.open(Path(index_dir).resolve()).writer() as writer:
        known = writer.files()
        for folder in wanted:
            if not known_below(known, [Place(folder, folder)]):
                raise _never_ingested(folder, {root for root, _ in known})
        gone = known_below(known, [Place(folder, folder) for folder in wanted]).values()
        report.generation = writer.commit(
            Batch(
                forget=[state.doc_id for state in gone if state.doc_id is not None],
                drop_files=[(state.root, state.source) for state in gone if state.doc_id is None],
            )
        )
    report.files = [FileReport(state.source, "removed", state.reason, root=state.root) for state in gone]
    report.seconds["commit"] = time.perf_counter() - started
    return report


def _never_ingested(folder: Path, roots: set[str]) -> FolderError:
    hint = f"It holds {', '.join(sorted(roots))}." if roots else "It holds no folder."
    return FolderError(f"the index holds nothing of {folder}.", subject=str(folder), hint=hint)
