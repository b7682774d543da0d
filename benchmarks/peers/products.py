"""The matrix products of an update and nothing else: the floor, what numpy cannot go below."""

import itertools

import numpy as np

from . import Task


class Contender:
    """For two layers of weights: X W⁽¹⁾, A W⁽²⁾, Aᵀ δ⁽²⁾, δ⁽²⁾ (W⁽²⁾)ᵀ and Xᵀ δ⁽¹⁾.

    Results go to arrays that are there already, and the batches are simply the next rows of
    X, unshuffled and uncopied. BLAS shares a product among the threads it is given.
    """

    def __init__(self, task: Task):
        self.X, self.batch_size, n = task.X, task.batch_size, len(task.X)
        self.starts = itertools.cycle(range(0, n, task.batch_size))
        self.weights = [W.copy() for W, _ in task.start]
        self.gradients = [np.empty_like(W) for W in self.weights]
        self.z, self.a, self.delta, self.back = (
            [np.ones((task.batch_size, n), task.X.dtype) for n in task.layers] for _ in range(4)
        )

    def train(self, updates: int) -> None:
        """Make the products of so many updates."""
        weights, a, delta = self.weights, self.a, self.delta
        for start in itertools.islice(self.starts, updates):
            a[0] = self.X[start : start + self.batch_size]
            for l, W in enumerate(weights, 1):
                np.matmul(a[l - 1], W, out=self.z[l])
            for l in range(len(weights), 0, -1):
                np.matmul(a[l - 1].T, delta[l], out=self.gradients[l - 1])
                if l > 1:
                    np.matmul(delta[l], weights[l - 1].T, out=self.back[l - 1])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X, by products alone."""
        for W in self.weights:
            X = X @ W
        return X.argmax(axis=1)
