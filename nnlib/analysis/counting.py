"""What does a gradient cost? Count the multiplications of its matrix products; time nothing.

    forward     Z = A W             n Σ nₗ₋₁ nₗ         one for each sample and weight
    backward    ∂C/∂W = Aᵀ δ        n Σ nₗ₋₁ nₗ         as many again, and
                δ Wᵀ                n Σ nₗ₋₁ nₗ, l > 1   as many once more, but not for layer 1

So a gradient costs less than three forward passes, however many parameters there are. Finite
differences need two forward passes for *each*. A count is the same on every machine.

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, "In what sense is
backpropagation a fast algorithm?".
"""

import numpy as np

from ..backprop import Gradients, backpropagate
from ..forward import Trace, forward_pass
from ..losses import get_loss
from ..targets import encode_target


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


def count_passes(network, X, target, loss) -> tuple[int, int]:
    """Return the multiplications of one forward and of one backward pass.

    X has shape (n_samples, n_0), and `target` and `loss` are as for `backward`; what runs is
    nnlib's own code, on counting arrays. The network is not touched.
    """
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
