"""The size of δ over depth: measured, and as the formula expects it."""

import numpy as np
import pytest

from nnlib import NeuralNetwork, backward
from nnlib.analysis.depth import delta_sizes, expected_factors

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(64, 100)), RNG.integers(0, 10, 64)


def deep(hidden, init, seed=0):
    return NeuralNetwork([100] * 13 + [10], hidden=hidden, init=init, seed=seed, dtype="float64")


def test_the_size_is_the_root_mean_square_of_delta_one_for_each_layer():
    network = NeuralNetwork([100, 5, 10], seed=0, dtype="float64")
    delta = backward(network, network.forward(X), Y, "cross_entropy").delta
    sizes = delta_sizes(network, X, Y, "cross_entropy")
    assert sizes == pytest.approx([np.sqrt((d**2).mean()) for d in delta[1:]])


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("init", ["normal", "xavier", "he"])
def test_the_formula_foretells_the_factor_of_a_layer(hidden, init):
    network = deep(hidden, init)
    sizes = delta_sizes(network, X, Y, "cross_entropy")
    measured = (sizes[0] / sizes[11]) ** (1 / 11)
    expected = np.exp(np.log(expected_factors(network, X)[:11]).mean())
    assert measured == pytest.approx(expected, rel=0.1)


def test_each_layer_has_the_factor_of_its_own_size_and_slopes():
    network = NeuralNetwork(
        [100, 30, 80, 5], "tanh", "identity", init="he", seed=0, dtype="float64"
    )
    trace, factors = network.forward(X), []
    for l in (1, 2):  # one step back of a random δ
        delta = RNG.normal(size=(64, network.layers[l + 1]))
        back = delta @ network.weights[l].T * (1 - trace.a[l] ** 2)
        factors.append(np.sqrt((back**2).mean() / (delta**2).mean()))
    assert expected_factors(network, X) == pytest.approx(factors, rel=0.1)


@pytest.mark.parametrize("l", [1, 2])
def test_a_softmax_inside_is_refused_by_its_layer_and_one_at_the_output_is_not(l):
    network = NeuralNetwork([4, 3, 3, 2], "tanh", "softmax", seed=0)
    assert expected_factors(network, np.ones((5, 4))).shape == (2,)
    network = NeuralNetwork([4, 3, 3, 2], ["softmax" if k == l else "tanh" for k in (1, 2)])
    with pytest.raises(ValueError, match=f"layer {l} of the network is a softmax"):
        expected_factors(network, np.ones((5, 4)))


def test_sigmoid_vanishes_he_keeps_relu_even_and_zeros_stop_everything():
    def first_to_last(hidden, init):
        sizes = delta_sizes(deep(hidden, init), X, Y, "cross_entropy")
        return sizes[0] / sizes[11] if sizes[11] else sizes[:12].max()

    assert first_to_last("sigmoid", "xavier") < 4.0**-11
    assert 0.3 < first_to_last("relu", "he") < 3
    assert first_to_last("relu", "normal") > 1e8
    assert first_to_last("tanh", "zeros") == 0
