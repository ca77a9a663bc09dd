import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from rag.index import MemoryIndex
from rag.index.postings import Postings
from rag.index.vectors import Vectors
from tests.doubles import HashingEncoder, document, whole

WORDS = st.lists(st.sampled_from("bomba motor garantia prazo rotor selo agua".split()), min_size=1, max_size=30)


class Oracle(BM25Okapi):
    """rank-bm25 with Lucene's idf, which tantivy uses: ln(1 + (N - n + 0.5) / (n + 0.5))."""

    def _calc_idf(self, nd):
        self.idf = {w: np.log(1 + (self.corpus_size - n + 0.5) / (n + 0.5)) for w, n in nd.items()}


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=12), WORDS)
def test_bm25_agrees_with_rank_bm25(corpus, question):
    question = list(dict.fromkeys(question))
    expected = Oracle(corpus, k1=1.2, b=0.75).get_scores(question)
    postings = Postings.build(enumerate(" ".join(doc) for doc in corpus))
    ids = np.arange(len(corpus))
    # Lengths up to 40 terms are kept exactly, so that nothing but float32 stands between the two.
    np.testing.assert_allclose(postings.scores(ids, question), expected, rtol=1e-4, atol=1e-5)
    found, scores = postings.search(question, 100)
    np.testing.assert_allclose(scores, np.sort(expected[expected > 0])[::-1], rtol=1e-4, atol=1e-5)
    assert set(found.tolist()) == set(np.flatnonzero(expected > 0).tolist())


def test_the_memory_index_is_rank_bm25():
    texts = ["garantia da bomba", "prazo de entrega do motor", "selo do rotor e selo do motor"]
    documents = [document(str(n), text) for n, text in enumerate(texts)]
    chunks = [whole(doc) for doc in documents]
    index = MemoryIndex(documents, chunks, HashingEncoder().encode(texts, "passage"))
    corpus = [["garant", "bomb"], ["praz", "entreg", "motor"], ["sel", "rotor", "sel", "motor"]]
    expected = Oracle(corpus, k1=1.2, b=0.75).get_scores(["sel", "motor"])
    ids, scores = index.sparse(["sel", "motor"], 5)
    assert ids.tolist() == [2, 1]
    np.testing.assert_allclose(scores, np.sort(expected)[::-1][:2], rtol=1e-5)


def test_filtered_and_chosen_scores_are_those_of_the_whole_collection():
    postings = Postings.build(enumerate(["a b", "a a c", "b c", "z"]))
    everything = dict(zip(*map(np.ndarray.tolist, postings.search(["a", "c"], 9)), strict=True))
    ids, scores = postings.search(["a", "c"], 9, np.array([1, 3]))
    assert dict(zip(ids.tolist(), scores.tolist(), strict=True)) == {1: everything[1]}
    assert postings.scores(np.array([3, 1, 0]), ["a", "c"]).tolist() == [0.0, everything[1], everything[0]]


@pytest.mark.parametrize("hnsw_from", [10_000, 100])
def test_the_dense_leg_agrees_with_brute_force(hnsw_from):
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(500, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.arange(10, 510)
    index = Vectors.build(ids, vectors, hnsw_from=hnsw_from)
    query = vectors[7]
    expected = ids[np.argsort(-(vectors @ query))[:10]]
    found, cosines = index.search(query, 10)
    assert len(set(found.tolist()) & set(expected.tolist())) >= (10 if index.exact else 9)
    np.testing.assert_allclose(cosines, vectors[found - 10] @ query, atol=1e-5)
    np.testing.assert_allclose(index.cosines(ids[:5], query), vectors[:5] @ query, atol=1e-5)
    allowed = np.array([12, 400, 509])
    assert set(index.search(query, 10, allowed)[0].tolist()) == set(allowed.tolist())
