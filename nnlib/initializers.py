"""Where training starts: the first weights and biases of a layer.

Each initializer is a function (rng, n_in, n_out) → (W, b), with W of shape
(n_in, n_out) and b of shape (n_out,), drawn from the numpy generator `rng`.
"""

from collections.abc import Callable

import numpy as np

from .support.arrays import as_numbers
from .support.words import shown

Start = tuple[np.ndarray, np.ndarray]
Initializer = Callable[[np.random.Generator, int, int], Start]


def zeros(rng: np.random.Generator, n_in: int, n_out: int) -> Start:
    """W = 0 and b = 0. All neurons of a layer then stay alike forever: watch it fail once."""
    return np.zeros((n_in, n_out)), np.zeros(n_out)


def normal(rng: np.random.Generator, n_in: int, n_out: int) -> Start:
    """W and b from N(0, 1): mean 0, standard deviation 1.

    With many inputs z becomes large and a sigmoid saturates.
    Source: Nielsen, *Neural Networks and Deep Learning*, chapter 3, "Weight initialization".
    """
    return rng.standard_normal((n_in, n_out)), rng.standard_normal(n_out)


def xavier(rng: np.random.Generator, n_in: int, n_out: int) -> Start:
    """W uniform in ±√(6 / (n_in + n_out)), so of variance 2 / (n_in + n_out); b = 0.

    Keeps the size of activations and gradients even across layers of tanh or sigmoid.
    Source: Glorot and Bengio, *Understanding the difficulty of training deep
    feedforward neural networks* (2010), equation 16.
    """
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_in, n_out)), np.zeros(n_out)


def he(rng: np.random.Generator, n_in: int, n_out: int) -> Start:
    """W from N(0, 2 / n_in); b = 0. Makes up for ReLU letting half the signal through.

    Source: He, Zhang, Ren and Sun, *Delving deep into rectifiers* (2015), section 2.2.
    """
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in), np.zeros(n_out)


INITIALIZERS: dict[str, Initializer] = {
    "zeros": zeros,
    "normal": normal,
    "xavier": xavier,
    "glorot": xavier,
    "he": he,
}


def get_initializer(init: "str | Initializer") -> Initializer:
    """Return the initializer called `init`, or `init` itself if it is a function."""
    if callable(init):
        return init
    if not isinstance(init, str) or init not in INITIALIZERS:
        raise ValueError(
            f"unknown initializer {shown(init)}: choose one of {', '.join(INITIALIZERS)}, "
            "or pass a function (rng, n_in, n_out) -> (W, b)"
        )
    return INITIALIZERS[init]


class NotSaved:
    """Stands for an initializer of one's own where a file, which holds its name alone, was read."""

    def __init__(self, name: str):
        self.__name__ = name[:200]

    def __call__(self, rng: np.random.Generator, n_in: int, n_out: int) -> Start:
        raise ValueError(
            f"this network was started by an initializer that is not nnlib's, {self.__name__}, and "
            "its file does not hold that: to start anew, make a NeuralNetwork with init=…"
        )


def name_of_initializer(init: Initializer) -> str:
    """Return the name by which `get_initializer` finds it, or one that is not nnlib's."""
    name = getattr(init, "__name__", type(init).__name__)
    known = INITIALIZERS.get(name) is init or isinstance(init, NotSaved)
    return name if known else f"{name} (of one's own)"


def start_of_layer(init: Initializer, rng: np.random.Generator, shape: tuple[int, int]) -> Start:
    """Return what `init` makes of a layer with W of this shape, or raise ValueError in words."""
    name = getattr(init, "__name__", repr(init))
    try:
        start = init(rng, *shape)
    except TypeError as error:
        raise TypeError(
            f"init={name} cannot be called as (rng, n_in, n_out) -> (W, b): {error}"
        ) from error
    if not isinstance(start, (tuple, list)) or len(start) != 2:
        raise ValueError(f"init={name} returned {type(start).__name__}: it must return (W, b)")
    W, b = (
        as_numbers(f"the {x} that init={name} returned", v)
        for x, v in zip("Wb", start, strict=True)
    )
    for symbol, array, right in (("W", W, shape), ("b", b, shape[1:])):
        if array.shape != right:
            raise ValueError(
                f"the {symbol} that init={name} returned has shape {array.shape}, not {right}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"the {symbol} that init={name} returned holds NaN or infinity")
    return W, b
