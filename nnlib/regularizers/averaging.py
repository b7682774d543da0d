"""Averaging the weights: the mean of where training has been, instead of where it stopped.

    m ← m + r (x − m)        r = max(1/k, 1 − β) at the k-th x that is seen

Gradients of mini-batches are noisy, and the weights x wander about a minimum rather than rest in
it. Their mean m lies nearer to it. As long as r = 1/k, that is the plain mean of all that were
seen; with β < 1 those long past are forgotten, and m is a mean of about the last 1/(1 − β).

Source: Polyak and Juditsky, *Acceleration of stochastic approximation by averaging* (1992);
Izmailov et al., *Averaging weights leads to wider optima and better generalization* (2018).
"""

import numpy as np

from ..support.checks import is_number
from ..support.sharing import blocks, for_each
from ..support.words import shown

# Parameters that are averaged at a time: few enough to stay in a core's cache.
BLOCK = 2**16


class WeightAverage:
    """The running mean of vectors of parameters, `mean`; None before the first is added.

    `decay` is β, more than 0 and at most 1; 1 forgets nothing. `count` is how many were added.
    """

    def __init__(self, decay: float = 1.0):
        if not is_number(decay) or not 0 < decay <= 1:
            raise ValueError(
                f"decay={shown(decay)} must be more than 0 and at most 1: 1 is the plain "
                "mean, 0.999 "
                "that of about the last 1,000"
            )
        self.decay = float(decay)
        self.mean: np.ndarray | None = None
        self.count = 0

    def add(self, x: np.ndarray) -> None:
        """Add the parameters x, shape (n_parameters,), floats; ValueError for others."""
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f" or x.ndim != 1:
            kind = (
                f"{x.dtype} of shape {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__
            )
            raise ValueError(f"x must be a vector of floats, network.parameters, not {kind}")
        if self.mean is not None and x.shape != self.mean.shape:
            raise ValueError(f"x: a mean of {self.mean.size} parameters cannot take in {x.size}")
        self.count += 1
        if self.mean is None:
            self.mean = x.copy()
            return
        mean, rate = self.mean, max(1 / self.count, 1 - self.decay)

        def move(block: slice) -> None:
            m = mean[block]
            m += rate * (x[block] - m)

        for_each(move, blocks(x.size, BLOCK))
