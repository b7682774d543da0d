"""Vanishing and exploding gradients are told by their size."""

import numpy as np
import pytest

from nnlib import GradientDescent, NeuralNetwork, Trainer, circles
from nnlib.analysis.gradient_flow import flow, typical_sizes


def test_the_typical_size_is_the_root_mean_square_whatever_the_shape():
    gradients = [np.array([[3.0, -4.0]]), np.full((5, 7), -2.0, np.float32), np.zeros((2, 2))]
    sizes = typical_sizes(gradients)
    assert sizes == pytest.approx([12.5**0.5, 2.0, 0.0])
    assert {type(size) for size in sizes} == {float}


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([0.1, 0.1, 0.1], ["", "", ""]),
        ([0.0009, 0.0011, 0.1], ["vanishing", "", ""]),  # a hundredth is the threshold
        ([0.11, 0.09, 0.001], ["exploding", "", ""]),
        ([100 / 128, 1 / 128], ["", ""]),  # no more than that
        ([9.0, 11.0, 10.0], ["", "exploding", ""]),
        ([0.1, 0.0], ["", ""]),  # beside nothing nothing is large
        ([0.0, 0.0, 0.1], ["vanishing", "vanishing", ""]),
        ([0.0, 0.0, 0.0], ["", "", ""]),  # nothing flows, and nothing is lost on the way
        ([np.nan, np.inf, 1.0], ["exploding", "exploding", ""]),
        ([1e-7, 1e-7], ["", ""]),  # small in all layers: training has arrived
        ([3.0], [""]),
    ],
)
def test_each_layer_is_compared_with_the_last(sizes, words):
    assert flow(sizes) == words


def words_of(hidden, layers, init="xavier", factor=1.0):
    X, y = circles(100)
    network = NeuralNetwork([2, *layers, 2], hidden, init=init, seed=0, dtype="float64")
    network.parameters *= factor
    trainer = Trainer(network, X, y, batch_size=None, optimizer=GradientDescent(0.001))
    next(trainer)
    return flow(typical_sizes(trainer.gradients.weights))


def test_many_sigmoids_vanish_few_tanhs_do_not_and_huge_weights_explode():
    assert words_of("sigmoid", [8] * 5)[0] == "vanishing"
    assert set(words_of("tanh", [8] * 5)) == {""}
    assert words_of("relu", [8] * 5, "he", factor=6)[0] == "exploding"
