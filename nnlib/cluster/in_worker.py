"""What a worker does for `map_runs`: one whole training, and nothing on its own disk."""

import signal
import threading
from typing import Any, cast

from distributed import WorkerPlugin, get_worker

from ..datasets import MNIST
from ..network import NeuralNetwork
from ..recipes.machine import machine
from ..recipes.recipe import Recipe
from ..recipes.run import run
from ..support.errors import Diverged


def dask_setup(worker: Any) -> None:
    """Leave Ctrl-C to the process that started this one; Dask calls it as a worker begins.

    A terminal sends Ctrl-C, and Jupyter its Interrupt, to all processes of a group.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class OwnData(WorkerPlugin):
    """Data that every worker has, those too that begin later, in the place of a killed one."""

    def __init__(self, name: str, data: MNIST):
        self.name, self.data = name, data


def train(
    recipe: Recipe, seed: int, validation: bool, data_name: str | None
) -> tuple[dict, NeuralNetwork | None]:
    """Return the record and the network of a run; no network if it diverged.

    data_name   of the `OwnData` that the workers have, None for MNIST
    """
    data = None if data_name is None else cast(OwnData, get_worker().plugins[data_name]).data
    try:
        outcome = run(
            recipe,
            seed,
            data=data,
            validation=validation,
            threads=1,
            progress=False,
            say=lambda line: None,
        )
    except Diverged as error:
        return {
            "recipe": recipe.name,
            "settings": recipe.as_settings(),
            "seed": seed,
            "updates": error.update - 1,
            "machine": machine(),
            "diverged": str(error),
        }, None
    assert outcome.record is not None  # nobody stops it but by ending the worker
    return outcome.record, outcome.network
