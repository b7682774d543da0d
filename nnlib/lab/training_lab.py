"""What labs that train share: the trainer under its sliders, and its curves."""

import contextlib
import json
import time
from dataclasses import dataclass

import numpy as np
import traitlets

from ..diagnosis import diagnose
from ..diagnosis.own_code import OwnCode, OwnTrainer
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
from ..support.errors import Diverged
from ..training.evaluation import Evaluator
from ..training.snapshot import Snapshot
from ..training.trainer import Trainer
from . import controls
from .curve import Curve
from .goal import Progress, check_goal
from .kept import KeptRun, KeptRuns
from .reel import Reel
from .settings_lab import PACES, SettingsLab

MODES = ("Batch", "Mini-batch", "Stochastic")
OPTIMIZERS = {
    "Gradient descent": lambda momentum: GradientDescent(),
    "Momentum": lambda momentum: Momentum(beta=momentum),
    "Nesterov": lambda momentum: Nesterov(beta=momentum),
    "RMSProp": lambda momentum: RMSProp(),
    "Adam": lambda momentum: Adam(),
}
# The settings that act on the next update.
ACTING = ("learning_rate", "mode", "batch_size", "optimizer", "momentum", "l1", "l2", "pace")

# Marks of changed settings that a curve can carry before the oldest go.
MARKS = 20

# Moments of a large network take many megabytes each. So many of them may be kept, if
# they are not more than so many bytes together.
FEWEST_MOMENTS, MOMENT_BYTES = 8, 240_000_000

# A network of more bytes takes a while to copy.
LARGE = 1_000_000

# The share of the time that may go into watching (validation) instead of training.
WATCHING = 0.2
# And no more often than this, in seconds: nobody sees more.
LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Moment:
    """A snapshot of the trainer, and what the lab said then.

    `settings` are in words, as of `_settings_in_words`; `problem` is what had stopped the lab.
    """

    snapshot: Snapshot
    latest: dict
    recent: float | None
    settings: dict[str, str]
    problem: str


# What is known of the latest update, before there is one. A page may miss a frame, so each
# must say all: after Reset also that there is no update any more.
NOTHING_YET = dict.fromkeys(
    ("update", "epoch", "samples", "training loss", "validation loss", "accuracy", "learning rate")
)


