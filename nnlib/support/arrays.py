"""The one door for arrays and for labels: numbers come in as numbers, or are refused in words.

Whatever holds a value that is no number, or none at all (a mask, a NaN among labels, a text, a
column of categories), is refused with the place of the first such value: numpy would turn some of
them into numbers without a word, and compare others with numbers as simply unequal.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .words import shown


def as_numbers(name: str, values: Any, hint: str = "") -> np.ndarray:
    """Return `values`, of any shape, as an array of real numbers (or truth values).

    An array of numbers comes back as it is, neither copied nor cast, but never as a class of its
    own (for np.matrix * is another product). A data frame is taken column by column, and objects
    that are numbers, all of them, become floats or integers. Raises ValueError, which calls the
    values `name`, for anything else; `hint` ends what it says.
    """
    if isinstance(values, np.ndarray) and not isinstance(values, np.ma.MaskedArray):
        array = np.asarray(values)
    else:
        _refuse_gaps(name, values)
        if isinstance(values, Iterator):
            raise ValueError(
                f"{name} is a {type(values).__name__}, which can be gone through only once: pass "
                f"list({_in_code(name)})"
            )
        columns = columns_of(values)
        if columns is not None:
            return _from_columns(name, values, columns, hint)
        try:
            array = np.asarray(values)
        except Exception as error:  # a tensor of another library may raise any
            raise ValueError(f"{name} cannot be made an array: {error}") from None
    if array.dtype.kind == "O" and array.size and not isinstance(values, (dict, set)):
        array = _from_objects(name, array, hint)
    if array.dtype.kind not in "biuf":
        cure = _cure(name, values, array) or hint
        raise ValueError(f"{name} must hold numbers, not {_kind(values, array)}{cure}")
    return array


def as_finite(name: str, values: Any) -> np.ndarray:
    """Return `values` as `as_numbers` does, or raise ValueError if one is NaN or infinite."""
    array = as_numbers(name, values)
    check_finite(name, array)
    return array


def check_finite(name: str, array: np.ndarray, columns: "list[Any] | None" = None) -> None:
    """Raise ValueError with the place of the first number that is NaN or infinite.

    `columns` are the names of the columns, if `array` was a data frame.
    """
    # One sum instead of a flag for each: whatever is not finite makes it so too. (A sum of huge
    # finite numbers may overflow; then look closely.)
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(array.sum())
    if suspicious and not np.isfinite(array).all():
        raise ValueError(not_finite(name, array, columns))


def as_labels(
    labels: npt.ArrayLike,
    n_samples: int | None = None,
    n_classes: int | None = None,
    name: str = "labels",
) -> np.ndarray:
    """Return class labels as integers of shape (n_samples,), from 0 to n_classes − 1.

    Truth values are the classes 0 and 1. `n_samples` and `n_classes` are not checked if they are
    None. Raises ValueError for anything else, with its cause and, where there is one, the cure.
    """
    n = "n_samples" if n_samples is None else n_samples
    it = _in_code(name)
    start = f"{name} must be integers of shape ({n},)"
    y = as_numbers(
        name,
        labels,
        f": {name} must be integers of shape ({n},), and np.unique({it}, return_inverse=True)[1] "
        "numbers the classes from 0",
    )
    if y.shape == (0,):
        y = y.astype(np.int64)  # of an empty list numpy makes floats
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError(f"{start}, but {not_finite('the array', y)}")
    if y.ndim != 1 or y.dtype.kind == "f":
        raise ValueError(f"{start}, not {y.dtype} of shape {y.shape}{_cure_of_labels(y, it)}")
    if n_samples is not None and len(y) != n_samples:
        raise ValueError(f"{start}, one for each of the {n} rows of X, not of shape {y.shape}")
    if y.size:
        _check_range(y, n_classes, name)
    # As wide as an index: np.bincount takes no wider ones, and Python in a browser has 32 bits.
    return y.astype(np.intp)


def _cure_of_labels(y: np.ndarray, it: str) -> str:
    """Say what makes labels of numbers that are none as they stand; end a message with it."""
    if y.ndim == 2 and 1 not in y.shape:
        return f": use np.argmax({it}, axis=1)"
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        shares = y.min() >= 0 and y.max() <= 1
        return ": of outputs network.predict(X) makes classes" if shares else ""
    if y.ndim == 2 and y.size:
        return f": use np.ravel({it})"
    return f": use np.asarray({it}, int)" if y.ndim == 1 else ""


def _check_range(y: np.ndarray, n_classes: int | None, name: str) -> None:
    low, high = (int(end) for end in (y.min(), y.max()))  # Python's integers do not wrap round
    if n_classes is None:
        if low < 0 or high >= 2**63:
            raise ValueError(f"{name} run from {low} to {high}, but classes are numbered from 0")
        return
    if 0 <= low and high < n_classes:
        return
    classes = f"{n_classes} outputs stand for the classes 0 to {n_classes - 1}"
    if low == 1 and high == n_classes:
        advice = "the labels start at 1: subtract 1"
    else:
        advice = f"give the network {high + 1} outputs, or number the classes from 0"
        if low < 0:
            advice = "number the classes from 0"
    raise ValueError(f"{name} run from {low} to {high}, but {classes}: {advice}")


def not_finite(name: str, array: np.ndarray, columns: "list[Any] | None" = None) -> str:
    """Say how many values are NaN or infinite, and where the first is."""
    bad = np.argwhere(~np.isfinite(array))
    place = ""
    if array.ndim:
        at = bad[0].tolist()
        axes = ("row", "column") if array.ndim <= 2 else ("row",)
        place = ", ".join(f"{axis} {i}" for axis, i in zip(axes, at, strict=False))
        if columns is not None:
            place += f" ({columns[at[1]]!r})"
        place = f", the first in {place}"
    return (
        f"{name} holds {len(bad):,} values that are NaN or infinite{place}: remove or repair "
        "those samples"
    )


def columns_of(values: Any) -> list[Any] | None:
    """Return the names of the columns if `values` is a data frame, of whatever library."""
    columns = getattr(values, "columns", None)
    if columns is None or not hasattr(values, "__getitem__"):
        return None
    return list(columns) if isinstance(columns, Iterable) else None


def check_order(name: str, rows: Any, other: str, others: Any) -> None:
    """Raise ValueError if two data frames or columns name the same rows in another order.

    Here rows go together by their places, as in numpy; whoever has named them means the names.
    """
    indexes: list[Any] = [getattr(part, "index", None) for part in (rows, others)]
    if any(index is None or callable(index) for index in indexes):
        return  # arrays, and lists, whose `index` is a method
    one, two = (list(index) for index in indexes)
    if one != two and len(one) == len(two) and {*one} == {*two}:
        at = next(i for i in range(len(one)) if one[i] != two[i])
        raise ValueError(
            f"{name} and {other} have the same rows in another order: row {at} is "
            f"{shown(one[at])} in {name} and {shown(two[at])} in {other}. Use "
            f"{other}.loc[{name}.index], or .to_numpy() if they do go together by their places"
        )


def _refuse_gaps(name: str, values: Any) -> None:
    """Raise ValueError if numpy would drop a mask, or make one object of the values."""
    if hasattr(values, "toarray"):
        raise ValueError(f"{name} is a sparse array: pass {_in_code(name)}.toarray()")
    if isinstance(values, (list, tuple)) and any(np.ma.is_masked(part) for part in values):
        values = np.ma.array([np.ma.asarray(part) for part in values])
    if np.ma.is_masked(values):
        missing = np.argwhere(np.ma.getmaskarray(values))
        first = f", the first in row {missing[0][0]}" if missing.shape[1] else ""
        raise ValueError(
            f"{name} is masked: {len(missing):,} of its values are missing{first}. Remove those "
            f"samples, or fill the gaps, {_in_code(name)}.filled(value)"
        )


def _from_columns(name: str, frame: Any, columns: list[Any], hint: str) -> np.ndarray:
    if not columns:
        raise ValueError(f"{name} is a data frame without columns")
    if len(set(columns)) < len(columns):
        twice = next(c for c in columns if columns.count(c) > 1)
        raise ValueError(f"{name} has two columns that are called {twice!r}")
    parts = [as_numbers(f"the column {c!r} of {name}", frame[c], hint) for c in columns]
    return np.column_stack(parts)


def _from_objects(name: str, array: np.ndarray, hint: str) -> np.ndarray:
    """Return an array of objects as numbers if every one of them is a number."""
    whole = True
    for at, value in np.ndenumerate(array):
        if not isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
            place = ", ".join(f"{a} {i}" for a, i in zip(("row", "column"), at, strict=False))
            raise ValueError(
                f"{name} must hold numbers, not object: {shown(value)}"
                + (f" stands in {place}" if place else "")
                + (_cure(name, array, array) or hint)
            )
        whole = whole and not isinstance(value, (float, np.floating))
    try:
        return array.astype(np.int64 if whole else np.float64)
    except OverflowError:
        raise ValueError(f"{name} holds integers of more than 64 bits{hint}") from None


def _cure(name: str, values: Any, array: np.ndarray) -> str:
    """Say which line of code makes numbers of the values, if one does; end a message with it."""
    it = _in_code(name)
    if array.dtype.names:
        return (
            f": its fields have names, as columns of a table. Pass "
            f"np.lib.recfunctions.structured_to_unstructured({it})"
        )
    if isinstance(values, dict):
        return f": for the columns of a table pass np.column_stack(list({it}.values()))"
    if not array.size or name.startswith("the column"):
        return ""
    # Here something is refused anyway, so there is time to look; text that is read as a number
    # keeps its value, and np.unique would number it anew.
    some = array.ravel()[:10_000]
    text = all(isinstance(value, (str, bytes)) for value in some)
    if not text and not all(isinstance(v, (int, float, Decimal, Fraction)) for v in some):
        return ""
    for kind in (int, float) if text else (float,):
        try:
            some.astype(kind)
        except (TypeError, ValueError, OverflowError):
            continue
        return f": np.asarray({it}, {kind.__name__}) makes numbers of them"
    return ""


def _in_code(name: str) -> str:
    """Return what the values are called in a line of code: of "the labels y" it is y."""
    return name.split()[-1]


def _kind(values: Any, array: np.ndarray) -> str:
    """Say what the values are instead of numbers."""
    if array.dtype.kind in "US" and array.size:
        return f"text, {array.dtype}, the first {shown(str(array.flat[0]))}"
    if array.dtype.kind == "O":
        return f"{array.dtype} ({type(values).__name__})"
    if array.dtype.names:
        return f"records of {', '.join(array.dtype.names[:9])}"
    return str(array.dtype)
