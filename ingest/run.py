"""Folders → index: what changed is read, split, embedded and committed in batches; a stopped run resumes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest import read
from ingest.plan import Place, Plan, is_renamed, known_below, make_plan, moved_to, places
from ingest.read import Extract
from ingest.read.worker import Reader, Reading
from ingest.report import FileReport, Report
from ingest.split import split
from ingest.walk import Found, check_folder, files_under
from rag.config import Settings, load_settings
from rag.errors import FolderError, NoIndex
from rag.index import Batch, FileState, Fingerprint, Index, Writer, chunk_key
from rag.text import ANALYSER_VERSION, contextualise, detect_language
from rag.types import Chunk, Document, Outcome

__all__ = ["Encoder", "Progress", "fingerprint_of", "ingest_folder"]

Progress = Callable[[str, int, int], None]
"""``progress(what, done, of)``: called before each file and each embedding; counts are of files."""

_BATCH_CHUNKS = 512
"""A commit is made at the latest after so many chunks: about half a minute of embedding, which a kill may cost."""


class Encoder(Protocol):
    identity: str
    dimension: int
    query_prefix: str
    passage_prefix: str

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


def fingerprint_of(encoder: Encoder, settings: Settings) -> Fingerprint:
    """What an index built with these is called by."""
    return Fingerprint(
        encoder=encoder.identity,
        dimension=encoder.dimension,
        query_prefix=encoder.query_prefix,
        passage_prefix=encoder.passage_prefix,
        chunk_tokens=settings.chunks.tokens,
        chunk_overlap=settings.chunks.overlap_sentences,
        analyser=ANALYSER_VERSION,
    )


@dataclass(slots=True)
class _Pending:
    """What the next commit will make visible."""

    documents: list[tuple[Document, list[Chunk]]] = field(default_factory=list)
    files: list[FileState] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)
    lines: list[FileReport] = field(default_factory=list)

    def is_full(self, documents: int) -> bool:
        chunks = sum(len(chunks) for _, chunks in self.documents)
        return len(self.documents) >= documents or chunks >= _BATCH_CHUNKS


def ingest_folder(
    folders: Path | str | Sequence[Path | str],
    index_dir: Path | str,
    settings: Settings | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Make the index at ``index_dir`` agree with ``folders``; what it holds of other folders stays.

    An unchanged file (size and time) is not opened; a moved one (same bytes) not embedded; a removed one stops
    answering with the same commit. A file that cannot be read is one line of the report, never the end of the run.
    Each commit is whole: after a kill, the next run goes on from the last one. Raises FolderError, IndexLocked,
    FingerprintMismatch, DiskFull.
    """
    settings = settings or load_settings()
    given = [folders] if isinstance(folders, (str, Path)) else list(folders)
    roots = [check_folder(Path(folder)) for folder in given]
    index_dir = Path(index_dir).resolve()
    _check_for_work(roots, index_dir, settings)
    if encoder is None:
        from rag.models import load_encoder

        encoder = load_encoder(settings.models)
    index = Index.create(index_dir, fingerprint_of(encoder, settings))
    with closing(Reader(settings.ingest)) as reader:
        run = _Run(settings, encoder, reader, progress or (lambda what, done, of: None))
        with index.writer() as writer:
            run.ingest(writer, roots, index_dir)
            run.report.generation = writer.generation()
            started = time.perf_counter()
        run.report.seconds["commit"] += time.perf_counter() - started
    return run.report


def _check_for_work(roots: Sequence[Path], index_dir: Path, settings: Settings) -> None:
    """An empty folder is an error before anything is made or loaded, unless its documents are to be removed."""
    limit = settings.ingest.max_file_bytes
    if any(True for root in roots for _ in files_under(root, limit, skip={index_dir})):
        return
    try:
        with Index.open(index_dir).writer() as writer:
            known = writer.files()
    except NoIndex:
        known = {}
    if not known_below(known, places(roots, ())):
        names = ", ".join(map(str, roots))
        raise FolderError(f"no files in {names}.", subject=str(roots[0]), hint="Put documents there first.")


