"""A network on the plane as the playground shows it: its decision, its neurons, its curves."""

import numpy as np

from ..analysis.maps import neuron_maps, plane
from ..network import as_network
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.checks import as_input
from ..support.colours import CLASSES
from ..support.takes import like, of, takes
from .boundaries import draw_decision
from .curves import moving_mean
from .picture import Picture
from .style import (
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    SIGNED,
    TRAINING,
    VALIDATION,
    WIDTH,
    new_figure,
    style,
)

PIXELS = 24  # a side, of the picture in a neuron
HEIGHT = 3.0  # inches


@takes(network=of(as_network), history=like("training_loss", "a History"))
def overview(network, X, labels, history=None, title: str | None = None) -> Picture:
    """Show a network of two inputs on points of the plane, in three panels.

    network    with two inputs and from two to six outputs
    X, labels  the points, shape (n, 2), in [−1.2, 1.2]², and their classes, shape (n,)
    history    the `History` of its training; without updates the curves are empty

    Left its decision over the plane; in the middle the neurons, each hidden one with what it
    does over the plane, and the weights between them, orange and dashed if negative; right the
    loss and the accuracy over the updates.
    """
    layers, k = network.layers, network.layers[-1]
    if layers[0] != 2 or not 2 <= k <= len(CLASSES):
        raise ValueError(
            f"layers {list(layers)}: the plane has two inputs, and from 2 to {len(CLASSES)} "
            "outputs can be told apart"
        )
    check_order("X", X, "labels", labels)
    X = as_numbers("X", X)
    X = X if X.shape == (0, 2) else as_input(X, 2, np.float64)
    labels = as_labels(labels, len(X), k)
    losses = list(history.training_loss) if history is not None else []
    with style():
        figure = new_figure(HEIGHT, WIDTH)
        grid = figure.add_gridspec(2, 3, width_ratios=(1, 1.05, 1), height_ratios=(3, 2))
        decision = figure.add_subplot(grid[:, 0])
        draw_decision(decision, network, X, labels, size=9)
        _draw_network(figure.add_subplot(grid[:, 1]), network)
        _draw_loss(figure.add_subplot(grid[0, 2]), history, losses)
        _draw_accuracy(figure.add_subplot(grid[1, 2]), history, losses)
        decision.set_title(title or "", fontsize=10)
        right = int((network.predict(X) == labels).sum()) if len(X) else 0
        share = 5 * round(20 * right / max(1, len(X)))
        points = f"about {share} % of the points are right" if len(X) else "no points yet"
        curve = (
            f"the training loss went from {losses[0]:.2g} to {losses[-1]:.2g} in "
            f"{len(losses):,} updates"
            if losses
            else "the curves are still empty"
        )
        return Picture(
            figure,
            f"{title + ': ' if title else ''}points of {k} classes in the plane and the network's "
            f"decision; {points}. Beside it the network {'-'.join(map(str, layers))}"
            f"{', a picture in each hidden neuron' * (len(layers) > 2)}; {curve}.",
            few_colours=True,
        )


def _draw_network(axes, network) -> None:
    """Draw the neurons, each hidden one as a picture of what it does, and the weights."""
    layers = network.layers
    tallest = max(4, *layers)  # few neurons are drawn no larger than four
    places = [
        [(l * tallest / (len(layers) - 1), (n - 1) / 2 - i) for i in range(n)]
        for l, n in enumerate(layers)
    ]
    for W, before, after in zip(network.weights, places[:-1], places[1:], strict=True):
        largest = max(1e-12, float(np.abs(W).max()))
        for i, (x0, y0) in enumerate(before):
            for j, (x1, y1) in enumerate(after):
                w = float(W[i, j]) / largest
                axes.plot(
                    [x0, x1],
                    [y0, y1],
                    color=NEGATIVE if w < 0 else POSITIVE,
                    linestyle="--" if w < 0 else "-",
                    linewidth=0.3 + 2 * abs(w),
                    alpha=0.25 + 0.75 * abs(w),
                    zorder=1,
                )
    maps = neuron_maps(network, plane(PIXELS))
    for l, column in enumerate(places):
        for i, (x, y) in enumerate(column):
            box = (x - 0.4, x + 0.4, y - 0.4, y + 0.4)
            if 0 < l < len(layers) - 1:
                a = maps[l - 1][i].reshape(PIXELS, PIXELS)
                reach = max(1e-9, float(np.abs(a).max()))
                image, text = SIGNED(0.5 + 0.5 * a / reach), ""
            else:
                colour = "#EEEEEE" if l == 0 else CLASSES[i]
                image, text = np.full((1, 1, 3), _rgb(colour)), f"x{'₁₂'[i]}" if l == 0 else f"{i}"
            axes.imshow(image, extent=box, zorder=2)
            axes.plot(
                [box[0], box[1], box[1], box[0], box[0]],
                [box[2], box[2], box[3], box[3], box[2]],
                color=INK,
                linewidth=0.6,
                zorder=3,
            )
            ink = INK if l == 0 else "#FFFFFF"
            axes.text(x, y, text, ha="center", va="center", color=ink, fontsize=8, zorder=4)
    axes.set(xlim=(-0.7, tallest + 0.7), ylim=(-tallest / 2 - 0.1, tallest / 2 + 0.1))
    axes.set_aspect("equal")
    axes.set_axis_off()


def _rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _draw_loss(axes, history, losses) -> None:
    axes.set_title("loss", fontsize=10)
    if not losses:
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        axes.text(0.5, 0.5, "Run draws the curves", ha="center", color=MUTED)
        return
    axes.plot(range(1, len(losses) + 1), losses, color=TRAINING, alpha=0.22, linewidth=0.7)
    x, smooth, _ = moving_mean(np.asarray(losses))
    axes.plot(x, smooth, color=TRAINING, label="training")
    axes.plot(
        history.validation_update,
        history.validation_loss,
        color=VALIDATION,
        linestyle="--",
        label="validation",
    )
    axes.set_ylim(0, 1.05 * float(np.quantile(losses, 0.995)))
    axes.legend(fontsize=8, frameon=True, framealpha=0.85, edgecolor="none")


def _draw_accuracy(axes, history, losses) -> None:
    axes.set_title("validation accuracy, %", fontsize=10)
    axes.set_xlabel("update")
    if not losses:
        axes.set(xlim=(0, 1), ylim=(0, 100), xticks=[])
        return
    accuracy = 100 * np.asarray(history.validation_accuracy)
    axes.plot(history.validation_update, accuracy, color=VALIDATION, linestyle="--")
