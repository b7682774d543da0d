"""How well the networks of the README learn MNIST: trains each from five seeds.

    python -m benchmarks.results            print the table
    python -m benchmarks.results --write    also keep it: in results.json and the README

The settings of `better` (learning rate, warm-up, epochs) were chosen by the accuracy on
a validation set, the last 10,000 of the training images, and never by the test images.
The runs of the table then train on all 60,000.
"""

import statistics
import time

from nnlib import (
    GradientDescent,
    Momentum,
    NeuralNetwork,
    WarmupLinearSchedule,
    accuracy,
    load_mnist,
    train,
)

from . import report

SEEDS = [0, 1, 2, 3, 4]

# The learning rate of `origin` was 0.5 on half the squared error summed over the ten
# outputs. MSE is a mean over them instead, without the half: a fifth of that, so α is 5 · 0.5.
NETWORKS = {
    "origin": {
        "layers": [784, 32, 16, 10],
        "hidden": "sigmoid",
        "output": "sigmoid",
        "init": "normal",
        "loss": "mse",
        "batch_size": 20,
        "epochs": 25,
        "optimizer": "gradient descent",
        "learning_rate": 2.5,
    },
    "better": {
        "layers": [784, 256, 10],
        "hidden": "relu",
        "output": "softmax",
        "init": "he",
        "loss": "cross_entropy",
        "batch_size": 100,
        "epochs": 8,
        "optimizer": "momentum",
        "learning_rate": 0.2,
        "beta": 0.9,
        "warmup": 0.1,  # the share of all updates in which the learning rate rises; then it falls
    },
}


def build(settings: dict, seed: int) -> NeuralNetwork:
    """Return the network of these settings, not yet trained."""
    s = settings
    return NeuralNetwork(
        s["layers"], hidden=s["hidden"], output=s["output"], init=s["init"], seed=seed
    )


def optimizer(settings: dict, n_samples: int):
    """Return the optimizer of these settings for so many training images."""
    s = settings
    if s["optimizer"] == "gradient descent":
        return GradientDescent(s["learning_rate"])
    updates = s["epochs"] * -(-n_samples // s["batch_size"])
    schedule = WarmupLinearSchedule(s["learning_rate"], round(s["warmup"] * updates), updates)
    return Momentum(schedule, beta=s["beta"])


def run(settings: dict, seed: int, data) -> dict:
    """Train once, on one BLAS thread; return the test accuracy and the seconds of training."""
    network = build(settings, seed)
    start = time.perf_counter()
    train(
        network,
        data.X_train,
        data.y_train,
        loss=settings["loss"],
        optimizer=optimizer(settings, len(data.X_train)),
        batch_size=settings["batch_size"],
        epochs=settings["epochs"],
        seed=seed,
        progress=False,
        threads=1,
    )
    seconds = time.perf_counter() - start
    score = accuracy(network, data.X_test, data.y_test)
    return {"seed": seed, "test_accuracy": score, "seconds": round(seconds, 3)}


def measure() -> dict:
    """Train every network from every seed; return all settings and numbers."""
    data = load_mnist(validation=0)
    numbers = {"machine": report.machine(), "networks": {}}
    for name, settings in NETWORKS.items():
        runs = []
        for seed in SEEDS:
            runs.append(run(settings, seed, data))
            print("{}, seed {seed}: {test_accuracy:.2%} in {seconds:.1f} s".format(
                name, **runs[-1]), flush=True)  # fmt: skip
        numbers["networks"][name] = {
            "settings": settings,
            "parameters": int(build(settings, 0).parameters.size),
            "runs": runs,
        }
    return numbers


def mean_accuracy(result: dict) -> float:
    """Return the mean test accuracy over the seeds."""
    return statistics.mean(run["test_accuracy"] for run in result["runs"])


def row(name: str, result: dict) -> list[str]:
    """Return the cells of one network's row."""
    settings = result["settings"]
    scores = [run["test_accuracy"] for run in result["runs"]]
    seconds = [run["seconds"] for run in result["runs"]]
    return [
        f"`{name}`: {'-'.join(map(str, settings['layers']))}",
        f"{result['parameters']:,}",
        f"{settings['epochs']}",
        f"{statistics.median(seconds):.1f} s",
        f"{mean_accuracy(result):.2%} ± {100 * statistics.stdev(scores):.2f}",
        f"{min(scores):.2%} – {max(scores):.2%}",
    ]


def render(numbers: dict) -> str:
    """Return the numbers of `measure` as markdown."""
    seeds = len(next(iter(numbers["networks"].values()))["runs"])
    table = report.markdown_table(
        ["network", "parameters", "epochs", "training", "test accuracy", "lowest – highest"],
        [row(name, result) for name, result in numbers["networks"].items()],
    )
    return (
        f"{table}\n\n"
        f"Test accuracy: mean ± standard deviation over {seeds} seeds, each trained on all "
        "60,000 training images. Training: median seconds, on one BLAS thread. "
        + report.describe(numbers["machine"])
    )


if __name__ == "__main__":
    report.main("results", "results", __doc__.splitlines()[0], measure, render)
