"""The training panel: loss and accuracy while a network trains, under its sliders."""

import contextlib
import copy
import itertools

from ..blas import blas_threads
from ..errors import Diverged
from ..evaluation import Evaluator
from ..optimizers import GradientDescent
from ..trainer import Trainer
from ..training import History
from .training_lab import TrainingLab, training_controls
from .widget import front_end

# Updates shown by the picture that stands in for a panel.
PREVIEW = 300


class TrainingPanel(TrainingLab):
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
    `use` lets functions of your own drive the training.
    """

    _esm = front_end("whose_code.js", "training_panel.js")

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
        self._make_trainer = lambda X, target: self._trainer_for(
            network, X, target, loss=loss, optimizer=self._optimizer,
            batch_size=batch_size, seed=seed,
        )  # fmt: skip
        trainer = self._make_trainer(X, target)
        self._begin(trainer, Evaluator(network, *validation, trainer.loss))
        super().__init__(
            title=f"{network!r}, {trainer.loss.name.replace('_', '-')} loss",
            controls=training_controls(len(trainer.X)),
            learning_rate=learning_rate,
            mode=mode,
            batch_size=batch_size,
        )

    def _restart(self) -> None:
        self.network.parameters = self._start
        self._optimizer.reset()
        self._begin(self._make_trainer(self._trainer.X, self._trainer.y), self._judge)
        self._apply()

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
