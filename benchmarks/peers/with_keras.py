"""Keras on JAX, which is faster here than Keras on PyTorch, by its `fit`.

`fit` costs Python time for each execution; ten updates an execution take a fifth less time.
"""

import os

import numpy as np

from . import Task

os.environ["KERAS_BACKEND"] = "jax"
import keras  # after that: it asks for its backend when it is imported


class Contender:
    """Keras."""

    at_a_time = 10  # updates

    def __init__(self, task: Task):
        keras.utils.set_random_seed(0)
        self.X, self.y, self.batch_size, self.at = task.X, task.y, task.batch_size, 0
        layers = [keras.layers.Dense(n, "relu") for n in task.layers[1:-1]]
        self.model = keras.Sequential(
            [keras.Input((task.layers[0],)), *layers, keras.layers.Dense(task.layers[-1])]
        )
        self.model.compile(
            optimizer=keras.optimizers.SGD(task.learning_rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            steps_per_execution=self.at_a_time,
        )
        self.model.set_weights([x for pair in task.start for x in pair])

    def train(self, updates: int) -> None:
        """Make so many updates, on the next samples of the data."""
        while updates:
            n = min(updates, (len(self.X) - self.at) // self.batch_size)
            rows = slice(self.at, self.at + n * self.batch_size)
            self.model.fit(self.X[rows], self.y[rows], batch_size=self.batch_size, verbose=0)
            self.at = rows.stop % len(self.X)
            updates -= n

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X."""
        return np.asarray(self.model.predict_on_batch(X)).argmax(axis=1)

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        flat = self.model.get_weights()
        return list(zip(flat[::2], flat[1::2], strict=True))
