"""Labs that train a network, recorded: their frames at some moments, and their curves."""

import math
from collections.abc import Callable

import numpy as np

from nnlib import NeuralNetwork
from nnlib.datasets import load_mnist
from nnlib.lab import LayerMap, Playground, TrainingPanel
from nnlib.lab.curve import thinned
from nnlib.lab.training_lab import TrainingLab
from nnlib.support.blas import blas_threads

from .kept import half_decades, plain, rows, settings_of, traits_of

# Columns of a recorded curve: more than a phone has pixels for it.
MOST_COLUMNS = 100

# What the player itself says of a training.
TOLD = ("length", "moments", "most moments", "rewound", "asked", "words", "settings", "goal")

RATES = half_decades(0.003, 3)
MODES = ["Batch", "Mini-batch", "Stochastic"]
OPTIMIZERS = ["Gradient descent", "Momentum", "Adam"]
GRID = {"learning_rate": RATES, "mode": MODES, "optimizer": OPTIMIZERS}

MOMENTS = [0, 1, 2, 3, 5, 8, 12, 16, 20, 30, 40, 60, 80, 100, 140, 200, 260, 330, 400, 500]


def playground(
    axes: dict[str, list] = GRID, moments=(*MOMENTS, *range(600, 1001, 100)), seeds: int = 5
) -> dict:
    """Return the recording of a playground on two circles."""
    fixed = {"dataset": "circles", "hidden": [6, 4], "batch_size": 10}
    lab = Playground(**fixed)
    traits = traits_of(lab, axes)
    traits |= {"locked": ["hidden", "points"], "paintable": False, "bands": ["validation loss"]}
    _, arrays = lab.frame()

    def parameters(arrays: dict) -> dict:
        return {
            name: rows(a, 3) for name, a in arrays.items() if name[0] in "Wb" and len(name) == 2
        }

    runs = [
        run_of(lambda seed: Playground(**fixed, **setting, seed=seed), moments, seeds, parameters)  # noqa: B023
        for setting in settings_of(axes)
    ]
    count = f"{len(runs)} settings, each from {seeds} starts"
    return {
        "title": lab.title,
        "note": f"nnlib trained this network with {count}, when this page was made",
        "traits": traits,
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {"points": rows(arrays["points"])}}},
        "runs": runs,
    }


def panel(axes: dict[str, list] = GRID, moments=MOMENTS, seeds: int = 3, images: int = 600) -> dict:
    """Return the recording of a training panel on the first images of MNIST."""
    mnist = load_mnist()
    X, y = mnist.X_train[:images], mnist.y_train[:images]
    validation = mnist.X_validation[:images], mnist.y_validation[:images]

    def lab(seed: int = 0, **setting) -> TrainingPanel:
        network = NeuralNetwork([784, 16, 10], hidden="relu", init="he", seed=seed)
        return TrainingPanel(
            network, X, y, validation=validation, batch_size=20, seed=seed, **setting
        )

    runs = [
        run_of(lambda seed: lab(seed, **setting), moments, seeds)  # noqa: B023
        for setting in settings_of(axes)
    ]
    first = lab(learning_rate=0.1)
    return {
        "title": first.title,
        "note": f"nnlib trained this network on {images} images of MNIST, and watched {images} "
        f"others, with {len(runs)} settings, each from {seeds} starts, when this page was made",
        "traits": traits_of(first, axes) | {"bands": ["validation loss"]},
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {}}},
        "runs": runs,
    }


MAPPED = {"learning_rate": half_decades(0.01, 1), "mode": ["Mini-batch", "Stochastic"]}
MAPPED_MOMENTS = [0, 1, 2, 5, 10, 20, 40, 70, 100, 150, 200, 300, 400, 600]


