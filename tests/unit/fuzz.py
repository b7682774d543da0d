"""Everything public is called with what it does not expect: it refuses that in words, or is right.

    python -m tests.unit.fuzz           print what was tried
    python -m tests.unit.fuzz --write   also put the figures into docs/reliability.md

Each public callable has one right call, `CALLS`; each of its arguments in turn is replaced by
values of the wrong kind, `WRONG`, and by the same numbers in other types, `SAME`. A callable that
`nnlib.__all__` names and `CALLS` does not is a failure, so that a new one cannot be forgotten; the
rooms around the core stand in `fuzz_rooms.py`.
"""

import argparse
import contextlib
import os
import re
import signal
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import is_dataclass

import numpy as np
from traitlets import TraitError

import nnlib
from benchmarks import report
from tests.unit.fuzz_rooms import GIVEN, ROOM_CALLS, public

X = np.round(np.random.default_rng(0).normal(size=(12, 2)), 1).astype(np.float16).astype(np.float64)
Y = np.arange(12) % 3


def network():
    return nnlib.NeuralNetwork([2, 4, 3], "tanh", seed=0, dtype="float64")


def gradient():
    net = network()
    return nnlib.backward(net, net.forward(X), Y, "cross_entropy").vector


# One right call of everything public: the arguments that are fuzzed.
CALLS = {
    "Adam": {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "Adversarial": {"epsilon": 0.1, "share": 0.5},
    "Batches": {"n_samples": 10, "batch_size": 3, "seed": 0},
    "ConstantSchedule": {"learning_rate": 0.1},
    "CosineSchedule": {"learning_rate": 0.1, "updates": 10, "final": 0.01},
    "CrossEntropy": {"smoothing": 0.1},
    "Distortion": {
        "alpha": 34.0, "sigma": 4.0, "rotation": 15.0, "scaling": 0.1, "shear": 0.1, "shift": 1.0,
    },
    "Dropout": {"input": 0.2, "hidden": 0.5},
    "Evaluator": {"network": network, "X": X, "target": Y, "loss": "mse", "at_once": 5},
    "GradientDescent": {"learning_rate": 0.1},
    "Gradients": {"layers": [2, 3], "dtype": "float64"},
    "MSE": {},
    "Momentum": {"learning_rate": 0.1, "beta": 0.9},
    "Nesterov": {"learning_rate": 0.1, "beta": 0.9},
    "NeuralNetwork": {
        "layers": [2, 4, 3], "hidden": "tanh", "output": "softmax", "init": "he", "seed": 0,
        "dtype": "float32",
    },
    "Optimizer": {"learning_rate": 0.1},
    "RMSProp": {"learning_rate": 0.1, "rho": 0.9, "epsilon": 1e-8},
    "StepSchedule": {"learning_rate": 0.1, "factor": 0.5, "every": 3},
    "Trainer": {
        "network": network, "X": X, "target": Y, "loss": "mse", "optimizer": nnlib.Adam,
        "batch_size": 4, "seed": 0, "threads": 1, "l1": 0.1, "l2": 0.1,
        "distortion": lambda: lambda X, rng: X, "dropout": nnlib.Dropout,
        "adversarial": nnlib.Adversarial, "at_once": 4,
    },
    "WarmupCosineSchedule": {"learning_rate": 0.1, "warmup": 3, "updates": 10, "final": 0.01},
    "WarmupLinearSchedule": {"learning_rate": 0.1, "warmup": 3, "updates": 10, "final": 0.01},
    "accuracy": {"network": network, "X": X, "labels": Y},
    "backward": {
        "network": network, "trace": lambda: network().forward(X), "target": Y, "loss": "mse",
    },
    "blas_threads": {"n": 1},
    "blobs": {"n_samples": 9, "noise": 0.1, "seed": 0, "n_classes": 3},
    "check_gradients": {
        "network": network, "X": X, "target": Y, "loss": "mse", "h": 1e-5, "tolerance": 1e-6,
        "max_entries": 4, "seed": 0, "l1": 0.1, "l2": 0.1,
    },
    "circles": {"n_samples": 9, "noise": 0.1, "seed": 0},
    "confusion_matrix": {"labels": Y, "predicted": Y, "n_classes": 3},
    "evaluate": {"network": network, "X": X, "target": Y, "loss": "mse"},
    "load_mnist": {"validation": 1000},
    "moons": {"n_samples": 9, "noise": 0.1, "seed": 0},
    "noisy_sine": {"n_samples": 9, "noise": 0.1, "seed": 0},
    "one_hot": {"labels": Y, "n_classes": 3, "dtype": "float64"},
    "spirals": {"n_samples": 9, "noise": 0.1, "seed": 0, "n_classes": 2, "turns": 1.5},
    "train": {
        "network": network, "X": X, "target": Y, "epochs": 1, "progress": False, "threads": 1,
    },
    "xor": {"n_samples": 9, "noise": 0.1, "seed": 0},
    **ROOM_CALLS,
}  # fmt: skip

# What is made by nnlib alone, holds results, or is an exception, has nothing to refuse.
NOT_CALLED = {
    "Activation", "DataFileError", "Diverged", "GradientCheck", "History", "Loss", "MNIST",
    "ModelFileError", "Record", "Score", "Snapshot", "Trace",
    "he", "normal", "xavier", "zeros",  # called by a network alone
    "identity", "leaky_relu", "relu", "sigmoid", "softmax", "tanh",  # see test_activations
}  # fmt: skip

WRONG = {
    "a text": "many",
    "an object": object(),
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus one": -1,
    "a huge number": 2**70,
    "complex": 1j,
    "a dict": {"a": 1},
    "a set": {1, 2},
    "bytes": b"abc",
    "an empty list": [],
    "a ragged list": [[1], [2, 3]],
    "a 0-d array": np.array(np.nan),
    "an empty array": np.empty((0, 2)),
    "text in an array": np.array(["a", "b"]),
    "objects": np.array([None, {}], object),
    "NaN in an array": np.full((12, 2), np.nan),
    "masked": np.ma.array(np.ones((12, 2)), mask=True),
    "dates": np.arange(12).astype("datetime64[D]"),
    "three axes": np.ones((2, 2, 2)),
    "a class": dict,
    "a function": len,
}

SAME = {
    "float16": lambda a: a.astype(np.float16),
    "float32": lambda a: a.astype(np.float32),
    "big-endian": lambda a: a.astype(">f8"),
    "Fortran order": np.asfortranarray,
    "negative strides": lambda a: a[::-1].copy()[::-1],
    "a list": lambda a: a.tolist(),
    "objects that are numbers": lambda a: a.astype(object),
    "read-only": lambda a: _read_only(a.copy()),
    "masked nowhere": np.ma.array,
}
WHOLE = {
    "int8": lambda a: a.astype(np.int8),
    "uint64": lambda a: a.astype(np.uint64),
    "negative strides": SAME["negative strides"],
    "a list": SAME["a list"],
    "objects that are numbers": SAME["objects that are numbers"],
    "read-only": SAME["read-only"],
}

HOLE = "NaN in one place"  # of numbers that are right otherwise

# What looks wrong and is right for these arguments: no threshold at all, for one.
TAKEN = {
    ("one_hot", "labels"): {"an empty list"},
    ("images.accuracy_under", "strengths"): {"an empty list"},
    ("analysis.answered_above", "thresholds"): {"an empty list"},
    ("plots.activations", "functions"): {"an empty list"},  # all of them
    ("plots.confusion", "class_names"): {"a ragged list", "text in an array", "objects"},
    ("lab.predict", "question"): {"a text"},
    ("lab.predict", "why"): {"a text"},
    ("lab.DescentLab", "optimizers"): {"an empty list"},  # it says that none walks
    ("images.rasterize", "strokes"): {"an empty list", "an empty array", "three axes"},
    **{
        (name, argument): {"minus one"}  # the other way round
        for name, arguments in {
            "analysis.plane": ["limit"],
            "images.paste": ["across", "down", "degrees"],
            "images.rotated": ["degrees"],
            "images.shifted": ["right", "down"],
        }.items()
        for argument in arguments
    },
    ("analysis.is_duplicate_of", "X"): {"an empty array", "NaN in an array", HOLE},
    ("analysis.is_duplicate_of", "others"): {"an empty array", "NaN in an array", HOLE},
}

# What comes back in the type that was given, and so is rounded to it.
ROUNDED = {"images.damaged", "images.rotated", "images.shifted"}

# What other words stand for an argument in what is said of it.
ALSO = {
    "X": r"X|input", "target": "target|labels", "network": "network|attribute|layers",
    "hidden": "hidden|activation", "output": "output|activation", "init": "init",
    "trace": "trace", "h": "h=|step", "seed": "seed|entropy|SeedSequence",
    "dtype": "dtype|data type", "predicted": "predicted|labels",
    "image": "image|nothing is drawn", "x": "x|X", "y": r"\by\b|labels|target",
    "probabilities": "probabilities|labels", "X_new": "X", "y_new": "labels", "true": "true|labels",
    "validation": "validation|X|target|labels", "digits": "digits|X|labels",
    "test": "test|X|labels", "labels": "labels|rows",
    "functions": "functions|activation", "strokes": "stroke",
    "class_names": "class.names", "histories": "histories|run", "name": "name|recipe",
}  # fmt: skip


def callable_of(name: str):
    """Return what is called so: a name of nnlib, or one of a room after a point."""
    room, point, own = name.partition(".")
    return public(room)[own] if point else getattr(nnlib, name)


@contextlib.contextmanager
def _in_time(seconds: int = 60):
    """Let nothing last for ever, by the processor's time, where the system can see to that."""

    def too_long(*_):
        raise RuntimeError(f"longer than {seconds} seconds")

    if not hasattr(signal, "SIGPROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def _in_a_folder():
    """Let files that are written by a name alone be written where they do no harm."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _read_only(a):
    a.flags.writeable = False
    return a


def _arguments(call: dict) -> dict:
    """Return fresh arguments: what can be called here makes one."""
    return {name: value() if callable(value) else value for name, value in call.items()}


def _use(name: str, made):
    """Return what follows from a call: what a trainer does, what a schedule gives."""
    if isinstance(made, nnlib.Trainer):
        return next(made).loss, made.network.parameters
    if isinstance(made, nnlib.Evaluator):
        return made.finish()
    if isinstance(made, nnlib.NeuralNetwork):
        return made.forward(X).output if made.layers[0] == 2 else made.parameters
    if isinstance(made, nnlib.Optimizer) and type(made) is not nnlib.Optimizer:
        x = np.ones(4)
        made.update(x, np.arange(4.0))
        return x
    if isinstance(made, nnlib.Batches):
        return next(made).order
    if callable(made) and "Schedule" in name:
        return made(0), made(5), made(10**9)
    if isinstance(made, nnlib.Distortion):
        return made(np.ones((2, 16)), np.random.default_rng(0))
    return made


def made_with(name: str, argument: str, value):
    """Return what follows from the right call with this value in place of that argument."""
    arguments = {**_arguments(CALLS[name]), **GIVEN.get(name, {}), argument: value}
    with warnings.catch_warnings(), _in_a_folder():
        warnings.simplefilter("ignore")
        return _use(name, callable_of(name)(**arguments))


def outcome(name: str, argument: str, value) -> tuple[str, str]:
    """Return 'refused', 'right' or 'wrong', and what was said or came back."""
    try:
        with _in_time():
            result = made_with(name, argument, value)
    except (ValueError, TypeError, ArithmeticError, OSError, TraitError) as error:
        said = str(error)
        if re.search(ALSO.get(argument, re.escape(argument)), said):
            return "refused", said
        return "wrong", f"{type(error).__name__}: {said}"
    except Exception as error:
        return "wrong", f"{type(error).__name__}: {error}"
    if (argument, value) == ("learning_rate", len) or (type(value) is int and value == 2**70):
        return "right", ""  # a function may be a schedule; and a number may be large
    return "wrong", f"taken: {result!r}"[:80]


def flat(result) -> np.ndarray:
    """Return all numbers of a result as one vector."""
    if is_dataclass(result) or isinstance(result, nnlib.History):
        return flat([v for v in vars(result).values()])
    if isinstance(result, (list, tuple)):
        return np.concatenate([flat(v) for v in result] or [np.empty(0)])
    if isinstance(result, nnlib.Gradients):
        return result.vector
    if hasattr(result, "png"):
        return np.frombuffer(result.png, np.uint8).astype(np.float64)
    try:
        return np.asarray(result, np.float64).ravel()
    except (TypeError, ValueError):
        return np.empty(0)


def same(name: str, argument: str, make) -> bool:
    """Whether the same numbers in another type give the same result."""
    results = []
    for change in (np.asarray, make):
        arguments = {**_arguments(CALLS[name]), **GIVEN.get(name, {})}
        arguments[argument] = change(np.asarray(arguments[argument]))
        with _in_a_folder():
            results.append(flat(_use(name, callable_of(name)(**arguments))))
    exact, found = results
    given = np.asarray(arguments[argument]).dtype
    coarse = name in ROUNDED and given.kind == "f"
    rtol = 8 * float(np.finfo(given).eps) if coarse else 1e-12
    atol = rtol if coarse else 1e-8
    equal = found.shape == exact.shape and np.allclose(found, exact, rtol, atol, equal_nan=True)
    return bool(equal)


def tries() -> list[tuple[str, str, str]]:
    """Return each public callable, each of its arguments, and the name of each value for it."""
    every = []
    for name, call in CALLS.items():
        for argument, value in call.items():
            if argument == "progress":  # whatever counts as true is true
                continue
            others = list(WRONG)
            if argument == "epochs":
                others.remove("a huge number")  # is right, and takes for ever
            if argument == "turns":
                others.remove("minus one")  # is right, too: the other way round
            if isinstance(value, np.ndarray):
                same = list(WHOLE if value.dtype.kind == "i" else SAME)
                if name.startswith("plots."):  # to draw takes its time
                    same = [same[0], "negative strides", "objects that are numbers"]
                others += [] if name.startswith("lab.") else same
                others += [HOLE] if value.dtype.kind == "f" else []
            every += [(name, argument, other) for other in others]
    return every


def _wrong(name: str, argument: str, other: str):
    """Return the value that is called so."""
    if other != HOLE:
        return WRONG[other]
    value = CALLS[name][argument].copy()
    value.flat[min(5, value.size - 1)] = np.nan
    return value


def attempt(name: str, argument: str, other: str) -> tuple[str, str]:
    """Try one of `tries`; return 'refused', 'right' or 'wrong', and what was said."""
    if other in WRONG or other == HOLE:
        found, said = outcome(name, argument, _wrong(name, argument, other))
        right = said.startswith("taken") and other in TAKEN.get((name, argument), ())
        return ("right", "") if right else (found, said)
    try:
        right = same(name, argument, {**WHOLE, **SAME}[other])
    except Exception as error:
        return "wrong", f"{type(error).__name__}: {error}"
    return ("right", "") if right else ("wrong", "another result")


def table() -> str:
    """Return what was tried, callable by callable, as a table in markdown."""
    counts: dict[str, Counter] = {}
    for name, argument, other in tries():
        room, point, _ = name.partition(".")
        row = f"{room}, {sum(f'{room}.' in n for n in CALLS)} callables" if point else name
        found, said = attempt(name, argument, other)
        counts.setdefault(row, Counter())[found] += 1
        if found == "wrong":
            print(f"{name}, {argument}, {other}: {said}", file=sys.stderr)
    total = sum(counts.values(), Counter())
    lines = ["| | inputs tried | refused in words | right | neither |", "|:--|--:|--:|--:|--:|"]
    for name, count in [*sorted(counts.items()), ("**together**", total)]:
        shown = name if name.startswith("*") else f"`{name}`"
        shown = re.sub(r"^`(\w+), (.*)`$", r"`nnlib.\1`, \2", shown)
        cells = [count.total(), count["refused"], count["right"], count["wrong"]]
        lines.append(f"| {shown} | " + " | ".join(f"{n:,}" for n in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table, and put it into the page if that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    figures = table()
    sys.stdout.write(figures)
    if parser.parse_args().write:
        report.show("fuzz", figures.strip())


if __name__ == "__main__":
    main()
