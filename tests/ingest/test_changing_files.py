"""Files that are no files, cannot be had, go away or change while they are read: each has its line in the report."""

import base64
import os
import stat
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import ingest_folder
from ingest.plan import make_plan
from ingest.read.worker import Reader, Reading, _answer
from ingest.run import Run
from ingest.walk import files_under
from rag.config import load_settings
from rag.index import Index
from tests.doubles import HashingEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("A garantia da bomba é de 24 meses.", encoding="utf-8")
    (folder / "b.txt").write_text("O rotor travado aparece como erro E4.", encoding="utf-8")
    return folder


class Meddling(Reader):
    """The reader, beside whom somebody does something to a file right before it is read."""

    def __init__(self, meddle: Callable[[Path], None]) -> None:
        super().__init__(load_settings().ingest)
        self.meddle = meddle

    def read(self, path: Path, source: str, known_sha256: str = "") -> Reading:
        self.meddle(path)
        return super().read(path, source, known_sha256)


def lines(folder: Path, index: Path, meddle: Callable[[Path], None] = lambda path: None) -> dict[str, tuple]:
    with closing(Meddling(meddle)) as reader:
        report = Run(load_settings(), HashingEncoder(), reader).into(index, [folder])
    return {file.source: (file.outcome, file.reason) for file in report.files}


def asked(path: Path) -> dict:
    return _answer({"path": base64.b64encode(os.fsencode(path)).decode(), "source": path.name, "known": ""})


def test_a_socket_and_a_device_are_named_for_what_they_are(folder, tmp_path):
    os.mknod(folder / "ligação", stat.S_IFSOCK | 0o600)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    reasons = {file.source: file.reason for file in report.files if file.outcome == "refused"}
    assert reasons == {"ligação": "not a regular file (pipe, socket or device)"}
    devices = {file.source: file.refusal for file in files_under(Path("/dev"), 10**9)}
    assert devices["null"] == devices["zero"] == "not a regular file (pipe, socket or device)"


def test_a_file_that_goes_away_before_it_is_read_is_named_and_read_once_it_is_back(folder, tmp_path):
    text = (folder / "b.txt").read_bytes()

    def remove(path: Path) -> None:
        if path.name == "b.txt":
            path.unlink()

    gone = ("refused", "cannot be read: No such file or directory")
    assert lines(folder, tmp_path / "ix", remove) == {"a.txt": ("added", None), "b.txt": gone}
    assert lines(folder, tmp_path / "ix") == {"a.txt": ("unchanged", None)}
    (folder / "b.txt").write_bytes(text)
    assert lines(folder, tmp_path / "ix") == {"a.txt": ("unchanged", None), "b.txt": ("added", None)}


def test_a_file_that_changes_between_the_look_and_the_reading_is_read_again_by_the_next_run(folder, tmp_path):
    def edit(path: Path) -> None:
        path.write_text("Outro texto, escrito depois de visto.", encoding="utf-8")

    assert lines(folder, tmp_path / "ix", edit)["a.txt"] == ("added", None)
    read = []
    assert lines(folder, tmp_path / "ix", read.append)["a.txt"] == ("unchanged", None)
    assert [path.name for path in read] == ["a.txt", "b.txt"]
    assert lines(folder, tmp_path / "ix", lambda path: pytest.fail("read a third time"))["a.txt"][0] == "unchanged"


def test_a_file_that_becomes_a_folder_is_named(folder, tmp_path):
    def swap(path: Path) -> None:
        if path.name == "a.txt":
            path.unlink()
            path.mkdir()

    assert lines(folder, tmp_path / "ix", swap)["a.txt"] == ("refused", "cannot be read: Is a directory")


def test_a_disk_that_cannot_read_a_file_is_the_file_s_refusal():
    assert asked(Path("/proc/self/mem")) == {"sha256": "", "refusal": "cannot be read: Input/output error"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_closed_to_this_user_is_named_and_read_once_it_is_open(folder, tmp_path):
    (folder / "a.txt").chmod(0)
    assert lines(folder, tmp_path / "ix")["a.txt"] == ("refused", "cannot be read: Permission denied")
    (folder / "a.txt").chmod(0o600)
    assert lines(folder, tmp_path / "ix")["a.txt"] == ("added", None)


def test_what_is_written_in_the_same_tick_as_before_and_to_the_same_size_is_not_missed(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("Prazo: 24 meses.", encoding="utf-8")
    os.utime(path, ns=(time.time_ns(), time.time_ns()))
    stamped = path.stat()

    def later_in_the_tick(seconds: float) -> None:
        assert 0 < seconds <= 10
        path.write_text("Prazo: 36 meses.", encoding="utf-8")
        os.utime(path, ns=(stamped.st_atime_ns, stamped.st_mtime_ns))  # as a coarse clock would

    monkeypatch.setattr("ingest.read.worker._TICK_NS", 10**10)
    monkeypatch.setattr(time, "sleep", later_in_the_tick)
    assert asked(path)["extract"]["text"] == "Prazo: 36 meses."
    assert path.stat().st_mtime_ns == stamped.st_mtime_ns


@pytest.mark.parametrize("age_s", [3600, 1, -3600])
def test_a_file_of_another_time_is_read_at_once(tmp_path, monkeypatch, age_s):
    path = tmp_path / "a.txt"
    path.write_text("Prazo: 24 meses.", encoding="utf-8")
    written = time.time_ns() - age_s * 10**9
    os.utime(path, ns=(written, written))
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waited for {seconds} s"))
    assert asked(path)["extract"]["text"] == "Prazo: 24 meses."


def pipe(path: Path) -> None:
    os.mkfifo(path)


def socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_out(path: Path) -> None:
    path.symlink_to("/etc/hostname")


@pytest.mark.timeout(30)  # opened as a file, a pipe would wait for as long as a file may take
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (pipe, "not a regular file (pipe, socket or device)"),
        (socket, "not a regular file (pipe, socket or device)"),
        (link_to_a_device, "a link, made after the folder was looked at. Ingest the folder again."),
        (link_out, "a link, made after the folder was looked at. Ingest the folder again."),
    ],
)
def test_a_file_that_becomes_something_else_before_it_is_read_is_refused_at_once(folder, tmp_path, make, reason):
    def swap(path: Path) -> None:
        if path.name == "a.txt":
            path.unlink()
            make(path)

    assert lines(folder, tmp_path / "ix", swap) == {"a.txt": ("refused", reason), "b.txt": ("added", None)}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("make", [pipe, socket])
def test_a_file_that_becomes_something_else_before_it_is_compared_is_looked_at_no_further(folder, tmp_path, make):
    lines(folder, tmp_path / "ix")
    with Index.open(tmp_path / "ix").writer() as writer:
        before = writer.files()
    found = [replace(file, source=f"novo/{file.source}") for file in files_under(folder, 10**9)]
    (folder / "a.txt").unlink()
    make(folder / "a.txt")
    plan = make_plan(found, before, ())
    assert [(was.source, file.source) for was, file, _ in plan.moved] == [("b.txt", "novo/b.txt")]
    assert [file.source for file, _ in plan.changed] == ["novo/a.txt"]


def test_a_link_to_a_file_of_the_folder_is_read_and_one_that_is_changed_to_lead_out_is_not(folder, tmp_path):
    (folder / "c.txt").symlink_to("a.txt")
    assert lines(folder, tmp_path / "ix")["c.txt"][0] == "added"
    (folder / "c.txt").unlink()
    (folder / "c.txt").symlink_to("/etc/hostname")
    assert lines(folder, tmp_path / "ix")["c.txt"] == ("refused", "a link that leads out of the folder")
