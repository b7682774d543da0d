"""A run and what is left of it: a record and a network, in a folder that several runs share.

    FOLDER/NAME-seedN.json    its record, see `nnlib.recipes.shelf`
    FOLDER/NAME-seedN.npz     its network, unless it diverged

The network is written first: a record says that all of the run is there.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..network import NeuralNetwork
from ..recipes.checkpoint import CheckpointError, difference, read_record
from ..recipes.recipe import Recipe
from ..support.atomic_write import atomic_write


@dataclass(frozen=True, repr=False)
class MappedRun:
    """One finished run of `map_runs`.

    recipe, seed   what was trained
    record         as `nnlib.recipes.records` has them; of a run that left the finite numbers
                   'diverged' says in words when, and it has neither curve nor accuracy
    path           the file of its network, which `network()` reads
    """

    recipe: Recipe
    seed: int
    record: dict
    path: Path

    @property
    def diverged(self) -> str | None:
        """When it left the finite numbers, in words; None if it did not."""
        return self.record.get("diverged")

    @property
    def accuracy(self) -> float | None:
        """Its share of validation images, or else of test images; None if it diverged."""
        return self.record.get("validation_accuracy", self.record.get("test_accuracy"))

    def network(self) -> NeuralNetwork:
        """Return the trained network. Raises ValueError if the run diverged."""
        if self.diverged is not None:
            raise ValueError(f"{self} has no network: {self.diverged}")
        return NeuralNetwork.load(self.path)

    def __str__(self) -> str:
        return f"{self.recipe.name}, seed {self.seed}"

    def __repr__(self) -> str:
        told = "diverged" if self.accuracy is None else f"{self.accuracy:.2%}"
        return f"{self}: {told}"


def file_name(recipe: Recipe, seed: int) -> str:
    """Return the name of a run's files, without what comes after the dot."""
    safe = re.sub(r"[^\w.=+-]+", "_", recipe.name)
    return f"{safe}-seed{seed}"


def keep(
    folder: Path,
    recipe: Recipe,
    seed: int,
    belongs_to: dict,
    record: dict,
    network: NeuralNetwork | None,
) -> MappedRun:
    """Write what a run has left; `network` is None if it diverged."""
    path = folder / f"{file_name(recipe, seed)}.npz"
    if network is not None:
        network.save(path)
    with atomic_write(path.with_suffix(".json")) as file:
        file.write(json.dumps({"belongs_to": belongs_to, "record": record}, indent=1).encode())
    return MappedRun(recipe, seed, record, path)


def found(folder: Path, recipe: Recipe, seed: int, belongs_to: dict) -> MappedRun | None:
    """Return what a run has left, or None if it has not been finished.

    Raises CheckpointError if what is there is damaged, or of another training.
    """
    path = folder / f"{file_name(recipe, seed)}.npz"
    file = path.with_suffix(".json")
    remedy = "Move it away, or name another folder: nothing is overwritten"
    try:
        said, record = read_record(file)
    except FileNotFoundError:
        return None
    except CheckpointError as error:
        raise CheckpointError(f"{error}. {remedy}") from None
    if said != belongs_to:
        raise CheckpointError(
            f"{file} is of another training: {difference(said, belongs_to)}. {remedy}"
        )
    if "diverged" not in record and not path.is_file():
        raise CheckpointError(f"{file} is there, and the network {path.name} is not. {remedy}")
    return MappedRun(recipe, seed, record, path)
