"""A thinned curve: bounded, and true to what it was given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.lab.curve import Curve


def filled(values, capacity=8) -> Curve:
    curve = Curve(capacity)
    for x, value in enumerate(values, start=1):
        curve.append(x, value)
    return curve


@given(st.lists(st.floats(-1e3, 1e3), max_size=300), st.sampled_from([2, 4, 8, 64]))
def test_however_long_a_curve_stays_within_its_capacity(values, capacity):
    assert len(filled(values, capacity)) <= capacity
    assert filled(values, capacity).points().shape == (4, len(filled(values, capacity)))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300))
def test_thinning_loses_neither_the_extremes_nor_the_end(values):
    x, mean, low, high = filled(values).points()
    assert low.min() == min(values)
    assert high.max() == max(values)
    assert x[-1] == len(values)
    assert (np.diff(x) > 0).all()
    assert (low <= mean + 1e-9).all() and (mean <= high + 1e-9).all()


def test_each_point_is_the_mean_of_the_values_it_stands_for():
    values = np.arange(1.0, 17.0)  # 16 values, capacity 8: full once, then halved to strides of 4
    x, mean, low, high = filled(values).points()
    assert x.tolist() == [4, 8, 12, 16]
    np.testing.assert_allclose(mean, values.reshape(-1, 4).mean(axis=1))
    assert low.tolist() == [1, 5, 9, 13] and high.tolist() == [4, 8, 12, 16]


def test_a_short_curve_is_kept_as_it_is():
    x, mean, low, high = filled([3.0, 1.0, 2.0]).points()
    assert x.tolist() == [1, 2, 3]
    assert mean.tolist() == low.tolist() == high.tolist() == [3, 1, 2]


def test_points_are_a_copy():
    curve = filled([1.0, 2.0])
    curve.points()[:] = 99
    assert curve.points().max() == 2


def test_an_odd_capacity_is_refused():
    with pytest.raises(ValueError, match="capacity=7 must be an even number"):
        Curve(7)
