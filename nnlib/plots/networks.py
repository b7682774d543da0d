"""A small network drawn with all its numbers, and one sample on its way through it."""

import numpy as np

from ..analysis.explain import superscript
from ..network import as_network
from ..support.takes import numbers, of, takes
from .picture import Picture
from .style import INK, MUTED, NEGATIVE, PAPER, POSITIVE, WIDTH, new_figure, style

MOST_NEURONS = 3
SIZE = 40  # of a neuron, in points


@takes(network=of(as_network), x=numbers(None))
def network_numbers(network, x, title: str | None = None) -> Picture:
    """Show the network with its weights and biases, and z and a of every neuron for the sample x.

    x has shape (n_0,). Lines are blue for positive weights, orange and dashed for negative
    ones, and the wider the larger the weight. Raises ValueError for a layer of more than
    MOST_NEURONS neurons, whose numbers could not be read, and for an x that does not fit.
    """
    widths = network.layers
    if max(widths) > MOST_NEURONS:
        raise ValueError(
            f"layers {list(widths)}: at most {MOST_NEURONS} neurons a layer can be read"
        )
    trace = network.forward(np.asarray(x, np.float64)[None])
    tallest = max(widths)
    places = [[(l, (n - 1) / 2 - i) for i in range(n)] for l, n in enumerate(widths)]
    with style():
        figure = new_figure(1.05 * tallest + 0.8 + 0.3 * bool(title), WIDTH)
        axes = figure.add_subplot()
        axes.set_axis_off()
        for l, W in enumerate(network.weights, start=1):
            _draw_weights(axes, W, places[l - 1], places[l])
        for l, column in enumerate(places):
            for j, place in enumerate(column):
                _draw_neuron(axes, place, l, j, trace, network)
            name = "input" if l == 0 else "output" if l + 1 == len(widths) else "hidden"
            head = f"{name} a{superscript(l)}"
            head += f", {network.activations[l - 1]}" if l else ""
            axes.text(l, tallest / 2 + 0.1, head, ha="center", color=MUTED, fontsize=9)
        axes.set(xlim=(-0.3, len(widths) - 0.7), ylim=(-tallest / 2 - 0.15, tallest / 2 + 0.3))
        if title:
            axes.set_title(title)
        given, result = (", ".join(_number(v) for v in a[0]) for a in (trace.a[0], trace.output))
        return Picture(
            figure,
            f"The network {'-'.join(map(str, widths))} with every weight and bias; the input "
            f"({given}) becomes the output ({result}).",
        )


def _draw_weights(axes, W, before, after) -> None:
    """Draw the lines from one layer to the next, each with its weight on it."""
    largest = max(1e-12, float(np.abs(W).max()))
    for i, (x0, y0) in enumerate(before):
        for j, (x1, y1) in enumerate(after):
            w = float(W[i, j])
            colour = NEGATIVE if w < 0 else POSITIVE
            axes.plot(
                [x0, x1],
                [y0, y1],
                color=colour,
                linestyle="--" if w < 0 else "-",
                linewidth=0.6 + 3 * abs(w) / largest,
                zorder=1,
            )
            # In the middle, where lines cross, their numbers would lie on each other. About a
            # quarter of the way along, no two of three by three lines have the same height.
            at = 0.27
            axes.text(
                x0 + at * (x1 - x0),
                y0 + at * (y1 - y0),
                _number(w),
                ha="center",
                va="center",
                fontsize=9,
                color=INK,
                zorder=2,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
            )


def _draw_neuron(axes, place, l, j, trace, network) -> None:
    """Draw one neuron: its a in a circle, under it its z with the bias."""
    x, y = place
    axes.plot(x, y, "o", markersize=SIZE, markerfacecolor="#FFFFFF", markeredgecolor=INK, zorder=3)
    a = _number(round(float(trace.a[l][0, j]), 3))
    axes.text(x, y, a, ha="center", va="center", fontsize=11, zorder=4)
    if l:
        z, b = _number(trace.z[l][0, j]), _number(network.biases[l - 1][j])
        axes.annotate(
            f"z {z}\nb {b}",
            place,
            xytext=(0, -SIZE / 2 - 3),
            ha="center",
            va="top",
            textcoords="offset points",
            fontsize=8.5,
            color=MUTED,
            zorder=4,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
        )


def _number(v: float) -> str:
    return f"{float(v):.3g}".replace("-", "−")
