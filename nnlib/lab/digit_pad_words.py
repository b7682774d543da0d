"""What the digit pad says: functions of what is on it and of the network's outputs alone."""

import numpy as np

from ..forward import Trace
from ..images.handwriting import Prepared


def amount(output: float, probability: bool) -> str:
    """Write an output, as per cent if it is a probability."""
    return f"{100 * output:.0f} %" if probability else f"output {output:.2f}"


def reading(output: np.ndarray, reads: int | None, threshold: float, probability: bool) -> str:
    """Say which digit `output`, shape (10,), is for, and the next likely; None reads no digit."""
    first, second = np.argsort(-output, kind="stable")[:2]
    best, next_best = (amount(output[c], probability) for c in (first, second))
    if reads is None:
        return (
            f"I don't know, no output reaches {amount(threshold, probability)}: perhaps {first}, "
            f"{best}; next {second}, {next_best}."
        )
    return f"Reads {first}, {best}; next {second}, {next_best}."


def score(labels: list[int], reads: list[int]) -> str:
    """Say how many of the added digits are read as what they are."""
    n, correct = len(labels), sum(c == label for c, label in zip(reads, labels, strict=True))
    digits = "1 digit is" if n == 1 else f"{n} digits are"
    return f"{digits} added to the training set; {correct} of {n} now read correctly."


def layers(trace: Trace) -> list[list]:
    """Return for each hidden layer its number, its neurons, and what it does in words."""
    words = []
    for l, a in enumerate(trace.a[1:-1], 1):
        n, active, largest = a.shape[1], int((a > 0).sum()), int(a.argmax())
        what = f"{active} of {n} above 0, the largest {float(a.max()):.3g}, neuron {largest + 1}"
        words.append([l, n, what])
    return words


def stages(prepared: Prepared, *, crop: bool, scale: bool, centre: bool) -> list[list[str]]:
    """Return the name of each picture of the preparation and what it shows, for its label."""
    rows, columns = prepared.scaled.shape
    return [
        ["Cropped", "the box around all the ink"] if crop else ["Not cropped", "the whole pad"],
        [f"Scaled to {columns} × {rows}", "its longer side has 20 pixels"]
        if scale
        else [f"Not scaled: {columns} × {rows}", "as the pad shrunk to 28 × 28"],
        ["Centred, 28 × 28", "its centre of mass is in the middle"]
        if centre
        else ["Not centred", "where it was on the pad"],
    ]
