"""Kill -9 at every named step leaves the index before or after, never between; the next run finishes the work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import ingest_folder
from ingest.reindex import reindex
from rag.config import load_settings
from rag.errors import NoIndex
from rag.index import Index
from rag.index.steps import STEPS
from tests.doubles import HashingEncoder
from tests.index.formats import format_of, make_format_1

SCRIPT = """
import sys
from ingest import ingest_folder
from tests.doubles import HashingEncoder
ingest_folder(sys.argv[1], sys.argv[2], encoder=HashingEncoder())
"""
REINDEX = """
import sys
from ingest.reindex import reindex
from rag.config import load_settings
from tests.doubles import HashingEncoder
reindex(sys.argv[2], load_settings(chunks={"tokens": 32, "overlap_sentences": 0}), encoder=HashingEncoder())
"""
ROOT = Path(__file__).parents[2]
OF_A_REBUILD = ("rebuild.stage", "rebuild.swap", "rebuild.after")
OF_AN_INGEST = [step for step in STEPS if step != "upgrade.inside" and step not in OF_A_REBUILD]


def die_at(step: str, folder: Path, index: Path, script: str = SCRIPT) -> int:
    environment = {**os.environ, "LASTRO_KILL_AT": step, "LASTRO_INGEST__BATCH_DOCUMENTS": "2"}
    command = [sys.executable, "-c", script, str(folder), str(index)]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True).returncode


def sources(index: Path) -> set[str]:
    try:
        with Index.open(index).pin() as snapshot:
            listed = {row.source for row in snapshot.documents()}
            ids, _ = snapshot.sparse(["bomb"], 99)
            searched = {chunk.source for chunk in snapshot.passages([int(i) for i in ids])}
            dense, _ = snapshot.dense(HashingEncoder().encode(["bomba"], "query")[0], 99)
    except NoIndex:
        return set()
    assert listed == searched, "the catalog and the postings tell the same"
    assert len(dense) == len(listed), "and so do the vectors"
    return listed


@pytest.mark.parametrize("step", OF_AN_INGEST)
def test_a_kill_during_the_first_ever_ingest_leaves_before_or_after(step, tmp_path):
    folder, index = tmp_path / "docs", tmp_path / "ix"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.txt").write_text(f"A bomba {name} tem manual.", encoding="utf-8")
    assert die_at(step, folder, index) == -signal.SIGKILL
    # batches of two: nothing, the first batch or both
    assert sources(index) in (set(), {"a.txt", "b.txt"}, {"a.txt", "b.txt", "c.txt", "d.txt"})
    committed = sources(index)
    encoder = HashingEncoder()
    ingest_folder(folder, index, encoder=encoder)
    assert sources(index) == {"a.txt", "b.txt", "c.txt", "d.txt"}
    assert len(encoder.embedded) == 4 - len(committed), "what was committed is not embedded again"


@pytest.mark.parametrize("step", [step for step in OF_AN_INGEST if step != "create.inside"])
def test_a_kill_during_a_later_ingest_leaves_before_or_after(step, tmp_path):
    folder, index = tmp_path / "docs", tmp_path / "ix"
    folder.mkdir()
    (folder / "a.txt").write_text("A bomba antiga.", encoding="utf-8")
    ingest_folder(folder, index, encoder=HashingEncoder())
    (folder / "a.txt").unlink()
    (folder / "b.txt").write_text("A bomba nova.", encoding="utf-8")
    died = die_at(step, folder, index)
    assert died == -signal.SIGKILL
    assert sources(index) in ({"a.txt"}, set(), {"b.txt"})
    ingest_folder(folder, index, encoder=HashingEncoder())
    assert sources(index) == {"b.txt"}


CONTRACT = "A bomba do contrato tem garantia e o aviso de rescisão é dado por escrito com 30 dias de antecedência."


def groups(index: Path) -> set[frozenset[str]]:
    with Index.open(index).pin() as snapshot:
        found = snapshot.near_duplicates(snapshot.chunk_ids())
        return {frozenset(chunk.source for chunk in snapshot.passages(group)) for group in found}


@pytest.mark.parametrize("step", ["commit.before", "commit.inside", "commit.after"])
def test_a_kill_leaves_the_groups_of_near_duplicates_as_their_documents_are(step, tmp_path):
    folder, index = tmp_path / "docs", tmp_path / "ix"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.md").write_text(f"# Contrato\n\n{CONTRACT}", encoding="utf-8")
    ingest_folder(folder, index, encoder=HashingEncoder())
    (folder / "b.md").write_text(f"# Contrato\n\n{CONTRACT.replace('30', '60')}", encoding="utf-8")
    (folder / "c.md").write_text(f"# Contrato\n\n{CONTRACT.replace('30', '60')}", encoding="utf-8")
    assert die_at(step, folder, index) == -signal.SIGKILL
    before, after = {frozenset({"a.md", "b.md"})}, {frozenset({"b.md", "c.md"})}
    assert groups(index) == (after if "c.md" in sources(index) else before)
    ingest_folder(folder, index, encoder=HashingEncoder())
    assert groups(index) == after


def test_a_kill_while_an_index_of_format_1_is_brought_up_to_date_leaves_format_1(tmp_path):
    folder, index = tmp_path / "docs", tmp_path / "ix"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.md").write_text(f"# Contrato\n\n{CONTRACT}", encoding="utf-8")
    ingest_folder(folder, index, encoder=HashingEncoder())
    make_format_1(index)
    assert die_at("upgrade.inside", folder, index) == -signal.SIGKILL
    assert format_of(index) == "1"
    assert sources(index) == {"a.md", "b.md"}
    assert groups(index) == set()
    ingest_folder(folder, index, encoder=HashingEncoder())
    assert format_of(index) == "2"
    assert groups(index) == {frozenset({"a.md", "b.md"})}


def cut(index: Path) -> tuple[int, list[tuple[str, str]]]:
    """The size of chunks the index says it has, and its chunks by source, which both legs find and no other."""
    opened = Index.open(index)
    with opened.pin() as snapshot:
        ids = snapshot.chunk_ids()
        dense, _ = snapshot.dense(HashingEncoder().encode(["bomba"], "query")[0], 9999)
        sparse, _ = snapshot.sparse(["bomb"], 9999)
        assert sorted(dense.tolist()) == sorted(sparse.tolist()) == ids
        return opened.fingerprint.chunk_tokens, sorted((c.source, c.text) for c in snapshot.passages(ids))


AFTER_THE_LOCK = OF_AN_INGEST[OF_AN_INGEST.index("lock.taken") :]


@pytest.mark.parametrize("step", [s for s in AFTER_THE_LOCK if not s.startswith("commit")] + list(OF_A_REBUILD))
def test_a_kill_during_a_rebuild_leaves_the_old_index_or_the_new_one(step, tmp_path):
    folder, index = tmp_path / "docs", tmp_path / "ix"
    folder.mkdir()
    for name in "abcd":
        text = " ".join(f"A bomba {name} tem a peça {n}, que se troca por inteiro." for n in range(9))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    ingest_folder(folder, index, encoder=HashingEncoder())
    old = cut(index)
    assert die_at(step, folder, index, REINDEX) == -signal.SIGKILL
    between = cut(index)
    settings = load_settings(chunks={"tokens": 32, "overlap_sentences": 0})
    reindex(index, settings, encoder=HashingEncoder())
    new = cut(index)
    assert (old[0], new[0]) == (160, 32)
    assert len(new[1]) > len(old[1])
    assert between == (old if step in {"lock.taken", "rebuild.stage", "rebuild.swap"} else new)
    assert Index.open(index).check() == []
