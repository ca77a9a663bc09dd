"""A dry run says what an ingest would do, and nothing is written."""

import os
from pathlib import Path

import pytest

from ingest import ingest_folder, preview_folder
from rag.config import load_settings
from rag.errors import FingerprintMismatch, FolderError
from tests.doubles import HashingEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("edited", "gone", "kept", "touched", "travels"):
        (folder / f"{name}.txt").write_text(f"A bomba {name} tem manual.", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "image.png").write_bytes(b"\x89PNG" + b"0" * 99)
    return folder


def files(place: Path) -> dict[str, tuple[bytes, int]]:
    found = [path for path in place.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def expected(preview) -> dict[str, str]:
    return {file.source: file.expected for file in preview.files}


def test_it_says_beforehand_what_the_ingest_then_does(folder, tmp_path):
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    (folder / "edited.txt").write_text("A bomba nova tem outro manual.", encoding="utf-8")
    (folder / "gone.txt").unlink()
    (folder / "new.txt").write_text("A bomba nova.", encoding="utf-8")
    os.utime(folder / "touched.txt", ns=(1, 1))
    (folder / "sub").mkdir()
    (folder / "travels.txt").rename(folder / "sub" / "travels.txt")
    before = files(tmp_path)
    preview = preview_folder(folder, tmp_path / "ix")
    assert files(tmp_path) == before, "nothing was written, no lock was left"
    told = expected(preview)
    assert told == {
        "edited.txt": "updated",
        "empty.txt": "refused",
        "gone.txt": "removed",
        "image.png": "refused",
        "kept.txt": "unchanged",
        "new.txt": "added",
        "sub/travels.txt": "moved",
        "touched.txt": "unchanged",
    }
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert {file.source: file.outcome for file in report.files} == told


def test_before_the_first_ingest_everything_is_new_and_no_index_is_made(folder, tmp_path):
    preview = preview_folder(folder, tmp_path / "ix")
    assert preview.totals["added"] == 6  # what is in the image only reading says
    assert preview.totals["refused"] == 1
    assert not (tmp_path / "ix").exists()


def test_a_refused_file_that_is_mended_is_tried_again(folder, tmp_path):
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    (folder / "image.png").write_text("It was text after all.", encoding="utf-8")
    preview = preview_folder(folder, tmp_path / "ix")
    assert expected(preview)["image.png"] == "tried again"
    assert preview.totals["tried_again"] == 1
    assert preview.to_json()["dry_run"] is True


def test_what_the_ingest_would_refuse_to_begin_it_refuses_too(folder, tmp_path, monkeypatch):
    with pytest.raises(FolderError, match="does not exist"):
        preview_folder(tmp_path / "absent", tmp_path / "ix")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    monkeypatch.setenv("LASTRO_CHUNKS__TOKENS", "64")
    with pytest.raises(FingerprintMismatch, match="chunk_tokens"):
        preview_folder(folder, tmp_path / "ix", load_settings())
