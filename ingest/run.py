"""Folders → index: what changed is read, split, embedded and committed in batches; a stopped run resumes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.read import Extract
from ingest.read.worker import Reader
from ingest.report import FileReport, Report
from ingest.split import split
from ingest.walk import Found, check_folder, files_under, sha256_of
from rag.config import Settings, load_settings
from rag.errors import FolderError, UnreadableFile
from rag.index import Batch, FileState, Fingerprint, Index, Writer, chunk_key
from rag.text import ANALYSER_VERSION, contextualise, detect_language
from rag.types import Chunk, Document

__all__ = ["Encoder", "Progress", "fingerprint_of", "ingest_folder"]

Progress = Callable[[str, int, int], None]
"""``progress(source, done, of)``: called before each file."""


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
    roots = list(dict.fromkeys(check_folder(Path(folder)) for folder in given))
    if encoder is None:
        from rag.models import load_encoder

        encoder = load_encoder(settings.models)
    run = _Run(settings, encoder, progress or (lambda source, done, of: None))
    index = Index.create(Path(index_dir), fingerprint_of(encoder, settings))
    with index.writer() as writer:
        try:
            run.ingest(writer, roots)
        finally:
            run.reader.close()
        started = time.perf_counter()
    run.report.seconds["commit"] += time.perf_counter() - started
    return run.report


class _Run:
    def __init__(self, settings: Settings, encoder: Encoder, progress: Progress) -> None:
        self.settings = settings
        self.encoder = encoder
        self.progress = progress
        self.report = Report()
        self.reader = Reader(settings.ingest)

    def ingest(self, writer: Writer, roots: Sequence[Path]) -> None:
        with self._timed("walk"):
            found = [f for root in roots for f in files_under(root, self.settings.ingest.max_file_bytes)]
        known = {key: state for key, state in writer.files().items() if key[0] in {str(root) for root in roots}}
        present = {(f.root, f.source) for f in found}
        if not found and not known:
            raise FolderError(
                f"no files in {', '.join(map(str, roots))}.", subject=str(roots[0]), hint="Put documents there first."
            )
        gone = {key: state for key, state in known.items() if key not in present}
        pending = _Pending()
        # Changed files are hashed before removals are committed: a removed file may have moved.
        changed = [f for f in found if not self._settled(f, known.get((f.root, f.source)), pending)]
        moves = self._moves(changed, gone, known)
        self._apply_moves_and_removals(writer, pending, moves, gone)
        rest = [f for f in changed if (f.root, f.source) not in {(s.root, s.source) for _, s in moves}]
        for done, file in enumerate(rest):
            self.progress(file.source, done, len(rest))
            self._read(file, known.get((file.root, file.source)), pending)
            if len(pending.documents) >= self.settings.ingest.batch_documents:
                pending = self._commit(writer, pending)
        self._commit(writer, pending)
        self.progress("", len(rest), len(rest))

    def _settled(self, file: Found, before: FileState | None, pending: _Pending) -> bool:
        """Whether nothing more is to be done for ``file``: refused by its looks, or unchanged."""
        if file.refusal is not None:
            self._refuse(file, before, file.refusal, pending)
            return True
        if before is None or (before.size, before.mtime_ns) != (file.size, file.mtime_ns):
            return False
        if before.doc_id is None:
            self._line(pending, file, "refused", before.reason)
        else:
            self._line(pending, file, "unchanged")
        return True

    def _moves(
        self, changed: Sequence[Found], gone: dict[tuple[str, str], FileState], known: dict[tuple[str, str], FileState]
    ) -> list[tuple[str, FileState]]:
        """``(doc_id, new place)`` of files that went away in one place and appeared, byte for byte, in another."""
        by_hash = {(state.sha256, state.size): state for state in gone.values() if state.doc_id is not None}
        moves = []
        for file in changed:
            if (file.root, file.source) in known or not any(size == file.size for _, size in by_hash):
                continue
            try:
                digest = sha256_of(file.path)
            except OSError:
                continue  # reading it will say why
            state = by_hash.pop((digest, file.size), None)
            if state is not None and state.doc_id is not None:
                place = FileState(file.root, file.source, file.size, file.mtime_ns, digest, state.doc_id)
                moves.append((state.doc_id, place))
        return moves

    def _apply_moves_and_removals(
        self,
        writer: Writer,
        pending: _Pending,
        moves: Sequence[tuple[str, FileState]],
        gone: dict[tuple[str, str], FileState],
    ) -> None:
        moved = dict(moves)
        removed = [state for state in gone.values() if state.doc_id is not None and state.doc_id not in moved]
        refused = [key for key, state in gone.items() if state.doc_id is None]
        before = {state.doc_id: state.source for state in gone.values()}
        for doc_id, place in moves:
            self.report.files.append(FileReport(place.source, "moved", f"from {before[doc_id]}", root=place.root))
        for state in removed:
            self.report.files.append(FileReport(state.source, "removed", root=state.root))
        if moves or removed or refused:
            forget = [state.doc_id for state in removed if state.doc_id is not None]
            with self._timed("commit"):
                self.report.generation = writer.commit(Batch(forget=forget, moves=moves, drop_files=refused))

    def _read(self, file: Found, before: FileState | None, pending: _Pending) -> None:
        try:
            with self._timed("read"):
                digest, media_type, extract = self.reader.read(file.path, file.source)
        except UnreadableFile as error:
            self._refuse(file, before, str(error), pending)
            return
        state = FileState(file.root, file.source, file.size, file.mtime_ns, digest, _doc_id(file))
        if before is not None and before.doc_id is not None and before.sha256 == digest:
            pending.files.append(state)  # touched, not changed
            self._line(pending, file, "unchanged")
            return
        document = _document(file, digest, media_type, extract)
        with self._timed("split"):
            chunks = split(document, self.encoder, self.settings.chunks)
        pending.documents.append((document, chunks))
        pending.files.append(state)
        outcome: Literal["added", "updated"] = "updated" if before is not None and before.doc_id else "added"
        self._line(pending, file, outcome, "; ".join(document.warnings) or None, len(chunks))

    def _refuse(self, file: Found, before: FileState | None, reason: str, pending: _Pending) -> None:
        """A file that can no longer be read stops answering: its old text is not what is there now."""
        if before is not None and before.doc_id is not None:
            pending.forget.append(before.doc_id)
        pending.files.append(FileState(file.root, file.source, file.size, file.mtime_ns, "", None, reason))
        self._line(pending, file, "refused", reason)

    def _line(
        self,
        pending: _Pending,
        file: Found,
        outcome: Literal["added", "updated", "unchanged", "refused"],
        reason: str | None = None,
        chunks: int = 0,
    ) -> None:
        pending.lines.append(FileReport(file.source, outcome, reason, chunks, file.root))

    def _commit(self, writer: Writer, pending: _Pending) -> _Pending:
        """Embed and commit what is pending; an empty one to go on with."""
        with self._timed("embed"):
            vectors = self._embed(writer, pending.documents)
        if pending.documents or pending.files or pending.forget:
            documents = [(d, c, v) for (d, c), v in zip(pending.documents, vectors, strict=True)]
            with self._timed("commit"):
                self.report.generation = writer.commit(
                    Batch(documents=documents, files=pending.files, forget=pending.forget)
                )
        self.report.files += pending.lines
        return _Pending()

    def _embed(
        self, writer: Writer, documents: Sequence[tuple[Document, Sequence[Chunk]]]
    ) -> list[NDArray[np.float32]]:
        """Vectors of each document's chunks; what was embedded before, anywhere in the index, is not embedded again."""
        inputs = {
            chunk_key(document.title, chunk.headings, chunk.text): contextualise(
                document.title, chunk.headings, chunk.text
            )
            for document, chunks in documents
            for chunk in chunks
        }
        vectors = writer.reusable_vectors(inputs)
        self.report.chunks_reused += len(vectors)
        missing = [key for key in inputs if key not in vectors]
        self.report.chunks_embedded += len(missing)
        if missing:
            made = self.encoder.encode([inputs[key] for key in missing], "passage")
            vectors |= dict(zip(missing, made, strict=True))
        empty = np.zeros((0, self.encoder.dimension), np.float32)
        return [
            np.stack([vectors[chunk_key(document.title, c.headings, c.text)] for c in chunks]) if chunks else empty
            for document, chunks in documents
        ]

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.report.seconds[stage] += time.perf_counter() - started


def _doc_id(file: Found) -> str:
    return hashlib.sha256(f"{file.root}\0{file.source}".encode()).hexdigest()[:16]


def _document(file: Found, digest: str, media_type: str, extract: Extract) -> Document:
    stem = Path(file.source).stem.replace("_", " ").replace("-", " ")
    first = extract.headings[0].title if extract.headings and extract.headings[0].level == 1 else ""
    return Document(
        doc_id=_doc_id(file),
        source=file.source,
        title=extract.title or first or stem,
        media_type=media_type,
        language=detect_language(extract.text),
        text=extract.text,
        sha256=digest,
        pages=extract.pages,
        headings=extract.headings,
        warnings=extract.warnings,
    )
