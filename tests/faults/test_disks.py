"""A full disk and a read-only one: readers go on, writers say which folder and what to do, and a re-run completes."""

import contextlib
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from rag.errors import DamagedIndex, DiskFull, IndexFailure
from rag.index import Index
from tests.doubles import HashingEncoder
from tests.faults.disks import fill, grow, ingesting, read_only, read_only_view, small_disk


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "antiga.txt").write_text("A bomba antiga tem garantia.", encoding="utf-8")
    return folder


def add_much(docs: Path) -> None:
    for n in range(40):
        text = f"A bomba {n} chegou. " + f"Texto {n} longo sobre a manutenção das bombas e dos motores. " * 200
        (docs / f"nova{n:02}.txt").write_text(text, encoding="utf-8")


def sources(index: Path) -> set[str]:
    """What answers, by each leg and by the catalog."""
    with Index.open(index).pin() as snapshot:
        ids, _ = snapshot.sparse(["bomb"], 9_999)
        near, _ = snapshot.dense(HashingEncoder().encode(["bomba"], "query")[0], 9_999)
        found = {chunk.source for chunk in snapshot.passages([int(i) for i in ids])}
        assert found <= {chunk.source for chunk in snapshot.passages([int(i) for i in near])}
        assert found == {row.source for row in snapshot.documents()}
    return found


@pytest.mark.parametrize("kilobytes", [300, 900, 2000, 3500])  # full in the first batch, in a later one, in the caches
def test_an_index_on_a_full_disk_answers_and_completes_when_there_is_room(kilobytes, docs, tmp_path):
    disk, index = tmp_path / "disk", tmp_path / "disk" / "ix"
    with small_disk(disk, kilobytes):
        assert ingesting(docs, index).returncode == 0
        add_much(docs)
        failed = ingesting(docs, index)
        assert failed.returncode == 7, failed.stderr
        assert str(index) in failed.stderr
        assert "is full" in failed.stderr
        assert "Free some space and run the same command again" in failed.stderr
        assert "Traceback" not in failed.stderr
        assert not list((index / "cache").glob("tmp-*")), "nothing half-written takes the room that is missing"
        fill(disk)
        assert "antiga.txt" in sources(index)
        again = ingesting(docs, index)
        assert again.returncode == 7, again.stderr
        assert "antiga.txt" in sources(index)
        grow(disk, 60_000)
        assert ingesting(docs, index).returncode == 0
        assert len(sources(index)) == 41


@pytest.mark.parametrize("file_bytes", [8_000, 100_000, 1_500_000])
def test_a_limit_on_file_sizes_is_a_full_disk(file_bytes, docs, tmp_path):
    index = tmp_path / "ix"
    assert ingesting(docs, index).returncode == 0
    add_much(docs)
    failed = ingesting(docs, index, file_bytes=file_bytes)
    assert failed.returncode == 7, failed.stderr
    assert str(index) in failed.stderr
    assert "Free some space" in failed.stderr
    assert "antiga.txt" in sources(index)
    assert ingesting(docs, index).returncode == 0
    assert len(sources(index)) == 41


