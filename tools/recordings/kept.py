"""How what a lab shows is kept: traits, numbers and settings, as JSON can hold them."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from nnlib.lab.widget import Lab

# Numbers are kept with so many significant digits: more than anyone sees.
DIGITS = 4

# Traits that are a kernel's business, not a picture's.
NOT_KEPT = ("layout", "tabbable", "tooltip")


def half_decades(low: float, high: float) -> list[float]:
    """Return learning rates from `low` to `high`, two in each power of ten."""
    first, last = round(2 * math.log10(low)), round(2 * math.log10(high))
    return [float(f"{10 ** (i / 2):.3g}") for i in range(first, last + 1)]


def traits_of(lab: Lab, axes: dict[str, list], fixed=()) -> dict:
    """Return what a front end may ask of its model; of its controls, those of the grid.

    `fixed` are traits whose controls it must know too, though a page does not show them.
    """
    state = {
        name: value
        for name, value in lab.get_state().items()
        if not name.startswith("_") and name not in NOT_KEPT
    }
    controls = []
    for control in state["controls"]:
        if control["trait"] in fixed:
            controls.append(control)
        if control["trait"] not in axes:
            continue
        control = {name: value for name, value in control.items() if name != "group"}
        values = axes[control["trait"]]
        if "options" in control:  # no page offers what was not recorded
            control["options"] = [o for o in control["options"] if o["value"] in values]
        if control["kind"] == "log-slider":
            # To the last bit on its places, or the last of them would be out of reach.
            low, high = (10 ** (round(2 * math.log10(v)) / 2) for v in (values[0], values[-1]))
            control |= {"low": low, "high": high, "step": 0.5}
        elif control["kind"] in ("slider", "integer"):
            control |= {"low": values[0], "high": values[-1], "step": values[1] - values[0]}
        controls.append(control)
    commands = [c for c in state["commands"] if c != "epoch"]
    return {**state, "controls": controls, "commands": commands, "state": "paused"}


def plain(value):
    """Return a value as JSON can hold it; what is no number becomes a word, as in a live frame."""
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS + 1}g}") if np.isfinite(value) else str(float(value))
    return value


def rows(array: np.ndarray, digits: int = DIGITS) -> list[list]:
    """Return an array as rows of rounded numbers; None stands for what is not finite."""
    return [
        [float(f"{v:.{digits}g}") if math.isfinite(v) else None for v in row]
        for row in np.asarray(array, np.float64).tolist()
    ]


def settings_of(axes: dict[str, list]) -> Iterator[dict]:
    """Yield each setting of the grid, the last trait changing fastest."""
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))
