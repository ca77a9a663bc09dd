import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from rag.evaluate.verdicts import calibration_error, reliability, share_of


def test_shares_are_of_claims_alone():
    labels = ["supported", "not_a_claim", "not_found", "supported"]
    assert share_of(labels, "supported") == pytest.approx(2 / 3)
    assert share_of(labels, "contradicted") == 0.0
    assert share_of(["not_a_claim"], "supported") is None


def test_two_bins_and_their_error_by_hand():
    found = reliability([0.1, 0.3, 0.8, 1.0], [False, True, True, True], bins=2)
    assert [(part.count, part.score, part.right) for part in found] == [(2, 0.2, 0.5), (2, 0.9, 1.0)]
    assert calibration_error(found) == pytest.approx(0.5 * 0.3 + 0.5 * 0.1)
    assert calibration_error(()) is None


def test_the_diagram_is_scikit_learns():
    generator = np.random.default_rng(0)
    scores = generator.random(500)
    right = generator.random(500) < scores**2
    share, score = calibration_curve(right, scores, n_bins=10)
    found = reliability(scores.tolist(), right.tolist())
    assert [part.right for part in found] == pytest.approx(share.tolist())
    assert [part.score for part in found] == pytest.approx(score.tolist())
