import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.config import SearchSettings
from rag.errors import UsageError
from rag.index import MemoryIndex
from rag.search import search
from rag.search.fuse import convex, minmax, reciprocal_rank
from rag.search.rerank import blend, rerank
from rag.types import Filter
from tests.doubles import HashingEncoder, document, whole

TEXTS = {
    "a": "A garantia da bomba é de 24 meses.",
    "b": "O rotor travado aparece como erro E4.",
    "c": "Férias coletivas começam em dezembro.",
    "d": "A garantia do motor é de 36 meses.",
}
SCORES = arrays(np.float32, 12, elements=st.floats(0, 30, width=32), unique=True)


@pytest.fixture
def index():
    documents = [document(name, text) for name, text in TEXTS.items()]
    return MemoryIndex(
        documents, [whole(d) for d in documents], HashingEncoder().encode(list(TEXTS.values()), "passage")
    )


@given(SCORES, SCORES)
def test_alpha_one_is_the_dense_order_and_alpha_zero_the_sparse_order(dense, sparse):
    for fuse in (convex, reciprocal_rank):
        assert np.argmax(fuse(dense, sparse, 1.0)) == np.argmax(dense)
        assert np.argmax(fuse(dense, sparse, 0.0)) == np.argmax(sparse)
    assert np.all(np.diff(convex(dense, sparse, 1.0)[np.argsort(dense)]) >= 0)
    assert np.all(np.diff(convex(dense, sparse, 0.0)[np.argsort(sparse)]) >= 0)


@given(SCORES, SCORES, st.floats(0, 1))
def test_fused_scores_lie_between_zero_and_one(dense, sparse, alpha):
    for fuse in (convex, reciprocal_rank):
        fused = fuse(dense, sparse, alpha)
        assert fused.min() >= 0
        assert fused.max() <= 1 + 1e-6


def test_the_convex_combination_by_hand():
    dense = np.array([0.8, 0.9, 1.0], np.float32)
    sparse = np.array([4.0, 0.0, 2.0], np.float32)
    # dense → 0, 0.5, 1; sparse → 1, 0, 0.5; alpha 0.25
    np.testing.assert_allclose(convex(dense, sparse, 0.25), [0.75, 0.125, 0.625], atol=1e-6)
    # the second is in another language, alone there: dense 1, sparse 0 among its like, so terms count as 0.25 * 1
    foreign = np.array([False, True, False])
    np.testing.assert_allclose(convex(dense, sparse, 0.25, foreign), [0.75, 0.3125, 0.625], atol=1e-6)


def test_the_other_language_changes_no_order_at_either_end_of_alpha():
    random = np.random.default_rng(3)
    dense, sparse = random.uniform(0.7, 0.9, 40).astype(np.float32), random.uniform(0, 9, 40).astype(np.float32)
    foreign = random.random(40) < 0.5
    assert np.argsort(convex(dense, sparse, 1.0, foreign)).tolist() == np.argsort(dense).tolist()
    assert np.argsort(convex(dense, sparse, 0.0, foreign)).tolist() == np.argsort(sparse).tolist()


def test_a_chunk_of_the_other_language_rises_by_a_name_only_it_shares():
    dense = np.array([0.9, 0.85, 0.85], np.float32)
    foreign = np.array([False, True, True])
    fused = convex(dense, np.array([6.0, 1.5, 0.0], np.float32), 0.5, foreign)
    assert fused[1] - fused[2] >= 0.2


def test_reciprocal_rank_by_hand():
    fused = reciprocal_rank(np.array([0.9, 0.8]), np.array([0.0, 3.0]), 0.5)
    np.testing.assert_allclose(fused, [61 * 0.5 / 61, 61 * (0.5 / 62 + 0.5 / 61)], rtol=1e-6)


def test_equal_scores_are_all_ones_and_no_terms_at_all_zeros():
    assert minmax(np.array([2.0, 2.0])).tolist() == [1.0, 1.0]
    assert minmax(np.zeros(3), minimum=0.0).tolist() == [0.0, 0.0, 0.0]
    assert minmax(np.zeros(0)).size == 0


@pytest.mark.parametrize("alpha", [-0.1, 2.0, float("nan")])
def test_alpha_outside_its_range_is_refused_by_name(alpha):
    with pytest.raises(UsageError, match="alpha must lie between 0"):
        convex(np.zeros(1), np.zeros(1), alpha)


def test_every_candidate_of_the_union_has_both_true_scores(index):
    found = search(index, HashingEncoder(), "garantia da bomba E4", SearchSettings(k=4))
    query = HashingEncoder().encode(["garantia da bomba E4"], "query")[0]
    for hit in found.hits:
        expected = float(HashingEncoder().encode([TEXTS[hit.doc_id]], "passage")[0] @ query)
        assert hit.dense == pytest.approx(expected, abs=1e-6)
    assert {hit.doc_id for hit in found.hits if hit.sparse > 0} == {"a", "b", "d"}
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4]


