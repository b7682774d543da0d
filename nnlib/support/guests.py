"""Foreign code is a guest: a function that a learner wrote, called in the middle of nnlib's own.

It is given an array of its own, which it may write to, and what it returns is checked where it
comes in: a missing `return`, a row too few or a NaN is told as that, and not by what it leads to.
"""

from collections.abc import Callable
from typing import Any

import numpy as np


def name_of(function: Any) -> str:
    """Return what a function, or an object that is called like one, is called."""
    return getattr(function, "__qualname__", None) or repr(function)


def returned_as(what: str, given: np.ndarray, returned: Any) -> np.ndarray:
    """Return what a guest made of the array `given`: numbers of the same shape, in the same type.

    `what` names the guest in the ValueError for anything else.
    """
    if returned is None:
        raise ValueError(f"{what} returned None: has it come to its `return`?")
    try:
        array = np.asarray(returned)
    except Exception as error:  # a tensor of another library may raise any
        raise ValueError(f"{what} returned what is no array: {error}") from None
    if array.shape != given.shape or array.dtype.kind not in "biuf" or np.ma.is_masked(returned):
        kind = "masked " if np.ma.is_masked(returned) else ""
        raise ValueError(
            f"{what} was given an array of shape {given.shape} and returned {kind}{array.dtype} of "
            f"shape {array.shape}: it must return numbers of the same shape"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        array = array.astype(given.dtype)
    if not np.isfinite(array).all() and np.isfinite(given).all():
        bad = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ValueError(
            f"{what} returned {array[tuple(bad)]} at {bad}, though it was given finite numbers"
        )
    return array


class LoopGoesOn:
    """A block in which no guest ends a loop: its StopIteration would do so without a word."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, StopIteration):
            raise RuntimeError("a function of yours raised StopIteration in an update") from error


def of_images(what: str, function: Callable, X: np.ndarray, *more: Any) -> np.ndarray:
    """Return `function(X, *more)`, checked; the function gets a copy of X, which it may change."""
    named = f"{what}={name_of(function)}"
    try:
        made = function(X.copy(), *more)
    except TypeError as error:
        raise TypeError(f"{named}, called with X and {len(more)} more: {error}") from error
    return returned_as(named, X, made)
