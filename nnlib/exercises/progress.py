"""Progress: how far the learner is with the exercises of a lesson."""

from dataclasses import dataclass
from types import ModuleType

from . import solved
from .engine import Exercise


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


def progress(exercises: ModuleType) -> Progress:
    """Return how far a lesson is, given the module that holds its exercises."""
    found = [x for x in vars(exercises).values() if isinstance(x, Exercise)]
    lesson, names = found[0].lesson, tuple(x.name for x in found)
    done = solved.read().get(lesson, [])
    return Progress(lesson, names, tuple(name for name in names if name in done))
