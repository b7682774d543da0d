"""The forward pass: from the input a⁽⁰⁾ to the output a⁽ᴸ⁾, keeping every step.

    z⁽ˡ⁾ = (W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾        a⁽ˡ⁾ = f⁽ˡ⁾(z⁽ˡ⁾)        l = 1 … L

A batch holds one sample a row, so the transpose is already done: Z = A W + b. `matmul(A, W)` is
A @ W, by several threads if they are asked to share it (see `nnlib.support.products`).

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), algorithm 6.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .activations import Activation, activate
from .support.products import matmul

# One of each for every layer.
Arrays = Sequence[np.ndarray]
Functions = Sequence[Activation]


@dataclass(frozen=True, eq=False)
class Trace:
    """All that a forward pass computed, numbered by layer.

    `a[0]` is the input X, of shape (n_samples, n_0). For l = 1 … L, `z[l]` and
    `a[l]` belong to layer l and have shape (n_samples, n_l); there is no z of
    the input, so `z[0]` is None. `activations[l - 1]` is f⁽ˡ⁾.
    """

    z: list
    a: list[np.ndarray]
    activations: tuple[Activation, ...]

    @property
    def output(self) -> np.ndarray:
        """a⁽ᴸ⁾, of shape (n_samples, n_L)."""
        return self.a[-1]

    def __repr__(self) -> str:
        widths = "-".join(str(a.shape[1]) for a in self.a)
        return f"Trace of {len(self.a[0])} samples through {widths}"


def forward_pass(weights: Arrays, biases: Arrays, activations: Functions, X: np.ndarray) -> Trace:
    """Return the trace of X, shape (n_samples, n_0), through the layers. Checks nothing."""
    z: list = [None]
    a = [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        Z = matmul(a[-1], W)
        Z += b
        z.append(Z)
        a.append(activate(f, Z))
    return Trace(z, a, tuple(activations))
