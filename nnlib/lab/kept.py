"""Kept runs: curves that stay, with their settings, so that the next run is drawn over them."""

from dataclasses import dataclass, field
from itertools import count

import numpy as np

from ..support.colours import RUNS
from .curve import thinned

# The first two styles of a run look like the training and validation curves of the
# present run; a kept run has one of the others.
STYLES = range(2, len(RUNS))
MOST_POINTS = 300

# The settings that every label names; others only where the runs differ in them.
ALWAYS = ("learning rate", "batches", "optimizer")


@dataclass(eq=False)
class KeptRun:
    """A run that was kept.

    settings       {setting: in words}, as they were when it was kept
    updates        how many it had made
    curves         {'training loss' | 'validation loss' | 'accuracy': (4, n)}, as of a `Curve`:
                   updates, mean, lowest, highest; accuracy in percent
    diverged       the update at which it diverged, or None
    changed        True if settings were changed on the way
    name           what it is called
    """

    settings: dict[str, str]
    updates: int
    curves: dict[str, np.ndarray] = field(repr=False)
    diverged: int | None = None
    changed: bool = False
    name: str = ""
    named: bool = field(default=False, repr=False)  # by the reader, so that it keeps its name
    key: int = field(default=0, repr=False)  # by which a page asks for it: names may change hands
    style: int = field(
        default=0, repr=False
    )  # number of its colour and line in nnlib.support.colours.RUNS

    def last(self, curve: str) -> float | None:
        """Return the last value of a curve, or None if it has none."""
        points = self.curves.get(curve)
        return float(points[1, -1]) if points is not None and points.shape[1] else None

    def for_page(self) -> dict:
        """Return what a page needs to draw it: each curve as the bytes of float32 (2, n)."""
        # A run that diverges comes to numbers that float32 does not know.
        curves = {name: np.clip(points[:2], -1e30, 1e30) for name, points in self.curves.items()}
        return {
            "key": self.key,
            "name": self.name,
            "style": self.style,
            "updates": self.updates,
            "diverged": self.diverged,
            "detail": self._detail(),
            "curves": {name: points.astype("<f4").tobytes() for name, points in curves.items()},
        }

    def _detail(self) -> str:
        if self.diverged:
            return f"diverged at update {self.diverged:,}"
        loss, accuracy = self.last("validation loss"), self.last("accuracy")
        words = [] if loss is None else [f"validation loss {loss:.3g}"]
        if accuracy is not None:
            words.append(f"accuracy {accuracy:.1f} %")
        return ", ".join(words)


class KeptRuns:
    """The runs that a lab keeps, the oldest first; one too many, and the oldest leaves."""

    def __init__(self):
        self.runs: list[KeptRun] = []
        self._keys = count()

    def add(self, run: KeptRun, name: str | None = None) -> None:
        """Keep `run`, under this name or under one made of its settings by `label`."""
        if len(self.runs) == len(STYLES):
            del self.runs[0]
        used = {other.style for other in self.runs}
        run.style = next(style for style in STYLES if style not in used)
        run.key = next(self._keys)
        run.curves = {k: thinned(points, MOST_POINTS) for k, points in run.curves.items()}
        self.runs.append(run)
        if name:
            self._name(run, name)

    def find(self, name: "str | int") -> KeptRun:
        """Return the run of that name, or of that key. Raises ValueError if there is none."""
        for run in self.runs:
            if name in (run.name, run.key):
                return run
        names = ", ".join(repr(run.name) for run in self.runs) or "none"
        raise ValueError(f"no kept run is called {name!r}: there are {names}")

    def rename(self, old: "str | int", new: str) -> None:
        """Call a run something else; an empty name gives it back the one from its settings."""
        run = self.find(old)
        run.named = False
        if new.strip():
            self._name(run, new.strip())

    def _name(self, run: KeptRun, name: str) -> None:
        run.name = _unique(name, {other.name for other in self.runs if other is not run})
        run.named = True

    def label(self, present: dict[str, str]) -> None:
        """Name those without a name of the reader's: by what tells them from the others.

        `present` are the settings, in words, of the run that is drawn over them.
        """
        everyone = [*(run.settings for run in self.runs), present]
        differing = [
            name
            for name in {name: None for settings in everyone for name in settings}
            if name not in ALWAYS and len({settings.get(name) for settings in everyone}) > 1
        ]
        taken = {run.name for run in self.runs if run.named}
        for run in self.runs:
            if run.named:
                continue
            words = [run.settings[name] for name in (*ALWAYS, *differing) if name in run.settings]
            if run.changed:
                words.append("changed on the way")
            text = f"{', '.join(words)}; {run.updates:,} update{'s' * (run.updates != 1)}"
            run.name = _unique(text, taken)
            taken.add(run.name)

    def summary(self) -> str:
        """Say in words what is kept; nothing if nothing is."""
        if not self.runs:
            return ""
        words = f"{len(self.runs)} run{'s' * (len(self.runs) > 1)} kept"
        losses = [
            loss
            for run in self.runs
            if run.diverged is None and (loss := run.last("validation loss")) is not None
        ]
        diverged = sum(run.diverged is not None for run in self.runs)
        if losses:
            words += f", the best with validation loss {min(losses):.3g}"
        return words + (f", {diverged} diverged" if diverged else "")


def _unique(name: str, taken: set[str]) -> str:
    """Return `name`, numbered if it is taken."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name} ({number})", number + 1
    return unique
