"""One training of a recipe from one seed: it can be stopped at any time and resumed.

`Run` is an iterator over updates, like the `Trainer` inside it; its `state` is all that decides
what comes next. `run` drives it to the end, with a progress bar and with checkpoints.
"""

import errno
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..datasets import MNIST, load_mnist
from ..images.distortion import Distortion
from ..network import NeuralNetwork, classes
from ..support.atomic_write import atomic_write
from ..support.blas import blas_threads
from ..support.errors import Diverged
from ..support.interrupts import Interruption
from ..support.paths import as_path
from ..support.progress_bar import progress_bar
from ..support.sharing import sharing
from ..support.takes import flag, like, number, takes
from ..support.words import shown
from ..training.batches import Position
from ..training.evaluation import Evaluator, accuracy
from ..training.record import Record
from ..training.snapshot import Snapshot
from .checkpoint import CheckpointError, Checkpoints, State, read_record
from .copies import output_over_copies, weaker
from .machine import machine
from .recipe import Recipe

RESULT = "result.json"  # what a finished run leaves in its folder, beside its network
NETWORK = "network.npz"


class Run:
    """An iterator over the updates of `recipe` from `seed`; it ends after the last epoch.

    data         MNIST, or the like of it
    validation   whether to look at data.X_validation after each epoch, to choose settings by;
                 else it is never looked at
    threads      how many share the work, None: one a core; the weights are the same

    `network` is trained in place. `curve` holds one number an epoch: 'training_loss', a mean
    over the epoch's batches; with `validation`, 'validation_loss' and 'validation_accuracy'
    too. Raises `Diverged` if the loss leaves the finite numbers.
    """

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        data: MNIST,
        validation: bool = False,
        threads: int | None = None,
    ):
        self.recipe, self.seed = recipe, seed
        self.network = recipe.network(seed)
        self.trainer = recipe.trainer(self.network, data.X_train, data.y_train, seed, threads)
        self.total = recipe.updates(len(data.X_train))
        self.average = recipe.averaging()
        self._average_after = round(recipe.average.get("begin", 0) * self.total)
        self.epochs_done = 0
        self.curve: dict[str, list[float]] = {"training_loss": []}
        self.seconds = self.cpu_seconds = 0.0  # of those that drove it before
        self.resumed = 0  # how often it was resumed
        self._loss, self._samples = 0.0, 0  # of the epoch under way, up to here
        self._evaluator = None
        if validation:
            self.curve |= {"validation_loss": [], "validation_accuracy": []}
            self._evaluator = Evaluator(
                self.network.copy(), data.X_validation, data.y_validation, recipe.loss
            )

    @property
    def updates(self) -> int:
        """How many updates have been made."""
        return self.trainer.updates

    @property
    def finished(self) -> bool:
        """True after the last update of the last epoch."""
        return self.epochs_done == self.recipe.epochs

    def __iter__(self) -> "Run":
        return self

    def __next__(self) -> Record:
        """Make one update; after the last of an epoch, add to the curve."""
        if self.finished:
            raise StopIteration
        before = self.trainer.samples_seen
        record = next(self.trainer)
        self._loss += record.loss * (record.samples_seen - before)
        self._samples += record.samples_seen - before
        if self.average is not None and record.update > self._average_after:
            self.average.add(self.network.parameters)
        if record.end_of_epoch:
            self._end_epoch()
        return record

    def _end_epoch(self) -> None:
        self.epochs_done += 1
        self.curve["training_loss"].append(self._loss / self._samples)
        self._loss, self._samples = 0.0, 0
        if self._evaluator is not None:
            self._evaluator.network.parameters = self.learned().parameters
            with blas_threads(1):
                score = self._evaluator.finish()
            assert score.accuracy is not None  # the target is a class label
            self.curve["validation_loss"].append(score.loss)
            self.curve["validation_accuracy"].append(score.accuracy)

    def learned(self) -> NeuralNetwork:
        """Return the network as it would be used now: a copy, of averaged weights if they are."""
        network = self.network.copy()
        if self.average is not None and self.average.mean is not None:
            network.parameters = self.average.mean
        return network

    def state(self) -> State:
        """Return a copy of all that decides what comes next, between two updates."""
        s = self.trainer.snapshot()
        memory = {k: v for k, v in s.memory.items() if isinstance(v, np.ndarray)}
        facts = {
            "updates": s.updates,
            "samples_seen": s.samples_seen,
            "optimizer_updates": s.memory["updates"],
            "position": {
                "epoch": s.position.epoch,
                "left": s.position.left,
                "generator": s.position.generator,
            },
            "epochs_done": self.epochs_done,
            "loss_so_far": self._loss,
            "samples_so_far": self._samples,
            "curve": {name: list(values) for name, values in self.curve.items()},
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "resumed": self.resumed,
        }
        arrays = {"parameters": s.parameters}
        arrays |= {f"memory-{name}": vector for name, vector in memory.items()}
        if self.average is not None and self.average.mean is not None:
            facts["averaged"] = self.average.count
            arrays["average"] = self.average.mean.copy()
        return State(facts, arrays)

    def restore(self, state: State) -> None:
        """Go to where `state` was taken, from a run of the same recipe, seed and data."""
        f = state.facts
        memory = {
            name.removeprefix("memory-"): vector
            for name, vector in state.arrays.items()
            if name.startswith("memory-")
        }
        parameters = state.arrays["parameters"]
        snapshot = Snapshot(
            f["updates"],
            f["samples_seen"],
            parameters,
            np.zeros_like(parameters),
            type(self.trainer.optimizer),
            {"updates": f["optimizer_updates"], **memory},
            Position(**f["position"]),
            None,
        )
        self.trainer.restore(snapshot)
        if self.average is not None:
            self.average.count = f.get("averaged", 0)
            self.average.mean = state.arrays.get("average")
        self.epochs_done = f["epochs_done"]
        self._loss, self._samples = f["loss_so_far"], f["samples_so_far"]
        self.curve = {name: list(values) for name, values in f["curve"].items()}
        self.seconds, self.cpu_seconds = f["seconds"], f["cpu_seconds"]
        self.resumed = f["resumed"] + 1


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    network     as it would be used: trained to the end, or as far as it came
    record      what is kept of a finished run, see `nnlib.recipes.records`; None if it is not
    folder      where it and its checkpoints are, if it has one
    """

    network: NeuralNetwork
    record: dict | None
    folder: Path | None


def _shown_how(name: str, value):
    """Check how progress is to be shown."""
    if not isinstance(value, (bool, str)) or value not in (True, False, "bar", "lines"):
        raise ValueError(f"{name}={shown(value)} must be True, False, 'bar' or 'lines'")
    return value


@takes(
    recipe=like("trainer", "a Recipe, for example RECIPES['quick']"),
    data=like("X_train", "a dataset as load_mnist() returns it"),
    validation=flag,
    every=number(0),
    fresh=flag,
    progress=_shown_how,
    say=like("__call__", "a function that takes a line of text, for example print"),
)
def run(
    recipe: Recipe,
    seed: int = 0,
    *,
    data: MNIST | None = None,
    validation: bool = False,
    threads: int | None = None,
    folder=None,
    every: float = 20.0,
    fresh: bool = False,
    progress: "str | bool" = True,
    say=print,
) -> Outcome:
    """Train `recipe` from `seed`, or resume a run of it that was stopped in `folder`.

    data         by default MNIST: all 60,000 training images, or with `validation` the first
                 50,000, the others being looked at after each epoch. The test images are looked
                 at once, at the end, and with `validation` never
    threads      how many share the work, None: one a core; the weights are the same
    folder       of this run alone, made if need be; None keeps no checkpoints
    every        seconds between two checkpoints; one more is written after each epoch if as
                 much as a tenth of that has passed
    fresh        remove what an earlier run has left in the folder, and nothing else, and begin
    progress     True: a progress bar, or a line an epoch if nobody watches; 'bar', 'lines', False
    say          what takes a line of text, for example print

    Ctrl-C stops between two updates, and what was learned is kept. Killed at any other
    moment, it loses the work since the last checkpoint and no more; resumed, it ends with
    the weights of a run that was never stopped, number for number. Raises CheckpointError if the
    folder holds another training, and `Diverged` if the loss leaves the finite numbers.
    """
    data = load_mnist(10_000 if validation else 0) if data is None else data
    here = machine()
    folder = None if folder is None else as_folder(folder)
    trained = Run(recipe, seed, data, validation, threads)
    checkpoints = None
    if folder is not None:
        belongs_to = {
            "recipe": recipe.as_settings(),
            "seed": seed,
            "validation": validation,
            "data": fingerprint(data.X_train, data.y_train),
            "versions": {name: here[name] for name in ("numpy", "blas")},
        }
        checkpoints = Checkpoints(folder, belongs_to)
        if fresh:
            _forget(folder, checkpoints)
        if (done := _finished_before(folder, checkpoints)) is not None:
            say(f"{recipe.name}, seed {seed}: finished before, see {folder} (--fresh retrains it)")
            return done
        state, words = checkpoints.load()
        for word in words:
            say(word)
        if state is not None:
            trained.restore(state)
            say(f"Goes on after update {trained.updates:,} of {trained.total:,}, from {folder}")
    if not _drive(trained, checkpoints, every, progress, say):
        return Outcome(trained.learned(), None, folder)
    network = trained.learned()
    record = {
        "recipe": recipe.name,
        "settings": recipe.as_settings(),
        "seed": seed,
        "trained_on": len(data.X_train),
        "parameters": int(network.parameters.size),
        "epochs": recipe.epochs,
        "updates": trained.updates,
        "seconds": round(trained.seconds, 2),
        "cpu_seconds": round(trained.cpu_seconds, 2),
        "resumed": trained.resumed,
        "threads": trained.trainer.threads,
        "machine": here | {"nnlib": _version()},
        "curve": {name: [round(v, 6) for v in values] for name, values in trained.curve.items()},
    }
    if validation:
        record["validation_accuracy"] = trained.curve["validation_accuracy"][-1]
    else:
        record["test_accuracy"] = accuracy(network, data.X_test, data.y_test)
        if recipe.distortion:
            distortion = weaker(Distortion(**recipe.distortion))
            output = output_over_copies(network, data.X_test, distortion, seed=seed)
            right = classes(output) == data.y_test
            record["test_accuracy_over_copies"] = float(right.mean())
    if checkpoints is not None:
        folder.mkdir(parents=True, exist_ok=True)
        network.save(folder / NETWORK)
        with atomic_write(folder / RESULT) as file:
            kept = {"belongs_to": checkpoints.belongs_to, "record": record}
            file.write(json.dumps(kept, indent=1).encode())
        checkpoints.clear()
    return Outcome(network, record, folder)


def as_folder(folder) -> Path:
    """Return the folder as a path, or raise NotADirectoryError before anything is trained."""
    path = as_path(folder)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "folder: this is a file, not a folder", str(path))
    return path


def _forget(folder: Path, checkpoints: Checkpoints) -> None:
    """Remove what runs leave in a folder; whatever else is in it stays."""
    checkpoints.clear()
    for name in (NETWORK, RESULT):
        (folder / name).unlink(missing_ok=True)


def _finished_before(folder: Path, checkpoints: Checkpoints) -> Outcome | None:
    """Return what a run that was driven to its end left in the folder, if it is of this one."""
    try:
        belongs_to, record = read_record(folder / RESULT)
    except FileNotFoundError:
        return None
    except CheckpointError as error:
        raise CheckpointError(f"{error}: --fresh removes it and begins again") from None
    checkpoints.check(belongs_to, folder / RESULT)
    return Outcome(NeuralNetwork.load(folder / NETWORK), record, folder)


def _drive(trained: Run, checkpoints: Checkpoints | None, every: float, progress, say) -> bool:
    """Make all updates that are left; False if the reader stopped it before the end."""
    bar = _Progress(trained, progress, say)
    begin, cpu_begin = time.perf_counter(), time.process_time()
    seconds, cpu_seconds = trained.seconds, trained.cpu_seconds
    saved = begin
    interruption = Interruption()

    def keep() -> None:
        nonlocal saved
        trained.seconds = seconds + time.perf_counter() - begin
        trained.cpu_seconds = cpu_seconds + time.process_time() - cpu_begin
        if checkpoints is not None and not trained.finished:
            checkpoints.save(trained.updates, trained.state())
        saved = time.perf_counter()

    try:
        with interruption, blas_threads(1), sharing(trained.trainer.threads):
            for record in trained:
                bar.show(record)
                waited = time.perf_counter() - saved
                if waited >= every or (record.end_of_epoch and waited >= every / 10):
                    keep()
                if interruption.asked:
                    break
            keep()
    except Diverged as error:
        raise Diverged(
            f"{trained.recipe.name}, seed {trained.seed}: {error}", error.update, error.loss
        ) from None
    finally:
        bar.close()
    if not trained.finished:
        where = (
            "without a folder, nothing of it is on the disk"
            if checkpoints is None
            else f"the same command goes on from there ({checkpoints.folder})"
        )
        say(f"Stopped after update {trained.updates:,} of {trained.total:,}; {where}.")
    return trained.finished


def _in_a_notebook() -> bool:
    kernel = sys.modules.get("ipykernel.kernelapp")  # others may import it, and run no kernel
    return kernel is not None and kernel.IPKernelApp.initialized()


class _Progress:
    """A bar that counts updates, or a line an epoch."""

    def __init__(self, trained: Run, kind, say):
        self.run, self.say = trained, say
        if kind is True:
            kind = "bar" if sys.stderr.isatty() or _in_a_notebook() else "lines"
        self.lines = kind == "lines"
        self.begin, self.first = time.perf_counter(), trained.updates
        self.bar = progress_bar(
            total=trained.total,
            initial=trained.updates,
            unit="update",
            mininterval=0.5,
            disable=kind != "bar",
            desc=f"{trained.recipe.name}, seed {trained.seed}",
        )

    def show(self, record: Record) -> None:
        self.bar.update()
        if not record.end_of_epoch:
            return
        figures = {"loss": f"{self.run.curve['training_loss'][-1]:.4f}"}
        if "validation_accuracy" in self.run.curve:
            figures["validation"] = f"{self.run.curve['validation_accuracy'][-1]:.2%}"
        epoch = f"epoch {self.run.epochs_done}/{self.run.recipe.epochs}"
        self.bar.set_postfix({"epoch": epoch.removeprefix("epoch "), **figures}, refresh=False)
        if self.lines:
            passed = time.perf_counter() - self.begin
            made, left = self.run.updates - self.first, self.run.total - self.run.updates
            said = ", ".join(f"{name} {value}" for name, value in figures.items())
            self.say(
                f"{self.run.recipe.name}, seed {self.run.seed}, {epoch}: {said}; "
                f"{passed:.0f} s, {passed / made * left:.0f} s left"
            )

    def close(self) -> None:
        self.bar.close()


def _version() -> str:
    from .. import __version__  # not there yet when nnlib itself is being imported

    return __version__


def fingerprint(*arrays: np.ndarray) -> str:
    """Return a short text that tells these arrays from any others."""
    digest = hashlib.blake2b(digest_size=8)
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
