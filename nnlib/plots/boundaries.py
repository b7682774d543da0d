"""Where a network of two inputs decides what."""

import numpy as np
from matplotlib.colors import to_rgb

from ..analysis.maps import neuron_maps, plane
from ..network import as_network, says_class
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.colours import CLASSES
from ..support.takes import of, positive, takes
from .picture import Picture
from .style import INK, new_figure, style

# One marker a class, as it has one colour.
MARKERS = ("o", "s", "^", "D", "v", "P")


@takes(network=of(as_network), limit=positive)
def boundary(network, X, labels, title: str | None = None, limit: float = 1.2) -> Picture:
    """Show a network's decision over the plane, and points X, shape (n, 2), with their labels.

    The colour of each place mixes the colours of the classes by their probabilities.
    """
    check_order("X", X, "labels", labels)
    X = as_numbers("X", X)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X has shape {X.shape}, but must hold points of the plane, (n, 2)")
    k = max(2, network.layers[-1])
    if not says_class(network) or k > len(CLASSES):
        raise ValueError(
            f"{network!r} cannot be shown: from 2 to {len(CLASSES)} classes can be told apart, two "
            "of them by a single sigmoid output"
        )
    labels = as_labels(labels, len(X), k)
    right = int((network.predict(X) == labels).sum()) if len(X) else 0
    with style():
        figure = new_figure(4.2, 4.4)
        draw_decision(figure.add_subplot(), network, X, labels, limit)
        figure.legend(loc="outside upper left", ncols=3, title=title, alignment="left")
        alt = f"{title + ': ' if title else ''}Points of {k} classes in the plane and the "
        alt += "network's decision"
        share = 5 * round(20 * right / max(1, len(X)))
        alt += f"; about {share} % of the points are right." if len(X) else "; no points yet."
        return Picture(figure, alt)


def draw_decision(axes, network, X, labels, limit: float = 1.2, size: float = 16) -> None:
    """Draw the decision of a network over the plane and the points, with a label each class."""
    n, k = 160, max(2, network.layers[-1])
    probabilities = neuron_maps(network, plane(n, limit))[-1]
    if len(probabilities) == 1:  # that of class 1, after a single sigmoid
        probabilities = np.vstack([1 - probabilities, probabilities])
    colours = np.array([to_rgb(c) for c in CLASSES[:k]])
    image = 0.45 * np.clip(probabilities.T @ colours, 0, 1) + 0.55
    axes.imshow(image.reshape(n, n, 3), extent=(-limit, limit, -limit, limit))
    for c in range(k):
        x1, x2 = X[labels == c].T
        axes.scatter(
            x1,
            x2,
            s=size,
            color=CLASSES[c],
            marker=MARKERS[c],
            edgecolor=INK,
            linewidth=0.5,
            label=f"class {c}",
        )
    axes.set(xlabel="x₁", ylabel="x₂", xlim=(-limit, limit), ylim=(-limit, limit))
    axes.grid(False)
