"""Disks that are really full or really read-only, and a real process that ingests onto them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INGEST = """
import sys
import click
from ingest import ingest_folder
from rag.terminal import run
from tests.doubles import HashingEncoder

@click.command()
def ingest():
    return ingest_folder(sys.argv[1], sys.argv[2], encoder=HashingEncoder()).exit_code

run(ingest, [])
"""


def ingesting(folder: Path, index: Path, *, file_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
    """``lastro ingest`` without the weights; ``file_bytes`` is the most the system lets it write to one file."""

    def limit() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    environment = {**os.environ, "LASTRO_INGEST__BATCH_DOCUMENTS": "8"}
    command = [sys.executable, "-c", INGEST, str(folder), str(index)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, preexec_fn=limit
    )


def _mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a disk of the test's own cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """``folder`` is a disk of its own, that small."""
    folder.mkdir()
    if sys.platform != "linux":
        pytest.skip("tmpfs is Linux's")
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def grow(folder: Path, kilobytes: int) -> None:
    """Make room on a small disk."""
    _mount("-o", f"remount,size={kilobytes}k", folder)


def fill(folder: Path) -> None:
    """Leave no byte free on a small disk."""
    with (folder / "filling").open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing can be written below ``folder``: by its permissions, or, as root is above those, by a read-only mount."""
    if os.geteuid() != 0:
        folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
        for path in folders:
            path.chmod(0o500)
        try:
            yield
        finally:
            for path in folders:
                path.chmod(0o700)
        return
    with _bound(folder, folder):
        yield


@contextmanager
def read_only_view(folder: Path, view: Path) -> Iterator[None]:
    """``view`` shows ``folder``, which others may go on writing to, read-only."""
    view.mkdir()
    with _bound(folder, view):
        yield


@contextmanager
def _bound(folder: Path, view: Path) -> Iterator[None]:
    _mount("--bind", folder, view)
    try:
        _mount("-o", "remount,bind,ro", view)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(view)], check=True)
