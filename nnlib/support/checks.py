"""The checks that stand at the boundary, shared by all public functions."""

import itertools
import math
import sys
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from .arrays import as_numbers, check_finite, columns_of
from .words import shown

# More parameters than any memory holds.
MOST_PARAMETERS = 2**42


def as_whole(
    name: str, value: Any, at_least: int, at_most: int | None = None, hint: str = ""
) -> int:
    """Return `value` as an int, or raise ValueError unless it is a whole number in the range."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < at_least or (at_most is not None and value > at_most):
        bounds = (
            f", {at_least:,} or more" if at_most is None else f" from {at_least:,} to {at_most:,}"
        )
        hint = f": {hint}" if hint else ""
        raise ValueError(f"{name}={shown(value)} must be a whole number{bounds}{hint}")
    return int(value)


def is_number(value: Any) -> bool:
    """Whether `value` is a finite real number (a truth value is not)."""
    number = isinstance(value, (int, float, np.integer, np.floating))
    if not number or isinstance(value, bool):
        return False
    # An integer may be too large for a float; and the largest float is too large for a float32.
    value = value.item() if isinstance(value, np.generic) else value
    return bool(abs(value) <= sys.float_info.max)


def as_number(
    name: str, value: Any, at_least: float = -math.inf, below: float = math.inf, hint: str = ""
) -> float:
    """Return `value` as a float, or raise ValueError unless at_least ≤ value < below."""
    if not is_number(value) or not at_least <= value < below:
        bounds = "" if at_least == -math.inf else f", {at_least:g} or more"
        bounds += "" if below == math.inf else f" and below {below:g}"
        raise ValueError(
            f"{name}={shown(value)} must be a finite number{bounds}{': ' * bool(hint)}{hint}"
        )
    return float(value)


def as_seed(seed: Any) -> Any:
    """Return `seed`, or raise ValueError unless it is a whole number or None."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0
    if seed is not None and not whole:
        raise ValueError(
            f"seed={shown(seed)} must be a whole number, 0 or more, or None for another each time"
        )
    return seed


def as_input(
    X: npt.ArrayLike, n_features: int, dtype: npt.DTypeLike, name: str = "X"
) -> np.ndarray:
    """Return X as an array of shape (n_samples, n_features) in `dtype`, or raise ValueError."""
    columns, is_array, X = columns_of(X), isinstance(X, np.ndarray), as_numbers(name, X)
    row = f"{name}[None, :]" if is_array and X.ndim == 1 else f"np.reshape({name}, (1, -1))"
    if X.shape == (n_features,):
        raise ValueError(
            f"{name} has shape {X.shape}: a single sample is a batch of one row, "
            f"{row} of shape (1, {n_features})"
        )
    if X.ndim != 2:
        cure = ""
        if X.ndim > 2:
            cure = f": flatten each sample with np.reshape({name}, (len({name}), -1))"
        elif X.ndim == 1 and n_features == 1:
            cure = f": a single feature is a column, np.reshape({name}, (-1, 1))"
        raise ValueError(
            f"{name} has shape {X.shape}, but must have two axes, (n_samples, {n_features}){cure}"
        )
    if X.shape[1] != n_features:
        cure = f"each row of {name} must hold {n_features} features"
        if X.size == n_features:
            cure = f"a single sample is a batch of one row, {row}"
        elif X.shape[0] == n_features:
            cure += f". If each column is a sample, pass np.transpose({name})"
        raise ValueError(
            f"{name} has {X.shape[1]} columns (shape {X.shape}), but layer 0, the input, has "
            f"{n_features} neurons: {cure}"
        )
    if len(X) == 0:
        raise ValueError(f"{name} is empty (shape {X.shape}): at least one sample is needed")
    given = X
    with np.errstate(over="ignore"):
        X = X.astype(dtype, copy=False)
    try:
        check_finite(name, X, columns)
    except ValueError:
        if np.isfinite(given).all():
            raise ValueError(
                f"{name} goes to {np.abs(given).max():g}, and {X.dtype} has no numbers that large: "
                "divide by its largest, or scale each column to about −1 to 1"
            ) from None
        raise
    return X


def kept_dtype(X: npt.ArrayLike, otherwise: npt.DTypeLike) -> np.dtype:
    """Return the type of X if it is float32 or float64, or else `otherwise`.

    For data of which only some rows are ever used: to convert all of MNIST first takes 370 MB.
    """
    own = getattr(X, "dtype", None)
    return np.dtype(own if own in (np.float32, np.float64) else otherwise)


def as_layers(layers: Sequence[int]) -> tuple[int, ...]:
    """Return the widths of the layers as a tuple of ints, or raise ValueError."""
    flat = isinstance(layers, (list, tuple)) or (
        isinstance(layers, np.ndarray) and layers.ndim == 1
    )
    layers = tuple(layers) if flat else cast(Any, (layers,))
    if len(layers) < 2:
        raise ValueError(
            f"layers={shown(list(layers))} has {len(layers)} entry: a network needs at "
            "least an input "
            "and an output layer, for example [784, 10]"
        )
    for number, n in enumerate(layers):
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(
                f"layers={shown(list(layers))}: layer {number} has {shown(n)} neurons, but "
                "every layer needs "
                "a whole number of 1 or more"
            )
    widths = tuple(int(n) for n in layers)
    parameters = sum((n + 1) * m for n, m in itertools.pairwise(widths))
    if parameters > MOST_PARAMETERS:
        raise ValueError(
            f"layers={shown(list(layers))} would have {shown(parameters)} parameters: no memory "
            "holds that many; choose fewer neurons"
        )
    return widths


def as_dtype(dtype: npt.DTypeLike) -> np.dtype:
    """Return float32 or float64 as a dtype, or raise ValueError."""
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):  # numpy reads a text with a comma as Python
        raise ValueError(f"dtype {shown(dtype)}: choose 'float32' or 'float64'") from None
    if dtype is None or found not in (np.dtype("float32"), np.dtype("float64")):
        raise ValueError(f"dtype {shown(found.name)}: choose 'float32' or 'float64'")
    return found
