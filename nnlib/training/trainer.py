"""Training: gradient descent, one update after another.

    batch → forward → loss → backward → optimizer → network → next batch

A `Trainer` is an endless iterator over updates, so that a script, a test and a
widget's Run, Pause and Step all drive the same code.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 8.3.1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..backprop import Gradients, backpropagate
from ..forward import forward_pass
from ..losses import default_loss, get_loss
from ..optimizers import GradientDescent, Optimizer
from ..regularizers.adversarial import Adversarial
from ..regularizers.dropout import Dropout
from ..regularizers.penalty import add_penalty_gradient, as_rate
from ..support.blas import blas_threads
from ..support.checks import as_input
from ..support.errors import Diverged
from ..support.workers import Workers, blocks
from ..targets import encode_target
from .batches import Batch, Batches, rows_at_once
from .snapshot import Snapshot


class Record(NamedTuple):
    """What one update was.

    epoch, update    both counted from 1
    samples_seen     by all updates so far, this one included
    loss             of this batch, before the update; C alone, without L1 and L2 penalties
    learning_rate    the α that the update used
    end_of_epoch     True if every sample has now been used in this epoch
    """

    epoch: int
    update: int
    samples_seen: int
    loss: float
    learning_rate: float
    end_of_epoch: bool


class Trainer:
    """An endless iterator over the updates of `network` on the data (X, target).

    network      trained in place
    X, target    shape (n_samples, n_0), and labels (n_samples,) or values (n_samples, n_L)
    loss         MSE() or CrossEntropy(), or their names; by default cross-entropy for
                 softmax and sigmoid outputs, MSE for all others
    optimizer    GradientDescent(0.1) by default; may be replaced between updates
    batch_size   None: batch gradient descent, all samples in each update; 1:
                 stochastic; any other number: mini-batch; may be set between updates. By
                 default 'auto': 32, or all samples if there are fewer
    seed         of the shuffling: each epoch uses every sample once in a new order, its
                 last batch taking what is left over
    threads      BLAS threads while an update is made; None leaves them alone
    l1, l2       the rates λ₁ and λ₂ of `nnlib.regularizers.penalty`, 0 or more; may be set between
                 updates
    distortion   what is done to the inputs of each batch before they are used: a function
                 of X and a random generator, such as `Distortion()`
    dropout      `Dropout(...)` for the updates alone; the network itself stays whole
    adversarial  `Adversarial(...)`: samples changed against the network, as it is before the update
    workers      how many threads share each batch (see `nnlib.support.workers`)
    at_once      how many samples are worked through at a time; by default a few milliseconds'
                 worth, so that a lab stays responsive; the size of the batch is faster for a
                 large network

    What is random in distortion and dropout depends on `seed` and the number of the update
    alone, so that training can be taken up again anywhere.

    Raises ValueError at once if anything does not fit, and `Diverged`, before the update is
    made, if the loss is no longer a finite number or the parameters would not be.
    """

    def __init__(
        self,
        network,
        X,
        target,
        *,
        loss=None,
        optimizer: Optimizer | None = None,
        batch_size: "int | str | None" = "auto",
        seed: int | None = None,
        threads: int | None = 1,
        l1: float = 0.0,
        l2: float = 0.0,
        distortion: Callable | None = None,
        dropout: Dropout | None = None,
        adversarial: Adversarial | None = None,
        workers: int = 1,
        at_once: int | None = None,
    ):
        self.network = network
        self.loss = default_loss(network.activations[-1]) if loss is None else get_loss(loss)
        self.X = as_input(X, network.layers[0], network.dtype)
        self.y = encode_target(target, len(self.X), network, self.loss)
        self.optimizer = GradientDescent() if optimizer is None else optimizer
        if not isinstance(self.optimizer, Optimizer):
            raise TypeError(
                f"optimizer={optimizer!r} must be an nnlib optimizer, "
                "for example GradientDescent(learning_rate=0.1)"
            )
        self.threads = threads
        self.l1, self.l2 = l1, l2
        self.updates, self.samples_seen = 0, 0
        if isinstance(batch_size, str) and batch_size == "auto":
            batch_size = min(32, len(self.X))
        self.batches = Batches(len(self.X), batch_size, seed)
        if distortion is not None and not callable(distortion):
            raise TypeError(
                f"distortion={distortion!r} must be a function of X and a random generator, "
                "for example Distortion()"
            )
        if dropout is not None and not isinstance(dropout, Dropout):
            raise TypeError(
                f"dropout={dropout!r} must be a Dropout, for example Dropout(input=0.2, hidden=0.5)"
            )
        if at_once is not None and (not isinstance(at_once, (int, np.integer)) or at_once < 1):
            raise ValueError(f"at_once={at_once!r} must be a whole number of samples, 1 or more")
        if adversarial is not None and not isinstance(adversarial, Adversarial):
            raise TypeError(
                f"adversarial={adversarial!r} must be an Adversarial, for example Adversarial(0.08)"
            )
        self.distortion, self.dropout, self.adversarial = distortion, dropout, adversarial
        self._noise = np.random.SeedSequence(seed).entropy
        self._workers = Workers(workers)
        self.gradients = Gradients(network.layers, network.dtype)  # the latest ∇L
        self._piece = Gradients(network.layers, network.dtype)  # ∇L of a piece of a large batch
        self._piece_size = at_once or rows_at_once(network.parameters.size, passes=3)
        if workers > 1:  # ∇L of each worker's samples
            self._parts = [Gradients(network.layers, network.dtype) for _ in range(workers)]
        self._batch: Batch | None = None  # the batch under way
        self._done = 0  # how many of its samples have been through backward
        self._loss = 0.0  # their part of its loss

    @property
    def batch_size(self) -> int | None:
        """Samples in an update; None is all of them. Setting it acts on the next update."""
        return self.batches.batch_size

    @batch_size.setter
    def batch_size(self, size: int | None) -> None:
        self.batches.batch_size = size

    @property
    def l1(self) -> float:
        """λ₁, the price of Σ |w|. Setting it acts on the next update."""
        return self._l1

    @l1.setter
    def l1(self, rate: float) -> None:
        self._l1 = as_rate("l1", rate)

    @property
    def l2(self) -> float:
        """λ₂, the price of Σ w²/2. Setting it acts on the next update."""
        return self._l2

    @l2.setter
    def l2(self, rate: float) -> None:
        self._l2 = as_rate("l2", rate)

    @property
    def updates_per_epoch(self) -> int:
        """Updates that a whole epoch takes with the present batch size."""
        return 1 if self.batch_size is None else -(-len(self.X) // self.batch_size)

    @property
    def batch_under_way(self) -> bool:
        """True between the pieces of a large batch."""
        return self._batch is not None

    def __iter__(self) -> "Trainer":
        return self

    def __next__(self) -> Record:
        """Make one update and return its record."""
        with blas_threads(self.threads):
            while (record := self.advance()) is None:
                pass
        return record

    def snapshot(self) -> Snapshot:
        """Return a copy of all that decides what comes next; `restore` goes back to it."""
        batch = self._batch
        if batch is not None and batch.order is not None:
            batch = batch._replace(order=batch.order.copy())  # not a part of the epoch's order
        return Snapshot(
            self.updates,
            self.samples_seen,
            self.network.parameters.copy(),
            self.gradients.vector.copy(),
            type(self.optimizer),
            self.optimizer.remembered(),
            self.batches.position,
            batch,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back (or forward) to a snapshot of this trainer, or of one like it.

        The settings stay as they are: learning rate, batch size, penalties, optimizer. With
        those that followed the snapshot, the same losses follow again, exactly. An optimizer
        of another kind than was at work then starts with nothing remembered.

        Raises ValueError, and changes nothing, if the snapshot is of another network or
        of more data.
        """
        x = self.network.parameters
        if snapshot.parameters.shape != x.shape:
            raise ValueError(
                f"the snapshot has {snapshot.parameters.size} parameters and this network "
                f"{x.size}: it is of another network"
            )
        self.batches.position = snapshot.position
        x[...] = snapshot.parameters
        self.gradients.vector[...] = snapshot.gradient
        self.gradients.delta = [None] * len(self.network.layers)
        if type(self.optimizer) is snapshot.optimizer:
            self.optimizer.remember(snapshot.memory)
        else:
            self.optimizer.reset()
        self.updates, self.samples_seen = snapshot.updates, snapshot.samples_seen
        self._batch, self._done, self._loss = snapshot.batch, 0, 0.0

    @np.errstate(over="ignore", invalid="ignore")  # overflows are reported in words, by `_update`
    def advance(self) -> Record | None:
        """Do at most a few milliseconds' work; return the record if it completed an update.

        A large batch is worked through in pieces. The loss is a mean, so the
        gradient of the batch is the mean of the pieces', each weighted by its share
        of the samples.
        """
        if self._batch is None:
            self._batch, self._done, self._loss = next(self.batches), 0, 0.0
        batch = self._batch
        if self._done == 0:
            self._loss = 0.0
        stop = min(self._done + self._piece_size, batch.size)
        if batch.size <= self._piece_size:
            self._loss = self._gradient(0, stop, self.gradients)
        else:
            loss = self._gradient(self._done, stop, self._piece)
            share = (stop - self._done) / batch.size
            if self._done == 0:
                self.gradients.vector[...] = 0
            self.gradients.vector += share * self._piece.vector
            self._loss += share * loss
        if stop < batch.size:
            self._done = stop
            return None
        self._done = 0  # if the update fails, its batch is worked through again
        return self._update()

    def _gradient(self, start: int, stop: int, into: Gradients) -> float:
        """Write ∇C of samples start … stop − 1 of the batch into `into`, and return their C."""
        shares = self._workers.shares(stop - start)
        if len(shares) == 1:
            return self._backpropagate(self._batch.rows(start, stop), into, start)
        parts = self._parts[: len(shares)]

        def work(share: slice, part: Gradients) -> float:
            rows = self._batch.rows(start + share.start, start + share.stop)
            with np.errstate(over="ignore", invalid="ignore"):  # it holds for one thread alone
                return self._backpropagate(rows, part, start + share.start)

        losses = self._workers.map(work, shares, parts)
        weights = [(share.stop - share.start) / (stop - start) for share in shares]

        def average(block: slice) -> None:
            total = into.vector[block]
            np.multiply(parts[0].vector[block], weights[0], out=total)
            for part, weight in zip(parts[1:], weights[1:], strict=True):
                total += weight * part.vector[block]

        self._workers.map(average, blocks(into.vector.size))
        into.delta = [None] * len(into.delta)
        return sum(weight * loss for weight, loss in zip(weights, losses, strict=True))

    def _backpropagate(self, rows, into: Gradients, first: int) -> float:
        """Write the gradient at these rows of X into `into` and return their loss.

        `first` says where in the batch they begin, so that each draws random numbers of its own.
        """
        n, activations = self.network, self.network.activations
        X, y = _take(self.X, rows), _take(self.y, rows)
        if self.distortion or self.dropout:
            rng = np.random.default_rng((self._noise, self.updates, first))
            if self.distortion:
                X = self.distortion(X, rng)
        if self.adversarial:
            X = self.adversarial(n, X, y, self.loss)
        if self.dropout:
            X, activations = self.dropout.thin(X, n.layers, activations, rng)
        trace = forward_pass(n.weights, n.biases, activations, X)
        backpropagate(n.weights, trace, y, self.loss, into)
        return self.loss.value(trace, y)

    def _update(self) -> Record:
        """Let the optimizer move the network by the gradient of the batch, now complete."""
        batch, alpha = self._batch, self.optimizer.current_learning_rate
        if not math.isfinite(self._loss):
            raise self._diverged(f"the loss is {self._loss}", alpha)
        if self._l1 or self._l2:
            add_penalty_gradient(self.network.weights, self.gradients.weights, self._l1, self._l2)
        self.optimizer._workers = self._workers
        if not self.optimizer.update(self.network.parameters, self.gradients.vector):
            raise self._diverged("a parameter would become infinite", alpha)
        self._batch = None
        self.updates += 1
        self.samples_seen += batch.size
        return Record(
            batch.epoch, self.updates, self.samples_seen, self._loss, alpha, batch.end_of_epoch
        )

    def _diverged(self, what: str, alpha: float) -> Diverged:
        return Diverged(
            f"training diverged: at update {self.updates + 1} {what} "
            f"(learning rate {alpha:g}). The usual cause is a learning rate that is too "
            "large: start again with a smaller one",
            update=self.updates + 1,
            loss=self._loss,
        )


def _take(array: np.ndarray, rows: "slice | np.ndarray") -> np.ndarray:
    """Return these rows of an array; `take` is the faster way to rows in any order."""
    return array[rows] if isinstance(rows, slice) else array.take(rows, axis=0)
