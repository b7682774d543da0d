"""The digit pad for its page, where it is live: what docs/site/static/pad.js works with."""

import base64

import numpy as np

from nnlib import NeuralNetwork
from nnlib.datasets import load_mnist
from nnlib.images import handwriting
from nnlib.lab import DigitPad, digit_pad
from nnlib.recipes import pretrained

from .kept import traits_of

# A weight is one of so many multiples of the layer's smallest step, each way: a byte.
STEPS = 127


def rounded(network: NeuralNetwork) -> tuple[NeuralNetwork, list[np.ndarray], list[float]]:
    """Return a copy whose weights are whole multiples of a step; the multiples, and the steps."""
    network = network.copy()
    steps = [float(np.abs(W).max()) / STEPS for W in network.weights]
    whole = []
    for W, step in zip(network.weights, steps, strict=True):
        whole.append(np.rint(W / step).astype(np.int8))
        W[:] = whole[-1] * step
    return network, whole, steps


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the first test image of each class, shape (10, 784), and the labels 0 to 9."""
    mnist = load_mnist()
    first = [np.flatnonzero(mnist.y_test == label)[0] for label in range(10)]
    return mnist.X_test[first], mnist.y_test[first]


def pad() -> dict:
    """Return the pad's traits, its network and ten digits; the page computes all else."""
    network, whole, steps = rounded(pretrained("quick"))
    X, labels = digits()
    lab, mnist = DigitPad(network, digits=(X, labels)), load_mnist()
    right = np.mean(network.predict(mnist.X_test) == mnist.y_test)
    names = [control["trait"] for control in lab.controls]
    traits = traits_of(lab, {}, names) | {"controls": lab.controls}
    return {
        "title": lab.title,
        "note": "this page itself prepares what you draw and reads it, with a network that nnlib "
        f"trained; its weights, rounded to 8 bits each, read {right:.1%} of the test images "
        "correctly",
        "how": "Draw a digit",
        "more": ", and it also learns the digits that it misread.",
        "without": [
            'button[data-command="reset"]',
            ".nnlib-pad-add, .nnlib-pad-add ~ :is(p:not([class]), ol)",
            ".nnlib-whose",
        ],
        "traits": traits,
        "given": {
            "size": handwriting.RASTER,
            "side": handwriting.SIDE,
            "box": handwriting.BOX,
            "middle": handwriting.MIDDLE,
            "trace": handwriting.TRACE,
            "grain": handwriting.GRAIN,
            "small": handwriting.SMALL,
            "shown": digit_pad.SHOWN,
            "most": digit_pad.MOST_POINTS,
            "all_ink": digit_pad.ALL_INK,
            "labels": labels.tolist(),
        },
        "digits": text_of(np.rint(255 * X).astype(np.uint8)),
        "layers": [
            {"W": text_of(W), "scale": step, "b": [float(v) for v in b]}
            for W, step, b in zip(whole, steps, network.biases, strict=True)
        ],
    }


def text_of(array: np.ndarray) -> str:
    """Return the bytes of an array as a text that JSON can hold."""
    return base64.b64encode(array.tobytes()).decode("ascii")
