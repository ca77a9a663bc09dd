"""Files that move, change after they moved, come back; folders that overlap; an index among its documents."""

import os
from pathlib import Path

import pytest

from ingest import ingest_folder
from ingest.read.worker import Reader
from ingest.walk import files_under
from rag.config import load_settings
from rag.index import Index
from tests.doubles import HashingEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("A bomba antiga tem garantia.", encoding="utf-8")
    return folder


def ingest(*folders: Path, index: Path) -> dict[str, str]:
    report = ingest_folder(list(folders), index, encoder=HashingEncoder())
    assert len({(file.root, file.source) for file in report.files}) == len(report.files), "one outcome a file"
    return {file.source: file.outcome for file in report.files}


def texts(index: Path) -> dict[str, str]:
    with Index.open(index).pin() as snapshot:
        return {row.source: snapshot.document(row.doc_id).text for row in snapshot.documents()}


def generation(index: Path) -> int:
    with Index.open(index).pin() as snapshot:
        return snapshot.generation


def test_a_moved_file_that_is_edited_answers_with_its_new_text_only(folder, tmp_path):
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").rename(folder / "b.txt")
    ingest(folder, index=tmp_path / "ix")
    (folder / "b.txt").write_text("Texto novo.", encoding="utf-8")
    assert ingest(folder, index=tmp_path / "ix") == {"b.txt": "updated"}
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert len(snapshot.documents()) == len(snapshot) == 1
    assert texts(tmp_path / "ix") == {"b.txt": "Texto novo."}


def test_a_moved_file_that_is_touched_is_unchanged(folder, tmp_path):
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").rename(folder / "b.txt")
    ingest(folder, index=tmp_path / "ix")
    os.utime(folder / "b.txt", ns=(1, 1))
    assert ingest(folder, index=tmp_path / "ix") == {"b.txt": "unchanged"}


def test_a_new_file_where_a_moved_one_was_does_not_take_its_place(folder, tmp_path):
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").rename(folder / "b.txt")
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").write_text("Outro arquivo.", encoding="utf-8")
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "added", "b.txt": "unchanged"}
    assert texts(tmp_path / "ix") == {"a.txt": "Outro arquivo.", "b.txt": "A bomba antiga tem garantia."}


def test_a_document_named_after_its_file_is_renamed_with_it(folder, tmp_path):
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").rename(folder / "plano-2024.txt")
    assert ingest(folder, index=tmp_path / "ix") == {"plano-2024.txt": "moved"}
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert [row.title for row in snapshot.documents()] == ["plano 2024"]


def test_a_file_moved_to_another_folder_is_neither_read_nor_embedded(folder, tmp_path, monkeypatch):
    ingest(folder, index=tmp_path / "ix")
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub" / "a.txt")
    monkeypatch.setattr(Reader, "read", lambda *_: pytest.fail("a moved file was read"))
    assert ingest(folder, index=tmp_path / "ix") == {"sub/a.txt": "moved"}
    assert set(texts(tmp_path / "ix")) == {"sub/a.txt"}


def test_a_run_that_changes_nothing_leaves_the_generation(folder, tmp_path):
    (folder / "empty.txt").touch()
    (folder / "scan.png").write_bytes(b"\x89PNG" + bytes(60))
    ingest(folder, index=tmp_path / "ix")
    before = generation(tmp_path / "ix")
    assert ingest(folder, index=tmp_path / "ix") == {
        "a.txt": "unchanged",
        "empty.txt": "refused",
        "scan.png": "refused",
    }
    assert generation(tmp_path / "ix") == before


def test_a_file_refused_for_what_is_in_it_is_not_read_again(folder, tmp_path, monkeypatch):
    (folder / "scan.png").write_bytes(b"\x89PNG" + bytes(60))
    ingest(folder, index=tmp_path / "ix")
    monkeypatch.setattr(Reader, "read", lambda *_: pytest.fail("a refused file was read again"))
    assert ingest(folder, index=tmp_path / "ix")["scan.png"] == "refused"


def test_a_file_refused_by_a_limit_is_read_when_the_limit_is_raised(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LASTRO_INGEST__FILE_TIMEOUT_S", "0.001")
    tight = load_settings()
    for _ in range(2):
        report = ingest_folder(folder, tmp_path / "ix", tight, encoder=HashingEncoder())
        assert [(file.outcome, file.reason) for file in report.files] == [
            ("refused", "took longer than 0.001 s (ingest.file_timeout_s)")
        ]
    monkeypatch.delenv("LASTRO_INGEST__FILE_TIMEOUT_S")
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "added"}


def test_an_index_among_its_documents_is_not_one_of_them(folder):
    assert ingest(folder, index=folder / "index") == {"a.txt": "added"}
    assert ingest(folder, index=folder / "index") == {"a.txt": "unchanged"}


def test_a_folder_inside_another_one_given_is_its_part(folder, tmp_path):
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("Outro.", encoding="utf-8")
    assert ingest(folder / "sub", folder, index=tmp_path / "ix") == {"a.txt": "added", "sub/b.txt": "added"}


def test_a_part_of_a_known_folder_is_looked_at_alone(folder, tmp_path):
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("Outro.", encoding="utf-8")
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").unlink()
    (folder / "sub" / "b.txt").write_text("Mudou tudo.", encoding="utf-8")
    assert ingest(folder / "sub", index=tmp_path / "ix") == {"sub/b.txt": "updated"}
    assert set(texts(tmp_path / "ix")) == {"a.txt", "sub/b.txt"}


def test_a_folder_around_a_known_one_takes_its_documents_over(folder, tmp_path):
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("Outro.", encoding="utf-8")
    ingest(folder / "sub", index=tmp_path / "ix")
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "added", "sub/b.txt": "moved"}
    assert set(texts(tmp_path / "ix")) == {"a.txt", "sub/b.txt"}


def test_documents_below_a_folder_that_cannot_be_listed_stay(folder, tmp_path, monkeypatch):
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("Outro.", encoding="utf-8")
    ingest(folder, index=tmp_path / "ix")
    scandir = os.scandir

    def denied(path):
        if str(path).endswith("/sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "unchanged", "sub": "refused"}
    assert set(texts(tmp_path / "ix")) == {"a.txt", "sub/b.txt"}
    monkeypatch.undo()
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "unchanged", "sub/b.txt": "unchanged"}


def test_names_that_are_not_utf8_are_refused_one_by_one(tmp_path):
    for name in (b"a\xe7.txt", b"a\xe9.txt"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("x")  # noqa: PTH118
    found = list(files_under(tmp_path, 100))
    assert [file.source for file in found] == [r"a\xe7.txt", r"a\xe9.txt"]
    assert {file.refusal for file in found} == {"its name is not UTF-8; rename it"}


def test_an_emptied_folder_empties_the_index(folder, tmp_path):
    ingest(folder, index=tmp_path / "ix")
    (folder / "a.txt").unlink()
    assert ingest(folder, index=tmp_path / "ix") == {"a.txt": "removed"}
    assert texts(tmp_path / "ix") == {}
