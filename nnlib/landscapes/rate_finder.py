"""A learning-rate range test: one short run in which α grows from far too small to too large.

    α(t) = low · (high/low)^(t/(T − 1)),    t = 0 … T − 1

While α is too small the loss stands still; then it falls; when α is too large it
rises again. Where it falls is where α may lie: no theory of the network is needed, and no
more than some hundred updates. It takes the noise of mini-batches to work well: exact gradients
come so close to the minimum while α still suits that the rise is seen late.

Source: Smith, *Cyclical learning rates for training neural networks* (2017), section 3.3. There
α grows in a straight line; in equal factors, as here, it crosses several powers of ten.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np

from ..network import as_network
from ..optimizers import as_optimizer
from ..support.checks import as_whole, is_number
from ..support.errors import Diverged
from ..support.words import shown
from ..training.trainer import Trainer

# The loss of a batch is noisy; it is smoothed by the running mean m ← βm + (1 − β) L,
# corrected for its start at zero as Adam's m is.
BETA = 0.9
# A smoothed loss this many times the lowest one ends the test: it will not recover.
RISEN = 2.0


@dataclass(frozen=True)
class RangeTest:
    """What a range test saw. All arrays have shape (n_updates,).

    learning_rates   α of each update
    losses           of the batch after that update
    smooth           their running mean
    rose             True if the test was ended by a loss that rose, before `high`
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smooth: np.ndarray
    rose: bool

    @property
    def lowest(self) -> float:
        """The α at which the smoothed loss is lowest: about the largest that may be used.

        NaN if the first update diverged, so that there is no loss at all.
        """
        if not len(self.smooth):
            return math.nan
        return float(self.learning_rates[self.smooth.argmin()])

    @property
    def suggestion(self) -> float:
        """A third of `lowest`, half a power of ten below the edge: a rate to begin with.

        The running mean lags behind, and an α that serves one update may not serve all. Raises
        ValueError if there is nothing to go by, since the first update diverged.
        """
        if not len(self.smooth):
            raise ValueError(f"there is no suggestion. {shown(self)}")
        return self.lowest / 3

    def __repr__(self) -> str:
        if not len(self.losses):
            return "RangeTest: the first update diverged; begin with a smaller `low`"
        end = ", where the loss had risen" if self.rose else ""
        return (
            f"RangeTest: {len(self.losses)} updates, α from {self.learning_rates[0]:.1g} to "
            f"{self.learning_rates[-1]:.1g}{end}; lowest loss at α ≈ {self.lowest:.1g}, "
            f"suggestion α ≈ {self.suggestion:.1g}"
        )


def range_test(
    network,
    X,
    target,
    *,
    loss=None,
    optimizer=None,
    batch_size: "int | str | None" = "auto",
    low: float = 1e-4,
    high: float = 10.0,
    updates: int = 200,
    seed: int | None = 0,
) -> RangeTest:
    """Try learning rates from `low` to `high` on a copy of `network`; the network is not changed.

    The other arguments are as for `Trainer`; of the `optimizer`, gradient descent by
    default, a copy is used and its learning rate ignored. Raises ValueError if anything
    does not fit, or if not 0 < low < high.
    """
    if not (is_number(low) and is_number(high) and 0 < low < high):
        raise ValueError(
            f"low={shown(low)} and high={shown(high)} must be 0 < low < high, both finite"
        )
    as_whole("updates", updates, 2, 1_000_000)
    optimizer = copy.deepcopy(as_optimizer(optimizer))
    optimizer.reset()
    optimizer.learning_rate = lambda t: low * (high / low) ** (t / (updates - 1))
    trainer = Trainer(
        as_network(network).copy(),
        X,
        target,
        loss=loss,
        optimizer=optimizer,
        batch_size=batch_size,
        seed=seed,
    )
    rates, losses, smooth, mean, rose = [], [], [], 0.0, False
    try:
        rate = next(trainer).learning_rate
        for t in range(1, updates + 1):
            record = next(trainer)  # its loss is what the update before, with `rate`, has led to
            mean = BETA * mean + (1 - BETA) * record.loss
            rates.append(rate)
            losses.append(record.loss)
            smooth.append(mean / (1 - BETA**t))
            rose = smooth[-1] > RISEN * min(smooth)
            if rose:
                break
            rate = record.learning_rate
    except Diverged:
        rose = True
    return RangeTest(np.array(rates), np.array(losses), np.array(smooth), rose)
