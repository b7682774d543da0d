"""Optimizers, against their definitions worked out number by number in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    Adam,
    ConstantSchedule,
    GradientDescent,
    Momentum,
    Nesterov,
    NeuralNetwork,
    Optimizer,
    RMSProp,
    Trainer,
)

KINDS = [GradientDescent, Momentum, Nesterov, RMSProp, Adam]


def walk(kind, x, gradients, alphas):
    """Return where the parameter x is after each update, from the definition of `kind`."""
    v = m = s = 0.0
    path = []
    for t, (g, alpha) in enumerate(zip(gradients, alphas, strict=True), start=1):
        if kind is GradientDescent:
            x = x - alpha * g
        elif kind is Momentum:
            v = 0.9 * v + g
            x = x - alpha * v
        elif kind is Nesterov:
            v = 0.9 * v + g
            x = x - alpha * (g + 0.9 * v)
        elif kind is RMSProp:
            s = 0.9 * s + 0.1 * g**2
            x = x - alpha * g / (math.sqrt(s) + 1e-8)
        elif kind is Adam:
            m = 0.9 * m + 0.1 * g
            s = 0.999 * s + 0.001 * g**2
            m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
            x = x - alpha * m_hat / (math.sqrt(s_hat) + 1e-8)
        path.append(x)
    return path


numbers = st.floats(-10, 10)


@pytest.mark.parametrize("kind", KINDS)
@given(
    starts=st.lists(numbers, min_size=1, max_size=3),
    steps=st.lists(st.tuples(numbers, st.floats(0, 2)), min_size=1, max_size=8),
)
def test_each_update_is_the_definition_with_the_learning_rate_of_the_moment(kind, starts, steps):
    x = np.array(starts)
    scales = [1.0, -0.5, 3.0][: len(x)]  # each parameter gets a gradient of its own
    optimizer, states = kind(0.0), []
    for g, alpha in steps:
        optimizer.learning_rate = alpha
        optimizer.update(x, g * np.array(scales))
        states.append(x.copy())
    for i, scale in enumerate(scales):
        gradients, alphas = [g * scale for g, _ in steps], [alpha for _, alpha in steps]
        expected = walk(kind, starts[i], gradients, alphas)
        np.testing.assert_allclose([s[i] for s in states], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_is_asked_for_each_update_by_its_number_from_zero(kind):
    asked = []

    def schedule(t):
        asked.append(t)
        return 1 / (t + 1)

    x, optimizer = np.array([1.0]), kind(schedule)
    for _ in range(4):
        optimizer.update(x, np.array([2.0]))
    assert sorted(set(asked)) == [0, 1, 2, 3]
    expected = walk(kind, 1.0, [2.0] * 4, [1, 1 / 2, 1 / 3, 1 / 4])[-1]
    assert x[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_parameters_move_in_place_and_the_gradient_stays(kind):
    x, g = np.ones(3, np.float32), np.full(3, 0.5, np.float32)
    optimizer = kind(0.1)
    for _ in range(3):
        before = x.copy()
        optimizer.update(x, g)
        assert (x < before).all()
        assert x.dtype == np.float32
        np.testing.assert_array_equal(g, np.full(3, 0.5, np.float32))


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_reset_it_walks_as_if_new(kind):
    gradients = [np.array([1.0, -2.0]), np.array([0.3, 0.1])]

    def run(optimizer):
        x = np.zeros(2)
        for g in gradients:
            optimizer.update(x, g)
        return x

    optimizer = kind(0.1)
    first, second = run(optimizer), run(optimizer)
    assert optimizer.updates == 4
    optimizer.reset()
    assert optimizer.updates == 0
    third = run(optimizer)
    np.testing.assert_array_equal(first, third)
    assert kind is GradientDescent or (first != second).any()


@pytest.mark.parametrize("layers", [[2, 3], [2, 4, 3], [2, 4, 4, 4, 3]])
def test_an_update_is_counted_once_whatever_the_number_of_layers(layers):
    # The first step of Adam is α in every parameter whose gradient is not tiny, since
    # m̂/√ŝ = g/|g|; with t counted once a layer the later layers would move differently.
    network = NeuralNetwork(layers, "tanh", seed=0, init="normal", dtype="float64")
    before = network.parameters.copy()
    X, y = np.random.default_rng(0).normal(size=(6, 2)), [0, 1, 2, 0, 1, 2]
    trainer = Trainer(network, X, y, optimizer=Adam(0.01), batch_size=None)
    next(trainer)
    assert trainer.optimizer.updates == 1
    moved = np.abs(network.parameters - before)
    large = np.abs(trainer.gradients.vector) > 1e-4
    assert large.mean() > 0.8
    np.testing.assert_allclose(moved[large], 0.01, rtol=1e-3)
    next(trainer)
    assert trainer.optimizer.updates == 2


BAD_RATES = [-0.1, math.nan, math.inf, -math.inf, "fast", None, [0.1, 0.2]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", BAD_RATES, ids=repr)
def test_an_impossible_learning_rate_is_refused_when_it_is_set(kind, rate):
    with pytest.raises(ValueError, match="learning_rate="):
        kind(rate)
    optimizer = kind(0.1)
    with pytest.raises(ValueError, match="learning_rate="):
        optimizer.learning_rate = rate
    assert optimizer.learning_rate == 0.1


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf, "fast"], ids=repr)
def test_an_impossible_learning_rate_from_a_schedule_is_refused_before_anything_moves(rate):
    x, optimizer = np.ones(2), Momentum(lambda t: rate)
    with pytest.raises(ValueError, match="learning_rate="):
        optimizer.update(x, np.ones(2))
    assert optimizer.updates == 0
    np.testing.assert_array_equal(x, 1)
    optimizer.learning_rate = 0.1
    optimizer.update(x, np.ones(2))
    np.testing.assert_allclose(x, 0.9)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Momentum, "beta"), (Nesterov, "beta"), (RMSProp, "rho"), (Adam, "beta1"), (Adam, "beta2")],
)
@pytest.mark.parametrize("value", [-0.1, 1, 1.5, math.nan])
def test_a_decay_that_would_never_forget_is_refused(kind, name, value):
    with pytest.raises(ValueError, match=f"{name}="):
        kind(0.1, **{name: value})


@pytest.mark.parametrize("kind", [RMSProp, Adam])
def test_settings_are_numbers_of_python_and_epsilon_is_not_negative(kind):
    for wrong in (-1e-8, math.inf, math.nan, "small", None):
        with pytest.raises(ValueError, match="epsilon="):
            kind(0.1, epsilon=wrong)
    kept = vars(kind(np.float64(0.1), np.float64(0.5), epsilon=np.float64(1e-8)))
    assert not [name for name, value in kept.items() if isinstance(value, np.floating)]


def test_a_memory_may_decay_at_once():
    cases = ((Momentum(0.1, 0), 0.8), (Nesterov(0.1, 0), 0.8), (Adam(0.1, 0, 0), 0.9))
    for optimizer, after in cases:
        x = np.ones(1)
        optimizer.update(x, np.array([2.0]))
        np.testing.assert_allclose(x, after)


def test_gradient_and_parameters_must_have_one_shape():
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        GradientDescent(0.1).update(np.ones(3), np.ones(2))


@pytest.mark.parametrize("kind", [Momentum, Nesterov, RMSProp, Adam])
def test_an_optimizer_with_a_memory_serves_one_network(kind):
    optimizer = kind(0.1)
    optimizer.update(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="remembers 3 parameters and was given 4"):
        optimizer.update(np.ones(4), np.ones(4))


def test_the_learning_rate_of_the_next_update_is_shown():
    assert GradientDescent(0.3).current_learning_rate == 0.3
    optimizer = GradientDescent(lambda t: 0.5**t)
    optimizer.update(np.ones(1), np.ones(1))
    assert optimizer.current_learning_rate == 0.5


def test_the_settings_are_shown_and_the_memory_is_not():
    optimizer = Adam(ConstantSchedule(0.1), beta1=0.8)
    optimizer.update(np.ones(1), np.ones(1))
    assert repr(optimizer) == (
        "Adam(learning_rate=ConstantSchedule(learning_rate=0.1), "
        "beta1=0.8, beta2=0.999, epsilon=1e-08)"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_update_that_would_leave_the_finite_numbers_is_not_made(kind, dtype):
    largest = np.finfo(dtype).max
    x = np.array([1.0, largest, -2.0], dtype)
    before = x.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        assert kind(1e300).update(x, np.array([0.5, -largest, 1.0], dtype)) is False
        assert kind(0.1).update(x, np.array([0.5, np.nan, 1.0], dtype)) is False
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_step_of_ones_own_that_is_not_finite_is_not_made_either(bad):
    class Own(Optimizer):
        def step(self, g, alpha):
            return alpha * g

    x = np.ones(3)
    assert Own(0.1).update(x, np.array([0.5, bad, 1.0])) is False
    np.testing.assert_array_equal(x, 1)


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        (None, "with the count 'updates'"),
        ({}, "with the count 'updates'"),
        ({"updates": 1.5}, "with the count 'updates'"),
        ([("updates", 1)], "with the count 'updates'"),
        ({"updates": 1, **dict.fromkeys("hgfedcba", 0)}, "a, b, c, d, e, f, g, h: this is"),
        ({"updates": 1, "v": [1.0]}, r"memory\['v'\] must be a vector of floats"),
        ({"updates": 1, "v": None}, r"memory\['v'\] must be a vector of floats"),
        ({"updates": 1, "v": np.arange(3)}, r"memory\['v'\] must be a vector"),
        ({"updates": 1, "v": np.ones((3, 1))}, r"memory\['v'\] must be a vector"),
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(memory, words):
    optimizer = Momentum(0.1)
    optimizer.update(np.ones(3), np.arange(3.0))
    before = optimizer.state()
    with pytest.raises(ValueError, match=words):
        optimizer.load_state(memory)
    assert str(optimizer.state()) == str(before)
    optimizer.load_state({**before, "updates": np.int64(7)})
    assert type(optimizer.updates) is int and optimizer.updates == 7


def test_a_step_that_leaves_the_range_by_its_sign_alone_is_refused():
    x, g = np.array([-1.7e308, 1.0]), np.array([1e308, 1.0])
    before = x.copy()
    with np.errstate(over="ignore"):
        assert GradientDescent(1.0).update(x, g) is False
        np.testing.assert_array_equal(x, before)
        assert GradientDescent(1.0).update(x, -g)
    np.testing.assert_array_equal(x, before + g)


@pytest.mark.parametrize("rate", [np.array([0.1]), np.array(0.1, object)])
def test_an_array_is_a_rate_only_if_it_is_one_number(rate):
    with pytest.raises(ValueError, match=r"learning_rate=.* must be a number or a schedule"):
        GradientDescent(rate)
    for number in (np.array(0.25), np.array(0.25, np.float32), np.array(1), np.float32(0.25)):
        found = GradientDescent(number).learning_rate
        assert type(found) is float and found == number


def test_one_optimizer_may_move_long_vectors_of_other_lengths_and_types():
    optimizer = GradientDescent(0.1)
    for n, dtype in ((5, np.float32), (9, np.float32), (9, np.float64)):
        x, g = np.ones(2**17 + n, dtype), np.full(2**17 + n, 1 / 3, dtype)
        assert optimizer.update(x, g)
        np.testing.assert_array_equal(x, 1 - 0.1 * g)


def test_a_step_of_ones_own_is_given_the_gradient_and_then_the_rate():
    class Signs(Optimizer):
        def step(self, g, alpha):
            return alpha * np.sign(g)

    x = np.ones(2)
    assert Signs(0.25).update(x, np.array([5.0, -2.0]))
    np.testing.assert_array_equal(x, [0.75, 1.25])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_huge_step_whose_square_alone_overflows_is_made(dtype):
    huge = np.sqrt(np.finfo(dtype).max) * dtype(8)
    x = np.array([1.0, 2.0], dtype)
    with np.errstate(over="ignore"):
        assert GradientDescent(1.0).update(x, np.array([huge, -huge], dtype)) is True
    np.testing.assert_array_equal(x, [-huge, huge])
