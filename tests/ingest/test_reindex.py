"""Another encoder or chunk size: made beside what answers, resumed where it was stopped, swapped in one commit."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ingest import ingest_folder
from ingest.cli import reindex as command
from ingest.reindex import reindex
from rag.config import load_settings
from rag.errors import FingerprintMismatch, NoIndex
from rag.index import Catalog, Index
from tests.doubles import HashingEncoder

SMALL = {"tokens": 32, "overlap_sentences": 0}


class OtherEncoder(HashingEncoder):
    identity = "hashing-64"
    dimension = 64

    def encode(self, texts, kind):
        wide = HashingEncoder()
        folded = wide.encode(texts, kind).reshape(len(texts), 4, 64).sum(1) + 1e-3
        self.embedded += wide.embedded
        return (folded / np.linalg.norm(folded, axis=1, keepdims=True)).astype(np.float32)


class Stops(OtherEncoder):
    """It is interrupted before the text that says so."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at

    def encode(self, texts, kind):
        if any(self.at in text for text in texts):
            raise KeyboardInterrupt
        return super().encode(texts, kind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(6):
        text = " ".join(f"Frase {s} da bomba {n} sobre o selo mecânico e o rotor." for s in range(12))
        (folder / f"{n}.md").write_text(f"# Manual {n}\n\n{text}", encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    return folder


def rows(index: Path) -> list[tuple]:
    with Index.open(index).pin() as snapshot:
        return sorted((c.source, c.start, c.end, c.text) for c in snapshot.passages(snapshot.chunk_ids()))


def test_a_rebuilt_index_is_the_one_a_fresh_ingest_would_have_made(folder, tmp_path):
    settings = load_settings(chunks=SMALL)
    done = reindex(tmp_path / "ix", settings, encoder=OtherEncoder())
    ingest_folder(folder, tmp_path / "fresh", settings, encoder=OtherEncoder())
    assert rows(tmp_path / "ix") == rows(tmp_path / "fresh")
    assert done.documents == 6
    assert done.chunks_reused == 0, "another encoder's vectors are of no use"
    rebuilt, fresh = Index.open(tmp_path / "ix"), Index.open(tmp_path / "fresh")
    assert rebuilt.fingerprint == fresh.fingerprint
    assert rebuilt.check() == []
    query = OtherEncoder().encode(["selo da bomba 3"], "query")[0]
    with rebuilt.pin() as one, fresh.pin() as other:
        assert one.dense(query, 9)[1] == pytest.approx(other.dense(query, 9)[1], abs=1e-6)
        assert one.sparse(["bomb"], 9)[1] == pytest.approx(other.sparse(["bomb"], 9)[1], abs=1e-5)
        assert len(one.near_duplicates(one.chunk_ids())) == len(other.near_duplicates(other.chunk_ids()))


def test_no_file_is_read_for_it_nor_need_be_there(folder, tmp_path, monkeypatch):
    for file in folder.iterdir():
        file.unlink()
    monkeypatch.setattr("ingest.read.worker.Reader.read", lambda *_: pytest.fail("a file was read"))
    assert reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=HashingEncoder()).documents == 6


def test_the_next_ingest_with_the_new_settings_has_nothing_to_do(folder, tmp_path):
    settings = load_settings(chunks=SMALL)
    reindex(tmp_path / "ix", settings, encoder=OtherEncoder())
    encoder = OtherEncoder()
    report = ingest_folder(folder, tmp_path / "ix", settings, encoder=encoder)
    assert report.totals["unchanged"] == 6
    assert encoder.embedded == []


def test_chunks_that_stay_as_they_are_keep_their_vectors_under_the_same_encoder(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Curto\n\nUma frase só.", encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    encoder = HashingEncoder()
    done = reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=encoder)
    assert (done.chunks_embedded, done.chunks_reused, encoder.embedded) == (0, 1, [])


def test_readers_go_on_with_the_old_index_until_it_is_swapped(folder, tmp_path):
    before = rows(tmp_path / "ix")
    seen = []

    def look(step) -> None:
        seen.append(rows(tmp_path / "ix"))

    reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=OtherEncoder(), progress=look)
    assert len(seen) > 6
    assert all(during == before for during in seen)
    assert rows(tmp_path / "ix") != before


def test_a_snapshot_pinned_before_the_swap_does_not_change(folder, tmp_path):
    with Index.open(tmp_path / "ix").pin() as snapshot:
        before = snapshot.passages(snapshot.chunk_ids())
        reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=OtherEncoder())
        assert snapshot.passages(snapshot.chunk_ids()) == before
        assert len(snapshot.dense(HashingEncoder().encode(["selo"], "query")[0], 99)[0]) == len(before)


