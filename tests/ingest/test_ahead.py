"""Reading ahead: in order, no further than there is room, and broken off when nobody waits any more."""

import os
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from ingest import ingest_folder
from ingest.ahead import Request, read_ahead
from ingest.read.worker import Reader
from rag.config import IngestSettings
from tests.doubles import HashingEncoder


@pytest.fixture
def reader():
    with closing(Reader(IngestSettings(ocr=False))) as reader:
        yield reader


def requests(folder: Path, number: int) -> list[Request]:
    made = []
    for n in range(number):
        path = folder / f"{n}.txt"
        path.write_text(f"A bomba {n} tem manual.", encoding="utf-8")
        made.append(Request(path, path.name))
    return made


def reading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "reading"]


def texts(found) -> list[str]:
    return [read.reading.extract.text for read in found]


def test_readings_come_in_the_order_they_were_asked_for(reader, tmp_path):
    asked = requests(tmp_path, 9)
    assert texts(read_ahead(reader, asked, 3)) == [f"A bomba {n} tem manual." for n in range(9)]


def test_nothing_asked_nothing_started(reader):
    assert list(read_ahead(reader, [], 3)) == []
    assert reader._child.pid is None


def test_files_are_read_while_the_first_is_in_hand_and_no_more_than_there_is_room_for(reader, tmp_path, monkeypatch):
    asked, begun = requests(tmp_path, 9), []
    whole = Reader.read

    def noted(self, path, source, known=""):
        begun.append(source)
        return whole(self, path, source, known)

    monkeypatch.setattr(Reader, "read", noted)
    with closing(read_ahead(reader, asked, 3)) as readings:
        next(readings)
        deadline = time.monotonic() + 20
        while len(begun) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        # One in hand, three that wait, and one that was read and finds no room.
        assert begun == [f"{n}.txt" for n in range(5)]


def test_much_text_waits_alone(reader, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.ahead._CHARACTERS", 30)
    asked, begun = requests(tmp_path, 9), []
    whole = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, *a: (begun.append(a[1]), whole(self, *a))[1])
    with closing(read_ahead(reader, asked, 8)) as readings:
        next(readings)
        time.sleep(1)
        assert len(begun) <= 4
        assert len(texts(readings)) == 8


def test_what_the_reader_raises_is_raised_where_it_is_waited_for(reader, tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError("a broken reader")

    monkeypatch.setattr(Reader, "read", broken)
    with pytest.raises(ValueError, match="a broken reader"):
        list(read_ahead(reader, requests(tmp_path, 2), 3))


def test_closing_breaks_off_what_is_being_read(reader, tmp_path):
    # A pipe that nobody writes to: opening it waits, as a disk that went away does.
    first, stuck = requests(tmp_path, 1)[0], tmp_path / "stuck.txt"
    os.mkfifo(stuck)
    readings = read_ahead(reader, [first, Request(stuck, "stuck.txt")], 3)
    assert next(readings).reading.extract is not None
    child = psutil.Process(reader._child.pid)
    started = time.monotonic()
    readings.close()
    assert time.monotonic() - started < 5
    assert not reading()
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # killed, which takes a moment to be seen
        assert time.monotonic() - started < 5
        time.sleep(0.01)


def test_a_run_that_fails_in_the_middle_leaves_no_thread_and_no_reader(tmp_path):
    class Fails(HashingEncoder):
        def encode(self, texts, kind):
            raise ValueError("no encoder")

    folder = tmp_path / "docs"
    folder.mkdir()
    requests(folder, 40)
    children = len(psutil.Process().children())
    with pytest.raises(ValueError, match="no encoder"):
        ingest_folder(folder, tmp_path / "ix", encoder=Fails())
    assert not reading()
    assert len(psutil.Process().children()) == children


def test_a_stop_does_not_wait_for_the_file_that_is_being_read(reader, tmp_path):
    os.mkfifo(tmp_path / "waits.txt")  # whoever opens it waits for somebody to write
    stopped = threading.Event()
    threading.Timer(0.3, stopped.set).start()
    started = time.monotonic()
    with closing(read_ahead(reader, [Request(tmp_path / "waits.txt", "waits.txt")], 3, stopped.is_set)) as readings:
        assert list(readings) == []
    assert time.monotonic() - started < 10
    assert reading() == []
