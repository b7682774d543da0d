"""nnlib against PyTorch's own numbers, which torch_reference.py wrote to the file beside it."""

import json
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import NeuralNetwork, Trainer, backward
from nnlib.losses import get_loss

TORCH = json.loads(Path(__file__).with_name("torch_reference.json").read_text(encoding="utf-8"))


def label(case):
    return "-".join([case["loss"], *case["hidden"], case["output"]])


@pytest.mark.parametrize("case", TORCH["gradients"], ids=label)
def test_loss_and_gradient_are_those_of_torch(case):
    network = NeuralNetwork(case["layers"], case["hidden"], case["output"], dtype="float64")
    network.parameters = case["parameters"]
    X, y = np.array(case["X"]), np.array(case["y"])
    trace = network.forward(X)
    assert get_loss(case["loss"]).value(trace, y) == pytest.approx(case["value"], rel=1e-10)
    gradient, expected = backward(network, trace, y, case["loss"]).vector, case["gradient"]
    scale = np.abs(expected).max()
    assert scale > 1e-3
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-10 * scale)


def test_the_cases_cover_every_activation_and_both_losses():
    seen = {name for c in TORCH["gradients"] for name in (*c["hidden"], c["output"])}
    assert seen == {"sigmoid", "tanh", "relu", "leaky_relu", "identity", "softmax"}
    pairs = {(c["loss"], c["output"]) for c in TORCH["gradients"]}
    assert len(pairs) == 8  # MSE with all six, cross-entropy with two


OPTIMIZERS = {
    "GradientDescent": nnlib.GradientDescent,
    "Momentum": lambda rate: nnlib.Momentum(rate, beta=0.9),
    "Nesterov": lambda rate: nnlib.Nesterov(rate, beta=0.9),
    "RMSProp": lambda rate: nnlib.RMSProp(rate, rho=0.9, epsilon=1e-8),
    "Adam": lambda rate: nnlib.Adam(rate, beta1=0.9, beta2=0.999, epsilon=1e-8),
}


@pytest.mark.parametrize(
    "path", TORCH["trajectories"], ids=lambda p: p["optimizer"] + "-changed" * bool(p["changes"])
)
def test_thirty_updates_walk_the_same_path_as_torch(path):
    problem = TORCH["problem"]
    network = NeuralNetwork(
        problem["layers"], problem["hidden"], problem["output"], dtype="float64"
    )
    network.parameters = problem["parameters"]
    trainer = Trainer(
        network,
        np.array(problem["X"]),
        np.array(problem["labels"]),
        optimizer=OPTIMIZERS[path["optimizer"]](path["learning_rate"]),
        batch_size=None,
    )
    for update, loss in enumerate(path["losses"], start=1):
        if str(update) in path["changes"]:
            trainer.optimizer.learning_rate = path["changes"][str(update)]
        assert next(trainer).loss == pytest.approx(loss, rel=1e-10)
        if str(update) in path["parameters_after"]:
            expected = path["parameters_after"][str(update)]
            np.testing.assert_allclose(network.parameters, expected, rtol=0, atol=1e-10)


def test_every_optimizer_of_nnlib_is_compared():
    subclasses = {
        c.__name__ for c in nnlib.Optimizer.__subclasses__() if c.__module__ == "nnlib.optimizers"
    }
    assert subclasses == {p["optimizer"] for p in TORCH["trajectories"]} == set(OPTIMIZERS)
