"""Teach a trained network a few more examples, without it forgetting what it knows.

Trained on the new examples alone, a network reads them soon, and everything else worse: no
gradient holds the old answers in place. So each batch is mixed, a tenth of it new and the
rest drawn from the old training set, and there are only a few small updates. The new come with
shifted copies of themselves: what is to be learned is the digit, not the place of its pixels.

Source: Robins, *Catastrophic forgetting, rehearsal and pseudorehearsal* (1995).
"""

import numpy as np

from ..network import as_network
from ..optimizers import GradientDescent
from ..support.arrays import as_finite, as_labels, check_order
from ..support.checks import as_input, as_whole, kept_dtype
from ..support.takes import of, seed, takes
from ..training.trainer import Trainer
from .pixels import are_raw
from .square import side_of

UPDATES = 60
BATCH_SIZE = 64
NEW = 0.1  # the share of each batch, about, that is new
LEARNING_RATE = 0.05


@takes(network=of(as_network), seed=seed)
def fine_tuner(network, X_new, y_new, X, y, *, updates: int = UPDATES, seed=None) -> Trainer:
    """Return a Trainer whose one epoch of `updates` updates teaches `network` the new images.

    X_new, y_new   shape (n_new, 784), and their labels (n_new,)
    X, y           what it was trained on, shape (n, 784) and (n,); at random, some of these
                   go into each batch
    seed           of the choice and the order

    `next(trainer)`, `trainer.updates_per_epoch` times, does it. The network is trained in
    place. Raises ValueError for data that do not fit.
    """
    check_order("X_new", X_new, "y_new", y_new)
    check_order("X", X, "y", y)
    X_new = as_input(X_new, network.layers[0], network.dtype, "X_new")
    X = as_input(X, network.layers[0], kept_dtype(X, network.dtype))
    k = max(2, network.layers[-1])
    y_new = as_labels(y_new, len(X_new), k, name="the labels y_new")
    y = as_labels(y, len(X), k, name="the labels y")
    if are_raw(X_new) != are_raw(X):
        raise ValueError(
            f"X_new goes to {X_new.max():g} and X to {X.max():g}, as if one held raw pixels, 0 to "
            "255, and the other shades, 0 to 1: bring both to the range the network was trained on"
        )
    as_whole("updates", updates, 1, 100_000)
    rng = np.random.default_rng(seed)
    copies = shifted_copies(X_new)
    n_new = round(NEW * updates * BATCH_SIZE)
    # Every copy as often as any other, as nearly as may be.
    new = np.concatenate([rng.permutation(len(copies)) for _ in range(-(-n_new // len(copies)))])
    new = new[:n_new]
    old = rng.integers(len(X), size=updates * BATCH_SIZE - n_new)
    return Trainer(
        network,
        np.concatenate([copies[new], X[old]]),
        np.concatenate([np.repeat(y_new, len(copies) // len(X_new))[new], y[old]]),
        optimizer=GradientDescent(LEARNING_RATE),
        batch_size=BATCH_SIZE,
        seed=seed,
    )


def shifted_copies(X) -> np.ndarray:
    """Return shape (9 n, s²): each image of X, shape (n, s²), shifted by −1, 0 and 1 px each way.

    The nine copies of the first image come first. What is shifted out is lost, and what comes
    in is blank.
    """
    X = as_finite("X", X)
    side = side_of(X)
    padded = np.pad(X.reshape(-1, side, side), ((0, 0), (1, 1), (1, 1)))
    copies = [
        padded[:, 1 - down : 1 - down + side, 1 - right : 1 - right + side]
        for down in (0, -1, 1)
        for right in (0, -1, 1)
    ]
    return np.stack(copies, axis=1).reshape(-1, side * side)
