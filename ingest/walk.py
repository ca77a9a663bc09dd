"""Folder → files: sorted, kept inside the folder, capped in size; what cannot be taken is named with the reason."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.regular import NOT_REGULAR, open_regular
from rag.errors import FolderError

__all__ = ["Found", "check_folder", "check_folders", "files_under", "is_ignored", "sha256_of"]

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
_SKIPPED_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file under ``root``. ``source`` is its path from there, with forward slashes; ``refusal`` is None when it may
    be read. ``path``, ``mtime_ns`` and ``size`` are of the file a link points to.

    ``closed`` marks a folder that could not be listed: what lies below it is unknown, not gone.
    """

    root: str
    source: str
    path: Path
    size: int = 0
    mtime_ns: int = 0
    refusal: str | None = None
    closed: bool = False


def check_folder(folder: Path) -> Path:
    """The folder's absolute path. Raises FolderError when it is missing, not a folder, or cannot be listed."""
    if not folder.exists():
        raise FolderError(
            f"folder {folder} does not exist.",
            subject=str(folder),
            hint="Check the path; `lastro ingest --forget` takes the documents of a deleted folder out of an index.",
        )
    if not folder.is_dir():
        raise FolderError(f"{folder} is not a folder.", subject=str(folder), hint="Give the folder that holds it.")
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise FolderError(
            f"folder {folder} cannot be listed: {error.strerror}.", subject=str(folder), hint="Check its permissions."
        ) from error
    return folder.resolve()


def check_folders(folders: Path | str | Sequence[Path | str]) -> list[Path]:
    """The absolute path of each folder given, one or several. Raises FolderError as ``check_folder`` does."""
    given = [folders] if isinstance(folders, (str, Path)) else folders
    return [check_folder(Path(folder)) for folder in given]


def files_under(
    folder: Path, max_bytes: int, *, root: Path | None = None, skip: Collection[Path] = ()
) -> Iterator[Found]:
    """Every file below ``folder``, an absolute path, sorted by path; sources count from ``root``, by default itself.

    Hidden files and folders (``.git``), and the folders in ``skip`` (an index that lies among its documents), are
    left out.
    """
    root = root or folder
    closed: list[Found] = []

    def cannot_list(error: OSError) -> None:
        path = Path(error.filename)
        reason = f"cannot be listed ({error.strerror}); what the index holds of it stays"
        closed.append(Found(str(root), _source(root, path)[0], path, refusal=reason, closed=True))

    for directory, subfolders, names in os.walk(folder, followlinks=False, onerror=cannot_list):
        here = Path(directory)
        subfolders[:] = sorted(d for d in subfolders if _is_looked_into(here / d, skip))
        links = [d for d in subfolders if (here / d).is_symlink()]
        for name in sorted([*names, *links]):
            if not _is_skipped(name):
                yield _look(root, here / name, max_bytes)
    yield from closed


def is_ignored(path: Path, root: Path, skip: Collection[Path] = ()) -> bool:
    """Whether ``files_under`` leaves out what is at ``path``, which lies below ``root`` and may be gone."""
    folders = [folder for folder in path.parents if folder.is_relative_to(root) and folder != root]
    return _is_skipped(path.name) or path in skip or not all(_is_looked_into(folder, skip) for folder in folders)


def _is_skipped(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _SKIPPED_FILES


def _is_looked_into(folder: Path, skip: Collection[Path]) -> bool:
    return not folder.name.startswith(".") and folder.name not in _SKIPPED_FOLDERS and folder not in skip


def _source(root: Path, path: Path) -> tuple[str, bool]:
    """The path from ``root`` as text that can be stored, and whether it says the name exactly."""
    relative = path.relative_to(root).as_posix()
    source = os.fsencode(relative).decode("utf-8", "backslashreplace")
    return source, source == relative


def _look(root: Path, path: Path, max_bytes: int) -> Found:
    source, exact = _source(root, path)
    try:
        is_link = path.is_symlink()
        # The reader follows no link: one that is made after this look leads nowhere.
        where = path.resolve(strict=True) if is_link else path
        if not where.is_relative_to(root):
            return Found(str(root), source, path, refusal="a link that leads out of the folder")
        state = where.stat()
    except FileNotFoundError as error:
        reason = "a link to nothing" if is_link else f"cannot be looked at: {error.strerror}"
        return Found(str(root), source, path, refusal=reason)
    except OSError as error:
        return Found(str(root), source, path, refusal=f"cannot be looked at: {error.strerror}")
    except RuntimeError:
        return Found(str(root), source, path, refusal="a link that leads to itself")
    refusal = None
    if not exact:
        refusal = "its name is not UTF-8; rename it"
    elif stat.S_ISDIR(state.st_mode):
        refusal = "a link to a folder, which is read where it is"
    elif not stat.S_ISREG(state.st_mode):
        refusal = NOT_REGULAR
    elif state.st_size == 0:
        refusal = "empty file"
    elif state.st_size > max_bytes:
        refusal = f"{state.st_size / 1e6:.0f} MB, over the limit of {max_bytes / 1e6:.0f} MB (ingest.max_file_bytes)"
    return Found(str(root), source, where, state.st_size, state.st_mtime_ns, refusal)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes. Raises OSError or UnreadableFile when it cannot be read."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
