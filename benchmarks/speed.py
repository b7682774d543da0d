"""How fast nnlib trains: against its bare matrix products, PyTorch and a loop over samples.

    python -m benchmarks.speed            print the tables
    python -m benchmarks.speed --write    also keep them: in speed.json and the README

Within one round every contender does the same work, one straight after the other, so
that whatever else the machine is doing hits all of them alike. A time is the median over
the rounds; a ratio is taken within each round, and then its median over the rounds. All
use one thread, but PyTorch has two if a trial run shows that to be faster; and float32,
but for the last race. Leave the machine alone meanwhile: two threads that must wait for
each other suffer most from company, and that would be unfair to PyTorch.
"""

import itertools
import statistics
import sys
import time

import numpy as np

from nnlib import GradientDescent, NeuralNetwork, Trainer, blas_threads, load_mnist, one_hot

from . import report

try:
    import torch
except ModuleNotFoundError:
    torch = None  # rendering saved numbers does without

ROUNDS = 9

# Layers, batch size and how many updates make one round: some tenths of a second's worth.
# A round of None is one whole epoch of MNIST's 60,000 images.
UPDATES = [
    ([784, 128, 10], 64, None),
    ([784, 128, 10], 10, 1500),
    ([784, 128, 10], 64, 600),
    ([784, 128, 10], 256, 200),
    ([784, 30, 10], 1, 4000),
    ([784, 1024, 10], 256, 20),  # enough work to be worth sharing between threads
]
ORIGIN = {"layers": [784, 32, 16, 10], "batch_size": 20, "learning_rate": 2.5}
LOOP_UPDATES = 100  # of the loop over samples in one round; an epoch is 3,000
LEARNING_RATE = 0.1


# ---------------------------------------------------------------- the contenders
# Each is a function that makes so many updates, and goes on from there when called again.


def bare_products(layers, batch_size: int, X: np.ndarray):
    """Return the matrix products of an update and nothing else: the least it could cost.

    For two layers of weights these are the five X W⁽¹⁾, A W⁽²⁾, Aᵀ δ⁽²⁾, δ⁽²⁾ (W⁽²⁾)ᵀ and
    Xᵀ δ⁽¹⁾. Results go to arrays that are there already, and the batches are simply the
    next rows of X, unshuffled and uncopied.
    """
    rng = np.random.default_rng(0)
    shapes = itertools.pairwise(layers)
    weights = [rng.standard_normal(shape, X.dtype) for shape in shapes]
    gradients = [np.empty_like(W) for W in weights]
    a, z, delta, back = ([np.ones((batch_size, n), X.dtype) for n in layers] for _ in range(4))
    batches = endless_batches(len(X), batch_size)

    def update(rows: slice) -> None:
        n = rows.stop - rows.start
        for l, W in enumerate(weights, 1):  # noqa: E741 (l is the layer's number)
            np.matmul(X[rows] if l == 1 else a[l - 1][:n], W, out=z[l][:n])
        for l in range(len(weights), 0, -1):  # noqa: E741
            A = X[rows] if l == 1 else a[l - 1][:n]
            np.matmul(A.T, delta[l][:n], out=gradients[l - 1])
            if l > 1:
                np.matmul(delta[l][:n], weights[l - 1].T, out=back[l - 1][:n])

    def run(updates: int) -> None:
        for _ in range(updates):
            update(next(batches))

    return run


def endless_batches(n_samples: int, batch_size: int):
    """Yield slices of rows, epoch after epoch; the last of an epoch takes what is left."""
    while True:
        for start in range(0, n_samples, batch_size):
            yield slice(start, min(start + batch_size, n_samples))


def nnlib_trainer(trainer: Trainer):
    """Return nnlib at work: shuffling, choosing rows, loss and optimizer included."""

    def run(updates: int) -> None:
        for _ in range(updates):
            next(trainer)

    return run


