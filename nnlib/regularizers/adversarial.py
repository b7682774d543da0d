"""Adversarial images: each pixel changed a little, in the direction that raises the loss most.

    X' = X + ε sign(∂C/∂X)          ∂C/∂X = δ⁽¹⁾ (W⁽¹⁾)ᵀ, a layer further back than training goes

With 784 pixels a change of ε in each, too small to be noticed, adds up along the gradient to a
large one of z, and a network that reads X well may read X' wrongly. Trained on X and X' alike,
it learns not to be swayed so, and reads clean images better too. No image is moved or bent; what
is added is computed afresh in each update, by the network itself, against itself.

Source: Goodfellow, Shlens and Szegedy, *Explaining and harnessing adversarial examples* (2015),
sections 4 to 6.
"""

from dataclasses import dataclass

import numpy as np

from ..backprop import deltas
from ..forward import Arrays, Trace, forward_pass
from ..losses import Loss
from ..network import NeuralNetwork
from ..support.checks import is_number
from ..support.words import shown
from .change import Samples


@dataclass(frozen=True)
class Adversarial:
    """Change a share of the samples of each batch by ε against the network.

    epsilon    ε, in units of X: 0.08 is 8 % of the way from paper to ink
    share      of each batch, from more than 0 to 1; the others stay as they are

    X' may leave the range of X by ε. Raises ValueError for an impossible ε or share.
    """

    epsilon: float = 0.08
    share: float = 0.5

    def __post_init__(self) -> None:
        if not is_number(self.epsilon) or self.epsilon <= 0:
            raise ValueError(f"Adversarial: epsilon={shown(self.epsilon)} must be more than 0")
        if not is_number(self.share) or not 0 < self.share <= 1:
            raise ValueError(
                f"Adversarial: share={shown(self.share)} is of each batch: more than 0, at most 1"
            )

    def change(
        self, samples: Samples, network: NeuralNetwork, loss: Loss, rng: np.random.Generator
    ) -> Samples:
        """Return the samples, the first ones moved by ε against the whole network."""
        X = samples.X.copy()
        first = slice(0, round(self.share * len(X)))
        trace = forward_pass(network.weights, network.biases, network.activations, X[first])
        uphill = np.sign(input_gradient(network.weights, trace, samples.y[first], loss))
        X[first] += X.dtype.type(self.epsilon) * uphill
        return samples._replace(X=X)


def input_gradient(weights: Arrays, trace: Trace, y: np.ndarray, loss: Loss) -> np.ndarray:
    """Return ∂C/∂X, shape (n_samples, n_0), at the encoded target `y`. Checks nothing."""
    delta = deltas(weights, trace, y, loss)
    return delta[1] @ weights[0].T
