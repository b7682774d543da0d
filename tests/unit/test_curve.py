"""A thinned curve: bounded, and true to what it was given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.lab.curve import Curve, thinned


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


@given(n=st.integers(1, 300), cut=st.integers(0, 310))
def test_a_cut_curve_ends_where_it_was_cut_and_goes_on_from_there(n, cut):
    curve = filled(range(1, n + 1))
    stride = curve._stride
    curve.cut(cut)
    x = curve.points()[0]
    assert (x <= cut).all()
    end = min(n, cut)
    assert end - (x[-1] if len(x) else 0) < stride  # no more is lost than a point stands for
    for value in range(end + 1, end + 100):
        curve.append(value, value)
    x, _, _, high = curve.points()
    assert x[-1] == high.max() == end + 99 and (np.diff(x) > 0).all() and len(x) <= 8


@given(n=st.integers(0, 500), most=st.integers(2, 60))
def test_thinned_points_are_few_and_keep_the_extremes_and_the_end(n, most):
    rng = np.random.default_rng(n)
    mean = rng.normal(size=n)
    points = np.vstack([np.arange(n), mean, mean - 1, mean + 1])
    few = thinned(points, most)
    assert few.shape[1] <= most
    if n:
        assert few[0, -1] == n - 1
        assert (few[2].min(), few[3].max()) == (points[2].min(), points[3].max())
        assert (few[2] <= few[1]).all() and (few[1] <= few[3]).all()
        first = int(few[0, 0]) + 1  # how many points became the first
        assert few[1, 0] == pytest.approx(mean[:first].mean())
