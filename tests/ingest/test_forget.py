"""Folders whose documents are to stop answering."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest import forget_folder, ingest_folder
from ingest.display import show_report
from rag.cli import lastro
from rag.errors import FolderError, NoIndex
from rag.index import Index
from tests.doubles import HashingEncoder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders, ingested into ``tmp_path/ix``."""
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "sub").mkdir(parents=True)
    new.mkdir()
    (old / "a.txt").write_text("A bomba antiga tem rotor de bronze.", encoding="utf-8")
    (old / "sub" / "b.txt").write_text("Peças da bomba antiga.", encoding="utf-8")
    (old / "scan.png").write_bytes(b"\x89PNG" + bytes(60))
    (new / "c.txt").write_text("A bomba nova tem rotor de inox.", encoding="utf-8")
    ingest_folder([old, new], tmp_path / "ix", encoder=HashingEncoder())
    return old, new


def held(index: Path) -> tuple[list[str], list[str], int]:
    """Sources that answer, sources refused, generation."""
    with Index.open(index).pin() as snapshot:
        refused = [state.source for state in snapshot.refused()]
        return [row.source for row in snapshot.documents()], refused, snapshot.generation


def test_a_deleted_folder_stops_answering_with_one_commit(folders, tmp_path):
    shutil.rmtree(folders[0])
    before = held(tmp_path / "ix")[2]
    report = forget_folder(folders[0], tmp_path / "ix")
    assert {file.source: file.outcome for file in report.files} == dict.fromkeys(
        ("a.txt", "scan.png", "sub/b.txt"), "removed"
    )
    assert held(tmp_path / "ix") == (["c.txt"], [], before + 1)
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert len(snapshot.sparse(["bronz"], 5)[0]) == 0


def test_a_forgotten_folder_may_be_ingested_again(folders, tmp_path):
    forget_folder(folders[0], tmp_path / "ix")
    report = ingest_folder(folders[0], tmp_path / "ix", encoder=HashingEncoder())
    assert report.totals["added"] == 2
    assert held(tmp_path / "ix")[0] == ["a.txt", "c.txt", "sub/b.txt"]


def test_a_folder_inside_an_ingested_one_is_forgotten_alone(folders, tmp_path):
    forget_folder([folders[0] / "sub"], tmp_path / "ix")
    assert held(tmp_path / "ix")[:2] == (["a.txt", "c.txt"], ["scan.png"])


def test_a_folder_that_was_never_ingested_is_named_and_nothing_is_forgotten(folders, tmp_path):
    before = held(tmp_path / "ix")
    with pytest.raises(FolderError, match=r"holds nothing of .*absent.*It holds .*new, .*old") as error:
        forget_folder([folders[0], tmp_path / "absent"], tmp_path / "ix")
    assert error.value.subject == str(tmp_path / "absent")
    assert held(tmp_path / "ix") == before
    with pytest.raises(NoIndex):
        forget_folder(folders[0], tmp_path / "nowhere")


def test_the_command_forgets_and_says_what(folders, tmp_path):
    shutil.rmtree(folders[0])
    arguments = ["ingest", "--forget", str(folders[0]), "--index", str(tmp_path / "ix"), "--json"]
    done = CliRunner().invoke(lastro, arguments, standalone_mode=False)
    assert (done.return_value, json.loads(done.stdout)["totals"]["removed"]) == (0, 3)
    assert held(tmp_path / "ix")[0] == ["c.txt"]
    assert "--forget" in CliRunner().invoke(lastro, ["ingest", "--help"]).stdout
    again = CliRunner().invoke(lastro, arguments, standalone_mode=False)
    assert isinstance(again.exception, FolderError)


def test_documents_of_a_folder_that_is_not_there_are_told_with_how_to_forget_them(folders, tmp_path, capsys):
    old, new = folders
    assert ingest_folder(new, tmp_path / "ix", encoder=HashingEncoder()).away == {}
    old.rename(tmp_path / "renamed")
    report = ingest_folder([new, tmp_path / "renamed"], tmp_path / "ix", encoder=HashingEncoder())
    assert report.away == {str(old): 2} == report.to_json()["away"]
    show_report(report, tmp_path / "ix")
    told = capsys.readouterr().out
    assert f"2 documents of {old} still answer; it is not there" in told
    assert f"lastro ingest --forget {old} --index {tmp_path / 'ix'}" in told
    forget_folder(old, tmp_path / "ix")
    assert ingest_folder(tmp_path, tmp_path / "ix", encoder=HashingEncoder()).away == {}
