"""The libraries that are compared, each driven the fastest way that it documents.

A module of this folder has one class, `Contender`:

    Contender(task)      a network of its own, ready to train on the task's images
    train(updates)       make so many updates of plain gradient descent, on shuffled batches,
                         and return when they are made
    predict(X)           the classes of X, shape (n, n_0), as an array or list of n integers
    parameters()         [(W, b), …] as numpy arrays, W of shape (n_in, n_out)

All begin with the same parameters, and take the mean cross-entropy of a softmax over ReLU
layers; so all learn the same from the same batches, up to rounding.
"""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

# How a library is called on the page, and the module beside this file that drives it.
MODULES = {
    "products": "products",
    "nnlib": "with_nnlib",
    "PyTorch": "pytorch",
    "torch.compile": "pytorch_compiled",
    "JAX": "with_jax",
    "scikit-learn": "with_sklearn",
    "Keras": "with_keras",
    "loop": "sample_loop",
}
# What the package is called where that is not how it is imported.
PACKAGES = {"PyTorch": "torch", "JAX": "jax", "scikit-learn": "sklearn", "Keras": "keras"}


@dataclass
class Task:
    """What is to be trained, and on what."""

    layers: list[int]
    batch_size: int
    learning_rate: float
    threads: int
    X: np.ndarray  # (n, n_0), float32; n is a multiple of the batch size
    y: np.ndarray  # (n,), int64
    start: list[tuple[np.ndarray, np.ndarray]]  # the parameters to begin with: (W, b) of each layer


def contender(name: str):
    """Return the class `Contender` of the library; raises ImportError if it is not installed."""
    return import_module(f".{MODULES[name]}", __name__).Contender


def shuffled(n: int, batch_size: int):
    """Yield arrays of `batch_size` indices of 0 … n − 1, in a new order each epoch."""
    rng = np.random.default_rng(0)
    while True:
        yield from rng.permutation(n).reshape(-1, batch_size)