def test_many_readers_at_once_need_no_room_for_the_journals_map(docs, tmp_path):
    disk, index = tmp_path / "disk", tmp_path / "disk" / "ix"
    with small_disk(disk, 2000):
        assert ingesting(docs, index).returncode == 0
        fill(disk)
        found: list[set[str]] = []
        readers = [threading.Thread(target=lambda: found.append(sources(index))) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert found == [{"antiga.txt"}] * 4


def test_a_journal_on_a_full_disk_is_read_although_its_map_is_lost(docs, tmp_path):
    disk, index = tmp_path / "disk", tmp_path / "disk" / "ix"
    with small_disk(disk, 2000):
        assert ingesting(docs, index).returncode == 0
        open_writer = sqlite3.connect(index / "catalog.sqlite", isolation_level=None)
        with contextlib.closing(open_writer):
            open_writer.execute("UPDATE documents SET title = 'em vigor'")
            shutil.copytree(index, disk / "copied")
        (disk / "copied" / "catalog.sqlite-shm").unlink()
        fill(disk)
        with Index.open(disk / "copied").pin() as snapshot:
            assert [row.title for row in snapshot.documents()] == ["em vigor"]


def test_the_first_index_on_a_full_disk_is_refused_by_name(docs, tmp_path):
    disk, index = tmp_path / "disk", tmp_path / "disk" / "ix"
    with small_disk(disk, 500):
        fill(disk)
        failed = ingesting(docs, index)
        assert failed.returncode == 7, failed.stderr
        assert str(index) in failed.stderr
        (disk / "filling").unlink()
        assert ingesting(docs, index).returncode == 0


def test_a_read_only_index_answers_and_refuses_to_be_written(docs, tmp_path):
    index = tmp_path / "ix"
    assert ingesting(docs, index).returncode == 0
    with read_only(index):
        assert sources(index) == {"antiga.txt"}
        (docs / "nova.txt").write_text("A bomba nova.", encoding="utf-8")
        failed = ingesting(docs, index)
        assert failed.returncode == 5, failed.stderr
        assert str(index) in failed.stderr
        assert "Make the folder writable" in failed.stderr
        with pytest.raises(IndexFailure, match="cannot be opened or written"), Index.open(index).writer():
            pass
    assert ingesting(docs, index).returncode == 0
    assert sources(index) == {"antiga.txt", "nova.txt"}


def test_a_read_only_index_is_read_from_its_caches(docs, tmp_path):
    from rag.index.postings import Postings

    index = tmp_path / "ix"
    assert ingesting(docs, index).returncode == 0
    for lock in index.rglob(".tantivy-*.lock"):
        lock.unlink()  # a copy on read-only media lacks them, and tantivy cannot make them
    (folder,) = (index / "cache").glob("postings-*")
    with read_only(index):
        assert len(Postings.read(folder)) == 1


def test_a_journal_left_by_a_kill_is_read_with_its_map_and_refused_without(docs, tmp_path):
    index, copied = tmp_path / "ix", tmp_path / "copied"
    assert ingesting(docs, index).returncode == 0
    open_writer = sqlite3.connect(index / "catalog.sqlite", isolation_level=None)
    with contextlib.closing(open_writer):
        open_writer.execute("UPDATE documents SET title = 'em vigor'")
        shutil.copytree(index, copied)  # catalog, journal and map, as a kill leaves them
    with read_only(copied), Index.open(copied).pin() as snapshot:
        assert [row.title for row in snapshot.documents()] == ["em vigor"]
    (copied / "catalog.sqlite-shm").unlink()
    with read_only(copied), pytest.raises(IndexFailure, match="in the middle of a commit"):
        Index.open(copied)
    with Index.open(copied).pin() as snapshot:
        assert [row.title for row in snapshot.documents()] == ["em vigor"]


def test_a_catalog_changed_under_an_unlocked_reader_is_said(docs, tmp_path):
    index, view = tmp_path / "ix", tmp_path / "view"
    assert ingesting(docs, index).returncode == 0
    with read_only_view(index, view):
        with Index.open(view).pin() as snapshot:
            assert len(snapshot.documents()) == 1
        (docs / "nova.txt").write_text("A bomba nova.", encoding="utf-8")
        with pytest.raises(IndexFailure, match="was written to while it was read"), Index.open(view).pin():
            assert ingesting(docs, index).returncode == 0
        assert sources(view) == {"antiga.txt", "nova.txt"}


def test_a_lock_that_cannot_be_signed_is_still_a_lock(docs, tmp_path):
    disk, index = tmp_path / "disk", tmp_path / "disk" / "ix"
    with small_disk(disk, 1000):
        assert ingesting(docs, index).returncode == 0
        open_reader = sqlite3.connect(index / "catalog.sqlite")  # keeps the journal's map in place
        with contextlib.closing(open_reader):
            open_reader.execute("SELECT count(*) FROM documents").fetchone()
            fill(disk)
            with pytest.raises(DiskFull), Index.open(index).writer() as writer:
                writer.forget(["abc"])
        (disk / "filling").unlink()
        with Index.open(index).writer():
            pass


def test_a_page_damaged_deep_in_the_catalog_is_a_damaged_index(docs, tmp_path):
    add_much(docs)
    index = tmp_path / "ix"
    assert ingesting(docs, index).returncode == 0
    catalog = index / "catalog.sqlite"
    with catalog.open("r+b") as file:
        size = catalog.stat().st_size
        for page in range(4, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    with pytest.raises(DamagedIndex, match="catalog cannot be read"):
        sources(index)


def test_an_index_that_is_a_file_is_said(docs, tmp_path):
    (tmp_path / "ix").write_text("no folder")
    failed = ingesting(docs, tmp_path / "ix")
    assert failed.returncode == 5, failed.stderr
    assert "is not a folder" in failed.stderr
