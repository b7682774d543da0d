"""A goal: what training is to reach, and with how much; and how far it has come."""

from dataclasses import dataclass

from .criterion import Accuracy, Budget, Criterion, Loss, Size

CRITERIA: dict[str, Criterion] = {
    criterion.name: criterion
    for criterion in (
        Accuracy("validation_accuracy", "validation accuracy", "{:.1%}"),
        Loss("validation_loss", "validation loss", "{:.3g}"),
        Loss("training_loss", "training loss", "{:.3g}"),
        Budget("updates", "updates", "{:,.0f}"),
        Budget("samples", "samples seen", "{:,.0f}"),
        Budget("epochs", "epochs", "{:,.4g}"),
        Size("neurons", "hidden neurons", "{:,.0f}"),
        Size("parameters", "parameters", "{:,.0f}"),
    )
}

EXAMPLE = 'for example goal={"validation_accuracy": 0.97, "updates": 2000}'


def check_goal(goal) -> dict:
    """Return `goal` as a dict of plain numbers, or raise ValueError or TypeError in words."""
    if not isinstance(goal, dict):
        raise TypeError(f"goal={goal!r} must be a dict of criteria, {EXAMPLE}")
    unknown = [name for name in goal if name not in CRITERIA]
    if unknown:
        raise ValueError(
            f"unknown criteria {unknown} in the goal: choose from {', '.join(CRITERIA)}"
        )
    if goal and all(CRITERIA[name].limit for name in goal):
        targets = ", ".join(name for name, criterion in CRITERIA.items() if not criterion.limit)
        raise ValueError(
            f"the goal {goal} only sets limits: say also what is to be reached, one of "
            f"{targets}; {EXAMPLE}"
        )
    return {name: CRITERIA[name].checked(value) for name, value in goal.items()}


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
        self._first: dict = {}  # what was seen at the first look, from which progress counts

    def look(self, now: dict, diverged: bool = False) -> None:
        """Take in how things stand: {criterion: value}, those not yet known left out."""
        if self.state in ("reached", "missed") or not self.goal:
            return
        self._now = {name: now[name] for name in self.goal if now.get(name) is not None}
        self._first = self._now | self._first
        over = [c for c in self._asked(Size) if not c.met(self._used(c), self.goal[c.name])]
        if any(not isinstance(criterion, Budget) for criterion in over):
            self.state = "too large"
        elif over:
            self.state = "missed"
        elif all(
            c.name in self._now and c.met(self._now[c.name], self.goal[c.name])
            for c in self._asked(Accuracy, Loss)
        ):
            self.state = "reached"
        elif any(self._used(c) >= self.goal[c.name] for c in self._asked(Budget)):
            self.state = "missed"
        else:
            self.state = "diverged" if diverged else "possible"

    def last_use(self, name: str, used: float, each: float) -> bool:
        """Return whether of the budget `name` not enough is left for another update's `each`."""
        return name in self.goal and used <= self.goal[name] < used + each

    def rows(self) -> list[dict]:
        """Return for each criterion its text, how it stands, the share of the way, and `met`."""
        return [
            CRITERIA[name].row(self._now.get(name), wanted, self._first.get(name, 0))
            for name, wanted in self.goal.items()
        ]

    def _asked(self, *kinds: type[Criterion]) -> list[Criterion]:
        """Return the goal's criteria of these kinds."""
        return [CRITERIA[name] for name in self.goal if isinstance(CRITERIA[name], kinds)]

    def _used(self, criterion: Criterion) -> float:
        return self._now.get(criterion.name, 0)

    def words(self) -> str:
        """Say in a sentence how things stand."""
        wanted = " and ".join(row["text"] for row in self.rows() if not row["limit"])
        within = ", ".join(f"{self.goal[c.name]:,} {c.label}" for c in self._asked(Size))
        wanted += f" within {within}" if within else ""
        stands = ", ".join(
            f"{c.label} {c.form.format(self._now[c.name])}"
            for c in self._asked(Accuracy, Loss)
            if c.name in self._now
        )
        used = ", ".join(f"{c.form.format(self._used(c))} {c.label}" for c in self._asked(Budget))
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
                    f"{self._used(c):,.0f} {c.label}, at most {self.goal[c.name]:,} are allowed"
                    for c in self._asked(Size)
                    if not isinstance(c, Budget) and self._used(c) > self.goal[c.name]
                )
                return f"Goal out of reach: the network has {over}. Make it smaller."
        return f"Goal still possible: {wanted}" + (f"; now {stands}{after}." if stands else ".")
