"""What the certificate shows of the learner's network: how well it reads, and digits of their own.

Lesson 5 has both, and the certificate is written at the end of the course, in another notebook. So
what it was given last stands in `results.json` beside the file of progress, and like that it never
leaves the machine and may be deleted at any time.
"""

import contextlib
from typing import Any

import numpy as np

from . import solved

Digit = tuple[np.ndarray, int]  # greys of shape (784,), 0 for ink and 255 for paper, and the label


def latest(accuracy: float | None, digits: list[Digit]) -> tuple[float | None, list[Digit]]:
    """Keep what is given, and return it; what is not given is what was kept last."""
    if accuracy is None or not digits:
        kept = _read()
        accuracy = _share(kept.get("accuracy")) if accuracy is None else accuracy
        digits = digits or _digits(kept.get("digits"))
    with contextlib.suppress(OSError):  # the page says it all the same
        with solved.changed(_file()) as stored:
            stored["accuracy"] = None if accuracy is None else float(accuracy)
            stored["digits"] = [[grey.tolist(), label] for grey, label in digits]
    return accuracy, digits


def _file():
    return solved.path().with_name("results.json")


def _read() -> dict[str, Any]:
    try:
        stored = solved.stored_in(_file())
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _share(value: Any) -> float | None:
    return value if isinstance(value, float) and 0 <= value <= 1 else None


def _digits(value: Any) -> list[Digit]:
    """Return the digits that a file holds, without those that are none."""
    found = []
    for pair in value if isinstance(value, list) else []:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            greys, label = pair
            grey = np.array(greys, np.uint8)
            if grey.shape == (784,) and isinstance(label, int):
                found.append((grey, label))
    return found
