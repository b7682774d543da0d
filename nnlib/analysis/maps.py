"""What each neuron makes of the plane: its activation at every point of a grid.

A network with two inputs is a function of the plane. The output over a grid shows
where it decides what; a hidden neuron over the same grid shows what it adds to that.
"""

from collections.abc import Sequence

import numpy as np

from ..network import as_network
from ..support.arrays import as_numbers
from ..support.takes import numbers, of, takes, whole


def _limit(name: str, limit):
    """Return ((left, right), (low, high)) of a square or a rectangle, or raise ValueError."""
    array = as_numbers(name, limit)
    if array.ndim == 0:
        array = array * [[-1, 1], [-1, 1]]
    if array.shape != (2, 2) or not np.isfinite(array).all():
        raise ValueError(
            f"{name}={limit!r} must be a finite number, or two pairs ((low, high), (low, high))"
        )
    return array.tolist()


@takes(n=whole(2, 10_000))
def plane(n: int, limit: float | Sequence[Sequence[float]] | np.ndarray = 1.2) -> np.ndarray:
    """Return n × n points of the square [−limit, limit]², shape (n², 2).

    Row by row as a picture is drawn: from the top left (−limit, limit) to the right. With
    two pairs as `limit`, ((low, high), (low, high)), the points are those of that rectangle.
    """
    (left, right), (low, high) = _limit("limit", limit)
    x, y = np.meshgrid(np.linspace(left, right, n), np.linspace(low, high, n)[::-1])
    return np.column_stack([x.ravel(), y.ravel()])


@takes(network=of(as_network), points=numbers(None, 2))
def neuron_maps(network, points) -> list[np.ndarray]:
    """Return the activations of each layer at the points: for layer l shape (n_l, n_points).

    `points` has shape (n_points, 2), and the network two inputs, or ValueError is raised.
    """
    if network.layers[0] != 2:
        raise ValueError(
            f"the plane has two coordinates, but this network has {network.layers[0]} inputs"
        )
    # The picture of a network that diverges has holes in it, no warnings beside it.
    with np.errstate(over="ignore", invalid="ignore"):
        return [a.T for a in network.forward(points).a[1:]]
