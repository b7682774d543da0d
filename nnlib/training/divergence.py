"""Why an update could not be made, in words."""

import math
from typing import TYPE_CHECKING

import numpy as np

from ..support.arrays import not_finite as where_not_finite
from ..support.errors import TOO_LARGE, Diverged

if TYPE_CHECKING:
    from .trainer import Trainer

# Inputs and targets beyond this are far from the −1 to 1 that the usual learning rates suit.
UNSCALED = 30


def not_finite(trainer: "Trainer", loss: float, learning_rate: float) -> Diverged:
    """Return the error of the trainer's next update, whose loss or step is not finite."""
    dtype, update = trainer.network.dtype, trainer.updates + 1
    if not math.isfinite(loss):
        return Diverged.at(update, loss, learning_rate, f"the loss is {loss}", _cure(trainer))
    epsilon = getattr(trainer.optimizer, "epsilon", 1)  # those without one divide by nothing
    if dtype.type(epsilon) == 0 and not trainer.gradients.vector.all():
        cure = f"Where a gradient is 0, epsilon must not be 0 in {dtype}: 1e-8 is usual"
        return Diverged.at(update, loss, learning_rate, "0 is divided by 0", cure)
    return Diverged.at(update, loss, learning_rate, f"{dtype} overflows", _cure(trainer))


def _cure(trainer: "Trainer") -> str:
    """Say what to do: about the data or the start, if these are to blame, or the learning rate."""
    x, data = trainer.network.parameters, {"X": trainer.X, "the target": trainer.y}
    if not np.isfinite(x).all():
        bad = np.count_nonzero(~np.isfinite(x))
        return (
            f"{bad:,} of the {x.size:,} parameters were NaN or infinite before it: initialize or "
            "load the network anew"
        )
    for name, values in data.items():
        if not np.isfinite(values).all():
            return f"It was changed while it was trained on: {where_not_finite(name, values)}"
    ends = {name: max(v.max(), -v.min()) for name, v in data.items()}
    far = [f"{name} goes to {end:.3g}" for name, end in ends.items() if end > UNSCALED]
    if not far:
        return TOO_LARGE
    scale = f"scale the data to about −1 to 1, as {' and '.join(far)}"
    return f"{TOO_LARGE}; but first {scale}" if trainer.updates else f"S{scale[1:]}"
