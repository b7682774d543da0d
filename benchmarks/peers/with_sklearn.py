"""scikit-learn's `MLPClassifier`: it takes the samples it is given in shuffled batches."""

import numpy as np
from sklearn.neural_network import MLPClassifier

from . import Task


class Contender:
    """scikit-learn without its momentum and its L2 penalty: the others have none either."""

    def __init__(self, task: Task):
        self.X, self.y, self.batch_size, self.at = task.X, task.y, task.batch_size, 0
        self.classifier = MLPClassifier(
            hidden_layer_sizes=task.layers[1:-1],
            solver="sgd",
            momentum=0.0,
            alpha=0.0,
            batch_size=task.batch_size,
            learning_rate_init=task.learning_rate,
            random_state=0,
        )
        # It makes its parameters when it first sees samples; they are replaced after that.
        first = slice(0, task.batch_size)
        self.classifier.partial_fit(self.X[first], self.y[first], classes=np.arange(10))
        for (W, b), (own_W, own_b) in zip(task.start, self.parameters(), strict=True):
            own_W[...], own_b[...] = W, b

    def train(self, updates: int) -> None:
        """Make so many updates, on the next samples of the data."""
        while updates:
            n = min(updates, (len(self.X) - self.at) // self.batch_size)
            rows = slice(self.at, self.at + n * self.batch_size)
            self.classifier.partial_fit(self.X[rows], self.y[rows])
            self.at = rows.stop % len(self.X)
            updates -= n

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row of X."""
        return self.classifier.predict(X)

    def parameters(self) -> list:
        """Return (W, b) of each layer."""
        return list(zip(self.classifier.coefs_, self.classifier.intercepts_, strict=True))
