import os
from pathlib import Path

import pytest

from ingest import ingest_folder
from rag.config import load_settings
from rag.errors import FolderError, NoIndex
from rag.index import Index
from rag.types import Filter
from tests.doubles import HashingEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("A garantia da bomba é de 24 meses.", encoding="utf-8")
    (folder / "sub" / "b.md").write_text("# Notas\n\nThe pump weighs nine kilograms.", encoding="utf-8")
    return folder


def outcomes(report) -> dict[str, str]:
    return {file.source: file.outcome for file in report.files}


def test_a_second_run_reads_and_embeds_nothing(folder, tmp_path, monkeypatch):
    first = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    # A file that was refused, as by a reader that the system killed for memory, would not be there to be unchanged.
    assert [(file.source, file.outcome, file.reason) for file in first.files] == [
        ("a.txt", "added", None),
        ("sub/b.md", "added", None),
    ]
    encoder = HashingEncoder()
    monkeypatch.setattr("ingest.read.worker.Reader.read", lambda *_: pytest.fail("a file was read again"))
    report = ingest_folder(folder, tmp_path / "ix", encoder=encoder)
    assert outcomes(report) == {"a.txt": "unchanged", "sub/b.md": "unchanged"}
    assert encoder.embedded == []


def test_changed_moved_and_removed_files_are_noticed(folder, tmp_path):
    (folder / "c.txt").write_text("O rotor travado aparece como erro E4.", encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    (folder / "a.txt").write_text("A garantia agora é de 36 meses completos.", encoding="utf-8")
    (folder / "sub" / "b.md").rename(folder / "moved.md")
    (folder / "c.txt").unlink()
    encoder = HashingEncoder()
    report = ingest_folder(folder, tmp_path / "ix", encoder=encoder)
    assert outcomes(report) == {"a.txt": "updated", "moved.md": "moved", "c.txt": "removed"}
    assert len(encoder.embedded) == 1
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert {row.source for row in snapshot.documents()} == {"a.txt", "moved.md"}
        assert len(snapshot.sparse(["rotor"], 5)[0]) == 0


def test_files_read_by_other_readers_are_read_again_and_what_they_say_as_before_is_not_embedded(
    folder, tmp_path, monkeypatch
):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    monkeypatch.setattr("ingest.read.READING_VERSION", "better readers")
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert outcomes(report) == {"a.txt": "updated", "sub/b.md": "updated", "broken.pdf": "refused"}
    assert (report.chunks_embedded, report.chunks_reused) == (0, 2)
    again = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert outcomes(again) == {"a.txt": "unchanged", "sub/b.md": "unchanged", "broken.pdf": "refused"}


def test_an_edited_file_embeds_only_its_changed_chunks(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    sections = [f"# Secao {n}\n\nO valor da secao {n} e importante para todos." for n in range(8)]
    (folder / "a.md").write_text("\n\n".join(sections), encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    sections[3] = "# Secao 3\n\nEsta parte mudou inteiramente."
    (folder / "a.md").write_text("\n\n".join(sections), encoding="utf-8")
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert (report.chunks_embedded, report.chunks_reused) == (1, 7)


def test_one_bad_file_never_stops_a_run(folder, tmp_path):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "link").symlink_to("/etc/hostname")
    (folder / "image.png").write_bytes(b"\x89PNG" + b"0" * 99)
    os.mkfifo(folder / "pipe")
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    found = outcomes(report)
    assert {name for name, outcome in found.items() if outcome == "refused"} == {
        "broken.pdf",
        "empty.txt",
        "image.png",
        "link",
        "pipe",
    }
    assert found["a.txt"] == found["sub/b.md"] == "added"
    assert all(file.reason for file in report.files if file.outcome == "refused")
    assert report.exit_code == 3


def test_every_link_has_a_line_that_says_what_it_leads_to(folder, tmp_path):
    (tmp_path / "elsewhere.txt").write_text("Fora.", encoding="utf-8")
    links = {"again": folder / "sub", "gone.txt": folder / "x.txt", "self": folder / "self", "root": folder}
    for name, target in {**links, "out.txt": tmp_path / "elsewhere.txt", "copy.txt": folder / "a.txt"}.items():
        (folder / name).symlink_to(target)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert {file.source: file.reason for file in report.files if file.outcome == "refused"} == {
        "again": "a link to a folder, which is read where it is",
        "root": "a link to a folder, which is read where it is",
        "gone.txt": "a link to nothing",
        "self": "a link that leads to itself",
        "out.txt": "a link that leads out of the folder",
    }
    assert outcomes(report)["copy.txt"] == "added"


def test_a_file_that_becomes_unreadable_stops_answering(folder, tmp_path):
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    (folder / "a.txt").write_bytes(bytes(range(256)) * 9)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert outcomes(report)["a.txt"] == "refused"
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert len(snapshot.sparse(["garant"], 5)[0]) == 0
        assert [state.source for state in snapshot.refused()] == ["a.txt"]


def test_another_folder_joins_the_index_and_the_first_stays(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Outro documento sobre férias.", encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    ingest_folder(other, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert sorted(row.source for row in snapshot.documents()) == ["a.txt", "a.txt", "sub/b.md"]


def test_filters_reach_both_legs(folder, tmp_path):
    encoder = HashingEncoder()
    ingest_folder(folder, tmp_path / "ix", encoder=encoder)
    with Index.open(tmp_path / "ix").pin() as snapshot:
        where = Filter(media_types=("text/markdown",))
        query = encoder.encode(["garantia"], "query")[0]
        found = [*snapshot.dense(query, 9, where)[0], *snapshot.sparse(["pump", "garant"], 9, where)[0]]
        assert {chunk.source for chunk in snapshot.passages([int(i) for i in found])} == {"sub/b.md"}


def test_a_reader_that_takes_too_long_is_stopped(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LASTRO_INGEST__FILE_TIMEOUT_S", "0.01")
    report = ingest_folder(folder, tmp_path / "ix", load_settings(), encoder=HashingEncoder())
    assert set(outcomes(report).values()) == {"refused"}
    assert "took longer" in (report.files[0].reason or "")


def test_missing_and_empty_folders_are_named(tmp_path):
    with pytest.raises(FolderError, match="does not exist"):
        ingest_folder(tmp_path / "absent", tmp_path / "ix", encoder=HashingEncoder())
    (tmp_path / "empty").mkdir()
    with pytest.raises(FolderError, match="no files"):
        ingest_folder(tmp_path / "empty", tmp_path / "ix", encoder=HashingEncoder())
    with pytest.raises(NoIndex, match="no index"):
        Index.open(tmp_path / "nowhere")
