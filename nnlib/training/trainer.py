"""Training: gradient descent, one update after another.

    batch → forward → loss → backward → optimizer → network → next batch

A `Trainer` is an endless iterator over updates, so that a script, a test and a
widget's Run, Pause and Step all drive the same code.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 8.3.1.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..backprop import Gradients, backpropagate
from ..forward import forward_pass
from ..losses import Loss
from ..network import NeuralNetwork
from ..optimizers import Optimizer, as_optimizer
from ..regularizers.adversarial import Adversarial
from ..regularizers.change import Samples
from ..regularizers.dropout import Dropout
from ..regularizers.penalty import add_penalty_gradient, as_rate
from ..support.attributes import Checked, KnownAttributes
from ..support.blas import blas_threads
from ..support.guests import LoopGoesOn
from ..support.sharing import sharing
from ..support.whole_copy import CopiedWhole
from .batches import Batch, Batches, Rows, take
from .changes import Changes
from .divergence import not_finite
from .gradient import BatchGradient
from .prepared import PreparedData, prepare
from .record import Record
from .snapshot import Snapshot


class Trainer(CopiedWhole, KnownAttributes):
    """An endless iterator over the updates of `network` on the data (X, target).

    network      trained in place
    X, target    shape (n_samples, n_0), and labels (n_samples,) or values (n_samples, n_L);
                 or X alone, data that `prepare` returned
    loss         MSE() or CrossEntropy(), or their names; by default cross-entropy for
                 softmax and sigmoid outputs, MSE for all others
    optimizer    GradientDescent(0.1) by default; may be replaced between updates
    batch_size   None: all samples in each update (batch); 1: stochastic; between: mini-batch; may
                 be set between updates. By default 'auto': 32, or all samples if there are fewer
    seed         of the shuffling, and of what is random in distortion and dropout
    threads      how many share the work, None: one a core; the result is the same to the last bit
    l1, l2       the rates λ₁, λ₂ of `nnlib.regularizers.penalty`; may be set between updates
    distortion   a function `(X, rng) → X` applied to the inputs of each batch: `Distortion()`
    dropout      `Dropout(...)` for the updates alone; the network itself stays whole
    adversarial  `Adversarial(...)`: samples changed against the network, as it is before the update
    at_once      how many samples of a batch are worked through at a time: by default (None) all of
                 them, unless they would take much memory; 'frame' is a few milliseconds' worth, so
                 that a lab can draw in between

    Raises ValueError at once if anything does not fit, and `Diverged`, before the update is
    made, if the loss is no longer a finite number or the parameters would not be.
    """

    l1, l2 = Checked(as_rate), Checked(as_rate)
    optimizer = Checked(lambda name, value: as_optimizer(value))
    fixed = ("network", "X", "y", "loss", "batches", "changes", "sharing", "gradient")
    updates = samples_seen = 0

    def __init__(
        self,
        network: NeuralNetwork,
        X: "npt.ArrayLike | PreparedData",
        target: npt.ArrayLike | None = None,
        *,
        loss: "str | Loss | type[Loss] | None" = None,
        optimizer: Optimizer | None = None,
        batch_size: "int | str | None" = "auto",
        seed: int | None = None,
        threads: int | None = 1,
        l1: float = 0.0,
        l2: float = 0.0,
        distortion: Callable | None = None,
        dropout: Dropout | None = None,
        adversarial: Adversarial | None = None,
        at_once: "int | str | None" = None,
    ):
        data = prepare(network, X, target, loss)
        self.network, self.X, self.y, self.loss = network, data.X, data.y, data.loss
        self.optimizer = as_optimizer(optimizer).serve(network)
        self.batches = Batches(len(data), batch_size, seed)
        self.l1, self.l2, self.sharing = l1, l2, sharing(threads)
        self.changes = Changes(distortion, adversarial, dropout, seed)
        self.gradient = BatchGradient(network.layers, network.dtype, at_once)

    @property
    def batch_size(self) -> int | None:
        """Samples in an update; None is all of them. Setting it acts on the next update."""
        return self.batches.batch_size

    @batch_size.setter
    def batch_size(self, size: int | None) -> None:
        self.batches.batch_size = size

    @property
    def threads(self) -> int:
        """How many threads share the work of an update."""
        return self.sharing.threads

    @property
    def updates_per_epoch(self) -> int:
        """Updates that a whole epoch takes with the present batch size."""
        return self.batches.per_epoch

    @property
    def batch_under_way(self) -> bool:
        """True between the pieces of a large batch."""
        return self.gradient.batch is not None

    @property
    def gradients(self) -> Gradients:
        """∇L of the latest batch, penalties included."""
        return self.gradient.gradients

    def __iter__(self) -> "Trainer":
        return self

    def __next__(self) -> Record:
        """Make one update and return its record."""
        with blas_threads(1), LoopGoesOn():
            while (record := self.advance()) is None:
                pass
        return record

    @np.errstate(all="ignore")  # what is not finite is reported in words, by `_update`
    def advance(self) -> Record | None:
        """Work through the next piece of a batch; return the record if it completed an update."""
        with self.sharing:
            batch = self.gradient.batch or self.gradient.begin(next(self.batches))
            loss = self.gradient.advance(self.loss_and_gradient)
            return None if loss is None else self._update(batch, loss)

    def loss_and_gradient(self, rows: Rows, into: Gradients, first: int) -> float:
        """Write ∇C of these rows of the data into `into` and return their C.

        `first` says where in the batch the rows begin.
        """
        network = self.network
        samples = Samples(take(self.X, rows), take(self.y, rows), network.activations)
        samples = self.changes.made(samples, network, self.loss, self.updates, first)
        trace = forward_pass(network.weights, network.biases, samples.activations, samples.X)
        loss = self.loss.value(trace, samples.y)
        backpropagate(network.weights, trace, samples.y, self.loss, into)
        return float(loss)

    def _update(self, batch: Batch, loss: float) -> Record:
        """Let the optimizer move the network by the gradient of the batch, now complete."""
        network, alpha = self.network, self.optimizer.serve(self.network).current_learning_rate
        if not math.isfinite(loss):
            raise not_finite(self, loss, alpha)
        if self.l1 or self.l2:
            add_penalty_gradient(network.weights, self.gradients.weights, self.l1, self.l2)
        if not self.optimizer.update(network.parameters, self.gradients.vector):
            raise not_finite(self, loss, alpha)
        self.gradient.end()
        self.updates += 1
        self.samples_seen += batch.size
        return Record(batch.epoch, self.updates, self.samples_seen, loss, alpha, batch.end_of_epoch)

    def snapshot(self) -> Snapshot:
        """Return a copy of all that decides what comes next; `restore` goes back to it."""
        return Snapshot.of(self)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back (or forward) to a snapshot of this trainer, or of one like it.

        Raises ValueError, and changes nothing, if it is of another network or of more data.
        """
        snapshot.put_into(self)
