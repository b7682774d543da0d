"""Painting: points that a learner puts on the plane and takes away while a network trains."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..network import NeuralNetwork
from ..training.evaluation import Evaluator
from ..training.trainer import Trainer
from .plane_points import LIMIT, MOST_CLASSES
from .training_lab import TrainingLab

PAINTED = "painted"  # the name of the data set
MOST_PAINTED = 1000

# Steps of the golden ratio fall evenly into [0, 1), wherever one stops.
GOLDEN = (5**0.5 - 1) / 2


class Painted:
    """Points that come and go one by one, each with its class and a lasting part to play.

    `rows`, shape (n, 4), holds x, y, the label, and a number in [0, 1) that never changes:
    a point is for validation if that number is the training share or more.
    """

    def __init__(self, rows=()):
        self.rows = np.array(rows, np.float64).reshape(-1, 4)
        self._made = len(self.rows)

    @classmethod
    def of(cls, X, y, validation, share: float) -> "Painted":
        """Return these points, playing the parts they play now at this training share."""
        even = np.arange(1, len(X) + 1) * GOLDEN % 1
        part = np.where(validation, share + (1 - share) * even, share * even)
        X = np.clip(X, -LIMIT, LIMIT)
        return cls(np.column_stack([np.round(X, 3), y, part]))

    @classmethod
    def from_settings(cls, points, share: float) -> "Painted":
        """Return the points of a list of [x, y, class] or [x, y, class, is for validation]."""
        painted = cls()
        if isinstance(points, (str, dict)) or not np.iterable(points):
            raise ValueError(f"points={points!r} must be a list of [x, y, class]")
        for point in points:
            row = list(point) if np.iterable(point) and not isinstance(point, str) else []
            painted.add([row[:3]])
            if len(row) > 3:
                even = painted.rows[-1, 3]
                painted.rows[-1, 3] = share + (1 - share) * even if row[3] else share * even
        return painted

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, points) -> None:
        """Add points [x, y, class]; no more than MOST_PAINTED are kept. Raises ValueError."""
        new = []
        for point in points:
            try:
                x, y, label = (float(v) for v in point)
                fine = abs(x) <= LIMIT and abs(y) <= LIMIT and label in range(MOST_CLASSES)
            except (TypeError, ValueError):
                fine = False
            if not fine:
                raise ValueError(
                    f"{point!r} cannot be painted: a point is [x, y, class], with x and y from "
                    f"−{LIMIT} to {LIMIT}, and a class from 0 to {MOST_CLASSES - 1}"
                )
            self._made += 1
            new.append([round(x, 3), round(y, 3), label, self._made * GOLDEN % 1])
        new = new[: MOST_PAINTED - len(self.rows)] if len(self.rows) < MOST_PAINTED else []
        if new:
            self.rows = np.vstack([self.rows, new])

    def erase(self, x: float, y: float, radius: float) -> None:
        """Take away the points within `radius` of (x, y)."""
        far = np.hypot(self.rows[:, 0] - x, self.rows[:, 1] - y) > radius
        self.rows = self.rows[far]

    def data(self, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (X, y, validation): shapes (n, 2), (n,), (n,).

        Two points or more are always split, so that at least one is for each part.
        """
        part = self.rows[:, 3]
        validation = part >= share
        if len(part) > 1:
            validation[part.argmax()] = True
            validation[part.argmin()] = False
        return self.rows[:, :2], self.rows[:, 2].astype(np.int64), validation

    def for_settings(self, share: float) -> list:
        """Return what `from_settings` takes: plain numbers, which JSON can hold."""
        validation = self.data(share)[2]
        return [
            [float(x), float(y), int(label), int(v)]
            for (x, y, label, _), v in zip(self.rows, validation, strict=True)
        ]


class Painting(TrainingLab):
    """A lab whose points may be painted while it trains: training goes on, with the same network.

    A subclass makes its data, network and trainer from its settings; it has the traits named here.
    """

    dataset: Any
    share: Any
    seed: Any
    activation: Any
    init: Any
    _painted: Painted | None = None
    _turning_to_paint = False  # while the data change in name alone
    _waiting = ""  # why there is nothing to train on, if so
    _start_weights: list[np.ndarray]  # of the network that is trained

    def _data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the points, their labels, and a mask of those for validation."""
        raise NotImplementedError

    def _make(self, network, X, y, validation, optimizer) -> Trainer:
        """Return a trainer of this network on these points."""
        raise NotImplementedError

    def _place(self, X, y, validation) -> None:
        """Show these points from now on."""
        raise NotImplementedError

    def paint(self, points) -> None:
        """Add points, a list of [x, y, class], x and y from −1.2 to 1.2 as they are drawn.

        The first stroke turns the points there are into painted ones: dataset "painted".
        """
        self._turn_to_paint().add(points)
        self._repaint()

    def erase(self, x: float, y: float, radius: float = 0.1) -> None:
        """Take away the points within `radius` of (x, y)."""
        self._turn_to_paint().erase(x, y, radius)
        self._repaint()

    def clear(self) -> None:
        """Take all points away, to paint on an empty plane."""
        self._turn_to_paint()
        self._painted = Painted()
        self._repaint()

    def _turn_to_paint(self) -> Painted:
        """Return the painted points; at the first stroke they are those there are."""
        if self.dataset == PAINTED and self._painted is not None:
            return self._painted
        self._painted = Painted.of(*self._data(), self.share)
        self._turning_to_paint = True  # this change of the data does not restart training
        try:
            self.dataset = PAINTED
        finally:
            self._turning_to_paint = False
        return self._painted

    def _repaint(self) -> None:
        """Go on training, with the points as they are now."""
        old = self.trainer
        X, y, validation = self._data()
        if self._waiting:
            self.pause()
        else:
            outputs = max(old.network.layers[-1], int(y.max()) + 1)
            network = old.network
            if outputs > network.layers[-1]:
                network = self._grown(network, outputs)
                old.optimizer.reset()  # what it remembers is of other parameters
            trainer = self._make(network, X, y, validation, old.optimizer)
            # The present epoch ends: its order was one of other points.
            position = replace(old.batches.position, left=0)
            if network is old.network:
                trainer.restore(replace(old.snapshot(), position=position, batch=None))
            else:
                trainer.updates, trainer.samples_seen = old.updates, old.samples_seen
                trainer.batches.position = position
            evaluator = Evaluator(
                network, X[validation], y[validation], trainer.loss, at_once="frame"
            )
            self.training.continue_with(trainer, evaluator)
            self._apply_settings()
            self.forget_moments()
        self._place(X, y, validation)
        self.send_frame()

    def _grown(self, network, outputs: int) -> NeuralNetwork:
        """Return a network with more outputs that has learned all that this one has."""
        grown = NeuralNetwork(
            [*network.layers[:-1], outputs], hidden=self.activation, init=self.init, seed=self.seed
        )
        for mine, theirs in ((grown.weights, network.weights), (grown.biases, network.biases)):
            for new, old in zip(mine, theirs, strict=True):
                new[..., : old.shape[-1]] = old
        start = [W.copy() for W in grown.weights]
        for new, old in zip(start, self._start_weights, strict=True):
            new[:, : old.shape[1]] = old
        self._start_weights = start
        return grown
