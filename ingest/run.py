"""Folders → index: what changed is read, split, embedded and committed in batches; a stopped run resumes."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest import read
from ingest.ahead import Request, read_ahead
from ingest.embed import Embedded, Embedder, Encoder, fingerprint_of
from ingest.naming import title_from_name
from ingest.plan import Plan, Ready, check_for_work, is_renamed, look, moved_to
from ingest.progress import Progress, Stage, Step
from ingest.read import Extract
from ingest.read.worker import Reader, Reading
from ingest.report import FileReport, Report
from ingest.split import split
from ingest.walk import Found, check_folders
from rag.config import Settings, load_settings
from rag.index import Batch, FileState, Index, Writer
from rag.text import detect_language
from rag.types import Chunk, Document, Outcome

__all__ = ["Run", "ingest_folder"]

_AHEAD = 32
"""Files that may be read before they are taken: what is read while a batch is embedded."""
_FIRST_CHUNKS = 64
"""The first batch is embedded from so many chunks on, and the next ones from twice as many each, so that the encoder
does not wait for half of a small folder to be read."""
_BATCH_CHUNKS = 512
"""A commit is made at the latest after so many chunks: about half a minute of embedding, which a kill may cost."""


@dataclass(slots=True)
class _Pending:
    """What one commit will make visible; ``read`` counts the files that were read until it was full."""

    documents: list[tuple[Document, list[Chunk]]] = field(default_factory=list)
    files: list[FileState] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)
    moves: list[tuple[str, FileState]] = field(default_factory=list)
    drop_files: list[tuple[str, str]] = field(default_factory=list)
    lines: list[FileReport] = field(default_factory=list)
    read: int = 0

    def is_full(self, documents: int, chunks: int) -> bool:
        return len(self.documents) >= documents or sum(len(of_one) for _, of_one in self.documents) >= chunks

    def changes_something(self) -> bool:
        return bool(self.documents or self.files or self.forget or self.moves or self.drop_files)


def ingest_folder(
    folders: Path | str | Sequence[Path | str],
    index_dir: Path | str,
    settings: Settings | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Report:
    """Make the index at ``index_dir`` agree with ``folders``; what it holds of other folders stays.

    An unchanged file (size and time) is not opened; a moved one (same bytes) not embedded; a removed one stops
    answering with the same commit. A file that cannot be read is one line of the report, never the end of the run.
    Each commit is whole: after a kill, the next run goes on from the last one; once ``stopped`` says so, what is in
    hand is committed and the report counts what is ``left``. Raises FolderError, IndexLocked, FingerprintMismatch,
    DiskFull.
    """
    settings = settings or load_settings()
    roots = check_folders(folders)
    index_dir = Path(index_dir).resolve()
    check_for_work(roots, index_dir, settings.ingest.max_file_bytes)
    if encoder is None:
        from rag.models import load_encoder

        encoder = load_encoder(settings.models)
    with closing(Reader(settings.ingest)) as reader:
        return Run(settings, encoder, reader, progress, stopped=stopped).into(index_dir, roots)


class Run:
    """One ingest. ``ready`` says which changed files may be read now, and ``held`` then whether there were others;
    ``stopped`` is asked between files, and what is in hand when it says so is committed."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        reader: Reader,
        progress: Progress | None = None,
        *,
        ready: Ready | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self.settings = settings
        self.encoder = encoder
        self.reader = reader
        self.progress = progress or (lambda step: None)
        self.ready = ready
        self.stopped = stopped or (lambda: False)
        self.report = Report()
        self.pending = _Pending()
        self.embedded: _Pending | None = None
        self.batch_chunks = _FIRST_CHUNKS
        self.taken: set[str] = set()
        self.files = self.committed = self.pages = self.chunks = 0
        self.of: int | None = None
        self.held = False
        self.telling = threading.Lock()

    def into(self, index_dir: Path, roots: Sequence[Path]) -> Report:
        """Make the index at ``index_dir`` agree with ``roots``. Raises IndexLocked, FingerprintMismatch, DiskFull."""
        index = Index.create(index_dir, fingerprint_of(self.encoder, self.settings))
        with index.writer() as writer:
            self._ingest(writer, roots, index_dir)
            self.report.generation = writer.generation()
            started = time.perf_counter()
        self.report.seconds["commit"] += time.perf_counter() - started
        return self.report

    def _ingest(self, writer: Writer, roots: Sequence[Path], index_dir: Path) -> None:
        known = writer.files()
        with self._stage("walk"):
            plan = look(
                roots, index_dir, known, self.settings.ingest.max_file_bytes, self.reader.limits, ready=self.ready
            )
        self.taken = {state.doc_id for state in known.values() if state.doc_id}
        self.held, self.report.away = bool(plan.held), plan.away
        self._settle(plan)
        self._move_and_remove(plan)
        renamed = [(file, before) for before, file, _ in plan.moved if is_renamed(before, file)]
        self.of = len(plan.changed) + len(renamed)
        asked = [*renamed, *plan.changed]
        requests = [Request(file.path, file.source, _known(file, before)) for file, before in asked]
        with (
            closing(Embedder(self.encoder, self._embedding)) as embedder,
            closing(read_ahead(self.reader, requests, _AHEAD, self.stopped)) as readings,
        ):
            for file, before in asked:
                self._tell("read", file.source)
                found = next(readings, None)
                if found is None:  # stopped
                    break
                self.report.seconds["read"] += found.seconds
                self._take(file, before, found.reading)
                self.files += 1
                if self.pending.is_full(self.settings.ingest.batch_documents, self.batch_chunks):
                    self._embed(writer, embedder)
                    self.batch_chunks = min(2 * self.batch_chunks, _BATCH_CHUNKS)
            self._embed(writer, embedder)
            if last := self._finished(embedder):
                self._commit(writer, *last)
        self.report.left = len(asked) - self.files

    def _settle(self, plan: Plan) -> None:
        """Report what needs no reading."""
        for file, before in plan.settled:
            self._line(file, "unchanged" if before.doc_id else "refused", before.reason, as_before=True)
        for file, refused_before in plan.refused:
            self._refuse(file, refused_before, file.refusal or "", "")

    def _move_and_remove(self, plan: Plan) -> None:
        """Put with what is pending what needs no reading: what goes and what comes in its place are one commit.

        A moved file whose name changed is read again: its title may come of it.
        """
        for before, file, _ in plan.moved:
            if before.doc_id is not None and not is_renamed(before, file):
                self.pending.moves.append((before.doc_id, moved_to(before, file)))
                self._line(file, "moved", f"from {before.source}")
        for state in plan.removed:
            if state.doc_id is None:
                self.pending.drop_files.append((state.root, state.source))
            else:
                self.pending.forget.append(state.doc_id)
                self.pending.lines.append(FileReport(state.source, "removed", root=state.root))

    def _take(self, file: Found, before: FileState | None, reading: Reading) -> None:
        """Split what was read of one file, and put it with what is pending."""
        moved = _has_moved(file, before)
        if reading.refusal is not None:
            self._refuse(file, before, reading.refusal, reading.sha256)
            return
        doc_id = before.doc_id if before is not None and before.doc_id else self._new_id(file)
        self.pending.files.append(_state(file, reading.sha256, doc_id))
        if reading.extract is None:  # touched, not changed
            self._line(file, "unchanged")
            return
        document = _document(doc_id, file, reading, reading.extract)
        with self._stage("split", file.source):
            chunks = split(document, self.encoder, self.settings.chunks)
        self.pages += len(document.pages)
        self.chunks += len(chunks)
        self.pending.documents.append((document, chunks))
        outcome: Outcome = "moved" if moved else "updated" if before is not None and before.doc_id else "added"
        remarks = [f"from {before.source}"] if moved and before is not None else []
        self._line(file, outcome, "; ".join([*remarks, *document.warnings]) or None, len(chunks))

    def _new_id(self, file: Found) -> str:
        """A hash of the place. A document keeps its id when its file moves on, so that another file at the same place
        needs another one."""
        place = f"{file.root}\0{file.source}"
        doc_id = hashlib.sha256(place.encode()).hexdigest()[:16]
        while doc_id in self.taken:
            doc_id = hashlib.sha256(f"{place}\0{doc_id}".encode()).hexdigest()[:16]
        self.taken.add(doc_id)
        return doc_id

    def _refuse(self, file: Found, before: FileState | None, reason: str, digest: str) -> None:
        """A file that can no longer be read stops answering: its old text is not what is there now."""
        if before is not None and before.doc_id is not None:
            self.pending.forget.append(before.doc_id)
        state = FileState(file.root, file.source, file.size, file.mtime_ns, digest, None, reason, read.READING_VERSION)
        if state != before:
            self.pending.files.append(state)
        self._line(file, "refused", reason, as_before=state == before)

    def _line(
        self, file: Found, outcome: Outcome, reason: str | None = None, chunks: int = 0, *, as_before: bool = False
    ) -> None:
        self.pending.lines.append(FileReport(file.source, outcome, reason, chunks, file.root, as_before))

    def _embed(self, writer: Writer, embedder: Embedder) -> None:
        """Begin to embed what is pending, once the batch before is embedded; that one is committed meanwhile."""
        before = self._finished(embedder)
        self.embedded, self.pending = self.pending, _Pending()
        self.embedded.read = self.files
        embedder.start(self.embedded.documents, writer)
        if before is not None:
            self._commit(writer, *before)

    def _finished(self, embedder: Embedder) -> tuple[_Pending, Embedded] | None:
        """The batch that was being embedded, if there is one, once it is."""
        batch, self.embedded = self.embedded, None
        return None if batch is None else (batch, embedder.finish())

    def _commit(self, writer: Writer, batch: _Pending, done: Embedded) -> None:
        self.report.seconds["embed"] += done.seconds
        self.report.chunks_embedded += done.embedded
        self.report.chunks_reused += done.reused
        if batch.changes_something():
            documents = [(d, c, v) for (d, c), v in zip(batch.documents, done.vectors, strict=True)]
            with self._stage("commit"):
                writer.commit(Batch(documents, batch.files, batch.forget, batch.moves, batch.drop_files))
        self.committed = batch.read
        self.report.files += batch.lines

    def _embedding(self, done: int, of: int) -> None:
        self._tell("embed", f"{done} of {of} chunks")

    def _tell(self, stage: Stage, subject: str = "") -> None:
        with self.telling:  # embedding goes on in a thread of its own
            self.progress(Step(stage, subject, self.files, self.committed, self.of, self.pages, self.chunks))

    @contextmanager
    def _stage(self, stage: Stage, subject: str = "") -> Iterator[None]:
        self._tell(stage, subject)
        started = time.perf_counter()
        try:
            yield
        finally:
            self.report.seconds[stage] += time.perf_counter() - started


def _has_moved(file: Found, before: FileState | None) -> bool:
    return before is not None and (before.root, before.source) != (file.root, file.source)


def _known(file: Found, before: FileState | None) -> str:
    """The hash of the bytes that need not be read again; empty where they must be, whatever they are."""
    if before is None or before.doc_id is None or before.reading != read.READING_VERSION or _has_moved(file, before):
        return ""
    return before.sha256


def _state(file: Found, digest: str, doc_id: str | None) -> FileState:
    return FileState(file.root, file.source, file.size, file.mtime_ns, digest, doc_id, None, read.READING_VERSION)


def _document(doc_id: str, file: Found, reading: Reading, extract: Extract) -> Document:
    first = extract.headings[0].title if extract.headings and extract.headings[0].level == 1 else ""
    return Document(
        doc_id=doc_id,
        source=file.source,
        title=extract.title or first or title_from_name(file.source),
        media_type=reading.media_type,
        language=detect_language(extract.text),
        text=extract.text,
        sha256=reading.sha256,
        pages=extract.pages,
        headings=extract.headings,
        warnings=extract.warnings,
    )
