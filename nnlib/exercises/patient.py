"""A patient of the clinic: a loss curve as its symptom, probes to be ordered, and suspects.

Nothing here tells what is wrong before the learner has named it, or has tried to mend it.
"""

import numpy as np

from ..backprop import Gradients, backpropagate
from ..datasets import moons
from ..forward import forward_pass
from ..losses import CrossEntropy
from ..network import NeuralNetwork
from ..plots import Picture, lines
from .diagnosed import Repair

SUSPECTS = {
    "a": "the 1/n of the mean is missing",
    "b": "every gradient has the wrong sign",
    "c": "dW is transposed",
    "d": "db is a mean over the samples where it must be a sum",
    "e": "f'(z) of the hidden layers is missing",
    "f": "there is a derivative too many at the output",
    "g": "the forward pass returns a in the place of z",
    "h": "an array that belongs to the caller is overwritten",
}
UPDATES, RATE, BATCH = 300, 1.0, 20


def _forward(X, weights, biases, activations):
    trace = forward_pass(weights, biases, activations, X)
    return trace.z, trace.a


def _backward(weights, z, a, y, activations):
    """Backpropagation for cross-entropy after softmax, with f' at the z that it is given."""
    delta = (a[-1] - y) / len(y)
    dW: list[np.ndarray] = []
    db: list[np.ndarray] = []
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


class Patient(Repair):
    """A function with one bug planted in it: look at its symptoms, order probes, name it, mend it.

    bug  the letter of what is wrong with it, in `SUSPECTS`
    """

    def __init__(self, lesson, patient, *, bug: str, function: str, networks, hints):
        super().__init__(lesson, patient, function=function, networks=networks, hints=hints)
        self.bug = bug

    def symptoms(self) -> Picture:
        """Return the loss of a network that trains with it, beside that of a healthy one."""
        curves = {"healthy": _losses(_forward, _backward), self.name: _losses(*self._passes())}
        ends = ", ".join(f"{name} from {c[0]:.2f} to {c[-1]:.2f}" for name, c in curves.items())
        return lines(
            np.arange(UPDATES),
            curves,
            x_label="update",
            y_label="loss",
            log="y",
            alt=f"Loss over {UPDATES} updates on two moons, logarithmic: {ends}.",
        )

    def probe(self, which: str = "?") -> None:
        """Print what a probe measures; "?" prints which there are. One of them may be enough.

        Raises ValueError if there is no such probe.
        """
        probes = {
            "sizes": ("length of each gradient, divided by the measured one", self._sizes),
            "directions": ("cosine of the angle to the measured gradient", self._directions),
            "batches": ("the sizes again, for batches of 5, 10 and 20", self._batches),
            "arguments": ("which arguments were changed by the call", self._arguments_after),
            "values": ("lowest and highest z and a of each layer", self._values),
        }
        if which == "?":
            for name, (what, _) in probes.items():
                print(f"{name!r:13} {what}")
        elif which in probes:
            print(f"{self.name}, {probes[which][0]}:")
            print(probes[which][1]())
        else:
            raise ValueError(f"there is no probe {which!r}: choose one of {', '.join(probes)}")

    def suspect(self, letter: str = "?") -> None:
        """Print whether the suspect of this letter did it; "?" prints the list of suspects.

        Raises ValueError if there is none of this letter.
        """
        if letter == "?":
            print("\n".join(f"{key}  {text}" for key, text in SUSPECTS.items()))
        elif letter == self.bug:
            print(f"Yes: {SUSPECTS[letter]}. Now mend it.")
        elif letter in SUSPECTS:
            print(f"No, it is not that {SUSPECTS[letter]}. What would that probe have shown?")
        else:
            raise ValueError(f"there is no suspect {letter!r}: choose one of {', '.join(SUSPECTS)}")

    def _passes(self) -> tuple:
        forward = self.patient if self.function == "forward" else _forward
        return forward, self.patient if self.function == "backward" else _backward

    def _gradients(self, n: int) -> tuple[list, list]:
        """Return [(name, gradient)] of the patient and of a healthy one, for n samples."""
        network, X, y = _scene(n)
        forward, backward = self._passes()
        z, a = forward(X, network.weights, network.biases, network.activations)
        theirs = backward(network.weights, z, a, y, network.activations)
        trace = forward_pass(network.weights, network.biases, network.activations, X)
        right = Gradients(network.layers, network.weights[0].dtype)
        backpropagate(network.weights, trace, y, CrossEntropy(), right)
        return _named(theirs), _named((right.weights, right.biases))

    def _ratios(self, n: int) -> dict[str, float]:
        pairs = zip(*self._gradients(n), strict=True)
        return {name: float(np.linalg.norm(t) / np.linalg.norm(r)) for (name, t), (_, r) in pairs}

    def _sizes(self) -> str:
        return ", ".join(f"{name} {ratio:.2f}" for name, ratio in self._ratios(8).items())

    def _directions(self) -> str:
        pairs = zip(*self._gradients(8), strict=True)
        return ", ".join(f"{name} {_cosine(t, r):.2f}" for (name, t), (_, r) in pairs)

    def _batches(self) -> str:
        return "\n".join(
            f"{n:>2} samples: " + ", ".join(f"{k} {v:.2f}" for k, v in self._ratios(n).items())
            for n in (5, 10, 20)
        )

    def _arguments_after(self) -> str:
        network, X, y = _scene(8)
        z, a = _forward(X, network.weights, network.biases, network.activations)
        given = {"X": [X], "z": z[1:], "a": a, "y": [y], "weights": network.weights}
        before = {name: [x.copy() for x in arrays] for name, arrays in given.items()}
        f, W = network.activations, network.weights
        if self.function == "forward":
            self.patient(X, W, network.biases, f)
        else:
            self.patient(W, z, a, y, f)
        changed = [
            name
            for name, arrays in given.items()
            if any((x != old).any() for x, old in zip(arrays, before[name], strict=True))
        ]
        return ", ".join(changed) or "none"

    def _values(self) -> str:
        network, X, _ = _scene(8)
        z, a = self._passes()[0](X, network.weights, network.biases, network.activations)
        return "\n".join(
            f"layer {l}: z from {z[l].min():.2f} to {z[l].max():.2f}, "
            f"a from {a[l].min():.2f} to {a[l].max():.2f}"
            for l in range(1, len(a))
        )


