"""What labs that train share: the trainer under its sliders, and its curves."""

import time

import numpy as np
import traitlets

from ..diagnosis import diagnose
from ..evaluation import Evaluator
from ..own_code import OwnCode, OwnTrainer
from ..trainer import Trainer
from . import controls
from .curve import Curve
from .widget import Lab

MODES = ("Batch", "Mini-batch", "Stochastic")

# Marks of changed settings that a curve can carry before the oldest go.
MARKS = 20

# The share of the time that may go into watching (validation) instead of training.
WATCHING = 0.2
# And no more often than this, in seconds: nobody sees more.
LOOK_EVERY = 0.02


class TrainingLab(Lab):
    """A lab that drives a `Trainer`: learning rate and batch mode act on the next update.

    A subclass calls `_begin(trainer, judge)` before it initialises the widget, or in a
    `_build` of its own once its traits are set; and again whenever training starts anew.
    """

    _trainer: Trainer | None = None
    _own_code: OwnCode | None = None

    # Whose functions are at work: "nnlib", or for example "your backward".
    code = traitlets.Unicode("nnlib").tag(sync=True)
    learning_rate = traitlets.Float().tag(sync=True)
    mode = traitlets.Enum(MODES, "Mini-batch").tag(sync=True)
    batch_size = traitlets.Int(32).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        if self._trainer is None:
            self._build()
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

    @property
    def accuracy(self) -> float | None:
        """The latest validation accuracy, a share of 1; None before the first look."""
        return self._latest.get("accuracy")

    def use(self, *, forward=None, loss=None, backward=None, update=None) -> None:
        """Let functions of your own drive the lab; without any, nnlib's own drive it again.

        Their signatures are in `nnlib.own_code`. They are tried first on a small copy, and if
        they are right, training starts anew with them. If one is wrong, the lab says what is
        wrong with it and does not run it; Reset goes back to the code that was at work before.
        """
        own = OwnCode(forward, loss, backward, update)
        names = [name for name in ("forward", "loss", "backward", "update") if getattr(own, name)]
        self._engine.pause()
        found = diagnose(own, self.network, loss=self._trainer.loss) if names else []
        if found:
            wrong = " and ".join(dict.fromkeys(d.where.partition(",")[0] for d in found))
            self.problem = "\n\n".join(
                [f"Your {wrong} cannot drive the lab yet; Reset goes on with {self.code}."]
                + [f"{d.where}, {d.name.replace('_', ' ')}: {d.message}" for d in found]
            )
        else:
            self._own_code = own if names else None
            self.code = f"your {', '.join(names)}" if names else "nnlib"
            self._restart()
            self.problem = ""
        self._show()

    def _trainer_for(self, network, X, target, **settings) -> Trainer:
        """Return a trainer that calls the functions given to `use`, if any, else nnlib's."""
        if self._own_code is None:
            return Trainer(network, X, target, **settings)
        return OwnTrainer(network, X, target, self._own_code, **settings)

    @traitlets.validate("learning_rate")
    def _check_learning_rate(self, proposal) -> float:
        rate = proposal["value"]
        if not 0 < rate < np.inf:
            raise traitlets.TraitError(f"learning_rate={rate!r} must be a positive number")
        return rate

    @traitlets.validate("batch_size")
    def _check_batch_size(self, proposal) -> int:
        size, n = proposal["value"], len(self._trainer.X) if self._trainer else np.inf
        if not 1 <= size <= n:
            raise traitlets.TraitError(f"batch_size={size} must be from 1 to {n}, the whole set")
        return size

    def _build(self) -> None:
        """Make the trainer from the traits and `_begin` with it."""
        raise NotImplementedError

    def _apply(self) -> None:
        """Hand the controls' values to the trainer: they act on the next update."""
        self._trainer.optimizer.learning_rate = self.learning_rate
        mini = min(self.batch_size, len(self._trainer.X))
        size = {"Batch": None, "Stochastic": 1}.get(self.mode, mini)
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

    def _begin(self, trainer: Trainer, judge: Evaluator) -> None:
        """Start with this trainer and this watch over the validation data: no update made yet."""
        self._trainer, self._judge = trainer, judge
        self._loss, self._validation_loss, self._accuracy = Curve(), Curve(512), Curve(512)
        self._latest: dict = {}
        self._marks: list[dict] = []  # where a setting was changed, and to what
        self._marked_at = 0.0
        self._recent = None  # a running mean of the training loss, for the words
        self._before_step()

    def _go_on_with(self, trainer: Trainer, judge: Evaluator) -> None:
        """Let this training go on with other data: another trainer and watch, the same curves."""
        self._trainer, self._judge = trainer, judge
        self._before_step()

    def _updates_to_epoch_end(self) -> int:
        under_way = self._trainer.batch_under_way
        return self._trainer.batches.left_in_epoch + under_way

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
        rest = max(LOOK_EVERY, spent * (1 - WATCHING) / WATCHING)
        self._watch_at = time.perf_counter() + rest
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


def training_controls(n: int) -> list[dict]:
    """Return the controls of the learning rate and the batch mode, for n training samples."""
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
