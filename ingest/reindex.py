"""An index as another encoder, chunker or analyser would have made it, from the texts it holds: no file is read.

What answers goes on answering until the new one is whole and takes its place in one commit (``rag.index.rebuild``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.embed import Encoder, embed, fingerprint_of
from ingest.progress import Progress, Step
from ingest.split import split
from rag.config import Settings, load_settings
from rag.index import Index, Rebuild
from rag.types import Chunk, Document

__all__ = ["Reindexed", "reindex"]

_BATCH_CHUNKS = 512
"""What is staged at a time: about half a minute of embedding, which a kill may cost."""


@dataclass(slots=True)
class Reindexed:
    """What a rebuild did. ``differences`` are between what answered before and what answers now, none when there was
    nothing to do; ``resumed`` documents had been staged by a run before; ``generation`` is the index's after it."""

    differences: list[str] = field(default_factory=list)
    documents: int = 0
    resumed: int = 0
    chunks_embedded: int = 0
    chunks_reused: int = 0
    seconds: float = 0.0
    generation: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "differences": self.differences,
            "documents": {"rebuilt": self.documents, "resumed": self.resumed},
            "chunks": {"embedded": self.chunks_embedded, "reused": self.chunks_reused},
            "seconds": round(self.seconds, 3),
            "generation": self.generation,
        }


def reindex(
    index_dir: Path | str,
    settings: Settings | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Reindexed:
    """Make the index at ``index_dir`` what ``settings`` ask for, beside the one that answers, and swap them at the end.

    A run that was stopped or killed is gone on with by the next for the same settings. Where the index is so already,
    what another one left is removed. Raises NoIndex, IndexLocked, DiskFull, and what loading the encoder raises.
    """
    settings = settings or load_settings()
    index = Index.open(Path(index_dir).resolve())
    if encoder is None:
        from rag.models import load_encoder

        encoder = load_encoder(settings.models)
    wanted = fingerprint_of(encoder, settings)
    done = Reindexed(index.fingerprint.differences(wanted))
    started = time.perf_counter()
    if done.differences:
        with index.rebuilding(wanted) as rebuild:
            _Run(rebuild, settings, encoder, progress or (lambda step: None), done).all()
            done.generation = rebuild.swap()
    else:
        with index.writer() as writer:
            writer.abandon_rebuild()
            done.generation = writer.generation()
    done.seconds = time.perf_counter() - started
    return done


class _Run:
    """The documents that wait, in batches."""

    def __init__(
        self, rebuild: Rebuild, settings: Settings, encoder: Encoder, progress: Progress, done: Reindexed
    ) -> None:
        self.rebuild = rebuild
        self.settings = settings
        self.encoder = encoder
        self.progress = progress
        self.done = done
        self.of = 0
        self.chunks = 0

    def all(self) -> None:
        waiting = self.rebuild.waiting()
        self.of, self.done.resumed = len(waiting), self.rebuild.staged()
        pending: list[tuple[Document, list[Chunk]]] = []
        for doc_id in waiting:
            document = self.rebuild.document(doc_id)
            self._tell("split", document.source, len(pending))
            pending.append((document, split(document, self.encoder, self.settings.chunks)))
            self.chunks += len(pending[-1][1])
            if sum(len(chunks) for _, chunks in pending) >= _BATCH_CHUNKS:
                self._stage(pending)
                pending = []
        self._stage(pending)

    def _stage(self, pending: Sequence[tuple[Document, list[Chunk]]]) -> None:
        def told(done: int, of: int) -> None:
            self._tell("embed", f"{done} of {of} chunks", len(pending))

        vectors, embedded, reused = embed(pending, self.encoder, self.rebuild, told)
        self._tell("commit", "", len(pending))
        self.rebuild.stage([(d, c, v) for (d, c), v in zip(pending, vectors, strict=True)])
        self.done.documents += len(pending)
        self.done.chunks_embedded += embedded
        self.done.chunks_reused += reused

    def _tell(self, stage: str, subject: str, in_hand: int) -> None:
        files = self.done.documents + in_hand
        self.progress(Step(stage, subject, files, self.done.documents, self.of, 0, self.chunks))
