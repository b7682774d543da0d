"""Progress: how far the learner is with the exercises of a lesson, or of all of them."""

import importlib
from dataclasses import dataclass
from types import ModuleType

from . import solved
from .engine import Exercise
from .predicted import predictions

# The modules that hold the exercises, in the order of the lessons.
LESSONS = ("start", "forward", "loss", "backprop", "descent", "mnist", "generalization", "beyond")


@dataclass(frozen=True)
class Progress:
    """How far a lesson is: the names of its exercises, and which of them are solved."""

    lesson: str
    exercises: tuple[str, ...]
    solved: tuple[str, ...]

    def __repr__(self) -> str:
        rows = [f"{'[x]' if name in self.solved else '[ ]'} {name}" for name in self.exercises]
        heading = f"{self.lesson}: {len(self.solved)} of {len(self.exercises)} exercises solved"
        return "\n".join([heading, *rows])


class CourseProgress(tuple[Progress, ...]):
    """How far all lessons are, one after another."""

    def __repr__(self) -> str:
        rows = [f"{p.lesson:<20} {len(p.solved):>2} of {len(p.exercises):>2}" for p in self]
        total, of = sum(len(p.solved) for p in self), sum(len(p.exercises) for p in self)
        made = predictions()
        right = f"{'predictions right':<20} {made.right:>2} of {made.made:>2}"
        return "\n".join([*rows, f"{'all lessons':<20} {total:>2} of {of:>2}", right])


def progress(exercises: ModuleType | None = None) -> Progress | CourseProgress:
    """Return how far a lesson is, given the module that holds its exercises; or all of them."""
    return all_progress() if exercises is None else _progress(exercises)


def all_progress() -> CourseProgress:
    """Return how far every lesson is."""
    modules = (importlib.import_module(f"{__package__}.{name}") for name in LESSONS)
    return CourseProgress(map(_progress, modules))


def _progress(exercises: ModuleType) -> Progress:
    found = [x for x in vars(exercises).values() if isinstance(x, Exercise)]
    lesson, names = found[0].lesson, tuple(x.name for x in found)
    done = solved.read().get(lesson, [])
    return Progress(lesson, names, tuple(name for name in names if name in done))
