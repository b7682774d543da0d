"""Comparing what came back with what was expected, and saying the difference in words."""

from collections.abc import Iterable
from types import FunctionType

import numpy as np

# Relative to the largest number in play: above what some dozens of roundings in float32 do, since
# an answer may be computed in float32 and come back in float64; far below any mistake.
TOLERANCE = 1e-5
# Relative to the largest entry of an answer that comes back in float32 or less: its 7 digits, less
# 3 that subtracting large numbers may cost.
SINGLE = 1e-3
MOST_SHOWN = 12  # numbers of an array that are written out


def differ(a, b, scale: float = 0.0) -> bool:
    """Return whether two answers differ: in structure, shape or, beyond rounding, in value.

    `scale` is the size of the largest number that they were computed from: where such numbers
    cancel, what is left is no more exact than they were.
    """
    if isinstance(b, (tuple, list)) and not _is_numbers(b):
        a = _items(a)
        if a is None or len(a) != len(b):
            return True
        return any(differ(x, y, scale) for x, y in zip(a, b, strict=True))
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
    return bool(_wrong(a, b, scale).any())


def _items(value) -> list | tuple | None:
    """Return several things as a list or tuple; np.array([x, v]) holds two things as well."""
    if isinstance(value, np.ndarray) and value.ndim:
        return list(value)
    return value if isinstance(value, (tuple, list)) else None


def largest(value) -> float:
    """Return the size of the largest finite number in arrays, lists and tuples of any depth."""
    if isinstance(value, (tuple, list)):
        return max((largest(item) for item in value), default=0.0)
    array = _numbers(value)
    return 0.0 if array is None else float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def _wrong(a: np.ndarray, b: np.ndarray, scale: float) -> np.ndarray:
    """Return which entries of `a` are not those of `b`, as exactly as both can be told."""
    tolerance = SINGLE if a.dtype.kind == "f" and a.dtype.itemsize <= 4 else TOLERANCE
    size = largest(b) or 1e-300
    near = max(tolerance * size, TOLERANCE * scale)
    return ~np.isclose(a, b, rtol=0, atol=near, equal_nan=True)


def difference(returned, expected, scale: float = 0.0) -> str:
    """Return in words how `returned` differs from `expected`."""
    if isinstance(expected, (tuple, list)) and not _is_numbers(expected):
        items = _items(returned)
        if items is None:
            return f"it must return {len(expected)} things, but returned one"
        if len(items) != len(expected):
            return f"it must return {len(expected)} things, but returned {len(items)}"
        for i, (a, b) in enumerate(zip(items, expected, strict=True)):
            if differ(a, b, scale):
                return f"item {i} of what it returned is wrong: {difference(a, b, scale)}"
    a, b = _numbers(returned), _numbers(expected)
    if a is None or b is None:
        return "it must return numbers"
    if a.shape != b.shape:
        return f"the shape is {a.shape}, but must be {b.shape}{_shape_advice(a, b)}"
    if not np.isfinite(a).all() and np.isfinite(b).all():
        return f"{np.count_nonzero(~np.isfinite(a))} of its numbers are infinite or NaN"
    if a.size == 1:
        return "the number is not right"
    return f"{np.count_nonzero(_wrong(a, b, scale))} of its {a.size} numbers are not right"


def _shape_advice(a: np.ndarray, b: np.ndarray) -> str:
    if b.ndim == 0:
        if a.size == 1:
            return ": it is an array that holds one number, and a number is wanted: x.item()"
        return ": one number is wanted"
    if a.T.shape == b.shape and a.ndim > 1:
        return ": this is the shape of the transpose"
    if a.size == b.size and {a.ndim, b.ndim} == {1, 2}:
        return ": the numbers are as many, but (n,) and (n, 1) are different shapes"
    return ""


def contrast(returned, expected, scale: float = 0.0) -> tuple[str, str]:
    """Return both as text that shows where they differ."""
    if isinstance(expected, (tuple, list)) and not _is_numbers(expected):
        items = _items(returned)
        if items is not None and len(items) == len(expected):
            pairs = zip(items, expected, strict=True)
            texts = [
                contrast(a, b, scale) if differ(a, b, scale) else (show(a), show(b))
                for a, b in pairs
            ]
            return _in_brackets(t for t, _ in texts), _in_brackets(t for _, t in texts)
    a, b = _numbers(returned), _numbers(expected)
    if a is None or b is None or a.shape != b.shape or not _wrong(a, b, scale).any():
        return show(returned), show(expected)
    if a.size > MOST_SHOWN:
        place = tuple(int(i) for i in np.argwhere(_wrong(a, b, scale))[0])
        one, other = contrast(a[place], b[place], scale)
        where = f"array of shape {a.shape}, at [{', '.join(map(str, place))}]"
        return f"{where} {one}", f"{where} {other}"
    one, other = "", ""
    for digits in (4, 8, 12, 17):
        if one == other:  # they differ further behind the point
            one, other = _in_full(a, digits), _in_full(b, digits)
    return one, other


def show(value) -> str:
    """Return a value as short text: small arrays in full, large ones by their shape."""
    if value is None:
        return "nothing"
    if isinstance(value, (tuple, list)) and not _is_numbers(value):
        return _in_brackets(show(v) for v in value)
    if callable(value):
        name = getattr(value, "__name__", None) or getattr(value, "name", type(value).__name__)
        return str(name)
    if isinstance(value, str):
        return repr(value)
    array = _numbers(value)
    if array is None:
        return f"an object of type {type(value).__name__}"
    if array.size <= MOST_SHOWN:
        return _in_full(array)
    return f"array of shape {array.shape}, first number {array.flat[0]:.6g}"


def _in_brackets(texts: Iterable[str]) -> str:
    return f"({', '.join(texts)})"


def _in_full(array: np.ndarray, digits: int = 4) -> str:
    if array.ndim == 0:
        return f"{array.item():.{digits + 2}g}"
    text = np.array2string(array, precision=digits, separator=", ", suppress_small=False)
    return f"{' '.join(text.split())} of shape {array.shape}"


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
