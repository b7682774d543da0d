"""A curve of any length in a bounded number of points.

Training makes thousands of updates a second; a picture is some hundreds of
pixels wide. A `Curve` keeps at most `capacity` points; when they are full, each two
neighbours become one, and from then on a point stands for twice as many values.
So neither memory nor the cost of a frame grows with the length of a run.
"""

import numpy as np


def thinned(points: np.ndarray, most: int) -> np.ndarray:
    """Return a curve's points, shape (4, n), thinned to at most `most`: neighbours become one."""
    n = points.shape[1]
    if n <= most:
        return points.copy()
    starts = np.arange(0, n, -(-n // most))
    counts = np.diff(np.append(starts, n))
    x, mean, low, high = points
    return np.vstack(
        [
            x[np.append(starts[1:], n) - 1],
            np.add.reduceat(mean, starts) / counts,
            np.minimum.reduceat(low, starts),
            np.maximum.reduceat(high, starts),
        ]
    )


def running_mean(mean: float | None, value: float, rate: float = 0.02) -> float:
    """Return a mean in which each new value counts by `rate`; the first is the mean itself."""
    return value if mean is None else mean + rate * (value - mean)


def trend(values: np.ndarray) -> str:
    """Say whether the last fifth of a curve lies below or above the fifth before it.

    It is 'falling', 'rising' or 'level'; nothing if there are fewer than two values.
    """
    if len(values) < 2:
        return ""
    fifth = max(1, len(values) // 5)
    last, before = values[-fifth:].mean(), values[-2 * fifth : -fifth].mean()
    if not (np.isfinite(last) and np.isfinite(before)):
        return ""
    if abs(last - before) <= 0.005 * abs(before):
        return "level"
    return "falling" if last < before else "rising"


class Curve:
    """Values over x, thinned as they come: x, mean, lowest and highest of each point."""

    def __init__(self, capacity: int = 1024):
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity={capacity!r} must be an even number, 2 or more")
        self._points = np.empty((4, capacity))
        self.clear()

    def clear(self) -> None:
        """Forget all values."""
        self._length = 0
        self._stride = 1  # how many values a full point stands for
        self._open: list[float] | None = None  # count, x, sum, low, high of the point being filled

    def append(self, x: float, value: float) -> None:
        """Add a value; `x` must not be smaller than the one before."""
        if self._open is None:
            self._open = [1, x, value, value, value]
        else:
            point = self._open
            point[0] += 1
            point[1] = x
            point[2] += value
            point[3] = min(point[3], value)
            point[4] = max(point[4], value)
        if self._open[0] == self._stride:
            count, *point = self._open
            point[1] /= count
            self._points[:, self._length] = point
            self._length += 1
            self._open = None
            if self._length == self._points.shape[1]:
                self._halve()

    def _halve(self) -> None:
        x, mean, low, high = (row.reshape(-1, 2) for row in self._points)
        half = len(x)
        self._points[:, :half] = (
            x[:, 1],
            mean.mean(axis=1),
            low.min(axis=1),
            high.max(axis=1),
        )
        self._length, self._stride = half, self._stride * 2

    def points(self) -> np.ndarray:
        """Return a copy of the points, shape (4, n): x, mean, lowest, highest."""
        points = self._points[:, : self._length]
        if self._open is None:
            return points.copy()
        count, x, total, low, high = self._open
        return np.column_stack([points, [x, total / count, low, high]])

    def cut(self, x: float) -> None:
        """Forget what came after x. A point that stands for values on both sides goes too."""
        if self._open is not None and self._open[1] > x:
            self._open = None
        self._length = int(np.searchsorted(self._points[0, : self._length], x, side="right"))

    def __len__(self) -> int:
        return self._length + (self._open is not None)
