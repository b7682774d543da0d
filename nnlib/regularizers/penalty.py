"""L1 and L2 penalties: a price on large weights, so that the network fits no more than it must.

    L = C + λ₁ Σ |w| + λ₂/2 Σ w²            over all weights w; biases are free
    ∂L/∂w = ∂C/∂w + λ₁ sign(w) + λ₂ w

Training moves along ∇L, so λ₂ ("L2", weight decay) shrinks each weight by a share of itself at
every update, and λ₁ ("L1") by the same amount whatever its size, which leaves many of them at
zero. A bias only shifts a neuron, it makes no function steeper. The losses that are
reported, for training as for validation, stay C alone, so that they can be compared.

|w| has no derivative at 0; there sign(0) = 0 is taken.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 7.1.1 and 7.1.2.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..support.checks import is_number
from ..support.words import shown


def as_rate(name: str, value: Any) -> float:
    """Return a rate λ as a float, or raise ValueError: it must be a finite number, 0 or more."""
    if not is_number(value) or value < 0:
        raise ValueError(
            f"{name}={shown(value)}, a regularization rate, must be a number that is 0 "
            "or more: 0 is "
            "none, 0.001 a little, 0.1 much"
        )
    return float(value)


def penalty(weights: Sequence[np.ndarray], l1: float = 0.0, l2: float = 0.0) -> float:
    """Return λ₁ Σ |w| + λ₂/2 Σ w² over all the weights, a list of arrays of any shape."""
    return sum(l1 * float(np.abs(W).sum()) + l2 / 2 * float(np.vdot(W, W)) for W in weights)


def add_penalty_gradient(
    weights: Sequence[np.ndarray], gradients: Sequence[np.ndarray], l1: float, l2: float
) -> None:
    """Add λ₁ sign(W) + λ₂ W to the gradient of each W, in place. Checks nothing."""
    for W, gradient in zip(weights, gradients, strict=True):
        if l1:
            gradient += l1 * np.sign(W)
        if l2:
            gradient += l2 * W
