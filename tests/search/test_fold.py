import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import ingest_folder
from rag.config import SearchSettings, load_settings
from rag.errors import ConfigError
from rag.index import Index, MemoryIndex
from rag.search import search
from rag.search.fold import first_of_each
from rag.serialise import hit_json
from rag.types import Filter
from tests.conftest import SAMPLE
from tests.doubles import HashingEncoder, document, whole

CONTRACT = "A rescisão do contrato exige aviso por escrito com 30 dias de antecedência e não gera multa."
OTHERS = [f"O contrato {name} trata de rescisão e aviso." for name in ("azul", "verde", "branco", "preto", "cinza")]


def made_of(texts):
    documents = [document(name, text) for name, text in texts.items()]
    vectors = HashingEncoder().encode(list(texts.values()), "passage")
    return MemoryIndex(documents, [whole(d) for d in documents], vectors)


def asked(index, settings=None, where=None, reranker=None):
    question = "aviso de rescisão do contrato com 30 dias"
    return search(index, HashingEncoder(), question, settings or SearchSettings(), where=where, reranker=reranker).hits


@pytest.fixture(params=["memory", "disk"])
def index(request, tmp_path):
    """Five copies, one version, five others: in memory, and on disk by way of files."""
    texts = {f"copia{n}": CONTRACT for n in range(5)} | {"versao": CONTRACT.replace("30", "60")}
    texts |= {f"outro{n}": text for n, text in enumerate(OTHERS)}
    if request.param == "memory":
        yield made_of(texts)
        return
    (tmp_path / "docs").mkdir()
    for name, text in texts.items():
        (tmp_path / "docs" / f"{name}.md").write_text(f"# Contrato\n\n{text}", encoding="utf-8")
    ingest_folder(tmp_path / "docs", tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        yield snapshot


def names(hits):
    return [hit.source.split(".")[0] for hit in hits]


def test_five_copies_take_one_place_and_the_version_its_own(index):
    hits = asked(index, SearchSettings(k=5))
    assert len(hits) == 5
    assert len([name for name in names(hits) if name.startswith("copia")]) == 1
    assert "versao" in names(hits)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    folded = next(hit for hit in hits if hit.source.startswith("copia"))
    assert names(folded.duplicates) == [f"copia{n}" for n in range(5) if not folded.source.startswith(f"copia{n}")]
    assert all(hit.duplicates == () for hit in hits if hit is not folded)


def test_shown_duplicates_each_keep_their_place(index):
    hits = asked(index, SearchSettings(k=11, duplicates="show"))
    assert len(hits) == 11
    assert all(hit.duplicates == () for hit in hits)
    best = asked(index, SearchSettings(k=11))
    assert len(best) == 7
    assert [hit.chunk_id for hit in best] == [
        hit.chunk_id for hit in hits if hit.chunk_id in {b.chunk_id for b in best}
    ]
    assert best[0] == hits[0] or best[0].duplicates, "the best ranked of all keeps its place"


def test_copies_do_not_crowd_others_out_of_few_candidates(index):
    hits = asked(index, SearchSettings(k=6, candidates=5))
    assert len(hits) == 6
    assert len({hit.text for hit in hits}) == 6


def test_a_filter_comes_before_folding(index):
    all_hits = asked(index, SearchSettings(k=11, duplicates="show"))
    third = next(hit for hit in all_hits if hit.source.startswith("copia3"))
    (hit,) = asked(index, where=Filter(doc_ids=(third.doc_id,)))
    assert (hit.doc_id, hit.duplicates) == (third.doc_id, ())
    (hit,) = asked(index, where=Filter(sources=("copia[13]*",)))
    assert len(hit.duplicates) == 1
    assert names([hit, *hit.duplicates]) in (["copia1", "copia3"], ["copia3", "copia1"])


def test_a_duplicate_says_where_it_stands(index):
    folded = next(hit for hit in asked(index) if hit.duplicates)
    told = hit_json(folded)["duplicates"]
    assert [set(place) for place in told] == [{"doc_id", "source", "page", "start", "end"}] * 4
    assert all(place["end"] - place["start"] == len(folded.text) for place in told)


class Counting:
    def __init__(self):
        self.judged = 0

    def relevance(self, question, texts):
        self.judged += len(texts)
        return np.full(len(texts), 0.5, np.float32)


def test_no_copy_is_judged_by_the_reranker():
    reranker = Counting()
    texts = {f"copia{n}": CONTRACT for n in range(40)} | {"versao": CONTRACT.replace("30", "60")}
    hits = asked(made_of(texts), SearchSettings(k=5, candidates=10), reranker=reranker)
    assert reranker.judged == len(hits) == 2
    assert sorted(len(hit.duplicates) for hit in hits) == [0, 39]


@given(st.lists(st.integers(0, 9), max_size=30))
def test_the_first_of_each_group_stays_in_order(members):
    groups = {i: [j for j, other in enumerate(members) if other == member] for i, member in enumerate(members)}
    kept = first_of_each(np.arange(len(members)), groups).tolist()
    assert kept == [i for i, member in enumerate(members) if member not in members[:i]]


def test_another_word_for_the_setting_is_refused():
    with pytest.raises(ConfigError, match=r"search\.duplicates"):
        load_settings(search={"duplicates": "hide"})


def test_both_expense_policies_are_found_beside_copies_of_one(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for year in ("2023", "2024"):
        data = (SAMPLE / f"politica-despesas-{year}.docx").read_bytes()
        for copy in ("", " (1)", " - Cópia"):
            (folder / f"politica-despesas-{year}{copy}.docx").write_bytes(data)
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        question = "Qual é o limite da diária de hotel nas capitais?"
        hits = search(snapshot, HashingEncoder(), question, SearchSettings(k=5)).hits
        assert len({hit.text for hit in hits}) == 5
        limits = [hit for hit in hits if "diária de hotel" in hit.text]
        assert {"280,00" in hit.text for hit in limits} == {True, False}
        assert all(len(hit.duplicates) == 2 for hit in hits)
