"""Labs that look at digits, recorded: the blame lens and the confusion lab."""

from typing import Any

import numpy as np

from nnlib.datasets import load_mnist
from nnlib.lab import BlameLens, ConfusionLab
from nnlib.recipes import pretrained

from .kept import half_decades, plain, rows, settings_of, traits_of

# The classes of the digits under the blame lens, and the steps that can be taken on one.
CLASSES, STEPS = (2, 4, 5, 7, 9), 2


def blame(classes=CLASSES, steps: int = STEPS) -> dict:
    """Return the recording of a blame lens on digits that the network misreads."""
    mnist, network = load_mnist(), pretrained("quick")
    X, y = mnist.X_test, mnist.y_test
    wrong = network.predict(X) != y
    chosen = np.array([np.flatnonzero(wrong & (y == c))[0] for c in classes])
    digits = X[chosen], y[chosen]
    axes: dict[str, list] = {
        "digit": list(range(len(chosen))),
        "learning_rate": half_decades(0.003, 0.01),
        "steps": list(range(steps + 1)),
    }
    lab = BlameLens(network, digits=digits)
    traits = traits_of(lab, axes, ("stage",)) | {"steps": 0, "stage": lab.last_stage}
    pictures: dict[str, Any] = {}
    lines: dict[str, dict] = {}
    runs = []
    for setting in settings_of(axes):
        lab = BlameLens(network, digits=digits)
        lab.digit, lab.learning_rate = setting["digit"], setting["learning_rate"]
        for _ in range(setting["steps"]):
            lab.learn()
        frames = []
        for stage in range(lab.last_stage + 1):
            lab.stage = stage
            values, arrays = lab.frame()
            frames.append({"values": {"stage": stage}, "arrays": {}})
        pictures.setdefault(
            f"digit {setting['digit']}",
            {"values": {}, "arrays": {n: rows(arrays.pop(n), 2) for n in ("pasted", "image")}},
        )
        always = {n: rows(a, 3) for n, a in arrays.items() if n not in ("pasted", "image")}
        del values["stage"], values["lines"], values["looked"]
        at = f"digit {setting['digit']}"
        if setting["steps"]:
            at += f", {setting['steps']} steps of {setting['learning_rate']}"
        if at not in lines:
            lines[at] = lines_of(lab)
        runs.append(
            {
                "shared": "",
                "growing": {},
                "picture": f"digit {setting['digit']}",
                "always": {"values": plain(values), "arrays": always},
                "lines": at,
                "frames": frames,
            }
        )
    return {
        "title": lab.title,
        "note": f"nnlib read {len(chosen)} digits that this network misreads, found the blame for "
        f"each, and took up to {steps} steps on it, when this page was made",
        "how": "Choose a digit, press Why?, and point at what you want to know",
        "traits": traits,
        "axes": axes,
        "along": "stage",
        "every": 500,
        "next": {"learn": "steps"},
        "without": [".nnlib-tools", ".nnlib-pad-left > .nnlib-field"],
        "suits": {"digit": {digit: {"steps": 0} for digit in axes["digit"]}},
        "shared": {"": {"values": {}, "arrays": {}}},
        "pictures": pictures,
        "lines": lines,
        "runs": runs,
    }


def lines_of(lab: BlameLens) -> dict[str, list[str]]:
    """Return the formulas of every neuron, and of the weights that are drawn."""
    found, (_, arrays) = lab.blame, lab.frame()
    assert found is not None
    lines = {}
    for layer, n in enumerate(lab.network.layers):
        if layer:
            lines |= {f"n-{layer}-{j}": found.explain(layer, j) for j in range(n)}
        for i, j in arrays.get(f"edges {layer}", np.empty((3, 0)))[:2].T.astype(int):
            lines[f"w-{layer}-{i}-{j}"] = found.explain(layer, int(i), int(j))
    for i in np.flatnonzero(found.trace.a[0][0]):
        lines[f"n-0-{i}"] = found.explain(0, int(i))
    return lines


def confusion(images: int = 2000) -> dict:
    """Return the recording of a confusion lab on the first test images."""
    mnist = load_mnist()
    lab = ConfusionLab(pretrained("quick"), mnist.X_test[:images], mnist.y_test[:images])
    cells = [[i, j] for i in range(10) for j in range(10)]
    axes = {"cell": cells}
    traits, runs = traits_of(lab, axes), []
    for cell in cells:
        lab.cell = cell
        values, arrays = lab.frame()
        kept = {name: rows(a, 2 if name == "pixels" else 6) for name, a in arrays.items()}
        frame = {"values": plain(values), "arrays": kept}
        runs.append({"shared": "", "growing": {}, "frames": [frame]})
    return {
        "title": lab.title,
        "note": f"nnlib classified {images:,} test images when this page was made",
        "how": "Open any cell, and see the first images in it",
        "traits": traits,
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {}}},
        "runs": runs,
    }
