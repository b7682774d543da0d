"""Where the time of an update goes: its products, and what stands beside them.

    python -m benchmarks.anatomy            measure and print the tables
    python -m benchmarks.anatomy --write    also put them into docs/speed.md

An update is timed whole, and then again with a clock around each of its parts. Both take turns,
with one thread and with one a core, and each time is the median of the rounds. What the parts do
not explain is Python between them. Besides, the largest product is made alone, shared by rows
among threads, and by as many threads of BLAS's own. It takes a minute, on a machine that does
nothing else.
"""

import contextlib
import statistics
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np

from nnlib import GradientDescent, NeuralNetwork, Trainer, backprop, blas_threads, forward
from nnlib.losses import CrossEntropy
from nnlib.recipes.machine import machine
from nnlib.support.products import matmul
from nnlib.support.sharing import cores, sharing
from nnlib.training import trainer as training

from . import report

ROWS = (
    ([784, 128, 10], 10),
    ([784, 128, 10], 64),
    ([784, 128, 10], 256),
    ([784, 1024, 10], 256),
)
ROUNDS, SECONDS = 9, 0.1  # of each way to train, and about how long one lasts
SAMPLES = 20_000

# What belongs to which part: the function of the maths floor, where it is called from.
PARTS = {
    "rows": [(training, "take")],
    "products": [(forward, "matmul"), (backprop, "matmul")],
    "activations": [(forward, "activate"), (backprop, "pull_back")],
    "loss": [(CrossEntropy, "value"), (CrossEntropy, "delta")],
    "step": [(GradientDescent, "update")],
}


@contextlib.contextmanager
def clocks() -> Iterator[Counter]:
    """Count the seconds of each part within the block, and leave the parts as they were."""
    seconds: Counter = Counter()
    before = [
        (place, name, getattr(place, name)) for part in PARTS.values() for place, name in part
    ]

    def timed(part: str, function):
        def call(*arguments, **more):
            begin = time.perf_counter()
            try:
                return function(*arguments, **more)
            finally:
                seconds[part] += time.perf_counter() - begin

        return call

    try:
        for part, functions in PARTS.items():
            for place, name in functions:
                setattr(place, name, timed(part, getattr(place, name)))
        yield seconds
    finally:
        for place, name, function in before:
            setattr(place, name, function)


def a_trainer(layers: list[int], batch_size: int, threads: int, samples: int) -> Trainer:
    """Return a trainer on random images: what they show makes no difference to the time."""
    rng = np.random.default_rng(0)
    X, y = rng.random((samples, layers[0]), np.float32), rng.integers(0, layers[-1], samples)
    return Trainer(
        NeuralNetwork(layers, "relu", init="he", seed=0),
        X,
        y,
        loss="cross_entropy",
        optimizer=GradientDescent(0.01),
        batch_size=batch_size,
        seed=0,
        threads=threads,
    )


def seconds_of(act, seconds: float) -> float:
    """Return how long one call of `act` takes, on the mean of about so many seconds' worth."""
    begin, n = time.perf_counter(), 0
    while n == 0 or time.perf_counter() - begin < seconds:
        act()
        n += 1
    return (time.perf_counter() - begin) / n


def measure_update(layers, batch_size, rounds=ROUNDS, seconds=SECONDS, samples=SAMPLES) -> dict:
    """Return the microseconds of an update and of its parts, by the number of threads."""
    ways = [a_trainer(layers, batch_size, n, samples) for n in sorted({1, cores()})]
    times: dict[int, dict[str, list]] = {
        trainer.threads: {part: [] for part in ("update", *PARTS)} for trainer in ways
    }
    with blas_threads(1):
        for trainer in ways * (rounds + 1):  # the first round warms up
            mine = times[trainer.threads]
            mine["update"].append(seconds_of(trainer.__next__, seconds))
            before = trainer.updates
            with clocks() as spent:
                seconds_of(trainer.__next__, seconds)
            for part in PARTS:
                mine[part].append(spent[part] / (trainer.updates - before))
    return {
        "layers": layers,
        "batch_size": batch_size,
        "threads": {str(n): {k: median(v) for k, v in parts.items()} for n, parts in times.items()},
    }


def measure_product(layers, batch_size, rounds=ROUNDS, seconds=SECONDS) -> dict:
    """Return the microseconds of A⁽⁰⁾ W⁽¹⁾: alone, shared by threads, by BLAS's own threads."""
    rng = np.random.default_rng(0)
    A, W = (rng.random(shape, np.float32) for shape in ((batch_size, layers[0]), layers[:2]))

    def ours() -> np.ndarray:
        return matmul(A, W)

    def its() -> np.ndarray:
        return A.dot(W)

    ways = {"alone": (ours, 1, 1), "shared": (ours, cores(), 1), "BLAS": (its, 1, cores())}
    times: dict[str, list] = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, (product, threads, threads_of_blas) in ways.items():
            with sharing(threads), blas_threads(threads_of_blas):
                times[way].append(seconds_of(product, seconds))
    found = {way: median(seconds) for way, seconds in times.items()}
    return {"layers": layers[:2], "batch_size": batch_size} | found


def median(seconds: list) -> float:
    """Return the median in microseconds, but for the first, which was to warm up."""
    return round(1e6 * statistics.median(seconds[1:]), 1)


def measure() -> dict:
    """Return all numbers of the tables."""
    return {
        "updates": [measure_update(*row) for row in ROWS],
        "products": [measure_product(*row) for row in ROWS if row[1] == 256],
        "cores": cores(),
        "machine": machine(),
    }


def render(numbers: dict) -> str:
    """Return the tables of the saved numbers."""
    rows = []
    for row in numbers["updates"]:
        for n, times in row["threads"].items():
            parts = [times[part] for part in PARTS]
            rest = round(times["update"] - sum(parts), 1)
            what = f"{'-'.join(map(str, row['layers']))}, batch {row['batch_size']}, {n}"
            rows.append([what, *(f"{max(t, 0):,.0f}" for t in (times["update"], *parts, rest))])
    header = ["µs; network, batch, threads", "an update", *PARTS, "the rest"]
    products = []
    for row in numbers["products"]:
        (n_in, n_out), n_samples = row["layers"], row["batch_size"]
        what = f"({n_samples}, {n_in}) times ({n_in}, {n_out})"
        products.append([what, *(f"{row[way]:,.0f}" for way in ("alone", "shared", "BLAS"))])
    n = numbers["cores"]
    ways = ["µs; a product", "alone", f"shared by {n} threads", f"by {n} threads of BLAS"]
    how = f"Medians of {ROUNDS} rounds, in which all take turns."
    return "\n\n".join(
        [
            report.markdown_table(header, rows),
            report.markdown_table(ways, products),
            f"{how} {report.describe(numbers['machine'])}",
        ]
    )


if __name__ == "__main__":
    report.main("anatomy", "anatomy", __doc__.splitlines()[0], measure, render)
