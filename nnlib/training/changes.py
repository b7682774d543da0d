"""Which changes the samples of each batch go through, and in which order.

    distorted images → adversarial images → dropout → forward pass

What is random in them depends on the seed, the number of the update and the place in the
batch alone, so that training can be resumed anywhere.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..losses import Loss
from ..network import NeuralNetwork
from ..regularizers.adversarial import Adversarial
from ..regularizers.change import Change, InputChange, Samples
from ..regularizers.dropout import Dropout
from ..support.words import shown


class Changes:
    """The changes that are asked for, one after another.

    distortion, adversarial, dropout, seed   as for `Trainer`; None asks for none

    Raises TypeError if one of them is something else.
    """

    def __init__(
        self,
        distortion: Callable | None,
        adversarial: Adversarial | None,
        dropout: Dropout | None,
        seed: int | None,
    ):
        if isinstance(distortion, type):
            raise TypeError(
                f"distortion={distortion.__name__} is a class: make one, {distortion.__name__}()"
            )
        if distortion is not None and not callable(distortion):
            raise TypeError(
                f"distortion={shown(distortion)} must be a function of X and a random generator, "
                "for example Distortion()"
            )
        if dropout is not None and not isinstance(dropout, Dropout):
            raise TypeError(
                f"dropout={shown(dropout)} must be a Dropout, for example Dropout(input=0.2, "
                "hidden=0.5)"
            )
        if adversarial is not None and not isinstance(adversarial, Adversarial):
            raise TypeError(
                f"adversarial={shown(adversarial)} must be an Adversarial, for example "
                "Adversarial(0.08)"
            )
        asked_for = (InputChange(distortion) if distortion else None, adversarial, dropout)
        self.all: list[Change] = [change for change in asked_for if change is not None]
        self._entropy: Any = np.random.SeedSequence(seed).entropy

    def made(
        self, samples: Samples, network: NeuralNetwork, loss: Loss, update: int, first: int
    ) -> Samples:
        """Return the samples with all changes made.

        `update` counts the updates so far, and `first` is where in the batch these rows begin.
        """
        if self.all:
            rng = np.random.default_rng((self._entropy, update, first))
            for each in self.all:
                samples = each.change(samples, network, loss, rng)
        return samples
