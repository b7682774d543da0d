"""Backpropagation: the gradient of the loss with respect to every parameter.

With δ⁽ˡ⁾ = ∂C/∂z⁽ˡ⁾, one row a sample, the chain rule gives four equations:

    δ⁽ᴸ⁾ = ∂C/∂a⁽ᴸ⁾ ⊙ f⁽ᴸ⁾'(z⁽ᴸ⁾)                          at the output: the loss knows it
    δ⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (W⁽ˡ⁺¹⁾)ᵀ ⊙ f⁽ˡ⁾'(z⁽ˡ⁾)                  one layer back
    ∂C/∂W⁽ˡ⁾ = (a⁽ˡ⁻¹⁾)ᵀ δ⁽ˡ⁾                               of a weight: its input times its δ
    ∂C/∂b⁽ˡ⁾ = Σ over samples of δ⁽ˡ⁾                        of a bias: its input is 1

The loss is a mean, so its 1/n is already in δ⁽ᴸ⁾ and the sums need no other.

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations BP1 to BP4;
Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (1986).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .activations import pull_back
from .forward import Arrays, Trace
from .losses import Loss, get_loss
from .network import NeuralNetwork, as_network
from .parameters import Parameters
from .support.blas import blas_threads
from .support.checks import as_dtype, as_layers
from .support.products import matmul
from .targets import encode_target


class Gradients(Parameters):
    """∂C/∂x for every parameter x, laid out as the network's own parameters.

    `weights[i]` and `biases[i]` are shaped as `network.weights[i]` and
    `network.biases[i]`, and are views of the flat `vector`. `delta[l]` is δ⁽ˡ⁾,
    of shape (n_samples, n_l), for l = 1 … L; `delta[0]` is None.
    """

    def __init__(self, layers: Sequence[int], dtype: npt.DTypeLike):
        super().__init__(as_layers(layers), as_dtype(dtype))
        self.delta: list = [None] * len(self.layers)


def deltas(weights: Arrays, trace: Trace, y: np.ndarray, loss: Loss) -> list:
    """Return [None, δ⁽¹⁾, …, δ⁽ᴸ⁾] for `loss` at the encoded target `y`. Checks nothing."""
    delta: list = [None] * len(weights) + [loss.delta(trace, y)]
    for l in range(len(weights) - 1, 0, -1):
        f = trace.activations[l - 1]
        delta[l] = pull_back(f, matmul(delta[l + 1], weights[l].T), trace.z[l], trace.a[l])
    return delta


def backpropagate(
    weights: Arrays, trace: Trace, y: np.ndarray, loss: Loss, into: Gradients
) -> None:
    """Write the gradient of `loss` at the encoded target `y` into `into`. Checks nothing."""
    into.delta = deltas(weights, trace, y, loss)
    ones = cached_ones(len(y), into.vector.dtype)
    for l in range(1, len(weights) + 1):
        matmul(trace.a[l - 1].T, into.delta[l], out=into.weights[l - 1])
        ones.dot(into.delta[l], out=into.biases[l - 1])


@lru_cache(maxsize=8)
def cached_ones(n: int, dtype: np.dtype) -> np.ndarray:
    """Return n ones; times δ they are its sum over the samples. Kept, as batches are alike."""
    return np.ones(n, dtype)


def backward(
    network: NeuralNetwork, trace: Trace, target: npt.ArrayLike, loss: "str | Loss | type[Loss]"
) -> Gradients:
    """Return the gradients of `loss` with respect to all parameters of `network`.

    `trace` comes from `network.forward(X)`, and `target` goes with the rows of
    that X: class labels of shape (n_samples,) or one value an output, shape
    (n_samples, n_L). Nothing is changed, so calling it twice gives the same answer.
    Raises ValueError if trace, target and loss do not fit the network.
    """
    loss, network = get_loss(loss), as_network(network)
    if not isinstance(trace, Trace):
        raise TypeError(
            f"trace must be what network.forward(X) returns, not {type(trace).__name__}"
        )
    widths = tuple(a.shape[1] for a in trace.a)
    if widths != network.layers:
        raise ValueError(
            f"the trace went through layers {list(widths)}, but this network has "
            f"{list(network.layers)}: pass the trace of this network's own forward(X)"
        )
    y = encode_target(target, len(trace.output), network, loss)
    gradients = Gradients(network.layers, network.dtype)
    with blas_threads(1), np.errstate(under="ignore"):
        backpropagate(network.weights, trace, y, loss, gradients)
    return gradients
