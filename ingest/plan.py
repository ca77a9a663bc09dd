"""What is there now × what the index knows → what is to be done, without reading what did not change.

A file is unchanged when its size and time are; moved when its bytes went away in one place and appeared in another.
Folders that overlap share their files: a folder given inside one the index holds is that one's part, and one given
around folders the index holds takes their files over, so that no file answers twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ingest import read
from ingest.walk import Found, files_under, sha256_of
from rag.errors import FolderError, NoIndex, UnreadableFile
from rag.index import Catalog, FileState

__all__ = [
    "Known",
    "Place",
    "Plan",
    "Ready",
    "check_for_work",
    "is_renamed",
    "known_below",
    "known_files",
    "look",
    "make_plan",
    "moved_to",
    "places",
]

Known = Mapping[tuple[str, str], FileState]
"""What the index knows of each (root, source)."""

Ready = Callable[[Found], bool]
"""Whether a new or changed file may be read now: one that is being written may not."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to look into, and the folder the index counts its sources from: itself, or one around it."""

    folder: Path
    root: Path

    def holds(self, root: str, source: str) -> bool:
        """Whether this place is answerable for the file ``source`` of ``root``."""
        return Path(root, source).is_relative_to(self.folder)


@dataclass(slots=True)
class Plan:
    """Each file found stands in one list, as does each one gone.

    ``refused``: by its looks, unread. ``settled``: as it was last time, read or refused. ``changed``: to be read, with
    what was known of it. ``moved``: (where it was, where it is). ``removed``: no longer there. ``held``: new or
    changed, and not ready; what is known of it stays. ``away``: how many documents the index has of each folder that
    was not looked into and is not there: a folder that was renamed, or a drive that is not plugged in.
    """

    refused: list[tuple[Found, FileState | None]] = field(default_factory=list)
    settled: list[tuple[Found, FileState]] = field(default_factory=list)
    changed: list[tuple[Found, FileState | None]] = field(default_factory=list)
    moved: list[tuple[FileState, Found, str]] = field(default_factory=list)
    removed: list[FileState] = field(default_factory=list)
    held: list[Found] = field(default_factory=list)
    away: dict[str, int] = field(default_factory=dict)

    @property
    def asks_for_work(self) -> bool:
        """Whether anything is to be read, moved, removed or, having been read, is now refused by its looks."""
        newly_refused = any(before is None or before.reason != file.refusal for file, before in self.refused)
        return bool(self.changed or self.moved or self.removed or newly_refused)


def places(folders: Sequence[Path], known_roots: Iterable[str]) -> list[Place]:
    """The places to look into; a folder inside another one given is that one's part."""
    roots = [Path(root) for root in known_roots]
    outer = [f for f in dict.fromkeys(folders) if not any(f != g and f.is_relative_to(g) for g in folders)]
    around = {f: [root for root in roots if f != root and f.is_relative_to(root)] for f in outer}
    return [Place(f, min(around[f], key=lambda root: len(root.parts), default=f)) for f in outer]


def known_below(known: Known, looked_into: Sequence[Place]) -> dict[tuple[str, str], FileState]:
    """The files that ``looked_into`` answer for: one of these that is not found there is gone."""
    return {key: state for key, state in known.items() if any(place.holds(*key) for place in looked_into)}


def known_files(index_dir: Path) -> dict[tuple[str, str], FileState]:
    """What the index at ``index_dir`` knows, read without its lock; nothing where there is no index.

    Raises DamagedIndex, IndexFailure.
    """
    try:
        catalog = Catalog.open(index_dir / "catalog.sqlite")
    except NoIndex:
        return {}
    with closing(catalog):
        return catalog.files()


def check_for_work(roots: Sequence[Path], index_dir: Path, max_bytes: int) -> None:
    """An empty folder is a FolderError before anything is made or loaded, unless its documents are to be removed."""
    if any(True for root in roots for _ in files_under(root, max_bytes, skip={index_dir})):
        return
    if not known_below(known_files(index_dir), places(roots, ())):
        names = ", ".join(map(str, roots))
        raise FolderError(f"no files in {names}.", subject=str(roots[0]), hint="Put documents there first.")


