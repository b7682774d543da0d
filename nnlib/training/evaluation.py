"""How good is the network on data it does not train on: loss and accuracy."""

from dataclasses import dataclass

import numpy as np

from ..forward import forward_pass
from ..losses import get_loss
from ..support.blas import blas_threads
from ..support.checks import as_input
from ..targets import encode_target, one_hot
from .batches import rows_at_once


@dataclass(frozen=True)
class Score:
    """`loss`, and `accuracy` as a share of 1 (None if the target is no class)."""

    loss: float
    accuracy: float | None


class Evaluator:
    """Loss and accuracy over a data set, a chunk of it at a time.

    `advance()` looks at one chunk and returns None until the last, then the
    `Score`; so whoever calls it can do other things in between, but must leave
    the network alone. Input is checked once, when the evaluator is built.
    """

    def __init__(self, network, X, target, loss):
        self.network, self.loss = network, get_loss(loss)
        self.chunk = rows_at_once(network.parameters.size, passes=1)
        self.X = as_input(X, network.layers[0], network.dtype)
        self.y = encode_target(target, len(self.X), network, self.loss)
        self.target = target
        self.labels = _classes_of(self.y, target)
        self.restart()

    def restart(self) -> None:
        """Forget the chunks seen so far."""
        self._start, self._loss, self._right = 0, 0.0, 0

    def advance(self) -> Score | None:
        """Look at the next chunk; return the score once all rows have been seen."""
        n, rows = self.network, slice(self._start, self._start + self.chunk)
        X, y = self.X[rows], self.y[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            trace = forward_pass(n.weights, n.biases, n.activations, X)
            self._loss += self.loss.value(trace, y) * len(X)
        if self.labels is not None:
            self._right += int((_classes(trace.output) == self.labels[rows]).sum())
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


def evaluate(network, X, target, loss) -> Score:
    """Return the loss and the accuracy of `network` on X, shape (n_samples, n_0).

    Raises ValueError for input that does not fit. Memory does not grow with X.
    """
    with blas_threads(1):
        return Evaluator(network, X, target, loss).finish()


def accuracy(network, X, labels) -> float:
    """Return the share of rows of X whose predicted class is the label: 0 to 1.

    Labels are integers of shape (n_samples,).
    """
    labels = np.asarray(labels)
    if labels.shape != (len(X),):
        raise ValueError(
            f"X has {len(X)} rows but the labels have shape {labels.shape}: "
            f"they must have shape ({len(X)},)"
        )
    return float((network.predict(X) == labels).mean())


def confusion_matrix(labels, predicted, n_classes: int) -> np.ndarray:
    """Return counts of shape (n_classes, n_classes): row the true class, column the predicted.

    Both are integers from 0 to n_classes − 1, of shape (n_samples,).
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.shape != predicted.shape:
        raise ValueError(f"labels {labels.shape} and predicted {predicted.shape} differ in shape")
    true, said = (one_hot(y, n_classes, np.int64) for y in (labels, predicted))
    return true.T @ said


def _classes(output: np.ndarray) -> np.ndarray:
    return output[:, 0] > 0.5 if output.shape[1] == 1 else output.argmax(axis=1)


def _classes_of(y: np.ndarray, target) -> np.ndarray | None:
    """Return the class each row of y stands for, or None if the target is a regression's."""
    labelled = np.asarray(target).dtype.kind in "biu" or np.isin(y, (0, 1)).all()
    if not labelled or (y.shape[1] > 1 and not (y.sum(axis=1) == 1).all()):
        return None
    if y.shape[1] == 1:
        return y[:, 0] > 0.5 if np.isin(y, (0, 1)).all() else None
    return y.argmax(axis=1)
