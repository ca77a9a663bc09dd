"""Folder → files: sorted, kept inside the folder, capped in size; what cannot be taken is named with the reason."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import FolderError

__all__ = ["Found", "check_folder", "files_under", "sha256_of"]

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
_SKIPPED_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file under ``root``. ``source`` is its path from there, with forward slashes; ``refusal`` is None when it may
    be read. ``mtime_ns`` and ``size`` are of the file a link points to."""

    root: str
    source: str
    path: Path
    size: int = 0
    mtime_ns: int = 0
    refusal: str | None = None


def check_folder(folder: Path) -> Path:
    """The folder's absolute path. Raises FolderError when it is missing or not a folder."""
    if not folder.exists():
        raise FolderError(f"folder {folder} does not exist.", subject=str(folder), hint="Check the path.")
    if not folder.is_dir():
        raise FolderError(f"{folder} is not a folder.", subject=str(folder), hint="Give the folder that holds it.")
    return folder.resolve()


def files_under(folder: Path, max_bytes: int) -> Iterator[Found]:
    """Every file below ``folder``, sorted by path. Hidden files and folders (``.git``) are left out."""
    root = str(folder)
    inside = folder.resolve()
    for directory, subfolders, names in os.walk(folder, followlinks=False):
        subfolders[:] = sorted(d for d in subfolders if not d.startswith(".") and d not in _SKIPPED_FOLDERS)
        here = Path(directory)
        links = [d for d in subfolders if (here / d).is_symlink()]
        for name in sorted([*names, *links]):
            if not name.startswith((".", "~$")) and name.lower() not in _SKIPPED_FILES:
                yield _look(root, inside, here / name, max_bytes)


def _look(root: str, inside: Path, path: Path, max_bytes: int) -> Found:
    relative = path.relative_to(root).as_posix()
    source = relative.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(inside):
            return Found(root, source, path, refusal="a link that leads out of the folder")
        state = path.stat()
    except OSError as error:
        return Found(root, source, path, refusal=f"cannot be looked at: {error.strerror}")
    except RuntimeError:
        return Found(root, source, path, refusal="a link that leads to itself")
    refusal = None
    if source != relative:
        refusal = "its name is not UTF-8; rename it"
    elif stat.S_ISDIR(state.st_mode):
        refusal = "a link to a folder; ingest that folder itself"
    elif not stat.S_ISREG(state.st_mode):
        refusal = "not a regular file (pipe, socket or device)"
    elif state.st_size == 0:
        refusal = "empty file"
    elif state.st_size > max_bytes:
        refusal = f"{state.st_size / 1e6:.0f} MB, over the limit of {max_bytes / 1e6:.0f} MB (ingest.max_file_bytes)"
    return Found(root, source, path, state.st_size, state.st_mtime_ns, refusal)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
