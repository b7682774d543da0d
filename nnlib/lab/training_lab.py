"""What labs that train share: a `Trainer` under sliders."""

import json

import numpy as np
import traitlets

from ..diagnosis.own_code import OwnTrainer
from ..network import NeuralNetwork
from ..optimizers import GradientDescent, Optimizer
from ..support.errors import Diverged
from ..training.evaluation import Evaluator
from ..training.trainer import Trainer
from .goal import Progress, check_goal
from .keeping import Keeping
from .optimizers import OPTIMIZERS
from .rewinding import Rewinding
from .settings_lab import SettingsLab
from .summary import batches_in_words, settings_in_words, standing
from .training_run import TrainingRun
from .traits import Number, Positive
from .your_code import YourCode

MODES = ("Batch", "Mini-batch", "Stochastic")
# The settings that act on the next update.
ACTING = ("learning_rate", "mode", "batch_size", "optimizer", "momentum", "l1", "l2", "pace")

# What is known of the latest update, before there is one. A page may miss a frame, so each
# must say all: after Reset also that there is no update any more.
NOTHING_YET = dict.fromkeys(
    ("update", "epoch", "samples", "training loss", "validation loss", "accuracy", "learning rate")
)


class TrainingLab(YourCode, Rewinding, Keeping, SettingsLab):
    """A lab that drives a `Trainer`: learning rate, batch mode and more act on the next update.

    A run may be kept, so that the next is drawn over it, and rewound, to look at any moment of
    it and to go on from there. It may have a goal. What has been seen of the run is `.training`.

    A subclass calls `begin(trainer, evaluator)` before it initializes the widget, or in a
    `build` of its own once its traits are set; and again whenever training restarts.
    """

    training: TrainingRun = None  # type: ignore[assignment]  # until it begins
    _names: tuple[str, ...] = ACTING

    commands = traitlets.List(["run", "pause", "step", "epoch", "reset"]).tag(sync=True)

    learning_rate = Positive(0.1).tag(sync=True)
    mode = traitlets.Enum(MODES, "Mini-batch").tag(sync=True)
    batch_size = traitlets.Int(32).tag(sync=True)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "Gradient descent").tag(sync=True)
    momentum = Number(0.9, min=0, max=0.99).tag(sync=True)
    l1 = Number(0.0, min=0).tag(sync=True)
    l2 = Number(0.0, min=0).tag(sync=True)
    goal = traitlets.Dict()

    def __init__(self, **traits):
        super().__init__(**traits)
        if self.training is None:
            self.build()
        self._apply_settings()
        self._lock()
        self.training.set_goal(self.goal)
        self.on_change(self._change_learning_rate, "learning_rate")
        self.on_change(self._change_batches, "mode", "batch_size")
        self.on_change(self._replace_optimizer, "optimizer", "momentum")
        self.on_change(self._apply_penalties, "l1", "l2")
        self.on_change(self._change_goal, "goal")

    # What there is to be seen.

    @property
    def trainer(self) -> Trainer:
        """The trainer at work; after Reset it is another."""
        return self.training.trainer

    @property
    def evaluator(self) -> Evaluator:
        """What looks at the validation data."""
        return self.training.evaluator

    @property
    def network(self) -> NeuralNetwork:
        """The network that is being trained."""
        return self.trainer.network

    @property
    def updates(self) -> int:
        """Updates made since the start or the last Reset."""
        return self.trainer.updates

    @property
    def accuracy(self) -> float | None:
        """The latest validation accuracy, a share of 1; None before the first look."""
        return self.training.latest.get("accuracy")

    @property
    def progress(self) -> Progress:
        """How far training is on the way to the goal."""
        return self.training.progress

    @property
    def goal_reached(self) -> bool:
        """Whether the goal was reached since training last started; False without a goal."""
        return self.progress.state == "reached"

    @property
    def marks(self) -> list[dict]:
        """Where settings were changed, and to what: [{"update": …, "text": …}]."""
        return [dict(mark) for mark in self.training.marks]

    def settings(self) -> dict:
        """Return all settings as a small dict that JSON can hold; see `from_settings`."""
        return super().settings() | ({"goal": dict(self.goal)} if self.goal else {})

    def settings_in_words(self) -> dict[str, str]:
        """Return the settings that may tell a run from another: {setting: in words}."""
        return settings_in_words(
            self.trainer.optimizer,
            learning_rate=self.learning_rate,
            batches=batches_in_words(self.mode, self.batch_size, len(self.trainer.X)),
            code=self.code,
            l1=self.l1,
            l2=self.l2,
        )

    def summary(self) -> str:
        """Say in words how training stands, and how far off the goal is."""
        text = self._standing()
        return f"{text} {self.progress.words()}" if self.goal else text

    def _standing(self) -> str:
        """Say how training stands, whatever the goal."""
        words = standing(
            self.training, self.learning_rate, self.run_length, self.rewound, self.how_to_start
        )
        kept = self._runs.summary()
        return "; ".join([*words, kept] if kept else words) + "."

    # What a subclass fills in or calls.

    def build(self) -> None:
        """Make the trainer from the traits and `begin` with it."""
        raise NotImplementedError

    def begin(self, trainer: Trainer, evaluator: Evaluator) -> None:
        """Start with this trainer and this watch over the validation data: no update made yet."""
        self.training = TrainingRun(trainer, evaluator, self.goal)
        self.begin_moments()
        self._label_kept()

    def trainer_for(self, network, X, target=None, **settings) -> Trainer:
        """Return a trainer that calls the functions given to `use`, if any, else nnlib's.

        It works on large batches a frame's worth at a time.
        """
        settings.setdefault("at_once", "frame")
        if self.own_code is None:
            return Trainer(network, X, target, **settings)
        return OwnTrainer(network, X, target, self.own_code, **settings)

    # Your code.

    def use(self, kept=None, /, *, forward=None, loss=None, backward=None, update=None) -> None:
        """Let functions of your own drive the lab; without any, nnlib's own drive it again.

        `use(mine())` takes those that you kept in the lessons (`nnlib.exercises.mine`). Their
        signatures are in `nnlib.diagnosis.own_code`. They are tried first on a small copy,
        and if they are right, training restarts with them. If one is wrong, the lab says what is
        wrong with it and does not run it; Reset goes back to the code that was at work before.
        """
        self.try_functions(kept, forward=forward, loss=loss, backward=backward, update=update)

    def tried_with(self):
        """Return the network and the loss with which functions are tried."""
        return self.network, self.trainer.loss

    # Settings act on the next update, and leave a mark on the curves.

    def _apply_settings(self) -> None:
        """Hand learning rate and batch size to the trainer."""
        self.trainer.optimizer.learning_rate = self.learning_rate
        mini = min(self.batch_size, len(self.trainer.X))
        self.trainer.batch_size = {"Batch": None, "Stochastic": 1}.get(self.mode, mini)

    def _change_learning_rate(self) -> None:
        self._apply_settings()
        self._mark("learning rate", f"α {self.learning_rate:.3g}")

    def _change_batches(self) -> None:
        before = self.trainer.batch_size
        self._apply_settings()
        if self.trainer.batch_size != before:
            self._mark("batches", self.settings_in_words()["batches"])

    def _new_optimizer(self) -> Optimizer:
        return OPTIMIZERS[self.optimizer].make(self.momentum)

    def _replace_optimizer(self) -> None:
        self.trainer.optimizer = self._new_optimizer()
        self._apply_settings()
        self._mark("optimizer", self.optimizer)

    def _apply_penalties(self) -> None:
        for name in ("l1", "l2"):
            rate = getattr(self, name)
            if getattr(self.trainer, name) != rate:
                setattr(self.trainer, name, rate)
                self._mark(name, f"{name.upper()} {rate:.3g}")

    def _change_goal(self) -> None:
        self.training.set_goal(self.goal)
        self.send_frame()

    def _mark(self, setting: str, text: str) -> None:
        if not self.rewound:  # else it is marked where training goes on
            self.training.mark(setting, text)

    @traitlets.validate("goal")
    def _check_goal(self, proposal) -> dict:
        return check_goal(proposal["value"])

    @traitlets.validate("batch_size")
    def _check_batch_size(self, proposal) -> int:
        size, n = proposal["value"], len(self.trainer.X) if self.training else float("inf")
        if not 1 <= size <= n:
            raise traitlets.TraitError(f"batch_size={size} must be from 1 to {n}, the whole set")
        return size

    # The lab's side.

    def run_epoch(self) -> None:
        """Train until every sample has been used once more."""
        updates = self.training.left_in_epoch
        self.before_steps(updates)
        self.engine.run(updates)

    def fail(self, error: BaseException) -> None:
        """Say in words what stopped the lab."""
        super().fail(error)
        if isinstance(error, Diverged):
            self.training.diverged_at = error.update
            self.training.check_goal()
            self.problem = self._why_diverged(error) or self.problem

    def _why_diverged(self, error: Diverged) -> str:
        """Say what made training diverge, if it is known not to be the learning rate alone."""
        at, decay = f"Training diverged at update {error.update}", self.learning_rate * self.l2
        own = self.own_code
        if own and own.update and np.isfinite(error.loss):
            return (
                f"{at}: the parameters that your update returned are not all finite numbers, "
                "though x, g and the learning rate are. Look for a division by zero, the root or "
                "logarithm of a negative number, or a step that is far too long"
            )
        if decay > 2 and isinstance(self.trainer.optimizer, GradientDescent):
            return (
                f"{at}: L2 is the cause. Each update multiplies the weights by 1 − αλ₂ = "
                f"{1 - decay:.3g}, and where αλ₂ is above 2 they grow without end. Make L2 or the "
                "learning rate smaller"
            ).replace("-", "−")
        return ""

    def frame(self):
        """Return what the views show now."""
        training, progress = self.training, self.progress
        values = {
            **NOTHING_YET,
            **training.latest,
            "summary": self.summary(),
            # A view says of the goal what it has to say beside the bars.
            "words": self._standing(),
            "marks": training.marks,
            "diverged": training.diverged_at,
            "classifies": self.evaluator.labels is not None,
            **self.rewinding_values(),
            "settings": json.dumps(self.settings()),
            "goal": {
                "state": progress.state,
                "rows": progress.rows(),
                "words": progress.words(),
            }
            if self.goal
            else None,
        }
        return values, training.points()
