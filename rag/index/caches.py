"""The caches of a generation on disk: written whole under a temporary name, recorded with their SHA-256, verified.

A cache is only ever a faster way to what the catalog already holds. It is used when the catalog records it for this
very generation and every file of it has the recorded size and hash; otherwise it is built again from the catalog.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.postings import Postings
from rag.index.steps import reached
from rag.index.vectors import Vectors

__all__ = ["load", "write"]


def load(catalog: Catalog, root: Path, generation: int) -> tuple[Vectors | None, Postings | None]:
    """The verified caches of ``generation``; None for one that is absent, stale or damaged."""
    vectors_path = _verified(catalog, root, "vectors", generation)
    postings_path = _verified(catalog, root, "postings", generation)
    return (
        None if vectors_path is None else Vectors.read(vectors_path),
        None if postings_path is None else Postings.read(postings_path),
    )


def write(catalog: Catalog, root: Path) -> None:
    """Build both caches for the catalog's generation, put them in place, record them and sweep older ones away.

    The caller holds the writer lock. A crash at any step leaves the catalog complete and at worst a stale cache.
    """
    generation = catalog.generation()
    folder = root / "cache"
    folder.mkdir(exist_ok=True)
    vectors_name, postings_name = f"vectors-{generation}.faiss", f"postings-{generation}"
    temporary = folder / f"tmp-{uuid.uuid4().hex}"
    Vectors.build(*catalog.vectors()).write(temporary)
    reached("vectors.temporary")
    _put(temporary, folder / vectors_name)
    reached("vectors.renamed")
    temporary = folder / f"tmp-{uuid.uuid4().hex}"
    Postings.build(catalog.postings(), temporary)
    reached("postings.temporary")
    _put(temporary, folder / postings_name)
    reached("postings.renamed")
    catalog.record_caches(
        [
            ("vectors", generation, f"cache/{vectors_name}", json.dumps(_manifest(folder / vectors_name))),
            ("postings", generation, f"cache/{postings_name}", json.dumps(_manifest(folder / postings_name))),
        ]
    )
    reached("caches.recorded")
    for entry in folder.iterdir():
        # Readers of an older generation have these files open or mapped: they outlive their names.
        if entry.name not in {vectors_name, postings_name}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    reached("caches.swept")


def _put(temporary: Path, final: Path) -> None:
    for file in _files(temporary):
        _sync(file)
    if temporary.is_dir():
        _sync(temporary)
    if final.is_dir():
        shutil.rmtree(final)
    temporary.replace(final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
