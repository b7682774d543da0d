"""Dropout: in each update a random part of the neurons is left out.

    a⁽ˡ⁾ = m ⊙ f⁽ˡ⁾(z⁽ˡ⁾) / (1 − p)        m = 0 with probability p, else 1
    ∂C/∂z⁽ˡ⁾ = ∂C/∂a⁽ˡ⁾ ⊙ m / (1 − p) ⊙ f⁽ˡ⁾'(z⁽ˡ⁾)

Each sample of a batch draws its own m, so no neuron can rely on any other being there. The
1/(1 − p) keeps the mean of a⁽ˡ⁾ what it is with all neurons at work; so when the network is
used, nothing needs to be changed ("inverted" dropout; in the paper below the weights are
scaled by 1 − p afterwards instead).

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout: a simple way to
prevent neural networks from overfitting* (2014), section 4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..activations import Activation, activate, pull_back
from ..losses import Loss
from ..network import NeuralNetwork
from ..support.checks import is_number
from ..support.words import shown
from .change import Samples


@dataclass(frozen=True)
class Dropout:
    """Leave out each input with probability `input` and each hidden neuron with `hidden`.

    Raises ValueError unless both are at least 0 (none) and less than 1.
    """

    input: float = 0.2
    hidden: float = 0.5

    def __post_init__(self) -> None:
        for name in ("input", "hidden"):
            p = getattr(self, name)
            if not is_number(p) or not 0 <= p < 1:
                raise ValueError(
                    f"Dropout: {name}={shown(p)} is the share left out, at least 0 and less than "
                    "1: "
                    "0.2 of the inputs and 0.5 of the hidden neurons are usual"
                )

    def change(
        self, samples: Samples, network: NeuralNetwork, loss: Loss, rng: np.random.Generator
    ) -> Samples:
        """Return the samples, some of their inputs left out, with masked activations.

        The masks are drawn from `rng`, one for each sample; the output layer stays whole.
        """
        X, activations = samples.X, samples.activations
        if self.input:
            X = X * mask(X.shape, self.input, rng, X.dtype)
        if self.hidden:
            *hidden, output = activations
            masks = [mask((len(X), n), self.hidden, rng, X.dtype) for n in network.layers[1:-1]]
            activations = (*map(Masked, hidden, masks), output)
        return samples._replace(X=X, activations=activations)


def mask(shape: tuple[int, ...], p: float, rng: np.random.Generator, dtype: Any) -> np.ndarray:
    """Return m / (1 − p): 0 with probability p, else 1/(1 − p), each entry independently."""
    return (rng.random(shape, dtype) >= p) * np.asarray(1 / (1 - p), dtype)


class Masked(Activation):
    """a = m ⊙ f(z) / (1 − p), where `mask`, shape (n_samples, n_neurons), is m / (1 − p)."""

    def __init__(self, activation: Activation, mask: np.ndarray):
        self.activation, self.mask, self.name = activation, mask, activation.name

    def __call__(self, z: npt.ArrayLike) -> np.ndarray:
        return activate(self.activation, np.asarray(z)) * self.mask

    def pull_back(self, gradient: np.ndarray, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        # Some activations take their derivative from f(z), and `a` is masked: f(z) once more.
        f = self.activation
        return pull_back(f, gradient * self.mask, z, activate(f, z))
