"""Learning-rate schedules: α as a function of the number of updates made so far.

A schedule is called with t = 0 before the first update, 1 before the second,
and so on, and returns α. Any function of t will do; these are the usual ones.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 8.3.1;
Loshchilov and Hutter, *SGDR* (2017) for the cosine; Goyal et al., *Accurate, large
minibatch SGD* (2017) for the warm-up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .support.checks import is_number
from .support.words import shown


def _check(schedule: Any, positive: Sequence[str] = (), not_negative: Sequence[str] = ()) -> None:
    """Raise ValueError if a field of a schedule has an impossible value."""
    for name in (*positive, *not_negative):
        value = getattr(schedule, name)
        if not is_number(value) or value < 0 or (name in positive and value == 0):
            kind = "positive" if name in positive else "zero or positive"
            raise ValueError(f"{type(schedule).__name__}: {name}={shown(value)} must be {kind}")


def _check_warmup(schedule: "WarmupLinearSchedule | WarmupCosineSchedule") -> None:
    """Raise ValueError if a field of a schedule with a warm-up has an impossible value."""
    _check(schedule, positive=["updates"], not_negative=["learning_rate", "warmup", "final"])
    if schedule.warmup >= schedule.updates:
        raise ValueError(
            f"{type(schedule).__name__}: warmup={schedule.warmup} must be smaller than "
            f"updates={schedule.updates}, the length of the whole schedule"
        )


@dataclass(frozen=True)
class ConstantSchedule:
    """α(t) = learning_rate."""

    learning_rate: float

    def __post_init__(self) -> None:
        _check(self, not_negative=["learning_rate"])

    def __call__(self, t: int) -> float:
        return self.learning_rate


@dataclass(frozen=True)
class StepSchedule:
    """α(t) = learning_rate · factor^⌊t / every⌋: falls by `factor` every `every` updates."""

    learning_rate: float
    factor: float
    every: int

    def __post_init__(self) -> None:
        _check(self, positive=["factor", "every"], not_negative=["learning_rate"])

    def __call__(self, t: int) -> float:
        try:
            return self.learning_rate * float(self.factor) ** (t // self.every)
        except OverflowError:
            return math.inf  # which no optimizer takes


@dataclass(frozen=True)
class CosineSchedule:
    """Half a cosine from `learning_rate` down to `final` over `updates` updates, then `final`."""

    learning_rate: float
    updates: int
    final: float = 0.0

    def __post_init__(self) -> None:
        _check(self, positive=["updates"], not_negative=["learning_rate", "final"])

    def __call__(self, t: int) -> float:
        done = min(t / self.updates, 1.0)
        return self.final + (self.learning_rate - self.final) * (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True)
class WarmupLinearSchedule:
    """Up in a straight line over `warmup` updates, then down to `final` at `updates`.

    α(t) = learning_rate · (t + 1) / warmup while t < warmup, so that the first
    update already moves; then linear from `learning_rate` to `final`, then `final`.
    """

    learning_rate: float
    warmup: int
    updates: int
    final: float = 0.0

    def __post_init__(self) -> None:
        _check_warmup(self)

    def __call__(self, t: int) -> float:
        if t < self.warmup:
            return self.learning_rate * (t + 1) / self.warmup
        done = min((t - self.warmup) / (self.updates - self.warmup), 1.0)
        return self.learning_rate + (self.final - self.learning_rate) * done


@dataclass(frozen=True)
class WarmupCosineSchedule:
    """Up in a straight line over `warmup` updates, then half a cosine down to `final`.

    As `WarmupLinearSchedule`, but the fall is slow at first and at the end: long at the height,
    long at the bottom.
    """

    learning_rate: float
    warmup: int
    updates: int
    final: float = 0.0

    def __post_init__(self) -> None:
        _check_warmup(self)

    def __call__(self, t: int) -> float:
        if t < self.warmup:
            return self.learning_rate * (t + 1) / self.warmup
        fall = CosineSchedule(self.learning_rate, self.updates - self.warmup, self.final)
        return fall(t - self.warmup)
