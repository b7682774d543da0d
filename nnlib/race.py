"""A race: several ways to train, from the same weights, through the same data, side by side.

What is fair? An update of batch gradient descent costs as much as hundreds of
stochastic ones. So the contestants are kept in step by gradient evaluations, one
for each sample that goes through backpropagation: whoever has used fewest is next.
The loss they are compared by is that of the same validation data for all.

A contestant may run on functions of your own (`nnlib.own_code`): your update rule
against nnlib's optimizers, or your backward against nnlib's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .checks import as_input
from .errors import Diverged
from .evaluation import Evaluator
from .optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
from .own_code import OwnCode, OwnTrainer
from .trainer import Trainer

# What a course may be measured in, in the order of the rows of `Contestant.course`.
MEASURES = ("updates", "epochs", "gradient evaluations", "seconds")

# Looks at the loss that are kept before every second one is dropped.
MOST_LOOKS = 1000

# A look at a large validation set is taken in pieces of so many seconds.
PIECE = 0.004

# A loss of so many times that at the start is no noise: the learning rate is too large.
WORSE = 1.5

# The learning rates of the ready-made race, and what each of them is for the network and the
# data that it is run on: leaky ReLU, so that a diverging run overflows and does not just saturate.
RATES = {"too small": 0.003, "right": 1.0, "too large": 10.0, "diverging": 1000.0}


@dataclass(frozen=True)
class Settings:
    """How a contestant trains.

    optimizer   makes a new optimizer: a class, or a function without arguments
    batch_size  as in `Trainer`
    own         an `OwnCode`: your functions in place of nnlib's. If it has an `update`,
                only the learning rate of the optimizer counts
    """

    optimizer: Callable[[], Optimizer] = GradientDescent
    batch_size: int | None = 32
    own: OwnCode | None = None

    def trainer(self, network, X, target, **more) -> Trainer:
        """Return a trainer of `network` with these settings."""
        more |= {"optimizer": self.optimizer(), "batch_size": self.batch_size}
        if self.own is None:
            return Trainer(network, X, target, **more)
        return OwnTrainer(network, X, target, self.own, **more)


@dataclass
class Contestant:
    """One way to train, with one trainer for each seed, and the losses it has shown.

    `looks` holds a row of measures (see MEASURES), and `losses` a row of losses, one
    for each seed, for every look; `diverged` says so in words, if it did. `worse_since` is
    the update from which on it has stood far above its start, or None.
    """

    name: str
    trainers: list[Trainer]
    judges: list[Evaluator]
    looks: list[list[float]] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0
    diverged: str | None = None
    worse_since: int | None = None

    @property
    def samples(self) -> int:
        """Gradient evaluations so far, of the seed that has made fewest."""
        return min(t.samples_seen for t in self.trainers)

    @property
    def state(self) -> str:
        """Say in words if this one has failed: diverged, or worse than at the start."""
        if self.diverged:
            return self.diverged
        if self.worse_since is None:
            return ""
        return (f"is worse than at the start since update {self.worse_since:,}: "
                "the learning rate is too large")  # fmt: skip

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
        # Converted once, or every trainer would keep a copy of its own.
        X, val_X = (as_input(x, network.layers[0], network.dtype) for x in (X, validation[0]))
        self.contestants = []
        self._looking = None  # a look at the validation data that is under way
        for name, s in settings.items():
            networks = [network.copy() for _ in seeds]
            for copy, seed in list(zip(networks, seeds, strict=True))[1:]:
                copy.initialize(seed)
            trainers = [s.trainer(copy, X, target, loss=loss, seed=seed)
                        for copy, seed in zip(networks, seeds, strict=True)]  # fmt: skip
            judges = [Evaluator(t.network, val_X, validation[1], t.loss) for t in trainers]
            self.contestants.append(Contestant(name, trainers, judges))
        # All start from the same weights, so one look serves for all.
        start = [judge.finish().loss for judge in self.contestants[0].judges]
        for contestant in self.contestants:
            contestant.looks.append([0.0] * len(MEASURES))
            contestant.losses.append(list(start))

    @property
    def running(self) -> list[Contestant]:
        """Those that have not diverged."""
        return [c for c in self.contestants if c.diverged is None]

    def advance(self) -> bool:
        """Let the contestant that is furthest behind work a little; True if it made an update.

        A large batch and a look at a large validation set are worked through in pieces of a few
        milliseconds. Raises Diverged once all contestants have, and OwnCodeError if a
        function of your own fails.
        """
        if self._looking is not None:
            self._go_on_looking()
            return False
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
        finally:
            contestant.seconds += (time.perf_counter() - begin) / len(contestant.trainers)
        if record is None:
            return False
        if contestant.samples >= contestant.looks[-1][2] + self.look_every:
            self._looking = self._look(contestant)
            self._go_on_looking()
        return True

    def _go_on_looking(self) -> None:
        end = time.perf_counter() + PIECE
        for _ in self._looking:
            if time.perf_counter() >= end:
                return
        self._looking = None

    def _look(self, contestant: Contestant):
        """Note where a contestant stands; yields after each piece of the work."""
        losses = []
        for judge in contestant.judges:
            while (score := judge.advance()) is None:
                yield
            losses.append(score.loss)
            yield
        if not np.isfinite(losses).all():
            return  # the next update will say that it diverged
        first = contestant.trainers[0]
        samples = contestant.samples
        contestant.looks.append(
            [first.updates, samples / len(first.X), samples, contestant.seconds]
        )
        contestant.losses.append(losses)
        if np.mean(losses) <= WORSE * np.mean(contestant.losses[0]):
            contestant.worse_since = None
        elif contestant.worse_since is None:
            contestant.worse_since = first.updates
        if len(contestant.looks) > MOST_LOOKS:
            for c in self.contestants:
                del c.looks[1:-1:2], c.losses[1:-1:2]
            self.look_every *= 2


def learning_rates(batch_size: int | None = 32, rates=None) -> dict:
    """Return contestants that differ in the learning rate alone.

    rates   {"word": α}, or α's without words. By default RATES: on nnlib's small sets a
            network with leaky ReLU crawls with the first, learns with the second, swings
            with the third, and overflows with the last
    """
    rates = RATES if rates is None else rates
    named = rates.items() if isinstance(rates, dict) else [("", a) for a in rates]
    return {f"{word} (α = {a:g})" if word else f"α = {a:g}":
            Settings(lambda a=a: GradientDescent(a), batch_size) for word, a in named}  # fmt: skip


def batch_modes(learning_rate: float = 0.1, batch_size: int = 32) -> dict:
    """Return the three modes of gradient descent, with one learning rate."""
    sizes = {"Batch": None, f"Mini-batch of {batch_size}": batch_size, "Stochastic": 1}
    return {name: Settings(lambda: GradientDescent(learning_rate), size)
            for name, size in sizes.items()}  # fmt: skip


def optimizers(
    learning_rate: float = 0.03, batch_size: int | None = 32, momentum: float = 0.9
) -> dict:
    """Return all optimizers with one learning rate, but a tenth of it for RMSProp and Adam.

    Those two divide the gradient by its own size, so their steps are about α long.
    `momentum` is the β of Momentum and Nesterov.
    """
    plain = {"GradientDescent": Settings(lambda: GradientDescent(learning_rate), batch_size)}
    heavy = {kind.__name__: Settings(lambda kind=kind: kind(learning_rate, momentum), batch_size)
             for kind in (Momentum, Nesterov)}  # fmt: skip
    scaled = {kind.__name__: Settings(lambda kind=kind: kind(learning_rate / 10), batch_size)
              for kind in (RMSProp, Adam)}  # fmt: skip
    return plain | heavy | scaled


RACES = {"learning rates": learning_rates, "batch modes": batch_modes, "optimizers": optimizers}