def torch_model(network: NeuralNetwork):
    """Return PyTorch's twin of a network with one hidden layer of ReLU: same parameters."""
    n_in, n_hidden, n_out = network.layers
    model = torch.nn.Sequential(
        torch.nn.Linear(n_in, n_hidden), torch.nn.ReLU(), torch.nn.Linear(n_hidden, n_out)
    )
    with torch.no_grad():
        for linear, W, b in zip(model[::2], network.weights, network.biases, strict=True):
            linear.weight.copy_(torch.tensor(W.T))
            linear.bias.copy_(torch.tensor(b))
    return model


def torch_eager(model, X, labels, batch_size: int, threads: int):
    """Return PyTorch at the same work, as its tutorials write it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def shuffled():
        while True:
            order = torch.randperm(len(X))
            for rows in order.split(batch_size):
                yield X[rows], labels[rows]

    batches = shuffled()

    def run(updates: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(updates):
            x, y = next(batches)
            loss = torch.nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def sigmoid(z):
    """Return σ(z), as everyone writes it first."""
    return 1 / (1 + np.exp(-z))


class SampleLoop:
    """The network of the origin with numpy, but one sample at a time: a first program.

    Sigmoids throughout and the mean squared error. The gradients of a batch are added
    up sample by sample, then their mean makes one update.
    """

    def __init__(self, network: NeuralNetwork, learning_rate: float):
        self.weights = [W.copy() for W in network.weights]
        self.biases = [b.copy() for b in network.biases]
        self.learning_rate = learning_rate

    def update(self, X: np.ndarray, Y: np.ndarray) -> None:
        """Make one update with the batch X, shape (n, n_0), and targets Y, shape (n, n_L)."""
        weight_sums = [np.zeros_like(W) for W in self.weights]
        bias_sums = [np.zeros_like(b) for b in self.biases]
        for x, y in zip(X, Y, strict=True):
            a = [x]
            for W, b in zip(self.weights, self.biases, strict=True):
                a.append(sigmoid(np.dot(W.T, a[-1]) + b))
            delta = 2 / len(y) * (a[-1] - y) * a[-1] * (1 - a[-1])
            for i in reversed(range(len(self.weights))):
                weight_sums[i] += np.outer(a[i], delta)
                bias_sums[i] += delta
                if i > 0:
                    delta = np.dot(self.weights[i], delta) * a[i] * (1 - a[i])
        for i in range(len(self.weights)):
            self.weights[i] -= self.learning_rate * weight_sums[i] / len(X)
            self.biases[i] -= self.learning_rate * bias_sums[i] / len(X)


def sample_loop(loop: SampleLoop, X: np.ndarray, Y: np.ndarray, batch_size: int):
    """Return the loop over samples at work, on the next rows of X, unshuffled."""
    batches = endless_batches(len(X), batch_size)

    def run(updates: int) -> None:
        for _ in range(updates):
            rows = next(batches)
            loop.update(X[rows], Y[rows])

    return run


# ---------------------------------------------------------------- the same work?


def check_against_torch(X: np.ndarray, labels: np.ndarray) -> None:
    """Make sure that nnlib and PyTorch learn the same from the same batches."""
    network = NeuralNetwork([784, 128, 10], hidden="relu", init="he", seed=0)
    model = torch_model(network)
    whole = {"optimizer": GradientDescent(LEARNING_RATE), "batch_size": None}
    nnlib_trainer(Trainer(network, X[:64], labels[:64], **whole))(5)
    torch_eager(model, torch.tensor(X[:64]), torch.tensor(labels[:64]), 64, threads=1)(5)
    for linear, W in zip(model[::2], network.weights, strict=True):
        np.testing.assert_allclose(linear.weight.detach().numpy().T, W, atol=1e-4)


def check_against_loop(X: np.ndarray, labels: np.ndarray) -> None:
    """Make sure that nnlib and the loop over samples learn the same from the same batches."""
    for dtype, tolerance in (("float32", 1e-4), ("float64", 1e-12)):
        network = origin(dtype)
        loop = SampleLoop(network, ORIGIN["learning_rate"])
        Y = one_hot(labels[:20], 10, dtype)
        trainer = origin_trainer(network, X[:20], labels[:20], batch_size=None)
        for _ in range(5):
            next(trainer)
            loop.update(X[:20].astype(dtype), Y)
        for ours, theirs in zip(network.weights, loop.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=tolerance)


def origin(dtype: str) -> NeuralNetwork:
    """Return the network of the origin, not yet trained."""
    return NeuralNetwork(ORIGIN["layers"], output="sigmoid", init="normal", seed=0, dtype=dtype)


def origin_trainer(network: NeuralNetwork, X, labels, batch_size: int | None) -> Trainer:
    """Return a trainer as the origin trained."""
    return Trainer(
        network, X, labels, loss="mse", optimizer=GradientDescent(ORIGIN["learning_rate"]),
        batch_size=batch_size, seed=0,
    )  # fmt: skip


# ---------------------------------------------------------------- measuring


def race(contenders: dict, rounds: int = ROUNDS) -> dict:
    """Return the seconds of one update of each contender, a list with one entry a round.

    `contenders` maps a name to (run, updates): what to run, and how many updates of it
    make one round.
    """
    for run, updates in contenders.values():
        run(max(1, updates // 10))  # warm up: caches, lazy imports, threads
    seconds = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (run, updates) in contenders.items():
            start = time.perf_counter()
            run(updates)
            seconds[name].append((time.perf_counter() - start) / updates)
    return seconds


def race_updates(layers, batch_size: int, updates: int | None, X, labels, tensors) -> dict:
    """Time bare products, nnlib and PyTorch at the updates of one network."""
    per_epoch = -(-len(X) // batch_size)
    updates, epoch = updates or per_epoch, updates is None
    network = NeuralNetwork(layers, hidden="relu", init="he", seed=0)
    threads = best_threads(torch_model(network), tensors, batch_size)
    torch_run = torch_eager(torch_model(network), *tensors, batch_size, threads)
    trainer = Trainer(
        network, X, labels, optimizer=GradientDescent(LEARNING_RATE), batch_size=batch_size, seed=0
    )
    seconds = race({
        "bare": (bare_products(layers, batch_size, X), updates),
        "nnlib": (nnlib_trainer(trainer), updates),
        "torch": (torch_run, updates),
    })  # fmt: skip
    if epoch:
        seconds = {name: [s * per_epoch for s in times] for name, times in seconds.items()}
    return {
        "layers": layers, "batch_size": batch_size, "epoch": epoch, "torch_threads": threads,
        "seconds": seconds,
    }  # fmt: skip


def best_threads(model, tensors, batch_size: int) -> int:
    """Return with how many threads, one or two, PyTorch is faster: by the best of five tries."""
    contenders = {
        threads: (torch_eager(model, *tensors, batch_size, threads), 20) for threads in (1, 2)
    }
    seconds = race(contenders, rounds=5)
    return min(seconds, key=lambda threads: min(seconds[threads]))


def race_loop(dtype: str, X, labels) -> dict:
    """Time nnlib and a loop over samples at the network of the origin."""
    network, batch_size = origin(dtype), ORIGIN["batch_size"]
    X, Y = X.astype(dtype), one_hot(labels, 10, dtype)
    loop = SampleLoop(network, ORIGIN["learning_rate"])
    per_epoch = -(-len(X) // batch_size)
    trainer = origin_trainer(network, X, labels, batch_size)
    seconds = race({
        "nnlib": (nnlib_trainer(trainer), per_epoch),
        "loop": (sample_loop(loop, X, Y, batch_size), LOOP_UPDATES),
        "bare": (bare_products(ORIGIN["layers"], batch_size, X), per_epoch),
    })  # fmt: skip
    return {"dtype": dtype, "per_epoch": per_epoch, "seconds": seconds}


def measure() -> dict:
    """Check that all compute the same, then time them; return every number."""
    if torch is None:
        sys.exit("error: this benchmark compares with PyTorch: run it with `make bench`")
    data = load_mnist(validation=0)
    X, labels = data.X_train, data.y_train
    facts = {**report.machine(), "torch": torch.__version__}
    print(report.describe(facts), flush=True)
    check_against_torch(X, labels)
    check_against_loop(X, labels)
    print("nnlib, PyTorch and the loop compute the same parameters.", flush=True)
    numbers = {"machine": facts, "updates": [], "loop": []}
    tensors = torch.tensor(X), torch.tensor(labels)
    with blas_threads(1):
        for layers, batch_size, updates in UPDATES:
            numbers["updates"].append(
                race_updates(layers, batch_size, updates, X, labels, tensors)
            )
            print_times(name_of(numbers["updates"][-1]), numbers["updates"][-1]["seconds"])
        for dtype in ("float32", "float64"):
            numbers["loop"].append(race_loop(dtype, X, labels))
            print_times(f"the origin's network, {dtype}", numbers["loop"][-1]["seconds"])
    return numbers


def print_times(title: str, seconds: dict) -> None:
    """Print the times of one race: the median, the fastest and the slowest round."""
    print(f"\n{title}")
    for name, times in seconds.items():
        print(
            f"  {name:8}{1e6 * statistics.median(times):12,.1f} µs"
            f"   ({1e6 * min(times):,.1f} – {1e6 * max(times):,.1f})",
            flush=True,
        )


# ---------------------------------------------------------------- the tables


def name_of(result: dict) -> str:
    """Return what a race was about."""
    what = "an epoch" if result["epoch"] else "an update"
    return f"{'-'.join(map(str, result['layers']))}, batch {result['batch_size']}, {what}"


def duration(times: list[float]) -> str:
    """Return the median in a readable unit."""
    seconds = statistics.median(times)
    if seconds >= 10:
        return f"{seconds:.0f} s"
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1e6 * seconds:,.0f} µs"


def ratio(above: list[float], below: list[float]) -> str:
    """Return the median of the ratios of the rounds, with the smallest and the largest."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} – {max(ratios):.2f})"


