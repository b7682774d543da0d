"""One flat vector, seen layer by layer.

All weights and biases of a network live in one vector x, in the order
W⁽¹⁾, b⁽¹⁾, W⁽²⁾, b⁽²⁾, …; `weights` and `biases` are views of it, so that writing
to either writes to the other. An optimizer then is a few lines on vectors,
x ← x − α∇L, and knows nothing of layers.
"""

from itertools import pairwise

import numpy as np


class Views(list):
    """A list of views of one vector: assigning to an item writes into the vector."""

    def __init__(self, views, symbol: str):
        super().__init__(views)
        self._symbol = symbol

    def __setitem__(self, i, value):
        if isinstance(i, slice):
            targets = self[i]
            values = list(value)
            if len(values) != len(targets):
                raise ValueError(f"{len(targets)} layers to write, but {len(values)} values given")
            first, _, step = i.indices(len(self))
            for k, new in enumerate(values):
                self[first + k * step] = new
            return
        value = np.asarray(value)
        layer = range(len(self))[i] + 1
        if value.shape != self[i].shape:
            raise ValueError(
                f"{self._symbol} of layer {layer} has shape {self[i].shape}; "
                f"an array of shape {value.shape} cannot take its place"
            )
        self[i][...] = value

    def _fixed(self, *args, **kwargs):
        raise TypeError("a network has a fixed number of layers: build a new one to change it")

    def __reduce__(self):  # what copies and pickles are made of: all items at once
        return Views, (list(self), self._symbol)

    append = extend = insert = pop = remove = clear = __delitem__ = __iadd__ = __imul__ = _fixed
    sort = reverse = _fixed


class Parameters:
    """`vector`, of shape (n_parameters,), and its views `weights` and `biases`.

    `weights[i]` has shape (layers[i], layers[i + 1]) and `biases[i]` shape
    (layers[i + 1],): item i belongs to layer i + 1.
    """

    def __init__(self, layers, dtype, vector: np.ndarray | None = None):
        self.layers = tuple(layers)
        size = sum(n_in * n_out + n_out for n_in, n_out in pairwise(self.layers))
        self.vector = np.zeros(size, dtype) if vector is None else vector
        self._look_at_the_vector()

    def _look_at_the_vector(self) -> None:
        """Make `weights` and `biases` views of `vector`."""
        weights, biases, start = [], [], 0
        for n_in, n_out in pairwise(self.layers):
            weights.append(self.vector[start : start + n_in * n_out].reshape(n_in, n_out))
            start += n_in * n_out
            biases.append(self.vector[start : start + n_out])
            start += n_out
        self.weights = Views(weights, "W")
        self.biases = Views(biases, "b")

    # A copy (or a pickle) holds the vector alone: its views are made anew, or they would be
    # arrays of their own, and writing to one would no longer write to the other.

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("weights", "biases")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._look_at_the_vector()
