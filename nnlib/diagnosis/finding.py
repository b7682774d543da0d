"""A diagnosis, and the measurements and words that all checks share."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

# Two arrays are the same if they differ by less than this share of their length. Any
# mistake worth the name is far larger; float32, or an ε inside a logarithm, far smaller.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Diagnosis:
    """One thing that is wrong.

    name      identifies the mistake, always in the same word: 'sign_flipped'
    where     the function and the array in which it shows first: 'backward, dW2'
    message   what came back, what was expected, the usual cause, and what to look at
    """

    name: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def length(x: np.ndarray) -> float:
    """Return ‖x‖, the root of the sum of squares."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.square(x, dtype=np.float64).sum()))


def close(theirs: np.ndarray, right: np.ndarray) -> bool:
    """Return whether both have the same shape and, but for rounding, the same values."""
    if theirs.shape != right.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(length(theirs - right) <= TOLERANCE * length(right) + 1e-9)


def ratio(theirs: np.ndarray, right: np.ndarray) -> float | None:
    """Return c if theirs = c · right, but for rounding; else None."""
    if theirs.shape != right.shape or not np.isfinite(theirs).all():
        return None
    if close(theirs, right):  # also where both are nothing but rounding
        return 1.0
    if not theirs.any():
        return 0.0
    with np.errstate(all="ignore"):
        c = float(np.vdot(theirs, right) / np.vdot(right, right))
        fits = length(theirs - c * right) <= TOLERANCE * length(theirs)
    return c if math.isfinite(c) and fits else None


def same(c: float, d: float) -> bool:
    """Return whether two ratios are the same number, but for rounding."""
    return abs(c - d) <= 1e-3 * abs(d)


def error_words(theirs: np.ndarray, right: np.ndarray) -> str:
    """Return how far, and in which direction, an unrecognized array is off."""
    if theirs.shape != right.shape:
        return f"shape {theirs.shape} instead of {right.shape}"
    with np.errstate(all="ignore"):
        error = length(theirs - right) / length(right)
        cosine = float(np.vdot(theirs, right)) / (length(theirs) * length(right) or math.nan)
    return f"relative error {error:.2g}, cosine {cosine:.3f}"


# Factors: a number that is off by a power of n, k or 2 says itself where it comes from.

FACTOR_WHY = {
    "factor_batch_size": (
        "The loss is a mean over the samples: 1/n belongs into it exactly once, at the output, "
        "and then the sums over samples need no other. Look for a missing or second division "
        "by the number of samples."
    ),
    "factor_two": (
        "The derivative of a square is 2(a − y), and this loss carries no ½ to cancel the 2. "
        "Look at the derivative of the loss."
    ),
    "factor_outputs": (
        "MSE is a mean over the outputs as well as over the samples, 1/(n k); cross-entropy is "
        "a sum over the outputs, 1/n. Look at what you divide by."
    ),
    "constant_factor": (
        "The direction is right, so only a constant is wrong: look at what the mean divides by, "
        "and at the 2 of the square."
    ),
}


def name_factor(c: float, n: int, k: int) -> tuple[str, str] | None:
    """Return the name of the factor |c| and what it is made of, if it is one of n, k and 2."""
    powers = itertools.product((0, 1, -1), repeat=3)
    for i, j, m in sorted(powers, key=lambda p: sum(map(abs, p))):
        if (i, j, m) == (0, 0, 0) or (k == 1 and m) or (n == 1 and i):
            continue
        if same(abs(c), n**i * k**m * 2.0**j):
            powers_of = [
                (i, n, "factor_batch_size", "the batch size"),
                (m, k, "factor_outputs", "the number of outputs"),
                (j, 2, "factor_two", "the 2 of the square's derivative"),
            ]
            parts = [p for p in powers_of if p[0]]
            if len(parts) == 1:
                _, value, name, words = parts[0]
                return name, f"{value} is {words}"
            product = " · ".join(str(p[1]) for p in parts if p[0] > 0) or "1"
            product += "".join(f" / {p[1]}" for p in parts if p[0] < 0)
            words = "; ".join(f"{p[1]} is {p[3]}" for p in parts)
            return "constant_factor", f"{product}, where {words}"
    return None


def factor_words(c: float) -> str:
    """Return 'exactly 7 times too large' for 7, and '7 times too small' for 1/7."""
    times = max(abs(c), 1 / abs(c))
    return f"exactly {times:.4g} times too {'large' if abs(c) > 1 else 'small'}"


def explain_ratio(c: float, n: int, k: int) -> list[tuple[str, str]]:
    """Return the mistakes that make something c times what it should be: (name, words)."""
    mistakes = []
    if c < 0:
        mistakes.append(
            (
                "sign_flipped",
                "has exactly the wrong sign. The usual cause is y − a where a − y belongs, or a "
                "minus that was lost: look at the derivative of the loss. Descending along this "
                "climbs the loss.",
            )
        )
    if not same(abs(c), 1):
        name, of = name_factor(c, n, k) or ("constant_factor", "")
        mistakes.append((name, f"is {factor_words(c)}{': ' if of else ''}{of}. {FACTOR_WHY[name]}"))
    return mistakes
