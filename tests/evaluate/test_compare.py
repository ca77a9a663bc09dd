import numpy as np
import pytest
from scipy import stats

from rag.evaluate.compare import compare, holm, sign_flip


def test_five_questions_that_all_rose_have_two_patterns_in_32():
    assert sign_flip([1, 1, 1, 1, 1]) == pytest.approx(2 / 32)
    assert sign_flip([0, 0, 0]) == 1.0
    # 3 − 1: of the 16 patterns of four ones, |sum| ≥ 2 unless it is 0, which 6 are.
    assert sign_flip([1, 1, 1, -1]) == pytest.approx(10 / 16)


@pytest.mark.parametrize("n", [9, 40])
def test_p_is_that_of_scipys_permutation_test(n):
    change = np.random.default_rng(n).normal(0.3, 1, n)
    zero = np.zeros(n)
    oracle = stats.permutation_test(
        (change, zero),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=20_000,
        vectorized=True,
        rng=1,
    )
    assert sign_flip(change) == pytest.approx(oracle.pvalue, abs=0.01)


def test_holm_by_hand():
    # Sorted 0.01, 0.02, 0.04 times 3, 2, 1: 0.03, 0.04, 0.04.
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    # 0.03 · 2 = 0.06, and 0.04 · 1 is kept from falling below it.
    assert holm([0.04, 0.03]) == pytest.approx([0.06, 0.06])
    assert holm([]) == []


def test_wins_losses_and_significance():
    better = [(0.0, 1.0)] * 12 + [(1.0, 0.0)] + [(1.0, 1.0)] * 7
    rows = {row.metric: row for row in compare({"a": better, "b": [(0.5, 0.5)] * 20, "c": []})}
    assert set(rows) == {"a", "b"}
    assert (rows["a"].wins, rows["a"].losses) == (12, 1)
    assert rows["a"].difference.value == pytest.approx(11 / 20)
    assert rows["a"].significant
    assert rows["b"].p == 1.0
    assert not rows["b"].significant


def test_a_fall_is_a_win_where_less_is_better():
    rows = compare({"risk": [(1.0, 0.0)] * 3 + [(0.0, 1.0)], "right": [(1.0, 0.0)] * 3 + [(0.0, 1.0)]}, lower={"risk"})
    assert [(row.wins, row.losses) for row in rows] == [(3, 1), (1, 3)]
    assert [row.difference.value for row in rows] == [-0.5, -0.5], "the change itself is as it is"


def test_two_equal_systems_are_called_different_no_more_often_than_allowed():
    generator = np.random.default_rng(2)
    called = sum(sign_flip(generator.choice([-1.0, 0.0, 1.0], 12)) < 0.05 for _ in range(200))
    assert called <= 19  # binomial(200, 0.05): more than 19 about once in 200
