import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexFailure
from rag.index import Batch, Catalog, FileState, Fingerprint, Index, MemoryIndex
from rag.types import Filter
from tests.doubles import HashingEncoder, document, whole
from tests.index.formats import format_of, make_format_1

FINGERPRINT = Fingerprint("hashing-256", 256, "", "", 160, 1, "1")
WORDS = "bomba motor rotor selo prazo entrega contrato garantia empresa viagem".split()
LONG = " ".join(word + ending for ending in "abcdefghij" for word in WORDS)
"""100 words, 96 shingles."""


def cut(words: int) -> str:
    """LONG without its last ``words``: without 4 it keeps 92 of 96 shingles (0.958), without 5 it keeps 91 (0.948)."""
    return " ".join(LONG.split()[: 100 - words])


def batch(texts: dict[str, str], forget: tuple[str, ...] = ()) -> Batch:
    documents = [document(name, text) for name, text in texts.items()]
    vectors = HashingEncoder().encode(list(texts.values()), "passage")
    return Batch([(d, [whole(d)], vectors[n : n + 1]) for n, d in enumerate(documents)], forget=forget)


def put(index: Index, texts: dict[str, str], forget: tuple[str, ...] = ()) -> None:
    with index.writer() as writer:
        writer.commit(batch(texts, forget))


def groups(index: Index, where: Filter | None = None) -> set[frozenset[str]]:
    """The documents whose chunks are near-duplicates; asking for all chunks and for each alone must give the same."""
    with index.pin() as snapshot:
        ids = snapshot.chunk_ids()
        found = snapshot.near_duplicates(ids, where)
        by_one = [group for i in ids for group in snapshot.near_duplicates([i], where) if i in group]
        assert {tuple(group) for group in found} == {tuple(group) for group in by_one}
        return {frozenset(chunk.doc_id for chunk in snapshot.passages(group)) for group in found}


def of(*names: str) -> set[frozenset[str]]:
    return {frozenset(name) for name in names}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    index = Index.create(tmp_path / "ix", FINGERPRINT)
    put(index, {"a": LONG, "b": cut(1), "c": "outro texto", "d": f"{LONG} em 2023", "e": f"{LONG} em 2024"})
    return index


def test_copies_are_together_and_versions_apart(index):
    assert groups(index) == of("ab")


def test_a_document_added_later_joins_and_one_that_goes_leaves(index):
    put(index, {"f": LONG, "g": f"{LONG} em 2024"})
    assert groups(index) == of("abf", "eg")
    put(index, {}, forget=("a",))
    assert groups(index) == of("bf", "eg")
    put(index, {}, forget=("b", "g"))
    assert groups(index) == set()


def test_an_edited_document_changes_its_group(index):
    put(index, {"b": f"{LONG} em 2023"})
    assert groups(index) == of("bd")
    put(index, {"b": LONG})
    assert groups(index) == of("ab")


def test_a_moved_document_keeps_its_group(index):
    with index.writer() as writer:
        writer.commit(Batch(moves=[("a", FileState("/r", "novo/a.txt", 1, 1, "x", "a"))]))
    assert groups(index) == of("ab")


def test_a_group_falls_apart_when_what_held_it_together_goes(tmp_path):
    index = Index.create(tmp_path / "ix", FINGERPRINT)
    put(index, {"a": LONG, "b": cut(4), "c": cut(8)})  # 92 of 96 and 88 of 92 resemble; 88 of 96 do not
    assert groups(index) == of("abc")
    put(index, {}, forget=("b",))
    assert groups(index) == set()
    put(index, {"b": cut(4)})
    assert groups(index) == of("abc")


def test_a_reader_keeps_the_groups_of_its_generation(index):
    with index.pin() as snapshot:
        put(index, {}, forget=("b",))
        assert len(snapshot.near_duplicates(snapshot.chunk_ids())) == 1
    assert groups(Index.open(index.root)) == set()


def test_a_filter_leaves_out_of_a_group_what_it_leaves_out(index):
    put(index, {"f": LONG})
    assert groups(index, Filter(doc_ids=("a", "f", "c"))) == of("af")
    assert groups(index, Filter(sources=("b.txt", "c.txt"))) == set()


STEP = st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 12))


@settings(max_examples=50)
@given(st.lists(st.lists(STEP, min_size=1, max_size=4), min_size=1, max_size=6))
def test_groups_depend_on_what_is_there_and_not_on_how_it_came(tmp_path_factory, steps):
    catalog = Catalog.create(tmp_path_factory.mktemp("steps") / "catalog.sqlite", FINGERPRINT)
    there: dict[str, str] = {}
    for step in steps:
        now = {name: cut(words) if words is not None else None for name, words in step}
        gone = tuple(name for name, text in now.items() if text is None)
        catalog.commit(batch({name: text for name, text in now.items() if text is not None}, gone))
        there = {name: text for name, text in (there | now).items() if text is not None}
    documents = [document(name, text) for name, text in there.items()]
    vectors = HashingEncoder().encode(list(there.values()), "passage")
    fresh = MemoryIndex(documents, [whole(d) for d in documents], vectors)
    expected = {frozenset(documents[i].doc_id for i in group) for group in fresh.near_duplicates(range(len(fresh)))}
    ids = catalog.vectors()[0].tolist()
    found = {frozenset(c.doc_id for c in catalog.chunks(group)) for group in catalog.near_duplicates(ids, None)}
    catalog.close()
    assert found == expected


def test_an_index_of_format_1_answers_and_becomes_one_of_format_2_with_its_next_writer(index):
    make_format_1(index.root)
    old = Index.open(index.root)
    assert groups(old) == set()
    with old.pin() as snapshot:
        assert len(snapshot.sparse(["text"], 9)[0]) == 1
    assert format_of(Index.create(index.root, FINGERPRINT).root) == "1"
    with old.writer() as writer:
        assert writer.generation() == 1
    assert format_of(index.root) == "2"
    assert groups(old) == of("ab")
    assert old.check() == []
    put(old, {"f": LONG})
    assert groups(old) == of("abf")


def test_signatures_of_another_version_are_computed_again(index):
    with closing(sqlite3.connect(index.root / "catalog.sqlite")) as db, db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'signatures'")
        db.execute("UPDATE signatures SET cluster = 1")
    assert groups(index) == {frozenset("abcde")}
    index.repair_caches()
    assert groups(index) == of("ab")


def test_an_index_of_a_format_to_come_is_refused(index):
    with closing(sqlite3.connect(index.root / "catalog.sqlite")) as db, db:
        db.execute("UPDATE meta SET value = '3' WHERE key = 'format'")
    with pytest.raises(IndexFailure, match=r"newer Lastro \(format 3\)"):
        Index.open(index.root)


def test_a_thousand_copies_share_one_signature(tmp_path):
    index = Index.create(tmp_path / "ix", FINGERPRINT)
    put(index, {f"n{n}": LONG for n in range(1000)})
    with closing(sqlite3.connect(index.root / "catalog.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM signatures").fetchone() == (1,)
    assert [len(group) for group in groups(index)] == [1000]
    put(index, {}, forget=tuple(f"n{n}" for n in range(999)))
    assert groups(index) == set()
