"""Loss surfaces: slopes against differences, minima, maps, and where descents end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib
from nnlib.landscapes.descent import Descent, rate_bound
from nnlib.landscapes.surfaces import (
    SURFACES,
    NetworkSlice,
    OneParameter,
    Quadratic,
    Saddle,
    contour_line,
    filter_normalized,
    orthonormal,
    parabola,
    path_directions,
    profile,
    relief,
    relief_in_pieces,
    valley,
)

KNOWN = {name: make() for name, make in SURFACES.items()}
WITH_MINIMA = {name: s for name, s in KNOWN.items() if len(s.minima)}
OPTIMIZERS = [nnlib.GradientDescent, nnlib.Momentum, nnlib.Nesterov, nnlib.RMSProp, nnlib.Adam]


def random_points(surface, n, seed=0):
    (a, b), (c, d) = surface.limits
    return np.random.default_rng(seed).uniform((a, c), (b, d), (n, 2))


def slope(surface, x, h=1e-5):
    return np.array(
        [(surface.value(x + h * e) - surface.value(x - h * e)) / (2 * h) for e in np.eye(2)]
    )


@pytest.mark.parametrize("name", KNOWN)
def test_the_gradient_is_the_slope_of_the_value(name):
    surface = KNOWN[name]
    for x in random_points(surface, 20):
        expected = slope(surface, x)
        np.testing.assert_allclose(
            surface.gradient(x), expected, rtol=1e-5, atol=1e-6 * (1 + abs(surface.value(x)))
        )


@pytest.mark.parametrize("name", KNOWN)
def test_many_values_at_once_are_the_values_one_by_one(name):
    surface = KNOWN[name]
    x = random_points(surface, 6).reshape(2, 3, 2)
    values = surface.value(x)
    assert values.shape == (2, 3)
    for index in np.ndindex(2, 3):
        assert values[index] == pytest.approx(float(surface.value(x[index])), rel=1e-12)


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_a_minimum_is_level_and_nothing_in_the_window_is_lower(name):
    surface = KNOWN[name]
    everywhere = surface.value(random_points(surface, 4000))
    for minimum in surface.minima:
        assert np.linalg.norm(surface.gradient(minimum)) < 1e-12
        assert surface.value(minimum) <= everywhere.min()
        ring = 1e-3 * np.column_stack([np.cos(np.arange(12)), np.sin(np.arange(12))])
        ring[:, surface.parameters :] = 0
        ring += minimum
        assert (surface.value(ring) > surface.value(minimum)).all()


@pytest.mark.parametrize("name", KNOWN)
def test_start_and_minima_lie_in_the_window_and_the_start_is_no_minimum(name):
    surface = KNOWN[name]
    low, high = np.transpose(surface.limits)
    for point in [surface.start, *surface.minima]:
        assert (low < point).all() and (point < high).all()
    assert np.linalg.norm(surface.gradient(np.array(surface.start))) > 0.01


def test_values_are_those_of_the_published_formulas():
    assert KNOWN["Rosenbrock"].value((-1.2, 1.0)) == pytest.approx(24.2)
    assert KNOWN["Beale"].value((0.0, 0.0)) == pytest.approx(1.5**2 + 2.25**2 + 2.625**2)
    assert KNOWN["Beale"].value((1.0, 2.0)) == pytest.approx(2.5**2 + 5.25**2 + 9.625**2)
    assert parabola(10).value((1.0, 2.0)) == 25
    assert valley(50).value((2.0, 1.0)) == 27 and valley(50).condition_number == 50
    assert Saddle().value((0.0, 0.0)) == 0.25


def test_curvature_is_the_largest_second_derivative():
    assert valley(50).curvature() == 50
    rosenbrock = KNOWN["Rosenbrock"]
    hessian = [[802, -400], [-400, 200]]  # worked out by hand at the minimum (1, 1)
    expected = np.linalg.eigvalsh(hessian)[-1]
    assert rosenbrock.curvature((1.0, 1.0)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("curvatures", [(1, 0), (-1, 2), (1, 2, 3)])
def test_a_bowl_without_a_bottom_is_refused(curvatures):
    with pytest.raises(ValueError, match="two positive numbers"):
        Quadratic("bowl", "", curvatures, (1, 1), 0.1)


# The slice through a network.


@pytest.fixture
def network_and_data():
    X, y = nnlib.moons(40, seed=3)
    return nnlib.NeuralNetwork([2, 4, 2], hidden="tanh", seed=5), X, y


def test_a_slice_shows_the_networks_own_loss_and_gradient(network_and_data):
    network, X, y = network_and_data
    surface = NetworkSlice(network, X, y, seed=1)
    x = np.array([0.7, -1.3])
    moved = network.copy("float64")
    moved.parameters = network.parameters.astype(np.float64) + x @ surface.directions
    expected = nnlib.evaluate(moved, X, y, "cross_entropy").loss
    assert surface.value(x) == pytest.approx(expected, rel=1e-9)
    full = nnlib.backward(moved, moved.forward(X), y, "cross_entropy").vector
    np.testing.assert_allclose(surface.gradient(x), surface.directions @ full, rtol=1e-9)


def test_a_slice_never_changes_the_network_and_does_not_follow_it(network_and_data):
    network, X, y = network_and_data
    before = network.parameters.copy()
    surface = NetworkSlice(network, X, y)
    value = float(surface.value((0.0, 0.0)))
    for _ in zip(range(20), Descent(surface, nnlib.Adam(0.1)), strict=False):
        pass
    np.testing.assert_array_equal(network.parameters, before)
    network.parameters = before + 1
    assert float(surface.value((0.0, 0.0))) == value


def test_directions_are_orthonormal_and_given_ones_keep_their_plane(network_and_data):
    network, X, y = network_and_data
    n = network.parameters.size
    drawn = NetworkSlice(network, X, y, seed=2).directions
    np.testing.assert_allclose(drawn @ drawn.T, np.eye(2), atol=1e-14)
    given_ones = np.arange(2.0 * n).reshape(2, n) ** 2
    made = NetworkSlice(network, X, y, directions=given_ones).directions
    np.testing.assert_allclose(made @ made.T, np.eye(2), atol=1e-14)
    np.testing.assert_allclose(given_ones @ made.T @ made, given_ones, atol=1e-9)


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        (np.ones((2, 3)), "parallel"),
        (np.array([[1.0, 0, 0], [0, 0, 0]]), "zero"),
        (np.ones((3, 2)), "shape"),
        (np.array([[1.0, np.nan, 0], [0, 1, 0]]), "finite"),
    ],
)
def test_directions_that_span_no_plane_are_refused(directions, message):
    with pytest.raises(ValueError, match=message):
        orthonormal(directions, 3)


def test_filter_normalized_directions_move_each_neuron_by_its_own_length(network_and_data):
    network, X, y = network_and_data
    for direction in filter_normalized(network, seed=4):
        moved = network.copy("float64")
        moved.parameters = direction
        for d, W, b in zip(moved.weights, network.weights, moved.biases, strict=True):
            lengths = np.linalg.norm(W.astype(np.float64), axis=0)
            np.testing.assert_allclose(np.linalg.norm(d, axis=0), lengths, rtol=1e-6)
            assert (b == 0).all()
    surface = NetworkSlice(network, X, y, directions="filter", seed=4)
    np.testing.assert_array_equal(surface.directions, filter_normalized(network, seed=4))
    for x in random_points(surface, 3):  # the chain rule holds for directions of any length
        np.testing.assert_allclose(surface.gradient(x), slope(surface, x), rtol=1e-4, atol=1e-7)
    with pytest.raises(ValueError, match="'random', 'filter' or an array"):
        NetworkSlice(network, X, y, directions="loss")


def test_the_plane_of_a_path_holds_a_path_that_bends_in_a_plane():
    rng = np.random.default_rng(0)
    plane = orthonormal(rng.normal(size=(2, 7)), 7)
    path = rng.normal(size=7) + rng.normal(size=(9, 2)) @ plane
    d = path_directions(path)
    away = path - path[-1]
    np.testing.assert_allclose(away @ d.T @ d, away, atol=1e-12)
    assert np.var(away @ d[0]) > np.var(away @ d[1])


def test_the_slice_along_a_training_path_starts_where_training_did():
    surface = KNOWN["Along a training path"]
    fresh = nnlib.NeuralNetwork([2, 6, 2], hidden="tanh", seed=0, dtype="float64")
    loss = nnlib.evaluate(fresh, surface._X, surface._y, "cross_entropy").loss
    assert float(surface.value(surface.start)) == pytest.approx(loss, rel=0.2)
    assert float(surface.value((0, 0))) < 0.6 * loss  # and ends where training ended


# One parameter.


def test_on_a_parabola_of_one_parameter_two_over_lambda_is_the_limit():
    surface = OneParameter(4.0)
    for rate, state in ((0.49, "converged"), (0.51, "diverged")):
        descent = Descent(surface, nnlib.GradientDescent(rate))
        x = next(descent).after[0]
        assert x == pytest.approx(surface.factor(rate) * surface.start[0])
        for _ in zip(range(2000), descent, strict=False):
            pass
        assert descent.state == state and descent.position[1] == 0
    assert "α must stay below 0.5" in str(descent)
    x, loss = profile(surface)
    np.testing.assert_allclose(loss, 2 * x**2)
    with pytest.raises(ValueError, match="positive"):
        OneParameter(0.0)


def test_noise_is_added_to_the_gradient_alike_for_all_and_keeps_a_walk_from_resting():
    surface = parabola(1.0)
    walks = [Descent(surface, nnlib.GradientDescent(a), noise=0.5, seed=3) for a in (0.1, 0.2)]
    errors = []
    for _ in range(400):
        steps = [next(d) for d in walks]
        a, b = (s.gradient - surface.gradient(s.before) for s in steps)
        np.testing.assert_allclose(a, b, atol=1e-12)
        errors.append(a)
    assert np.std(errors) == pytest.approx(0.5, rel=0.1) and abs(np.mean(errors)) < 0.06
    assert all(d.state == "walking" for d in walks)
    walks[0].noise = 0.0
    for _ in zip(range(400), walks[0], strict=False):
        pass
    assert walks[0].state == "converged"
    line = next(Descent(OneParameter(), nnlib.GradientDescent(0.1), noise=1.0))
    assert line.after[1] == 0 and line.gradient[0] != -1.6 * 4


# Maps.


def test_a_map_in_pieces_is_the_map():
    *pieces, made = relief_in_pieces(parabola())
    assert pieces == [None] * len(pieces) and len(pieces) > 200
    np.testing.assert_array_equal(made.contours, relief(parabola()).contours)


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_a_map_orders_points_as_the_loss_does(name):
    surface = KNOWN[name]
    heights = relief(surface).heights
    n = surface.resolution
    assert heights.shape == (n, n) and heights.min() >= 0 and heights.max() == pytest.approx(1)
    (a, b), (c, d) = surface.limits
    rows, columns = np.random.default_rng(0).integers(0, n, (2, 30))
    points = np.column_stack([a + (b - a) * columns / (n - 1), c + (d - c) * rows / (n - 1)])
    values = surface.value(points)
    np.testing.assert_array_equal(
        np.argsort(values, kind="stable"), np.argsort(heights[rows, columns], kind="stable")
    )


def test_contour_lines_lie_on_their_level():
    surface = parabola(2)  # L = x₁² + x₂²: its contour lines are circles
    axis = np.linspace(-2, 2, 161)
    x = np.stack(np.meshgrid(axis, axis), axis=-1)
    x1, y1, x2, y2 = contour_line(x, surface.value(x), 1.0)
    np.testing.assert_allclose(np.hypot(x1, y1), 1, atol=1e-3)
    np.testing.assert_allclose(np.hypot(x2, y2), 1, atol=1e-3)
    assert np.hypot(x2 - x1, y2 - y1).sum() == pytest.approx(2 * np.pi, rel=1e-3)  # once around


def test_a_plain_has_a_map_without_lines():
    class Plain(Saddle):
        def value(self, x):
            return np.zeros(np.shape(x)[:-1])

    made = relief(Plain())
    assert (made.heights == 0).all() and made.contours.shape == (4, 0)


# Descents.


def test_a_step_is_the_optimizers_own():
    surface = KNOWN["Rosenbrock"]
    descent = Descent(surface, nnlib.Momentum(0.001, beta=0.8))
    x, v = np.array(surface.start), np.zeros(2)
    for number in range(1, 6):
        step = next(descent)
        g = surface.gradient(x)
        np.testing.assert_array_equal(step.before, x)
        np.testing.assert_allclose(step.gradient, g)
        v = 0.8 * v + g
        x = x - 0.001 * v
        np.testing.assert_allclose(step.after, x)
        assert (step.number, step.value) == (number, pytest.approx(float(surface.value(x))))
    np.testing.assert_allclose(descent.position, x)


def test_a_changed_learning_rate_acts_on_the_next_step():
    descent = Descent(parabola(10), nnlib.GradientDescent(0.01), start=(1.0, 0.0))
    next(descent)
    descent.optimizer.learning_rate = 0.1  # α λ = 1: straight to the minimum
    step = next(descent)
    assert step.learning_rate == 0.1
    np.testing.assert_allclose(step.after, 0, atol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("kind", OPTIMIZERS[:3])
@given(curvature=st.floats(0.1, 100), beta=st.floats(0, 0.9))
def test_the_bound_parts_learning_rates_that_converge_from_those_that_diverge(
    kind, curvature, beta
):
    def end(share):
        optimizer = kind(0) if kind is nnlib.GradientDescent else kind(0, beta=beta)
        optimizer.learning_rate = share * rate_bound(optimizer, curvature)
        descent = Descent(parabola(curvature), optimizer)
        for _ in zip(range(5000), descent, strict=False):
            pass
        return descent.state

    assert end(0.97) == "converged"
    assert end(1.03) == "diverged"


# On the narrow floor of Rosenbrock's valley it takes some ten thousand steps.
SLOW = {"Rosenbrock": pytest.mark.slow}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=SLOW.get(name, ())) for name in WITH_MINIMA]
)
def test_gradient_descent_bears_the_learning_rate_that_a_surface_suggests(name):
    descent = Descent(KNOWN[name], nnlib.GradientDescent(KNOWN[name].learning_rate))
    for _ in zip(range(30_000), descent, strict=False):
        pass
    assert descent.state == "converged" and descent.at_minimum
    assert str(descent) == f"converged at step {descent.steps}"


def test_on_a_narrow_valley_momentum_needs_fewer_steps_where_both_converge():
    steps = []
    for optimizer in (nnlib.GradientDescent(0.01), nnlib.Momentum(0.01, beta=0.9)):
        descent = Descent(valley(100), optimizer)
        for _ in zip(range(5000), descent, strict=False):
            pass
        assert descent.state == "converged"
        steps.append(descent.steps)
    assert steps[1] < steps[0] / 2


def test_divergence_is_told_with_the_bound_that_was_broken():
    descent = Descent(parabola(10), nnlib.GradientDescent(0.25))
    last = list(descent)[-1]
    assert descent.state == "diverged" and np.isfinite(descent.position).all()
    assert str(descent) == (
        f"diverged at step {last.number}: learning rate too large; "
        "here λ = 10, so α must stay below 0.2"
    )
    momentum = Descent(parabola(10), nnlib.Momentum(0.5, beta=0.9))
    list(momentum)
    assert "must stay below 0.38 with β = 0.9" in str(momentum)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("name", WITH_MINIMA)
def test_no_learning_rate_leaves_a_position_that_is_not_finite(kind, name):
    descent = Descent(KNOWN[name], kind(1e300))
    for _ in zip(range(50), descent, strict=False):
        pass
    assert descent.state == "diverged" and "learning rate too large" in str(descent)
    assert np.isfinite(descent.position).all() and np.isfinite(descent.value)
    with pytest.raises(StopIteration):
        next(descent)


def test_who_stops_on_the_saddle_is_not_said_to_have_found_a_minimum():
    descent = Descent(Saddle(), nnlib.GradientDescent(0.5), start=(1.0, 0.0))
    list(descent)
    assert descent.state == "converged" and descent.at_minimum is False
    assert "no minimum" in str(descent)


def test_where_no_minimum_is_known_none_is_claimed(network_and_data):
    network, X, y = network_and_data
    assert Descent(NetworkSlice(network, X, y), nnlib.Adam(0.1)).at_minimum is None


@pytest.mark.parametrize("start", [(1.0,), (1.0, np.nan), (1.0, 2.0, 3.0)])
def test_a_start_that_is_no_point_is_refused(start):
    with pytest.raises(ValueError, match=r"start=.*must be two finite numbers"):
        Descent(parabola(), nnlib.Adam(), start)
