"""Seed bands: how far apart the same recipe ends up from one seed to another, epoch by epoch."""

from collections.abc import Iterable

import numpy as np

from ..support.takes import text
from ..support.words import shown
from .mapped_run import MappedRun


def bands(runs: Iterable[MappedRun], curve: str = "validation_loss") -> dict[str, np.ndarray]:
    """Return for each recipe, by its name, the lowest, mean and highest value over its seeds.

    runs    what `map_runs` returned
    curve   'training_loss', 'validation_loss' or 'validation_accuracy'

    Each is of shape (3, epochs). It is NaN for a recipe of which a seed diverged: a curve that
    leaves the finite numbers has no mean. Raises ValueError for a curve that was not recorded.
    """
    curve = text("curve", curve)
    try:
        several = list(runs)
    except TypeError:
        raise TypeError(f"runs={shown(runs)} must be what map_runs returned") from None
    curves: dict[str, list[np.ndarray]] = {}
    for run in several:
        if not isinstance(run, MappedRun):
            raise TypeError(f"runs holds {run!r}, which is no run of map_runs")
        if run.diverged is not None:
            found = np.full(run.recipe.epochs, np.nan)
        elif curve in run.record["curve"]:
            found = np.array(run.record["curve"][curve])
        else:
            raise ValueError(
                f"curve={curve!r} was not recorded by {run}: choose of "
                f"{', '.join(run.record['curve'])}"
            )
        same = curves.setdefault(run.recipe.name, [])
        if same and len(same[0]) != len(found):
            raise ValueError(
                f"runs holds curves of {run.recipe.name!r} of {len(same[0])} and of {len(found)} "
                "epochs, which have no mean: give each recipe a name of its own"
            )
        same.append(found)
    return {
        name: np.array([np.min(all_, axis=0), np.mean(all_, axis=0), np.max(all_, axis=0)])
        for name, all_ in curves.items()
    }
