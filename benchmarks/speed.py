"""How fast nnlib trains: against its bare matrix products, PyTorch and loops over samples.

    python -m benchmarks.speed            print the tables
    python -m benchmarks.speed --write    also keep them: in speed.json and docs/speed.md

Within one round every contender does the same work, one straight after the other, so
that whatever else the machine is doing hits all of them alike. A time is the median over
the rounds; a ratio is taken within each round, and then its median over the rounds. All
use one thread, but PyTorch has two if a trial run shows that to be faster; and float32,
but for the loops that say otherwise. Leave the machine alone meanwhile: two threads that
must wait for each other suffer most from company, and that would be unfair to PyTorch.

PyTorch is fed in two ways: lean, from tensors indexed by a permutation; and, for whole
epochs, by a DataLoader that shuffles a TensorDataset, as its quickstart tutorial does it.
There are two loops over samples, too: a first program, with columns, new arrays throughout
and float64, which is what numpy gives by default; and a lean one, which adds in place.
"""

import itertools
import statistics
import sys
import time

import numpy as np

from nnlib import GradientDescent, NeuralNetwork, Trainer, blas_threads, load_mnist, one_hot
from nnlib.recipes.machine import machine

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
        for l, W in enumerate(weights, 1):
            np.matmul(X[rows] if l == 1 else a[l - 1][:n], W, out=z[l][:n])
        for l in range(len(weights), 0, -1):
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
        with blas_threads(1):
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


def torch_loader(model, X, labels, batch_size: int, threads: int):
    """Return PyTorch at the same work, fed by its DataLoader; it trains by whole epochs."""
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    dataset = torch.utils.data.TensorDataset(X, labels)
    loader = torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=True)

    def run(updates: int) -> None:
        torch.set_num_threads(threads)
        for x, y in itertools.islice(loader, updates):
            loss = torch.nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def sigmoid(z):
    """Return σ(z), as everyone writes it first."""
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    """Return σ'(z), as everyone writes it first."""
    return sigmoid(z) * (1 - sigmoid(z))


