"""What a function takes, said once above it: its arguments are checked by name before the call.

    @takes(columns=whole(1, 20), history=like("training_loss", "the History that train returns"))
    def draw(history, columns=5): ...

A check is a function (name, value) → value that raises ValueError or TypeError with the name. An
argument whose default is None is not checked if it is None.
"""

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import numpy as np

from .arrays import as_numbers, not_finite
from .checks import as_number, as_seed, as_whole
from .words import shown

Check = Callable[[str, Any], Any]
Function = TypeVar("Function", bound=Callable[..., Any])


def takes(**checks: Check) -> Callable[[Function], Function]:
    """Let a function be called with arguments that have passed these checks alone."""

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        optional = {n for n, p in signature.parameters.items() if p.default is None}

        @functools.wraps(function)
        def checked(*arguments: Any, **named: Any) -> Any:
            try:
                bound = signature.bind(*arguments, **named)
            except TypeError as error:  # as Python itself says it
                raise TypeError(f"{function.__qualname__}() {error}") from None
            for name, check in checks.items():
                value = bound.arguments.get(name)
                if name in bound.arguments and not (value is None and name in optional):
                    bound.arguments[name] = check(name, value)
            return function(*bound.args, **bound.kwargs)

        return cast(Function, checked)

    return decorate


def of(check: Callable[[Any], Any]) -> Check:
    """Return the check that a function of the value alone makes."""
    return lambda name, value: check(value)


def like(attribute: str, what: str) -> Check:
    """Return a check that the value has this attribute, as `what` has."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, type) or not hasattr(value, attribute):
            raise TypeError(f"{name} must be {what}, not {type(value).__name__}")
        return value

    return check


def text(name: str, value: Any) -> str:
    """Check that a value is a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={shown(value)} must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name}={shown(value)} holds half a character: no file can") from None
    return value


def flag(name: str, value: Any) -> bool:
    """Check that a value is True or False: text, even "no", would count as True."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={shown(value)} must be True or False")
    return bool(value)


def whole(at_least: int, at_most: int | None = None) -> Check:
    """Return a check for a whole number in a range."""
    return lambda name, value: as_whole(name, value, at_least, at_most)


def number(at_least: float = -math.inf, below: float = math.inf) -> Check:
    """Return a check for a finite number, at_least ≤ value < below."""
    return lambda name, value: as_number(name, value, at_least, below)


def positive(name: str, value: Any) -> float:
    """Check that a value is a finite number above 0."""
    found = as_number(name, value, 0)
    if found == 0:
        raise ValueError(f"{name}={shown(value)} must be above 0")
    return found


def seed(name: str, value: Any) -> Any:
    """Check that a value is a seed."""
    return as_seed(value)


def numbers(*shape: int | None, holes: bool = False) -> Check:
    """Return a check for an array of this shape, None being any length; with `holes` NaN may be."""

    def check(name: str, value: Any) -> np.ndarray:
        array = as_numbers(name, value).astype(np.float64, copy=False)
        fits = len(shape) == array.ndim and all(
            n in (None, m) for n, m in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("n" if n is None else str(n) for n in shape)
            raise ValueError(f"{name} has shape {array.shape}, but must have shape ({wanted})")
        if not array.size:
            raise ValueError(f"{name} is empty (shape {array.shape})")
        if not holes and not np.isfinite(array).all():
            raise ValueError(not_finite(name, array))
        return array

    return check


def pair(low_first: bool = False) -> Check:
    """Return a check for two finite numbers; with `low_first` the second must be the larger."""

    def check(name: str, value: Any) -> tuple[float, float]:
        found = as_numbers(name, value)
        if found.shape != (2,) or not np.isfinite(found).all():
            raise ValueError(f"{name}={shown(value)} must be two finite numbers")
        first, second = found.tolist()
        if low_first and not first < second:
            raise ValueError(f"{name}={shown(value)} must be two numbers, the second the larger")
        return first, second

    return check


def mapping(what: str, each: Check | None = None) -> Check:
    """Return a check for a dict {"name": what, …} that is not empty; `each` checks its values."""

    def check(name: str, value: Any) -> dict:
        if not isinstance(value, Mapping):
            raise TypeError(
                f"{name} must be a dict, {{'name': {what}}}, not {type(value).__name__}"
            )
        if not value:
            raise ValueError(f"{name} is empty: at least one is needed, {{'name': {what}}}")
        if each is None:
            return dict(value)
        return {key: each(f"{name}[{shown(key)}]", v) for key, v in value.items()}

    return check


def listing(what: str, each: Check | None = None, rows: bool = False, at_least: int = 0) -> Check:
    """Return a check for a list of `what`; with `rows` an array is the list of its rows."""

    def check(name: str, value: Any) -> list:
        if isinstance(value, np.ndarray):
            flat = value.ndim == 1 or (rows and value.ndim > 1)
        else:
            flat = hasattr(value, "__len__") and not isinstance(value, type)
        if not flat or isinstance(value, (str, bytes, dict, set, frozenset)):
            raise TypeError(f"{name} must be a list of {what}, not {type(value).__name__}")
        if len(value) < at_least:
            raise ValueError(f"{name}={shown(value)} must hold {at_least} {what} at the least")
        if each is None:
            return list(value)
        return [each(f"{name}[{i}]", v) for i, v in enumerate(value)]

    return check


def names(name: str, value: Any) -> list[str]:
    """Check that a value is a list of names, or a text that names by its letters."""
    letters = list(value) if isinstance(value, str) else value
    return [str(one) for one in listing("names")(name, letters)]


def data(name: str, value: Any) -> tuple[Any, Any]:
    """Check that a value is a pair, of inputs and what belongs to them."""
    try:
        X, target = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair (X, target), not {_kind(value)}") from None
    return X, target


def _kind(value: Any) -> str:
    return f"shape {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
