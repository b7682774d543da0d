"""Counted multiplications are those of the formulas, whatever the network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import NeuralNetwork
from nnlib.analysis.counting import Counted, count_passes


def test_a_product_of_matrices_counts_once_for_each_factor_of_each_entry():
    before = Counted.made
    product = np.ones((2, 3)).view(Counted) @ np.ones((3, 5))
    assert Counted.made - before == 2 * 3 * 5
    assert (product == 3).all()
    np.dot(np.ones((2, 3)).view(Counted), np.ones((3, 5)), out=product.view(np.ndarray))
    assert Counted.made - before == 2 * (2 * 3 * 5)
    np.dot(np.ones(2), product)  # a sum over rows
    assert Counted.made - before == 2 * (2 * 3 * 5)


@given(
    layers=st.lists(st.integers(1, 7), min_size=2, max_size=5),
    n=st.integers(1, 6),
    hidden=st.sampled_from(["sigmoid", "tanh", "relu", "identity"]),
)
def test_forward_costs_one_and_backward_two_for_each_sample_and_weight_but_the_inputs(
    layers, n, hidden
):
    network = NeuralNetwork(layers, hidden=hidden, output="identity", seed=0)
    weights = [W.size for W in network.weights]
    counted = count_passes(network, np.ones((n, layers[0])), np.ones((n, layers[-1])), "mse")
    assert counted == (n * sum(weights), n * (2 * sum(weights) - weights[0]))


@pytest.mark.parametrize("output, loss", [("softmax", "cross_entropy"), ("sigmoid", "mse")])
def test_losses_and_outputs_make_no_difference(output, loss):
    network = NeuralNetwork([4, 5, 3], output=output, seed=0)
    start = network.parameters.copy()
    assert count_passes(network, np.ones((2, 4)), [0, 2], loss) == (2 * 35, 2 * 50)
    assert (network.parameters == start).all()
