"""Exercises: you write a function, a check says whether it is right and, if not, why not.

    stub → your code → check → correct, incorrect (with a diagnosis) or not attempted
                         └─ hint, a further one after each wrong attempt; the solution is
                            folded in the notebook

One file a lesson holds its exercises; `engine` is what they share. Verdicts and hints show
themselves, on whichever line of a cell they are asked for. A check tries your
code on fresh random numbers with odd shapes, so only code that is right in general passes. It
never raises: an exercise that is not solved stops nothing that comes after it.
"""

from .certificate import certificate
from .engine import (
    Exercise,
    Finding,
    FunctionExercise,
    Hint,
    KnownWrongAnswer,
    ValueExercise,
    Verdict,
)
from .mine import mine, save
from .predicted import Predictions, predictions
from .progress import Progress, progress

__all__ = [
    "Exercise",
    "Finding",
    "FunctionExercise",
    "Hint",
    "KnownWrongAnswer",
    "Predictions",
    "Progress",
    "ValueExercise",
    "Verdict",
    "certificate",
    "mine",
    "predictions",
    "progress",
    "save",
]
