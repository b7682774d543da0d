"""Files with some of their bytes changed: each is refused in words, or read as what was saved.

python -m tests.unit.mutated                        prints the table of docs/reliability.md
python -m tests.unit.mutated --minutes 60 --write   tries for an hour, and writes it there
"""

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import nnlib
from benchmarks import report
from nnlib.datasets import mnist
from nnlib.exercises import mine, predicted, predictions, save, solved
from nnlib.lab.settings_lab import as_settings
from nnlib.recipes import checkpoint

SECONDS = 20  # longer than any file may take, on any machine
MOST_MEMORY = 300  # MB more than before, whatever a file says of its size

NETWORK = nnlib.NeuralNetwork([3, 4, 2], seed=0)
STATE = checkpoint.State({"updates": 3, "loss": 0.5}, {"v": np.arange(20.0), "order": np.arange(7)})


def square(z):
    return z * z


class Loader:
    """One kind of file: how a whole one is made, and how it is read again.

    write    (folder) → the file
    read     (file) → True if this is what was saved; False if it is something else
    refuses  the errors that say in words that the file is damaged
    """

    def __init__(self, write: Callable, read: Callable, *refuses: type[Exception]):
        self.write, self.read, self.refuses = write, read, refuses


def _write_network(folder):
    NETWORK.save(folder / "network.npz")
    return folder / "network.npz"


def _read_network(file):
    network = nnlib.NeuralNetwork.load(file)
    same = network.layers == NETWORK.layers and network.activations == NETWORK.activations
    return same and bool((network.parameters == NETWORK.parameters).all())


def _read_checkpoint(file):
    header, state = checkpoint.read(file)
    same = header["belongs_to"] == {"seed": 0} and state.facts == STATE.facts
    return same and all(np.array_equal(a, STATE.arrays[k]) for k, a in state.arrays.items())


def _write_progress(folder):
    solved.add("01_forward", "neuron")
    solved.add("02_loss", "mse")
    return solved.path()


def _read_progress(file):
    """What is read are names of lessons and exercises; damaged letters cannot be told."""
    names = solved.read()
    return all(isinstance(x, str) for row in names.values() for x in row)


def _write_predictions(folder):
    predicted.commit(predicted.Question("What comes?", ("this", "that"), "this", "So."), "this")
    return folder / "predictions.json"


def _read_predictions(file):
    found = predictions()
    return 0 <= found.right <= found.made


def _write_mine(folder):
    save(square)
    return folder / "mine.json"


def _read_mine(file):
    with contextlib.redirect_stdout(io.StringIO()):  # what it leaves out, and why
        return all(isinstance(name, str) for name in vars(mine()))


def _write_settings(folder):
    file = folder / "settings.json"
    file.write_text(json.dumps({"hidden": [4, 3], "learning_rate": 0.3, "dataset": "moons"}))
    return file


def _read_settings(file):
    return isinstance(as_settings(file.read_bytes().decode("utf-8")), dict)


def _write_mnist(folder):
    file = folder / "t10k-labels-idx1-ubyte.gz"
    shutil.copy(Path(nnlib.__file__).parent / "datasets" / "data" / file.name, file)
    return file


def _read_mnist(file):
    labels = mnist._read_idx(file, mnist.FILES[file.name])  # load_mnist would remember the first
    return labels.shape == (10_000,) and labels.max() == 9


LOADERS = {
    "a network": Loader(_write_network, _read_network, nnlib.ModelFileError),
    "a checkpoint": Loader(
        lambda folder: checkpoint.Checkpoints(folder, {"seed": 0}).save(3, STATE),
        _read_checkpoint,
        checkpoint.CheckpointError,
    ),
    "MNIST's labels": Loader(_write_mnist, _read_mnist, nnlib.DataFileError),
    "settings of a lab": Loader(_write_settings, _read_settings, ValueError, TypeError),
    "progress": Loader(_write_progress, _read_progress),
    "predictions": Loader(_write_predictions, _read_predictions),
    "functions of one's own": Loader(_write_mine, _read_mine),
}


def mutants(whole: bytes, rng: np.random.Generator) -> Iterator[bytes]:
    """Yield the bytes of a file with something done to them, for ever."""
    while True:
        data = bytearray(whole)
        for _ in range(1 + int(rng.integers(3))):
            start = int(rng.integers(len(data) + 1))
            stop = min(len(data), start + int(rng.integers(1, 17)))
            match rng.integers(7):
                case 0:  # some bits
                    for i in range(start, stop):
                        data[i] ^= 1 << int(rng.integers(8))
                case 1:
                    data[start:stop] = rng.bytes(stop - start)
                case 2:  # a number as large as can be
                    data[start:stop] = b"\xff" * (stop - start)
                case 3:
                    data[start:stop] = b"9" * (stop - start)
                case 4:
                    del data[start : start + int(rng.integers(1, len(data) + 2))]
                case 5:
                    data[start:start] = rng.bytes(int(rng.integers(1, 33)))
                case 6:  # a piece of it, once more
                    data[start:start] = data[stop : stop + int(rng.integers(1, 257))]
        if bytes(data) != whole:
            yield bytes(data)


def attempt(loader: Loader, file: Path, content: bytes) -> str:
    """Return 'refused', 'right', or what else came of a file with this content."""

    def too_long(*_):
        raise TimeoutError(f"longer than {SECONDS} seconds")

    file.write_bytes(content)
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        return "right" if loader.read(file) else "something else was read"
    except loader.refuses as error:
        return "refused" if str(error) else "refused without a word"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def examine(name: str, folder: Path, *, seed: int, files: int | None = None, seconds=None):
    """Try so many files of one kind, or for so many seconds; return (counts, what was wrong)."""
    loader, rng = LOADERS[name], np.random.default_rng(seed)
    before = os.environ.get("NNLIB_PROGRESS")
    os.environ["NNLIB_PROGRESS"] = str(folder / "progress.json")
    try:
        file = loader.write(folder)
        whole = file.read_bytes()
        assert attempt(loader, file, whole) == "right"
        counts: Counter = Counter()
        wrong: list[tuple[str, bytes]] = []
        end, memory = time.monotonic() + (seconds or 0), _memory()
        for content in mutants(whole, rng):
            if (files is not None and counts.total() >= files) or (
                seconds is not None and time.monotonic() >= end
            ):
                break
            found = attempt(loader, file, content)
            counts[found if found in ("refused", "right") else "wrong"] += 1
            if found not in ("refused", "right"):
                wrong.append((found, content))
        if _memory() - memory > MOST_MEMORY:
            wrong.append((f"{_memory() - memory:.0f} MB were taken", b""))
        return counts, wrong
    finally:
        os.environ.pop("NNLIB_PROGRESS")
        if before is not None:
            os.environ["NNLIB_PROGRESS"] = before


def _memory() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(minutes: float, seed: int) -> str:
    """Return what was tried, kind by kind, as a table in markdown."""
    lines = ["| | files tried | refused in words | read | neither |", "|:--|--:|--:|--:|--:|"]
    for name in LOADERS:
        with TemporaryDirectory() as folder:
            seconds = 60 * minutes / len(LOADERS)
            counts, wrong = examine(name, Path(folder), seed=seed, seconds=seconds)
        for found, content in wrong:
            print(f"{name}: {found}\n  {content!r}", file=sys.stderr)
        numbers = [counts.total(), counts["refused"], counts["right"], counts["wrong"]]
        lines.append(f"| {name} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table, and put it into the page if that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    figures = table(asked.minutes, asked.seed)
    sys.stdout.write(figures)
    if asked.write:
        report.show("files", figures.strip())


if __name__ == "__main__":
    main()
