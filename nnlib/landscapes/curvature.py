"""How curved the loss of a network is: λ, the largest second derivative in any direction.

It bounds the learning rate: near a minimum gradient descent converges only if α < 2/λ. λ
is the largest eigenvalue of the Hessian H, which for n parameters has n² entries; but H v,
all that is needed here, takes two gradients and no H:

    H v ≈ (∇L(x + h v) − ∇L(x − h v)) / 2h

Multiplied by H again and again, any v turns towards the eigenvector whose eigenvalue is
largest in size (power iteration).

Source: LeCun, Simard and Pearlmutter, *Automatic learning rate maximization by on-line
estimation of the Hessian's eigenvectors* (1993).
"""

from collections.abc import Callable

import numpy as np

from ..backprop import Gradients, backpropagate
from ..forward import forward_pass
from ..network import as_network
from ..support.checks import as_seed, as_whole
from ..training.prepared import prepare

STEP = 1e-5  # h, with v of length 1: where rounding and the cut-off series err equally little


def largest_curvature(network, X, target, *, loss=None, iterations=1000, seed=0) -> float:
    """Return λ of the loss on all of (X, target), at the parameters that `network` has now.

    The arguments are as for `Trainer`. The network is copied, in float64, and not changed.
    `iterations` bounds the work, two gradients each; it ends when λ holds to six digits.
    Raises ValueError for data that do not fit, and if λ is not a finite number.
    """
    copy = as_network(network).copy("float64")
    as_whole("iterations", iterations, at_least=1)
    data = prepare(copy, X, target, loss)
    x, gradients = copy.parameters.copy(), Gradients(copy.layers, copy.dtype)

    def gradient(at: np.ndarray) -> np.ndarray:
        copy.parameters = at
        trace = forward_pass(copy.weights, copy.biases, copy.activations, data.X)
        backpropagate(copy.weights, trace, data.y, data.loss, gradients)
        return gradients.vector.copy()

    def times_hessian(v: np.ndarray) -> np.ndarray:
        return (gradient(x + STEP * v) - gradient(x - STEP * v)) / (2 * STEP)

    v = np.random.default_rng(as_seed(seed)).standard_normal(x.size)
    with np.errstate(over="ignore", invalid="ignore"):
        size = power_iteration(times_hessian, v, iterations)
        if size < 0:
            # The one largest in size is negative. H − size·I has none below 0, so that its
            # largest in size is its largest.
            size += power_iteration(lambda u: times_hessian(u) - size * u, v, iterations)
    if not np.isfinite(size):
        raise ValueError("the gradient is not finite here: the network has diverged")
    return size


def power_iteration(times: Callable, v: np.ndarray, iterations: int) -> float:
    """Return the eigenvalue largest in size of a symmetric matrix, given v ↦ its product with v.

    From v, shape (n,), a start that no symmetry distinguishes. The eigenvalue is the Rayleigh
    quotient vᵀHv, v of length 1, whose error is the square of that of v.
    """
    value = 0.0
    for _ in range(iterations):
        v = v / np.linalg.norm(v)
        product = times(v)
        before, value = value, float(v @ product)
        if not product.any() or abs(value - before) <= 1e-7 * abs(value):
            break
        v = product
    return value
