"""How good is the network on data it does not train on: loss and accuracy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..forward import forward_pass
from ..losses import Loss
from ..network import NeuralNetwork, as_network, classes
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.blas import blas_threads
from ..support.checks import as_whole
from ..support.sharing import sharing
from .batches import rows_at_once
from .prepared import PreparedData, prepare


@dataclass(frozen=True)
class Score:
    """`loss`, and `accuracy` as a share of 1 (None if the target is not a class label)."""

    loss: float
    accuracy: float | None


class Evaluator:
    """Loss and accuracy over a data set, a chunk of it at a time.

    network    what is evaluated
    X, target  as for `Trainer`, or X alone: data that `prepare` returned
    loss       as for `Trainer`
    at_once    samples in a chunk, as for `Trainer`

    `advance()` evaluates one chunk and returns None until the last, then the `Score`; so the
    caller can do other things in between, but must leave the network alone. Input is checked
    once, when the evaluator is built.
    """

    def __init__(
        self,
        network: NeuralNetwork,
        X: "npt.ArrayLike | PreparedData",
        target: npt.ArrayLike | None = None,
        loss: "str | Loss | type[Loss] | None" = None,
        at_once: "int | str | None" = None,
    ):
        data = prepare(network, X, target, loss)
        self.network, self.X, self.y, self.loss = network, data.X, data.y, data.loss
        self.labels = data.labels
        self.at_once = rows_at_once(at_once, network.layers, network.dtype.itemsize, passes=1)
        self.restart()

    def restart(self) -> None:
        """Forget the chunks seen so far."""
        self._start, self._loss, self._right = 0, 0.0, 0

    def advance(self) -> Score | None:
        """Look at the next chunk; return the score once all rows have been seen."""
        n, rows = self.network, slice(self._start, self._start + self.at_once)
        X, y = self.X[rows], self.y[rows]
        with np.errstate(all="ignore"):
            trace = forward_pass(n.weights, n.biases, n.activations, X)
            self._loss += self.loss.value(trace, y) * len(X)
        if self.labels is not None:
            right = classes(trace.output) == self.labels[rows]
            # NaN is no class: what holds it is right for no label.
            self._right += int((right & ~np.isnan(trace.output).any(axis=1)).sum())
        self._start += len(X)
        if self._start < len(self.X):
            return None
        size = len(self.X)
        score = Score(self._loss / size, None if self.labels is None else self._right / size)
        self.restart()
        return score

    def finish(self) -> Score:
        """Look at all chunks that are left and return the score."""
        while (score := self.advance()) is None:
            pass
        return score


def evaluate(
    network: NeuralNetwork,
    X: npt.ArrayLike,
    target: npt.ArrayLike,
    loss: "str | Loss | type[Loss] | None" = None,
) -> Score:
    """Return the loss and the accuracy of `network` on X, shape (n_samples, n_0).

    Raises ValueError for input that does not fit. Memory does not grow with X.
    """
    with blas_threads(1), sharing(None):
        return Evaluator(network, X, target, loss).finish()


def accuracy(network: NeuralNetwork, X: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Return the share of rows of X whose predicted class is the label: 0 to 1.

    Labels are integers of shape (n_samples,), from 0; for a single output truth values, or
    floats that are 0 and 1, will do. Raises ValueError for others.
    """
    predicted = as_network(network).predict(X)
    check_order("X", X, "labels", labels)
    if network.layers[-1] == 1 and np.isin(yes_or_no := as_numbers("labels", labels), [0, 1]).all():
        labels = yes_or_no.astype(np.int64)  # floats, too, as in a target for one output
    labels = as_labels(labels, len(predicted), max(2, network.layers[-1]))
    return float((predicted == labels).mean())


def confusion_matrix(labels: npt.ArrayLike, predicted: npt.ArrayLike, n_classes: int) -> np.ndarray:
    """Return counts of shape (n_classes, n_classes): row the true class, column the predicted.

    Both are integers from 0 to n_classes − 1, of shape (n_samples,).
    """
    n_classes = as_whole("n_classes", n_classes, 1, 10_000)
    check_order("labels", labels, "predicted", predicted)
    labels = as_labels(labels, None, n_classes)
    predicted = as_labels(predicted, None, n_classes, "predicted")
    if labels.shape != predicted.shape:
        raise ValueError(f"labels {labels.shape} and predicted {predicted.shape} differ in shape")
    counts = np.bincount(n_classes * labels + predicted, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes)
