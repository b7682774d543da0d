"""Gradient-descent variants: how the gradient moves the parameters.

Every optimizer sees two flat vectors, the parameters x and the gradient g =
∇L, and changes x in place: x ← x − step. α is the learning rate; it may be set
between any two updates, to a number or to a schedule (see `nnlib.schedules`). What
an optimizer remembers (v, s, m) starts at zero, in vectors as long as x.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 8.3 and 8.5.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .support.attributes import Checked, KnownAttributes
from .support.checks import is_number
from .support.guests import name_of, returned_as
from .support.sharing import blocks, for_each
from .support.words import shown

# α: a number, or a schedule, a function of the number of updates so far.
LearningRate = float | Callable[[int], float]

# Parameters that are moved at a time, halved for each vector that the optimizer remembers; and how
# many there must be for threads to share the work.
BLOCK, SHARED = 2**17, 2**18

# What an optimizer holds only while it is at work, and a copy of it does without.
PRIVATE = ("_room", "_serves", "_known")


def _share(name: str, value: float) -> float:
    """Return `value` if 0 ≤ value < 1, as a memory's decay must be."""
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(f"{name}={shown(value)} must be at least 0 and less than 1")
    return float(value)


def _not_negative(name: str, value: float) -> float:
    """Return `value` if it is finite and not negative."""
    if not is_number(value) or not 0 <= value < math.inf:
        raise ValueError(f"{name}={shown(value)} must be finite and not negative")
    return float(value)


