import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from rag.evaluate.abstention import area_under, risk_coverage


def test_the_curve_of_four_answers_to_five_questions():
    curve = risk_coverage([0.9, 0.5, 0.8, 0.7], [False, True, True, False], questions=5)
    assert curve.threshold.tolist() == [0.9, 0.8, 0.7, 0.5]
    assert curve.coverage == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert curve.risk == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])
    # Four steps of the same width over the coverage reached: the mean of the risks.
    assert area_under(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_answers_of_equal_confidence_come_in_together():
    curve = risk_coverage([0.5, 0.5, 0.9], [True, False, False], questions=3)
    assert curve.threshold.tolist() == [0.9, 0.5]
    assert curve.risk == pytest.approx([0, 1 / 3])


def test_without_answers_there_is_no_area():
    assert area_under(risk_coverage([], [], questions=3)) is None


def test_a_confidence_that_ranks_better_has_less_area():
    generator = np.random.default_rng(3)
    wrong = generator.random(400) < 0.3
    good, poor = generator.random(400) - 0.8 * wrong, generator.random(400) - 0.1 * wrong
    assert roc_auc_score(~wrong, good) > roc_auc_score(~wrong, poor)
    areas = [area_under(risk_coverage(s.tolist(), wrong.tolist(), 400)) for s in (good, poor)]
    assert areas[0] < areas[1]
