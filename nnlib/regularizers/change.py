"""What is done to the samples of a batch before the forward pass: one protocol for all of it.

    samples ← change(samples, network, loss, rng)        for each change in turn

Distorted images change X, adversarial images too, and dropout X and the activations; each is a
`Change`, a pure function of the samples, the network as it is before the update, and `rng`.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from ..activations import Activation
from ..losses import Loss
from ..network import NeuralNetwork
from ..support.guests import name_of, returned_as


class Samples(NamedTuple):
    """Samples on their way into a network.

    X             shape (n, n_0)
    y             the encoded target, shape (n, n_L)
    activations   f⁽¹⁾ … f⁽ᴸ⁾, through which these samples go
    """

    X: np.ndarray
    y: np.ndarray
    activations: tuple[Activation, ...]


class Change(Protocol):
    """Something that is done to the samples of each batch."""

    def change(
        self, samples: Samples, network: NeuralNetwork, loss: Loss, rng: np.random.Generator
    ) -> Samples:
        """Return the changed samples; those passed in stay as they are."""
        ...


class InputChange:
    """A function `(X, rng) → X` as a `Change`, for example a `Distortion`."""

    def __init__(self, function: Callable[[np.ndarray, np.random.Generator], np.ndarray]):
        self.function = function

    def change(
        self, samples: Samples, network: NeuralNetwork, loss: Loss, rng: np.random.Generator
    ) -> Samples:
        """Return the samples with the function's X; it may write to the X it is given."""
        # Rows chosen by a slice are a view of the data, which no function may change.
        X = samples.X if samples.X.base is None else samples.X.copy()
        what = f"distortion={name_of(self.function)}"
        try:
            changed = self.function(X, rng)
        except TypeError as error:
            raise TypeError(f"{what}, called with (X, rng): {error}") from error
        return samples._replace(X=returned_as(what, X, changed))