class Optimizer(KnownAttributes):
    """What all optimizers share: the learning rate, the count of updates, the memory."""

    # The vectors it remembers between updates, by name.
    memory: tuple[str, ...] = ()
    # Whether it squares the gradient: what overflows then would freeze a parameter unseen.
    squares = False
    updates = 0

    def __init__(self, learning_rate: LearningRate):
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> LearningRate:
        """α as it was set: a number ≥ 0, or a schedule (a function of the update count)."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        if isinstance(value, type):
            raise ValueError(
                f"learning_rate={value.__name__} is a class: make a schedule of it first, for "
                "example CosineSchedule(0.1, updates=1000)"
            )
        self._learning_rate = value if callable(value) else _rate(value)

    @property
    def current_learning_rate(self) -> float:
        """α of the next update."""
        schedule = self._learning_rate
        if not callable(schedule):
            return schedule
        # Asked once for each update: a schedule that counts its calls counts updates.
        known = self.__dict__.get("_known")
        if known is None or known[0] is not schedule or known[1] != self.updates:
            try:
                alpha = schedule(self.updates)
            except TypeError as error:
                raise TypeError(
                    f"learning_rate={name_of(schedule)} cannot be called as a schedule, with the "
                    f"number of updates so far: {error}"
                ) from error
            try:
                alpha = _rate(alpha)
            except ValueError as error:
                raise ValueError(f"at update {self.updates} the schedule gives {error}") from None
            known = self._known = (schedule, self.updates, alpha)
        return known[2]

    def update(self, x: np.ndarray, g: np.ndarray) -> bool:
        """Move the parameters x, shape (n_parameters,), by one update with the gradient g.

        Returns False, and leaves x as it was, if some of it would no longer be finite.
        """
        if x.shape != g.shape:
            raise ValueError(f"parameters {x.shape} and gradient {g.shape} differ in shape")
        if x.dtype.kind != "f" or g.dtype.kind != "f":
            raise ValueError(
                f"parameters are {x.dtype} and the gradient is {g.dtype}: both must be floats"
            )
        for name in self.memory:
            if name not in self.__dict__:
                self.__dict__[name] = np.zeros_like(x)
            kept = getattr(self, name)
            if kept.shape != x.shape:
                raise ValueError(
                    f"this {type(self).__name__} remembers {kept.size} parameters and was given "
                    f"{x.size}: make a new optimizer for each network"
                )
        alpha = self.current_learning_rate
        self.updates += 1
        return self._move(x, g, alpha)

    def _move(self, x: np.ndarray, g: np.ndarray, alpha: float) -> bool:
        """x ← x − step, if that is finite.

        Long vectors are moved a block at a time, so that all it takes stays in the cache; no step
        looks at any parameter but its own, so it makes no difference to the result.
        """
        if self.squares and not _squares_fit(g):
            return False
        if type(self).step not in OWN_STEPS:
            step = returned_as(f"{type(self).__name__}.step", g, self.step(g.copy(), alpha))
            if not _finite(x, step):
                return False
            x -= step
            return True
        block = BLOCK >> len(self.memory)  # the more it remembers, the less of it fits
        if x.size <= block:
            step = self.step(g, alpha)
            if not _finite(x, step):
                return False
            x -= step
            return True
        step = self._room_for_step(x)
        out_of_range: list[slice] = []

        def take_step(part: slice) -> None:
            step[part] = self._part(part).step(g[part], alpha)
            if not _finite(x[part], step[part]):
                out_of_range.append(part)

        def move(part: slice) -> None:
            x[part] -= step[part]

        parts, worth_sharing = blocks(x.size, block), x.size > SHARED
        for_each(take_step, parts, worth_sharing)
        if out_of_range:
            return False
        for_each(move, parts, worth_sharing)
        return True

    def _part(self, part: slice) -> "Optimizer":
        """Return an optimizer of some of the parameters, whose memory is a view of this one's."""
        if not self.memory:
            return self
        other: Optimizer = object.__new__(type(self))
        views = {name: self.__dict__[name][part] for name in self.memory}
        other.__dict__.update(self.__dict__, **views)
        return other

    def _room_for_step(self, x: np.ndarray) -> np.ndarray:
        """Return an array as long as x, the same each time: to ask for memory takes its time."""
        room = self.__dict__.get("_room")
        if room is None or room.shape != x.shape or room.dtype != x.dtype:
            room = self._room = np.empty_like(x)
        return room

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        """Return what this update takes away from the parameters, given the gradient g and α.

        This is all that a new optimizer has to write. It updates its `memory`, must leave g as
        it is, and may look at no parameter but its own: long vectors are moved in blocks.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return a copy of what it remembers: its vectors by name, and `updates`, the count.

        Settings (the learning rate, β, …) are not memory. A vector is missing before the
        first update.
        """
        vectors = {k: self.__dict__[k].copy() for k in self.memory if k in self.__dict__}
        return {"updates": self.updates, **vectors}

    def load_state(self, memory: dict[str, Any]) -> None:
        """Take back what `state` returned, from an optimizer of the same kind.

        Raises ValueError, and changes nothing, for anything else.
        """
        if not isinstance(memory, dict) or not isinstance(memory.get("updates"), (int, np.integer)):
            raise ValueError("memory must be what state() returned, with the count 'updates'")
        unknown = sorted({*memory} - {"updates", *self.memory})
        if unknown:
            raise ValueError(
                f"a {type(self).__name__} does not remember {', '.join(unknown)}: "
                "this is the memory of another kind of optimizer"
            )
        for name in {*memory} - {"updates"}:
            vector = memory[name]
            if not isinstance(vector, np.ndarray) or vector.dtype.kind != "f" or vector.ndim != 1:
                raise ValueError(
                    f"memory[{shown(name)}] must be a vector of floats, as state() returned"
                )
        self.reset()
        self.updates = int(memory["updates"])
        for name in self.memory:
            if name in memory:
                self.__dict__[name] = memory[name].copy()

    def reset(self) -> None:
        """Forget everything but the settings, and the network that it moved."""
        self.updates = 0
        for name in PRIVATE:
            self.__dict__.pop(name, None)
        for name in self.memory:
            self.__dict__.pop(name, None)

    def serve(self, network: Any) -> "Optimizer":
        """Take note of whose parameters it moves, by the mark of that network's start.

        Raises ValueError if what it remembers, or the count that its schedule goes by, is of
        another network.
        """
        before = self.__dict__.get("_serves")
        if before is network.beginning:
            return self
        if before is not None and self.updates and (self.memory or callable(self._learning_rate)):
            raise ValueError(
                f"this {type(self).__name__} has made {self.updates:,} updates of another network "
                "or walk (or of this one before it was initialized again), and goes on from what "
                "it remembers of it: make a new optimizer for each network, or call its reset()"
            )
        self._serves = network.beginning
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in PRIVATE}

    def __copy__(self) -> "Optimizer":
        other: Optimizer = object.__new__(type(self))
        other.__dict__.update(self.__getstate__())
        for name in self.memory:  # its own, or the two would write to one memory
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name].copy()
        return other

    def __repr__(self) -> str:
        settings = {
            k: v
            for k, v in self.__dict__.items()
            if not k.startswith("_") and k not in ("updates", *self.memory)
        }
        rest = "".join(f", {k}={v!r}" for k, v in settings.items())
        return f"{type(self).__name__}(learning_rate={self._learning_rate!r}{rest})"


def _squares_fit(g: np.ndarray) -> bool:
    """Tell whether the square of each entry is finite."""
    if math.isfinite(g.dot(g)):
        return True
    with np.errstate(over="ignore"):
        return bool(np.isfinite(g * g).all())


def _finite(x: np.ndarray, step: np.ndarray) -> bool:
    """Tell whether x − step is finite."""
    # A step whose square is a finite number is far too short to carry a parameter out of
    # range. If only the square overflows, look closely.
    return math.isfinite(step.dot(step)) or bool(np.isfinite(x - step).all())


