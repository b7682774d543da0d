"""Outputs averaged over distorted copies of an image are the mean that the formula says."""

import numpy as np
import pytest

from nnlib import Distortion, NeuralNetwork
from nnlib.recipes.copies import output_over_copies, weaker

X = np.random.default_rng(0).random((7, 36))


def test_of_a_linear_network_it_is_the_output_for_the_mean_image():
    network = NeuralNetwork([36, 5], output="identity", seed=0, dtype="float64")
    distortion, rng = Distortion(sigma=2), np.random.default_rng(4)
    mean_image = np.mean([distortion(X, rng) for _ in range(6)], axis=0)
    found = output_over_copies(network, X, distortion, copies=6, seed=4)
    expected = mean_image @ network.weights[0] + network.biases[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_copies_that_are_not_distorted_change_nothing():
    network = NeuralNetwork([36, 8, 3], "tanh", "softmax", seed=0, dtype="float64")
    found = output_over_copies(network, X, weaker(Distortion(), 0), copies=4)
    np.testing.assert_allclose(found, network.forward(X).output, rtol=1e-12)


def test_a_weaker_distortion_is_as_smooth_and_moves_less():
    half = weaker(Distortion(alpha=60, sigma=8, rotation=15, scaling=0.2, shear=0.1, shift=1), 0.5)
    assert half == Distortion(30, 8, 7.5, 0.1, 0.05, 0.5)


def test_impossible_copies_and_shares_are_refused():
    network = NeuralNetwork([36, 3], seed=0)
    with pytest.raises(ValueError, match="copies=0 must be a whole number"):
        output_over_copies(network, X, Distortion(), copies=0)
    with pytest.raises(ValueError, match=r"share=1\.5 must be from 0"):
        weaker(Distortion(), 1.5)
