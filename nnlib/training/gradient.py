"""The gradient of a batch, worked out in pieces where it must be, and by several threads if asked.

    ∇C(batch) = Σ over pieces of (size of the piece / size of the batch) · ∇C(piece)

The loss is a mean over samples, so the gradient of a batch is the mean of its pieces', each
weighted by its share of the samples. A live lab cannot wait for a batch of 60,000 samples: it
asks for one piece at a time, some milliseconds' work, and draws a frame in between.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 12.1.3 (data parallelism).
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..backprop import Gradients
from ..support.checks import as_whole
from ..support.workers import Workers, blocks
from .batches import Batch, Rows, rows_at_once

# Writes ∇C of some rows of the data into `Gradients` and returns their C; the last argument
# tells where in the batch these rows begin.
GradientOfRows = Callable[[Rows, Gradients, int], float]


class BatchGradient:
    """∇C of one batch after another, a piece at a time.

    of_rows   does the mathematics: see `GradientOfRows`
    at_once   how many samples a piece has; by default some milliseconds' worth
    workers   the threads that share each piece

    `gradients` is ∇C of the latest complete batch; `batch` is the one under way, or None.
    """

    def __init__(
        self,
        of_rows: GradientOfRows,
        layers: Sequence[int],
        dtype: npt.DTypeLike,
        workers: Workers,
        at_once: int | None = None,
    ):
        self._of_rows = of_rows
        self._workers = workers
        self.gradients = Gradients(layers, dtype)
        if at_once is None:
            at_once = rows_at_once(self.gradients.vector.size, passes=3)
        self.at_once = as_whole("at_once", at_once, at_least=1, hint="samples worked on together")
        self._piece = Gradients(layers, dtype)
        self._parts = [Gradients(layers, dtype) for _ in range(workers.n)] if workers.n > 1 else []
        self.end()

    def begin(self, batch: Batch) -> Batch:
        """Take up a batch, from its first sample, and return it."""
        self.batch: Batch | None = batch
        self._done = 0  # how many of its samples have been through backward
        self._loss = 0.0  # their part of its loss
        return batch

    def end(self) -> None:
        """Put the batch away: it has been used."""
        self.batch = None

    def advance(self) -> float | None:
        """Work through the next piece of the batch; return the batch's C once it was the last.

        The batch stays until another begins: if it cannot be used, it is worked through again.
        """
        batch, start = self.batch, self._done
        assert batch is not None, "begin(batch) comes before advance()"
        stop = min(start + self.at_once, batch.size)
        if stop - start == batch.size:
            return self._gradient(batch, start, stop, self.gradients)
        if start == 0:
            self.gradients.vector[...], self._loss = 0, 0.0
        loss = self._gradient(batch, start, stop, self._piece)
        share = (stop - start) / batch.size
        self.gradients.vector += share * self._piece.vector
        self._loss += share * loss
        self._done = stop % batch.size
        return None if self._done else self._loss

    def _gradient(self, batch: Batch, start: int, stop: int, into: Gradients) -> float:
        """Write ∇C of samples start … stop − 1 of the batch into `into`, and return their C."""
        shares = self._workers.shares(stop - start)
        if len(shares) == 1:
            return self._of_rows(batch.rows(start, stop), into, start)
        parts = self._parts[: len(shares)]

        def work(share: slice, part: Gradients) -> float:
            rows = batch.rows(start + share.start, start + share.stop)
            with np.errstate(over="ignore", invalid="ignore"):  # it holds for one thread alone
                return self._of_rows(rows, part, start + share.start)

        losses = self._workers.map(work, shares, parts)
        weights = [(share.stop - share.start) / (stop - start) for share in shares]

        def average(block: slice) -> None:
            total = into.vector[block]
            np.multiply(parts[0].vector[block], weights[0], out=total)
            for part, weight in zip(parts[1:], weights[1:], strict=True):
                total += weight * part.vector[block]

        self._workers.map(average, blocks(into.vector.size))
        into.delta = [None] * len(into.delta)
        return float(sum(weight * loss for weight, loss in zip(weights, losses, strict=True)))
