"""Counted multiplications are those of the formulas, whatever the network."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Gradients, NeuralNetwork, Trace
from nnlib.analysis.counting import count_passes
from nnlib.backprop import backpropagate
from nnlib.forward import forward_pass
from nnlib.losses import get_loss
from nnlib.targets import encode_target


class Counted(np.ndarray):
    """An array that notes the multiplications of each matrix product with it in `Counted.made`.

    A product of matrices (n, k) and (k, m) takes n·k·m of them; a sum over rows that is
    written as a product with ones is no product.
    """

    made = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if out is not None:
            kwargs["out"] = tuple(map(_plain, out))
        return _counted(ufunc, getattr(ufunc, method)(*map(_plain, inputs), **kwargs), inputs)

    def __array_function__(self, function, types, inputs, kwargs):
        kwargs = {name: _plain(value) for name, value in kwargs.items()}
        return _counted(function, function(*map(_plain, inputs), **kwargs), inputs)


def _plain(x):
    return x.view(np.ndarray) if isinstance(x, Counted) else x


def _counted(function, result, inputs):
    """Note what `function` cost, if it is a product of matrices; return its result, counting."""
    if function in (np.matmul, np.dot) and min(map(np.ndim, inputs[:2])) == 2:
        Counted.made += np.size(result) * np.shape(inputs[0])[-1]
    return result.view(Counted) if isinstance(result, np.ndarray) else result


def _matmul(A, B, out=None):
    """Multiply as nnlib's own `matmul` does, but by a function that asks the arrays."""
    return np.dot(A, B, out=out)


@patch("nnlib.forward.matmul", _matmul)
@patch("nnlib.backprop.matmul", _matmul)
def counted_passes(network, X, target, loss):
    """Count what nnlib's own passes multiply, by running them on counting arrays."""
    loss, X = get_loss(loss), np.asarray(X, network.dtype)
    y = encode_target(target, len(X), network, loss)
    weights = [W.view(Counted) for W in network.weights]
    start = Counted.made
    trace = forward_pass(weights, network.biases, network.activations, X)
    forward = Counted.made - start
    # An activation may return a plain array, and then no factor of aᵀδ would count.
    trace = Trace(trace.z, [a.view(Counted) for a in trace.a], trace.activations)
    backpropagate(weights, trace, y, loss, Gradients(network.layers, network.dtype))
    return forward, Counted.made - start - forward


def test_the_oracle_counts_a_product_once_for_each_factor_of_each_entry():
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
def test_the_formulas_give_what_the_passes_multiply(layers, n, hidden):
    network = NeuralNetwork(layers, hidden=hidden, output="identity", seed=0)
    X, y = np.ones((n, layers[0])), np.ones((n, layers[-1]))
    assert count_passes(network, n) == counted_passes(network, X, y, "mse")


@pytest.mark.parametrize("output, loss", [("softmax", "cross_entropy"), ("sigmoid", "mse")])
def test_losses_and_outputs_make_no_difference(output, loss):
    network = NeuralNetwork([4, 5, 3], output=output, seed=0)
    assert count_passes(network, 2) == (2 * 35, 2 * 50)
    assert counted_passes(network, np.ones((2, 4)), [0, 2], loss) == (2 * 35, 2 * 50)
