"""Metrics of a ranked list: by hand, and against trec_eval's own."""

import math
import warnings

import numpy as np
import pytest

from rag.evaluate.retrieval import average_precision, ndcg, recall, reciprocal_rank


def test_of_three_relevant_two_are_found_at_ranks_1_and_4():
    ranks, relevant = (1, 4), 3
    assert recall(ranks, relevant, 1) == pytest.approx(1 / 3)
    assert recall(ranks, relevant, 4) == pytest.approx(2 / 3)
    assert reciprocal_rank(ranks, relevant) == 1.0
    assert average_precision(ranks, relevant) == pytest.approx((1 / 1 + 2 / 4) / 3)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(ranks, relevant, 10) == pytest.approx((1 / math.log2(2) + 1 / math.log2(5)) / ideal)


def test_the_cut_of_ndcg_bounds_what_could_be_gained_too():
    assert ndcg((1, 2), 5, 2) == 1.0
    assert ndcg((3,), 1, 2) == 0.0


def test_nothing_found_is_zero_everywhere():
    assert [recall((), 2, 5), reciprocal_rank((), 2), average_precision((), 2), ndcg((), 2, 10)] == [0.0] * 4


def test_random_lists_score_as_trec_eval_scores_them():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pkg_resources, in the oracle's own imports
        import ir_measures
        from ir_measures import AP, RR, R, nDCG
    generator = np.random.default_rng(7)
    for _ in range(30):
        ranked = [f"d{i}" for i in range(20)]
        wanted = set(generator.choice(40, generator.integers(1, 8), replace=False).tolist())
        qrels = [ir_measures.Qrel("q", f"d{i}", 1) for i in wanted]
        run = [ir_measures.ScoredDoc("q", name, float(-place)) for place, name in enumerate(ranked)]
        expected = ir_measures.calc_aggregate([R @ 5, RR, AP, nDCG @ 10], qrels, run)
        ranks = [place for place, name in enumerate(ranked, 1) if int(name[1:]) in wanted]
        found = {
            R @ 5: recall(ranks, len(wanted), 5),
            RR: reciprocal_rank(ranks, len(wanted)),
            AP: average_precision(ranks, len(wanted)),
            nDCG @ 10: ndcg(ranks, len(wanted), 10),
        }
        assert found == pytest.approx(expected)
