"""The training panel: loss and accuracy while a network trains, under its sliders."""

import contextlib
import copy
import inspect
import itertools
import time

import numpy as np
import traitlets

from ..images.square import square_side
from ..network import as_network
from ..optimizers import Optimizer, as_optimizer
from ..support.blas import blas_threads
from ..support.errors import Diverged
from ..support.takes import of, takes, text
from ..training.evaluation import Evaluator
from ..training.prepared import prepare_validation
from ..training.record import History
from ..training.trainer import Trainer
from . import controls
from .goal import check_goal
from .optimizers import NAMES, OPTIMIZERS
from .settings_lab import as_settings, pace_control
from .training_lab import TrainingLab
from .widget import front_end

# Updates shown by the picture that stands in for a panel; fewer if they would cost more
# multiplications than this, about a second.
PREVIEW, PREVIEW_COST = 300, 1e10

# An optimizer that a learner brings and the list does not have.
GIVEN = "as given"

# Neurons of the first layer whose weights are shown as images; how often, in seconds, while it
# trains; and the smallest image, in pixels a side, that is worth it.
SHOWN, IMAGES_EVERY, SMALLEST = 24, 0.2, 8


class TrainingPanel(TrainingLab):
    """Train `network` on (X, target) live, and watch its loss and accuracy.

    network        trained in place; Reset gives it back the parameters it came with
    X, target      the training data, as for `Trainer`
    validation     a pair (X, target) to watch; never trained on
    loss           as for `Trainer`
    optimizer      an optimizer as for `Trainer`, or the name of one in the panel's list;
                   gradient descent by default
    learning_rate  where the slider starts; by default the optimizer's own
    mode           'Batch', 'Mini-batch' or 'Stochastic'
    batch_size     the size of a mini-batch; by default 32, or all samples if there are fewer
    seed           of the shuffling
    locked         names of settings whose controls are hidden and cannot be set by a view, only
                   from a cell
    goal           what is to be reached, and within what, as for `Playground`
    settings       `momentum`, `l1`, `l2` and `pace`; and whatever else a `Trainer` takes

    The traits `learning_rate`, `mode`, `batch_size`, `optimizer`, `momentum`, `l1`, `l2` and `pace`
    may be set from a cell as from the panel, and act on the next update; so do `run`,
    `pause`, `step` and `reset`. `use` lets functions of your own drive the training. If the rows
    of X are square images, the first layer's weights are shown as images too.
    """

    _esm = front_end(
        "plane.js", "whose_code.js", "copy_settings.js", "goal.js", "training_panel.js"
    )

    optimizer = traitlets.Enum([*OPTIMIZERS, GIVEN], "Gradient descent").tag(sync=True)

    @takes(network=of(as_network), mode=text)
    def __init__(
        self,
        network,
        X,
        target,
        *,
        validation,
        loss=None,
        optimizer: "Optimizer | str | None" = None,
        learning_rate: float | None = None,
        mode: str = "Mini-batch",
        batch_size: "int | str" = "auto",
        seed: int | None = 0,
        locked=(),
        goal: dict | None = None,
        **settings,
    ):
        traits = {name: settings.pop(name) for name in self._names if name in settings}
        self._check_names(traits, locked)
        unknown = [n for n in settings if n not in inspect.signature(Trainer).parameters]
        if unknown:
            raise TypeError(
                f"a TrainingPanel has no setting {unknown[0]!r}: besides its own controls it takes "
                "those of Trainer, such as distortion and dropout"
            )
        traits |= self._take_optimizer(optimizer, traits.get("momentum"))
        if callable(self._optimizer.learning_rate):
            raise ValueError(
                f"optimizer={self._optimizer!r} follows a schedule, and a panel has a slider for "
                "its learning rate: pass it with a number, or train with nnlib.train"
            )
        if learning_rate is None:
            learning_rate = self._optimizer.current_learning_rate
        self._start, self._seed, self._more = network.parameters.copy(), seed, settings
        # The first trainer checks the data; those after a Reset can take them as they are.
        self._make_trainer = lambda X, target: self.trainer_for(
            network,
            X,
            target,
            loss=loss,
            optimizer=self._optimizer,
            batch_size=batch_size,
            seed=seed,
            l1=self.l1,
            l2=self.l2,
            **settings,
        )
        trainer = self._make_trainer(X, target)
        mini = trainer.batch_size
        side = square_side(network.layers[0])
        self._side = side if side >= SMALLEST else 0
        self._images_at = 0.0
        watched = prepare_validation(network, validation, trainer.loss)
        if watched.labels is None and "validation_accuracy" in (goal or {}):
            raise ValueError(
                f"goal={goal!r}: the target is no class, so there is no accuracy to be reached. "
                "Choose validation_loss"
            )
        evaluator = Evaluator(network, watched, at_once="frame")
        self.begin(trainer, evaluator)
        super().__init__(
            title=f"{network!r}, {trainer.loss.name.replace('_', '-')} loss",
            learning_rate=learning_rate,
            mode=mode,
            batch_size=mini,
            locked=list(locked),
            goal=check_goal(goal or {}),
            **traits,
        )
        self._apply_penalties()

    @property
    def start(self) -> np.ndarray:
        """The parameters that the network came with, and that Reset gives back to it."""
        return self._start.copy()

    def _take_optimizer(self, optimizer, momentum: float | None) -> dict:
        """Start with this optimizer; return what the traits say of it."""
        if isinstance(optimizer, str):
            if optimizer not in OPTIMIZERS:
                raise ValueError(
                    f"optimizer={optimizer!r}: choose one of {', '.join(OPTIMIZERS)}, "
                    "or pass an optimizer of your own"
                )
            momentum = 0.9 if momentum is None else momentum
            self._given = self._optimizer = OPTIMIZERS[optimizer].make(momentum)
            return {"optimizer": optimizer, "momentum": momentum}
        self._given = self._optimizer = as_optimizer(optimizer)
        name = NAMES.get(type(self._given), GIVEN)
        beta = getattr(self._given, "beta", 0.9 if momentum is None else momentum)
        return {"optimizer": name, "momentum": min(beta, 0.99)}

    @classmethod
    def from_settings(
        cls, settings: "dict | str", network, X, target, *, validation, **given
    ) -> "TrainingPanel":
        """Return a panel with these settings, a dict or its JSON text, for this network and data.

        `given` are what no text can hold: an optimizer of your own, the loss, ….
        """
        settings = as_settings(settings)
        if settings.get("optimizer") == GIVEN or "optimizer" in given:
            settings.pop("optimizer", None)
        return cls(network, X, target, validation=validation, **settings, **given)

    def _all_controls(self) -> list[dict]:
        optimizers = [*OPTIMIZERS] if type(self._given) in NAMES else [*OPTIMIZERS, GIVEN]
        rate, mode, size, *more = controls.training_controls(len(self.trainer.X), optimizers)
        seldom = [
            *more,
            controls.slider(
                "l2",
                "L2 rate λ₂",
                0,
                0.002,
                0.00005,
                "Adds λ₂/2 Σw² to the loss: it keeps weights small.",
                "λ₂",
            ),
            pace_control(),
        ]
        return [rate, mode, size, *controls.folded("Training", seldom)]

    def _new_optimizer(self) -> Optimizer:
        if self.optimizer == GIVEN:
            self._given.reset()
            self._optimizer = self._given
        else:
            self._optimizer = super()._new_optimizer()
        return self._optimizer

    def frame(self):
        values, arrays = super().frame()
        values["image side"] = self._side
        now = time.perf_counter()
        if self._side and (not self.running or now - self._images_at > IMAGES_EVERY):
            self._images_at = now
            arrays["first layer"] = self.network.weights[0][:, :SHOWN].T.astype(np.float32)
        return values, arrays

    def restart(self) -> None:
        self.network.parameters = self._start
        self._optimizer.reset()
        self.begin(self._make_trainer(self.trainer.X, self.trainer.y), self.evaluator)
        self._apply_settings()

    def preview(self):
        """Return a picture of the first updates, made with copies: what is live stays untouched."""
        from ..plots import training_curves
        from ..plots.curves import curves_to_come

        network = self.network.copy()
        network.parameters = self._start
        optimizer = copy.deepcopy(self._optimizer)
        optimizer.reset()
        trainer = Trainer(
            network,
            self.trainer.X,
            self.trainer.y,
            loss=self.trainer.loss,
            optimizer=optimizer,
            batch_size=min(self.batch_size, len(self.trainer.X)),
            seed=self._seed,
            l1=self.l1,
            l2=self.l2,
            **self._more,
        )
        size = network.parameters.size
        rows = max(500, int(PREVIEW_COST / (6 * size)))  # of the validation data, in six looks
        evaluator = Evaluator(
            network, self.evaluator.X[:rows], self.evaluator.y[:rows], self.trainer.loss
        )
        if self._from_start:
            begin = evaluator.finish()
            return curves_to_come(
                begin.loss, begin.accuracy, title="The training panel before training"
            )
        history = History()
        updates = max(PREVIEW // 10, min(PREVIEW, 100_000 // self.batch_size))
        updates = max(12, min(updates, int(PREVIEW_COST / (3 * size * self.batch_size))))
        with contextlib.suppress(Diverged), blas_threads(1):
            for record in itertools.islice(trainer, updates):
                history.add(record)
                if record.update % (updates // 6) == 0:
                    history.add_validation(record.update, evaluator.finish())
        return training_curves(history, title=f"The training panel after {updates} updates")

    def described(self) -> str:
        """Say what this panel is of."""
        return f" of {self.network!r}"
