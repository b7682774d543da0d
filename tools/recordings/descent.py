"""The descent lab, recorded."""

import math

from nnlib.lab import DescentLab
from nnlib.lab.descent_lab import WALKERS

from .kept import half_decades, plain, rows, settings_of, traits_of

SURFACES = ("Parabola", "Narrow valley", "Saddle", "Rosenbrock")
RATES = half_decades(0.001, 1)
STEPS = [*range(21), *range(22, 41, 2), *range(45, 101, 5), *range(120, 201, 20)]


def descent(surfaces=SURFACES, rates=RATES, steps=STEPS) -> dict:
    """Return the recording of a descent lab on some surfaces."""
    axes = {"learning_rate": rates, "surface": list(surfaces)}
    shared, runs, suits = {}, [], {}
    for surface in surfaces:
        lab = DescentLab(surface)
        values, arrays = lab.frame()  # the first one has the map
        shared[surface] = {
            "values": {"map": plain(values["map"])},
            "arrays": {name: rows(arrays[name], 3) for name in ("heights", "contours")},
        }
        suits[surface] = {
            "learning_rate": min(rates, key=lambda a: abs(math.log(a / lab.learning_rate)))
        }
    for setting in settings_of(axes):
        runs.append(descent_run(DescentLab(**setting), steps) | {"shared": setting["surface"]})
    return {
        "title": lab.title,
        "note": f"nnlib walked down {len(surfaces)} surfaces with {len(rates)} learning rates",
        "traits": traits_of(DescentLab(surfaces[0], **suits[surfaces[0]]), axes, WALKERS),
        "axes": axes,
        "hidden": list(WALKERS),
        "suits": {"surface": suits},
        "shared": shared,
        "runs": runs,
    }


def descent_run(lab: DescentLab, steps) -> dict:
    """Return one walk of all optimizers: its frames at these steps, and their paths."""
    frames, arrays = [], {}
    for step in steps:
        lab.frame()  # takes the map away
        if step:
            lab.step(step - frames[-1]["values"]["update"])
        values, arrays = lab.frame()
        columns = {name: a.shape[1] for name, a in arrays.items()}
        frames.append({"values": plain(values), "arrays": {}, "columns": columns})
        if all(walker["state"] != "walking" for walker in values["walkers"]):
            break
    return {"growing": {name: rows(a) for name, a in arrays.items()}, "frames": frames}
