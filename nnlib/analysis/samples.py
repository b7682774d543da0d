"""Samples one by one: which are unusual, which are hard, which occur twice.

A mean over thousands hides what a look at the right few shows. Before any training

    μ_c = mean of the samples of class c          d(x) = ‖x − μ_c‖, how far x is from its own

The largest distances are worth a look: bad handwriting, or a wrong label. After training, so is
each cell of the confusion matrix: what does the network take for what?

The other thing to make sure of is that no sample used for testing was also trained on: a copy is
remembered, not recognized, and the accuracy looks better than it is.
"""

import numpy as np

from ..network import CHUNK, as_network
from ..support.arrays import as_finite, as_labels, as_numbers, check_order, not_finite
from ..support.checks import as_input, as_whole
from .calibration import one_column

# What is larger has a square that float64 may not hold, or a sum of such squares.
FAR = 1e145


def class_means(X, y) -> np.ndarray:
    """Return μ_c for each class, shape (n_classes, n_features), in float64.

    X has shape (n, n_features), and y labels from 0, integers of shape (n,). Raises ValueError
    for other shapes, or if a class between 0 and the largest label has no sample.
    """
    X, y = _labelled(X, y)
    classes = np.unique(y)
    empty = np.flatnonzero(classes != np.arange(len(classes)))
    if empty.size:
        raise ValueError(f"class {empty[0]} has no sample, so it has no mean")
    return np.array([X[y == c].mean(axis=0, dtype=np.float64) for c in classes])


def distance_from_mean(X, y, means=None) -> np.ndarray:
    """Return d(x) = ‖x − μ_c‖ for each row x of X and its class c, shape (n,).

    `means`, shape (n_classes, n_features), may be those of other samples (of the training
    images, say); by default they are `class_means(X, y)`. np.argsort(−d) puts the farthest first.
    """
    X, y = _labelled(X, y)
    means = class_means(X, y) if means is None else as_numbers("means", means)
    if means.dtype.kind == "f" and not np.isfinite(means).all():
        raise ValueError(not_finite("means", means))
    if means.ndim != 2 or means.shape[1] != X.shape[1] or len(means) <= y.max():
        raise ValueError(
            f"means have shape {means.shape}, but X has shape {X.shape} and labels up to {y.max()}"
        )
    distances = np.empty(len(X))
    for rows in (slice(i, i + CHUNK) for i in range(0, len(X), CHUNK)):
        # In float64: bytes would wrap round, and float16 overflow.
        distances[rows] = np.linalg.norm(
            np.subtract(X[rows], means[y[rows]], dtype=np.float64), axis=1
        )
    return distances


def outputs(network, X) -> np.ndarray:
    """Return a⁽ᴸ⁾ for each row of X, shape (n, n_L). Memory does not grow with hidden layers.

    X has shape (n, n_0); raises ValueError if it does not fit.
    """
    X = as_input(X, as_network(network).layers[0], network.dtype)
    pieces = [network.forward(X[i : i + CHUNK]).output for i in range(0, len(X), CHUNK)]
    return np.concatenate(pieces)


def cell_indices(probabilities, y, true: int, predicted: int) -> np.ndarray:
    """Return which samples lie in one cell of the confusion matrix: their indices.

    `probabilities` has shape (n, k), one row a sample, and y labels of shape (n,). Mistakes come
    the surest first, what is right the least sure first: in this order they teach most.
    """
    a = as_finite("probabilities", probabilities).astype(np.float64)
    if a.ndim != 2 or a.shape[1] < 2:
        raise ValueError(
            f"probabilities have shape {a.shape}, but must have one row a sample and one column a "
            f"class{one_column(a)}"
        )
    y = as_labels(y, len(a), a.shape[1], "the labels y")
    hint = "there is no such cell: the classes are numbered from 0"
    true = as_whole("true", true, 0, a.shape[1] - 1, hint)
    predicted = as_whole("predicted", predicted, 0, a.shape[1] - 1, hint)
    inside = np.flatnonzero((y == true) & (a.argmax(axis=1) == predicted))
    sure = a[inside, predicted]
    return inside[np.argsort(sure if true == predicted else -sure, kind="stable")]


def is_duplicate_of(X, others) -> np.ndarray:
    """Return for each row of X whether `others`, of as many columns, holds the very same row.

    Rows are compared by their numbers, exactly, whatever the types of the two arrays.
    """
    X, others = as_numbers("X", X), as_numbers("others", others)
    if X.ndim != 2 or others.ndim != 2 or X.shape[1] != others.shape[1]:
        raise ValueError(
            f"X {X.shape} and the others {others.shape} must both hold rows of one length"
        )
    key = _bytes if _fits_float64(X) and _fits_float64(others) else _exactly
    seen = {key(row) for row in others}
    return np.array([key(row) in seen for row in X], bool)


def _fits_float64(array: np.ndarray) -> bool:
    """Whether float64 tells all these numbers apart: all but integers beyond 2⁵³."""
    if array.dtype.kind == "f":
        return array.dtype.itemsize <= 8
    return not array.size or (array.min() >= -(2**53) and array.max() <= 2**53)


def _bytes(row: np.ndarray) -> bytes:
    return (row.astype(np.float64) + 0.0).tobytes()  # + 0.0 makes −0 the 0 that it equals


def _exactly(row: np.ndarray) -> tuple:
    return tuple(row.tolist())  # Python compares whole numbers with others exactly


def _labelled(X, y) -> tuple[np.ndarray, np.ndarray]:
    check_order("X", X, "y", y)
    X = as_numbers("X", X)
    if X.ndim != 2 or not len(X):
        raise ValueError(f"X must have shape (n, n_features), n at least 1, not {X.shape}")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        raise ValueError(not_finite("X", X))
    far = float(max(abs(X.max()), abs(X.min()))) if X.size else 0.0
    if far > FAR:
        raise ValueError(f"X goes to {far:g}, and its squares beyond float64: scale it first")
    return X, as_labels(y, len(X), name="the labels y")
