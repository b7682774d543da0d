"""One right call of everything public in the rooms around the core, for `tests/unit/fuzz.py`.

What is public is generated: `__all__` of a package that has one, else each function and class that
its modules define. `ROOM_CALLS` holds the arguments that are fuzzed, `NOT_FUZZED` what is not, and
why; whatever stands in neither of them is a failure of `test_fuzz.py`.
"""

import importlib
import inspect
import pkgutil
from functools import cache

import numpy as np

import nnlib

ROOMS = (
    "analysis", "landscapes", "images", "regularizers", "diagnosis", "plots", "exercises",
    "recipes", "export", "lab",
)  # fmt: skip

# All are numbers that float16 holds exactly.
PLANE = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float16).astype(np.float64)
LABELS = np.arange(12) % 3
DIGITS = np.random.default_rng(1).integers(0, 256, (12, 784)) / 256
INKED = DIGITS * np.pad(np.ones((4, 4)), 12).ravel()  # in the middle of paper, as if drawn
PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.125, 0.125, 0.75]] * 4)
PATH = np.arange(12) / 16


def on_plane():
    return nnlib.NeuralNetwork([2, 4, 3], "tanh", seed=0, dtype="float64")


@cache
def _of_digits():
    return nnlib.NeuralNetwork([784, 4, 10], "tanh", seed=0, dtype="float64")


def small():
    return nnlib.NeuralNetwork([2, 3, 2], "tanh", seed=0, dtype="float64")


def of_digits():
    return _of_digits().copy()


def made(module: str, name: str, *arguments, **more):
    """Return what makes one argument of a call, afresh for each."""
    return lambda: getattr(importlib.import_module(f"nnlib.{module}"), name)(*arguments, **more)


@cache
def history():
    return nnlib.train(
        on_plane(), PLANE, LABELS, validation=(PLANE, LABELS), epochs=2, seed=0, progress=False
    )


def a_race():
    from nnlib.landscapes.race import Race, Settings

    return Race(on_plane(), PLANE, LABELS, {"one": Settings()}, validation=(PLANE, LABELS))


def a_path():
    return {"one": np.array([[0.0, 1.0], [0.5, 0.5]])}


def the_blame():
    return importlib.import_module("nnlib.analysis.blame").blame(of_digits(), DIGITS[:1], [3])


def the_projection():
    projection = importlib.import_module("nnlib.analysis.projection")
    return projection.project_layers(on_plane().forward(PLANE))


def a_distortion():
    return nnlib.Distortion()


def no_code():
    return importlib.import_module("nnlib.diagnosis.own_code").OwnCode()


def a_function():
    return importlib.import_module("tests.unit.mutated").square


def parabola():
    return importlib.import_module("nnlib.landscapes.surfaces").parabola()


PLANE_CALL = {"network": on_plane, "X": PLANE, "labels": LABELS}

