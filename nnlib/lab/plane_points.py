"""Points of the plane: those that a learner brings as arrays, and those that a learner paints."""

import numpy as np

from ..support.arrays import as_numbers
from ..support.checks import as_input
from ..support.colours import CLASSES

# The plane that is drawn is [−LIMIT, LIMIT]², as in nnlib.analysis.maps.plane.
LIMIT = 1.2
# Each class needs a colour and a mark of its own.
MOST_CLASSES = len(CLASSES)
MOST_PAINTED = 1000

# Steps of the golden ratio fall evenly into [0, 1), wherever one stops.
GOLDEN = (5**0.5 - 1) / 2


def own_points(X, y) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (X, y, centre, scale) of a learner's own data, or raise ValueError in words.

    X of shape (n, 2) comes back as it is if it fits the plane that is drawn, and fills a
    good part of it; else each axis is shifted and scaled so that its values fill [−1, 1].
    What was given is `centre + scale * X`, both of shape (2,). The labels come back as integers.
    """
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
            "pass y.argmax(axis=1)"
        )
    if y.shape != (n,):
        hint = ": pass y.ravel()" if y.size == n else ": each point needs one label"
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
