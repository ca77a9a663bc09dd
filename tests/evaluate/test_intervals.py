import numpy as np
import pytest
from scipy import stats

from rag.evaluate.intervals import bootstrap, clopper_pearson, mean, mean_change


def test_the_interval_of_a_mean_is_near_scipys_and_the_same_every_time():
    values = np.random.default_rng(1).exponential(size=80)
    found = mean(values.tolist())
    oracle = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=3).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=0.02)
    assert mean(values.tolist()) == found


def test_ten_of_ten_is_not_certainty():
    found = mean([1.0] * 10)
    # By hand: the lower end solves p^10 = 0.025.
    assert found.low == pytest.approx(0.025 ** (1 / 10))
    assert found.high == 1.0


def test_the_exact_interval_of_one_in_ten():
    # From the tables of Clopper and Pearson: 0.0025 to 0.4450.
    assert clopper_pearson(1, 10) == pytest.approx((0.0025, 0.4450), abs=5e-5)


@pytest.mark.parametrize(
    ("change", "low", "high"),
    [(0.0, -0.3085, 0.3085), (1.0, 0.3830, 1.0), (-1.0, -1.0, -0.3830), (0.5, 0.0373, 0.6542)],
)
def test_ten_changes_that_are_all_alike_are_not_certain_to_go_on_so(change, low, high):
    # By hand: 0 of 10 are otherwise, by Clopper and Pearson at most 1 − 0.025^(1/10) = 0.3085 of all; those may be ±1.
    found = mean_change([change] * 10)
    assert found.value == change
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_changes_that_differ_are_resampled():
    changes = [1.0, -1.0, 0.0, 0.0, 1.0, 0.5]
    assert mean_change(changes) == mean(changes)
    assert mean_change([]) is None


def test_no_values_have_no_mean():
    assert mean([]) is None


def test_resamples_without_a_value_are_left_out():
    drawn = iter(range(10**6))
    low, high = bootstrap(lambda sample: 1.0 if next(drawn) % 2 else None, 4)
    assert (low, high) == (1.0, 1.0)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(60):
        found = mean((generator.random(60) < 0.7).astype(float).tolist())
        held += found.low <= 0.7 <= found.high
    assert held >= 51  # binomial(60, 0.95): fewer than 51 once in 2,000
