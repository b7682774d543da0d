"""When does data-parallel training pay? The gradient of a shard against moving the parameters.

    python -m benchmarks.data_parallel            measure and print the table
    python -m benchmarks.data_parallel --write    also put it into docs/cluster.md

For each network and batch size an update is timed with one thread, with as many threads as
workers, which share the memory, and with as many worker processes; and besides, what it takes to
send the parameters to all workers and as many numbers back, with nothing computed. They take
turns, a round of each, and each time in the table is the median of the rounds. It needs
`nnlib[cluster]`, and a machine that does nothing else; rows that were measured on it before stay,
unless it is told `--again`.
"""

import itertools
import json
import statistics
import sys
import time

from nnlib import Momentum, NeuralNetwork, Trainer, load_mnist
from nnlib.cluster import Workers, data_parallel
from nnlib.recipes.machine import machine
from nnlib.support.sharing import cores

from . import report

NETWORKS = ([784, 128, 10], [784, 1500, 750, 10])
BATCHES = (64, 256, 4096)
FILE = report.HERE / "data_parallel.json"
ROUNDS, SECONDS = 5, 0.1  # of each way to train, and about how long one lasts


def a_trainer(layers: list[int], batch_size: int, threads: int) -> Trainer:
    """Return a trainer on MNIST."""
    data = load_mnist()
    network = NeuralNetwork(layers, "relu", init="he", seed=0)
    return Trainer(
        network,
        data.X_train[:16384],
        data.y_train[:16384],
        optimizer=Momentum(0.01),
        batch_size=batch_size,
        seed=0,
        threads=threads,
    )


def milliseconds(act, times: int) -> float:
    """Return how long one call of `act` takes, on the mean of so many."""
    begin = time.perf_counter()
    for _ in range(times):
        act()
    return 1000 * (time.perf_counter() - begin) / times


def measure_one(layers: list[int], batch_size: int, workers: Workers) -> dict:
    """Return the milliseconds of an update, one way and another."""
    n = len(workers.addresses())
    shared = data_parallel(a_trainer(layers, batch_size, 1), workers)
    parameters, replicas = shared.network.parameters, shared.gradient.replicas

    def move() -> None:
        for answer in [replica.echo(parameters) for replica in replicas]:
            answer.result()

    alone, threaded = a_trainer(layers, batch_size, 1), a_trainer(layers, batch_size, n)
    ways = {
        "one": lambda: next(alone),
        "threads": lambda: next(threaded),
        "workers": lambda: next(shared),
        "moving": move,
    }
    times = {}
    for name, act in ways.items():
        act()
        times[name] = max(1, round(1000 * SECONDS / milliseconds(act, 2)))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, act in ways.items():
            taken[name].append(milliseconds(act, times[name]))
    return {
        "layers": layers,
        "batch_size": batch_size,
        "parameters": int(parameters.size),
        "megabytes": 2 * n * parameters.nbytes / 1e6,
        **{name: statistics.median(values) for name, values in taken.items()},
    }


def measure(options) -> dict:
    """Return the facts of the machine, and what was measured on it, now or before."""
    here, rows = machine(), []
    if FILE.exists() and not options.again:
        before = json.loads(FILE.read_text(encoding="utf-8"))
        rows = before["rows"] if before["machine"] == here else []
    known = [(row["layers"], row["batch_size"]) for row in rows]
    cells = [cell for cell in itertools.product(NETWORKS, BATCHES) if cell not in known]
    with Workers(cores()) as workers:
        for layers, batch_size in cells[: options.at_most]:
            rows.append(measure_one(layers, batch_size, workers))
            print(rows[-1], file=sys.stderr, flush=True)
    rows.sort(key=lambda row: (row["parameters"], row["batch_size"]))
    return {"machine": here, "workers": cores(), "rows": rows}


def arguments(parser) -> None:
    """Add what this benchmark can be told."""
    parser.add_argument("--again", action="store_true", help="measure every row anew")
    parser.add_argument("--at-most", type=int, help="measure no more rows than this in one go")


def render(numbers: dict) -> str:
    """Return the table as markdown."""
    n = numbers["workers"]
    header = ["network", "batch", "one thread", f"{n} threads", f"{n} workers", "of it moving"]
    rows = [
        [
            "-".join(map(str, r["layers"])),
            f"{r['batch_size']:,}",
            f"{r['one']:.2f} ms",
            f"{r['threads']:.2f} ms (× {r['one'] / r['threads']:.2f})",
            f"{r['workers']:.2f} ms (× {r['one'] / r['workers']:.2f})",
            f"{r['moving']:.2f} ms for {r['megabytes']:.1f} MB",
        ]
        for r in numbers["rows"]
    ]
    return f"{report.markdown_table(header, rows)}\n\n{report.describe(numbers['machine'])}"


if __name__ == "__main__":
    words = (__doc__ or "").partition("\n")[0]
    report.main("data_parallel", "cluster", words, measure, render, arguments)
