"""The learner's own functions, kept from one lesson to the next.

Their source stands in `mine.json` beside the file of progress, one entry a name. A check that says
*correct* keeps the function by itself; `save` keeps any other, and `mine` brings all of them back.
"""

import inspect
import linecache
from dataclasses import fields
from types import FunctionType, SimpleNamespace

import numpy as np

from .. import activations
from ..diagnosis.own_code import OwnCode
from . import solved


def save(function: FunctionType) -> None:
    """Keep a function for later lessons, under its name; a later one of this name replaces it.

    Raises TypeError for what is not a function made with `def`, OSError if it cannot be written.
    """
    source = _source(function)
    if source is None:
        raise TypeError(
            f"save takes a function made with def in a cell or a file, not {function!r}: only of "
            "such a one the text can be kept"
        )
    with solved.changed(solved.path().with_name("mine.json")) as kept:
        kept[function.__name__] = source


def keep_solved(name: str, attempt) -> None:
    """Keep an attempt that has passed its check, if it can be kept under the exercise's name.

    Of several functions together, an `OwnCode`, each is kept under its own.
    """
    if isinstance(attempt, OwnCode):
        for part in fields(OwnCode):
            keep_solved(part.name, getattr(attempt, part.name))
        return
    if _source(attempt) is not None and attempt.__name__ == name:
        save(attempt)


def mine() -> SimpleNamespace:
    """Return your own functions that are kept: `mine().forward` and so on.

    They run as they did in the lesson, with numpy as np, nnlib and its activations, and may call
    one another. One that does not run any more is left out, and a line says so.
    """
    import nnlib

    names = {"np": np, "nnlib": nnlib, **activations.ACTIVATIONS}
    own = {}
    for name, source in _read().items():
        file = f"<mine: {name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            exec(compile(source, file, "exec"), names)
            own[name] = names[name]
        except Exception as error:
            print(f"{name} is left out, since its text does not run: {error}")
    return SimpleNamespace(**own)


def _source(function) -> str | None:
    """Return the text of a function made with def at the left margin, or None."""
    if not isinstance(function, FunctionType):
        return None
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return None
    return source if source.startswith(f"def {function.__name__}(") else None


def _read() -> dict[str, str]:
    try:
        stored = solved.stored_in(solved.path().with_name("mine.json"))
        return {str(k): v for k, v in stored.items() if isinstance(v, str)}
    except (OSError, ValueError, AttributeError):
        return {}
