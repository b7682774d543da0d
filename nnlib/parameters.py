"""One flat vector, seen layer by layer.

All weights and biases of a network live in one vector x, in the order
W⁽¹⁾, b⁽¹⁾, W⁽²⁾, b⁽²⁾, …; `weights` and `biases` are views of it, so that writing
to either writes to the other. An optimizer then is a few lines on vectors,
x ← x − α∇L, and knows nothing of layers.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .support.arrays import as_numbers
from .support.words import shown


class Views(Sequence[np.ndarray]):
    """The views of one vector, a layer each: assigning to an item writes into the vector.

    Their number is fixed, as that of the network's layers is.
    """

    def __init__(self, views: Sequence[np.ndarray], symbol: str):
        self._views = tuple(views)
        self._symbol = symbol

    def __len__(self) -> int:
        return len(self._views)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self._views)

    def __getitem__(self, i: Any) -> Any:
        """Return the view of layer i + 1, or for a slice a list of views."""
        if isinstance(i, slice):
            return list(self._views[i])
        try:
            return self._views[i]
        except IndexError:  # which ends a loop, and so stays one
            n = len(self._views)
            raise IndexError(
                f"there is no {self._symbol} {shown(i)}: this network has {n}, 0 to {n - 1}, and "
                "item i belongs to layer i + 1"
            ) from None

    def __setitem__(self, i: "int | slice", value: Any) -> None:
        if isinstance(i, slice):
            layers, values = range(len(self))[i], list(value)
            if len(values) != len(layers):
                raise ValueError(f"{len(layers)} layers to write, but {len(values)} values given")
            for layer, new in zip(layers, values, strict=True):
                self[layer] = new
            return
        value, view = as_numbers(self._symbol, value), self[i]
        layer = range(len(self))[i] + 1
        if value.shape != view.shape:
            raise ValueError(
                f"{self._symbol} of layer {layer} has shape {view.shape}; "
                f"an array of shape {value.shape} cannot take its place"
            )
        write(self._symbol, value, view)

    def __repr__(self) -> str:
        return repr(list(self._views))


def write(name: str, value: np.ndarray, into: np.ndarray) -> None:
    """Write numbers into parameters, or raise ValueError if they are too large for these."""
    with np.errstate(over="ignore"):
        cast = value.astype(into.dtype)
    too_large = np.isinf(cast) & np.isfinite(value)
    if too_large.any():
        most = np.abs(value[too_large]).max()
        raise ValueError(f"{name} goes to {most:g}: {into.dtype} has no such number")
    into[...] = cast


class Parameters:
    """`vector`, of shape (n_parameters,), and its views `weights` and `biases`.

    `weights[i]` has shape (layers[i], layers[i + 1]) and `biases[i]` shape
    (layers[i + 1],): item i belongs to layer i + 1.
    """

    def __init__(
        self, layers: Sequence[int], dtype: npt.DTypeLike, vector: np.ndarray | None = None
    ):
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

    # A copy (or a pickle) holds the vector alone: its views are made again, or they would be
    # arrays of their own, and writing to one would no longer write to the other.

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("weights", "biases")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._look_at_the_vector()