ROOM_CALLS: dict[str, dict] = {
    "analysis.alike": {"A": PLANE, "labels": LABELS},
    "analysis.align": {"points": PLANE, "before": PLANE},
    "analysis.answered_above": {
        "probabilities": PROBABILITIES, "y": LABELS, "thresholds": PATH[:3],
    },
    "analysis.blame": {"network": on_plane, "x": PLANE[:1], "target": LABELS[:1], "loss": "mse"},
    "analysis.cell_indices": {
        "probabilities": PROBABILITIES, "y": LABELS, "true": 0, "predicted": 1,
    },
    "analysis.class_means": {"X": PLANE, "y": LABELS},
    "analysis.count_passes": {"network": on_plane, "n": 3},
    "analysis.delta_sizes": {"network": on_plane, "X": PLANE, "target": LABELS, "loss": "mse"},
    "analysis.difference_error": {
        "network": on_plane, "X": PLANE, "target": LABELS, "loss": "mse", "h": 1e-5,
        "dtype": "float64",
    },
    "analysis.distance_from_mean": {"X": PLANE, "y": LABELS, "means": PLANE[:3]},
    "analysis.expected_factors": {"network": on_plane, "X": PLANE},
    "analysis.explain": {
        "network": on_plane, "x": PLANE[:1], "target": LABELS[:1], "loss": "mse",
        "learning_rate": 0.1, "digits": 4,
    },
    "analysis.is_duplicate_of": {"X": PLANE, "others": PLANE},
    "analysis.neuron_maps": {"network": on_plane, "points": PLANE},
    "analysis.outputs": {"network": on_plane, "X": PLANE},
    "analysis.plane": {"n": 3, "limit": 1.5},
    "analysis.project": {"A": PLANE},
    "analysis.reliability": {"probabilities": PROBABILITIES, "y": LABELS, "bins": 10},
    "analysis.threshold_for": {"probabilities": PROBABILITIES, "y": LABELS, "error": 0.1},
    "diagnosis.diagnose": {
        "own_code": no_code, "network": on_plane, "X": PLANE, "y": LABELS, "loss": "mse", "seed": 0,
    },
    "exercises.save": {"function": a_function},
    "export.web_page": {"network": of_digits, "test": lambda: (DIGITS, LABELS)},
    "images.accuracy_under": {
        "network": of_digits, "X": DIGITS, "y": LABELS, "kind": "shift", "strengths": PATH[:2],
        "seed": 0,
    },
    "images.as_ink": {"ink": DIGITS[0].reshape(28, 28)},
    "images.as_stroke": {"stroke": PLANE},
    "images.bounding_box": {"ink": DIGITS[0].reshape(28, 28)},
    "images.centre_by_mass": {"image": DIGITS[0].reshape(28, 28)[:20, :20]},
    "images.centre_of_mass": {"image": DIGITS[0].reshape(28, 28)},
    "images.damaged": {"X": DIGITS, "kind": "noise", "strength": 0.5, "seed": 0},
    "images.fine_tuner": {
        "network": of_digits, "X_new": DIGITS[:2], "y_new": LABELS[:2], "X": DIGITS, "y": LABELS,
        "updates": 2, "seed": 0,
    },
    "images.paste": {
        "image": DIGITS[0], "across": 1.0, "down": 1.0, "degrees": 10.0, "zoom": 1.5, "size": 56,
    },
    "images.prepare": {"ink": np.pad(np.ones((8, 8)), 16)},
    "images.rasterize": {"strokes": lambda: [PATH.reshape(-1, 2)], "size": 56, "pen": 0.1},
    "images.rotated": {"X": DIGITS, "degrees": 10.0},
    "images.scale_to": {"ink": DIGITS[0].reshape(28, 28), "longest": 20},
    "images.shifted": {"X": DIGITS, "right": 1.0, "down": 1.0},
    "images.shifted_copies": {"X": DIGITS},
    "lab.BackpropLens": {"network": on_plane, "x": PLANE[:1], "target": LABELS[:1], "loss": "mse"},
    "lab.BlameLens": {"network": of_digits, "digits": lambda: (INKED, LABELS)},
    "lab.ConfusionLab": {"network": of_digits, "X": DIGITS, "y": LABELS, "class_names": None},
    "lab.DescentLab": {
        "surface": None, "optimizers": lambda: ["adam"], "learning_rate": 0.1, "beta": 0.9,
        "start": (1.0, 1.0), "noise": 0.1, "speed": 20.0,
    },
    "lab.DigitPad": {
        "network": of_digits, "X": INKED, "y": LABELS, "digits": lambda: (INKED, LABELS),
    },
    "lab.DistortionLab": {"X": DIGITS, "y": LABELS, "network": of_digits},
    "lab.Playground": {"X": PLANE, "y": LABELS},
    "lab.LayerMap": {
        "network": of_digits, "X": DIGITS, "target": LABELS, "validation": (DIGITS, LABELS),
        "points": 12,
    },
    "lab.RaceLab": {"X": PLANE, "y": LABELS},
    "lab.TrainingPanel": {
        "network": on_plane, "X": PLANE, "target": LABELS, "validation": (PLANE, LABELS),
        "loss": "mse", "optimizer": nnlib.Adam, "learning_rate": 0.1, "mode": "Batch",
        "batch_size": 4, "seed": 0,
    },
    "lab.predict": {
        "question": "What comes?", "choices": lambda: ["this", "that"], "answer": "this",
        "why": "So it is.",
    },
    "landscapes.Descent": {
        "surface": parabola, "optimizer": nnlib.Adam, "start": (1.0, 1.0), "noise": 0.1, "seed": 0,
    },
    "landscapes.Race": {
        "network": on_plane, "X": PLANE, "target": LABELS, "validation": (PLANE, LABELS),
        "settings": lambda: {"one": made("landscapes.race", "Settings")()}, "loss": "mse",
        "look_every": 3,
    },
    "landscapes.largest_curvature": {
        "network": on_plane, "X": PLANE, "target": LABELS, "loss": "mse", "iterations": 3,
        "seed": 0,
    },
    "landscapes.parabola": {"curvature": 10.0},
    "landscapes.range_test": {
        "network": on_plane, "X": PLANE, "target": LABELS, "loss": "mse", "optimizer": nnlib.Adam,
        "batch_size": 4, "low": 1e-3, "high": 1.0, "updates": 3, "seed": 0,
    },
    "landscapes.relief": {"surface": parabola},
    "landscapes.valley": {"condition_number": 50.0},
    "plots.activations": {"functions": lambda: ["tanh"], "limit": 5.0},
    "plots.bent_grid": {
        "image": DIGITS[0],
        "places": lambda: nnlib.Distortion().places(1, 28, np.random.default_rng(0)),
    },
    "plots.blame": {"found": the_blame},
    "plots.boundary": {**PLANE_CALL, "limit": 1.2},
    "plots.class_balance": {"labels": LABELS, "class_names": None},
    "plots.compare_curves": {"histories": lambda: {"one": history()}},
    "plots.confusion": {"matrix": np.array([[5, 1], [2, 4]]), "class_names": None},
    "plots.coverage": {
        "answered": made("analysis.calibration", "answered_above", PROBABILITIES, LABELS, PATH),
        "threshold": 0.5,
    },
    "plots.damage": {
        "kind": "noise", "strengths": PATH[:3], "accuracies": lambda: {"one": [0.9, 0.8, 0.5]},
        "images": DIGITS[:1], "seed": 0,
    },
    "plots.delta_by_layer": {
        "sizes": lambda: {"tanh": {"he": np.array([0.5, 0.25, 0.125])}}, "limits": (1e-9, 1e9),
    },
    "plots.digits": {"images": DIGITS, "labels": LABELS, "predicted": LABELS, "columns": 5},
    "plots.distorted": {
        "images": DIGITS[:2], "distortion": a_distortion, "seed": 0, "copies": 2,
    },
    "plots.first_layer_weights": {"network": of_digits, "n": 4, "columns": 4},
    "plots.graph": {
        "nodes": lambda: {"a": (0, 0), "b": (1, 0)}, "links": lambda: {("a", "b"): "to"},
        "size": (4.0, 2.0),
    },
    "plots.height_map": {"x": PATH, "y": PATH, "z": np.outer(PATH, PATH), "levels": 5},
    "plots.lines": {"x": PATH, "curves": lambda: {"one": PATH}, "y_range": (0.0, 1.0)},
    "plots.mean_digits": {"X": DIGITS, "y": LABELS, "columns": 5},
    "plots.network_numbers": {"network": small, "x": PLANE[0]},
    "plots.overview": {**PLANE_CALL, "history": history},
    "plots.paths": {"surface": parabola, "paths": a_path},
    "plots.preparation": {
        "prepared": made("images.handwriting", "prepare", np.pad(np.ones((8, 8)), 16)),
        "output": PROBABILITIES[0],
    },
    "plots.projections": {
        "layers": the_projection, "labels": LABELS, "names": lambda: ["in", "hidden", "out"],
    },
    "plots.race_curves": {"race": a_race, "measures": lambda: ["epochs"]},
    "plots.range_test": {
        "test": made("landscapes.rate_finder", "range_test", on_plane(), PLANE, LABELS, updates=9),
    },
    "plots.reliability": {
        "measured": made("analysis.calibration", "reliability", PROBABILITIES, LABELS),
    },
    "plots.training_curves": {"history": history},
    "plots.weight_histograms": {"network": on_plane, "start": None},
    "plots.wrong_digits": {
        "images": DIGITS, "true": LABELS, "predicted": (LABELS + 1) % 3,
        "probabilities": PROBABILITIES, "columns": 5, "limit": 5,
    },
    "recipes.pretrained": {"name": "quick"},
    "recipes.records": {"name": "quick"},
    "recipes.study": {"study": "ablation"},
    "recipes.summary": {"name": "quick"},
    "regularizers.WeightAverage": {"decay": 0.9},
}  # fmt: skip