def test_filters_hold(index):
    found = search(index, HashingEncoder(), "garantia", SearchSettings(), where=Filter(doc_ids=("d",)))
    assert [hit.doc_id for hit in found.hits] == ["d"]
    assert search(index, HashingEncoder(), "garantia", SearchSettings(), where=Filter(languages=("en",))).hits == ()


class Contrary:
    """A reranker that likes the last text best."""

    def relevance(self, question, texts):
        return np.linspace(0, 1, len(texts), dtype=np.float32)


def test_a_reranker_reorders_unless_it_is_switched_off(index):
    off = SearchSettings(k=2, rerank=False)
    plain = search(index, HashingEncoder(), "garantia", off, reranker=Contrary())
    assert all(hit.rerank is None for hit in plain.hits)
    settings = SearchSettings(k=2, rerank=True, rerank_weight=1.0, rerank_depth=4)
    reranked = search(index, HashingEncoder(), "garantia", settings, reranker=Contrary())
    assert [hit.score for hit in reranked.hits] == [1.0, pytest.approx(2 / 3)]


@pytest.mark.parametrize(
    ("query", "judged"),
    [
        ("garantia", True),
        ("Qual é a garantia?", True),
        ("Custa R$ 2.000,00. Por quê?", True),
        ("A bomba tem garantia.", False),
    ],
)
def test_only_what_may_be_a_question_is_judged_by_how_far_it_is_answered(index, query, judged):
    found = search(index, HashingEncoder(), query, SearchSettings(k=2), reranker=Contrary())
    assert [hit.rerank is not None for hit in found.hits] == [judged] * 2
    assert judged or [hit.score for hit in found.hits] == [hit.fused for hit in found.hits]


def test_the_blend_by_hand():
    np.testing.assert_allclose(blend(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.25), [0.75, 0.25])


class Judge:
    """Knows each text's relevance, and which were asked for."""

    def __init__(self, known):
        self.known = known
        self.asked = []

    def relevance(self, question, texts):
        self.asked += texts
        return np.array([self.known[text] for text in texts], np.float32)


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=40),
    st.floats(0, 1),
    st.integers(1, 12),
)
def test_what_is_left_unjudged_could_not_have_come_among_the_first(scored, weight, k):
    scored.sort(reverse=True)
    fused = np.array([f for f, _ in scored], np.float32)
    texts = [f"t{i}" for i in range(len(scored))]
    judge = Judge({text: relevance for text, (_, relevance) in zip(texts, scored, strict=True)})
    relevance, blended = rerank(judge, "q", texts, fused, weight, k)
    everything = blend(fused, np.array([r for _, r in scored], np.float32), weight)
    assert np.allclose(np.sort(blended)[::-1][:k], np.sort(everything)[::-1][:k])
    judged = ~np.isnan(relevance)
    assert judge.asked == [text for text, was in zip(texts, judged, strict=True) if was]
    assert np.array_equal(blended[judged], everything[judged])


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=40),
    st.floats(0, 1),
    st.integers(1, 12),
)
def test_no_more_are_judged_than_by_looking_after_every_four(scored, weight, k):
    scored.sort(reverse=True)
    fused = np.array([f for f, _ in scored], np.float32)
    known = np.array([r for _, r in scored], np.float32)
    judge = Judge({f"t{i}": r for i, r in enumerate(known)})
    rerank(judge, "q", list(judge.known), fused, weight, k)
    everything = blend(fused, known, weight)
    looks = [n for n in range(4, len(scored), 4) if n >= k]
    decided = (n for n in looks if np.sort(everything[:n])[-k] >= blend(fused[n : n + 1], np.ones(1), weight)[0])
    assert len(judge.asked) == next(decided, len(scored))


def test_what_cannot_be_decided_earlier_is_judged_in_few_calls():
    judge = Judge({f"t{i}": 0.0 for i in range(20)})
    calls = []
    relevance = judge.relevance
    judge.relevance = lambda question, texts: calls.append(len(texts)) or relevance(question, texts)
    rerank(judge, "q", list(judge.known), np.linspace(0.9, 0.1, 20).astype(np.float32), 0.4, 8)
    # None is surpassed by 0.6 * 0.9 = 0.54, the first's score: each look waits for eight more that might be.
    assert calls == [8, 8, 4]


def test_a_list_that_is_decided_is_not_judged_to_its_end():
    judge = Judge({f"t{i}": 1.0 for i in range(40)})
    fused = np.linspace(1, 0, 40).astype(np.float32)
    rerank(judge, "q", list(judge.known), fused, 0.3, 5)
    assert len(judge.asked) == 8