class TrainingLab(SettingsLab):
    """A lab that drives a `Trainer`: learning rate, batch mode and more act on the next update.

    A run may be kept, so that the next is drawn over it, and rewound, to look at any moment of
    it and to go on from there. It may have a goal.

    A subclass calls `_begin(trainer, judge)` before it initializes the widget, or in a
    `_build` of its own once its traits are set; and again whenever training starts anew.
    """

    _trainer: Trainer | None = None
    _own_code: OwnCode | None = None
    _kept: KeptRuns | None = None
    _names = ACTING

    commands = traitlets.List(["run", "pause", "step", "epoch", "reset"]).tag(sync=True)

    # Whose functions are at work: "nnlib", or for example "your backward".
    code = traitlets.Unicode("nnlib").tag(sync=True)
    learning_rate = traitlets.Float().tag(sync=True)
    mode = traitlets.Enum(MODES, "Mini-batch").tag(sync=True)
    batch_size = traitlets.Int(32).tag(sync=True)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "Gradient descent").tag(sync=True)
    momentum = traitlets.Float(0.9, min=0, max=0.99).tag(sync=True)
    l1 = traitlets.Float(0.0, min=0).tag(sync=True)
    l2 = traitlets.Float(0.0, min=0).tag(sync=True)
    goal = traitlets.Dict()
    # The kept runs as a page draws them; sent when they change, not with every frame.
    kept_runs = traitlets.List().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        if self._trainer is None:
            self._build()
        self._apply()
        self._lock()
        self._progress = Progress(self.goal)
        self._look_at_goal()
        self.observe(
            lambda change: self._engine.call(self._apply), ["learning_rate", "mode", "batch_size"]
        )
        self.observe(lambda change: self._engine.call(self._exchange), ["optimizer", "momentum"])
        self.observe(lambda change: self._engine.call(self._weigh), ["l1", "l2"])
        self.observe(lambda change: self._engine.call(self._set_goal), "goal")

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

    def settings(self) -> dict:
        """Return all settings as a small dict that JSON can hold; see `from_settings`."""
        return super().settings() | ({"goal": dict(self.goal)} if self.goal else {})

    # The goal.

    @property
    def goal_reached(self) -> bool:
        """Whether the goal was reached since training last started anew; False without a goal."""
        return self._progress.state == "reached"

    @traitlets.validate("goal")
    def _check_goal(self, proposal) -> dict:
        return check_goal(proposal["value"])

    def _set_goal(self) -> None:
        self._progress = Progress(self.goal)
        self._look_at_goal()
        self._show()

    def _look_at_goal(self) -> None:
        layers, trainer = self.network.layers, self._trainer
        self._progress.look(
            {
                "validation_accuracy": self._latest.get("accuracy"),
                "validation_loss": self._latest.get("validation loss"),
                "training_loss": self._recent,
                "updates": trainer.updates,
                "samples": trainer.samples_seen,
                "epochs": trainer.samples_seen / len(trainer.X),
                "neurons": sum(layers[1:-1]),
                "parameters": self.network.parameters.size,
            }
        )

    # Your code.

    def use(self, *, forward=None, loss=None, backward=None, update=None) -> None:
        """Let functions of your own drive the lab; without any, nnlib's own drive it again.

        Their signatures are in `nnlib.diagnosis.own_code`. They are tried first on a small copy,
        and if they are right, training starts anew with them. If one is wrong, the lab says what is
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

    # Keeping runs.

    def keep(self, name: str | None = None) -> str:
        """Keep the curves of this run, also after Reset, and return what it is called.

        Without a name it is called by its settings. The oldest leaves when there are too many
        to be told apart. Raises ValueError before the first update.
        """
        updates = self._run_length()
        if not updates:
            raise ValueError("there is no run to keep yet: press Run, or Step, first")
        run = KeptRun(
            self._settings_in_words(), updates, self._curves(), self._diverged_at, bool(self._marks)
        )
        self._kept.add(run, name)
        self._kept_changed()
        return run.name

    @property
    def kept(self) -> list[KeptRun]:
        """The kept runs, the oldest first."""
        return list(self._kept.runs)

    def rename(self, old: str, new: str) -> str:
        """Call a kept run something else, or by its settings again if `new` is empty."""
        run = self._kept.find(old)
        self._kept.rename(old, new)
        self._kept_changed()
        return run.name

    def forget(self, name: str | None = None) -> None:
        """Forget the kept run of that name; without a name, all of them."""
        if name is None:
            self._kept.runs.clear()
        else:
            self._kept.runs.remove(self._kept.find(name))
        self._kept_changed()

    def _kept_changed(self) -> None:
        self._label_kept()
        self._show()

    def _label_kept(self) -> None:
        self._kept.label(self._settings_in_words())
        if self._kept.runs or self.kept_runs:
            self.kept_runs = [run.for_page() for run in self._kept.runs]

    def _settings_in_words(self) -> dict[str, str]:
        """Return the settings that may tell a run from another: {setting: in words}."""
        optimizer = self._trainer.optimizer
        kind = type(optimizer).__name__
        return {
            "learning rate": f"α {self.learning_rate:.3g}",
            "batches": self._batches_in_words(),
            "optimizer": {"GradientDescent": "gradient descent", "OwnUpdate": "your update"}.get(
                kind, kind
            ),
            "momentum": f"β {optimizer.beta:g}" if hasattr(optimizer, "beta") else "no momentum",
            "code": f"code: {self.code}",
            "l1": f"l1 {self.l1:g}",
            "l2": f"l2 {self.l2:g}",
        }

    def _batches_in_words(self) -> str:
        mini = min(self.batch_size, len(self._trainer.X))
        return f"batches of {mini}" if self.mode == "Mini-batch" else self.mode

    # Rewinding.

    @property
    def moments(self) -> list[int]:
        """The numbers of updates that `rewind` can go to, besides the latest."""
        return list(self._reel.updates)

    def rewind(self, update: int | None = None) -> int:
        """Pause, show the training as it was nearest to that update; return which it is.

        Run, Step and Epoch then go on from there, with the settings as they are now, and
        what came later is forgotten. Without an update, or with one beyond, back to the latest.
        What functions of your own remember by themselves is not rewound.
        """
        self._engine.pause()
        live = self._live or self._moment()
        back = update is None or update >= live.snapshot.updates
        moment = live if back else self._reel.nearest(update)
        self._trainer.restore(moment.snapshot)
        self._latest, self._recent = dict(moment.latest), moment.recent
        self._live = None if back else live
        self._before_step()
        if self._diverged_at is not None:  # at its end alone
            self.problem = live.problem if back else ""
        self._shown = moment
        if back:
            self._mark_differences()
        self._show()
        return self._trainer.updates

    def _moment(self) -> Moment:
        return Moment(
            self._trainer.snapshot(),
            dict(self._latest),
            self._recent,
            self._settings_in_words(),
            self.problem,
        )

    def _take_snapshot(self) -> None:
        moment = self._moment()
        self._moment_bytes = moment.snapshot.nbytes
        self._reel.add(moment.snapshot.updates, moment, self._moment_bytes)

    def _run_length(self) -> int:
        """Return how many updates the run has, also while it is rewound."""
        return (self._live.snapshot if self._live else self._trainer).updates

    def _forget_moments(self) -> None:
        """Other data, or another network: there is no way back behind the present."""
        if self._live is not None:
            self._forget_rest()
        self._reel = _new_reel()
        self._take_snapshot()

    def _forget_rest(self) -> None:
        """Training goes on from where it was rewound to: nothing has come after that."""
        updates = self._trainer.updates
        self._reel.cut(updates)
        for curve in (self._loss, self._validation_loss, self._accuracy):
            curve.cut(updates)
        self._marks = [mark for mark in self._marks if mark["update"] <= updates]
        self._live = self._diverged_at = self._asked = None
        self._mark_differences()

    def _mark_differences(self) -> None:
        """Mark what is set otherwise now than at the moment that was rewound to."""
        now, then = self._settings_in_words(), self._shown.settings
        texts = [text for name, text in now.items() if then.get(name) != text]
        if texts and self._trainer.updates:
            self._mark("settings", ", ".join(texts))

    def _fail(self, error: Exception) -> None:
        if isinstance(error, Diverged):
            self._diverged_at = error.update
        super()._fail(error)

    def _hear(self, message: dict) -> None:
        super()._hear(message)
        command = message.get("command")
        # A view may ask for what has just changed: then it is shown how things stand.
        with contextlib.suppress(ValueError):
            if command == "keep":
                self.keep()
            elif command == "rename":
                self.rename(int(message["key"]), str(message["to"]))
            elif command == "forget":
                self.forget(message.get("key"))
            elif command == "rewind":
                self._asked = message["update"]
                self.rewind(self._asked)
            return
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
            self._mark("batches", self._batches_in_words())
        elif self._trainer.updates:
            self._mark("learning rate", f"α {self.learning_rate:.3g}")

    def _new_optimizer(self) -> Optimizer:
        return OPTIMIZERS[self.optimizer](self.momentum)

    def _exchange(self) -> None:
        """Let another optimizer go on from here."""
        self._trainer.optimizer = self._new_optimizer()
        self._apply()
        self._mark("optimizer", self.optimizer)

    def _weigh(self) -> None:
        """Let other regularization rates act from the next update on."""
        for name in ("l1", "l2"):
            if getattr(self._trainer, name) != getattr(self, name):
                setattr(self._trainer, name, getattr(self, name))
                self._mark(name, f"{name.upper()} {getattr(self, name):.3g}")

    def _mark(self, setting: str, text: str) -> None:
        """Mark on the curves that `setting` was changed here; a dragged slider leaves one mark."""
        if self._live is not None:  # it is marked where training goes on
            return
        now = time.perf_counter()
        if self._marks and now - self._marked_at < 1.0 and setting == self._marked:
            self._marks[-1]["text"] = text
        elif self._trainer.updates:
            self._marks = [*self._marks, {"update": self._trainer.updates, "text": text}][-MARKS:]
        self._marked, self._marked_at = setting, now

    # The lab's side.

    def _begin(self, trainer: Trainer, judge: Evaluator) -> None:
        """Start with this trainer and this watch over the validation data: no update made yet."""
        self._trainer, self._judge = trainer, judge
        self._loss, self._validation_loss, self._accuracy = Curve(), Curve(512), Curve(512)
        self._latest: dict = {}
        self._marks: list[dict] = []  # where a setting was changed, and to what
        self._marked, self._marked_at = "", 0.0  # the setting of the latest mark, and when
        self._recent = None  # a running mean of the training loss, for the words
        self._diverged_at: int | None = None
        self._reel = _new_reel()
        self._live: Moment | None = None  # the latest moment, while an earlier one is shown
        self._asked: int | None = None  # what a view asked to be shown
        self._kept = self._kept or KeptRuns()
        self._progress = Progress(self.goal)
        self._look_at_goal()
        self._before_step()
        self._take_snapshot()
        self._label_kept()

    def _go_on_with(self, trainer: Trainer, judge: Evaluator) -> None:
        """Let this training go on with other data: another trainer and watch, the same curves."""
        self._trainer, self._judge = trainer, judge
        self._before_step()

    def _updates_to_epoch_end(self) -> int:
        under_way = self._trainer.batch_under_way
        return self._trainer.batches.left_in_epoch + under_way

    def _run_epoch(self) -> None:
        updates = self._updates_to_epoch_end()
        self._before_step(updates)
        self._engine.run(updates)

    def _work(self) -> bool:
        if self._live is not None:
            self._forget_rest()
        return next(self._working)

    def _before_step(self, updates: int = 1) -> None:
        # The look at the validation data that a pause cut short belongs to an update that
        # is already counted; the first and the last of new updates are always looked at.
        self._judge.restart()
        self._working = self._works()
        self._watch_at = 0.0
        self._last_update = self._trainer.updates + updates

    def _works(self):
        """Yield after each few milliseconds of work: True when an update is complete."""
        while True:
            record = self._trainer.advance()
            if record is None:
                yield False
                continue
            self._note(record)
            if time.perf_counter() >= self._watch_at or record.update == self._last_update:
                yield from self._watch()
            if record.update >= self._reel.due:
                if self.network.parameters.nbytes > LARGE:
                    yield False  # the burst may end here: a copy is some milliseconds of its own
                self._take_snapshot()
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
        self._look_at_goal()

    def _note(self, record) -> None:
        seen = self._latest.get("samples", 0)
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
        # A budget that ends with this update is judged by a look at once, not by an older one.
        size, n, last = record.samples_seen - seen, len(self._trainer.X), self._progress.last_use
        if (
            last("updates", record.update, 1)
            or last("samples", record.samples_seen, size)
            or last("epochs", record.samples_seen / n, size / n)
        ):
            self._watch_at = 0.0

    def _curves(self) -> dict[str, np.ndarray]:
        return {
            "training loss": self._loss.points(),
            "validation loss": self._validation_loss.points(),
            "accuracy": self._accuracy.points(),
        }

    def _frame(self):
        values = {
            **NOTHING_YET,
            **self._latest,
            "summary": self._summary(),
            "marks": self._marks,
            "diverged": self._diverged_at,
            "length": self._run_length(),
            "moments": self._reel.updates,
            "most moments": self._reel.room(self._moment_bytes),
            "rewound": None if self._live is None else self._trainer.updates,
            "asked": self._asked,
            "settings": json.dumps(self.settings()),
            "goal": {
                "state": self._progress.state,
                "rows": self._progress.rows(),
                "words": self._progress.words(),
            }
            if self.goal
            else None,
        }
        return values, self._curves()

    def _summary(self) -> str:
        """Say in words how training stands, and how far off the goal is."""
        kept = self._kept.summary()
        words = "; ".join([*self._standing(), kept] if kept else self._standing()) + "."
        return f"{words} {self._progress.words()}" if self.goal else words

    def _standing(self) -> list[str]:
        now = self._latest
        if self._live is not None and not now:
            return [f"Rewound to the start, of {self._run_length():,} updates"]
        if not now:
            rate = f"learning rate {self.learning_rate:.3g}"
            return [f"Ready: {rate}; press Run, or Step"]
        if self._live is None:
            words = [f"Update {now['update']:,}, epoch {now['epoch']:,}"]
        else:
            words = [
                f"Rewound to update {now['update']:,} of {self._run_length():,}, "
                f"epoch {now['epoch']:,}"
            ]
        words.append(f"training loss {self._recent:.3g}")
        if "validation loss" in now:
            x, mean, *_ = self._validation_loss.points()
            trend = _trend(mean[x <= now["update"]])
            words.append(f"validation loss {now['validation loss']:.3g}{trend}")
        if "accuracy" in now:
            words.append(f"validation accuracy {now['accuracy']:.1%}")
        words.append(f"learning rate {now['learning rate']:.3g}")
        return words


def _new_reel() -> Reel:
    return Reel(least=FEWEST_MOMENTS, limit=MOMENT_BYTES)


def training_controls(n: int, optimizers: list[str]) -> list[dict]:
    """Return the controls of learning rate, batch mode and optimizer, for n training samples."""
    return [
        controls.log_slider(
            "learning_rate",
            "Learning rate α",
            1e-4,
            1e2,
            "The length of each step, x ← x − α∇L. It acts on the very next update.",
        ),
        controls.choice(
            "mode",
            "Batch mode",
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
        controls.select(
            "optimizer",
            "Optimizer",
            optimizers,
            "How the gradient moves the parameters. It acts on the next update.",
        ),
        controls.slider(
            "momentum",
            "Momentum β",
            0,
            0.99,
            0.01,
            "v ← βv + g: how much of its speed the descent keeps.",
        ),
    ]


def pace_control() -> dict:
    """Return the control of the speed."""
    return controls.select("pace", "Speed", list(PACES), "Slow motion shows single updates.")


def _trend(values: np.ndarray) -> str:
    """Say whether the last fifth of a curve lies below or above the fifth before it."""
    fifth = max(1, len(values) // 5)
    if len(values) < 2:
        return ""
    last, before = values[-fifth:].mean(), values[-2 * fifth : -fifth].mean()
    if abs(last - before) <= 0.005 * abs(before):
        return ", level"
    return ", falling" if last < before else ", rising"
