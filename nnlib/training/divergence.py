"""Why an update could not be made, in words."""

import math
from typing import TYPE_CHECKING

from ..support.errors import Diverged

if TYPE_CHECKING:
    from .trainer import Trainer


def not_finite(trainer: "Trainer", loss: float, learning_rate: float) -> Diverged:
    """Return the error of the trainer's next update, whose loss or step is not finite."""
    dtype, update = trainer.network.dtype, trainer.updates + 1
    if not math.isfinite(loss):
        return Diverged.at(update, loss, learning_rate, f"the loss is {loss}")
    epsilon = getattr(trainer.optimizer, "epsilon", 1)  # those without one divide by nothing
    if dtype.type(epsilon) == 0 and not trainer.gradients.vector.all():
        cure = f"Where a gradient is 0, epsilon must not be 0 in {dtype}: 1e-8 is usual"
        return Diverged.at(update, loss, learning_rate, "0 is divided by 0", cure)
    return Diverged.at(update, loss, learning_rate, f"{dtype} overflows")
