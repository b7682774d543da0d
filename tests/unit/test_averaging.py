"""The average of the weights is the mean that its formula says."""

import numpy as np
import pytest

from nnlib.regularizers.averaging import BLOCK, WeightAverage
from nnlib.support.sharing import sharing


def test_without_decay_it_is_the_plain_mean():
    xs = np.random.default_rng(0).standard_normal((7, 2 * BLOCK + 3))
    for threads in (1, 2):
        average = WeightAverage()
        assert average.mean is None
        with sharing(threads):
            for x in xs:
                average.add(x)
        assert average.count == 7
        np.testing.assert_allclose(average.mean, xs.mean(axis=0), atol=1e-14)


def test_with_decay_it_is_the_plain_mean_at_first_and_then_forgets():
    average = WeightAverage(decay=0.75)  # 1 − β = 1/4: from the fifth on
    for x in (1.0, 2.0, 3.0, 6.0):
        average.add(np.array([x]))
    assert average.mean == pytest.approx(3.0)
    average.add(np.array([7.0]))
    assert average.mean == pytest.approx(4.0)  # 3 + (7 − 3)/4


def test_it_keeps_a_vector_of_its_own():
    x = np.ones(3, np.float32)
    average = WeightAverage()
    average.add(x)
    x += 1
    assert average.mean.tolist() == [1, 1, 1] and average.mean.dtype == np.float32


@pytest.mark.parametrize("decay", [0, -0.1, 1.1, float("nan")])
def test_an_impossible_decay_is_refused(decay):
    with pytest.raises(ValueError, match="more than 0 and at most 1"):
        WeightAverage(decay)


def test_parameters_of_another_network_are_refused():
    average = WeightAverage()
    average.add(np.zeros(3))
    with pytest.raises(ValueError, match="a mean of 3 parameters cannot take in 4"):
        average.add(np.zeros(4))


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        ([1.0, 2.0], "list"),
        (np.arange(3), r"int64 of shape \(3,\)"),
        (np.ones((1, 3)), r"float64 of shape \(1, 3\)"),
    ],
)
def test_what_is_no_vector_of_floats_is_refused(x, kind):
    average = WeightAverage()
    with pytest.raises(ValueError, match=f"x must be a vector of floats, .*not {kind}"):
        average.add(x)
    assert average.count == 0 and average.mean is None


def test_the_decay_is_a_plain_number():
    assert type(WeightAverage(np.float32(0.5)).decay) is float
