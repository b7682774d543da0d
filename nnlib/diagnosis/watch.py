"""What a function must not do, whatever it computes: change its arguments, or its mind."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from .finding import Diagnosis, close
from .own_code import OwnCodeError


class Watch:
    """Hands out copies of arguments, and notes in `changed` which of them were written to."""

    def __init__(self):
        self.changed: list[str] = []

    @contextmanager
    def on(self, arguments: dict) -> Iterator[list]:
        """Lend copies of the arguments, and look at them when they come back."""
        lent = [_copy(value) for value in arguments.values()]
        held = [_copy(value) for value in lent]  # the lists may be changed as well
        yield lent
        for name, after, before in zip(arguments, lent, held, strict=True):
            for changed in _differences(name, after, before):
                if changed not in self.changed:
                    self.changed.append(changed)

    def diagnoses(self, function: str) -> list[Diagnosis]:
        """Return the diagnosis of what was written to, if anything was."""
        if not self.changed:
            return []
        return [
            Diagnosis(
                "mutates_inputs",
                f"{function}, {self.changed[0]}",
                f"It changes what it was given: {', '.join(self.changed)} had other values "
                "after the call. The usual cause: `d = a[-1]` makes no copy, so that `d -= y` "
                "writes into a[-1] itself. Write `d = d - y`, or copy first: `d = a[-1].copy()`.",
            )
        ]


def _copy(value):
    """Return a copy down to the arrays; what cannot be copied is handed over as it is."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def _differences(name: str, after, before) -> list[str]:
    """Return the names of the arrays that differ: W1 is item 0 of W, a1 item 1 of a."""
    if isinstance(before, np.ndarray):
        return [] if np.array_equal(after, before, equal_nan=before.dtype.kind == "f") else [name]
    if isinstance(before, (list, tuple)):
        if len(after) != len(before):
            return [name]
        first = 1 if name == "W" else 0
        pairs = enumerate(zip(after, before, strict=True), first)
        return [d for i, pair in pairs for d in _differences(f"{name}{i}", *pair)]
    return []


def unsteady(function: str, first: list, again: list, names: list[str]) -> Diagnosis | None:
    """Return a diagnosis if two calls with the same arguments gave different answers."""
    pairs = list(zip(names, first, again, strict=True))
    differing = [name for name, f, g in pairs if not _alike(f, g)]
    if not differing:
        return None
    where = f"{function}, {differing[-1]}"
    if all(close(g, 2 * f) for _, f, g in pairs):
        return Diagnosis(
            "accumulates",
            where,
            "Called a second time with the same arguments, it returned exactly twice as much: it "
            "adds to what an earlier call left behind. Make the arrays inside the function, "
            "filled with zeros, each time.",
        )
    return Diagnosis(
        "not_deterministic",
        where,
        "Called twice with the same arguments, it returned two different answers "
        f"({', '.join(differing)}). It uses random numbers, or a variable outside the function "
        "that it also changes.",
    )


def _alike(f: np.ndarray, g: np.ndarray) -> bool:
    return close(f, g) or np.array_equal(f, g, equal_nan=True)


def from_error(error: OwnCodeError) -> Diagnosis:
    """Return the diagnosis that an OwnCodeError amounts to."""
    return Diagnosis(error.name, error.where, str(error))


def first_seen(found: list[Diagnosis], error: OwnCodeError) -> list[Diagnosis]:
    """Return diagnoses made on equal widths, with what led there told once."""
    told = str(error).partition(". It was called with")[0].rstrip(".")
    first = replace(found[0], message=f"{found[0].message} (With other widths: {told}.)")
    return [first, *found[1:]]
