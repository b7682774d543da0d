"""Comparing what came back with what was expected, and saying the difference in words."""

from types import FunctionType

import numpy as np

# Relative to the largest entry: far above rounding in float64, far below any mistake.
TOLERANCE = 1e-6
MOST_SHOWN = 12  # numbers of an array that are written out


def differ(a, b) -> bool:
    """Return whether two answers differ: in structure, shape or, beyond rounding, in value."""
    if isinstance(b, (tuple, list)) and not _is_numbers(b):
        if not isinstance(a, (tuple, list)) or len(a) != len(b):
            return True
        return any(differ(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(b, str) or b is None or callable(b):
        # A copy of an activation is another object, but the same function.
        copied = callable(b) and not isinstance(b, FunctionType) and type(a) is type(b)
        return a is not b and a != b and not copied
    a, b = _numbers(a), _numbers(b)
    if a is None or b is None:
        return a is not b
    if a.shape != b.shape:
        return True
    if not a.size:
        return False
    scale = np.abs(b[np.isfinite(b)]).max(initial=1e-300)
    return not np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True)


def difference(returned, expected) -> str:
    """Return in words how `returned` differs from `expected`."""
    if isinstance(expected, (tuple, list)) and not _is_numbers(expected):
        if not isinstance(returned, (tuple, list)):
            return f"it must return {len(expected)} things, but returned one"
        if len(returned) != len(expected):
            return f"it must return {len(expected)} things, but returned {len(returned)}"
        for i, (a, b) in enumerate(zip(returned, expected, strict=True)):
            if differ(a, b):
                return f"item {i} of what it returned is wrong: {difference(a, b)}"
    a, b = _numbers(returned), _numbers(expected)
    if a is None or b is None:
        return "it must return numbers"
    if a.shape != b.shape:
        return f"the shape is {a.shape}, but must be {b.shape}{_shape_advice(a, b)}"
    if not np.isfinite(a).all() and np.isfinite(b).all():
        return f"{np.count_nonzero(~np.isfinite(a))} of its numbers are infinite or NaN"
    wrong = ~np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * np.abs(b).max(initial=1e-300))
    if a.size == 1:
        return "the number is not right"
    return f"{np.count_nonzero(wrong)} of its {a.size} numbers are not right"


def _shape_advice(a: np.ndarray, b: np.ndarray) -> str:
    if a.T.shape == b.shape and a.ndim > 1:
        return ": this is the shape of the transpose"
    if a.size == b.size:
        return ": the numbers are as many, but (n,) and (n, 1) are different shapes"
    return ""


def show(value) -> str:
    """Return a value as short text: small arrays in full, large ones by their shape."""
    if value is None:
        return "nothing"
    if isinstance(value, (tuple, list)) and not _is_numbers(value):
        return "(" + ", ".join(show(v) for v in value) + ")"
    if callable(value):
        name = getattr(value, "__name__", None) or getattr(value, "name", type(value).__name__)
        return str(name)
    if isinstance(value, str):
        return repr(value)
    array = _numbers(value)
    if array is None:
        return f"an object of type {type(value).__name__}"
    if array.ndim == 0:
        return f"{array.item():.6g}"
    if array.size <= MOST_SHOWN:
        text = np.array2string(array, precision=4, separator=", ", suppress_small=False)
        return f"{' '.join(text.split())} of shape {array.shape}"
    return f"array of shape {array.shape}, first number {array.flat[0]:.6g}"


def _numbers(value) -> np.ndarray | None:
    """Return `value` as an array of numbers, or None if it is none."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "biuf" else None


def _is_numbers(items) -> bool:
    """Return whether a list is a plain vector, [1, 2, 3], and not a list of arrays."""
    arrays = [_numbers(x) for x in items]  # no array at all: a list of arrays within the list
    return len(items) > 0 and all(x is not None and x.ndim == 0 for x in arrays)
