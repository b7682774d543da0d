"""nnlib as its users have it: a `Trainer`, its checks and its records of each update included."""

import numpy as np

from nnlib import GradientDescent, NeuralNetwork, Trainer, blas_threads

from . import Task


class Contender:
    """nnlib."""

    def __init__(self, task: Task):
        self.network = NeuralNetwork(task.layers, hidden="relu", init="zeros")
        for i, (W, b) in enumerate(task.start):
            self.network.weights[i], self.network.biases[i] = W, b
        self.trainer = Trainer(
            self.network,
            task.X,
            task.y,
            optimizer=GradientDescent(task.learning_rate),
            batch_size=task.batch_size,
            seed=0,
            threads=task.threads,
        )

    def train(self, updates: int) -> None:
        """Make so many updates."""
        with blas_threads(1):  # once for all, as `nnlib.train` has it
            for _ in range(updates):
                next(self.trainer)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X."""
        return self.network.predict(X)

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        return list(zip(self.network.weights, self.network.biases, strict=True))
