"""A grid of settings: one recipe for each of them, to be trained side by side."""

import itertools
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from ..recipes import Recipe


def grid(recipe: Recipe, **settings: Iterable[Any]) -> list[Recipe]:
    """Return `recipe` with each combination of these settings, the last changing fastest.

    >>> grid(RECIPES["quick"], learning_rate=[0.05, 0.1, 0.2], batch_size=[32, 64])

    settings   names of what a `Recipe` has, each with the values it is to take

    Each is named after its settings: quick-learning_rate=0.05-batch_size=32. Raises TypeError for
    a recipe that is none, ValueError for a setting that recipes do not have, that has no values
    or the same twice, and for a value that it cannot have.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe={recipe!r} must be a Recipe, for example RECIPES['quick']")
    if not settings:
        raise ValueError("a grid needs settings, for example learning_rate=[0.05, 0.1, 0.2]")
    known = [f.name for f in fields(Recipe) if f.name not in ("name", "purpose")]
    values: dict[str, list] = {}
    for name, several in settings.items():
        if name not in known:
            raise ValueError(f"recipes have no setting {name!r}: choose of {', '.join(known)}")
        alone = isinstance(several, (str, bytes, dict)) or not isinstance(several, Iterable)
        if alone or (isinstance(several, np.ndarray) and not several.ndim):
            raise TypeError(f"{name}={several!r} must be a list of values, [{several!r}] for one")
        # As Python has them: a number of numpy would not be the same setting in a record.
        values[name] = [
            v.tolist() if isinstance(v, (np.generic, np.ndarray)) else v for v in several
        ]
        if not values[name]:
            raise ValueError(f"{name} is an empty list: name at least one value")
        for at, value in enumerate(values[name]):
            if value in values[name][:at]:
                raise ValueError(f"{name} has {value!r} twice: each recipe is trained once")
    found = []
    for chosen in itertools.product(*values.values()):
        setting = dict(zip(values, chosen, strict=True))
        words = "-".join(f"{name}={value}" for name, value in setting.items())
        found.append(replace(recipe, name=f"{recipe.name}-{words}", **setting))
    return found
