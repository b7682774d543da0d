"""`train`: so many epochs in one call, with a progress bar and a history."""

from dataclasses import dataclass, field

import numpy as np

from ..support.blas import blas_threads
from ..support.errors import Diverged
from ..support.interrupts import Interruption
from .evaluation import Evaluator, Score
from .trainer import Record, Trainer


@dataclass
class History:
    """What happened while training.

    training_loss          of each update's batch, before the update
    learning_rate          that each update used
    validation_update      after how many updates each validation was made: one an epoch
    validation_loss        at each of these
    validation_accuracy    likewise, as shares of 1; stays empty for a regression
    interrupted            True if the reader stopped the training before its end
    """

    training_loss: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    validation_update: list[int] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False

    def note(self, record: Record) -> None:
        """Add an update."""
        self.training_loss.append(record.loss)
        self.learning_rate.append(record.learning_rate)

    def note_validation(self, update: int, score: Score) -> None:
        """Add a look at the validation data, made after so many updates."""
        self.validation_update.append(update)
        self.validation_loss.append(score.loss)
        if score.accuracy is not None:
            self.validation_accuracy.append(score.accuracy)

    def __repr__(self) -> str:
        parts = [f"{len(self.training_loss):,} updates"]
        if self.training_loss:
            parts.append(f"last training loss {self.training_loss[-1]:.4f}")
        if self.validation_loss:
            parts.append(f"validation loss {self.validation_loss[-1]:.4f}")
        if self.validation_accuracy:
            parts.append(f"validation accuracy {self.validation_accuracy[-1]:.2%}")
        if self.interrupted:
            parts.append("interrupted")
        return f"History: {', '.join(parts)}"


def train(
    network,
    X,
    target,
    *,
    loss=None,
    optimizer=None,
    batch_size: "int | str | None" = "auto",
    epochs: int = 10,
    validation=None,
    seed: int | None = None,
    progress: bool = True,
    threads: int | None = 1,
    l1: float = 0.0,
    l2: float = 0.0,
    distortion=None,
    dropout=None,
    workers: int = 1,
    at_once: int | None = None,
) -> History:
    """Train `network` in place for `epochs` epochs and return the history.

    The arguments are those of `Trainer`, and: `validation`, a pair (X, target) that
    is looked at after each epoch and never trained on; `progress`, whether to show a
    progress bar. Ctrl-C (or Interrupt in Jupyter) stops between two updates: the
    history so far is returned, marked `interrupted`, and the network keeps what it
    has learned; a second Ctrl-C stops at once. If the loss leaves the finite numbers
    the error raised, `Diverged`, carries the history so far as `.history`.
    """
    whole = isinstance(epochs, (int, np.integer)) and not isinstance(epochs, bool)
    if not whole or epochs < 0:
        raise ValueError(f"epochs={epochs!r} must be a whole number, zero or more")
    trainer = Trainer(
        network,
        X,
        target,
        loss=loss,
        optimizer=optimizer,
        batch_size=batch_size,
        seed=seed,
        threads=threads,
        l1=l1,
        l2=l2,
        distortion=distortion,
        dropout=dropout,
        workers=workers,
        at_once=at_once,
    )
    judge = None if validation is None else _validator(network, validation, trainer.loss)
    history = History()
    bar = _progress_bar(epochs * trainer.updates_per_epoch, progress)
    try:
        with Interruption() as interruption, blas_threads(threads):
            for _ in range(epochs):
                _train_epoch(trainer, history, bar, interruption)
                if interruption.asked:
                    break
                if judge is not None:
                    history.note_validation(trainer.updates, judge.finish())
                    _show(bar, history)
        history.interrupted = interruption.asked
    except KeyboardInterrupt:
        history.interrupted = True
    except Diverged as error:
        error.history = history
        raise
    finally:
        bar.close()
    if history.interrupted:
        print(f"Interrupted after {trainer.updates:,} updates; what was learned is kept.")
    return history


def _train_epoch(trainer: Trainer, history: History, bar, interruption: Interruption) -> None:
    """Make the updates of one epoch, unless interrupted."""
    while not interruption.asked:
        record = trainer.advance()
        if record is None:
            continue
        history.note(record)
        bar.update()
        if record.end_of_epoch:
            return


def _validator(network, validation, loss) -> Evaluator:
    try:
        X, target = validation
    except (TypeError, ValueError):
        raise ValueError(
            "validation must be a pair (X, target), for example "
            "(mnist.X_validation, mnist.y_validation)"
        ) from None
    return Evaluator(network, X, target, loss)


def _progress_bar(total: int, progress: bool):
    # Imported here so that importing nnlib imports numpy alone.
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="update", disable=not progress)


def _show(bar, history: History) -> None:
    """Put the latest figures beside the progress bar."""
    figures = {"validation loss": f"{history.validation_loss[-1]:.4f}"}
    if history.validation_accuracy:
        figures["accuracy"] = f"{history.validation_accuracy[-1]:.2%}"
    bar.set_postfix(figures, refresh=False)