def _scene(n: int):
    """Return a network and n samples of it, one-hot: what the probes work on."""
    network = NeuralNetwork([4, 5, 6, 3], "sigmoid", seed=0, dtype="float64")
    rng = np.random.default_rng(n)
    for b in network.biases:
        b[...] = rng.normal(size=b.shape)
    return network, rng.normal(size=(n, 4)), np.eye(3)[rng.integers(3, size=n)]


def _named(gradients) -> list[tuple[str, np.ndarray]]:
    """Return [("dW1", …), ("db1", …), ("dW2", …), …]."""
    layers = enumerate(zip(*gradients, strict=True), start=1)
    return [pair for l, (dW, db) in layers for pair in ((f"dW{l}", dW), (f"db{l}", db))]


def _cosine(x: np.ndarray, y: np.ndarray) -> float:
    return float((x * y).sum() / (np.linalg.norm(x) * np.linalg.norm(y)))


def _losses(forward, backward) -> list[float]:
    """Return the loss before each update of a network 2-8-8-2 that trains with these two."""
    X, labels = moons(200, noise=0.1, seed=0)
    network = NeuralNetwork([2, 8, 8, 2], "sigmoid", seed=1, dtype="float64")
    weights, biases, f = list(network.weights), list(network.biases), network.activations
    y, rng, losses = np.eye(2)[labels], np.random.default_rng(0), []
    for _ in range(UPDATES):
        right = (_forward(X, weights, biases, f)[1][-1] * y).sum(axis=1)
        losses.append(float(-np.log(np.maximum(right, 1e-12)).mean()))
        rows = rng.permutation(len(X))[:BATCH]
        z, a = forward(X[rows], weights, biases, f)
        dW, db = backward(weights, z, a, y[rows], f)
        weights = [W - RATE * g for W, g in zip(weights, dW, strict=True)]
        biases = [b - RATE * g for b, g in zip(biases, db, strict=True)]
    return losses