class _Run:
    def __init__(self, settings: Settings, encoder: Encoder, reader: Reader, progress: Progress) -> None:
        self.settings = settings
        self.encoder = encoder
        self.reader = reader
        self.progress = progress
        self.report = Report()
        self.pending = _Pending()
        self.taken: set[str] = set()
        self.done = self.of = 0

    def ingest(self, writer: Writer, roots: Sequence[Path], index_dir: Path) -> None:
        known = writer.files()
        looked_into = places(roots, {root for root, _ in known})
        with self._timed("walk"):
            plan = make_plan(
                [file for place in looked_into for file in self._files(place, index_dir)],
                known_below(known, looked_into),
                self.reader.limits,
            )
        self.taken = {state.doc_id for state in known.values() if state.doc_id}
        self._settle(plan)
        self._move_and_remove(writer, plan)
        renamed = [(file, before) for before, file, _ in plan.moved if is_renamed(before, file)]
        self.of = len(plan.changed) + len(renamed)
        for file, before in [*renamed, *plan.changed]:
            self.progress(file.source, self.done, self.of)
            self._take(file, before)
            self.done += 1
            if self.pending.is_full(self.settings.ingest.batch_documents):
                self._commit(writer)
        self._commit(writer)
        self.progress("", self.of, self.of)

    def _files(self, place: Place, index_dir: Path) -> Iterator[Found]:
        limit = self.settings.ingest.max_file_bytes
        return files_under(place.folder, limit, root=place.root, skip={index_dir})

    def _settle(self, plan: Plan) -> None:
        """Report what needs no reading."""
        for file, before in plan.settled:
            self._line(file, "unchanged" if before.doc_id else "refused", before.reason)
        for file, refused_before in plan.refused:
            self._refuse(file, refused_before, file.refusal or "", "")

    def _move_and_remove(self, writer: Writer, plan: Plan) -> None:
        """Commit what needs no embedding. A moved file whose name changed is read again: its title may come of it."""
        moves = [
            (before.doc_id, moved_to(before, file))
            for before, file, _ in plan.moved
            if before.doc_id is not None and not is_renamed(before, file)
        ]
        for before, file, _ in plan.moved:
            if not is_renamed(before, file):
                self._line(file, "moved", f"from {before.source}")
        forget = [state.doc_id for state in plan.removed if state.doc_id is not None]
        dropped = [(state.root, state.source) for state in plan.removed if state.doc_id is None]
        removed = [
            FileReport(state.source, "removed", root=state.root) for state in plan.removed if state.doc_id is not None
        ]
        if moves or forget or dropped:
            with self._timed("commit"):
                writer.commit(Batch(forget=forget, moves=moves, drop_files=dropped))
        self.taken -= set(forget)
        self.report.files += removed

    def _take(self, file: Found, before: FileState | None) -> None:
        """Read and split one file, and put it with what is pending."""
        moved = before is not None and (before.root, before.source) != (file.root, file.source)
        as_now = before is not None and before.reading == read.READING_VERSION
        known = before.sha256 if before is not None and before.doc_id is not None and as_now and not moved else ""
        with self._timed("read"):
            reading = self.reader.read(file.path, file.source, known)
        if reading.refusal is not None:
            self._refuse(file, before, reading.refusal, reading.sha256)
            return
        doc_id = before.doc_id if before is not None and before.doc_id else self._new_id(file)
        self.pending.files.append(_state(file, reading.sha256, doc_id))
        if reading.extract is None:  # touched, not changed
            self._line(file, "unchanged")
            return
        document = _document(doc_id, file, reading, reading.extract)
        with self._timed("split"):
            chunks = split(document, self.encoder, self.settings.chunks)
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
        self._line(file, "refused", reason)

    def _line(self, file: Found, outcome: Outcome, reason: str | None = None, chunks: int = 0) -> None:
        self.pending.lines.append(FileReport(file.source, outcome, reason, chunks, file.root))

    def _commit(self, writer: Writer) -> None:
        """Embed and commit what is pending."""
        pending, self.pending = self.pending, _Pending()
        with self._timed("embed"):
            vectors = self._embed(writer, pending.documents)
        if pending.documents or pending.files or pending.forget:
            documents = [(d, c, v) for (d, c), v in zip(pending.documents, vectors, strict=True)]
            with self._timed("commit"):
                writer.commit(Batch(documents=documents, files=pending.files, forget=pending.forget))
        self.report.files += pending.lines

    def _embed(
        self, writer: Writer, documents: Sequence[tuple[Document, Sequence[Chunk]]]
    ) -> list[NDArray[np.float32]]:
        """Vectors of each document's chunks; what was embedded before, anywhere in the index, is not embedded again."""
        keys = [[chunk_key(document.title, c.headings, c.text) for c in chunks] for document, chunks in documents]
        inputs = {
            key: contextualise(document.title, chunk.headings, chunk.text)
            for (document, chunks), of_document in zip(documents, keys, strict=True)
            for chunk, key in zip(chunks, of_document, strict=True)
        }
        vectors = writer.reusable_vectors(inputs)
        missing = sorted((key for key in inputs if key not in vectors), key=lambda key: len(inputs[key]))
        self.report.chunks_reused += len(vectors)
        self.report.chunks_embedded += len(missing)
        for at in range(0, len(missing), _BATCH_CHUNKS):
            self.progress(f"embedding {at} of {len(missing)} chunks", self.done, self.of)
            part = missing[at : at + _BATCH_CHUNKS]
            vectors |= dict(zip(part, self.encoder.encode([inputs[key] for key in part], "passage"), strict=True))
        empty = np.zeros((0, self.encoder.dimension), np.float32)
        return [np.stack([vectors[key] for key in of_document]) if of_document else empty for of_document in keys]

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.report.seconds[stage] += time.perf_counter() - started


def _state(file: Found, digest: str, doc_id: str | None) -> FileState:
    return FileState(file.root, file.source, file.size, file.mtime_ns, digest, doc_id, None, read.READING_VERSION)


def _document(doc_id: str, file: Found, reading: Reading, extract: Extract) -> Document:
    stem = Path(file.source).stem.replace("_", " ").replace("-", " ")
    first = extract.headings[0].title if extract.headings and extract.headings[0].level == 1 else ""
    return Document(
        doc_id=doc_id,
        source=file.source,
        title=extract.title or first or stem,
        media_type=reading.media_type,
        language=detect_language(extract.text),
        text=extract.text,
        sha256=reading.sha256,
        pages=extract.pages,
        headings=extract.headings,
        warnings=extract.warnings,
    )