# Other arguments that a call needs, which are words shown as they are, or files.
GIVEN: dict[str, dict] = {
    "export.web_page": {"path": "page.html"},
    "train": {"seed": 0},
    "plots.graph": {"alt": "a"},
    "plots.height_map": {"x_label": "x", "y_label": "y", "z_label": "z", "alt": "a"},
    "plots.lines": {"x_label": "x", "y_label": "y", "alt": "a"},
    "plots.paths": {"alt": "a"},
}

_RESULT = "holds what nnlib found: only nnlib makes one"
_INSIDE = "is called by nnlib alone, with what was checked before"
_AUTHORS = "is for who writes a lesson, a surface or a recipe; each has tests of what it refuses"
_GUESTS = "takes a function: tests/unit/test_one_owner.py tries what functions may do"

NOT_FUZZED: dict[str, str] = {
    **dict.fromkeys(
        "analysis.Answered analysis.Blame analysis.Check analysis.Explanation analysis.Formula "
        "analysis.Item analysis.ParameterCheck analysis.Projection analysis.Reliability "
        "analysis.Stage diagnosis.Diagnosis exercises.Finding exercises.Hint exercises.Predictions "
        "exercises.Progress exercises.Verdict images.Prepared images.NothingDrawn "
        "landscapes.Contestant landscapes.RangeTest landscapes.Relief landscapes.Step "
        "plots.Picture recipes.CheckpointError recipes.Outcome recipes.Summary recipes.Change "
        "recipes.Study".split(),
        _RESULT,
    ),
    **dict.fromkeys(
        "analysis.NumericSlope analysis.flow analysis.number analysis.one_column "
        "analysis.own_numbers "
        "analysis.project_layers analysis.subscript analysis.superscript analysis.symbol_of "
        "analysis.typical_sizes images.are_raw images.black_of images.as_floats "
        "images.as_shades images.blur_matrix images.distance_moved "
        "images.draw_stroke images.is_small images.noisy images.rounded_to images.sample "
        "images.side_of "
        "images.square_side images.without_paper landscapes.contour_line "
        "landscapes.filter_normalized landscapes.rate_bound landscapes.orthonormal "
        "landscapes.path_directions "
        "landscapes.power_iteration landscapes.profile landscapes.relief_in_pieces "
        "regularizers.Masked regularizers.mask recipes.committee_output "
        "regularizers.Change regularizers.InputChange regularizers.Samples "
        "regularizers.add_penalty_gradient regularizers.as_rate regularizers.input_gradient "
        "regularizers.penalty".split(),
        _INSIDE,
    ),
    **dict.fromkeys(
        "exercises.Exercise exercises.FunctionExercise exercises.KnownWrongAnswer "
        "exercises.ValueExercise landscapes.Beale "
        "landscapes.NetworkSlice landscapes.OneParameter landscapes.Quadratic "
        "landscapes.Rosenbrock landscapes.Saddle landscapes.Settings landscapes.Surface "
        "recipes.Recipe recipes.Run recipes.run".split(),
        _AUTHORS,
    ),
    **dict.fromkeys(
        "exercises.certificate exercises.mine exercises.predictions exercises.progress "
        "recipes.ablation recipes.committees landscapes.path_slice landscapes.trained_slice "
        "analysis.installed landscapes.batch_modes landscapes.learning_rates "
        "landscapes.optimizers".split(),
        "has no argument, or only words, a file, or what it hands on",
    ),
    "lab.Explorer": _GUESTS,
    "lab.Prediction": "is what `predict` makes, which is tried",
    "analysis.tsne": "needs scikit-learn, which may be missing",
}  # fmt: skip


def public(room: str) -> dict[str, object]:
    """Return everything public of a room that can be called, by its name in it."""
    package = importlib.import_module(f"nnlib.{room}")
    if hasattr(package, "__all__"):
        found = {name: getattr(package, name) for name in package.__all__}
    else:
        modules = [
            importlib.import_module(f"nnlib.{room}.{module.name}")
            for module in pkgutil.iter_modules(package.__path__)
        ]
        found = {
            name: value
            for module in modules
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
        }
    here = {name: value for name, value in found.items() if callable(value)}
    return {
        name: value
        for name, value in here.items()
        if getattr(nnlib, name, None) is not value and not inspect.ismodule(value)
    }
