"""A folder that is followed: real files, real events, one commit a batch."""

import os
import queue
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest import watch_folder
from ingest.plan import look
from ingest.report import Report
from ingest.walk import Found
from ingest.watch import Stillness
from rag.config import WatchSettings, load_settings
from rag.errors import FolderError
from rag.index import Index
from tests.doubles import HashingEncoder

QUIET_S = 0.2
PATIENCE_S = 30


class Watched:
    """A watch in a thread of its own; what it reports and says comes through queues."""

    def __init__(self, folder: Path, index: Path, **watch: object) -> None:
        self.folder, self.index = folder, index
        self.stop = threading.Event()
        self.reports: queue.Queue[Report] = queue.Queue()
        self.said: queue.Queue[str] = queue.Queue()
        self.failure: BaseException | None = None
        self.settings = load_settings(watch=WatchSettings(**{"debounce_s": QUIET_S, **watch}))
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            for report in watch_folder(
                self.folder, self.index, self.settings, encoder=HashingEncoder(), stop=self.stop, tell=self.said.put
            ):
                self.reports.put(report)
        except BaseException as error:  # noqa: BLE001 — the test's own thread raises it again
            self.failure = error

    def batch(self) -> dict[str, str]:
        report = self.reports.get(timeout=PATIENCE_S)
        return {file.source: file.outcome for file in report.files}

    def sources(self) -> set[str]:
        with Index.open(self.index).pin() as snapshot:
            return {row.source for row in snapshot.documents()}

    def generation(self) -> int:
        with Index.open(self.index).pin() as snapshot:
            return snapshot.generation


@contextmanager
def watching(folder: Path, index: Path, **settings: object) -> Iterator[Watched]:
    watched = Watched(folder, index, **settings)
    watched.thread.start()
    try:
        yield watched
    finally:
        watched.stop.set()
        watched.thread.join(PATIENCE_S)
        if watched.failure is not None:  # why nothing came, where the body waited in vain
            raise watched.failure
    assert not watched.thread.is_alive(), "it ends soon after it is told to"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("A bomba antiga tem garantia.", encoding="utf-8")
    return folder


