"""Data-parallel training: the gradient of each batch is shared among workers.

The loss of a batch B of n samples is the mean of what its samples cost, C(B) = 1/n Σᵢ cᵢ. Cut B
into shards S₁ … S_K of n₁ … n_K samples. A sum may be taken in parts, so

    C(B) = 1/n Σ over i in B of cᵢ = Σₖ 1/n Σ over i in Sₖ of cᵢ = Σₖ nₖ/n · C(Sₖ)

and, the gradient of a sum being the sum of the gradients,

    ∇C(B) = Σₖ nₖ/n · ∇C(Sₖ)

So each worker works out the gradient of one shard, at the same parameters x, and the mean of
these, weighted by the sizes of the shards, is the gradient of the batch: no approximation. (The
plain mean would be, unless all shards are as large. Nor does it hold for layers that look at
several samples at once, as batch normalization does; nnlib has none.) The optimizer then moves x
once, here, as it always does.

To the last bit it is what `Trainer(…, at_once=n₁)` does in one process, for the pieces of a batch
are added up in the same order; what is random in dropout and distortion depends on the seed, the
update and the place in the batch, and not on who works it out. With the gradient of the whole
batch at once it agrees to rounding only: aᵀδ sums over the samples, floating-point sums depend on
their order, and another number of workers is another order.

What it costs: for each update every worker is sent the P parameters and sends P numbers back,
however small the batch. So it pays where the gradient of a shard takes much longer than that; see
docs/cluster.md for how much that is.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 12.1.3; Dean and others,
*Large scale distributed deep networks* (2012), for the parameters kept in one place.
"""

import numpy as np

from ..backprop import Gradients
from ..support.blas import blas_threads
from ..support.sharing import sharing
from ..training.batches import Batch, Rows
from ..training.gradient import BatchGradient, GradientOfRows
from ..training.trainer import Trainer
from .workers import Workers

LOST = "Actor was lost"  # what Dask says of a replica whose worker is gone


def data_parallel(trainer: Trainer, workers: Workers) -> Trainer:
    """Let `workers` work out the gradients of `trainer`, a shard of each batch each; return it.

    >>> with Workers(2) as workers:
    ...     for record in data_parallel(trainer, workers):
    ...         if record.end_of_epoch:
    ...             break

    trainer   of which each worker gets a copy, with all its data, once
    workers   those that are there now: a shard is as many samples as make one for each

    Raises TypeError if the two are something else. When a worker is lost, the next update raises
    ConnectionError and is not made, and the network stays as it is: `data_parallel(trainer,
    workers)` again goes on from there, with those that are left.
    """
    if not isinstance(trainer, Trainer):
        raise TypeError(f"trainer must be a Trainer, not {type(trainer).__name__}")
    if not isinstance(workers, Workers):
        raise TypeError(
            f"workers must be Workers, not {type(workers).__name__}: with Workers() as workers: …"
        )
    under_way = trainer.gradient.batch
    vars(trainer)["gradient"] = ShardedGradient(trainer, workers)
    if under_way is not None:
        trainer.gradient.begin(under_way)
    return trainer


class Replica:
    """A trainer's copy in a worker: it works out gradients, and makes no update."""

    def __init__(self, trainer: Trainer):
        self._trainer = trainer
        self._into = Gradients(trainer.network.layers, trainer.network.dtype)

    @np.errstate(over="ignore", invalid="ignore")  # as in `Trainer.advance`
    def gradient(
        self, parameters: np.ndarray, rows: Rows, update: int, first: int
    ) -> tuple[float, np.ndarray]:
        """Return C and ∇C, shape (P,), of these rows of the data, at these parameters."""
        trainer = self._trainer
        trainer.network.parameters = parameters
        trainer.updates = update
        with blas_threads(1), sharing(1):
            loss = trainer.loss_and_gradient(rows, self._into, first)
        return loss, self._into.vector

    def echo(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the parameters: what it costs to move them, and nothing else."""
        return 0.0, parameters


class ShardedGradient(BatchGradient):
    """∇C of one batch after another, each shard of it worked out by another worker."""

    def __init__(self, trainer: Trainer, workers: Workers):
        network = trainer.network
        super().__init__(network.layers, network.dtype)
        self._trainer = trainer
        addresses, client = workers.ready(), workers.client
        # In a list, since a trainer is an iterator, which Dask would take for several things.
        (twin,) = client.scatter([_without_gradient(trainer)], broadcast=True, hash=False)
        made = [client.submit(Replica, twin, actor=True, workers=[a]) for a in addresses]
        self.replicas = [future.result() for future in made]

    def shards(self, batch: Batch) -> list[tuple[int, int]]:
        """Return where in the batch each shard starts and stops."""
        full = self._trainer.batch_size or batch.size
        size = -(-full // len(self.replicas))
        return [(i, min(i + size, batch.size)) for i in range(0, batch.size, size)]

    def advance(self, of_rows: GradientOfRows) -> float:
        """Work through the batch, all shards at once; return its C.

        Each worker does it with the `loss_and_gradient` of its own copy of the trainer, not with
        `of_rows`.
        """
        batch, trainer = self.batch, self._trainer
        assert batch is not None, "begin(batch) comes before advance()"
        parameters, shards = trainer.network.parameters, self.shards(batch)
        try:
            asked = [
                replica.gradient(parameters, batch.rows(start, stop), trainer.updates, start)
                for replica, (start, stop) in zip(self.replicas, shards, strict=False)
            ]
            found = [future.result() for future in asked]
        except (OSError, RuntimeError) as error:
            if not isinstance(error, OSError) and LOST not in str(error):
                raise  # of the training itself
            raise ConnectionError(
                f"a worker was lost at update {trainer.updates + 1}, which was not made, and the "
                f"network is as it was ({error}): data_parallel(trainer, workers) goes on with "
                "those that are left"
            ) from None
        loss = 0.0
        self.gradients.vector[...] = 0
        for (start, stop), (loss_of_shard, vector) in zip(shards, found, strict=True):
            share = (stop - start) / batch.size
            self.gradients.vector += share * vector
            loss += share * loss_of_shard
        return loss


def _without_gradient(trainer: Trainer) -> Trainer:
    """Return the same trainer with nothing that works out gradients, which may be of workers."""
    twin = object.__new__(type(trainer))
    twin.__dict__ = {**trainer.__dict__, "gradient": None}
    return twin
