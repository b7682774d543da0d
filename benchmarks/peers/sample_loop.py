"""One sample after another, each gradient added in place: backpropagation without a batch."""

import numpy as np

from . import Task, shuffled


class Contender:
    """A loop over the samples of a batch, in float32."""

    def __init__(self, task: Task):
        self.X, self.y, self.learning_rate = task.X, task.y, task.learning_rate
        self.weights = [W.copy() for W, _ in task.start]
        self.biases = [b.copy() for _, b in task.start]
        self.batches = shuffled(len(task.X), task.batch_size)

    def train(self, updates: int) -> None:
        """Make so many updates."""
        for _ in range(updates):
            self.update(next(self.batches))

    def update(self, rows: np.ndarray) -> None:
        """Make one update with these rows of the data."""
        weight_sums = [np.zeros_like(W) for W in self.weights]
        bias_sums = [np.zeros_like(b) for b in self.biases]
        for i in rows:
            a = self.activations(self.X[i])
            delta = a[-1].copy()
            delta[self.y[i]] -= 1
            for l in reversed(range(len(self.weights))):
                weight_sums[l] += np.outer(a[l], delta)
                bias_sums[l] += delta
                if l > 0:
                    delta = np.dot(self.weights[l], delta) * (a[l] > 0)
        rate = np.float32(self.learning_rate / len(rows))
        for x, gradient in zip(self.weights + self.biases, weight_sums + bias_sums, strict=True):
            x -= rate * gradient

    def activations(self, x: np.ndarray) -> list[np.ndarray]:
        """Return a⁽⁰⁾ … a⁽ᴸ⁾ of one sample."""
        a = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            a.append(np.maximum(np.dot(a[-1], W) + b, 0))
        z = np.dot(a[-2], self.weights[-1]) + self.biases[-1]
        e = np.exp(z - z.max())
        a[-1] = e / e.sum()
        return a

    def predict(self, X: np.ndarray) -> list[int]:
        """Return the class of each row of X."""
        return [int(self.activations(x)[-1].argmax()) for x in X]

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        return list(zip(self.weights, self.biases, strict=True))
