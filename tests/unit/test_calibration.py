"""Confidence against accuracy, and what is gained by not answering."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.analysis.calibration import answered_above, reliability, threshold_for


def answers(confidence, right):
    """Two classes, of which the first is said with this confidence; and the labels."""
    p = np.asarray(confidence, np.float64)
    return np.column_stack([p, 1 - p]), np.where(right, 0, 1)


def drawn(n=4000, power=1.0, seed=0):
    """Confidences c, and answers of which c^power of those with confidence c are right."""
    rng = np.random.default_rng(seed)
    c = rng.uniform(0.5, 1, n)
    return answers(c, rng.uniform(size=n) < c**power)


def test_bins_hold_the_mean_confidence_and_the_share_that_is_right():
    r = reliability(*answers([0.65, 0.7, 0.91, 0.95, 0.99], [1, 0, 1, 1, 0]))
    np.testing.assert_array_equal(r.counts, [0, 0, 0, 0, 0, 0, 2, 0, 0, 3])
    assert r.confidence[6] == pytest.approx(0.675) and r.accuracy[6] == 0.5
    assert r.confidence[9] == pytest.approx(0.95) and r.accuracy[9] == pytest.approx(2 / 3)
    assert np.isnan(r.accuracy[5]) and np.isnan(r.confidence[0])
    assert r.error == pytest.approx(2 / 5 * 0.175 + 3 / 5 * (0.95 - 2 / 3))


def test_an_upper_edge_belongs_to_its_bin():
    p, y = answers([0.6, 0.7, 0.8, 0.9, 1.0], [1] * 5)
    np.testing.assert_array_equal(reliability(p, y, 10).counts, [0] * 5 + [1] * 5)
    np.testing.assert_array_equal(reliability([[1.0005, 0]], [0], 2).counts, [0, 1])  # rounded
    np.testing.assert_array_equal(reliability(np.full((1, 20), 0.05), [0], 2).counts, [1, 0])


def test_a_calibrated_network_has_hardly_an_error_and_one_too_sure_has():
    fair = reliability(*drawn())
    assert fair.error < 0.03 and abs(fair.overconfidence) < 0.02
    sure = reliability(*drawn(power=3))
    assert sure.error > 0.15
    assert sure.overconfidence == pytest.approx(sure.error, abs=0.01)
    modest = reliability(*drawn(power=0.3))
    assert modest.overconfidence < -0.1 and modest.error > 0.1


def test_one_bin_compares_the_two_means():
    p, y = drawn(50)
    r = reliability(p, y, bins=1)
    right = (p.argmax(axis=1) == y).mean()
    assert r.error == pytest.approx(abs(p.max(axis=1).mean() - right))


def test_answered_above_counts_what_is_at_least_as_sure():
    a = answered_above(*answers([0.6, 0.8, 0.9, 0.9], [0, 1, 0, 1]), [0, 0.8, 0.85, 0.95])
    np.testing.assert_allclose(a.coverage, [1, 0.75, 0.5, 0])
    np.testing.assert_allclose(a.accuracy[:3], [0.5, 2 / 3, 0.5])
    assert np.isnan(a.accuracy[3])
    assert answered_above(*answers([0.6], [1]), [0, 1]).thresholds.dtype == np.float64


@given(seed=st.integers(0, 10_000), error=st.floats(0, 0.6), digits=st.integers(1, 6))
def test_the_threshold_is_the_lowest_that_keeps_the_error(seed, error, digits):
    rng = np.random.default_rng(seed)
    p, y = answers(0.5 + 0.5 * rng.uniform(size=40).round(digits), rng.uniform(size=40) < 0.7)
    t = threshold_for(p, y, error)
    candidates = np.unique(p.max(axis=1))
    tried = answered_above(p, y, candidates)
    good = candidates[1 - tried.accuracy <= error + 1e-12]
    assert t == (good[0] if len(good) else np.inf)


def test_a_threshold_of_float32_probabilities_answers_the_sample_it_was_taken_from():
    p, y = drawn(300)
    p = p.astype(np.float32)
    t = threshold_for(p, y, 0.1)
    (kept,) = answered_above(p, y, [t]).accuracy
    assert 1 - kept <= 0.1
    assert threshold_for(p, y, 0.5) == pytest.approx(p.max(axis=1).min())  # all are answered
    assert threshold_for(np.eye(2, dtype=bool), [0, 1], 0.1) == 1


def test_of_answers_equally_sure_all_are_given_or_none():
    assert threshold_for(*answers([0.9, 0.8, 0.8], [1, 1, 0]), 0.2) == 0.9
    assert threshold_for(*answers([0.9, 0.8, 0.8], [1, 1, 0]), 0.4) == 0.8


def test_a_share_that_is_met_exactly_is_met():
    p, y = answers(np.full(100, 0.75), np.arange(100) >= 29)
    assert threshold_for(p, y, 0.29) == 0.75
    assert threshold_for(p, y, 0.28) == np.inf


def test_if_the_surest_are_wrong_nothing_is_answered():
    assert threshold_for(*answers([0.9, 0.8], [0, 1]), 0.2) == np.inf


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda p, y: reliability(p[:, :1], y), r"np.hstack\(\[1 - p, p\]\)"),
        (lambda p, y: reliability(p[0], y), "one row for each sample"),
        (lambda p, y: reliability(p, y[:-1]), r"integers of shape \(6,\)"),
        (lambda p, y: reliability(p, p[:, 0]), "integers"),
        (lambda p, y: reliability(p, y + 1), "stand for the classes 0 to 1"),
        (lambda p, y: reliability(5 * p, y), "row 0 sums to 5"),
        (lambda p, y: reliability([[0.5, 0.5], [0.1, 0.1]], [0, 0]), "row 1 sums to 0.2"),
        (lambda p, y: reliability([[1, 0.9], [0.1, 0.1]], [0, 0]), "row 0 sums to 1.9"),
        (lambda p, y: reliability(p[:0], y[:0]), "one row for each sample"),
        (lambda p, y: reliability(p * np.nan, y), "sums to nan"),
        (lambda p, y: reliability(p, y, bins=0), "bins=0"),
        (lambda p, y: reliability(p, y, bins=10_001), "from 1 to 10,000"),
        (lambda p, y: reliability(p - 0.5, y), "softmax"),
        (lambda p, y: answered_above(p, y, 0.5), r"shape \(m,\)"),
        (lambda p, y: answered_above(p, y, [0.5, np.nan]), "thresholds must be numbers"),
        (lambda p, y: threshold_for(p, y, 1.0), "0.01 is 1 %"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(call, reason):
    with pytest.raises(ValueError, match=reason):
        call(*answers([0.9] * 6, [1, 0, 1, 1, 1, 1]))
