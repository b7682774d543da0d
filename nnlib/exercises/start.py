"""The one exercise of the first page, 00_start: it teaches what check, hint and solution do."""

import numpy as np

from .engine import FunctionExercise, KnownWrongAnswer

LESSON = "00_start"


double = FunctionExercise(
    LESSON,
    "double",
    answer=lambda x: 2 * x,
    cases=lambda rng: [(float(rng.uniform(3, 9)),), (rng.uniform(3, 9, size=4),)],
    mistakes=[
        KnownWrongAnswer(
            "this is x squared: x ** 2 is x · x, and twice x is 2 * x. For x = 2 both are 4, which "
            "is why a check never tries one number alone.",
            lambda x: x**2,
        ),
        KnownWrongAnswer("this is x itself: multiply it by 2.", lambda x: x),
        KnownWrongAnswer("this is half of x: multiply by 2 instead of dividing.", lambda x: x / 2),
        KnownWrongAnswer(
            "2 was added. Twice x is x times 2.",
            lambda x: np.add(x, 2),
        ),
    ],
    hints=[
        "In Python the sign for a product is *.",
        "The line begins with `return`, and ends with a product of 2 and x.",
    ],
)

# The lab of the first page, for `Playground.from_settings`: what moves is the learning rate alone.
FIRST_LAB = {
    "dataset": "circles",
    "hidden": [4],
    "learning_rate": 0.3,
    "noise": 0.05,
    "pace": "20 updates a second",
    "locked": [
        *("dataset", "noise", "share", "seed", "hidden", "activation", "init", "loss", "optimizer"),
        *("momentum", "mode", "batch_size", "l1", "l2", "points"),
    ],
}
