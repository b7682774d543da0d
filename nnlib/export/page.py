"""A network as a web page: one file with a pad to draw on, that reads digits in any browser.

    strokes → ink → crop, scale, centre → a⁽⁰⁾ → every layer → a digit

On the page the same formulas are written once more, in plain JavaScript: those of
`nnlib.images.handwriting` in static/handwriting.js, those of `nnlib.forward` in static/network.js.
The parameters travel in float32, as base64 (RFC 4648): four characters for three bytes, so that
784-128-10 makes a page of 0.57 MB.
"""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..activations import ACTIVATIONS, leaky_relu
from ..datasets import load_mnist
from ..images import handwriting
from ..images.pixels import are_raw
from ..network import NeuralNetwork
from ..support import colours
from ..support.arrays import as_numbers
from ..support.atomic_write import atomic_write
from ..support.paths import as_path
from ..support.takes import text
from ..training.evaluation import accuracy

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("handwriting.js", "network.js", "page.js")
DIGITS = 10
LONGEST_NAME = 80


def web_page(
    network: NeuralNetwork,
    path: "str | Path",
    *,
    name: str = "",
    test: "tuple[npt.ArrayLike, npt.ArrayLike] | None" = None,
) -> Path:
    """Write `network` to the file `path` as a web page on which it reads what is drawn.

    network   784 inputs, 10 outputs, and activations of nnlib
    path      ends in .html; a page that is there already is replaced, all or nothing
    name      whose network it is: the page says so; by default it names nobody
    test      (X, labels), shape (n, 784) and (n,): the page says which share of them the network
              classifies correctly, measured now; by default MNIST's test set

    Returns the path. The page has all in itself and asks nothing of any other machine. Its outputs
    are those of `network.forward` up to rounding. Raises ValueError for a network, a path or a
    name that it cannot use, and FileNotFoundError if the folder does not exist.
    """
    path, name = _as_path(path), _as_name(name)
    _check(network)
    if test is None:
        mnist = load_mnist()
        X, labels, of = mnist.X_test, mnist.y_test, "MNIST’s {:,} test images"
    else:
        X, labels = _as_pair(test)
        if are_raw(as_numbers("X", X)):
            raise ValueError(
                "X holds raw pixels, but what is drawn on the page goes from 0, paper, to 1, ink, "
                "and the network must have learned it so: divide X by 255"
            )
        of = "{:,} test images"
    right = accuracy(network, X, labels)
    page = _render(
        title=f"{name}’s neural network" if name else "A neural network that reads digits",
        author=f"{name} trained it" if name else "It was trained",
        network="-".join(map(str, network.layers)),
        activations=", ".join(f.name for f in network.activations),
        parameters=f"{network.parameters.size:,}",
        accuracy=f"{100 * right:.2f} %",
        test=of.format(len(labels)),
        data=_data(network),
        weights=base64.b64encode(network.parameters.astype("<f4").tobytes()).decode("ascii"),
    )
    with atomic_write(path) as file:
        file.write(page.encode("utf-8"))
    return path


def _render(data: str, weights: str, **words: str) -> str:
    """Return the page: the template with its {{places}} filled in."""
    filled = {key: html.escape(word) for key, word in words.items()}
    filled |= {
        "style": _read("page.css"),
        "light": _variables(0),
        "dark": _variables(1),
        "data": data,
        "weights": weights,
        "script": "\n".join(_read(script) for script in SCRIPTS),
    }
    # In one go: what was filled in is not looked at again, whatever a name may hold.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: filled[place[1]], _read("page.html"))


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _variables(theme: int) -> str:
    """Return the colours of a theme, 0 light or 1 dark, as declarations of CSS."""
    names = ("INK", "MUTED", "ZERO", "TRAINING", "VALIDATION", "POSITIVE", "NEGATIVE")
    return " ".join(f"--{name.lower()}: {getattr(colours, name)[theme]};" for name in names)


def _data(network: NeuralNetwork) -> str:
    """Return what the scripts have to know, as JSON that no HTML parser stumbles over."""
    known: dict[str, Any] = {
        "layers": network.layers,
        "activations": [f.name for f in network.activations],
        "slope": leaky_relu.slope,
        "side": handwriting.SIDE,
        "box": handwriting.BOX,
        "middle": handwriting.MIDDLE,
        "raster": handwriting.RASTER,
        "pen": handwriting.PEN,
        "small": handwriting.SMALL,
    }
    return json.dumps(known).replace("<", "\\u003c")


# What comes in.


def _as_pair(test) -> tuple:
    """Return `test` as (X, labels), or raise ValueError."""
    try:
        X, labels = test
    except (TypeError, ValueError):
        raise ValueError("test must be a pair (X, labels), or None for MNIST's test set") from None
    return X, labels


def _as_path(path: "str | Path") -> Path:
    path = as_path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(
            f"path={str(path)!r} must end in .html, or browsers show the page as text: for "
            "example 'my_network.html'"
        )
    if path.is_dir():
        raise IsADirectoryError(f"path={str(path)!r} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"path={str(path)!r}: there is no folder {str(path.parent)!r}; make it first, or "
            "choose another"
        )
    return path


def _as_name(name: str) -> str:
    if not isinstance(name, str):
        raise ValueError(f"name={name!r} must be a text, for example 'Ada'")
    name = " ".join(text("name", name).split())
    if len(name) > LONGEST_NAME:
        raise ValueError(
            f"name has {len(name)} characters, but the heading has room for {LONGEST_NAME}: "
            "choose a shorter one"
        )
    return name


def _check(network: NeuralNetwork) -> None:
    """Raise ValueError unless the page can hold the network."""
    n_pixels = handwriting.SIDE**2
    if not isinstance(network, NeuralNetwork):
        raise ValueError(f"network must be a NeuralNetwork, not {type(network).__name__}")
    if (network.layers[0], network.layers[-1]) != (n_pixels, DIGITS):
        raise ValueError(
            f"{network!r} cannot read digits: it needs {n_pixels} inputs, the pixels, and "
            f"{DIGITS} outputs"
        )
    for layer, f in enumerate(network.activations, 1):
        if ACTIVATIONS.get(f.name) is not f:
            raise ValueError(
                f"layer {layer} uses an activation of your own ({f.name!r}), which is Python and "
                f"cannot run on a page: use one of {', '.join(ACTIVATIONS)}"
            )
    with np.errstate(over="ignore"):
        bad = np.count_nonzero(~np.isfinite(network.parameters.astype(np.float32)))
    if bad:
        raise ValueError(
            f"{bad:,} of the network's {network.parameters.size:,} parameters are NaN, infinite, "
            "or too large for float32: training diverged; train again with a smaller learning rate"
        )