def test_what_comes_changes_and_goes_answers_so_after_one_commit_each(folder, tmp_path):
    with watching(folder, tmp_path / "ix") as watched:
        assert watched.batch() == {"a.txt": "added"}
        before = watched.generation()
        (folder / "sub" / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        (folder / "c.txt").write_text("O selo gasto.", encoding="utf-8")
        assert watched.batch() == {"c.txt": "added", "sub/b.txt": "added"}
        assert watched.generation() == before + 1
        (folder / "a.txt").unlink()
        (folder / "c.txt").write_text("O selo novo e melhor.", encoding="utf-8")
        (folder / "sub" / "b.txt").rename(folder / "b.txt")
        assert watched.batch() == {"a.txt": "removed", "c.txt": "updated", "b.txt": "moved"}
        assert watched.generation() == before + 2
        assert watched.sources() == {"b.txt", "c.txt"}


def test_a_folder_that_comes_whole_is_found_with_what_lies_in_it(folder, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "d.txt").write_text("A válvula nova.", encoding="utf-8")
    with watching(folder, tmp_path / "ix") as watched:
        watched.batch()
        shutil.move(tmp_path / "new", folder / "new")
        assert watched.batch() == {"new/d.txt": "added"}
        (folder / "new" / "e.txt").write_text("A válvula velha.", encoding="utf-8")
        assert watched.batch() == {"new/e.txt": "added"}


def test_a_file_that_is_still_being_written_is_waited_for_and_the_others_are_not(folder, tmp_path):
    # Longer than this test may be kept from writing by a busy machine.
    with watching(folder, tmp_path / "ix", debounce_s=2 * QUIET_S) as watched:
        watched.batch()
        with (folder / "long.txt").open("w", encoding="utf-8") as long:
            written = 0
            (folder / "short.txt").write_text("O selo gasto.", encoding="utf-8")
            while watched.reports.empty():
                long.write(f"A linha {written} do manual. ")
                long.flush()
                written += 1
                assert written < 3000
                time.sleep(QUIET_S / 20)
            assert watched.batch() == {"short.txt": "added"}
            long.write("Fim.")
        assert watched.batch() == {"long.txt": "added"}
        with Index.open(tmp_path / "ix").pin() as snapshot:
            doc_id = next(row.doc_id for row in snapshot.documents() if row.source == "long.txt")
            assert snapshot.document(doc_id).text.endswith("Fim.")


def test_what_changes_nothing_makes_no_batch(folder, tmp_path):
    with watching(folder, tmp_path / "ix") as watched:
        watched.batch()
        os.utime(folder / "a.txt", ns=(1, 1))
        (folder / ".hidden").write_text("nada")
        (folder / "~$lock.docx").write_text("nada")
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        assert watched.batch() == {"b.txt": "added"}
        assert watched.reports.empty()


def test_its_own_reading_and_writing_is_no_event(folder, monkeypatch):
    looks = []
    monkeypatch.setattr("ingest.watch.look", lambda *of, **how: looks.append(1) or look(*of, **how))
    with watching(folder, folder / "index") as watched:  # the index lies among its documents
        watched.batch()
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        assert watched.batch() == {"b.txt": "added"}
        made = len(looks)
        time.sleep(4 * QUIET_S)
        assert len(looks) == made


def test_without_events_the_folder_is_looked_at_in_turn(folder, tmp_path):
    with watching(folder, tmp_path / "ix", events=False, poll_s=0.3) as watched:
        watched.batch()
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        assert watched.batch() == {"b.txt": "added"}
        (folder / "a.txt").unlink()
        assert watched.batch() == {"a.txt": "removed"}


def test_where_the_system_has_no_room_for_watches_it_is_said_and_the_folder_is_looked_at(folder, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("OS file watch limit reached")
        yield

    monkeypatch.setattr("watchfiles.watch", full)
    with watching(folder, tmp_path / "ix", poll_s=0.3) as watched:
        watched.batch()
        assert "watch limit reached" in watched.said.get(timeout=PATIENCE_S)
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        assert watched.batch() == {"b.txt": "added"}


def test_a_sweep_finds_what_no_event_told(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.events._is_ignored", lambda *_: True)  # every event is lost
    with watching(folder, tmp_path / "ix", sweep_s=1) as watched:
        watched.batch()
        (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        assert watched.batch() == {"b.txt": "added"}


def test_while_the_folder_is_away_what_the_index_holds_of_it_stays(folder, tmp_path):
    with watching(folder, tmp_path / "ix") as watched:
        watched.batch()
        folder.rename(tmp_path / "elsewhere")
        assert "not there" in watched.said.get(timeout=PATIENCE_S)
        assert watched.sources() == {"a.txt"}
        (tmp_path / "elsewhere" / "b.txt").write_text("O rotor travado.", encoding="utf-8")
        (tmp_path / "elsewhere").rename(folder)
        assert watched.batch() == {"b.txt": "added"}
        (folder / "c.txt").write_text("O selo gasto.", encoding="utf-8")
        assert watched.batch() == {"c.txt": "added"}, "and it is followed again"


def test_while_another_process_writes_a_batch_waits_and_comes_after_it(folder, tmp_path):
    with watching(folder, tmp_path / "ix", poll_s=0.3) as watched:
        watched.batch()
        with Index.open(tmp_path / "ix").writer():
            (folder / "b.txt").write_text("O rotor travado.", encoding="utf-8")
            assert "another process is writing" in watched.said.get(timeout=PATIENCE_S)
        assert watched.batch() == {"b.txt": "added"}


def test_an_empty_folder_may_be_followed_and_a_missing_one_may_not(tmp_path):
    (tmp_path / "inbox").mkdir()
    with watching(tmp_path / "inbox", tmp_path / "ix") as watched:
        assert watched.batch() == {}
        (tmp_path / "inbox" / "a.txt").write_text("A bomba.", encoding="utf-8")
        assert watched.batch() == {"a.txt": "added"}
    with pytest.raises(FolderError, match="does not exist"), watching(tmp_path / "absent", tmp_path / "ix"):
        pass


def test_a_first_ingest_told_to_stop_commits_what_is_in_hand_and_ends(tmp_path):
    (tmp_path / "docs").mkdir()
    for name in "abcde":
        (tmp_path / "docs" / f"{name}.txt").write_text(f"A bomba {name} tem manual.", encoding="utf-8")
    stop = threading.Event()

    class Stopping(HashingEncoder):
        def encode(self, texts, kind):
            stop.set()
            return super().encode(texts, kind)

    settings = load_settings(ingest={"batch_documents": 2})
    batches = watch_folder(
        tmp_path / "docs", tmp_path / "ix", settings, encoder=Stopping(), stop=stop, tell=pytest.fail
    )
    assert [[file.source for file in report.files] for report in batches] == [["a.txt", "b.txt"]]
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert [row.source for row in snapshot.documents()] == ["a.txt", "b.txt"]


def test_a_file_that_is_written_for_long_is_told_of_once(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.watch._LONG_S", 3 * QUIET_S)
    with watching(folder, tmp_path / "ix") as watched:
        watched.batch()
        with (folder / "long.txt").open("w", encoding="utf-8") as long:
            written = 0
            while watched.said.empty():
                long.write(f"A linha {written} do manual. ")
                long.flush()
                written += 1
                assert written < 3000
                time.sleep(QUIET_S / 20)
        assert watched.batch() == {"long.txt": "added"}
        assert watched.said.get_nowait().startswith("long.txt is still being written")
        assert watched.said.empty()


def test_stillness_is_of_size_and_time_as_seen_and_not_of_the_files_clock(tmp_path):
    clock = iter([0.0, 5.0, 5.5, 6.0, 9.0]).__next__
    still = Stillness(1.0, clock)
    ahead = 2**61  # a file from a machine whose clock runs ahead

    def found(size: int) -> Found:
        return Found(str(tmp_path), "a.txt", tmp_path / "a.txt", size, ahead)

    assert not still(found(3))  # at 0.0: seen for the first time
    assert still(found(3))  # at 5.0: as it was
    assert not still(found(4))  # at 5.5: grown
    assert not still(found(4))  # at 6.0: for half a second only
    assert still(found(4))