def layers(axes: dict[str, list] = MAPPED, moments=MAPPED_MOMENTS, images: int = 2000) -> dict:
    """Return the recording of a layer map of MNIST."""
    mnist = load_mnist()
    X, y = mnist.X_train[:images], mnist.y_train[:images]
    validation = mnist.X_validation[:images], mnist.y_validation[:images]

    def lab(seed: int = 0, **setting) -> LayerMap:
        network = NeuralNetwork([784, 32, 10], hidden="relu", init="he", seed=seed)
        settings = {"batch_size": 20, "seed": seed, "points": 150, **setting}
        return LayerMap(network, X, y, validation=validation, **settings)

    def maps(arrays: dict) -> dict:
        digits = {"digits": [[int(v) for v in row] for row in arrays["digits"]]}
        return digits | {name: rows(a, 3) for name, a in arrays.items() if name.startswith("map ")}

    runs = [
        run_of(lambda seed: lab(seed, **setting), moments, 1, maps)  # noqa: B023
        for setting in settings_of(axes)
    ]
    first = lab(learning_rate=0.1)
    _, arrays = first.frame()
    pixels = validation[0][arrays["digits"][2].astype(int)]
    return {
        "title": first.title,
        "note": f"nnlib trained this network on {images:,} images of MNIST with {len(runs)} "
        "settings when this page was made",
        "traits": traits_of(first, axes),
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {"pixels": rows(pixels, 2)}}},
        "runs": runs,
    }


def run_of(
    make: Callable[[int], TrainingLab],
    moments,
    seeds: int,
    keep: Callable[[dict], dict] = lambda arrays: {},
) -> dict:
    """Return one run of a lab: its frames at the moments, and its curves.

    make   returns the lab as it starts with a seed; that of seed 0 is shown, and with several
           `seeds` the validation loss of all is the band round its curve
    keep   returns what is kept of the arrays of a frame, as JSON can hold it
    """
    lab, band = make(0), [losses(make(seed), moments) for seed in range(1, seeds)]
    frames = []
    for moment in moments:
        if moment:
            lab.step(moment - lab.updates)
        values, arrays = lab.frame()
        values = {name: value for name, value in values.items() if name not in TOLD}
        frames.append({"values": plain(values), "arrays": keep(arrays)})
        if lab.problem:
            frames[-1]["problem"] = lab.problem
            break
    curves = lab.training.points()
    seen = [frame["values"]["update"] for frame in frames]
    for name in ("validation loss", "accuracy"):
        # When a lab looks at them besides is a matter of time, and no two runs are alike in it.
        curves[name] = curves[name][:, np.isin(curves[name][0], moments)]
    x, mean = curves["validation loss"][:2]
    every = np.array([*band]).T[[moments.index(int(u)) for u in x]] if band else mean[:, None]
    every = np.column_stack([mean, every])
    curves["validation loss"][2:] = every.min(axis=1), every.max(axis=1)
    curves["training loss"] = thinned(curves["training loss"], MOST_COLUMNS)
    for frame, update in zip(frames, seen, strict=True):
        frame["columns"] = {n: int((c[0] <= (update or 0)).sum()) for n, c in curves.items()}
        at = np.flatnonzero(x == update)
        if band and len(at):
            low, high = every[at[0]].min(), every[at[0]].max()
            spread = f"From {seeds} starts the validation loss is {low:.3g} to {high:.3g}."
            if not math.isfinite(high):
                spread = f"Of {seeds} starts, some have diverged by now."
            frame["values"]["summary"] += f" {spread}"
    return {"shared": "", "growing": {n: rows(c) for n, c in curves.items()}, "frames": frames}


def losses(lab: TrainingLab, moments) -> list[float]:
    """Return the validation loss at each moment; nan from where it diverges."""
    found = []
    with blas_threads(1):
        for moment in moments:
            try:
                while lab.trainer.updates < moment:
                    next(lab.trainer)
            except ArithmeticError:
                break
            found.append(lab.evaluator.finish().loss)
    return found + [math.nan] * (len(moments) - len(found))
