"""Which line of the learner's own code did an error come through?"""

import functools
import inspect
import traceback
from collections.abc import Callable
from typing import NamedTuple


class Line(NamedTuple):
    """A line of source: its number, its text, and whether the error was raised on it itself."""

    number: int | None
    text: str
    raised_here: bool


def whose_line(error: BaseException, is_own: Callable[[str], bool]) -> Line | None:
    """Return the innermost line that `error` came through in a file of the learner's own.

    `is_own` tells from a file's name whether it is one; None if no line is in such a file.
    """
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if is_own(frame.filename):
            return Line(frame.lineno, (frame.line or "").strip(), frame is frames[-1])
    return None


def is_file_of(function: Callable) -> Callable[[str], bool]:
    """Return a test for the file, or the notebook cell, that `function` was written in.

    It looks through decorators, partial functions and objects that can be called.
    """
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = inspect.unwrap(function)
        else:
            break
    called = function if hasattr(function, "__code__") else type(function).__call__
    code = getattr(called, "__code__", None)  # what is written in C has none
    return lambda name: code is not None and name == code.co_filename


def is_cell(name: str) -> bool:
    """Return whether a file's name is that of a notebook cell."""
    return "ipykernel_" in name or name.startswith("<ipython")
