"""The mathematics of nnlib once more, written from the definitions alone.

Nothing of nnlib is used here, and no derivative is written down: HIPS autograd
differentiates what is below. Everything is float64.

At its kink z = 0 ReLU has no derivative. The course takes the left one (0, or the
small slope of the leaky one), and so does `np.where(z > 0, ...)` under autograd.
"""

from itertools import pairwise

import autograd.numpy as np
from autograd import grad


def _softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "identity": lambda z: z,
    "softmax": _softmax,
}


def _mean_squared_error(z, output, y):
    return np.mean((FUNCTIONS[output](z) - y) ** 2)


def _cross_entropy(z, output, y):
    n = z.shape[0]
    if output == "softmax":
        return -np.sum(y * np.log(_softmax(z))) / n
    # 1 − σ(z) = σ(−z), and the right-hand side does not cancel.
    sigmoid = FUNCTIONS["sigmoid"]
    return -np.sum(y * np.log(sigmoid(z)) + (1 - y) * np.log(sigmoid(-z))) / n


LOSSES = {"mse": _mean_squared_error, "cross_entropy": _cross_entropy}


def loss(layers, activations, loss_name, x, X, y):
    """Return C for the flat parameter vector x, laid out W⁽¹⁾, b⁽¹⁾, W⁽²⁾, b⁽²⁾, …"""
    a, z, start = X, None, 0
    for i, (n_in, n_out) in enumerate(pairwise(layers)):
        W = np.reshape(x[start : start + n_in * n_out], (n_in, n_out))
        start += n_in * n_out
        b = x[start : start + n_out]
        start += n_out
        z = np.dot(a, W) + b
        a = FUNCTIONS[activations[i]](z)
    return LOSSES[loss_name](z, activations[-1], y)


gradient = grad(loss, argnum=3)
