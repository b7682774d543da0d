"""Ask PyTorch for its numbers and write them to torch_reference.json, beside this file.

pytest does not run this, and no test needs PyTorch: the numbers are committed. To make
them anew, with PyTorch in a virtual environment of its own:

    python3 -m venv torchenv
    torchenv/bin/python -m pip install torch numpy
    torchenv/bin/python tests/unit/torch_reference.py

Everything is float64. The file holds the parameters, the data and the answers, so that
reading it needs no random number generator of anyone.
"""

import json
from itertools import pairwise
from pathlib import Path

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,  # its default slope is 0.01
    "identity": lambda z: z,
    "softmax": lambda z: F.softmax(z, dim=1),
}

# loss, layers, hidden activations, output activation
CASES = [
    ("mse", [3, 4, 2], ["sigmoid"], "identity"),
    ("mse", [3, 4, 2], ["tanh"], "sigmoid"),
    ("mse", [3, 2], [], "softmax"),
    ("mse", [2, 4, 3, 2], ["relu", "leaky_relu"], "tanh"),
    ("mse", [2, 3, 1], ["softmax"], "relu"),
    ("mse", [2, 3, 1], ["identity"], "leaky_relu"),
    ("cross_entropy", [3, 4, 3], ["sigmoid"], "softmax"),
    ("cross_entropy", [2, 3, 3, 4], ["leaky_relu", "tanh"], "softmax"),
    ("cross_entropy", [3, 4, 1], ["relu"], "sigmoid"),
    ("cross_entropy", [2, 3, 3], ["tanh"], "sigmoid"),
]

# name, PyTorch's class and settings, {update: learning rate from there on}
TRAJECTORIES = [
    ("GradientDescent", torch.optim.SGD, {"lr": 0.5}, {}),
    ("Momentum", torch.optim.SGD, {"lr": 0.2, "momentum": 0.9}, {}),
    ("Nesterov", torch.optim.SGD, {"lr": 0.2, "momentum": 0.9, "nesterov": True}, {}),
    ("RMSProp", torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "eps": 1e-8}, {}),
    ("Adam", torch.optim.Adam, {"lr": 0.02, "betas": (0.9, 0.999), "eps": 1e-8}, {}),
    ("Momentum", torch.optim.SGD, {"lr": 0.2, "momentum": 0.9}, {16: 0.02}),
    ("Adam", torch.optim.Adam, {"lr": 0.02, "betas": (0.9, 0.999), "eps": 1e-8}, {16: 0.1}),
]
UPDATES = 30


def draw_parameters(layers, generator):
    """Return W⁽¹⁾, b⁽¹⁾, W⁽²⁾, … as tensors that PyTorch will differentiate by."""
    parameters = []
    for n_in, n_out in pairwise(layers):
        parameters.append(torch.randn(n_in, n_out, generator=generator) / n_in**0.5)
        parameters.append(0.3 * torch.randn(n_out, generator=generator))
    return [p.requires_grad_() for p in parameters]


def loss_of(parameters, activations, output, loss, X, y):
    a = X
    for i, name in enumerate([*activations, output]):
        W, b = parameters[2 * i], parameters[2 * i + 1]
        z = F.linear(a, W.T, b)
        a = ACTIVATIONS[name](z)
    if loss == "mse":
        return F.mse_loss(a, y)
    if output == "softmax":
        return F.cross_entropy(z, y)
    return F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(X)


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors]).tolist()


def gradient_case(number, loss, layers, hidden, output):
    generator = torch.Generator().manual_seed(number)
    parameters = draw_parameters(layers, generator)
    X = torch.randn(5, layers[0], generator=generator)
    y = torch.randn(5, layers[-1], generator=generator)
    if loss == "cross_entropy":
        y = torch.sigmoid(y) if output == "sigmoid" else F.softmax(y, dim=1)
    value = loss_of(parameters, hidden, output, loss, X, y)
    value.backward()
    return {
        "loss": loss,
        "layers": layers,
        "hidden": hidden,
        "output": output,
        "parameters": flat(parameters),
        "X": X.tolist(),
        "y": y.tolist(),
        "value": value.item(),
        "gradient": flat([p.grad for p in parameters]),
    }


def problem():
    """Return a small classification: parameters of a 2-4-3 network, X and labels."""
    generator = torch.Generator().manual_seed(100)
    parameters = draw_parameters([2, 4, 3], generator)
    X = torch.randn(6, 2, generator=generator)
    return parameters, X, torch.tensor([0, 1, 2, 0, 2, 1])


def trajectory(name, kind, settings, changes):
    parameters, X, labels = problem()
    optimizer = kind(parameters, **settings)
    losses, states = [], {}
    for update in range(1, UPDATES + 1):
        if update in changes:
            optimizer.param_groups[0]["lr"] = changes[update]
        optimizer.zero_grad()
        value = loss_of(parameters, ["tanh"], "softmax", "cross_entropy", X, labels)
        value.backward()
        optimizer.step()
        losses.append(value.item())
        if update in (1, 2, 15, 16, UPDATES):
            states[update] = flat(parameters)
    return {
        "optimizer": name,
        "learning_rate": settings["lr"],
        "changes": changes,
        "losses": losses,
        "parameters_after": states,
    }


def main():
    parameters, X, labels = problem()
    answers = {
        "torch": torch.__version__,
        "gradients": [gradient_case(i, *case) for i, case in enumerate(CASES)],
        "problem": {
            "layers": [2, 4, 3],
            "hidden": "tanh",
            "output": "softmax",
            "parameters": flat(parameters),
            "X": X.tolist(),
            "labels": labels.tolist(),
        },
        "trajectories": [trajectory(*t) for t in TRAJECTORIES],
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
