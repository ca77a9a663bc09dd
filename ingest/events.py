"""The file system's events → sets of paths that changed; where it tells nothing, the folders are looked at in turn.

watchfiles was chosen because it is a thin hand on one native watcher a system (inotify, FSEvents, ReadDirectoryChanges)
that collects while nobody listens: what happens during a batch is there after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.walk import is_ignored
from rag.config import WatchSettings

if TYPE_CHECKING:
    from watchfiles.main import FileChange

__all__ = ["changes"]

Told = Callable[[str], None]
_Sets = Generator[frozenset[Path], None, None]


def changes(
    roots: Sequence[Path], skip: Collection[Path], settings: WatchSettings, stop: threading.Event, tell: Told
) -> Iterator[frozenset[Path]]:
    """Sets of changed paths below ``roots``, which are absolute, until ``stop``; an empty one when none came for a
    while (half of ``debounce_s``).

    ``roots`` themselves come when anything below them may have changed: at first, and when a folder that was away is
    back. While one is away nothing comes, so that an unplugged disk is not taken for an emptied folder.
    """
    devices: dict[Path, int] = {}
    events = settings.events
    while _wait_until_there(roots, devices, stop, settings, tell):
        watched = _identities(roots)
        if None in watched:  # gone again since
            continue
        yield frozenset(roots)
        source = _told(roots, skip, settings, stop) if events else _in_turn(roots, settings, stop)
        with closing(source):
            while True:
                try:
                    paths = next(source)
                # Its own error for what the system refuses is a RuntimeError; no room for watches is an OSError.
                except (OSError, RuntimeError) as error:
                    if events and _identities(roots) == watched:
                        events = False
                        tell(f"no events from the file system ({error}); looking every {settings.poll_s:g} s instead.")
                    break
                except StopIteration:
                    break
                if _identities(roots) != watched:
                    break
                yield paths


def _told(roots: Sequence[Path], skip: Collection[Path], settings: WatchSettings, stop: threading.Event) -> _Sets:
    import watchfiles

    pause_ms = round(settings.debounce_s * 500)
    step_ms = min(50, pause_ms)
    # No filter of watchfiles' own: it would go on waiting while something ignored goes on changing.
    told: Iterator[set[FileChange]] = watchfiles.watch(
        *roots,
        watch_filter=None,
        debounce=4 * step_ms,
        step=step_ms,
        rust_timeout=pause_ms,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    for found in told:
        paths = {Path(path) for _, path in found}
        yield frozenset(path for path in paths if not _is_ignored(path, roots, skip))


def _is_ignored(path: Path, roots: Sequence[Path], skip: Collection[Path]) -> bool:
    return path not in roots and all(is_ignored(path, root, skip) for root in roots if path.is_relative_to(root))


def _in_turn(roots: Sequence[Path], settings: WatchSettings, stop: threading.Event) -> _Sets:
    """Everything every ``poll_s``, nothing in between."""
    pause = min(settings.debounce_s / 2, settings.poll_s)
    waited = 0.0
    while not stop.wait(pause):
        waited += pause
        yield frozenset(roots) if waited >= settings.poll_s else frozenset()
        waited %= settings.poll_s


def _identities(roots: Sequence[Path]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    for root in roots:
        try:
            state = root.stat()
            found.append((state.st_dev, state.st_ino))
        except OSError:
            found.append(None)
    return found


def _wait_until_there(
    roots: Sequence[Path], devices: dict[Path, int], stop: threading.Event, settings: WatchSettings, tell: Told
) -> bool:
    """True once every folder is there, False when a stop comes before."""
    told = False
    while away := [root for root in roots if not _is_there(root, devices)]:
        if not told:
            names = ", ".join(map(str, away))
            tell(f"{names} is not there; what the index holds of it stays, and it is followed again when it is back.")
            told = True
        if stop.wait(settings.debounce_s):
            return False
    return not stop.is_set()


def _is_there(root: Path, devices: dict[Path, int]) -> bool:
    """Whether it is a folder on the device it was first seen on, or at least not empty: an empty folder on another
    device is where a disk was mounted that is gone."""
    try:
        device = root.stat().st_dev
        return root.is_dir() and (devices.setdefault(root, device) == device or any(root.iterdir()))
    except OSError:
        return False