def updates_row(result: dict) -> list[str]:
    """Return the cells of one race of updates."""
    seconds, threads = result["seconds"], result["torch_threads"]
    return [
        name_of(result),
        duration(seconds["bare"]),
        duration(seconds["nnlib"]),
        f"{duration(seconds['torch'])} ({threads} thread{'s' if threads > 1 else ''})",
        ratio(seconds["nnlib"], seconds["bare"]),
        ratio(seconds["torch"], seconds["nnlib"]),
    ]


def loop_row(result: dict) -> list[str]:
    """Return the cells of one race against the loop over samples."""
    seconds, per_epoch = result["seconds"], result["per_epoch"]
    return [
        result["dtype"],
        duration([s * per_epoch for s in seconds["nnlib"]]),
        duration([s * per_epoch for s in seconds["loop"]]),
        ratio(seconds["loop"], seconds["nnlib"]),
        ratio(seconds["loop"], seconds["bare"]),
    ]


def losses(numbers: dict) -> str:
    """Return in a sentence where PyTorch is as fast as nnlib, or faster."""
    lost = [
        name_of(result)
        for result in numbers["updates"]
        if statistics.median(result["seconds"]["torch"])
        <= statistics.median(result["seconds"]["nnlib"])
    ]
    if not lost:
        return "PyTorch was slower in all of these."
    return f"PyTorch was as fast or faster here: {'; '.join(lost)}."


def render(numbers: dict) -> str:
    """Return the numbers of `measure` as markdown."""
    updates = report.markdown_table(
        ["network, batch, time of", "bare products", "nnlib", "PyTorch", "nnlib / bare",
         "PyTorch / nnlib"],
        [updates_row(result) for result in numbers["updates"]],
    )  # fmt: skip
    loop = report.markdown_table(
        ["784-32-16-10, batch 20, an epoch", "nnlib", "loop over samples", "loop / nnlib",
         "loop / bare"],
        [loop_row(result) for result in numbers["loop"]],
    )  # fmt: skip
    rounds = len(numbers["updates"][0]["seconds"]["nnlib"])
    return (
        f"{updates}\n\n{loop}\n\n"
        f"Medians of {rounds} interleaved rounds; ratios with the smallest and the largest. "
        f"The loop ran {LOOP_UPDATES} updates a round, and its epoch is scaled from these. "
        f"{losses(numbers)} {report.describe(numbers['machine'])}"
    )


if __name__ == "__main__":
    report.main("speed", "bench", __doc__.splitlines()[0], measure, render)