class FirstProgram:
    """The network of the origin as one writes it on the first day: sample by sample, in columns.

    The gradients of a sample are lists of zeros, filled from the last layer back; those of
    a batch are added up by making new arrays, and so are the parameters. All is float64,
    whatever the network was. (Nielsen's `network.py` is the best-known program of this kind.)
    """

    def __init__(self, network: NeuralNetwork, learning_rate: float):
        self.weights = [W.T.astype(float) for W in network.weights]
        self.biases = [b[:, None].astype(float) for b in network.biases]
        self.learning_rate = learning_rate

    def update(self, X: np.ndarray, Y: np.ndarray) -> None:
        """Make one update with the batch X, shape (n, n_0), and targets Y, shape (n, n_L)."""
        weight_sums, bias_sums = self.zeros()
        for x, y in zip(X, Y, strict=True):
            dW, db = self.gradients(x[:, None], y[:, None])
            weight_sums = [total + new for total, new in zip(weight_sums, dW, strict=True)]
            bias_sums = [total + new for total, new in zip(bias_sums, db, strict=True)]
        rate = self.learning_rate / len(X)
        self.weights = [W - rate * dW for W, dW in zip(self.weights, weight_sums, strict=True)]
        self.biases = [b - rate * db for b, db in zip(self.biases, bias_sums, strict=True)]

    def gradients(self, x: np.ndarray, y: np.ndarray) -> tuple[list, list]:
        """Return the gradients of one sample; x and y are columns, (n_0, 1) and (n_L, 1)."""
        z, a = [], [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            z.append(np.dot(W, a[-1]) + b)
            a.append(sigmoid(z[-1]))
        dW, db = self.zeros()
        delta = 2 / len(y) * (a[-1] - y) * sigmoid_slope(z[-1])
        for i in reversed(range(len(self.weights))):
            dW[i] = np.dot(delta, a[i].T)
            db[i] = delta
            if i > 0:
                delta = np.dot(self.weights[i].T, delta) * sigmoid_slope(z[i - 1])
        return dW, db

    def zeros(self) -> tuple[list, list]:
        """Return gradients of zeros."""
        return [np.zeros(W.shape) for W in self.weights], [np.zeros(b.shape) for b in self.biases]


class SampleLoop:
    """The same, but lean: in the dtype of the network, each gradient added in place."""

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


def sample_loop(loop, X: np.ndarray, Y: np.ndarray, batch_size: int):
    """Return a loop over samples at work, on the next rows of X, unshuffled."""
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
    tensors = torch.tensor(X[:64]), torch.tensor(labels[:64])
    torch_eager(model, *tensors, 64, threads=1)(3)
    for _ in range(2):  # each call is one epoch
        torch_loader(model, *tensors, 64, threads=1)(1)
    for linear, W in zip(model[::2], network.weights, strict=True):
        np.testing.assert_allclose(linear.weight.detach().numpy().T, W, atol=1e-4)


def check_against_loop(X: np.ndarray, labels: np.ndarray) -> None:
    """Make sure that nnlib and the loops over samples learn the same from the same batches."""
    for kind, dtype, tolerance in (
        (SampleLoop, "float32", 1e-4),
        (SampleLoop, "float64", 1e-12),
        (FirstProgram, "float64", 1e-12),
    ):
        network = origin(dtype)
        loop = kind(network, ORIGIN["learning_rate"])
        Y = one_hot(labels[:20], 10, dtype)
        trainer = origin_trainer(network, X[:20], labels[:20], batch_size=None)
        for _ in range(5):
            next(trainer)
            loop.update(X[:20].astype(dtype), Y)
        for ours, theirs in zip(network.weights, loop.weights, strict=True):
            theirs = theirs.T if kind is FirstProgram else theirs
            np.testing.assert_allclose(ours, theirs, atol=tolerance)


def origin(dtype: str) -> NeuralNetwork:
    """Return the network of the origin, not yet trained."""
    return NeuralNetwork(ORIGIN["layers"], output="sigmoid", init="normal", seed=0, dtype=dtype)


def origin_trainer(network: NeuralNetwork, X, labels, batch_size: int | None) -> Trainer:
    """Return a trainer as the origin trained."""
    return Trainer(
        network,
        X,
        labels,
        loss="mse",
        optimizer=GradientDescent(ORIGIN["learning_rate"]),
        batch_size=batch_size,
        seed=0,
    )


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
    """Time bare products, nnlib and PyTorch at the updates of one network.

    nnlib has one thread, PyTorch its best of one and two; the DataLoader joins only where a
    round is an epoch.
    """
    per_epoch = -(-len(X) // batch_size)
    updates, epoch = updates or per_epoch, updates is None
    network = NeuralNetwork(layers, hidden="relu", init="he", seed=0)
    threads = best_threads(torch_model(network), tensors, batch_size)
    trainer = Trainer(
        network.copy(),
        X,
        labels,
        optimizer=GradientDescent(LEARNING_RATE),
        batch_size=batch_size,
        seed=0,
    )
    eager = torch_eager(torch_model(network), *tensors, batch_size, threads)
    contenders = {
        "bare": (single_threaded(bare_products(layers, batch_size, X)), updates),
        "nnlib": (nnlib_trainer(trainer), updates),
        "torch": (eager, updates),
    }
    if epoch:
        loader = torch_loader(torch_model(network), *tensors, batch_size, threads)
        contenders["loader"] = (loader, updates)
    seconds = race(contenders)
    if epoch:
        seconds = {name: [s * per_epoch for s in times] for name, times in seconds.items()}
    return {
        "layers": layers,
        "batch_size": batch_size,
        "epoch": epoch,
        "torch_threads": threads,
        "seconds": seconds,
    }


def single_threaded(run):
    """Return `run`, with BLAS held to one thread."""

    def held(updates: int) -> None:
        with blas_threads(1):
            run(updates)

    return held


def best_threads(model, tensors, batch_size: int) -> int:
    """Return with how many threads, one or two, PyTorch is faster: by the best of five tries."""
    contenders = {
        threads: (torch_eager(model, *tensors, batch_size, threads), 20) for threads in (1, 2)
    }
    seconds = race(contenders, rounds=5)
    return min(seconds, key=lambda threads: min(seconds[threads]))


def race_loops(X, labels) -> dict:
    """Time nnlib and the loops over samples at the network of the origin, in both dtypes."""
    batch_size, alpha = ORIGIN["batch_size"], ORIGIN["learning_rate"]
    per_epoch = -(-len(X) // batch_size)
    contenders = {}
    for dtype in ("float32", "float64"):
        images, Y = X.astype(dtype), one_hot(labels, 10, dtype)
        trainer = origin_trainer(origin(dtype), images, labels, batch_size)
        lean = sample_loop(SampleLoop(origin(dtype), alpha), images, Y, batch_size)
        contenders[f"nnlib {dtype}"] = (nnlib_trainer(trainer), per_epoch)
        contenders[f"bare {dtype}"] = (
            single_threaded(bare_products(ORIGIN["layers"], batch_size, images)),
            per_epoch,
        )
        contenders[f"lean {dtype}"] = (single_threaded(lean), LOOP_UPDATES)
    first = sample_loop(FirstProgram(origin("float64"), alpha), images, Y, batch_size)
    contenders["first float64"] = (single_threaded(first), LOOP_UPDATES)
    return {"per_epoch": per_epoch, "seconds": race(contenders)}


def measure() -> dict:
    """Check that all compute the same, then time them; return every number."""
    if torch is None:
        sys.exit("error: this benchmark compares with PyTorch: run it with `make bench`")
    data = load_mnist(validation=0)
    X, labels = data.X_train, data.y_train
    facts = {**machine(), "torch": torch.__version__}
    print(report.describe(facts), flush=True)
    check_against_torch(X, labels)
    check_against_loop(X, labels)
    print("nnlib, PyTorch and the loops compute the same parameters.", flush=True)
    numbers = {"machine": facts, "updates": []}
    tensors = torch.tensor(X), torch.tensor(labels)
    for layers, batch_size, updates in UPDATES:
        numbers["updates"].append(race_updates(layers, batch_size, updates, X, labels, tensors))
        print_times(name_of(numbers["updates"][-1]), numbers["updates"][-1]["seconds"])
    numbers["loops"] = race_loops(X, labels)
    print_times("the origin's network", numbers["loops"]["seconds"])
    return numbers


def print_times(title: str, seconds: dict) -> None:
    """Print the times of one race: the median, the fastest and the slowest round."""
    print(f"\n{title}")
    for name, times in seconds.items():
        print(
            f"  {name:14}{1e6 * statistics.median(times):12,.1f} µs"
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


def times_row(result: dict) -> list[str]:
    """Return the times of one race of updates; where nobody ran, the cell stays empty."""
    seconds, threads = result["seconds"], result["torch_threads"]
    cells = [name_of(result)]
    for name in ("bare", "nnlib", "torch", "loader"):
        cells.append(duration(seconds[name]) if name in seconds else "")
    cells[3] += f" ({threads} thread{'s' if threads > 1 else ''})"
    return cells


def ratios_row(result: dict) -> list[str]:
    """Return the ratios of one race of updates."""
    seconds = result["seconds"]
    pairs = [("nnlib", "bare"), ("torch", "nnlib"), ("loader", "nnlib")]
    return [name_of(result)] + [
        ratio(seconds[above], seconds[below]) if above in seconds and below in seconds else ""
        for above, below in pairs
    ]


LOOPS = {
    "first float64": "loop, a first program, float64",
    "lean float64": "loop, lean, float64",
    "lean float32": "loop, lean, float32",
    "nnlib float64": "nnlib, float64",
    "nnlib float32": "nnlib as it comes, float32",
    "bare float32": "bare products, float32",
}


def loop_rows(result: dict) -> list[list[str]]:
    """Return the rows of the race against the loops over samples."""
    seconds = result["seconds"]
    return [
        [
            title,
            duration([s * result["per_epoch"] for s in seconds[name]]),
            *(ratio(seconds[name], seconds[f"nnlib {dtype}"]) for dtype in ("float32", "float64")),
        ]
        for name, title in LOOPS.items()
    ]


def losses(numbers: dict) -> str:
    """Return in a sentence where PyTorch, fed lean, is as fast as nnlib, or faster."""
    lost = [
        name_of(result)
        for result in numbers["updates"]
        if statistics.median(result["seconds"]["torch"])
        <= statistics.median(result["seconds"]["nnlib"])
    ]
    if not lost:
        return "PyTorch was slower than nnlib in all of these."
    return f"PyTorch was as fast as nnlib, or faster, here: {'; '.join(lost)}."


def verdict(numbers: dict) -> str:
    """Return in words how far nnlib is from its aims: twice PyTorch, and twenty times a loop."""
    first_race, loops = numbers["updates"][0], numbers["loops"]["seconds"]
    epoch = first_race["seconds"]

    def factor(above: list[float], below: list[float]) -> str:
        return f"{statistics.median(a / b for a, b in zip(above, below, strict=True)):.2g}"

    first, lean64, lean32 = loops["first float64"], loops["lean float64"], loops["lean float32"]
    nnlib32, nnlib64 = loops["nnlib float32"], loops["nnlib float64"]
    return (
        f"Against PyTorch ({name_of(first_race)}) the aim is to be twice as fast. On one thread "
        f"nnlib is {factor(epoch['torch'], epoch['nnlib'])} times as fast as PyTorch fed lean "
        f"and {factor(epoch['loader'], epoch['nnlib'])} times as fast as PyTorch fed by its "
        f"DataLoader. Against PyTorch fed lean {factor(epoch['torch'], epoch['bare'])} times is "
        "the limit: the matrix products alone reach no more.\n\n"
        "Against a loop over samples the aim is to be twenty times as fast. In float32, its "
        f"default, nnlib is {factor(first, nnlib32)} times as fast as the first program and "
        f"{factor(lean32, nnlib32)} times as fast as the lean loop in float32; in float64, "
        f"{factor(first, nnlib64)} and {factor(lean64, nnlib64)} times as fast as these loops in "
        f"float64. The matrix products alone are {factor(lean32, loops['bare float32'])} times as "
        "fast as the lean loop in float32."
    )


def render(numbers: dict) -> str:
    """Return the numbers of `measure` as markdown."""
    times = report.markdown_table(
        ["network, batch, time of", "bare products", "nnlib", "PyTorch", "PyTorch, DataLoader"],
        [times_row(result) for result in numbers["updates"]],
    )
    ratios = report.markdown_table(
        ["network, batch, time of", "nnlib / bare", "PyTorch / nnlib", "DataLoader / nnlib"],
        [ratios_row(result) for result in numbers["updates"]],
    )
    loops = report.markdown_table(
        ["784-32-16-10, batch 20", "an epoch", "times nnlib, float32", "times nnlib, float64"],
        loop_rows(numbers["loops"]),
    )
    rounds = len(numbers["updates"][0]["seconds"]["nnlib"])
    return (
        f"{times}\n\n{ratios}\n\n{loops}\n\n"
        f"{verdict(numbers)}\n\n"
        f"Medians of {rounds} interleaved rounds; ratios with the smallest and the largest. "
        "PyTorch has its best of one and two threads, all else has one. Lean, it"
        " takes its batches from tensors by a permutation; the DataLoader shuffles a "
        "TensorDataset. The first program is written in columns, with new arrays throughout; "
        f"the lean loop adds in place. The loops ran {LOOP_UPDATES} updates a round, and their "
        f"epochs are scaled from these. {losses(numbers)} {report.describe(numbers['machine'])}"
    )


if __name__ == "__main__":
    report.main("speed", "bench", __doc__.splitlines()[0], measure, render)
