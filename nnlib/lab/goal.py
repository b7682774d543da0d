"""A goal: what training is to reach, and with how much; and how far it has come."""

import math
from dataclasses import dataclass

import numpy as np

# What may be asked for: its words, whether it is good to be high or low, how it is written.
TARGETS = {
    "validation_accuracy": ("validation accuracy", "high", "{:.1%}"),
    "validation_loss": ("validation loss", "low", "{:.3g}"),
    "training_loss": ("training loss", "low", "{:.3g}"),
}
# What may be limited: these are used up while training goes on …
BUDGETS = {"updates": "updates", "samples": "samples seen", "epochs": "epochs"}
# … and these are what the network has.
SIZES = {"neurons": "hidden neurons", "parameters": "parameters"}
LIMITS = BUDGETS | SIZES

EXAMPLE = 'for example goal={"validation_accuracy": 0.97, "updates": 2000}'


def check_goal(goal) -> dict:
    """Return `goal` as a dict of plain numbers, or raise ValueError or TypeError in words."""
    if not isinstance(goal, dict):
        raise TypeError(f"goal={goal!r} must be a dict of criteria, {EXAMPLE}")
    unknown = [name for name in goal if name not in TARGETS and name not in LIMITS]
    if unknown:
        raise ValueError(
            f"unknown criteria {unknown} in the goal: choose from {', '.join([*TARGETS, *LIMITS])}"
        )
    if goal and not set(goal) & set(TARGETS):
        raise ValueError(
            f"the goal {goal} only sets limits: say also what is to be reached, one of "
            f"{', '.join(TARGETS)}; {EXAMPLE}"
        )
    for name, value in goal.items():
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            raise ValueError(f"goal: {name}={value!r} must be a number, 0 or more")
        if name == "validation_accuracy" and not 0 < value <= 1:
            raise ValueError(
                f"goal: validation_accuracy={value!r} is a share, above 0 and at most 1: "
                "write 97 % as 0.97"
            )
        if name in LIMITS and (value != int(value) or (value == 0 and name in BUDGETS)):
            raise ValueError(f"goal: {name}={value!r} must be a whole number of 1 or more")
        if name.endswith("loss") and value == 0:
            raise ValueError(f"goal: {name}=0 is never reached: ask for a small loss, say 0.05")
    return {name: int(v) if name in LIMITS else float(v) for name, v in goal.items()}


@dataclass
class Progress:
    """How far training is on the way to a goal: `look` at it from time to time.

    A goal is reached when at one look every target is met within all limits, and stays
    reached. It is missed when a budget is used up before.

    state   'possible', 'reached', 'missed', 'diverged', or 'too large' (the network)
    """

    goal: dict

    def __post_init__(self):
        self.state = "possible"
        self._now: dict = {}
        self._first: dict = {}  # the losses at the first look, from which progress counts

    def look(self, now: dict, diverged: bool = False) -> None:
        """Take in how things stand: {criterion: value}, those not yet known left out."""
        if self.state in ("reached", "missed") or not self.goal:
            return
        self._now = {name: now[name] for name in self.goal if now.get(name) is not None}
        for name, value in self._now.items():
            self._first.setdefault(name, value)
        limits = {name: self._now.get(name, 0) for name in self.goal if name in LIMITS}
        over = [name for name, used in limits.items() if used > self.goal[name]]
        if any(name in SIZES for name in over):
            self.state = "too large"
        elif over:
            self.state = "missed"
        elif all(self._met(name) for name in self.goal if name in TARGETS):
            self.state = "reached"
        elif any(used >= self.goal[name] for name, used in limits.items() if name in BUDGETS):
            self.state = "missed"
        else:
            self.state = "diverged" if diverged else "possible"

    def last_use(self, name: str, used: float, each: float) -> bool:
        """Return whether of the budget `name` not enough is left for another update's `each`."""
        return name in self.goal and used <= self.goal[name] < used + each

    def _met(self, name: str) -> bool:
        if name not in self._now:
            return False
        high = TARGETS[name][1] == "high"
        return self._now[name] >= self.goal[name] if high else self._now[name] <= self.goal[name]

    def rows(self) -> list[dict]:
        """Return for each criterion its text, how it stands, the share of the way, and `met`."""
        rows = []
        for name, value in self.goal.items():
            now = self._now.get(name)
            if name in TARGETS:
                label, best, form = TARGETS[name]
                met = self._met(name)
                relation = "at least" if best == "high" else "at most"
                stands = "not yet known" if now is None else f"now {form.format(now)}"
            else:
                label, form = LIMITS[name], "{:,.4g}" if name == "epochs" else "{:,.0f}"
                met, relation = (now or 0) <= value, "at most"
                stands = f"{form.format(now or 0)} {'used' if name in BUDGETS else 'now'}"
                form = "{:,}"
            share = 1.0 if name in TARGETS and met else self._share(name, now)
            rows.append(
                {
                    "text": f"{label} {relation} {form.format(value)}",
                    "stands": stands,
                    "share": share,
                    "met": bool(met),
                    "limit": name in LIMITS,
                }
            )
        return rows

    def _share(self, name: str, now: float | None) -> float:
        if now is None:
            return 0.0
        if name in LIMITS or TARGETS[name][1] == "high":
            share = now / self.goal[name] if self.goal[name] else float(now > 0)
        else:  # on a log scale, from the loss at the first look
            first, target = self._first[name], self.goal[name]
            far = first > target and first > 0 and now > 0
            share = math.log(first / now) / math.log(first / target) if far else 0.0
        return float(min(1.0, max(0.0, share)))

    def words(self) -> str:
        """Say in a sentence how things stand."""
        wanted = " and ".join(row["text"] for row in self.rows() if not row["limit"])
        within = ", ".join(
            f"{self.goal[name]:,} {label}" for name, label in LIMITS.items() if name in self.goal
        )
        wanted += f" within {within}" if within else ""
        stands = ", ".join(
            f"{TARGETS[name][0]} {TARGETS[name][2].format(self._now[name])}"
            for name in self.goal
            if name in TARGETS and name in self._now
        )
        used = ", ".join(
            f"{self._now.get(name, 0):,.4g} {label}"
            if name == "epochs"
            else f"{self._now.get(name, 0):,.0f} {label}"
            for name, label in BUDGETS.items()
            if name in self.goal
        )
        after = f" after {used}" if used else ""
        match self.state:
            case "reached":
                return f"Goal reached{after}: {stands} ({wanted})."
            case "missed":
                return f"Goal missed{after}: {stands or 'nothing known'}, wanted {wanted}. Reset to try again."  # noqa: E501
            case "diverged":
                return f"Goal not reached: training diverged (wanted {wanted}). Rewind or Reset to try again."  # noqa: E501
            case "too large":
                over = " and ".join(
                    f"{self._now[name]:,.0f} {label}, at most {self.goal[name]:,} are allowed"
                    for name, label in SIZES.items()
                    if name in self.goal and self._now.get(name, 0) > self.goal[name]
                )
                return f"Goal out of reach: the network has {over}. Make it smaller."
        return f"Goal still possible: {wanted}" + (f"; now {stands}{after}." if stands else ".")
