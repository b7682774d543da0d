"""The network: layers of neurons whose parameters are one flat vector.

`NeuralNetwork` holds the parameters. It checks what comes in and hands it to the
plain functions that are the mathematics (`forward.forward_pass`, `backprop.backpropagate`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from .activations import Activation, get_activation
from .forward import Trace, forward_pass
from .initializers import (
    INITIALIZERS,
    Initializer,
    NotSaved,
    get_initializer,
    start_of_layer,
)
from .parameters import Parameters, Views, write
from .support.arrays import as_numbers
from .support.attributes import KnownAttributes
from .support.blas import blas_threads
from .support.checks import as_dtype, as_input, as_layers, as_seed
from .support.sharing import sharing

if TYPE_CHECKING:
    from pathlib import Path

# Rows that go through the network at a time when only the output is wanted:
# enough to be fast, few enough to need no memory worth speaking of.
CHUNK = 2048


class NeuralNetwork(KnownAttributes):
    """A feedforward network, a⁽ˡ⁾ = f⁽ˡ⁾((W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾) for l = 1 … L.

    >>> NeuralNetwork([784, 32, 16, 10], seed=0)
    NeuralNetwork([784, 32, 16, 10], hidden='sigmoid', output='softmax'): 25,818 parameters

    layers   the number of neurons of each layer, the input first: n_0, n_1, …, n_L
    hidden   the activation of the hidden layers: a name, an `Activation`, or a
             list with one of these for each hidden layer
    output   the activation of the output layer
    init     how the parameters start: 'xavier', 'he', 'normal', 'zeros', or a function
    seed     an integer makes the start repeatable; None draws a new one each time
    dtype    'float32' (fast) or 'float64' (for checking gradients)

    `weights[i]`, of shape (n_i, n_{i+1}), and `biases[i]`, of shape (n_{i+1},), belong
    to layer i + 1 and are views of the flat vector `parameters`: writing to one
    writes to the other. Raises ValueError for layers, names or a dtype it cannot use.
    """

    fixed = ("layers", "dtype", "activations")
    beginning: object = None

    def __init__(
        self,
        layers: Sequence[int],
        hidden: "str | Activation | Sequence[str | Activation]" = "sigmoid",
        output: "str | Activation" = "softmax",
        init: "str | Initializer" = "xavier",
        seed: int | None = None,
        dtype: npt.DTypeLike = "float32",
    ):
        self.layers = as_layers(layers)
        self.dtype = as_dtype(dtype)
        self.activations = (*_as_hidden(hidden, len(self.layers) - 2), get_activation(output))
        self._init = get_initializer(init)
        self._parameters = Parameters(self.layers, self.dtype)
        self.initialize(seed)

    def initialize(self, seed: int | None = None) -> None:
        """Re-initialize all parameters.

        `beginning` is a mark of this start, and of no other: an optimizer that remembers one
        network is told from it that it has been given another.
        """
        rng = np.random.default_rng(as_seed(seed))
        for i, shape in enumerate(pairwise(self.layers)):
            self.weights[i], self.biases[i] = start_of_layer(self._init, rng, shape)
        self.beginning = object()

    @property
    def parameters(self) -> np.ndarray:
        """All parameters as one vector, W⁽¹⁾, b⁽¹⁾, …, W⁽ᴸ⁾, b⁽ᴸ⁾; assigning copies into it."""
        return self._parameters.vector

    @parameters.setter
    def parameters(self, vector: npt.ArrayLike) -> None:
        vector = as_numbers("parameters", vector)
        if vector.shape != self.parameters.shape:
            raise ValueError(
                f"this network has {self.parameters.size} parameters; "
                f"a vector of shape {vector.shape} cannot take their place"
            )
        write("parameters", vector, self.parameters)

    @property
    def weights(self) -> Views:
        """W⁽¹⁾ … W⁽ᴸ⁾ as views; `network.weights[0] = W` copies W in, if the shape fits."""
        return self._parameters.weights

    @weights.setter
    def weights(self, values: Sequence[npt.ArrayLike]) -> None:
        self._parameters.weights[:] = values

    @property
    def biases(self) -> Views:
        """b⁽¹⁾ … b⁽ᴸ⁾ as views; `network.biases[0] = b` copies b in, if the shape fits."""
        return self._parameters.biases

    @biases.setter
    def biases(self, values: Sequence[npt.ArrayLike]) -> None:
        self._parameters.biases[:] = values

    def forward(self, X: npt.ArrayLike) -> Trace:
        """Return the trace of X: every z and a, and the `.output`.

        X has shape (n_samples, n_0). Raises ValueError if it has another shape, is
        empty, or holds NaN or infinity.
        """
        X = as_input(X, self.layers[0], self.dtype)
        # With more threads the last bits would depend on the number of cores.
        with blas_threads(1), np.errstate(under="ignore"):
            return forward_pass(self.weights, self.biases, self.activations, X)

    def predict(self, X: npt.ArrayLike) -> np.ndarray:
        """Return the class of each row of X: integers of shape (n_samples,).

        The class is the output with the largest activation; a single sigmoid output
        says 1 above one half and 0 otherwise. Memory does not grow with X.
        """
        X = as_input(X, self.layers[0], self.dtype)
        if not says_class(self):
            raise ValueError(
                f"one {self.activations[-1]} output is not a class: for the predicted number use "
                "forward(X).output; for two classes build the network with output='sigmoid'"
            )
        labels = np.empty(len(X), np.int64)
        with blas_threads(1), sharing(), np.errstate(under="ignore"):
            for start in range(0, len(X), CHUNK):
                chunk = X[start : start + CHUNK]
                a = forward_pass(self.weights, self.biases, self.activations, chunk).output
                if np.isnan(a).any():
                    raise ValueError(
                        f"the outputs hold NaN, which is no class: {self._why_not_finite()}"
                    )
                labels[start : start + CHUNK] = classes(a)
        return labels

    def _why_not_finite(self) -> str:
        """Say where outputs that are not finite may come from."""
        bad = np.count_nonzero(~np.isfinite(self.parameters))
        if bad:
            return (
                f"{bad:,} of the {self.parameters.size:,} parameters are NaN or infinite. "
                "Initialize or load the network anew"
            )
        return "a sum within the network overflows. Scale X to a smaller range, about −1 to 1"

    def copy(self, dtype: npt.DTypeLike | None = None) -> "NeuralNetwork":
        """Return a network of its own with the same parameters, in another `dtype` if given."""
        other = object.__new__(type(self))
        dtype = self.dtype if dtype is None else as_dtype(dtype)
        other.__dict__.update(self.__dict__, dtype=dtype, beginning=object())
        vector = self.parameters.astype(other.dtype)
        other._parameters = Parameters(self.layers, other.dtype, vector)
        return other

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> "NeuralNetwork":
        return self.copy()

    def save(self, path: "str | Path") -> None:
        """Write the network to the file `path`, all or nothing.

        If anything goes wrong, or the machine stops half-way, a file that was there
        before is still there, whole.
        """
        from .files import model_file  # only here: it brings zip files, JSON and paths with it

        model_file.save(path, self)

    @classmethod
    def load(cls, path: "str | Path") -> "NeuralNetwork":
        """Return the network that `save` wrote to `path`.

        Raises ModelFileError if the file is damaged or something else, and
        FileNotFoundError if there is none. Nothing in the file is ever executed.
        """
        from .files import model_file

        contents = model_file.load(path)
        network = cls(
            contents.layers,
            hidden=contents.activations[:-1],
            output=contents.activations[-1],
            init="zeros",
            dtype=contents.dtype,
        )
        network.parameters = contents.parameters
        network._init = INITIALIZERS.get(contents.init, NotSaved(contents.init))
        return network

    def __repr__(self) -> str:
        names = [f.name for f in self.activations]
        hidden: Any = names[:-1]
        if len(set(hidden)) == 1:
            hidden = hidden[0]
        return (
            f"NeuralNetwork({list(self.layers)}, "
            + (f"hidden={hidden!r}, " if hidden else "")
            + f"output={names[-1]!r}): {self.parameters.size:,} parameters"
        )


def classes(output: np.ndarray) -> np.ndarray:
    """Return the class of each row of a⁽ᴸ⁾: that of the largest, or for one output a > ½."""
    return output[:, 0] > 0.5 if output.shape[1] == 1 else output.argmax(axis=1)


def says_class(network: NeuralNetwork) -> bool:
    """Whether the outputs stand for classes: several, or a single one after sigmoid."""
    return network.layers[-1] > 1 or network.activations[-1].name == "sigmoid"


def as_network(network: Any) -> NeuralNetwork:
    """Return `network` if it is one, or raise TypeError."""
    if not isinstance(network, NeuralNetwork):
        raise TypeError(f"network must be a NeuralNetwork, not {type(network).__name__}")
    return network


def _as_hidden(
    hidden: "str | Activation | Sequence[str | Activation]", n_hidden: int
) -> list[Activation]:
    """Return one activation for each of the `n_hidden` hidden layers."""
    if isinstance(hidden, (str, Activation)):
        # Looked up here, so that an unknown name is refused even if there is no layer to use it.
        hidden = [get_activation(hidden)] * n_hidden
    if not isinstance(hidden, (list, tuple)):
        if hidden is None:
            raise ValueError(
                "hidden=None is no activation: name one, for example hidden='sigmoid'. Without "
                "hidden layers it does not matter which"
            )
        get_activation(cast(Any, hidden))  # says what it is instead
    if len(hidden) != n_hidden:
        raise ValueError(
            f"{len(hidden)} hidden activations for {n_hidden} hidden layers: give one name for "
            "all, or a list with one for each"
        )
    return [get_activation(f) for f in hidden]
