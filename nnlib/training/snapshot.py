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
from typing import TYPE_CHECKING, Any

import numpy as np

from .batches import Batch, Position

if TYPE_CHECKING:
    from .trainer import Trainer


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
    memory: dict[str, Any]
    position: Position
    batch: Batch | None

    @classmethod
    def of(cls, trainer: "Trainer") -> "Snapshot":
        """Return a copy of all that decides what this trainer does next."""
        batch = trainer.gradient.batch
        if batch is not None and batch.order is not None:
            batch = batch._replace(order=batch.order.copy())  # not a part of the epoch's order
        return cls(
            trainer.updates,
            trainer.samples_seen,
            trainer.network.parameters.copy(),
            trainer.gradients.vector.copy(),
            type(trainer.optimizer),
            trainer.optimizer.state(),
            trainer.batches.position,
            batch,
        )

    def put_into(self, trainer: "Trainer") -> None:
        """Put the trainer where it was when this snapshot was taken.

        Its settings stay as they are: learning rate, batch size, penalties, optimizer. With
        those that followed the snapshot, the same losses follow again, exactly. An optimizer
        of another kind than was at work then starts with nothing remembered.

        Raises ValueError, and changes nothing, if the snapshot is of another network or
        of more data.
        """
        x = trainer.network.parameters
        if self.parameters.shape != x.shape:
            raise ValueError(
                f"the snapshot has {self.parameters.size} parameters and this network "
                f"{x.size}: it is of another network"
            )
        trainer.batches.position = self.position
        x[...] = self.parameters
        trainer.gradients.vector[...] = self.gradient
        trainer.gradients.delta = [None] * len(trainer.network.layers)
        if type(trainer.optimizer) is self.optimizer:
            trainer.optimizer.load_state(self.memory)
        else:
            trainer.optimizer.reset()
        trainer.updates, trainer.samples_seen = self.updates, self.samples_seen
        trainer.gradient.end()
        if self.batch is not None:
            trainer.gradient.begin(self.batch)

    @property
    def nbytes(self) -> int:
        """The bytes of its vectors: all but about a thousand of what it takes up."""
        vectors = [self.parameters, self.gradient, *self.memory.values()]
        if self.batch is not None:
            vectors.append(self.batch.order)
        return sum(v.nbytes for v in vectors if isinstance(v, np.ndarray))
