"""Targets: what the network should have said, in the one form the losses take.

Whatever a learner passes (class labels, one-hot rows, a column of numbers)
becomes y of shape (n_samples, n_L) here, once, or is refused with a reason.
An array of shape (n,) beside one of shape (n, 1) is the classic silent error
(their difference has shape (n, n)); after this door it cannot happen.
"""

import numpy as np
import numpy.typing as npt

from .losses import CrossEntropy, Loss
from .network import NeuralNetwork
from .support.arrays import as_labels, as_numbers, not_finite
from .support.checks import as_whole
from .support.words import shown

NUMBERED = "np.unique(target, return_inverse=True)[1] numbers classes from 0"


def one_hot(labels: npt.ArrayLike, n_classes: int, dtype: npt.DTypeLike = "float32") -> np.ndarray:
    """Return rows of zeros with a 1 at each label: (n_samples,) gives (n_samples, n_classes).

    Labels are integers 0 … n_classes − 1; anything else raises ValueError.
    """
    labels = as_labels(labels, n_classes=as_whole("n_classes", n_classes, 1, 10**8))
    try:
        numbers = dtype is not None and np.dtype(dtype).kind in "biuf"
    except (TypeError, ValueError, SyntaxError):  # numpy reads a text with a comma as Python
        numbers = False
    if not numbers:
        raise ValueError(f"dtype={shown(dtype)} must be a type of numbers, for example 'float32'")
    y = np.zeros((len(labels), n_classes), dtype)
    y[np.arange(len(labels)), labels] = 1
    return y


def encode_target(
    target: npt.ArrayLike, n_samples: int, network: NeuralNetwork, loss: Loss
) -> np.ndarray:
    """Return `target` as y of shape (n_samples, n_L), in the network's dtype.

    Integers of shape (n_samples,) are class labels, made one-hot; with a single
    output they are kept as numbers (0 or 1 for cross-entropy). Floats of shape
    (n_samples,) are a column if there is a single output. Anything of shape
    (n_samples, n_L) is taken as it is. For cross-entropy every y must be a
    probability, and after softmax each row must sum to 1.
    """
    output, k = network.activations[-1], network.layers[-1]
    loss.check(output)
    if k == 1 and output.name == "softmax" and isinstance(loss, CrossEntropy):
        raise ValueError(
            "softmax over a single output is always 1, so there is nothing to learn: use "
            "output='sigmoid' for a yes/no question, or one output for each class"
        )
    y = as_numbers("the target", target, "" if output.name == "identity" else f": {NUMBERED}")
    if y.ndim == 0 or len(y) != n_samples:
        rows = "no rows" if y.ndim == 0 else f"{len(y)} rows"
        raise ValueError(
            f"X has {n_samples} rows but the target has {rows}: each sample needs one target"
        )
    if not np.isfinite(y).all():
        raise ValueError(not_finite("the target", y))
    if y.ndim == 1 and k > 1:
        if y.dtype.kind == "f":
            raise ValueError(
                f"the target has shape {y.shape} and type {y.dtype}, but the network has {k} "
                "outputs: class labels must be integers (use np.asarray(target, int)); for "
                f"regression the target must have shape ({n_samples}, {k})"
            )
        return one_hot(y, k, network.dtype)
    if y.ndim == 1:
        if isinstance(loss, CrossEntropy) and (y == np.round(y)).all():
            _check_two_classes(y)
        y = y[:, None]
    if y.shape != (n_samples, k):
        values = "one value" if k == 1 else f"one value for each of the {k} outputs"
        cure = ", for a column of labels np.ravel(target)," if y.shape == (n_samples, 1) else ""
        raise ValueError(
            f"the target has shape {y.shape}, but the output layer gives {(n_samples, k)}: "
            f"pass labels of shape ({n_samples},){cure} or {values} a sample"
        )
    with np.errstate(over="ignore"):
        y = y.astype(network.dtype)
    if not np.isfinite(y).all():
        raise ValueError(
            f"{not_finite('the target', y)}: {network.dtype} has no numbers that large"
        )
    if isinstance(loss, CrossEntropy):
        _check_probabilities(y, output.name)
    return y


def _check_two_classes(y: np.ndarray) -> None:
    """Raise ValueError unless labels for a single output are 0 and 1."""
    low, high = (int(end) for end in (y.min(), y.max()))
    if low < 0 or high > 1:
        if (low, high) == (1, 2):
            advice = "the labels start at 1: subtract 1"
        elif low >= 0:
            advice = (
                "a single output tells two classes apart, 0 and 1. Give the network "
                f"{high + 1} outputs and output='softmax', or for numbers to be predicted use MSE"
            )
        else:
            advice = "a single output tells two classes apart, 0 and 1; for −1 use 0"
        raise ValueError(
            f"cross-entropy needs targets between 0 and 1, but they run from {low} to {high}: "
            f"{advice}"
        )


def _check_probabilities(y: np.ndarray, output: str) -> None:
    """Raise ValueError unless y can be the target of cross-entropy."""
    if y.min() < 0 or y.max() > 1:
        raise ValueError(
            f"cross-entropy needs targets between 0 and 1, but they run from {y.min():g} to "
            f"{y.max():g}: for numbers to be predicted use MSE"
        )
    sums = y.sum(axis=1)
    if output == "softmax" and not np.allclose(sums, 1, atol=1e-4):
        row = np.abs(sums - 1).argmax()
        raise ValueError(
            f"after softmax each target row must sum to 1, but row {row} sums to {sums[row]:g}: "
            "pass integer labels or one-hot rows"
        )
