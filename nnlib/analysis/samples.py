"""Samples one by one: which are unusual, which are hard, which occur twice.

A mean over thousands hides what a look at the right few shows. Before any training

    μ_c = mean of the samples of class c          d(x) = ‖x − μ_c‖, how far x is from its own

The largest distances are worth a look: bad handwriting, or a wrong label. After training, so is
each cell of the confusion matrix: what does the network take for what?

The other thing to make sure of is that no sample used for testing was also trained on: a copy is
remembered, not recognized, and the accuracy looks better than it is.
"""

import numpy as np

from ..network import CHUNK
from ..support.checks import as_input


def class_means(X, y) -> np.ndarray:
    """Return μ_c for each class, shape (n_classes, n_features).

    X has shape (n, n_features), and y labels from 0, integers of shape (n,). Raises ValueError
    for other shapes, or if a class between 0 and the largest label has no sample.
    """
    X, y = _labelled(X, y)
    counts = np.bincount(y)
    if not counts.all():
        raise ValueError(f"class {counts.argmin()} has no sample, so it has no mean")
    return np.array([X[y == c].mean(axis=0) for c in range(len(counts))])


def distance_from_mean(X, y, means=None) -> np.ndarray:
    """Return d(x) = ‖x − μ_c‖ for each row x of X and its class c, shape (n,).

    `means`, shape (n_classes, n_features), may be those of other samples (of the training
    images, say); by default they are `class_means(X, y)`. np.argsort(−d) puts the farthest first.
    """
    X, y = _labelled(X, y)
    means = class_means(X, y) if means is None else np.asarray(means)
    if means.ndim != 2 or means.shape[1] != X.shape[1] or len(means) <= y.max():
        raise ValueError(
            f"means have shape {means.shape}, but X has shape {X.shape} and labels up to {y.max()}"
        )
    return np.linalg.norm(X - means[y], axis=1)


def outputs(network, X) -> np.ndarray:
    """Return a⁽ᴸ⁾ for each row of X, shape (n, n_L). Memory does not grow with hidden layers.

    X has shape (n, n_0); raises ValueError if it does not fit.
    """
    X = as_input(X, network.layers[0], network.dtype)
    pieces = [network.forward(X[i : i + CHUNK]).output for i in range(0, len(X), CHUNK)]
    return np.concatenate(pieces)


def cell_indices(probabilities, y, true: int, predicted: int) -> np.ndarray:
    """Return which samples lie in one cell of the confusion matrix: their indices.

    `probabilities` has shape (n, k), one row a sample, and y labels of shape (n,). Mistakes come
    the surest first, what is right the least sure first: in this order they teach most.
    """
    a, y = np.asarray(probabilities), np.asarray(y)
    if a.ndim != 2 or y.shape != (len(a),):
        raise ValueError(
            f"probabilities of shape {a.shape} need labels of shape ({len(a)},), not {y.shape}"
        )
    if not (0 <= true < a.shape[1] and 0 <= predicted < a.shape[1]):
        raise ValueError(
            f"there is no cell ({true}, {predicted}): the classes are 0 to {a.shape[1] - 1}"
        )
    inside = np.flatnonzero((y == true) & (a.argmax(axis=1) == predicted))
    sure = a[inside, predicted]
    return inside[np.argsort(sure if true == predicted else -sure, kind="stable")]


def is_duplicate_of(X, others) -> np.ndarray:
    """Return for each row of X whether `others`, of as many columns, holds the very same row."""
    X, others = np.asarray(X), np.asarray(others)
    if X.ndim != 2 or others.ndim != 2 or X.shape[1] != others.shape[1]:
        raise ValueError(
            f"X {X.shape} and the others {others.shape} must both hold rows of one length"
        )
    # + 0.0 makes −0 the 0 that it equals: the bytes are compared.
    others = np.ascontiguousarray(others.astype(X.dtype) + X.dtype.type(0))
    seen = {row.tobytes() for row in others}
    return np.array([row.tobytes() in seen for row in X + X.dtype.type(0)], bool)


def _labelled(X, y) -> tuple[np.ndarray, np.ndarray]:
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or y.shape != (len(X),) or y.dtype.kind not in "iu" or not len(y) or y.min() < 0:
        raise ValueError(
            f"X must have shape (n, n_features) and y hold labels from 0, integers of shape (n,); "
            f"X has shape {X.shape}, and y is {y.dtype} of shape {y.shape}"
        )
    return X, y
