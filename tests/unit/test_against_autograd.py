"""Backpropagation against HIPS autograd, which differentiates the definitions by itself."""

import numpy as np
import pytest
import reference
from hypothesis import assume, given
from hypothesis import strategies as st

from nnlib import NeuralNetwork, backward
from nnlib.losses import get_loss
from nnlib.targets import encode_target

PAIRS = [("mse", output) for output in reference.FUNCTIONS] + [
    ("cross_entropy", "softmax"),
    ("cross_entropy", "sigmoid"),
]


@st.composite
def networks(draw, output):
    layers = draw(st.lists(st.integers(1, 7), min_size=2, max_size=5))
    names = st.sampled_from(sorted(reference.FUNCTIONS))
    hidden = [draw(names) for _ in layers[1:-1]]
    init = draw(st.sampled_from(["xavier", "he", "normal", "zeros"]))
    network = NeuralNetwork(
        layers, hidden, output, init, seed=draw(st.integers(0, 2**32)), dtype="float64"
    )
    if draw(st.booleans()):  # biases that are not 0, as after some training
        for b in network.biases:
            b += np.random.default_rng(draw(st.integers(0, 99))).normal(size=b.shape)
    return network


def some_target(rng, kind, loss, output, n, k):
    """Return a target: labels where the loss can take them, or one number an output."""
    if kind == "labels":
        return rng.integers(0, max(k, 2), n)
    if loss == "mse":
        return rng.normal(size=(n, k))
    y = rng.uniform(0.01, 1, (n, k))
    return y / y.sum(axis=1, keepdims=True) if output == "softmax" else y


@pytest.mark.parametrize(("loss", "output"), PAIRS)
@given(data=st.data())
def test_loss_and_gradient_are_those_of_automatic_differentiation(loss, output, data):
    network = data.draw(networks(output))
    if loss == "cross_entropy" and output == "softmax":
        assume(network.layers[-1] > 1)  # one output is refused, see test_bad_input.py
    n, k = data.draw(st.integers(1, 9)), network.layers[-1]
    kind = data.draw(st.sampled_from(["labels", "numbers"]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    X = rng.normal(size=(n, network.layers[0]))
    target = some_target(rng, kind, loss, output, n, k)

    trace = network.forward(X)
    gradient = backward(network, trace, target, loss).vector
    y = encode_target(target, n, network, get_loss(loss))
    value = get_loss(loss).value(trace, y)

    names = [f.name for f in network.activations]
    problem = (network.layers, names, loss, network.parameters.copy(), X, y)
    expected = reference.gradient(*problem)
    scale = max(np.abs(expected).max(), 1e-3)
    assert np.abs(gradient - expected).max() <= 1e-10 * scale
    assert value == pytest.approx(reference.loss(*problem), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_labels_mean_one_hot_rows_and_a_single_output_takes_the_label_itself(k):
    # The test above takes its y from nnlib; so that door is tested by itself.
    network = NeuralNetwork([3, k], output="sigmoid", seed=0, dtype="float64")
    labels = np.array([1, 0, 1, 1])
    y = encode_target(labels, 4, network, get_loss("mse"))
    expected = [[c == label for c in range(k)] for label in labels] if k > 1 else labels[:, None]
    np.testing.assert_array_equal(y, np.array(expected, float))