def _rate(value: Any) -> float:
    """Return `value` as a learning rate, or raise ValueError."""
    if type(value) is np.ndarray and value.ndim == 0 and value.dtype.kind in "iuf":
        value = value.item()
    if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
        raise ValueError(
            f"learning_rate={shown(value)} must be a number or a schedule, a function of the update"
        )
    if not is_number(value) or value < 0:
        raise ValueError(
            f"learning_rate={shown(value)} must be finite and not negative: a negative one climbs "
            "the loss instead of descending"
        )
    return float(value)


def as_optimizer(optimizer: Any) -> Optimizer:
    """Return `optimizer` if it is one, gradient descent for None, or raise TypeError."""
    if optimizer is None:
        return GradientDescent()
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        raise TypeError(
            f"optimizer={optimizer.__name__} is a class: make one, {optimizer.__name__}()"
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer={shown(optimizer)} must be an nnlib optimizer, "
            "for example GradientDescent(learning_rate=0.1)"
        )
    return optimizer


class GradientDescent(Optimizer):
    """x ← x − α g.

    With all samples in each batch this is batch gradient descent, with one it
    is stochastic gradient descent, in between mini-batch: see `Trainer`.
    """

    def __init__(self, learning_rate: LearningRate = 0.1):
        super().__init__(learning_rate)

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        return alpha * g


class Momentum(Optimizer):
    """v ← βv + g,  x ← x − α v: a heavy ball, which keeps rolling.

    In a steady slope v grows to g/(1 − β), so β = 0.9 walks ten times as far as
    gradient descent with the same α.
    Source: Polyak, *Some methods of speeding up the convergence of iteration
    methods* (1964); in this form Goh, *Why momentum really works* (Distill, 2017).
    """

    memory = ("v",)
    v: np.ndarray
    beta = Checked(_share)

    def __init__(self, learning_rate: LearningRate = 0.1, beta: float = 0.9):
        super().__init__(learning_rate)
        self.beta = beta

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        self.v *= self.beta
        self.v += g
        return alpha * self.v


class Nesterov(Optimizer):
    """v ← βv + g,  x ← x − α (g + βv): momentum that looks one step ahead.

    Source: Nesterov (1983), as rewritten in the parameters that the gradient is
    taken at by Bengio, Boulanger-Lewandowski and Pascanu (2013), section 3.5.
    """

    memory = ("v",)
    v: np.ndarray
    beta = Checked(_share)

    def __init__(self, learning_rate: LearningRate = 0.1, beta: float = 0.9):
        super().__init__(learning_rate)
        self.beta = beta

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        self.v *= self.beta
        self.v += g
        return alpha * (g + self.beta * self.v)


class RMSProp(Optimizer):
    """s ← ρs + (1 − ρ) g²,  x ← x − α g / (√s + ε): each parameter its own scale.

    Source: Tieleman and Hinton, *Lecture 6.5: RMSProp* (Coursera, 2012).
    """

    memory = ("s",)
    squares = True
    s: np.ndarray
    rho, epsilon = Checked(_share), Checked(_not_negative)

    def __init__(
        self, learning_rate: LearningRate = 0.001, rho: float = 0.9, epsilon: float = 1e-8
    ):
        super().__init__(learning_rate)
        self.rho, self.epsilon = rho, epsilon

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        self.s *= self.rho
        self.s += (1 - self.rho) * g * g
        return alpha * g / (np.sqrt(self.s) + self.epsilon)


class Adam(Optimizer):
    """Momentum over RMSProp, with the start corrected for both having begun at zero.

    m ← β₁m + (1 − β₁) g,    s ← β₂s + (1 − β₂) g²
    m̂ = m / (1 − β₁ᵗ),       ŝ = s / (1 − β₂ᵗ)          t counts updates, the first is 1
    x ← x − α m̂ / (√ŝ + ε)

    Source: Kingma and Ba, *Adam: a method for stochastic optimization* (2015), algorithm 1.
    """

    memory = ("m", "s")
    squares = True
    m: np.ndarray
    s: np.ndarray
    beta1, beta2, epsilon = Checked(_share), Checked(_share), Checked(_not_negative)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ):
        super().__init__(learning_rate)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def step(self, g: np.ndarray, alpha: float) -> np.ndarray:
        self.m *= self.beta1
        self.m += (1 - self.beta1) * g
        self.s *= self.beta2
        self.s += (1 - self.beta2) * g * g
        m_hat = self.m / (1 - self.beta1**self.updates)
        s_hat = self.s / (1 - self.beta2**self.updates)
        return alpha * m_hat / (np.sqrt(s_hat) + self.epsilon)


# Steps of nnlib's own; all others are guests (see `nnlib.support.guests`), never moved in blocks.
OWN_STEPS = {kind.step for kind in (GradientDescent, Momentum, Nesterov, RMSProp, Adam)}