def test_an_index_that_was_open_is_never_searched_with_the_encoder_of_before(folder, tmp_path):
    index = Index.open(tmp_path / "ix")
    reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=HashingEncoder())
    with index.pin() as snapshot:  # other chunks, the same questions
        assert len(snapshot) == len(rows(tmp_path / "ix"))
    reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=OtherEncoder())
    with pytest.raises(FingerprintMismatch, match="rebuilt while it was open") as caught, index.pin():
        pass
    assert "hashing-256 → hashing-64" in caught.value.message


def test_a_stopped_rebuild_is_gone_on_with_and_what_it_embedded_is_not_embedded_again(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.reindex._BATCH_CHUNKS", 1)
    before, settings = rows(tmp_path / "ix"), load_settings(chunks=SMALL)
    with pytest.raises(KeyboardInterrupt):
        reindex(tmp_path / "ix", settings, encoder=Stops("Manual 4"))
    assert rows(tmp_path / "ix") == before
    encoder = OtherEncoder()
    done = reindex(tmp_path / "ix", settings, encoder=encoder)
    assert (done.resumed, done.documents) == (4, 2)
    assert {text.splitlines()[0] for text in encoder.embedded} == {"Manual 4", "Manual 5"}


def test_what_changes_while_a_rebuild_is_interrupted_is_made_anew(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.reindex._BATCH_CHUNKS", 1)
    settings = load_settings(chunks=SMALL)
    with pytest.raises(KeyboardInterrupt):
        reindex(tmp_path / "ix", settings, encoder=Stops("Manual 4"))
    (folder / "0.md").write_text("# Manual 0\n\nInteiramente outro texto.", encoding="utf-8")
    (folder / "1.md").unlink()
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    done = reindex(tmp_path / "ix", settings, encoder=OtherEncoder())
    assert (done.resumed, done.documents) == (2, 3)
    ingest_folder(folder, tmp_path / "fresh", settings, encoder=OtherEncoder())
    assert rows(tmp_path / "ix") == rows(tmp_path / "fresh")


def test_what_was_staged_for_other_settings_is_dropped(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.reindex._BATCH_CHUNKS", 1)
    with pytest.raises(KeyboardInterrupt):
        reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=Stops("Manual 4"))
    done = reindex(tmp_path / "ix", load_settings(chunks={"tokens": 48}), encoder=OtherEncoder())
    assert (done.resumed, done.documents) == (0, 6)


def test_where_there_is_nothing_to_do_the_generation_stays_and_leftovers_go(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.reindex._BATCH_CHUNKS", 1)
    with pytest.raises(KeyboardInterrupt):
        reindex(tmp_path / "ix", load_settings(chunks=SMALL), encoder=Stops("Manual 4"))
    done = reindex(tmp_path / "ix", encoder=HashingEncoder())
    assert (done.differences, done.documents, done.generation) == ([], 0, 1)
    catalog = Catalog.open(tmp_path / "ix" / "catalog.sqlite")
    found = {row[0] for row in catalog._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    catalog.close()
    assert not {name for name in found if name.startswith("staged")}


def test_a_document_that_is_not_staged_is_never_swapped_away(folder, tmp_path):
    index = Index.open(tmp_path / "ix")
    other = Index.create(tmp_path / "other", index.fingerprint).fingerprint
    wanted = type(other)(**{**json.loads(other.to_json()), "chunk_tokens": 99})
    with pytest.raises(ValueError, match="6 documents are not staged"), index.rebuilding(wanted) as rebuild:
        rebuild.swap()
    assert len(rows(tmp_path / "ix")) > 0


def test_the_command_says_what_differed_and_another_ingest_points_to_it(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.models.load_encoder", lambda _: OtherEncoder())
    with pytest.raises(FingerprintMismatch) as caught:
        ingest_folder(folder, tmp_path / "ix")
    assert f"lastro reindex --index {tmp_path / 'ix'}" in (caught.value.hint or "")
    shown = CliRunner().invoke(command, ["--index", str(tmp_path / "ix")], standalone_mode=False)
    assert "encoder: hashing-256 → hashing-64" in shown.output
    assert "6 documents rebuilt" in shown.output
    told = CliRunner().invoke(command, ["--index", str(tmp_path / "ix"), "--json"], standalone_mode=False)
    assert json.loads(told.output)["documents"] == {"rebuilt": 0, "resumed": 0}
    with pytest.raises(NoIndex):
        reindex(tmp_path / "nowhere", encoder=OtherEncoder())
