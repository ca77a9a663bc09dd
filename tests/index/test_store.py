import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from rag.errors import DamagedIndex, DiskFull, FingerprintMismatch, IndexLocked, NoIndex
from rag.index import Batch, FileState, Fingerprint, Index, measure_recall
from tests.doubles import HashingEncoder, document, whole

FINGERPRINT = Fingerprint("hashing-256", 256, "", "", 160, 1, "1")


def batch(*texts: str) -> Batch:
    documents = [document(text.split()[0], text) for text in texts]
    vectors = HashingEncoder().encode(texts, "passage")
    files = [FileState("/r", doc.source, 1, 1, doc.sha256, doc.doc_id) for doc in documents]
    return Batch([(doc, [whole(doc)], vectors[n : n + 1]) for n, doc in enumerate(documents)], files)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    index = Index.create(tmp_path / "ix", FINGERPRINT)
    with index.writer() as writer:
        writer.commit(batch("garantia de 24 meses", "rotor travado no erro"))
    return index


def found(index: Index, term: str) -> list[str]:
    with index.pin() as snapshot:
        ids, _ = snapshot.sparse([term], 9)
        return [chunk.doc_id for chunk in snapshot.passages([int(i) for i in ids])]


def test_a_reader_keeps_its_generation_while_a_writer_commits(index):
    with index.pin() as snapshot:
        with index.writer() as writer:
            writer.forget(["garantia"])
        assert snapshot.generation == 1
        assert len(snapshot.sparse(["garant"], 9)[0]) == 1
        assert snapshot.document("garantia").text == "garantia de 24 meses"
    with index.pin() as snapshot:
        assert snapshot.generation == 2
        assert len(snapshot.sparse(["garant"], 9)[0]) == 0
        assert len(snapshot.dense(HashingEncoder().encode(["garantia"], "query")[0], 9)[0]) == 1


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_cache_is_built_again_with_the_same_answers(index, damage):
    before = found(index, "rotor")
    for path in (index.root / "cache").rglob("*"):
        if not path.is_file():
            continue
        data = bytearray(path.read_bytes())
        path.unlink()  # never in place: the first reader has the old file mapped
        if damage != "remove" and data:
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(data if damage == "flip" else data[:-1])
    reopened = Index.open(index.root)
    assert found(reopened, "rotor") == before == ["rotor"]
    assert reopened.check() == ["vectors absent or damaged", "postings absent or damaged"]
    reopened.repair_caches()
    assert reopened.check() == []
    assert found(Index.open(index.root), "rotor") == before


def _hold(root: Path, ready, done) -> None:
    with Index.open(root).writer():
        ready.set()
        done.wait(20)


def test_a_second_writer_is_told_who_holds_the_lock_and_a_dead_holder_frees_it(index):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(index.root, ready, done))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(IndexLocked, match=f"process {holder.pid} on"), index.writer():
        pass
    holder.kill()
    holder.join()
    with index.writer() as writer:
        assert writer.forget(["rotor"]) == 2
    holder.close()


def test_an_index_of_another_encoder_is_refused_and_the_difference_named(index):
    other = Fingerprint("another", 256, "", "", 160, 1, "1")
    with pytest.raises(FingerprintMismatch, match="encoder: hashing-256 → another"):
        Index.open(index.root, other)
    with pytest.raises(FingerprintMismatch):
        Index.create(index.root, other)


def test_no_index_and_a_damaged_catalog_are_told_apart(tmp_path):
    with pytest.raises(NoIndex, match="no index"):
        Index.open(tmp_path)
    (tmp_path / "catalog.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(DamagedIndex, match="catalog cannot be read"):
        Index.open(tmp_path)


def test_a_replaced_document_answers_with_its_new_text_only(index):
    new = document("garantia", "prazo de 36 meses")
    with index.writer() as writer:
        writer.commit(Batch([(new, [whole(new)], HashingEncoder().encode([new.text], "passage"))]))
    assert found(index, "garant") == []
    assert found(index, "praz") == ["garantia"]


def test_a_moved_document_keeps_its_chunks(index):
    with index.writer() as writer:
        writer.commit(Batch(moves=[("rotor", FileState("/r", "novo/lugar.txt", 1, 1, "x", "rotor"))]))
        assert ("/r", "rotor.txt") not in writer.files()
    with index.pin() as snapshot:
        assert [c.source for c in snapshot.passages([2])] == ["novo/lugar.txt"]


def test_a_full_disk_is_named_and_the_last_generation_answers(index, monkeypatch):
    from rag.index.catalog import Catalog

    original = Catalog.open.__func__

    def small(cls, path, **how):
        catalog = original(cls, path, **how)
        pages = catalog._db.execute("PRAGMA page_count").fetchone()[0]
        catalog._db.execute(f"PRAGMA max_page_count = {pages + 1}")
        return catalog

    monkeypatch.setattr(Catalog, "open", classmethod(small))
    big = [f"doc{n} " + "texto longo sobre bombas " * 400 for n in range(20)]
    with pytest.raises(DiskFull, match="nothing was lost"), index.writer() as writer:
        writer.commit(batch(*big))
    monkeypatch.undo()
    assert found(index, "rotor") == ["rotor"]
    with index.pin() as snapshot:
        assert snapshot.generation == 1


def test_recall_of_exact_search_is_one(index):
    with index.pin() as snapshot:
        assert measure_recall(snapshot, HashingEncoder().encode(["garantia", "erro"], "query")) == 1.0
        assert np.isclose(len(snapshot), 2)
