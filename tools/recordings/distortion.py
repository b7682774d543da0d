"""The distortion lab, recorded."""

from typing import Any

from nnlib.datasets import load_mnist
from nnlib.lab import DistortionLab
from nnlib.recipes import pretrained

from .kept import plain, rows, settings_of, traits_of

GRID = {
    "alpha": [0.0, 25.0, 50.0, 75.0, 100.0],
    "rotation": [0.0, 15.0, 30.0],
    "seed": [0, 1, 2],
    "image": [1, 2, 3],
}


def distortion(axes: dict[str, list] = GRID) -> dict:
    """Return the recording of a distortion lab on the first test images."""
    mnist, n = load_mnist(), len(axes["image"])
    X, y, network = mnist.X_test[:n], mnist.y_test[:n], pretrained("quick")
    alone = {"scaling": 0.0, "shear": 0.0, "shift": 0.0}
    pictures: dict[str, Any] = {}
    runs = []
    for setting in settings_of(axes):
        lab = DistortionLab(X, y, network, **alone, **setting)
        values, arrays = lab.frame()
        key = " ".join(str(v) for name, v in setting.items() if name != "image")
        images = {name: rows(arrays.pop(name), 2) for name in ("before", "after")}
        pictures.setdefault(key, {"values": {}, "arrays": images})
        frame = {"values": plain(values), "arrays": {n: rows(a, 3) for n, a in arrays.items()}}
        runs.append({"shared": "", "growing": {}, "picture": key, "frames": [frame]})
    first = DistortionLab(X, y, network, alpha=50, rotation=15, **alone)
    return {
        "title": first.title,
        "note": f"nnlib distorted {n} digits with {len(pictures)} settings when this page was made",
        "how": "Every control chooses another of them",
        "traits": traits_of(first, axes, ("field",)),
        "axes": axes,
        "free": ["field"],
        "around": ["seed"],
        "shared": {"": {"values": {}, "arrays": {}}},
        "pictures": pictures,
        "runs": runs,
    }
