"""The caches of a generation on disk: written whole under a temporary name, recorded with their SHA-256, verified.

A cache is only ever a faster way to what the catalog already holds. It is used when the catalog records it for this
very generation and every file of it has the recorded size and hash; otherwise it is built again from the catalog.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rag.durable import put
from rag.index.catalog import Catalog
from rag.index.failures import explained
from rag.index.postings import Postings
from rag.index.steps import reached
from rag.index.vectors import Vectors

__all__ = ["load", "problems", "sweep", "write"]

_Cache = TypeVar("_Cache")


def load(catalog: Catalog, root: Path, generation: int) -> tuple[Vectors | None, Postings | None]:
    """The verified caches of ``generation``; None for one that is absent, stale or damaged."""
    vectors_path = _verified(catalog, root, "vectors", generation)
    postings_path = _verified(catalog, root, "postings", generation)
    return (
        None if vectors_path is None else _read(Vectors.read, vectors_path),
        None if postings_path is None else _read(Postings.read, postings_path),
    )


def _read(read: Callable[[Path], _Cache], path: Path) -> _Cache | None:
    try:
        return read(path)
    except (OSError, RuntimeError, ValueError):  # swept away by a writer since it was verified: it is only a cache
        return None


def problems(catalog: Catalog, root: Path) -> list[str]:
    """What is amiss with the caches of the catalog's generation, and what interrupted runs left beside them."""
    generation, found = catalog.generation(), []
    for name in ("vectors", "postings"):
        record = catalog.cache(name)
        if record is None or record[0] != generation:
            found.append(f"{name} not written for generation {generation}")
        elif _verified(catalog, root, name, generation) is None:
            found.append(f"{name} absent or damaged")
    if left := _stale(root, generation):
        found.append(f"left by an interrupted run: {', '.join(sorted(entry.name for entry in left))}")
    return found


def write(catalog: Catalog, root: Path) -> None:
    """Build both caches for the catalog's generation, put them in place, record them and sweep older ones away.

    The caller holds the writer lock. A crash at any step leaves the catalog complete and at worst a stale cache.
    Raises DiskFull, IndexFailure; nothing half-written is left to fill the disk further.
    """
    generation = catalog.generation()
    folder = root / "cache"
    vectors, postings = (folder / name for name in _names(generation))
    with explained(root, OSError, RuntimeError, ValueError):
        folder.mkdir(exist_ok=True)
        sweep(root, generation)  # before writing: a full disk may need the room
        with _temporary(folder) as temporary:
            Vectors.build(*catalog.vectors()).write(temporary)
            reached("vectors.temporary")
            put(temporary, vectors)
        reached("vectors.renamed")
        with _temporary(folder) as temporary:
            Postings.build(catalog.postings(), temporary)
            reached("postings.temporary")
            put(temporary, postings)
        reached("postings.renamed")
    catalog.record_caches(
        [
            ("vectors", generation, f"cache/{vectors.name}", json.dumps(_manifest(vectors))),
            ("postings", generation, f"cache/{postings.name}", json.dumps(_manifest(postings))),
        ]
    )
    reached("caches.recorded")


def sweep(root: Path, generation: int) -> None:
    """Remove what no reader to come will open: caches of other generations, and what a kill left half-written.

    The caller holds the writer lock. Readers of an older generation have its files open or mapped: they outlive their
    names.
    """
    for entry in _stale(root, generation):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    reached("caches.swept")


def _names(generation: int) -> tuple[str, str]:
    return f"vectors-{generation}.faiss", f"postings-{generation}"


def _stale(root: Path, generation: int) -> list[Path]:
    folder = root / "cache"
    return [entry for entry in folder.iterdir() if entry.name not in _names(generation)] if folder.is_dir() else []


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """A name in ``folder``; what is still under it when the block ends is removed."""
    path = folder / f"tmp-{uuid.uuid4().hex}"
    try:
        yield path
    finally:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # what stays is swept by the next writer
        else:
            path.unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    """The file itself, or a folder's files; lock files of tantivy hold nothing."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and not file.name.endswith(".lock"))


def _manifest(path: Path) -> dict[str, tuple[int, str]]:
    """``{file name: (bytes, SHA-256)}``."""
    return {file.name: (file.stat().st_size, _sha256(file)) for file in _files(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verified(catalog: Catalog, root: Path, name: str, generation: int) -> Path | None:
    record = catalog.cache(name)
    if record is None or record[0] != generation:
        return None
    path = root / record[1]
    expected = json.loads(record[2])
    try:
        found = {file.name: file.stat().st_size for file in _files(path)}
        if any(found.get(file) != size for file, (size, _) in expected.items()):
            return None
        folder = path.parent if path.is_file() else path
        intact = all(_sha256(folder / file) == digest for file, (_, digest) in expected.items())
    except OSError:  # absent or unreadable: it is only a cache
        return None
    return path if intact else None
