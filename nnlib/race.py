"""A race: several ways to train, from the same weights, through the same data, side by side.

What is fair? An update of batch gradient descent costs as much as hundreds of
stochastic ones. So the contestants are kept in step by gradient evaluations, one
for each sample that goes through backpropagation: whoever has used fewest is next.
The loss they are compared by is that of the same validation data for all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .errors import Diverged
from .evaluation import Evaluator
from .optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
from .trainer import Trainer

# What a course may be measured in, in the order of the rows of `Contestant.course`.
MEASURES = ("updates", "epochs", "gradient evaluations", "seconds")

# Looks at the loss that are kept before every second one is dropped.
MOST_LOOKS = 1000


@dataclass(frozen=True)
class Settings:
    """How a contestant trains: `optimizer` makes a new optimizer; `batch_size` as in `Trainer`."""

    optimizer: Callable[[], Optimizer]
    batch_size: int | None = 32


@dataclass
class Contestant:
    """One way to train, with one trainer for each seed, and the losses it has shown.

    `looks` holds a row of measures (see MEASURES), and `losses` a row of losses, one
    for each seed, for every look; `diverged` says so in words, if it did.
    """

    name: str
    trainers: list[Trainer]
    judges: list[Evaluator]
    looks: list[list[float]] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0
    diverged: str | None = None

    @property
    def samples(self) -> int:
        """Gradient evaluations so far, of the seed that has made fewest."""
        return min(t.samples_seen for t in self.trainers)

    @property
    def state(self) -> str:
        """Say in words if this one has failed: diverged, or worse than at the start."""
        if self.diverged:
            return self.diverged
        worse = self.losses and np.mean(self.losses[-1]) > 1.5 * np.mean(self.losses[0])
        return "is worse than at the start: the learning rate is too large" if worse else ""

    def course(self, measure: str) -> np.ndarray:
        """Return x in the given measure, and the mean, lowest and highest loss: shape (4, n)."""
        if not self.looks:
            return np.empty((4, 0))
        x = np.array(self.looks)[:, MEASURES.index(measure)]
        losses = np.array(self.losses)
        return np.vstack([x, losses.mean(axis=1), losses.min(axis=1), losses.max(axis=1)])


class Race:
    """Train a copy of `network` with each of the `settings`, in lock-step.

    network     where all start; it is not changed
    X, target   as for `Trainer`
    settings    {"name": Settings, …}
    validation  a pair (X, target) that the loss is looked at on
    loss        as for `Trainer`
    seeds       of start and order; the same for all contestants. The first keeps the
                network's own parameters, every further one draws them anew
    look_every  gradient evaluations between two looks at the loss

    Raises ValueError if there is no contestant or anything does not fit.
    """

    def __init__(
        self, network, X, target, settings: dict, *, validation, loss=None, seeds=(0,),
        look_every: int | None = None,
    ):  # fmt: skip
        if not settings:
            raise ValueError("a race needs at least one contestant: settings={'name': Settings(…)}")
        self.look_every = look_every or max(1, len(X) // 10)
        self.contestants = []
        for name, s in settings.items():
            networks = [network.copy() for _ in seeds]
            for copy, seed in list(zip(networks, seeds, strict=True))[1:]:
                copy.initialize(seed)
            trainers = [
                Trainer(copy, X, target, loss=loss, optimizer=s.optimizer(),
                        batch_size=s.batch_size, seed=seed)
                for copy, seed in zip(networks, seeds, strict=True)
            ]  # fmt: skip
            judges = [Evaluator(t.network, *validation, t.loss) for t in trainers]
            self.contestants.append(Contestant(name, trainers, judges))
        for contestant in self.contestants:
            self._look(contestant)

    @property
    def running(self) -> list[Contestant]:
        """Those that have not diverged."""
        return [c for c in self.contestants if c.diverged is None]

    def advance(self) -> bool:
        """Let the contestant that is furthest behind work a little; True if it made an update.

        Raises Diverged once all have.
        """
        if not self.running:
            raise Diverged("all contestants have diverged: start again with smaller learning rates",
                           update=0, loss=np.inf)  # fmt: skip
        contestant = min(self.running, key=lambda c: c.samples)
        trainer = min(contestant.trainers, key=lambda t: t.samples_seen)
        begin = time.perf_counter()
        try:
            record = trainer.advance()
        except Diverged as error:
            contestant.diverged = f"diverged at update {error.update:,}"
            return True
        contestant.seconds += (time.perf_counter() - begin) / len(contestant.trainers)
        if record is None:
            return False
        if contestant.samples >= contestant.looks[-1][2] + self.look_every:
            self._look(contestant)
        return True

    def _look(self, contestant: Contestant) -> None:
        """Note where a contestant stands."""
        losses = [judge.finish().loss for judge in contestant.judges]
        if not np.isfinite(losses).all():
            return  # the next update will say that it diverged
        first = contestant.trainers[0]
        samples = contestant.samples
        contestant.looks.append(
            [first.updates, samples / len(first.X), samples, contestant.seconds]
        )
        contestant.losses.append(losses)
        if len(contestant.looks) > MOST_LOOKS:
            for c in self.contestants:
                del c.looks[1:-1:2], c.losses[1:-1:2]
            self.look_every *= 2


def learning_rates(batch_size: int | None = 32, rates=(0.003, 0.1, 1.0, 30.0)) -> dict:
    """Return contestants that differ in the learning rate alone."""
    return {f"α = {a:g}": Settings(lambda a=a: GradientDescent(a), batch_size) for a in rates}


def batch_modes(learning_rate: float = 0.1, batch_size: int = 32) -> dict:
    """Return the three modes of gradient descent, with one learning rate."""
    sizes = {"Batch": None, f"Mini-batch of {batch_size}": batch_size, "Stochastic": 1}
    return {name: Settings(lambda: GradientDescent(learning_rate), size)
            for name, size in sizes.items()}  # fmt: skip


def optimizers(learning_rate: float = 0.03, batch_size: int | None = 32) -> dict:
    """Return all optimizers with one learning rate, but a tenth of it for RMSProp and Adam.

    Those two divide the gradient by its own size, so their steps are about α long.
    """
    usual = {kind.__name__: Settings(lambda kind=kind: kind(learning_rate), batch_size)
             for kind in (GradientDescent, Momentum, Nesterov)}  # fmt: skip
    scaled = {kind.__name__: Settings(lambda kind=kind: kind(learning_rate / 10), batch_size)
              for kind in (RMSProp, Adam)}  # fmt: skip
    return usual | scaled


RACES = {"learning rates": learning_rates, "batch modes": batch_modes, "optimizers": optimizers}
