"""update: does it step against the gradient, as far as the learning rate says?"""

import numpy as np

from .finding import Diagnosis, close, error_words, factor_words, ratio, same
from .own_code import OwnCodeError, as_numbers, call
from .watch import Watch, from_error, unsteady

ALPHA = 0.03


def check_update(own, seed: int) -> list[Diagnosis]:
    """Try `own.update` on a vector, a matrix and float32; return what is wrong with it."""
    rng = np.random.default_rng(seed)
    watch = Watch()
    for shape, dtype in (((11,), np.float64), ((5, 4), np.float64), ((11,), np.float32)):
        x, g = rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)
        try:
            theirs, again = step(own, x, g, watch), step(own, x, g, watch)
        except OwnCodeError as error:
            return [from_error(error)]
        found = judge(theirs, x, g)
        if found:
            return found + watch.diagnoses("update")
        if unsteady("update", [theirs], [again], ["x"]):
            return [_REMEMBERS]
    return watch.diagnoses("update")


_REMEMBERS = Diagnosis(
    "not_deterministic",
    "update, x",
    "The first step is right, but a second one from the same x with the same g is another: it "
    "remembers something. Plain gradient descent has no memory, x ← x − αg; momentum is nnlib's "
    "`Momentum`.",
)


def step(own, x, g, watch: Watch | None = None) -> np.ndarray:
    """Return the x after an update, whether returned or written into x."""
    moved = x.copy()
    with np.errstate(all="ignore"), (watch or Watch()).on({"g": g}) as (given,):
        value = call("update", own.update, x=moved, g=given, learning_rate=ALPHA)
    if value is None:
        return moved.astype(np.float64)
    return np.array(as_numbers(value, "update", "x"), np.float64)


def judge(theirs, x, g) -> list[Diagnosis]:
    """Return what is wrong with the step from x to `theirs`; nothing if it is right."""
    move = ALPHA * g
    if close(theirs, x - move):
        return []
    called = f"Called with x and g of shape {x.shape} and learning_rate={ALPHA}"

    def found(name, why):
        return [Diagnosis(name, "update, x", f"{called}: {why}")]

    if theirs.shape != x.shape:
        return found("wrong_shape", f"x came back with shape {theirs.shape}.")
    if not np.isfinite(theirs).all():
        return found("not_finite", "x came back with NaN or infinity in it.")
    if np.array_equal(theirs, x):
        return found(
            "update_lost",
            "x is as before. The usual cause is `x = x - …` without a return: it makes a new array "
            "and forgets it. Return it, or write into x itself, `x -= …`.",
        )
    if close(theirs, g - ALPHA * x):
        return found("arguments_swapped", "x and g are taken for each other: update(x, g, α).")
    if close(theirs, -move) or close(theirs, move):
        return found("returns_step", "it returned the step alone: return x − α g.")
    c = ratio(theirs - x, -move)
    if c is None:
        error = error_words(theirs - x, -move)
        return found("unrecognized", f"the step is not along g ({error}): x ← x − α g.")
    mistakes = []
    if c < 0:
        mistakes += found(
            "sign_flipped",
            "x moves along the gradient, up the loss, and must move against it: x ← x − α g.",
        )
    if same(abs(c), 1 / ALPHA):
        mistakes += found(
            "learning_rate_missing",
            f"the step is {factor_words(c)}, 1/α: the whole g. It must be scaled: x ← x − α g.",
        )
    elif same(abs(c), 1 / ALPHA**2):
        mistakes += found("learning_rate_divides", "the step is g/α: multiply by α instead.")
    elif not same(abs(c), 1):
        mistakes += found(
            "constant_factor",
            f"the step is {factor_words(c)}. g is already the gradient of a mean: x ← x − α g.",
        )
    return mistakes
