"""JAX: one compiled function an update, called from Python, the old parameters given away to it.

The images lie where JAX computes, and the batch is gathered from them inside the function.
"""

import jax
import jax.numpy as jnp
import numpy as np

from . import Task, shuffled


def outputs(parameters: list, X):
    """Return z⁽ᴸ⁾ of the rows of X."""
    for W, b in parameters[:-1]:
        X = jax.nn.relu(X @ W + b)
    W, b = parameters[-1]
    return X @ W + b


def loss(parameters: list, X, y):
    """Return the mean cross-entropy."""
    log_p = jax.nn.log_softmax(outputs(parameters, X))
    return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()


class Contender:
    """JAX with `jit`."""

    def __init__(self, task: Task):
        self.state = jax.tree.map(jnp.array, task.start)
        self.X, self.y = jax.device_put(task.X), jax.device_put(task.y.astype(np.int32))
        self.batches = shuffled(len(task.X), task.batch_size)

        def step(state, X, y, rows):
            gradient = jax.grad(loss)(state, X[rows], y[rows])
            return jax.tree.map(lambda x, dx: x - task.learning_rate * dx, state, gradient)

        self.step = jax.jit(step, donate_argnums=0)
        self.classes = jax.jit(lambda state, X: outputs(state, X).argmax(axis=1))

    def train(self, updates: int) -> None:
        """Make so many updates."""
        for _ in range(updates):
            self.state = self.step(self.state, self.X, self.y, next(self.batches))
        jax.block_until_ready(self.state)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X."""
        return np.asarray(self.classes(self.state, X))

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        return [(np.asarray(W), np.asarray(b)) for W, b in self.state]
