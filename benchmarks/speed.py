"""How fast nnlib is, beside the libraries that one would take instead: `make bench`.

    python -m benchmarks.speed            measure, or go on where it stopped
    python -m benchmarks.speed --again    measure everything anew

What is measured is in `Plan`, in parts of half a minute or so. Each is written to
speed.local.json, beside this file, as soon as it is done. `benchmarks.speed_page` makes the
tables, the plot and the words of docs/speed.md of it.

Every library runs in processes of its own, and they take turns (`benchmarks.turns`). Each
turn is a fixed number of updates, a quarter of a second's worth on a quiet machine. All
train on shuffled batches of MNIST by plain gradient descent, in float32, from the same
parameters; that they learn the same is made sure first.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from nnlib import load_mnist
from nnlib.recipes.machine import machine
from nnlib.support.atomic_write import atomic_write
from nnlib.support.sharing import cores

from . import company
from .peers import MODULES, PACKAGES
from .turns import ask_all, environment, rounds, runners

HERE = Path(__file__).parent
LOCAL = HERE / "speed.local.json"
READY = "nnlib, ready to train"  # in the times of importing
TOLERANCE = 1e-3  # of the way that the parameters went: float32, summed in another order


@dataclass(frozen=True)
class Plan:
    """What is measured, and at what length. Times are in seconds."""

    rows: tuple = (
        ((784, 30, 10), 1),
        ((784, 128, 10), 1),
        ((784, 128, 10), 10),
        ((784, 128, 10), 64),
        ((784, 128, 10), 256),
        ((784, 1024, 10), 256),
        ((784, 1500, 750, 10), 256),
    )
    inference: tuple = ((784, 128, 10), (784, 1024, 10))
    many: int = 10_000  # images classified at once; the other number is one
    goal: tuple = ((784, 256, 10), 64, 0.3)  # layers, batch size, learning rate
    accuracy: float = 0.98
    most_epochs: int = 40
    threads: tuple = (1, cores())
    contenders: tuple = tuple(MODULES)
    rounds: int = 7
    turn: float = 0.25
    busy_rounds: int = 5
    tries: int = 3  # of the training up to the goal
    imports: int = 7
    samples: int | None = None  # None: all 60,000

    def parts(self) -> Iterator[tuple[str, Callable[[str], dict]]]:
        """Yield the name of each part, and what measures it, given the folder of the images."""
        yield "agreement", self.agreement
        for layers, batch_size in self.rows:
            for threads in sorted(set(self.threads)):
                settings = {"layers": layers, "batch_size": batch_size, "threads": threads}
                yield row_name(**settings), lambda images, s=settings: self.row(images, **s)
        for layers in self.inference:
            yield f"inference {shape(layers)}", lambda images, s=layers: self.predict(images, s)
        for i in range(self.tries):
            yield f"goal {i + 1}", self.reach
        yield "imports", self.import_times

    def settings(self, images: str, **more) -> dict:
        """Return what a worker has to know."""
        return {"images": images, "samples": self.samples, "learning_rate": 0.05, **more}

    def agreement(self, images: str) -> dict:
        """Make sure that all learn what nnlib learns; return by how much they differ."""
        names = [name for name in self.contenders if name not in ("products", "nnlib")]
        settings = self.settings(images, layers=(784, 30, 20, 10), batch_size=64, threads=1)
        with runners(names, {**settings, "samples": 64}) as ready:
            off = ask_all(ready, "differ", updates=3)
        wrong = {name: d for name, d in off.items() if not d < TOLERANCE}
        if wrong:
            raise SystemExit(f"error: not the same as nnlib after three updates: {wrong}")
        return {"off": {name: float(f"{d:.1g}") for name, d in off.items()}}

    def row(self, images: str, layers, batch_size: int, threads: int) -> dict:
        """Time updates of one network, alone and, with all threads, beside busy processes."""
        settings = self.settings(images, layers=layers, batch_size=batch_size, threads=threads)
        names = [name for name in self.contenders if name != "loop" or threads == 1]
        with runners(names, settings) as ready:
            n = ask_all(ready, "calibrate", seconds=self.turn)
            meanwhile = company.others()

            def turn(runner, share: float = 1.0) -> tuple[float, float]:
                return runner.ask("train", updates=max(1, round(share * n[runner.name])))

            turns = rounds(self.rounds, ready, turn)
            result = {
                "layers": layers,
                "batch_size": batch_size,
                "threads": threads,
                "seconds": {name: [s for s, _ in times] for name, times in turns.items()},
                "cores": {
                    name: round(statistics.median(cpu / s for s, cpu in times), 2)
                    for name, times in turns.items()
                },
                "memory": ask_all(ready, "memory"),
            }
            if threads == max(self.threads):
                ready.pop("loop", None)
                with company.busy():
                    turns = rounds(self.busy_rounds, ready, lambda runner: turn(runner, 0.25))
                result["busy"] = {name: [s for s, _ in times] for name, times in turns.items()}
        return {**result, **meanwhile}

    def predict(self, images: str, layers) -> dict:
        """Time the classes of one image, and of many, with all threads."""
        settings = self.settings(images, layers=layers, batch_size=10, threads=max(self.threads))
        names = [name for name in self.contenders if name != "loop"]
        with runners(names, settings) as ready:
            n = {}
            for k in (1, self.many):
                ask_all(ready, "predict", images=k, times=2)  # compiles
                for name, seconds in ask_all(ready, "predict", images=k, times=3).items():
                    n[name, k] = max(1, int(0.3 * self.turn / seconds))
            meanwhile = company.others()
            one, many = (
                rounds(
                    self.rounds,
                    ready,
                    lambda runner, k=k: runner.ask("predict", images=k, times=n[runner.name, k]),
                )
                for k in (1, self.many)
            )
        return {"layers": layers, "one": one, "many": many, **meanwhile}

    def reach(self, images: str) -> dict:
        """Let each train until it classifies the test images well enough, one after the other."""
        layers, batch_size, rate = self.goal
        result, meanwhile = {}, company.others()
        for name in self.contenders:
            if name in ("products", "loop"):
                continue
            settings = self.settings(
                images, layers=layers, batch_size=batch_size, threads=max(self.threads)
            )
            with runners([name], {**settings, "learning_rate": rate}) as ready:
                result |= ask_all(ready, "reach", accuracy=self.accuracy, epochs=self.most_epochs)
        return {"reached": result, **meanwhile}

    def import_times(self, images: str) -> dict:
        """Time `import` of each library, in fresh interpreters that take turns.

        nnlib loads its modules, and numpy, when a name is first used: so it is timed twice, alone
        and with the names that a training takes.
        """
        modules = {"numpy": "numpy", "nnlib": "nnlib", READY: "nnlib; nnlib.train"}
        for name in self.contenders:
            if name in PACKAGES and installed(PACKAGES[name]):
                modules[name] = PACKAGES[name]
        if "scikit-learn" in modules:
            modules["scikit-learn"] = "sklearn.neural_network"
        meanwhile = company.others()
        seconds: dict[str, list[float]] = {name: [] for name in modules}
        for _ in range(self.imports):
            for name, module in modules.items():
                seconds[name].append(import_time(module))
        return {"seconds": seconds, **meanwhile}


def import_time(module: str) -> float:
    """Return the seconds that `import module` takes in a fresh interpreter."""
    program = (
        f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    )
    env = {**environment(cores()), "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    return float(done.stdout.split()[-1])


def installed(package: str) -> bool:
    """Return whether a package can be imported, without importing it."""
    from importlib.util import find_spec

    return find_spec(package) is not None


def shape(layers) -> str:
    """Return the layers as they are written: 784-128-10."""
    return "-".join(map(str, layers))


def row_name(layers, batch_size: int, threads: int) -> str:
    """Return the name of a row."""
    return f"{shape(layers)}, batch {batch_size}, threads {threads}"


def facts() -> dict:
    """Return what the numbers depend on: the machine, the versions, and the code."""
    versions = {}
    for name, package in PACKAGES.items():
        if installed(package):
            versions[name] = metadata.version("scikit-learn" if package == "sklearn" else package)
    code = hashlib.sha256()
    for folder in (HERE, HERE.parent / "nnlib"):
        for file in sorted(folder.rglob("*.py")):
            if file.parent.name not in ("lab", "plots", "exercises") and file not in PAGES:
                code.update(file.read_bytes())
    return {"machine": machine(), "versions": versions, "code": code.hexdigest()[:16]}


# They make pages of what was measured, and have no part in it.
PAGES = [HERE / name for name in ("speed_page.py", "report.py", "results.py", "lab.py")]


def saved(plan: Plan, file: Path) -> dict:
    """Return what `file` has of this plan, measured with this code on this machine."""
    record = {"plan": json.loads(json.dumps(asdict(plan))), **facts(), "parts": {}}
    if file.exists():
        before = json.loads(file.read_text(encoding="utf-8"))
        if all(before.get(key) == record[key] for key in record if key != "parts"):
            return before
        print("The plan, the code, a library or the machine is another: anew.", flush=True)
    return record


def measure(plan: Plan, file: Path) -> dict:
    """Measure what `file` does not have yet, writing each part to it; return its contents."""
    record = saved(plan, file)
    parts = [(name, part) for name, part in plan.parts() if name not in record["parts"]]
    if not parts:
        return record
    with tempfile.TemporaryDirectory() as images:
        save_images(Path(images))
        for i, (name, part) in enumerate(parts, 1):
            print(f"{i}/{len(parts)}  {name}", flush=True)
            begin = time.perf_counter()
            result = part(images)
            result["took"] = time.perf_counter() - begin
            if (result.get("taken") or 0) > 0.1:
                print(f"  something else takes {result['taken']:.0%} of this machine", flush=True)
            record["parts"][name] = rounded(result)
            with atomic_write(file) as output:
                output.write((json.dumps(record) + "\n").encode())
    return record


def save_images(folder: Path) -> None:
    """Put MNIST where the workers can load it without unpacking it."""
    data = load_mnist(validation=0)
    for name, array in (
        ("X", data.X_train),
        ("y", data.y_train),
        ("X_test", data.X_test),
        ("y_test", data.y_test),
    ):
        np.save(folder / f"{name}.npy", array)


def rounded(value):
    """Return the numbers in a record to four figures."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


def main() -> None:
    """Measure what is not measured yet."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--again", action="store_true", help="measure everything anew")
    if parser.parse_args().again:
        LOCAL.unlink(missing_ok=True)
    record = measure(Plan(), LOCAL)
    minutes = sum(part["took"] for part in record["parts"].values()) / 60
    print(f"All is measured, in {minutes:.0f} minutes: see benchmarks/{LOCAL.name}.")


if __name__ == "__main__":
    main()
