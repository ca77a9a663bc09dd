"""Learn then Test: its p-values by hand, its sequence, and that it keeps its word where the truth is known."""

import numpy as np
import pytest
from scipy import stats

from rag.evaluate.risk_control import Outcomes, binomial_p, control, fewest_answers, reject


def population(n, seed):
    """Answers whose true risk at every threshold is known: wrong with probability (1 − confidence)³ / 2."""
    generator = np.random.default_rng(seed)
    confidence = generator.random(n)
    wrong = generator.random(n) < 0.5 * (1 - confidence) ** 3
    confidence[generator.random(n) < 0.2] = np.nan
    return Outcomes(confidence, wrong)


def true_risk(threshold):
    # E[(1 − c)³ / 2 | c ≥ t] for c uniform: (1 − t)³ / 8.
    return (1 - threshold) ** 3 / 8


def test_no_error_in_n_answers_has_probability_one_minus_risk_to_the_n():
    assert binomial_p(0, 45, 0.05) == pytest.approx(0.95**45)
    assert binomial_p(1, 10, 0.1) == pytest.approx(0.9**10 + 10 * 0.1 * 0.9**9)
    assert binomial_p(0, 0, 0.05) == 1.0


def test_p_is_that_of_the_exact_test():
    assert binomial_p(3, 90, 0.1) == pytest.approx(stats.binomtest(3, 90, 0.1, alternative="less").pvalue)


def test_a_sequence_ends_at_its_first_failure_and_each_start_has_its_share():
    # δ / 4 = 0.025; starts at 0, 2, 4, 6.
    ps = [0.01, 0.5, 0.02, 0.02, 0.03, 0.001, 0.024, 0.02]
    assert reject(ps, 0.1) == {0, 2, 3, 6, 7}
    assert reject([], 0.1) == set()


def test_how_many_answers_it_takes():
    # 0.95^71 = 0.0262 > 0.025 ≥ 0.95^72.
    assert fewest_answers(0.05, 0.1) == 72
    assert fewest_answers(0.1, 0.1) == 36


def test_too_few_answers_promise_nothing():
    found = control(Outcomes(np.full(60, 0.9), np.zeros(60, bool)), 0.05, 0.1)
    assert found.threshold is None
    assert found.coverage == 0.0


def test_without_a_wrong_answer_everything_is_given():
    found = control(Outcomes(np.linspace(0.1, 0.9, 200), np.zeros(200, bool)), 0.05, 0.1)
    assert found.threshold == 0.0
    assert (found.given, found.wrong, found.tested) == (160, 0, 160)


def test_the_same_questions_give_the_same_threshold():
    assert control(population(500, 1), 0.05, 0.1) == control(population(500, 1), 0.05, 0.1)


@pytest.mark.parametrize("risk", [0.05, 0.1])
def test_the_stated_risk_is_exceeded_no_more_often_than_stated(risk):
    exceeded = found = 0
    for seed in range(200):
        tested = control(population(600, seed), risk, 0.1, seed=seed)
        if tested.threshold is not None:
            found += 1
            exceeded += true_risk(tested.threshold) > risk
    assert found >= 150  # it is of use
    assert exceeded <= 20  # 10 % of 200


def test_a_confidence_that_knows_nothing_of_a_high_risk_is_not_trusted():
    generator = np.random.default_rng(4)
    trusted = 0
    for seed in range(200):
        outcomes = Outcomes(generator.random(400), generator.random(400) < 0.12)
        trusted += control(outcomes, 0.1, 0.1, seed=seed).threshold is not None
    assert trusted <= 29  # binomial(200, 0.1): more than 29 about once in 100
