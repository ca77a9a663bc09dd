"""A folder that is followed: its changes, once written and quiet, become one batch, and a batch one commit.

An event only says *when* to look: what is to be done comes of the same comparison of folder and index as every ingest,
so that an event that was lost, doubled or out of order does no harm, and a sweep finds what no event told.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ingest.embed import Encoder
from ingest.events import changes
from ingest.plan import known_files, look
from ingest.progress import Progress
from ingest.read.worker import Reader
from ingest.report import Report
from ingest.run import Run
from ingest.walk import Found, check_folders
from rag.config import Settings, load_settings
from rag.errors import LastroError

__all__ = ["Stillness", "watch_folder"]

_PATIENCE = 10
"""A folder that is never quiet is looked at after so many times the quiet that was waited for."""

_LONG_S = 30.0
"""A file that is being written for so long is told of, once: it may be a log, or a download that hangs."""

_DOCUMENTS = 1024
"""A batch is one commit, but for one so large that a kill would cost more than half a minute of embedding."""


def watch_folder(
    folders: Path | str | Sequence[Path | str],
    index_dir: Path | str,
    settings: Settings | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[Report]:
    """Ingest ``folders``, then follow them: the report of the first ingest, then one a batch, of what it changed only.

    Ends after the batch in hand once ``stop`` is set. A folder may be empty, and what can be tried again (the index is
    being written by another process, the disk is full) is told to ``tell`` and tried again. Raises FolderError,
    FingerprintMismatch, and in the first ingest IndexLocked, DiskFull.
    """
    settings = settings or load_settings()
    roots = check_folders(folders)
    if encoder is None:
        from rag.models import load_encoder

        encoder = load_encoder(settings.models)
    with closing(Reader(settings.ingest)) as reader:
        watch = _Watch(settings, roots, Path(index_dir).resolve(), encoder, reader, stop, tell)
        yield Run(settings, encoder, reader, progress, stopped=stop.is_set).into(watch.index_dir, roots)
        yield from watch.batches()


class Stillness:
    """Whether a file is as it was ``seconds`` ago: its size and time, as last seen here, not as a clock that may be
    another machine's says."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: dict[Path, tuple[int, int, float]] = {}

    def note(self, paths: Iterable[Path]) -> None:
        """An event told of these."""
        for path in paths:
            try:
                state = path.stat()
            except OSError:  # gone, or not to be looked at
                self._seen.pop(path, None)
            else:
                self._seen[path] = (state.st_size, state.st_mtime_ns, self._clock())

    def __call__(self, file: Found) -> bool:
        """A file seen for the first time is not still yet."""
        now = self._clock()
        size, mtime_ns, since = self._seen.get(file.path, (-1, -1, now))
        if (size, mtime_ns) != (file.size, file.mtime_ns):
            self._seen[file.path] = (file.size, file.mtime_ns, now)
            return False
        return now - since >= self._seconds

    def clear(self) -> None:
        """Nothing is waited for."""
        self._seen.clear()


class _Watch:
    def __init__(
        self,
        settings: Settings,
        roots: Sequence[Path],
        index_dir: Path,
        encoder: Encoder,
        reader: Reader,
        stop: threading.Event,
        tell: Callable[[str], None],
    ) -> None:
        whole = settings.ingest.model_copy(update={"batch_documents": _DOCUMENTS})
        self.settings = settings.model_copy(update={"ingest": whole})
        self.roots = roots
        self.index_dir = index_dir
        self.encoder = encoder
        self.reader = reader
        self.stop = stop
        self.tell = tell
        self.still = Stillness(settings.watch.debounce_s)
        self.first_event: float | None = None
        self.last_event = self.looked = time.monotonic()
        self.held = False
        self.held_since: dict[Path, float] = {}
        self.retry_at = 0.0

    def batches(self) -> Iterator[Report]:
        for paths in changes(self.roots, {self.index_dir}, self.settings.watch, self.stop, self.tell):
            now = time.monotonic()
            if paths:
                self.still.note(paths)
                self.last_event = now
                self.first_event = now if self.first_event is None else self.first_event
            if not self._is_due(now):
                continue
            report = self._try_batch(now)
            if report is not None and report.files:
                yield report

    def _is_due(self, now: float) -> bool:
        """Time for a sweep, or events and then quiet, or a file that was held and may be written by now."""
        quiet = self.settings.watch.debounce_s
        if now < self.retry_at:
            return False
        if self.first_event is not None and (
            now - self.last_event >= quiet or now - self.first_event >= _PATIENCE * quiet
        ):
            return True
        return now - self.looked >= (quiet if self.held else self.settings.watch.sweep_s)

    def _try_batch(self, now: float) -> Report | None:
        try:
            report = self._batch()
        except LastroError as error:
            if not error.retryable:
                raise
            self.first_event, self.retry_at = now, now + self.settings.watch.poll_s
            self.tell(f"{error.message} Trying again in {self.settings.watch.poll_s:g} s.")
            return None
        self.first_event = None
        self.looked = time.monotonic()
        if not self.held:
            self.still.clear()
        return report

    def _batch(self) -> Report | None:
        """One look, without the index's lock; and if it asks for work, one ingest. Lines of what changed only."""
        limit, limits = self.settings.ingest.max_file_bytes, self.reader.limits
        plan = look(self.roots, self.index_dir, known_files(self.index_dir), limit, limits, ready=self.still)
        self.held = bool(plan.held)
        self._tell_of_long_writes(plan.held)
        if not plan.asks_for_work:
            return None
        run = Run(self.settings, self.encoder, self.reader, ready=self.still, stopped=self.stop.is_set)
        report = run.into(self.index_dir, self.roots)
        self.held |= run.held
        report.files = [file for file in report.files if not file.as_before and file.outcome != "unchanged"]
        return report

    def _tell_of_long_writes(self, held: Sequence[Found]) -> None:
        now = time.monotonic()
        self.held_since = {file.path: self.held_since.get(file.path, now) for file in held}
        for file in held:
            if now - self.held_since[file.path] >= _LONG_S:
                self.held_since[file.path] = math.inf
                self.tell(f"{file.source} is still being written after {_LONG_S:g} s; it is read once it is at rest.")
