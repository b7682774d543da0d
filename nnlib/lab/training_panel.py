"""The training panel: loss and accuracy while a network trains, under its sliders."""

import contextlib
import copy
import itertools
import time

import numpy as np
import traitlets

from ..blas import blas_threads
from ..errors import Diverged
from ..evaluation import Evaluator
from ..optimizers import GradientDescent
from ..trainer import Trainer
from ..training import History
from . import controls
from .curve import Curve
from .widget import Lab, front_end

MODES = ("Batch", "Mini-batch", "Stochastic")

# Marks of changed settings that a curve can carry before the oldest go.
MARKS = 20

# Updates shown by the picture that stands in for a panel.
PREVIEW = 300

# The share of the time that may go into watching (validation) instead of training.
WATCHING = 0.2


class TrainingPanel(Lab):
    """Train `network` on (X, target) live, and watch its loss and accuracy.

    network        trained in place; Reset gives it back the parameters it came with
    X, target      the training data, as for `Trainer`
    validation     a pair (X, target) to watch; never trained on
    loss           as for `Trainer`
    optimizer      as for `Trainer`; gradient descent by default
    learning_rate  where the slider starts; by default the optimizer's own
    mode           'Batch', 'Mini-batch' or 'Stochastic'
    batch_size     the size of a mini-batch
    seed           of the shuffling

    The traits `learning_rate`, `mode` and `batch_size` may be set from a cell as from
    the panel, and act on the next update; so do `run`, `pause`, `step` and `reset`.
    """

    _esm = front_end("training_panel.js")

    learning_rate = traitlets.Float().tag(sync=True)
    mode = traitlets.Enum(MODES, "Mini-batch").tag(sync=True)
    batch_size = traitlets.Int(32).tag(sync=True)

    def __init__(
        self,
        network,
        X,
        target,
        *,
        validation,
        loss=None,
        optimizer=None,
        learning_rate: float | None = None,
        mode: str = "Mini-batch",
        batch_size: int = 32,
        seed: int | None = 0,
    ):
        self._optimizer = GradientDescent(0.1) if optimizer is None else optimizer
        if learning_rate is None:
            learning_rate = self._optimizer.current_learning_rate
        self._start, self._seed = network.parameters.copy(), seed
        # The first trainer checks the data; those after a Reset can take them as they are.
        self._make_trainer = lambda X, target: Trainer(
            network, X, target, loss=loss, optimizer=self._optimizer,
            batch_size=batch_size, seed=seed,
        )  # fmt: skip
        self._trainer = self._make_trainer(X, target)
        self._judge = Evaluator(network, *validation, self._trainer.loss)
        self._loss, self._validation_loss, self._accuracy = Curve(), Curve(512), Curve(512)
        self._clear()
        n = len(self._trainer.X)
        super().__init__(
            title=f"{network!r}, {self._trainer.loss.name.replace('_', '-')} loss",
            controls=_controls(n),
            learning_rate=learning_rate,
            mode=mode,
            batch_size=batch_size,
        )
        self._apply()
        self.observe(
            lambda change: self._engine.call(self._apply), ["learning_rate", "mode", "batch_size"]
        )

    @property
    def network(self):
        """The network that is being trained."""
        return self._trainer.network

    @property
    def updates(self) -> int:
        """Updates made since the start or the last Reset."""
        return self._trainer.updates

    @traitlets.validate("learning_rate")
    def _check_learning_rate(self, proposal) -> float:
        rate = proposal["value"]
        if not 0 < rate < np.inf:
            raise traitlets.TraitError(f"learning_rate={rate!r} must be a positive number")
        return rate

    @traitlets.validate("batch_size")
    def _check_batch_size(self, proposal) -> int:
        size, n = proposal["value"], len(self._trainer.X)
        if not 1 <= size <= n:
            raise traitlets.TraitError(f"batch_size={size} must be from 1 to {n}, the whole set")
        return size

    def _apply(self) -> None:
        """Hand the controls' values to the trainer: they act on the next update."""
        self._optimizer.learning_rate = self.learning_rate
        size = {"Batch": None, "Stochastic": 1}.get(self.mode, self.batch_size)
        if size != self._trainer.batch_size:
            self._trainer.batch_size = size
            self._mark(self.mode if self.mode != "Mini-batch" else f"batches of {size}")
        elif self._trainer.updates:
            self._mark(f"α {self.learning_rate:.3g}")

    def _mark(self, text: str) -> None:
        """Mark on the curves that a setting was changed here; a dragged slider leaves one mark."""
        now = time.perf_counter()
        if self._marks and now - self._marked_at < 1.0 and text[0] == self._marks[-1]["text"][0]:
            self._marks[-1]["text"] = text
        elif self._trainer.updates:
            self._marks = [*self._marks, {"update": self._trainer.updates, "text": text}][-MARKS:]
        self._marked_at = now

    # The lab's side.

    def _clear(self) -> None:
        for curve in (self._loss, self._validation_loss, self._accuracy):
            curve.clear()
        self._latest: dict = {}
        self._marks: list[dict] = []  # where a setting was changed, and to what
        self._marked_at = 0.0
        self._recent = None  # a running mean of the training loss, for the words
        self._before_step()

    def _restart(self) -> None:
        trainer = self._trainer
        self.network.parameters = self._start
        self._optimizer.reset()
        self._trainer = self._make_trainer(trainer.X, trainer.y)
        self._clear()
        self._apply()

    def _work(self) -> bool:
        return next(self._working)

    def _before_step(self) -> None:
        # The look at the validation data that a pause cut short belongs to an update that
        # is already counted; a step is a new update, and is always looked at.
        self._judge.restart()
        self._working = self._works()
        self._watch_at = 0.0

    def _works(self):
        """Yield after each few milliseconds of work: True when an update is complete."""
        while True:
            record = self._trainer.advance()
            if record is None:
                yield False
                continue
            self._note(record)
            if time.perf_counter() >= self._watch_at:
                yield from self._watch()
            yield True

    def _watch(self):
        """Look at the validation data, a piece at a time, and say when to look again."""
        begin, spent = time.perf_counter(), 0.0
        score = self._judge.advance()
        while score is None:
            spent += time.perf_counter() - begin
            yield False
            begin = time.perf_counter()
            score = self._judge.advance()
        spent += time.perf_counter() - begin
        self._watch_at = time.perf_counter() + spent * (1 - WATCHING) / WATCHING
        update = self._trainer.updates
        self._validation_loss.append(update, score.loss)
        self._latest["validation loss"] = score.loss
        if score.accuracy is not None:
            self._accuracy.append(update, 100 * score.accuracy)
            self._latest["accuracy"] = score.accuracy

    def _note(self, record) -> None:
        self._loss.append(record.update, record.loss)
        before = record.loss if self._recent is None else self._recent
        self._recent = before + 0.02 * (record.loss - before)
        self._latest |= {
            "update": record.update,
            "epoch": record.epoch,
            "samples": record.samples_seen,
            "training loss": record.loss,
            "learning rate": record.learning_rate,
        }

    def _frame(self):
        values = {**self._latest, "summary": self._summary(), "marks": self._marks}
        arrays = {
            "training loss": self._loss.points(),
            "validation loss": self._validation_loss.points(),
            "accuracy": self._accuracy.points(),
        }
        return values, arrays

    def _summary(self) -> str:
        """Say in words how training stands."""
        now = self._latest
        if not now:
            return f"Ready. Learning rate {self.learning_rate:.3g}. Press Run, or Step."
        words = [f"Update {now['update']:,}, epoch {now['epoch']:,}"]
        words.append(f"training loss {self._recent:.3g}")
        if "validation loss" in now:
            trend = _trend(self._validation_loss.points()[1])
            words.append(f"validation loss {now['validation loss']:.3g}{trend}")
        if "accuracy" in now:
            words.append(f"validation accuracy {now['accuracy']:.1%}")
        words.append(f"learning rate {now['learning rate']:.3g}")
        return "; ".join(words) + "."

    def _preview(self):
        """Return a picture of the first updates, made with copies: what is live stays untouched."""
        from ..plots import training_curves

        network = self.network.copy()
        network.parameters = self._start
        optimizer = copy.deepcopy(self._optimizer)
        optimizer.reset()
        trainer = Trainer(
            network, self._trainer.X, self._trainer.y, loss=self._trainer.loss,
            optimizer=optimizer, batch_size=self.batch_size, seed=self._seed,
        )  # fmt: skip
        judge = Evaluator(network, self._judge.X, self._judge.target, self._trainer.loss)
        history = History()
        updates = max(PREVIEW // 10, min(PREVIEW, 100_000 // self.batch_size))
        with contextlib.suppress(Diverged), blas_threads(1):
            for record in itertools.islice(trainer, updates):
                history.note(record)
                if record.update % (updates // 6) == 0:
                    history.note_validation(record.update, judge.finish())
        return training_curves(history, title=f"The training panel after {updates} updates")

    def __repr__(self) -> str:
        return (
            f"TrainingPanel of {self.network!r}. It is live in JupyterLab: run this cell there. "
            "Where no kernel runs, a picture of its first updates stands in for it."
        )


def _controls(n: int) -> list[dict]:
    return [
        controls.log_slider(
            "learning_rate", "Learning rate α", 1e-4, 1e2,
            "The length of each step, x ← x − α∇L. It acts on the very next update.",
        ),
        controls.choice(
            "mode", "Batch mode",
            [
                ("Batch", f"Every update uses all {n:,} samples: smooth, and slow to begin."),
                ("Mini-batch", "Every update uses a few samples, drawn anew each epoch."),
                ("Stochastic", "Every update uses a single sample: fast, and noisy."),
            ],
            "How many samples each update uses. It acts on the very next update.",
        ),
        controls.integer(
            "batch_size", "Mini-batch size", 1, n, "Samples in each update of mini-batch mode."
        ),
    ]  # fmt: skip


def _trend(values: np.ndarray) -> str:
    """Say whether the last fifth of a curve lies below or above the fifth before it."""
    fifth = max(1, len(values) // 5)
    if len(values) < 2:
        return ""
    last, before = values[-fifth:].mean(), values[-2 * fifth : -fifth].mean()
    if abs(last - before) <= 0.005 * abs(before):
        return ", level"
    return ", falling" if last < before else ", rising"
