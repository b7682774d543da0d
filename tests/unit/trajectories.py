"""Stored trainings: one for each optimizer, loss and batch mode, and for what changes a batch.

`python -m tests.unit.trajectories` writes trajectories.json anew. That is right only where a
result is *meant* to change: a change of the code's shape must leave every bit as it is.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import nnlib

STORED = Path(__file__).with_suffix(".json")
UPDATES = 12

OPTIMIZERS = {
    "GradientDescent": lambda: nnlib.GradientDescent(0.1),
    "Momentum": lambda: nnlib.Momentum(0.05, 0.9),
    "Nesterov": lambda: nnlib.Nesterov(0.05, 0.9),
    "RMSProp": lambda: nnlib.RMSProp(0.01),
    "Adam": lambda: nnlib.Adam(0.01),
}
LOSSES = {"mse": "identity", "cross_entropy": "softmax"}
BATCH_SIZES = {"batch": None, "mini-batch": 8, "stochastic": 1}
CHANGES = {
    "dropout": lambda: {"dropout": nnlib.Dropout(0.2, 0.5)},
    "adversarial": lambda: {"adversarial": nnlib.Adversarial(0.08)},
    "distortion": lambda: {"distortion": nnlib.Distortion()},
    "l1 and l2": lambda: {"l1": 0.01, "l2": 0.02},
    "pieces": lambda: {"batch_size": None, "at_once": 7},
    "all of these": lambda: {
        "dropout": nnlib.Dropout(0.2, 0.5),
        "adversarial": nnlib.Adversarial(0.08),
        "distortion": nnlib.Distortion(),
        "l1": 0.01,
        "l2": 0.02,
        "batch_size": 20,
        "at_once": 7,
    },
}


def digest(*arrays: np.ndarray) -> str:
    """Return a word for the bits of the arrays: another bit, another word."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def arithmetic() -> str:
    """Return a word for this machine's last bits, which differ between processors."""
    rng = np.random.default_rng(0)
    results = []
    for dtype in ("float32", "float64"):
        for n, k, m in ((1, 5, 7), (8, 36, 30), (37, 7, 4), (40, 200, 300)):
            A, B = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
            results += [A @ B, A.T @ (A @ B), np.exp(A), np.tanh(A), np.log(np.abs(B) + 1)]
    return digest(*results)


def cases() -> Iterator[tuple[str, nnlib.Trainer]]:
    """Yield each case's name and its trainer, before the first update."""
    rng = np.random.default_rng(7)
    X, labels = rng.normal(size=(37, 5)), rng.integers(0, 3, 37)
    values = rng.normal(size=(37, 3))
    for loss, output in LOSSES.items():
        for name, optimizer in OPTIMIZERS.items():
            for mode, size in BATCH_SIZES.items():
                network = nnlib.NeuralNetwork([5, 7, 4, 3], "tanh", output, seed=1, dtype="float64")
                target = labels if loss == "cross_entropy" else values
                yield (
                    f"{name}, {loss}, {mode}",
                    nnlib.Trainer(
                        network,
                        X,
                        target,
                        loss=loss,
                        optimizer=optimizer(),
                        batch_size=size,
                        seed=3,
                    ),
                )
    images = rng.random((40, 36))
    labels = rng.integers(0, 3, 40)
    for name, settings in CHANGES.items():
        network = nnlib.NeuralNetwork([36, 30, 20, 3], "relu", seed=1, init="he")
        settings = {"batch_size": 8} | settings()
        yield name, nnlib.Trainer(network, images, labels, seed=3, **settings)
    network = nnlib.NeuralNetwork([36, 1000, 3], "leaky_relu", seed=1)
    yield (
        "more parameters than a block",
        nnlib.Trainer(network, images, labels, seed=3, optimizer=nnlib.Adam(0.01)),
    )


def run(trainer: nnlib.Trainer) -> dict:
    """Make the updates and return what is stored of them."""
    losses, gradients = [], []
    for _ in range(UPDATES):
        losses.append(next(trainer).loss)
        gradients.append(trainer.gradients.vector.copy())
    x = trainer.network.parameters
    return {
        "losses": losses,
        "some of the parameters": [float(v) for v in x[:: max(1, x.size // 12)]],
        "bits": digest(np.array(losses), *gradients, x),
    }


if __name__ == "__main__":
    stored = {"arithmetic": arithmetic(), "cases": {name: run(t) for name, t in cases()}}
    STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{len(stored['cases'])} cases written to {STORED.name}")
