"""A race: several ways to train, from the same weights, through the same data, side by side.

What is fair? An update of batch gradient descent costs as much as hundreds of
stochastic ones. So the contestants are kept in step by gradient evaluations, one
for each sample that goes through backpropagation: the one that has used fewest is next.
The loss they are compared by is that of the same validation data for all.

A contestant may run on functions of your own (`nnlib.diagnosis.own_code`): your update rule
against nnlib's optimizers, or your backward against nnlib's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ..diagnosis.own_code import OwnCode, OwnTrainer
from ..network import NeuralNetwork, as_network
from ..optimizers import Adam, GradientDescent, Momentum, Nesterov, Optimizer, RMSProp
from ..support.blas import blas_threads
from ..support.checks import as_whole
from ..support.errors import Diverged
from ..support.takes import like, listing, mapping, number, of, takes
from ..support.takes import seed as a_seed
from ..support.words import shown
from ..training.evaluation import Evaluator
from ..training.prepared import PreparedData, prepare, prepare_validation
from ..training.trainer import Trainer

# What a course may be measured in, in the order of the rows of `Contestant.course`.
MEASURES = ("updates", "epochs", "gradient evaluations", "seconds")

# Looks at the loss that are kept before every second one is dropped.
MOST_LOOKS = 1000

# A large validation set is evaluated in pieces of this many seconds.
PIECE = 0.004

# A first look that costs more multiplications than this is not taken at once, but in pieces too.
AT_ONCE = 1e9

# With this many validation samples, one evaluation costs as much as many updates.
MANY = 1000

# A loss this many times that at the start is not noise: the learning rate is too large.
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
    batch_size: int | str | None = "auto"
    own: OwnCode | None = None

    def trainer(self, network: NeuralNetwork, data: PreparedData, seed: int | None) -> Trainer:
        """Return a trainer of `network` on `data` with these settings."""
        if not callable(self.optimizer):
            raise TypeError(
                f"optimizer={self.optimizer!r} must be a function that makes one, so that each "
                "contestant has its own: for example lambda: Adam(0.001)"
            )
        more: dict = {
            "optimizer": self.optimizer(),
            "batch_size": self.batch_size,
            "seed": seed,
            "at_once": "frame",
        }
        if self.own is None:
            return Trainer(network, data, **more)
        return OwnTrainer(network, data, None, self.own, **more)


@dataclass
class Contestant:
    """One way to train, with one trainer for each seed, and the losses it has shown.

    `looks` holds a row of measures (see MEASURES), and `losses` a row of losses, one
    for each seed, for every look; so does `accuracies`, of shares of 1, or of None if the target
    is not a class. `diverged` says so in words, if it did. `worse_since` is the update from which
    on it has stood far above its start, or None.
    """

    name: str
    trainers: list[Trainer]
    evaluators: list[Evaluator]
    looks: list[list[float]] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)
    accuracies: list[list[float | None]] = field(default_factory=list)
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
        return (
            f"is worse than at the start since update {self.worse_since:,}: "
            "the learning rate is too large"
        )

    def course(self, measure: str, of: str = "loss") -> np.ndarray:
        """Return x in the given measure, and the mean, lowest and highest loss: shape (4, n).

        `of` may also be "accuracy"; without any, n is 0.
        """
        rows = self.losses if of == "loss" else self.accuracies
        if not rows or rows[0][0] is None:
            return np.empty((4, 0))
        x = np.array(self.looks)[:, MEASURES.index(measure)]
        values = np.array(rows)
        return np.vstack([x, values.mean(axis=1), values.min(axis=1), values.max(axis=1)])


class Race:
    """Train a copy of `network` with each of the `settings`, in lock-step.

    network     where all start; it is not changed
    X, target   as for `Trainer`
    settings    {"name": Settings, …}
    validation  a pair (X, target) that the loss is looked at on
    loss        as for `Trainer`
    seeds       of start and order; the same for all contestants. The first keeps the
                network's own parameters, each further one re-initializes them
    look_every  gradient evaluations between two looks at the loss: by default a tenth of an
                epoch; with a large validation set as many as keep looking to a fifth of the
                time, and at first more often

    All share one copy of the data. Raises ValueError if there is no contestant or anything
    does not fit.
    """

    @takes(
        network=of(as_network),
        settings=mapping("Settings(…)", like("trainer", "Settings(…)")),
        seeds=listing("seeds", a_seed, at_least=1),
    )
    def __init__(
        self,
        network,
        X,
        target,
        settings: dict,
        *,
        validation,
        loss=None,
        seeds=(0,),
        look_every: int | None = None,
    ):
        # Checked and encoded once: all trainers share these data.
        data = prepare(network, X, target, loss)
        looked_at = prepare_validation(network, validation, data.loss)
        if look_every is not None:
            as_whole("look_every", look_every, at_least=1)
        self._set_looks(len(data), len(looked_at), look_every)
        starts = [network.copy() for _ in seeds]
        for start, seed in list(zip(starts, seeds, strict=True))[1:]:
            start.initialize(seed)
        self.contestants = []
        for name, s in settings.items():
            trainers = [
                s.trainer(start.copy(), data, seed=seed)
                for start, seed in zip(starts, seeds, strict=True)
            ]
            evaluators = [Evaluator(t.network, looked_at, at_once="frame") for t in trainers]
            self.contestants.append(Contestant(name, trainers, evaluators))
        # A look at the validation data that is under way; the first is at the start.
        self._looking = self._look_at_start()
        if len(looked_at) * network.parameters.size * len(starts) <= AT_ONCE:
            with blas_threads(1):
                for _ in self._looking:
                    pass
            self._looking = None

    def _set_looks(self, n: int, n_validation: int, look_every: int | None) -> None:
        self._soonest = self.look_every = look_every or max(1, n // 10)
        if look_every is None and n_validation >= MANY:
            # To look at a sample is a third of the work of training with it.
            self.look_every = max(self.look_every, 4 * n_validation // 3)
            self._soonest = self.look_every // 5

    def _look_at_start(self):
        """Note where all start: from the same weights, so one look serves for all."""
        scores = []
        for evaluator in self.contestants[0].evaluators:
            while (score := evaluator.advance()) is None:
                yield
            scores.append(score)
            yield
        for c in self.contestants:
            c.looks.append([0.0] * len(MEASURES))
            c.losses.append([score.loss for score in scores])
            c.accuracies.append([score.accuracy for score in scores])

    @property
    def looking(self) -> bool:
        """True while a look at the validation data is under way."""
        return self._looking is not None

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
            raise Diverged(
                "all contestants have diverged: start again with smaller learning rates",
                update=0,
                loss=np.inf,
            )
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
        last = contestant.looks[-1][2]
        if contestant.samples >= last + min(self.look_every, max(self._soonest, last // 4)):
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
        losses, accuracies = [], []
        for evaluator in contestant.evaluators:
            while (score := evaluator.advance()) is None:
                yield
            losses.append(score.loss)
            accuracies.append(score.accuracy)
            yield
        if not np.isfinite(losses).all():
            return  # the next update will say that it diverged
        first = contestant.trainers[0]
        samples = contestant.samples
        contestant.looks.append(
            [first.updates, samples / len(first.X), samples, contestant.seconds]
        )
        contestant.losses.append(losses)
        contestant.accuracies.append(accuracies)
        if np.mean(losses) <= WORSE * np.mean(contestant.losses[0]):
            contestant.worse_since = None
        elif contestant.worse_since is None:
            contestant.worse_since = first.updates
        if len(contestant.looks) > MOST_LOOKS:
            for c in self.contestants:
                del c.looks[1:-1:2], c.losses[1:-1:2], c.accuracies[1:-1:2]
            self.look_every *= 2
            self._soonest *= 2


def learning_rates(batch_size: int | str | None = "auto", rates=None) -> dict:
    """Return contestants that differ in the learning rate alone.

    rates   {"word": α}, or α's without words. By default RATES: on nnlib's small sets a
            network with leaky ReLU crawls with the first, learns with the second, swings
            with the third, and overflows with the last
    """
    rates = RATES if rates is None else rates
    if isinstance(rates, dict):
        words, alphas = [*rates], [*rates.values()]
    else:
        alphas = listing("learning rates")("rates", rates)
        words = [""] * len(alphas)
    alphas = [number(0)("rates", a) for a in alphas]
    names = [
        f"{word} (α = {a:g})" if word else f"α = {a:g}"
        for word, a in zip(words, alphas, strict=True)
    ]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"rates={shown(rates)} holds {twice} twice: each races once")
    return {
        name: Settings(partial(GradientDescent, a), batch_size)
        for name, a in zip(names, alphas, strict=True)
    }


def batch_modes(learning_rate: float = 0.1, batch_size: int = 32) -> dict:
    """Return the three modes of gradient descent, with one learning rate."""
    sizes = {"Batch": None, f"Mini-batch of {batch_size}": batch_size, "Stochastic": 1}
    return {
        name: Settings(lambda: GradientDescent(learning_rate), size) for name, size in sizes.items()
    }


def optimizers(
    learning_rate: float = 0.03, batch_size: int | str | None = "auto", momentum: float = 0.9
) -> dict:
    """Return all optimizers with one learning rate, but a tenth of it for RMSProp and Adam.

    Those two divide the gradient by its own size, so their steps are about α long.
    `momentum` is the β of Momentum and Nesterov.
    """
    plain = {"GradientDescent": Settings(lambda: GradientDescent(learning_rate), batch_size)}
    heavy = {
        kind.__name__: Settings(partial(kind, learning_rate, momentum), batch_size)
        for kind in (Momentum, Nesterov)
    }
    scaled = {
        kind.__name__: Settings(partial(kind, learning_rate / 10), batch_size)
        for kind in (RMSProp, Adam)
    }
    return plain | heavy | scaled


RACES: dict[str, Callable[..., dict]] = {
    "learning rates": learning_rates,
    "batch modes": batch_modes,
    "optimizers": optimizers,
}
