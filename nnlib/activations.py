"""Activation functions: what a neuron does with its weighted sum, a = f(z).

An `Activation` knows three things: its value f(z), its derivative f'(z), and
how to carry a gradient back through itself, from ∂C/∂a to ∂C/∂z. All are
finite, and free of overflow warnings, for |z| up to 1e4 in float32 (and far
beyond).

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 6.2.2 and 6.3.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .support.guests import returned_as
from .support.words import shown


def as_float(z: npt.ArrayLike) -> np.ndarray:
    """Return `z` as an array of floats; float32 and float64 stay, all others become float64."""
    z = np.asarray(z)
    return z if z.dtype == np.float32 or z.dtype == np.float64 else z.astype(np.float64)


@lru_cache
def _constants(dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 0, 1, and a z so low that σ(z) cannot be told from 0 and e⁻ᶻ does not overflow yet.

    All are arrays without axes: numpy would make one of a plain number at every operation.
    """
    lowest = 1 - np.log(np.finfo(dtype).max)
    return np.zeros((), dtype), np.ones((), dtype), np.asarray(lowest, dtype)


class Activation:
    """A function a = f(z), applied to each neuron (softmax: to each row) of a layer."""

    name: str
    guest = True  # whether it is not nnlib's own: see `nnlib.support.guests`

    def __init_subclass__(cls, **options: Any) -> None:
        """Name a class that has no name of its own after itself; tell whether it is nnlib's."""
        super().__init_subclass__(**options)
        if "name" not in cls.__dict__:
            cls.name = cls.__name__.lower()
        cls.guest = cls.__module__.partition(".")[0] != "nnlib"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        """Return f(z), in the shape of `z`: any shape; softmax works along the last axis."""
        raise NotImplementedError(f"the activation {self} has no __call__: write it")

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        """Return ∂a/∂z: f'(z) in the shape of `z` (softmax: one matrix a row)."""
        raise NotImplementedError(f"the activation {self} has no derivative: write it")

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """Return ∂C/∂z, given `gradient` = ∂C/∂a and a layer's own `z` and `a`.

        All three have shape (n_samples, n_neurons). This is the chain rule,
        ∂C/∂z = ∂C/∂a ⊙ f'(z); an activation whose derivative is cheap to get
        from `a` does so.
        """
        slope = self.derivative(z)
        if self.guest:  # or one slope for all, or one a row, would be broadcast
            slope = returned_as(f"the derivative of the activation {self}", z, slope)
        return gradient * slope

    def __repr__(self) -> str:
        return self.name


class Sigmoid(Activation):
    """The logistic function, σ(z) = 1 / (1 + e⁻ᶻ), with σ'(z) = σ(z) σ(−z)."""

    name = "sigmoid"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        _, one, lowest = _constants(z.dtype)
        # e⁻ᶻ overflows for very negative z; there σ(z) is 0 for all purposes, so z is clipped.
        return one / (one + np.exp(-np.maximum(z, lowest)))

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        # σ(−z) is 1 − σ(z) without the cancellation near σ(z) = 1.
        return self(z) * self(-z)

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        _, one, _ = _constants(a.dtype)
        return gradient * (a * (one - a))


class Tanh(Activation):
    """The hyperbolic tangent, with tanh'(z) = 1 − tanh²(z)."""

    name = "tanh"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        return np.tanh(as_float(z))

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        # The same as 1 − tanh²(z), which would cancel to 0 too early:
        # 1 − tanh²(z) = 4 σ(2z) σ(−2z).
        z = as_float(z)
        return 4 * sigmoid(2 * z) * sigmoid(-2 * z)

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        return gradient * (1 - a * a)


class ReLU(Activation):
    """The rectified linear unit, max(0, z).

    At its kink z = 0, where no derivative exists, f'(0) = 0 is taken.
    """

    name = "relu"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        zero, _, _ = _constants(z.dtype)
        return np.maximum(z, zero)

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        return (z > 0).astype(z.dtype)

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        zero, _, _ = _constants(z.dtype)
        return gradient * (z > zero)


class LeakyReLU(Activation):
    """ReLU with a small slope for negative z: max(z, s·z), s = 0.01; f'(0) = s is taken.

    Source: Maas, Hannun and Ng, *Rectifier nonlinearities improve neural network
    acoustic models* (2013).
    """

    name = "leaky_relu"
    slope = 0.01

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        return np.maximum(z, self.slope * z)

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(self.slope))


class Identity(Activation):
    """f(z) = z: the output of a regression, and what a layer without activation does."""

    name = "identity"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        return as_float(z).copy()

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        return np.ones_like(as_float(z))

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        return gradient


class Softmax(Activation):
    """Probabilities that sum to 1 along the last axis, aⱼ = e^zⱼ / Σₖ e^zₖ.

    Every aⱼ depends on every zₖ, so the derivative of a row is a matrix:
    ∂aⱼ/∂zₖ = aⱼ (1[j = k] − aₖ).
    """

    name = "softmax"

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        z = as_float(z)
        # Adding a constant to a row changes nothing; with the largest z at 0,
        # no exponential can overflow and no sum can be 0.
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def derivative(self, z: npt.ArrayLike) -> np.ndarray:
        """Return the Jacobian of each row: shape (..., k) gives (..., k, k)."""
        a = self(z)
        return a[..., :, None] * (np.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :])

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        # The Jacobian times the gradient, without ever building the Jacobian.
        return a * (gradient - (gradient * a).sum(axis=1, keepdims=True))


sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
leaky_relu = LeakyReLU()
identity = Identity()
softmax = Softmax()

ACTIVATIONS = {f.name: f for f in (sigmoid, tanh, relu, leaky_relu, identity, softmax)}


def get_activation(activation: "str | Activation") -> Activation:
    """Return the activation called `activation`, or `activation` itself if it is one."""
    if isinstance(activation, Activation):
        return activation
    choices = f"choose one of {', '.join(ACTIVATIONS)}, or pass an nnlib.Activation of your own"
    if isinstance(activation, type) and issubclass(activation, Activation):
        name = activation.__name__
        raise ValueError(f"the activation {name} is a class: pass an instance of it, {name}()")
    if callable(activation):
        raise ValueError(
            f"the activation {shown(activation)} is a function, whose derivative is not "
            f"known: {choices}"
        )
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(f"unknown activation {shown(activation)}: {choices}")
    return ACTIVATIONS[activation]


def same_activation(f: Activation, g: "Activation | None") -> bool:
    """Whether f and g are one, or alike and without settings: a pickle has copies of its own."""
    return f is g or (type(f) is type(g) and not vars(f) and not vars(g))


def activate(f: Activation, z: np.ndarray) -> np.ndarray:
    """Return f(z); a guest gets a copy of z, and what it returns is checked."""
    if not f.guest:
        return f(z)
    return returned_as(f"the activation {f}", z, f(z.copy()))


def pull_back(f: Activation, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return ∂C/∂z as `f.pull_back` does; a guest gets copies, and what it returns is checked."""
    if not f.guest:
        return f.pull_back(gradient, z, a)
    made = f.pull_back(gradient.copy(), z.copy(), a.copy())
    return returned_as(f"the pull_back (or derivative) of the activation {f}", gradient, made)
