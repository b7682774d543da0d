"""The exercises of lesson NUMBER: say here what the learner writes."""

import numpy as np

from .engine import FunctionExercise, KnownWrongAnswer

LESSON = "NUMBER_NAME"


def _mean_absolute_error(a, y):
    """C = 1/(n k) Σᵢ Σⱼ |aᵢⱼ − yᵢⱼ|."""
    return np.mean(np.abs(a - y))


def _outputs(rng):
    """Return (a, y) of several shapes; (1, 1) comes last, since there many mistakes vanish."""
    return [(rng.normal(size=shape), rng.normal(size=shape)) for shape in [(5, 3), (7, 1), (1, 1)]]


mean_absolute_error = FunctionExercise(
    LESSON,
    "mean_absolute_error",
    answer=_mean_absolute_error,
    cases=_outputs,
    mistakes=[
        KnownWrongAnswer(
            "this is the sum of the errors, not their mean: divide by how many numbers there are",
            lambda a, y: np.abs(a - y).sum(),
        ),
        KnownWrongAnswer(
            "errors of opposite sign cancel: take the absolute value before the mean",
            lambda a, y: np.abs(np.mean(a - y)),
        ),
        KnownWrongAnswer(
            "this is the mean squared error: take the absolute value, not the square",
            lambda a, y: np.mean((a - y) ** 2),
        ),
    ],
    hints=[
        "What is the error of one output, whichever side of the target it is on?",
        "`np.abs` makes an array of them all, and `np.mean` without an axis their mean.",
    ],
)
