"""Points of the plane that a learner brings as arrays."""

import numpy as np

from ..support.arrays import as_numbers, check_order
from ..support.checks import as_input
from ..support.colours import CLASSES

# The plane that is drawn is [−LIMIT, LIMIT]², as in nnlib.analysis.maps.plane.
LIMIT = 1.2
# Each class needs a colour and a mark of its own.
MOST_CLASSES = len(CLASSES)


def own_points(X, y) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (X, y, centre, scale) of a learner's own data, or raise ValueError in words.

    X of shape (n, 2) comes back as it is if it fits the plane that is drawn, and fills a
    good part of it; else each axis is shifted and scaled so that its values fill [−1, 1].
    What was given is `centre + scale * X`, both of shape (2,). The labels come back as integers.
    """
    check_order("X", X, "y", y)
    X = as_numbers("X", X)
    if X.ndim == 2 and X.shape[1] != 2:
        turn = ": is it transposed? X.T has a sample a row" if X.shape[0] == 2 else ""
        raise ValueError(
            f"X has shape {X.shape}, but a point of the plane has two coordinates, one point a "
            f"row: (n_samples, 2){turn or '. Choose two columns, for example X[:, [0, 1]]'}"
        )
    X = as_input(X, 2, np.float64)
    y = _labels(y, len(X))
    low, high = X.min(axis=0), X.max(axis=0)
    fits = abs(X).max() <= LIMIT and (high - low).max() >= 0.5
    centre = np.zeros(2) if fits else (low + high) / 2
    scale = np.ones(2) if fits else np.where(high > low, (high - low) / 2, 1.0)
    return (X - centre) / scale, y, centre, scale


def _labels(y, n: int) -> np.ndarray:
    """Return the labels as integers, or raise ValueError in words."""
    renumber = ": pass np.unique(y, return_inverse=True)[1], which numbers the classes from 0"
    y = as_numbers("y", y, renumber)
    if y.ndim == 2 and y.shape[1] > 1 and len(y) == n:
        raise ValueError(
            f"y has shape {y.shape}, as one-hot rows have; the lab takes labels of shape ({n},): "
            "pass np.argmax(y, axis=1)"
        )
    if y.shape != (n,):
        hint = ": pass np.ravel(y)" if y.size == n else ": each point needs one label"
        raise ValueError(f"y has shape {y.shape}, but X has {n} rows, so y must be ({n},){hint}")
    if y.dtype.kind == "f" and not (np.isfinite(y).all() and (y == np.round(y)).all()):
        odd = y[~(np.isfinite(y) & (y == np.round(y)))][0]
        raise ValueError(
            f"y holds {odd:g}, but classes are whole numbers from 0: the playground tells "
            "classes apart, it does not predict numbers"
        )
    low, high = int(y.min()), int(y.max())
    if low < 0 or high >= MOST_CLASSES:
        raise ValueError(
            f"the labels run from {low} to {high}, but classes are numbered from 0, at most "
            f"{MOST_CLASSES} of them: np.unique(y, return_inverse=True)[1] renumbers them"
        )
    if low == high:
        raise ValueError(f"all {n} labels are {low}: with a single class there is nothing to learn")
    return y.astype(np.int64)
