"""What becomes of δ on its long way back: it vanishes, explodes, or keeps its size.

Write |δ⁽ˡ⁾| for the root mean square of δ⁽ˡ⁾ over all its neurons and samples. One step back
is δᵢ⁽ˡ⁾ = f'(zᵢ) Σⱼ wᵢⱼ δⱼ⁽ˡ⁺¹⁾. If the weights are independent with mean 0, the squares of a sum
of n_{l+1} terms add up, and on average

    |δ⁽ˡ⁾| / |δ⁽ˡ⁺¹⁾| = √( n_{l+1} · mean of w² · mean of f'(z)² )

A factor of a layer is harmless; its twentieth power is not.

Source: Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural
networks* (2010), section 4.2.1; Nielsen, *Neural Networks and Deep Learning*, chapter 5.
"""

import numpy as np

from ..activations import Softmax
from ..backprop import backward
from ..network import as_network
from ..support.takes import of, takes
from .gradient_flow import typical_sizes


@takes(network=of(as_network))
def delta_sizes(network, X, target, loss) -> np.ndarray:
    """Return |δ⁽¹⁾|, …, |δ⁽ᴸ⁾|, shape (L,): the root mean square of δ in each layer.

    X has shape (n_samples, n_0), and `target` and `loss` are as for `backward`.
    """
    delta = backward(network, network.forward(X), target, loss).delta[1:]
    return np.array(typical_sizes(delta))


@takes(network=of(as_network))
def expected_factors(network, X) -> np.ndarray:
    """Return what |δ⁽ˡ⁾| / |δ⁽ˡ⁺¹⁾| should be for l = 1 … L − 1, shape (L − 1,), by the formula.

    X has shape (n_samples, n_0). The activations must work neuron by neuron: no softmax
    in a hidden layer, which raises ValueError.
    """
    z, f, W = network.forward(X).z, network.activations, network.weights
    for l, hidden in enumerate(f[:-1], 1):
        if isinstance(hidden, Softmax):
            raise ValueError(
                f"layer {l} of the network is a softmax, whose slopes tie its neurons together: "
                "the formula holds for activations that work neuron by neuron"
            )
    factors = []
    for l in range(1, len(W)):
        slopes = f[l - 1].derivative(z[l])
        factors.append(np.sqrt(W[l].shape[1] * np.mean(W[l] ** 2) * np.mean(slopes**2)))
    return np.array(factors)
