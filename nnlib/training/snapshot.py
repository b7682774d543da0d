"""A moment of training, and the way back to it.

What comes next depends on no more than this:

    parameters   x
    memory       what the optimizer remembers (v, s, m) and how many updates it has counted
    position     the epoch, how many of its samples are still to come, and the state of the
                 random generator from which their order was drawn
    batch        if a large batch is half-way through its pieces: it begins again

So a trainer put back there makes the very same updates again, number for number, as
long as its settings (learning rate, batch size, kind of optimizer) are the same. They may
also be others: then it tries from there what would have come of them.
"""

from dataclasses import dataclass

import numpy as np

from .batches import Batch, Position


@dataclass(frozen=True)
class Snapshot:
    """What `Trainer.snapshot` keeps; a copy, which no later update changes.

    updates, samples_seen  the trainer's counts
    parameters, gradient   shape (n_parameters,); the gradient is that of the latest update
    optimizer              the kind of optimizer whose `memory` this is
    memory                 {name: vector (n_parameters,)}, and under 'updates' its count
    position, batch        where the batches are, and the one under way, if one is
    """

    updates: int
    samples_seen: int
    parameters: np.ndarray
    gradient: np.ndarray
    optimizer: type
    memory: dict
    position: Position
    batch: Batch | None

    @property
    def nbytes(self) -> int:
        """The bytes of its vectors: all but about a thousand of what it takes up."""
        vectors = [self.parameters, self.gradient, *self.memory.values()]
        if self.batch is not None:
            vectors.append(self.batch.order)
        return sum(v.nbytes for v in vectors if isinstance(v, np.ndarray))
