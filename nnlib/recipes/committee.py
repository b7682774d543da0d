"""A committee: several networks look at an image, and the mean of their outputs decides.

    ā⁽ᴸ⁾ = 1/M (a⁽ᴸ⁾₁ + … + a⁽ᴸ⁾_M)        a⁽ᴸ⁾ₘ: the outputs of network m, its probabilities

−ln is convex, so −ln ā ≤ 1/M Σₘ −ln aₘ: the cross-entropy of a committee is never more than the
mean of its members', and equal where they agree. So it can only help as far as the members differ:
an error that one makes alone is outvoted, one that all make stays. What makes them differ is what
COMMITTEES compares, at four members each, by validation images.

Source: Cireşan, Meier, Gambardella and Schmidhuber, *Handwritten digit recognition with a committee
of deep neural nets on GPUs* (2011), arXiv:1103.4487.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..datasets import MNIST, load_mnist
from ..network import NeuralNetwork, classes
from ..support.atomic_write import atomic_write
from .catalogue import DISTORTION, SIMARD
from .recipe import Recipe
from .run import Outcome, run

RECORD = Path(__file__).parent / "records" / "committee.json"


def committee_output(networks: Sequence[NeuralNetwork], X: npt.ArrayLike) -> np.ndarray:
    """Return the mean output of the networks, shape (n, n_L), for the samples X, shape (n, n_0).

    Raises ValueError if there are no networks, or if they differ in their inputs or outputs.
    """
    networks = list(networks)
    ends = {(network.layers[0], network.layers[-1]) for network in networks}
    if len(ends) != 1:
        found = ", ".join(f"{first} to {last}" for first, last in sorted(ends)) or "none"
        raise ValueError(
            "networks must be one or more with the same number of inputs and of outputs; "
            f"these have: {found}"
        )
    outputs = np.array([network.forward(X).output for network in networks])
    return outputs.mean(axis=0, dtype=np.float64)


def shared_errors(predicted: Sequence[np.ndarray], labels: np.ndarray) -> float:
    """Return which share of one member's errors another makes too, a mean over all pairs.

    `predicted` has the classes that each member chose, shape (n,) each; 1.0 is a committee
    whose members fail on the same samples, 0.0 one whose members never fail together. NaN
    if a member makes no error at all.
    """
    wrong = [np.asarray(chosen) != labels for chosen in predicted]
    if not all(errors.any() for errors in wrong):
        return float("nan")
    return statistics.mean(float(other[one].mean()) for one, other in permutations(wrong, 2))


@dataclass(frozen=True)
class Committee:
    """Recipes and the seed that each is trained from; `purpose` says how the members differ."""

    purpose: str
    members: tuple[tuple[Recipe, int], ...]


def _committees() -> dict[str, Committee]:
    member = replace(SIMARD, name="member", purpose="784-800-10 in 10 epochs", epochs=10)

    def like(name: str, **settings) -> Recipe:
        return replace(member, name=f"member-{name}", **settings)

    half = {name: v if name == "sigma" else v / 2 for name, v in DISTORTION.items()}
    weaker, longer = like("weaker", distortion=half), like("longer", epochs=20)
    elastic = DISTORTION | {"rotation": 0.0, "scaling": 0.0, "shear": 0.0}
    ways = (
        member,
        like("trembling", distortion=DISTORTION | {"alpha": 34.0, "sigma": 4.0}),
        like("affine", distortion=DISTORTION | {"alpha": 0.0}),
        like("elastic", distortion=elastic),
    )
    shapes = (
        member,
        like("two-layers", layers=(784, 600, 300, 10)),
        like("three-layers", layers=(784, 400, 300, 200, 10)),
        like("tanh", hidden="tanh", init="xavier"),
    )
    members = {
        "alike": ("in nothing but the seed", 4 * (member,)),
        "weaker": ("in the seed; half the distortion", 4 * (weaker,)),
        "longer": ("in the seed; 20 epochs instead of 10", 4 * (longer,)),
        "ways": ("in the seed and in how images are distorted", ways),
        "shapes": ("in the seed, layers and activation", shapes),
    }
    return {
        name: Committee(purpose, tuple((recipe, seed) for seed, recipe in enumerate(recipes)))
        for name, (purpose, recipes) in members.items()
    }


COMMITTEES = _committees()


def train_committees(
    folder, *, data: MNIST | None = None, threads: int | None = None, say=print, **settings
) -> list[dict]:
    """Train all members on 50,000 images and return a row for each committee, see `judge`.

    folder       where each member's checkpoints and network go; a second call resumes
    settings     of `nnlib.recipes.run`, such as `every` or `fresh`

    Returns the rows of those committees that are complete: Ctrl-C leaves the rest for later.
    """
    data = load_mnist(10_000) if data is None else data
    rows: list[dict] = []
    for name, committee in COMMITTEES.items():
        outcomes: list[Outcome] = []
        for recipe, seed in committee.members:
            outcome = run(
                recipe,
                seed,
                data=data,
                validation=True,
                threads=threads,
                folder=Path(folder) / f"{recipe.name}-seed{seed}-validation",
                say=say,
                **settings,
            )
            if outcome.record is None:
                return rows
            outcomes.append(outcome)
        rows.append(judge(name, outcomes, data.X_validation, data.y_validation))
        say(f"committee {name}: {rows[-1]['accuracy']:.2%}")
    return rows


def judge(name: str, outcomes: Sequence[Outcome], X: np.ndarray, labels: np.ndarray) -> dict:
    """Return what a committee of finished runs makes of the images X and their labels.

    'name', 'members' (the accuracy of each), 'accuracy' of the mean output, 'shared_errors',
    'cpu_seconds' of training all members, and 'machine'.
    """
    networks = [outcome.network for outcome in outcomes]
    predicted = [classes(network.forward(X).output) for network in networks]
    records = [outcome.record for outcome in outcomes if outcome.record is not None]
    return {
        "name": name,
        "members": [float(np.mean(chosen == labels)) for chosen in predicted],
        "accuracy": float(np.mean(classes(committee_output(networks, X)) == labels)),
        "shared_errors": round(shared_errors(predicted, labels), 4),
        "cpu_seconds": round(sum(record["cpu_seconds"] for record in records), 2),
        "machine": records[0]["machine"],
    }


def committees() -> list[dict]:
    """Return the recorded rows, see `judge`, each with its 'purpose'; none if there are none."""
    try:
        rows = json.loads(RECORD.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [row | {"purpose": COMMITTEES[row["name"]].purpose} for row in rows]


def keep_committees(rows: Sequence[dict]) -> Path:
    """Put the rows into the package, in the place of those that were there; return the file."""
    with atomic_write(RECORD) as file:
        text = ",\n ".join(json.dumps(row) for row in rows)
        file.write(f"[\n {text}\n]\n".encode())
    return RECORD