def look(
    roots: Sequence[Path],
    index_dir: Path,
    known: Known,
    max_bytes: int,
    limits: Collection[str],
    *,
    ready: Ready | None = None,
) -> Plan:
    """Walk ``roots`` and compare them with ``known``, all that the index knows; ``max_bytes`` of a file are taken."""
    looked_into = places(roots, {root for root, _ in known})
    found = [
        file
        for place in looked_into
        for file in files_under(place.folder, max_bytes, root=place.root, skip={index_dir})
    ]
    plan = make_plan(found, known_below(known, looked_into), limits, ready=ready)
    answering = Counter(root for (root, _), state in known.items() if state.doc_id is not None)
    others = {root: count for root, count in answering.items() if not any(p.holds(root, "") for p in looked_into)}
    plan.away = {root: count for root, count in others.items() if not Path(root).is_dir()}
    return plan


def make_plan(found: Sequence[Found], known: Known, limits: Collection[str], *, ready: Ready | None = None) -> Plan:
    """Compare. ``known`` holds the files of the places looked into only; ``limits`` are the refusals that today's
    settings would repeat. Reads nothing but files of the size of one that is gone, to know a move."""
    plan = Plan()
    new: list[Found] = []
    for file in found:
        before = known.get((file.root, file.source))
        if file.refusal is not None:
            plan.refused.append((file, before))
        elif before is not None and _is_settled(file, before, limits):
            plan.settled.append((file, before))
        elif ready is not None and not ready(file):
            plan.held.append(file)
        elif before is not None:
            plan.changed.append((file, before))
        else:
            new.append(file)
    present = {(file.root, file.source) for file in found}
    closed = [PurePosixPath(file.root, file.source) for file in found if file.closed]
    # A held file may be one that is gone from elsewhere: forgotten now, it would have to be embedded again.
    held_sizes = {file.size for file in plan.held}
    gone = [
        state
        for key, state in known.items()
        if key not in present
        and state.size not in held_sizes
        and not any(PurePosixPath(*key).is_relative_to(folder) for folder in closed)
    ]
    plan.moved = _moves(new, gone)
    moved_from = {(before.root, before.source) for before, _, _ in plan.moved}
    moved_to = {(file.root, file.source) for _, file, _ in plan.moved}
    plan.changed += [(file, None) for file in new if (file.root, file.source) not in moved_to]
    plan.changed.sort(key=lambda pair: (pair[0].root, pair[0].source))
    plan.removed = [state for state in gone if (state.root, state.source) not in moved_from]
    return plan


def is_renamed(before: FileState, file: Found) -> bool:
    """Whether a moved file has another name: its title may come of it."""
    return PurePosixPath(before.source).name != PurePosixPath(file.source).name


def moved_to(before: FileState, file: Found) -> FileState:
    """What is known of a moved file, at its new place."""
    return replace(before, root=file.root, source=file.source, size=file.size, mtime_ns=file.mtime_ns)


def _is_settled(file: Found, before: FileState, limits: Collection[str]) -> bool:
    """Whether reading again, with the readers there are now, would say what is known.

    A file whose bytes could not be had (no hash) is tried again each time, for permissions leave size and time alone;
    one over a limit, when the limit is another.
    """
    if (before.size, before.mtime_ns, before.reading) != (file.size, file.mtime_ns, read.READING_VERSION):
        return False
    return before.doc_id is not None or before.sha256 != "" or before.reason in limits


def _moves(new: Sequence[Found], gone: Sequence[FileState]) -> list[tuple[FileState, Found, str]]:
    """``(where it was, where it is, SHA-256)``; of several copies, one of the same name first."""
    by_content: dict[tuple[str, int], list[FileState]] = {}
    for state in gone:
        if state.doc_id is not None:
            by_content.setdefault((state.sha256, state.size), []).append(state)
    sizes = {size for _, size in by_content}
    moves = []
    for file in new:
        if file.size not in sizes:
            continue
        try:
            digest = sha256_of(file.path)
        except (OSError, UnreadableFile):
            continue  # reading it will say why
        if candidates := by_content.get((digest, file.size)):
            name = PurePosixPath(file.source).name
            candidates.sort(key=lambda state: PurePosixPath(state.source).name == name)
            moves.append((candidates.pop(), file, digest))
    return moves
