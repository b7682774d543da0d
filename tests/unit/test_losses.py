"""Losses: their definitions, their stability, and that they are means over samples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import MSE, CrossEntropy, NeuralNetwork, backward
from nnlib.activations import get_activation
from nnlib.forward import Trace
from nnlib.losses import default_loss, get_loss


def trace_of(z, output):
    """Return the trace of an output layer whose weighted sums are z."""
    f = get_activation(output)
    z = np.asarray(z)
    return Trace([None, z], [z, f(z)], (f,))


def test_mse_is_the_mean_of_the_squares_over_samples_and_outputs():
    trace = trace_of([[1.0, 2.0], [3.0, 5.0]], "identity")
    y = np.array([[0.0, 2.0], [5.0, 4.0]])
    assert MSE().value(trace, y) == (1 + 0 + 4 + 1) / 4
    np.testing.assert_array_equal(MSE().delta(trace, y), [[0.5, 0], [-1, 0.5]])


def test_cross_entropy_after_softmax_is_minus_the_log_of_the_right_probability():
    # a = (1/4, 3/4) and (1/2, 1/2)
    trace = trace_of([[0.0, math.log(3)], [7.0, 7.0]], "softmax")
    y = np.array([[0.0, 1.0], [1.0, 0.0]])
    expected = -(math.log(3 / 4) + math.log(1 / 2)) / 2
    assert CrossEntropy().value(trace, y) == pytest.approx(expected, rel=1e-14)
    expected = [[1 / 8, -1 / 8], [-1 / 4, 1 / 4]]
    np.testing.assert_allclose(CrossEntropy().delta(trace, y), expected, rtol=1e-14)


def test_cross_entropy_after_sigmoid_sums_over_the_questions():
    # a = (1/4, 3/4): first two clear answers, then one wrong and one in doubt.
    z = math.log(3)
    trace = trace_of([[-z, z]], "sigmoid")
    assert CrossEntropy().value(trace, np.array([[0.0, 1.0]])) == pytest.approx(
        -2 * math.log(3 / 4), rel=1e-14
    )
    assert CrossEntropy().value(trace, np.array([[1.0, 0.5]])) == pytest.approx(
        -math.log(1 / 4) - 0.5 * math.log(3 / 4) - 0.5 * math.log(1 / 4), rel=1e-14
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
@given(z=st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=5), right=st.integers(0, 1))
def test_cross_entropy_of_huge_z_is_finite_and_exact(output, dtype, z, right):
    z = np.array([z], dtype)
    y = np.zeros_like(z)
    y[0, right] = 1
    loss, trace = CrossEntropy(), trace_of(z, output)
    # In Python's own floats: ln Σ e^z and ln(1 + e^z) with the largest exponent taken out.
    values = [float(v) for v in z[0]]
    if output == "softmax":
        highest = max(values)
        log_sum = highest + math.log(math.fsum(math.exp(v - highest) for v in values))
        expected = log_sum - values[right]
    else:
        expected = math.fsum(
            max(v, 0) + math.log1p(math.exp(-abs(v))) - v * (j == right)
            for j, v in enumerate(values)
        )
    rounding = 20 * float(np.finfo(dtype).eps) * max(1.0, *map(abs, values))
    assert loss.value(trace, y) == pytest.approx(expected, rel=0, abs=rounding)
    assert np.isfinite(loss.delta(trace, y)).all()


@pytest.mark.parametrize("k", [2, 10])
def test_a_network_that_knows_nothing_loses_the_logarithm_of_the_number_of_classes(k):
    network = NeuralNetwork([4, 3, k], init="zeros", dtype="float64")
    X = np.random.default_rng(0).normal(size=(8, 4))
    y = np.eye(k)[np.arange(8) % k]
    value = CrossEntropy().value(network.forward(X), y)
    assert value == pytest.approx(math.log(k), rel=1e-14)


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        ("mse", "identity"),
        ("mse", "softmax"),
        ("cross_entropy", "softmax"),
        ("cross_entropy", "sigmoid"),
    ],
)
@given(n=st.integers(1, 6), times=st.integers(2, 4), k=st.integers(2, 4))
def test_duplicating_every_sample_changes_neither_loss_nor_gradient(loss, output, n, times, k):
    rng = np.random.default_rng(n + 10 * k)
    network = NeuralNetwork([3, 4, k], "tanh", output, seed=0, dtype="float64")
    X, y = rng.normal(size=(n, 3)), np.eye(k)[rng.integers(0, k, n)]
    X2, y2 = np.repeat(X, times, axis=0), np.repeat(y, times, axis=0)
    one, two = network.forward(X), network.forward(X2)
    assert get_loss(loss).value(two, y2) == pytest.approx(get_loss(loss).value(one, y), rel=1e-12)
    np.testing.assert_allclose(
        backward(network, two, y2, loss).vector,
        backward(network, one, y, loss).vector,
        rtol=1e-10,
        atol=1e-14,
    )


@pytest.mark.parametrize("output", ["tanh", "relu", "leaky_relu", "identity"])
def test_cross_entropy_refuses_outputs_that_are_no_probabilities(output):
    network = NeuralNetwork([3, 2], output=output)
    with pytest.raises(ValueError, match=f"cross-entropy needs probabilities.*{output}"):
        backward(network, network.forward(np.ones((1, 3))), [0], "cross_entropy")


def test_a_loss_is_named_passed_as_a_class_or_as_an_instance():
    for given_loss in ("cross_entropy", CrossEntropy, CrossEntropy()):
        assert isinstance(get_loss(given_loss), CrossEntropy)
    with pytest.raises(ValueError, match=r"unknown loss 'hinge'.*mse, cross_entropy"):
        get_loss("hinge")


def test_probabilities_are_judged_by_cross_entropy_unless_told_otherwise():
    kinds = {
        name: type(default_loss(get_activation(name)))
        for name in ("softmax", "sigmoid", "identity", "tanh", "relu")
    }
    assert kinds == {
        "softmax": CrossEntropy,
        "sigmoid": CrossEntropy,
        "identity": MSE,
        "tanh": MSE,
        "relu": MSE,
    }


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_label_smoothing_is_the_loss_of_softer_labels(output):
    rng = np.random.default_rng(0)
    trace, y = trace_of(rng.normal(size=(6, 4)), output), np.eye(4)[rng.integers(0, 4, 6)]
    softer = 0.9 * y + (0.025 if output == "softmax" else 0.05)
    smooth = CrossEntropy(smoothing=0.1)
    assert smooth.value(trace, y) == pytest.approx(CrossEntropy().value(trace, softer), rel=1e-13)
    np.testing.assert_allclose(smooth.delta(trace, y), CrossEntropy().delta(trace, softer))


def test_label_smoothing_leaves_each_row_a_probability():
    y = np.eye(10)[:3]
    smoothed = CrossEntropy(smoothing=0.05).smoothed(trace_of(np.zeros((3, 10)), "softmax"), y)
    np.testing.assert_allclose(smoothed.sum(axis=1), 1)
    np.testing.assert_allclose(sorted(set(smoothed.ravel().round(12))), [0.005, 0.955])


@pytest.mark.parametrize("smoothing", [-0.1, 1, float("nan")])
def test_an_impossible_smoothing_is_refused(smoothing):
    with pytest.raises(ValueError, match="is usual"):
        CrossEntropy(smoothing=smoothing)


def test_a_loss_of_ones_own_spoils_nothing_that_it_is_given_and_a_missing_return_is_told():
    class Own(CrossEntropy):
        def __init__(self):  # nothing is smoothed, though nobody has said so
            self.returned = True

        def value(self, trace, y):
            value = super().value(trace, y)
            for array in (*trace.a, *trace.z[1:], y):
                array[...] = 7
            return value if self.returned else None

    trace = NeuralNetwork([2, 4, 3], seed=0).forward(np.eye(2))
    y = np.eye(3, dtype=np.float32)[:2]
    given_arrays = [*trace.a, *trace.z[1:], y]
    before = [array.copy() for array in given_arrays]
    own = Own()
    assert own.value(trace, y) == CrossEntropy().value(trace, y)
    for array, as_it_was in zip(given_arrays, before, strict=True):
        np.testing.assert_array_equal(array, as_it_was)
    own.returned = False
    with pytest.raises(ValueError, match="is None: has it come to its `return`"):
        own.value(trace, y)
