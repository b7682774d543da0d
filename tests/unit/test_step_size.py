"""The error of a finite difference: cut off above the best step, rounded off below it."""

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.analysis.step_size import difference_error

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 4)), RNG.integers(0, 3, 8)


def error(h, network=None, **how):
    network = network or NeuralNetwork([4, 6, 5, 3], hidden="tanh", seed=3, dtype="float64")
    return difference_error(network, X, Y, "cross_entropy", h, **how)


def test_ten_times_the_step_is_a_hundred_times_the_error_if_centred_and_ten_times_if_not():
    assert error(1e-2) / error(1e-3) == pytest.approx(100, rel=0.02)
    assert error(1e-2, centred=False) / error(1e-3, centred=False) == pytest.approx(10, rel=0.02)


def test_below_the_best_step_the_error_grows_again():
    best = error(1e-5)
    assert best < 1e-9
    assert error(1e-9) > 100 * best
    assert error(1e-2) > 100 * best


def test_float32_has_a_larger_best_step_and_loses_the_smallest_ones_wholly():
    errors = {h: error(h, dtype="float32") for h in (1e-1, 1e-2, 1e-5, 1e-12)}
    assert errors[1e-2] < errors[1e-1] and errors[1e-2] < errors[1e-5]
    assert errors[1e-2] > 1000 * error(1e-5)
    assert errors[1e-12] == 1  # w + h is w, and the difference 0


def test_the_network_is_left_as_it_was():
    network = NeuralNetwork([4, 3], seed=0)
    before = network.parameters.copy()
    error(0.1, network)
    assert (network.parameters == before).all()


def test_the_exact_gradient_is_in_float64_whatever_the_network_is_in():
    network = NeuralNetwork([4, 3], seed=0)
    assert error(1e-5, network) == error(1e-5, network.copy("float64")) < 1e-8


@pytest.mark.parametrize("h", [0, -1e-4, np.nan, "small"])
def test_a_step_must_be_positive(h):
    with pytest.raises(ValueError, match=r"h=.*the step, must be a positive number"):
        error(h)


def test_where_the_gradient_is_0_no_error_is_relative_to_it():
    flat = NeuralNetwork([4, 3], output="relu", seed=0, dtype="float64")
    flat.parameters[:] = 0
    flat.biases[0][:] = -1  # no neuron answers, whatever the input
    with pytest.raises(ValueError, match="the gradient is 0 here"):
        difference_error(flat, X, np.zeros((8, 3)), "mse", 1e-4)
