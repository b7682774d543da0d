"""The criteria of a goal: what may be asked for, when it is met, and how it is written."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Criterion:
    """One line of a goal: a number that must become high enough, or stay low enough.

    name     what it is called in a goal
    label    what it is called in words
    form     how a number of it is written
    """

    name: str
    label: str
    form: str
    limit = False  # whether it bounds what training takes, rather than says what it is to reach
    relation = "at most"

    def checked(self, value) -> float:
        """Return the value asked for as a plain number, or raise ValueError in words."""
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            raise ValueError(f"goal: {self.name}={value!r} must be a number, 0 or more")
        return self._checked(value)

    def _checked(self, value) -> float:
        raise NotImplementedError

    def met(self, now: float, wanted: float) -> bool:
        """Return whether `now` is what is asked for."""
        return now <= wanted

    def share(self, now: float, wanted: float, first: float) -> float:
        """Return how much of the way is gone, 0 to 1; `first` is what was seen first."""
        return now / wanted if wanted else float(now > 0)

    def stands(self, now: float | None) -> str:
        """Say how things stand; None is what is not yet known."""
        return "not yet known" if now is None else f"now {self.form.format(now)}"

    def asked(self, wanted: float) -> str:
        """Say what is asked for."""
        return f"{self.label} {self.relation} {self.form.format(wanted)}"

    def row(self, now: float | None, wanted: float, first: float) -> dict:
        """Return its line in a view: its text, how it stands, the share of the way, and `met`."""
        met = now is not None and self.met(now, wanted)
        share = 0.0 if now is None else self.share(now, wanted, first)
        return {
            "text": self.asked(wanted),
            "stands": self.stands(now),
            "share": 1.0 if met and not self.limit else float(min(1.0, max(0.0, share))),
            "met": bool(met),
            "limit": self.limit,
        }


class Accuracy(Criterion):
    """A share of right answers that is to be reached."""

    relation = "at least"

    def _checked(self, value):
        if not 0 < value <= 1:
            raise ValueError(
                f"goal: {self.name}={value!r} is a share, above 0 and at most 1: write 97 % as 0.97"
            )
        return float(value)

    def met(self, now, wanted):
        """Return whether it is as high as asked for."""
        return now >= wanted


class Loss(Criterion):
    """A loss to come down to."""

    def _checked(self, value):
        if value == 0:
            raise ValueError(
                f"goal: {self.name}=0 is never reached: ask for a small loss, say 0.05"
            )
        return float(value)

    def share(self, now, wanted, first):
        """Return the share of the way on a log scale, from the loss that was seen first."""
        far = first > wanted and first > 0 and now > 0
        return math.log(first / now) / math.log(first / wanted) if far else 0.0


class Size(Criterion):
    """What the network has at most."""

    limit = True
    least = 0  # a network without a hidden neuron is one

    def _checked(self, value):
        if value != int(value) or value < self.least:
            raise ValueError(
                f"goal: {self.name}={value!r} must be a whole number, {self.least} or more"
            )
        return int(value)

    def row(self, now, wanted, first):
        """Return its line in a view: before the first look there is nothing."""
        return super().row(now or 0, wanted, first)

    def asked(self, wanted):
        """Say what is allowed."""
        return f"{self.label} at most {wanted:,}"


class Budget(Size):
    """What training uses up while it goes on."""

    least = 1

    def stands(self, now):
        """Say how much is used."""
        return f"{self.form.format(now)} used"
