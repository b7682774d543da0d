"""The gradient of a batch, worked out in pieces where it must be.

    ∇C(batch) = Σ over pieces of (size of the piece / size of the batch) · ∇C(piece)

The loss is a mean over samples, so the gradient of a batch is the mean of its pieces', each
weighted by its share of the samples. A live lab cannot wait for a batch of 60,000 samples: it
asks for one piece at a time, some milliseconds' work, and draws a frame in between. Elsewhere a
batch is worked through as a whole, unless that would take much memory.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 8.1.3.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..backprop import Gradients
from .batches import Batch, Rows, rows_at_once

# Writes ∇C of some rows of the data into `Gradients` and returns their C; the last argument
# tells where in the batch these rows begin.
GradientOfRows = Callable[[Rows, Gradients, int], float]


class BatchGradient:
    """∇C of one batch after another, a piece at a time.

    at_once   how many samples a piece has at most, as for `Trainer`

    `gradients` is ∇C of the latest complete batch; `batch` is the one under way, or None.
    """

    def __init__(
        self,
        layers: Sequence[int],
        dtype: npt.DTypeLike,
        at_once: "int | str | None" = None,
    ):
        self.gradients = Gradients(layers, dtype)
        self.at_once = rows_at_once(at_once, layers, np.dtype(dtype).itemsize, passes=3)
        self._piece: Gradients | None = None  # made when a batch has more than one
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

    def advance(self, of_rows: GradientOfRows) -> float | None:
        """Work through the next piece of the batch; return the batch's C once it was the last.

        `of_rows` does the mathematics. It is not kept: a trainer that is no longer used would
        hold itself, and its data, until Python looks for such circles.

        The batch stays until another begins: if it cannot be used, it is worked through again.
        """
        batch, start = self.batch, self._done
        assert batch is not None, "begin(batch) comes before advance()"
        stop = min(start + self.at_once, batch.size)
        if stop - start == batch.size:
            return of_rows(batch.rows(start, stop), self.gradients, start)
        if start == 0:
            self.gradients.vector[...], self._loss = 0, 0.0
        if self._piece is None:
            self._piece = Gradients(self.gradients.layers, self.gradients.vector.dtype)
        loss = of_rows(batch.rows(start, stop), self._piece, start)
        share = (stop - start) / batch.size
        self.gradients.vector += share * self._piece.vector
        self._loss += share * loss
        self._done = stop % batch.size
        return None if self._done else self._loss
