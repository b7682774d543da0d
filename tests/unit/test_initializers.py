"""Initializers: shapes, moments and bounds of what they draw."""

import numpy as np
import pytest

from nnlib import NeuralNetwork, he, normal, xavier, zeros
from nnlib.initializers import INITIALIZERS, get_initializer

N_IN, N_OUT = 300, 200  # 60,000 weights: their variance is known within about 1%


def draw(init, seed=3):
    return init(np.random.default_rng(seed), N_IN, N_OUT)


@pytest.mark.parametrize("init", [zeros, normal, xavier, he])
def test_weights_and_biases_have_the_shapes_of_their_layer(init):
    W, b = init(np.random.default_rng(0), 3, 5)
    assert W.shape == (3, 5) and b.shape == (5,)


@pytest.mark.parametrize(
    ("init", "variance"), [(normal, 1), (xavier, 2 / (N_IN + N_OUT)), (he, 2 / N_IN)]
)
def test_weights_have_mean_zero_and_the_variance_of_the_formula(init, variance):
    W, _ = draw(init)
    assert W.var() == pytest.approx(variance, rel=0.04)
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)


@pytest.mark.parametrize("init", [normal, he])
def test_normal_and_he_are_bell_shaped(init):
    W, _ = draw(init)
    x = W / W.std()
    assert (x**4).mean() == pytest.approx(3, rel=0.05)  # the kurtosis of a normal distribution
    assert (np.abs(x) < 1).mean() == pytest.approx(0.6827, abs=0.02)


def test_xavier_is_uniform_between_its_limits():
    W, _ = draw(xavier)
    limit = np.sqrt(6 / (N_IN + N_OUT))
    assert np.abs(W).max() <= limit
    assert np.abs(W).max() > 0.999 * limit
    counts, _ = np.histogram(W, bins=10, range=(-limit, limit))
    np.testing.assert_allclose(counts, W.size / 10, rtol=0.1)


def test_zeros_draws_zeros():
    W, b = draw(zeros)
    assert not W.any() and not b.any()


@pytest.mark.parametrize(("init", "random"), [(xavier, False), (he, False), (normal, True)])
def test_only_normal_draws_the_biases(init, random):
    _, b = draw(init)
    assert b.any() == random
    if random:
        assert b.std() == pytest.approx(1, rel=0.2)


def test_every_layer_is_drawn_with_its_own_widths():
    network = NeuralNetwork([400, 100, 50], init="he", seed=0, dtype="float64")
    assert network.weights[0].var() == pytest.approx(2 / 400, rel=0.05)
    assert network.weights[1].var() == pytest.approx(2 / 100, rel=0.08)


def test_a_function_of_ones_own_will_do():
    def ones(rng, n_in, n_out):
        return np.ones((n_in, n_out)), np.full(n_out, 2.0)

    network = NeuralNetwork([3, 2, 1], init=ones)
    assert (network.weights[0] == 1).all() and (network.biases[1] == 2).all()


def test_unknown_names_are_refused_with_the_choices():
    assert get_initializer("glorot") is INITIALIZERS["xavier"] is xavier
    with pytest.raises(ValueError, match=r"lecun.*zeros, normal, xavier, glorot, he"):
        NeuralNetwork([3, 2], init="lecun")


@pytest.mark.parametrize("init", [None, 3, [], ["he"]])
def test_what_is_neither_a_name_nor_a_function_is_refused(init):
    with pytest.raises(ValueError, match="unknown initializer"):
        get_initializer(init)
