"""Record labs for the pages of the site, where no kernel answers: `make site` does it.

    python tools/record_labs.py build/recordings

For each setting of a grid nnlib runs the lab, and what the lab shows is kept at some moments: the
numbers and words of its frames, and its curves. docs/site/static/player.js plays that to the front
end of the live lab, which takes it for its model. Each recording is one script, NAME.js, with the
front end in it. labs.css is the style sheet of all.

    {title, note, traits, hidden,   what the front end finds in a model, less some controls
     axes: {trait: [values]},       the grid, its last trait changing fastest
     suits: {trait: {value: {trait: value}}},
     shared: {key: frame},          what all runs of one `shared` key show: points, a map
     runs: [{shared, growing, frames}]}

`growing` are arrays of which a frame shows the first columns, as many as its `columns` say. Of the
playground the parameters are kept, from which the page computes what its pictures show.
"""

import argparse
import base64
import gzip
import itertools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from nnlib.lab import DescentLab, Playground, RaceLab
from nnlib.lab.curve import thinned
from nnlib.lab.descent_lab import WALKERS
from nnlib.lab.widget import Lab, style_sheet
from nnlib.support.blas import blas_threads

# Numbers are kept with so many significant digits: more than anyone sees.
DIGITS = 4
# Columns of a recorded curve: more than a phone has pixels for it.
MOST_COLUMNS = 100

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


# The playground.

PLAYGROUND = {
    "learning_rate": half_decades(0.003, 3),
    "mode": ["Batch", "Mini-batch", "Stochastic"],
    "optimizer": ["Gradient descent", "Momentum", "Adam"],
}
MOMENTS = [0, 1, 2, 3, 5, 8, 12, 16, 20, 30, 40, 60, 80, 100, 140, 200, 260, 330, 400, 500]
MOMENTS += [600, 700, 800, 900, 1000]
SEEDS = 5
TOLD = ("length", "moments", "most moments", "rewound", "asked", "words", "settings", "goal")


def playground(axes: dict[str, list] = PLAYGROUND, moments=MOMENTS, seeds: int = SEEDS) -> dict:
    """Return the recording of a playground on two circles."""
    fixed = {"dataset": "circles", "hidden": [6, 4], "batch_size": 10}
    lab = Playground(**fixed)
    traits = traits_of(lab, axes)
    traits |= {"locked": ["hidden", "points"], "paintable": False, "bands": ["validation loss"]}
    _, arrays = lab.frame()
    runs = []
    for setting in settings_of(axes):
        band = [losses(Playground(**fixed, **setting, seed=s), moments) for s in range(1, seeds)]
        runs.append(playground_run(Playground(**fixed, **setting), moments, band))
    count = f"{len(runs)} settings, each from {seeds} starts"
    return {
        "title": lab.title,
        "note": f"nnlib trained this network with {count}, when this page was made",
        "traits": traits,
        "axes": axes,
        "shared": {"": {"values": {}, "arrays": {"points": rows(arrays["points"])}}},
        "runs": runs,
    }


def losses(lab: Playground, moments) -> list[float]:
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


def playground_run(lab: Playground, moments, band: list[list[float]]) -> dict:
    """Return one run of a playground: its frames at the moments, and its curves."""
    frames = []
    for moment in moments:
        lab.step(moment - lab.updates) if moment else None
        values, arrays = lab.frame()
        values = {name: value for name, value in values.items() if name not in TOLD}
        kept = {
            name: rows(a, 3) for name, a in arrays.items() if name[0] in "Wb" and len(name) == 2
        }
        frames.append({"values": plain(values), "arrays": kept})
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
            spread = f"From {1 + len(band)} starts the validation loss is {low:.3g} to {high:.3g}."
            if not math.isfinite(high):
                spread = f"Of {1 + len(band)} starts, some have diverged by now."
            frame["values"]["summary"] += f" {spread}"
    return {"shared": "", "growing": {n: rows(c) for n, c in curves.items()}, "frames": frames}


# The descent lab.

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


# The race.

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


RECORDINGS: dict[str, tuple[type[Lab], Callable[[], dict]]] = {
    "playground": (Playground, playground),
    "descent": (DescentLab, descent),
    "race": (RaceLab, race),
}


def packed(recording: dict) -> str:
    """Return a recording as a short text."""
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def script_of(name: str, lab: type[Lab], recording: dict) -> str:
    """Return the script of a page: the lab's front end, which plays the recording."""
    # As a script, not as a module, which browsers refuse to load from a folder.
    front_end = str(lab._esm).replace("export default", "const frontEnd =")
    front_end = f"(() => {{\n{front_end}\nreturn frontEnd;\n}})()"
    return f"nnlibPlay({json.dumps(name)}, {front_end}, {packed(recording)!r});\n"


def main() -> None:
    """Write the recordings into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labs.css").write_text(style_sheet(), encoding="utf-8")
    for name, (lab, make) in RECORDINGS.items():
        text = script_of(name, lab, make())
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
