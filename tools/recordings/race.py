"""The race, recorded."""

import numpy as np

from nnlib.lab import RaceLab
from nnlib.support.blas import blas_threads

from .kept import plain, rows, settings_of, traits_of

RACE: dict[str, list] = {
    "race": ["learning rates", "batch modes", "optimizers"],
    "dataset": ["moons", "circles", "spirals"],
    "band": [False, True],
    "against": ["epochs", "updates"],
}
EPOCHS = [0, 0.1, 0.2, 0.3, 0.5, 0.7, *range(1, 11), 12, 14, 16, 18, 20, 23, 26, 30]


def race(axes: dict[str, list] = RACE, epochs=EPOCHS) -> dict:
    """Return the recording of races on small data sets, from one seed and from five."""
    runs = []
    for setting in settings_of({name: v for name, v in axes.items() if name != "against"}):
        runs += race_runs(RaceLab(**setting), axes["against"], epochs)
    n = len(runs) // len(axes["against"])
    first = RaceLab(**{name: values[0] for name, values in axes.items()})
    return {
        "title": first.title,
        "note": f"nnlib ran {n} races when this page was made, half of them from five seeds each",
        "traits": traits_of(first, axes),
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {}}},
        "runs": runs,
    }


def race_runs(lab: RaceLab, measures: list[str], epochs) -> list[dict]:
    """Return one race drawn over each measure: its frames after so many epochs, and its curves."""
    n = len(lab.contest.contestants[0].trainers[0].X)
    frames: dict[str, list] = {measure: [] for measure in measures}
    columns: dict[str, dict[str, list]] = {measure: {} for measure in measures}
    with blas_threads(1):
        for epoch in epochs:
            contest = lab.contest
            while contest.looking or any(c.samples < epoch * n for c in contest.running):
                contest.advance()
            for measure in measures:
                lab.against = measure
                values, arrays = lab.frame()
                for name, array in arrays.items():
                    known = columns[measure].setdefault(name, [])
                    latest = array[:, -1].tolist()
                    if not known or latest[0] > known[-1][0]:  # who has diverged stays behind
                        known.append(latest)
                seen = {name: len(known) for name, known in columns[measure].items()}
                frames[measure].append({"values": plain(values), "arrays": {}, "columns": seen})
            if not contest.running:
                break
    return [
        {
            "shared": "",
            "growing": {name: rows(np.array(c).T) for name, c in columns[measure].items()},
            "frames": frames[measure],
        }
        for measure in measures
    ]
