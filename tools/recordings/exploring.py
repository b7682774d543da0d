"""An explorer, recorded: the function of lesson 1 that is built of bumps."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from nnlib import NeuralNetwork
from nnlib.lab import Explorer, scenes

from .kept import half_decades, plain, rows, settings_of, traits_of

LESSON = Path(__file__).parents[2] / "notebooks" / "01_forward.ipynb"
GRID: dict[str, list] = {"n": list(range(2, 41, 2)), "k": half_decades(10, 1000)}


def bumps_of_lesson() -> Explorer:
    """Return the explorer of lesson 1, with the functions that stand in its cells."""
    cells = [cell["source"] for cell in json.loads(LESSON.read_text(encoding="utf-8"))["cells"]]
    found: dict[str, Any] = {"np": np, "NeuralNetwork": NeuralNetwork, "scenes": scenes}
    for begin in ("def network_of_bumps", "u = np.linspace"):
        exec("".join(next(cell for cell in cells if "".join(cell).startswith(begin))), found)
    return scenes.many_bumps(found["target"], found["bumps"], found["distance"])


def explorer(axes: dict[str, list] = GRID) -> dict:
    """Return the recording of an explorer for each place of its two sliders."""
    lab, runs = bumps_of_lesson(), []
    traits, target = traits_of(lab, axes), rows(lab.frame()[1]["curves target"])
    for control in traits["controls"]:
        control["help"] = f"From {control['low']:g} to {control['high']:g}."
    for setting in settings_of(axes):
        with lab.hold_trait_notifications():
            lab.n, lab.k = setting["n"], setting["k"]
        values, arrays = lab.frame()
        network = {"curves network": rows(arrays["curves network"])}
        frame = {"values": plain({**values, "settings": setting}), "arrays": network}
        runs.append({"shared": "", "growing": {}, "frames": [frame]})
    return {
        "title": lab.title,
        "note": f"nnlib computed the outputs of {len(runs)} networks when this page was made",
        "how": "Every slider chooses another of them",
        "more": ", and the function is one of your own.",
        "traits": traits,
        "axes": axes,
        "free": [],
        "shared": {"": {"values": {}, "arrays": {"curves target": target}}},
        "runs": runs,
    }
