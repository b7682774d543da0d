"""The backpropagation lens as a still figure: a small network with all its numbers."""

import numpy as np

from ..analysis.explain import Explanation, number
from .picture import Picture
from .style import INK, MUTED, NEGATIVE, PAPER, POSITIVE, new_figure, style

# Between layers of more weights than this there is no room for labels; the alt text has them.
MOST_LABELS = 6


def lens(network, explanation: Explanation, stage: int | None = None) -> Picture:
    """Show a small network with every number of one forward and backward pass.

    explanation  what `nnlib.analysis.explain.explain` returns for it
    stage        one of its stages, by default the last: what comes later is a question mark
    """
    last = len(explanation.stages) - 1
    stage = last if stage is None else stage
    at = {0: "before its first step", last: "at its last stage"}.get(stage, f"at stage {stage}")
    layers = network.layers
    tallest = max(layers)
    with style():
        figure = new_figure(0.9 + 1.15 * tallest)
        axes = figure.subplots()
        axes.set_axis_off()
        axes.set_xlim(-0.35, len(layers) + 0.3)
        axes.set_ylim(-tallest / 2 - 0.1, tallest / 2 + 0.1)
        axes.set_title(f"The backpropagation lens {at}")
        _draw_weights(axes, network, explanation, stage)
        _draw_neurons(axes, layers, explanation, stage)
        words = "; ".join(
            f"{symbol} = {number(value)}"
            for item in explanation.items.values()
            for symbol, value, since in item.numbers
            if since <= stage
        )
        alt = f"The backpropagation lens {at}, {len(layers)} layers: {words}."
        return Picture(figure, alt)


def _place(layers, l: int, j: int) -> tuple[float, float]:
    """Return where neuron j of layer l stands: a column a layer, centred."""
    return l, (layers[l] - 1) / 2 - j


def _draw_weights(axes, network, explanation, stage) -> None:
    """Draw a line for each weight: thick if it is large, dashed if it is negative."""
    layers = network.layers
    largest = max(float(np.abs(W).max()) for W in network.weights) or 1.0
    for key, item in explanation.items.items():
        kind, *index = key.split("-")
        if kind != "w":
            continue
        l, i, j = map(int, index)
        (x0, y0), (x1, y1) = _place(layers, l - 1, i), _place(layers, l, j)
        x0, x1 = x0 + (0.17 if l == 1 else 0.26), x1 - 0.26  # from box to box
        (_, w, _), (_, g, since) = item.numbers
        slope = number(g, 3) if since <= stage else "?"
        axes.plot(
            [x0, x1],
            [y0, y1],
            color=POSITIVE if w >= 0 else NEGATIVE,
            zorder=1,
            linestyle="-" if w >= 0 else "--",
            linewidth=0.8 + 3 * abs(w) / largest,
        )
        if layers[l - 1] * layers[l] > MOST_LABELS:
            continue
        at = 0.5 if y0 == y1 else 0.3  # lines cross in the middle
        axes.text(
            x0 + at * (x1 - x0),
            y0 + at * (y1 - y0),
            f"w {number(w, 3)}\n∂ {slope}",
            ha="center",
            va="center",
            fontsize=7.5,
            color=INK,
            zorder=2,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        )


def _draw_neurons(axes, layers, explanation, stage) -> None:
    """Draw a box for each neuron, and one for the loss, with what is known of it."""
    for j in range(layers[-1]):
        x, y = _place(layers, len(layers) - 1, j)
        axes.plot([x, x + 1], [y, 0], color=MUTED, linewidth=0.8, zorder=1)
    box = {"boxstyle": "round,pad=0.4", "facecolor": PAPER, "edgecolor": MUTED}
    for key, item in explanation.items.items():
        kind, *index = key.split("-")
        if kind == "w":
            continue
        x, y = _place(layers, *map(int, index)) if kind == "n" else (len(layers), 0)
        text = "\n".join(
            f"{symbol} = {number(value) if since <= stage else '?'}"
            for symbol, value, since in item.numbers
        )
        axes.text(x, y, text, ha="center", va="center", fontsize=8, zorder=3, bbox=box)
