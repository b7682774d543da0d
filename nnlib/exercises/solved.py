"""Progress: which exercises are solved, in a small file of the learner's own.

The file is `.nnlib/progress.json` in the home folder, or where the environment variable
NNLIB_PROGRESS says. It holds names and nothing else, never leaves the machine, and may be
deleted at any time. If it cannot be written the exercises work without it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..support.atomic_write import atomic_write


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


def progress(exercises) -> Progress:
    """Return how far a lesson is, given the module that holds its exercises."""
    from .engine import Exercise

    found = [x for x in vars(exercises).values() if isinstance(x, Exercise)]
    lesson, names = found[0].lesson, tuple(x.name for x in found)
    done = read().get(lesson, [])
    return Progress(lesson, names, tuple(name for name in names if name in done))


def path() -> Path:
    """Return where the progress is kept."""
    return Path(os.environ.get("NNLIB_PROGRESS") or Path.home() / ".nnlib" / "progress.json")


def read() -> dict[str, list[str]]:
    """Return {lesson: [solved, …]}; nothing if there is no file, or none that can be read."""
    try:
        kept = json.loads(path().read_text(encoding="utf-8"))
        return {str(k): [str(x) for x in v] for k, v in kept.items() if isinstance(v, list)}
    except (OSError, ValueError, AttributeError):
        return {}


def solve(lesson: str, name: str) -> str:
    """Keep that an exercise is solved; return a word on it if that is not possible."""
    kept = read()
    if name in kept.get(lesson, []):
        return ""
    kept.setdefault(lesson, []).append(name)
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path()) as file:
            file.write(json.dumps(kept, indent=1).encode())
    except OSError as error:
        return f"(your progress could not be kept: {error.strerror})"
    return ""
