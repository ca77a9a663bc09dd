"""SIGTERM is Ctrl-C: what was committed stays, the lock is free, the reader is gone, and the next run goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ingest import ingest_folder
from rag.index import Index
from tests.doubles import HashingEncoder
from tests.faults.disks import ROOT

SLOW = """
import pathlib, sys, time
import click
from ingest import ingest_folder
from rag.terminal import run
from tests.doubles import HashingEncoder

class Slow(HashingEncoder):
    def encode(self, texts, kind):
        with open(sys.argv[3], "a") as log:
            log.write("batch\\n")
        time.sleep(0.4)
        return super().encode(texts, kind)

@click.command()
def ingest():
    return ingest_folder(sys.argv[1], sys.argv[2], encoder=Slow()).exit_code

run(ingest, [])
"""


def wait_for(happened, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_ingest_leaves_whole_batches_and_the_next_run_goes_on(stop, tmp_path):
    folder, index, log = tmp_path / "docs", tmp_path / "ix", tmp_path / "log"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}.txt").write_text(f"A bomba {n} tem manual.", encoding="utf-8")
    environment = {**os.environ, "LASTRO_INGEST__BATCH_DOCUMENTS": "2"}
    command = [sys.executable, "-c", SLOW, str(folder), str(index), str(log)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: log.exists() and len(log.read_text().split()) >= 5)  # three batches are committed
        readers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(stop)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert readers
    assert not any(reader.is_running() and reader.status() != psutil.STATUS_ZOMBIE for reader in readers)
    assert not (index / "writer.json").exists()
    with Index.open(index).pin() as snapshot:
        committed = len(snapshot.documents())
    assert 6 <= committed < 20
    assert committed % 2 == 0
    encoder = HashingEncoder()
    report = ingest_folder(folder, index, encoder=encoder)
    assert len(encoder.embedded) == 20 - committed
    assert report.totals["unchanged"] == committed


WATCH = """
import os, sys, time
import rag.models
from rag.cli import main
from tests.doubles import HashingEncoder

class Slow(HashingEncoder):
    def encode(self, texts, kind):
        with open(os.environ["LOG"], "a") as log:
            log.write("batch\\n")
        time.sleep(1)
        return super().encode(texts, kind)

rag.models.load_encoder = lambda settings: Slow()
main()
"""


@contextmanager
def watching(folder: Path, index: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    """`lastro ingest --watch` after its first ingest, with the second batch in hand."""
    folder.mkdir()
    (folder / "a.txt").write_text("A bomba tem manual.", encoding="utf-8")
    environment = {**os.environ, "LASTRO_WATCH__DEBOUNCE_S": "0.1", "LOG": str(log)}
    command = [sys.executable, "-c", WATCH, "ingest", str(folder), "--index", str(index), "--watch"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as process:
        assert process.stdout is not None
        assert any(line.startswith("following") for line in process.stdout)
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        wait_for(lambda: len(log.read_text().split()) == 2)
        yield process


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_an_ingest_told_to_stop_commits_what_is_in_hand_says_what_is_left_and_resumes(stop, tmp_path):
    folder, index, log = tmp_path / "docs", tmp_path / "ix", tmp_path / "log"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}.txt").write_text(f"A bomba {n} tem manual.", encoding="utf-8")
    environment = {**os.environ, "LASTRO_INGEST__BATCH_DOCUMENTS": "2", "LOG": str(log)}
    command = [sys.executable, "-c", WATCH, "ingest", str(folder), "--index", str(index)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--json"], cwd=ROOT, env=environment, text=True, **pipes) as process:
        wait_for(lambda: log.exists() and len(log.read_text().split()) >= 3)  # the third batch is in hand
        process.send_signal(stop)
        shown, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    report = json.loads(shown)
    assert report["totals"]["added"] >= 6
    assert report["totals"]["added"] + report["left"] == 20
    assert "finishing what is in hand" in said
    assert f"interrupted with {report['left']} files left" in said
    with Index.open(index).pin() as snapshot:
        assert len(snapshot.documents()) == report["totals"]["added"]
    rest = subprocess.run([*command, "--json"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert json.loads(rest.stdout)["totals"]["added"] == report["left"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_told_to_stop_finishes_the_batch_in_hand(stop, tmp_path):
    with watching(tmp_path / "docs", tmp_path / "ix", tmp_path / "log") as process:
        process.send_signal(stop)
        shown, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "  1 added: b.txt  (" in shown.splitlines()[0]
    assert "finishing what is in hand" in said
    assert "Traceback" not in said
    assert not (tmp_path / "ix" / "writer.json").exists()
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert {row.source for row in snapshot.documents()} == {"a.txt", "b.txt"}


def test_a_watch_told_to_stop_twice_stops_at_once_and_what_was_committed_stays(tmp_path):
    with watching(tmp_path / "docs", tmp_path / "ix", tmp_path / "log") as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        assert any("once more stops at once" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "interrupted" in said
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert {row.source for row in snapshot.documents()} == {"a.txt"}
    with Index.open(tmp_path / "ix").writer():
        pass


def test_any_command_told_to_stop_exits_as_after_ctrl_c():
    script = "import click, time; from rag.terminal import run\n"
    script += "@click.command()\ndef wait():\n    print('waiting', flush=True)\n    time.sleep(60)\nrun(wait, [])"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130, said
    assert "Traceback" not in said


def test_a_process_that_ignores_sigterm_goes_on_ignoring_it():
    script = "import click, signal; from rag.terminal import run\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    script += "@click.command()\ndef raise_():\n    signal.raise_signal(signal.SIGTERM)\nrun(raise_, [])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stop_while_a_reading_starts_does_not_wait_for_its_time_limit(tmp_path):
    (tmp_path / "a.txt").write_text("A bomba tem manual.", encoding="utf-8")
    script = """
import pathlib, signal, sys, threading
from ingest.read.worker import Reader
from rag.config import IngestSettings
from rag.terminal import run
import click

start = threading.Timer.start
def stopped(timer):
    start(timer)
    signal.raise_signal(signal.SIGTERM)
threading.Timer.start = stopped

@click.command()
def read():
    Reader(IngestSettings()).read(pathlib.Path(sys.argv[1]), "a.txt")

run(read, [])
"""
    command = [sys.executable, "-c", script, str(tmp_path / "a.txt")]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 130, done.stderr
    assert "interrupted" in done.stderr


@pytest.mark.weights
def test_lastro_ingest_is_stopped_by_sigterm(weights, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(200):
        (folder / f"{n:03}.txt").write_text(f"A bomba {n} tem manual. " * 300, encoding="utf-8")
    command = [sys.executable, "-m", "rag.cli", "ingest", str(folder), "--index", str(tmp_path / "ix")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: Path(tmp_path, "ix", "writer.json").exists())
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted" in said
    with Index.open(tmp_path / "ix").writer():
        pass
