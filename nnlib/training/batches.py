"""Batches: in which order, and how many at a time, the samples are used.

    batch         all samples in every update          batch_size = None
    stochastic    one sample an update                 batch_size = 1
    mini-batch    anything in between

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 8.1.3.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..support.checks import as_seed, as_whole

# How many multiplications one piece of a large batch may cost for a lab: some milliseconds'
# worth, so that it can draw a frame in between and stays responsive.
FRAME = 1.5e8
# How many bytes a forward pass may keep at a time where nobody waits for a frame.
MEMORY = 2**26


def rows_at_once(
    at_once: "int | str | None", layers: Sequence[int], itemsize: int, passes: int
) -> int:
    """Return how many samples are worked through at a time.

    at_once    a number, which is returned; 'frame', as many as take some milliseconds; or None,
               as many as memory should hold: 64 MB, and 32 samples at the least
    layers     widths of the layers; each number takes `itemsize` bytes
    passes     how often a sample meets each weight: 1 forward, 3 with backward

    Raises ValueError for anything else.
    """
    if at_once is None:
        return max(32, MEMORY // (itemsize * (layers[0] + passes * sum(layers[1:]))))
    if isinstance(at_once, str) and at_once == "frame":
        n_weights = sum(n * m for n, m in itertools.pairwise(layers))
        return max(32, int(FRAME / (passes * n_weights)))
    hint = "samples worked on together; 'frame' is some milliseconds' worth"
    return as_whole("at_once", at_once, at_least=1, hint=hint)


# What selects samples from X: all from start to stop, or those with these numbers.
Rows = slice | np.ndarray


def take(array: np.ndarray, rows: Rows) -> np.ndarray:
    """Return these rows of an array; `take` is the faster way to rows in any order."""
    return array[rows] if isinstance(rows, slice) else array.take(rows, axis=0)


class Batch(NamedTuple):
    """The samples of one update.

    `order` holds their row numbers, or is None if they are simply all rows;
    `size` is how many they are, `epoch` counts from 1, and `end_of_epoch` tells
    that after this batch every sample has been used in this epoch.
    """

    order: np.ndarray | None
    size: int
    epoch: int
    end_of_epoch: bool

    def rows(self, start: int, stop: int) -> Rows:
        """Return what selects samples start … stop − 1 of the batch from X."""
        return slice(start, stop) if self.order is None else self.order[start:stop]


@dataclass(frozen=True, slots=True)
class Position:
    """Where `Batches` are: the epoch, how many of its samples are left, and the generator's state.

    While samples are left, that is the state *before* their order was drawn, so that
    drawing again gives it back: the order itself need not be kept.
    """

    epoch: int
    left: int
    generator: Mapping[str, Any]


class Batches:
    """An endless iterator over the batches of `n_samples` samples.

    Each epoch uses every sample once, in a new order drawn from `seed`; the last
    batch of an epoch takes what is left, however few. With `batch_size=None` the
    rows are not shuffled: the mean does not depend on their order. 'auto' is 32, or
    all samples if there are fewer.
    """

    def __init__(self, n_samples: int, batch_size: "int | str | None", seed: int | None = None):
        self.n_samples = as_whole("n_samples", n_samples, at_least=1, at_most=2**40)
        auto = isinstance(batch_size, str) and batch_size == "auto"
        self.batch_size = min(32, n_samples) if auto else batch_size
        self._rng = np.random.default_rng(as_seed(seed))
        self._epoch = 0
        self._order = np.empty(0, np.int64)  # what is left of this epoch
        # The generator's state before that order was drawn.
        self._drawn_from: Mapping[str, Any] = {}

    @property
    def batch_size(self) -> int | None:
        """Samples in a batch; None is all of them.

        Setting it acts on the next batch. The epoch goes on with the samples left in
        it, except that None starts a new epoch: its batches are always all samples.
        Anything but None or a whole number from 1 to n_samples raises ValueError.
        """
        return self._batch_size

    @batch_size.setter
    def batch_size(self, size: "int | str | None") -> None:
        if size is not None:
            hint = "1 is stochastic, None is all of the samples"
            size = as_whole("batch_size", size, 1, self.n_samples, hint)
        self._batch_size: int | None = size

    @property
    def per_epoch(self) -> int:
        """How many batches a whole epoch has."""
        return 1 if self.batch_size is None else -(-self.n_samples // self.batch_size)

    @property
    def left_in_epoch(self) -> int:
        """How many batches it takes to use each sample of the epoch; if it is done, of the next."""
        if self.batch_size is None:
            return 1
        return -(-(len(self._order) or self.n_samples) // self.batch_size)

    @property
    def position(self) -> Position:
        """Where these batches are. Setting it makes the same batches come again."""
        left = len(self._order)
        state = self._drawn_from if left else self._rng.bit_generator.state
        return Position(self._epoch, left, state)

    @position.setter
    def position(self, position: Position) -> None:
        if position.left >= self.n_samples:  # at least one was used, or the epoch had not begun
            raise ValueError(
                f"the position has {position.left} samples left of an epoch under way, but an "
                f"epoch has only {self.n_samples} here: it was taken from other data"
            )
        self._epoch = position.epoch
        self._rng.bit_generator.state = self._drawn_from = position.generator
        self._order = self._order[:0]
        if position.left:
            self._order = self._rng.permutation(self.n_samples)[-position.left :]

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> Batch:
        if self.batch_size is None:
            self._epoch += 1
            self._order = self._order[:0]
            return Batch(None, self.n_samples, self._epoch, True)
        if len(self._order) == 0:
            self._epoch += 1
            self._drawn_from = self._rng.bit_generator.state
            self._order = self._rng.permutation(self.n_samples)
        order, self._order = self._order[: self.batch_size], self._order[self.batch_size :]
        return Batch(order, len(order), self._epoch, len(self._order) == 0)
