"""What past runs have left: their records, and weights that are ready to be used.

    nnlib/recipes/records/NAME.json    one record for each run of a recipe
    nnlib/recipes/weights/NAME.npz     the network of seed 0, for some recipes

A record is a dict: 'recipe', 'settings', 'seed', 'trained_on' (samples), 'parameters' (how many),
'epochs', 'updates', 'seconds' and 'cpu_seconds' of training, 'resumed' (how often it was
resumed), 'threads' (if more than one shared the work), 'machine' (with versions), 'curve' (numbers
for each epoch), and 'test_accuracy', or 'validation_accuracy' if some training images were kept
apart to choose by. Where a recipe distorts its images, 'test_accuracy_over_copies' is that of
`nnlib.recipes.copies`.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from ..network import NeuralNetwork
from ..support.atomic_write import atomic_write
from ..support.takes import takes, text
from ..support.words import shown
from .catalogue import RECIPES, STUDIES
from .run import Outcome

HERE = Path(__file__).parent
SHIPPED = ("quick",)  # whose weights come with the package


@dataclass(frozen=True)
class Summary:
    """The accuracies of a recipe: mean, standard deviation (None for a single run), number."""

    mean: float
    sd: float | None
    n: int

    def __str__(self) -> str:
        spread = "" if self.sd is None else f" ± {100 * self.sd:.2f}"
        return f"{self.mean:.2%}{spread}"


@takes(name=text)
def records(name: str) -> list[dict]:
    """Return the records of a recipe, or of a study; none if it was never recorded."""
    if name not in RECIPES and name not in STUDIES:
        raise ValueError(unknown(name))
    try:
        return json.loads(_file(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


@takes(name=text)
def summary(name: str) -> Summary:
    """Return mean and spread of the recorded test accuracies of a recipe."""
    return summarize(records(name), name)


def summarize(runs: list[dict], name: str, key: str | None = None) -> Summary:
    """Return mean and spread of the accuracies in these records, or of what they have for `key`."""
    if not runs:
        raise ValueError(
            f"no run of {shown(name)} is recorded: python -m nnlib.recipes {name} "
            "--record trains it"
        )
    scores = [run[key] if key else _score(run) for run in runs]
    sd = statistics.stdev(scores) if len(scores) > 1 else None
    return Summary(statistics.mean(scores), sd, len(scores))


def _score(run: dict) -> float:
    """Return the accuracy on the test images or, if that was not measured, in validation."""
    return run["test_accuracy"] if "test_accuracy" in run else run["validation_accuracy"]


def ablation() -> list[dict]:
    """Return what each change of the origin's network buys: `study("ablation")`."""
    return study("ablation")


@takes(study=text)
def study(study: str) -> list[dict]:
    """Return what each change of a study buys, in the order they are made.

    One dict a row: 'name', 'change' (in words), 'base' (the name of the row it is made to, None
    for the first), 'epochs', 'mean' and 'sd' of the validation accuracy, 'seeds' (how many),
    'seconds' (median, of the one processor that each run had) and 'scores'.
    """
    if study not in STUDIES:
        raise ValueError(f"unknown study {shown(study)}: choose one of {', '.join(STUDIES)}")
    runs = records(study)
    rows = []
    for name, change in STUDIES[study].items():
        own = [run for run in runs if run["recipe"] == name]
        if not own:
            continue  # not recorded yet
        result = summarize(own, study)
        rows.append(
            {
                "name": name,
                "change": change.recipe.purpose,
                "base": change.base,
                "epochs": change.recipe.epochs,
                "mean": result.mean,
                "sd": result.sd,
                "seeds": result.n,
                "seconds": statistics.median(run["cpu_seconds"] for run in own),
                "scores": [run["validation_accuracy"] for run in own],
            }
        )
    return rows


@takes(name=text)
def pretrained(name: str = "quick") -> NeuralNetwork:
    """Return a network that was trained by a recipe before, from seed 0: ready to be used.

    Raises ValueError for a recipe whose weights do not come with nnlib.
    """
    if name not in RECIPES:
        raise ValueError(unknown(name))
    path = _weights(name)
    if name not in SHIPPED or not path.exists():
        raise ValueError(
            f"the weights of {shown(name)} do not come with nnlib, only those of "
            f"{', '.join(SHIPPED)}: python -m nnlib.recipes {name} trains them"
        )
    return NeuralNetwork.load(path)


def keep(outcome: Outcome) -> Path:
    """Put the record of a finished run, and maybe its weights, into the package.

    It takes the place of an earlier one from the same seed, and of all that other settings
    have left under this name. Returns the file.
    """
    record = outcome.record
    if record is None:
        raise ValueError("this run was stopped before its end, so there is no record of it to keep")
    name = record["recipe"]
    group = next((group for group, study in STUDIES.items() if name in study), name)
    order = list(STUDIES.get(group, [name]))
    others = [
        run
        for run in records(group)
        if run["recipe"] in order
        and (
            run["recipe"] != name
            or (
                run["settings"] == record["settings"]
                and run["trained_on"] == record["trained_on"]
                and run["seed"] != record["seed"]
            )
        )
    ]
    runs = sorted([*others, record], key=lambda run: (order.index(run["recipe"]), run["seed"]))
    path = _file(group)
    path.parent.mkdir(exist_ok=True)
    with atomic_write(path) as file:
        file.write(_as_text(runs).encode())
    if name in SHIPPED and record["seed"] == 0 and "test_accuracy" in record:
        _weights(name).parent.mkdir(exist_ok=True)
        outcome.network.save(_weights(name))
    return path


def _as_text(runs: list[dict]) -> str:
    """Return JSON with one line for each entry of each record: short, and good to compare."""
    texts = [
        "{\n" + ",\n".join(f'  "{key}": {json.dumps(value)}' for key, value in run.items()) + "\n }"
        for run in runs
    ]
    return "[\n " + ",\n ".join(texts) + "\n]\n"


def unknown(name: str) -> str:
    """Say that there is no such recipe, and name those there are."""
    return (
        f"unknown recipe {shown(name)}: choose one of "
        f"{', '.join([*RECIPES, *STUDIES, 'committee'])}"
    )


def _file(name: str) -> Path:
    return HERE / "records" / f"{name}.json"


def _weights(name: str) -> Path:
    return HERE / "weights" / f"{name}.npz"
