"""Files sent to a server → a folder of its own → the index, read in the same capped child as any other file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingest.progress import Step
from ingest.refusals import group_refusals
from ingest.report import Report
from ingest.run import ingest_folder
from rag.durable import DISK_FULL, put, system_error
from rag.errors import DiskFull, DocumentNotFound, UsageError
from rag.facade import Lastro
from rag.index import Batch, FileState, Writer

__all__ = ["Upload", "delete_document", "refused_id", "refused_kind", "stored_and_ingested"]

_LONGEST_NAME = 200
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name, checked, and its bytes, to be read once."""

    name: str
    content: BinaryIO

    @classmethod
    def checked(cls, name: str | None, content: BinaryIO) -> Upload:
        """Raises UsageError for a name that is none, or more than a name."""
        name = unicodedata.normalize("NFC", name or "")
        if (
            not name.strip()
            or len(name.encode("utf-8", "replace")) > _LONGEST_NAME
            or name.startswith((".", "~$"))
            or re.search(r"[/\\\x00-\x1f\x7f\ud800-\udfff]", name)
        ):
            raise UsageError(
                f"{name[:80]!r} cannot be a file's name here.",
                subject="file",
                hint="Send a plain name with its suffix, such as contrato.pdf, without folders.",
            )
        return cls(name, content)


def stored_and_ingested(
    uploads: Sequence[Upload], folder: Path, lastro: Lastro, progress: Callable[[Step], Any]
) -> dict[str, Any]:
    """What became of each file: it is stored in ``folder``, which is then brought into the index.

    A file of the same name takes the place of the one before it. Raises IndexLocked, FingerprintMismatch, DiskFull.
    """
    for upload in uploads:
        _store(upload, folder)
    report = ingest_folder(folder, lastro.index.root, lastro.settings, encoder=lastro.encoder, progress=progress)
    with lastro.index.pin() as snapshot:  # loads the new generation before the next question needs it
        ids = {(state.root, state.source): state.doc_id for state in snapshot.files()}
    return {"generation": report.generation, "files": _lines(report, {upload.name for upload in uploads}, ids)}


def _store(upload: Upload, folder: Path) -> None:
    # Hidden, so that an ingest that runs meanwhile passes it over.
    temporary = folder / f".{uuid.uuid4().hex}"
    try:
        with temporary.open("xb") as file:
            while piece := upload.content.read(_PIECE):
                file.write(piece)
        temporary.chmod(0o600)
        put(temporary, folder / upload.name)
    except OSError as error:
        if system_error(error) in DISK_FULL:
            raise DiskFull(
                f"no room to keep {upload.name}.", subject=upload.name, hint="Free some space and send it again."
            ) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _lines(report: Report, names: set[str], ids: dict[tuple[str, str], str | None]) -> list[dict[str, Any]]:
    return [
        {
            "source": line.source,
            "outcome": line.outcome,
            "reason": line.reason,
            "kind": refused_kind(line.source, line.reason) if line.outcome == "refused" else None,
            "chunks": line.chunks,
            "doc_id": ids.get((line.root, line.source)),
        }
        for line in sorted(report.files, key=lambda line: line.source)
        if line.source in names
    ]


def refused_id(state: FileState) -> str:
    """What a refused file, which is no document, can be called by."""
    return "refused-" + hashlib.sha256(f"{state.root}\0{state.source}".encode()).hexdigest()[:16]


def refused_kind(source: str, reason: str | None) -> str | None:
    """Of a few kinds of reasons that of ``reason``; a reason that none knows is its own."""
    groups = group_refusals([(source, reason)] if reason else [])
    return groups[0].kind if groups else None


def delete_document(document_id: str, folder: Path, lastro: Lastro) -> dict[str, Any]:
    """The document stops answering with the generation returned; an uploaded file is deleted with it.

    A file of another folder stays on its disk, and comes back with the next ingest of that folder. Raises
    DocumentNotFound, IndexLocked, DiskFull.
    """
    with lastro.index.writer() as writer:
        state = _file_of(document_id, writer)
        if state.root == str(folder.resolve()):
            (folder / state.source).unlink(missing_ok=True)
        forget = [] if state.doc_id is None else [state.doc_id]
        generation = writer.commit(Batch(forget=forget, drop_files=[(state.root, state.source)]))
    return {"deleted": document_id, "source": state.source, "generation": generation}


def _file_of(document_id: str, writer: Writer) -> FileState:
    for state in writer.files().values():
        if document_id in {state.doc_id, refused_id(state)}:
            return state
    raise DocumentNotFound(f"no document {document_id[:80]!r}.", subject="doc_id", hint="GET /v1/documents lists them.")
