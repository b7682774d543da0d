"""Schedules: α as a function of the number of updates made so far."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    ConstantSchedule,
    CosineSchedule,
    StepSchedule,
    WarmupCosineSchedule,
    WarmupLinearSchedule,
)
from nnlib import GradientDescent as Descent


def test_constant_stays():
    assert [ConstantSchedule(0.3)(t) for t in (0, 1, 1000)] == [0.3] * 3


def test_step_falls_by_its_factor_every_so_many_updates():
    schedule = StepSchedule(0.8, factor=0.5, every=3)
    assert [schedule(t) for t in range(8)] == pytest.approx([0.8] * 3 + [0.4] * 3 + [0.2] * 2)


def test_a_factor_of_few_bits_does_not_wrap_round():
    assert StepSchedule(1.0, np.int64(2), 1)(100) == 2.0**100
    assert StepSchedule(1.0, 2, 1)(10_000) == math.inf  # which no optimizer takes


def test_cosine_goes_from_start_to_end_through_the_middle_and_stays():
    schedule = CosineSchedule(1.0, updates=100, final=0.2)
    assert schedule(0) == 1.0
    assert schedule(50) == pytest.approx(0.6)
    assert schedule(25) == pytest.approx(0.6 + 0.4 * math.sqrt(0.5))
    assert schedule(100) == pytest.approx(0.2)
    assert schedule(150) == schedule(10_000) == pytest.approx(0.2)


def test_warmup_climbs_then_falls_in_straight_lines_and_stays():
    schedule = WarmupLinearSchedule(1.0, warmup=4, updates=14, final=0.5)
    alphas = [schedule(t) for t in range(20)]
    assert alphas[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert alphas[4] == 1.0
    np.testing.assert_allclose(np.diff(alphas[4:15]), -0.05, rtol=1e-9)
    assert alphas[14:] == pytest.approx([0.5] * 6)


def test_without_warmup_the_line_starts_at_the_top():
    schedule = WarmupLinearSchedule(1.0, warmup=0, updates=10)
    assert [schedule(t) for t in (0, 5, 10, 11)] == pytest.approx([1, 0.5, 0, 0])


@given(
    rate=st.floats(0, 10), final=st.floats(0, 10), updates=st.integers(1, 50), t=st.integers(0, 100)
)
def test_every_schedule_stays_between_its_ends_and_suits_an_optimizer(rate, final, updates, t):
    low, high = min(rate, final), max(rate, final)
    for schedule in (
        CosineSchedule(rate, updates, final),
        WarmupLinearSchedule(rate, 0, updates, final),
    ):
        assert low - 1e-9 <= schedule(t) <= high + 1e-9
        optimizer = Descent(schedule)
        optimizer.updates = t
        assert optimizer.current_learning_rate == schedule(t)


BAD = [-1, math.nan, math.inf]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda v: ConstantSchedule(v), "learning_rate"),
        (lambda v: StepSchedule(v, 0.5, 10), "learning_rate"),
        (lambda v: StepSchedule(0.1, v, 10), "factor"),
        (lambda v: StepSchedule(0.1, 0.5, v), "every"),
        (lambda v: CosineSchedule(v, 10), "learning_rate"),
        (lambda v: CosineSchedule(0.1, v), "updates"),
        (lambda v: CosineSchedule(0.1, 10, v), "final"),
        (lambda v: WarmupLinearSchedule(v, 1, 10), "learning_rate"),
        (lambda v: WarmupLinearSchedule(0.1, v, 10), "warmup"),
        (lambda v: WarmupLinearSchedule(0.1, 1, v), "updates"),
        (lambda v: WarmupLinearSchedule(0.1, 1, 10, v), "final"),
        (lambda v: WarmupCosineSchedule(0.1, v, 10), "warmup"),
        (lambda v: WarmupCosineSchedule(0.1, 1, 10, v), "final"),
    ],
)
def test_impossible_settings_are_refused_by_name(make, name, bad):
    with pytest.raises(ValueError, match=f"{name}="):
        make(bad)


@pytest.mark.parametrize(
    "make",
    [lambda: StepSchedule(1, 0.5, 0), lambda: StepSchedule(1, 0, 5), lambda: CosineSchedule(1, 0)],
)
def test_zero_is_refused_where_it_would_divide_or_kill(make):
    with pytest.raises(ValueError, match="must be positive"):
        make()


def test_a_warmup_longer_than_the_schedule_is_refused():
    with pytest.raises(ValueError, match="warmup=10 must be smaller than updates=10"):
        WarmupLinearSchedule(0.1, warmup=10, updates=10)
    with pytest.raises(ValueError, match="WarmupCosineSchedule: warmup=11 must be smaller"):
        WarmupCosineSchedule(0.1, warmup=11, updates=10)


def test_the_cosine_after_a_warmup_is_half_a_cosine_over_what_is_left():
    schedule = WarmupCosineSchedule(1.0, warmup=4, updates=14, final=0.2)
    assert [schedule(t) for t in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert schedule(4) == 1.0
    assert schedule(9) == pytest.approx(0.6)  # half-way: the mean of 1 and 0.2
    assert schedule(14) == schedule(99) == pytest.approx(0.2)
    # Slow at first: a quarter of the way, it has fallen by (1 − cos 45°)/2 of the whole.
    assert schedule(6.5) == pytest.approx(1 - 0.8 * (1 - math.sqrt(0.5)) / 2)
