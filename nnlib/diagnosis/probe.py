"""A probe: a tiny network with random numbers, on which a function is tried.

It has the activations and the loss of the network in question, but widths that
are all different, so that a transposed array does not fit; 7 samples and 3
outputs, so that a factor of 7, 3 or 2 gives away what it is; and everything
in float64.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..activations import Identity, Sigmoid, Softmax, Tanh
from ..backprop import Gradients, backpropagate
from ..forward import Trace, forward_pass
from ..losses import CrossEntropy, Loss

SAMPLES, INPUTS, OUTPUTS = 7, 4, 3
HIDDEN = (5, 6, 8, 9, 10, 11)  # none of them the 7 samples, 4 inputs or 3 outputs


@dataclass(frozen=True)
class Probe:
    """Arguments to call a function with; z and a are nnlib's own, numbered by layer."""

    weights: list
    biases: list
    activations: tuple
    X: np.ndarray
    y: np.ndarray
    loss: Loss
    z: list
    a: list

    @property
    def layers(self) -> list[int]:
        """The widths, the input's first."""
        return [self.X.shape[1], *(len(b) for b in self.biases)]

    @property
    def n(self) -> int:
        """The number of samples."""
        return len(self.X)

    @property
    def k(self) -> int:
        """The number of outputs."""
        return self.y.shape[1]

    @property
    def trace(self) -> Trace:
        """The forward pass as nnlib's losses take it."""
        return Trace(self.z, self.a, self.activations)

    @property
    def words(self) -> str:
        """What a function was called with."""
        widths = "-".join(map(str, self.layers))
        return f"{self.n} sample{'s' if self.n > 1 else ''} through layers {widths}"

    def gradient(self) -> tuple[list, list]:
        """Return (dW, db) as nnlib computes them."""
        into = Gradients(self.layers, np.float64)
        backpropagate(self.weights, self.trace, self.y, self.loss, into)
        return list(into.weights), list(into.biases)

    def slope(self, h: float = 1e-5) -> tuple[list, list]:
        """Return (dW, db) by finite differences, (C(x + h) − C(x − h)) / 2h."""
        return [self._slope(W, h) for W in self.weights], [self._slope(b, h) for b in self.biases]

    def _slope(self, x: np.ndarray, h: float) -> np.ndarray:
        slope = np.empty_like(x)
        for i in np.ndindex(x.shape):
            before, x[i] = x[i], x[i] + h
            above = self._value()
            x[i] = before - h
            slope[i] = (above - self._value()) / (2 * h)
            x[i] = before
        return slope

    def _value(self) -> float:
        return self.loss.value(
            forward_pass(self.weights, self.biases, self.activations, self.X), self.y
        )

    def scaled(self, factor: float) -> "Probe":
        """Return the probe with X and all weights multiplied by `factor`."""
        X, weights = factor * self.X, [factor * W for W in self.weights]
        trace = forward_pass(weights, self.biases, self.activations, X)
        return replace(self, X=X, weights=weights, z=trace.z, a=trace.a)


def widths(network) -> list[int]:
    """Return the widths of a probe as deep as `network`."""
    hidden = [HIDDEN[i % len(HIDDEN)] for i in range(len(network.layers) - 2)]
    return [INPUTS, *hidden, 1 if network.layers[-1] == 1 else OUTPUTS]


def make_probe(network, loss: Loss, layers, n: int = SAMPLES, seed: int = 0) -> Probe:
    """Return a probe with the activations of `network`; the same seed gives the same.

    Numbers are drawn again if a neuron comes near its kink, where finite differences
    say nothing, or if a gradient vanishes, which no factor could be seen in.
    """
    rng = np.random.default_rng(seed)
    for _ in range(100):
        weights = [1.2 * rng.normal(size=s) / np.sqrt(s[0]) for s in pairwise(layers)]
        biases = [0.5 * rng.normal(size=k) for k in layers[1:]]
        X = rng.normal(size=(n, layers[0]))
        y = _target(rng, network.activations[-1], loss, n, layers[-1])
        trace = forward_pass(weights, biases, network.activations, X)
        probe = Probe(weights, biases, network.activations, X, y, loss, trace.z, trace.a)
        dW, db = probe.gradient()
        kinks = [
            abs(z).min() < 1e-3
            for z, f in zip(trace.z[1:], network.activations, strict=True)
            if not isinstance(f, (Identity, Sigmoid, Softmax, Tanh))
        ]
        if not any(kinks) and all(abs(g).max() > 1e-6 for g in dW + db):
            break
    return probe


def real_probe(network, loss: Loss, X, y) -> Probe:
    """Return a probe of the network itself, in float64, and the given rows."""
    network = network.copy("float64")
    X, y = np.asarray(X, np.float64), np.asarray(y, np.float64)
    trace = network.forward(X)
    weights, biases = list(network.weights), list(network.biases)
    return Probe(weights, biases, network.activations, X, y, loss, trace.z, trace.a)


def _target(rng, output, loss: Loss, n: int, k: int) -> np.ndarray:
    if isinstance(output, Softmax):
        return np.eye(k)[rng.integers(0, k, n)]
    if isinstance(loss, CrossEntropy):
        y = rng.integers(0, 2, (n, k)).astype(np.float64)
        y[0] = 1 - y[-1]  # of both kinds, in every output
        return y
    return rng.normal(size=(n, k))
