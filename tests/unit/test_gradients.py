"""Backpropagation: right by finite differences, and a function without side effects."""

import numpy as np
import pytest

from nnlib import NeuralNetwork, backward
from nnlib.losses import get_loss

PAIRS = [
    *(("mse", f) for f in ("sigmoid", "tanh", "relu", "leaky_relu", "softmax", "identity")),
    ("cross_entropy", "softmax"),
    ("cross_entropy", "sigmoid"),
]


def make(loss, output, dtype="float64", n=6):
    """Return a network of three layers of weights, some X and a target that suits the loss."""
    rng = np.random.default_rng(12)
    network = NeuralNetwork([3, 5, 4, 2], ["tanh", "leaky_relu"], output, seed=5, dtype=dtype)
    for b in network.biases:
        b[...] = rng.normal(size=b.shape) / 2
    X = rng.normal(size=(n, 3))
    y = rng.normal(size=(n, 2)) if loss == "mse" else np.eye(2)[rng.integers(0, 2, n)]
    return network, X, y


def numeric_gradient(network, X, y, loss, h=1e-5):
    """(C(x + h) − C(x − h)) / 2h for each parameter x in turn."""
    x, slopes = network.parameters, []
    for i in range(x.size):
        before, values = x[i], []
        for x[i] in (before + h, before - h):
            values.append(get_loss(loss).value(network.forward(X), y))
        x[i] = before
        slopes.append((values[0] - values[1]) / (2 * h))
    return np.array(slopes)


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_gradient_agrees_with_finite_differences(loss, output):
    network, X, y = make(loss, output)
    if output.endswith("relu"):
        # All outputs off (or nearly) would be a poor test; and none may be near its kink.
        network.biases[-1] += 0.5
    trace = network.forward(X)
    for z, f in zip(trace.z[1:], network.activations, strict=True):
        assert not f.name.endswith("relu") or np.abs(z).min() > 1e-3
    gradient = backward(network, trace, y, loss).vector
    numeric = numeric_gradient(network, X, y, loss)
    assert np.abs(gradient).max() > 1e-2
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_backward_changes_nothing_and_repeats_itself_exactly(loss, output):
    network, X, y = make(loss, output)
    trace = network.forward(X)
    watched = [network.parameters, X, y, *trace.a, *trace.z[1:]]
    before = [array.copy() for array in watched]
    first = backward(network, trace, y, loss)
    second = backward(network, trace, y, loss)
    for array, old in zip(watched, before, strict=True):
        np.testing.assert_array_equal(array, old)
    np.testing.assert_array_equal(first.vector, second.vector)
    assert not np.shares_memory(first.vector, second.vector)
    for one, other in zip(first.delta[1:], second.delta[1:], strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_and_biases_are_views_of_the_flat_gradient():
    network, X, y = make("mse", "identity")
    gradients = backward(network, network.forward(X), y, "mse")
    assert gradients.vector.shape == network.parameters.shape
    parts = []
    for i in range(3):
        assert gradients.weights[i].shape == network.weights[i].shape
        assert gradients.biases[i].shape == network.biases[i].shape
        parts += [gradients.weights[i], gradients.biases[i]]
    assert all(np.shares_memory(part, gradients.vector) for part in parts)
    np.testing.assert_array_equal(np.concatenate([p.ravel() for p in parts]), gradients.vector)
    gradients.vector[...] = 7
    assert all((part == 7).all() for part in parts)


def test_delta_is_numbered_by_layer_and_gives_the_biases_by_its_sum():
    network, X, y = make("cross_entropy", "softmax")
    trace = network.forward(X)
    gradients = backward(network, trace, y, "cross_entropy")
    assert gradients.delta[0] is None
    assert [d.shape for d in gradients.delta[1:]] == [(6, 5), (6, 4), (6, 2)]
    for l in (1, 2, 3):
        np.testing.assert_allclose(gradients.delta[l].sum(axis=0), gradients.biases[l - 1])
        products = np.einsum("ni,nj->ij", trace.a[l - 1], gradients.delta[l])
        np.testing.assert_allclose(products, gradients.weights[l - 1])


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_float32_gradient_is_close_to_float64s(loss, output):
    network, X, y = make(loss, output)
    exact = backward(network, network.forward(X), y, loss).vector
    single = network.copy("float32")
    gradients = backward(single, single.forward(X), y, loss)
    assert gradients.vector.dtype == np.float32
    assert all(d.dtype == np.float32 for d in gradients.delta[1:])
    np.testing.assert_allclose(gradients.vector, exact, rtol=0, atol=1e-5 * np.abs(exact).max())


def test_gradient_of_a_batch_is_the_mean_of_its_samples():
    network, X, y = make("cross_entropy", "sigmoid")
    whole = backward(network, network.forward(X), y, "cross_entropy").vector
    each = [
        backward(network, network.forward(X[i : i + 1]), y[i : i + 1], "cross_entropy").vector
        for i in range(len(X))
    ]
    np.testing.assert_allclose(np.mean(each, axis=0), whole, rtol=1e-12, atol=1e-14)


def test_the_trace_of_another_network_is_refused():
    network, _, y = make("mse", "identity")
    other = NeuralNetwork([3, 6, 4, 2], output="identity", dtype="float64")
    with pytest.raises(ValueError, match=r"\[3, 6, 4, 2\].*\[3, 5, 4, 2\]"):
        backward(network, other.forward(np.ones((6, 3))), y, "mse")
