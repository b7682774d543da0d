"""`train`: a number of epochs in one call, with a progress bar and a history."""

from typing import Any

import numpy.typing as npt

from ..network import NeuralNetwork
from ..support.blas import blas_threads
from ..support.checks import as_whole
from ..support.errors import Diverged
from ..support.interrupts import Interruption
from ..support.progress_bar import progress_bar
from ..support.sharing import sharing
from .evaluation import Evaluator
from .prepared import prepare_validation
from .record import History
from .trainer import Trainer

# What other libraries have as an argument here, and where it is in this one.
_RATE = "the learning rate is the optimizer's, optimizer=GradientDescent(0.1)"
_HOOK = "write `for record in Trainer(…)`: it gives a record of each update, for code of your own"
ELSEWHERE = {
    **dict.fromkeys(("learning_rate", "lr", "alpha", "eta"), _RATE),
    **dict.fromkeys(("callback", "callbacks"), _HOOK),
    **dict.fromkeys(
        ("validation_data", "validation_split"), "pass validation=(X, target), rows not trained on"
    ),
    "momentum": "it is the optimizer's, optimizer=Momentum(0.1, 0.9)",
    "verbose": "pass progress=False for no progress bar",
}


def train(
    network: NeuralNetwork,
    X: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    epochs: int = 10,
    validation: "tuple[npt.ArrayLike, npt.ArrayLike] | None" = None,
    progress: bool = True,
    threads: int | None = None,
    **settings: Any,
) -> History:
    """Train `network` in place for `epochs` epochs and return the history.

    epochs       how often each sample is used: a whole number, 0 or more
    validation   a pair (X, target) that is evaluated after each epoch and never trained on
    progress     whether to show a progress bar
    threads      how many threads share the work; None, by default, is one a core. The result is the
                 same to the last bit however many there are
    settings     all other settings of `Trainer`: loss, optimizer, batch_size, seed, …

    Ctrl-C (or Interrupt in Jupyter) stops between two updates: the history so far is
    returned, marked `interrupted`, and the network keeps what it has learned; a second
    Ctrl-C stops at once. If the loss leaves the finite numbers the error raised, `Diverged`,
    carries the history so far as `.history`.
    """
    as_whole("epochs", epochs, at_least=0)
    _check_names(settings)
    trainer = Trainer(network, X, target, threads=threads, **settings)
    evaluator = None
    if validation is not None:
        evaluator = Evaluator(network, prepare_validation(network, validation, trainer.loss))
    history = History()
    total = epochs * trainer.updates_per_epoch
    bar = progress_bar(total=total, unit="update", disable=not progress)
    try:
        with Interruption() as interruption, blas_threads(1), sharing(threads):
            for _ in range(epochs):
                _train_epoch(trainer, history, bar, interruption)
                if interruption.asked:
                    break
                if evaluator is not None:
                    history.add_validation(trainer.updates, evaluator.finish())
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


def _check_names(settings: dict[str, Any]) -> None:
    """Raise TypeError for a setting that `Trainer` does not have, and say where it is."""
    known = Trainer.__init__.__kwdefaults__ or {}
    for name in [name for name in settings if name not in known]:
        hint = ELSEWHERE.get(name) or f"it has epochs, validation, progress, {', '.join(known)}"
        raise TypeError(f"train has no setting {name!r}: {hint}")


def _train_epoch(trainer: Trainer, history: History, bar: Any, interruption: Interruption) -> None:
    """Make the updates of one epoch, unless interrupted."""
    while not interruption.asked:
        record = trainer.advance()
        if record is None:
            continue
        history.add(record)
        bar.update()
        if record.end_of_epoch:
            return


def _show(bar: Any, history: History) -> None:
    """Put the latest figures beside the progress bar."""
    figures = {"validation loss": f"{history.validation_loss[-1]:.4f}"}
    if history.validation_accuracy:
        figures["accuracy"] = f"{history.validation_accuracy[-1]:.2%}"
    bar.set_postfix(figures, refresh=False)
