"""What the weights of a network look like: how large they are, and what they look for."""

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ..analysis.explain import superscript
from ..network import as_network
from ..support.takes import like, names, of, takes, whole
from .digits import SIDE, as_columns
from .picture import Picture
from .style import GRID, INK, SIGNED, TRAINING, WIDTH, legend_above, new_figure, style


@takes(network=of(as_network), start=like("weights", "a NeuralNetwork"))
def weight_histograms(network, start=None) -> Picture:
    """Show how the weights of each layer are distributed, one panel a layer.

    `start` is a copy of the network from before training (`network.copy()`); its
    weights are drawn as an outline over the others.
    """
    if start is not None and start.layers != network.layers:
        raise ValueError(
            f"start has layers {list(start.layers)}, but the network has {list(network.layers)}: "
            "start must be a copy of the same network"
        )
    _check_finite(network)
    if start is not None:
        _check_finite(start)
    n = len(network.weights)
    columns = 2 if n == 4 else min(n, 3)
    rows = -(-n // columns)
    words = []
    with style():
        figure = new_figure(2.5 * rows + 0.45)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in panels[n:]:
            axes.set_visible(False)
        for i, W in enumerate(network.weights):
            before = None if start is None else start.weights[i]
            _draw_histogram(panels[i], W, before)
            name = f"W{superscript(i + 1)}"
            panels[i].set_title(
                f"{name}: {W.shape[0]} × {W.shape[1]}\n{_spread(W, before)}", fontsize=9.5
            )
            panels[i].set_xlabel(f"weight in {name}")
            words.append(f"{name} {_spread(W, before)}")
        for axes in panels[::columns]:
            axes.set_ylabel("number of weights")
        if start is not None:
            legend_above(figure, panels[0])
        against = "" if start is None else ", now and at the start"
        alt = (
            f"Histograms of the weights of {n} layers{against}, with their standard deviations: "
            f"{'; '.join(words)}."
        )
        return Picture(figure, alt, few_colours=True)


def _spread(W, before) -> str:
    """Say how wide the weights lie: std is their standard deviation."""
    stds = [f"{M.std(dtype=np.float64):.2g}" for M in (before, W) if M is not None]
    return f"std {' → '.join(stds)}"


def _check_finite(network) -> None:
    for l, W in enumerate(network.weights, 1):
        if not np.isfinite(W).all():
            raise ValueError(f"the network holds weights of layer {l} that are NaN or infinite")


def _draw_histogram(axes, W, before) -> None:
    both = W.ravel() if before is None else np.concatenate([W.ravel(), before.ravel()])
    low, high = float(both.min()), float(both.max())
    if low == high:  # all alike, as after init='zeros'
        low, high = low - 0.5, high + 0.5
    bins = np.linspace(low, high, int(np.clip(np.sqrt(W.size), 12, 60)) + 1)
    axes.hist(W.ravel(), bins, color=TRAINING, alpha=0.75, label="now")
    if before is not None:
        axes.hist(
            before.ravel(), bins, histtype="step", color=INK, linewidth=1.2, label="at the start"
        )
    axes.grid(False, axis="x")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.locator_params(axis="x", nbins=5)
    axes.locator_params(axis="y", nbins=5, integer=True)


@takes(network=of(as_network), n=whole(1), names=names)
def first_layer_weights(network, n: int = 16, columns: int = 8, names=None) -> Picture:
    """Show the weights into the first n neurons of layer 1 as images, blue + and orange −.

    The network must take images of 784 pixels. All share one scale, so that they can
    be compared; its ends are passed by one weight in a thousand. `names`, one for each neuron
    of the layer, stand below them: by default its number in the layer, from 1, or, where
    layer 1 is the last, the class from 0 that it stands for.
    """
    W = network.weights[0]
    if len(W) != SIDE * SIDE:
        raise ValueError(
            f"the network takes {len(W)} inputs, but only weights of {SIDE * SIDE} pixels "
            f"make an image of {SIDE} × {SIDE}"
        )
    _check_finite(network)
    columns = as_columns(columns)
    last = len(network.weights) == 1
    if names is None:
        names = range(W.shape[1]) if last else range(1, W.shape[1] + 1)
    names = [str(name) for name in names]
    if len(names) != W.shape[1]:
        raise ValueError(f"{len(names)} names, but layer 1 has {W.shape[1]} neurons")
    n = min(n, W.shape[1], 100)
    columns = min(columns, n)
    rows = -(-n // columns)
    scale = float(np.quantile(np.abs(W[:, :n]), 0.999)) or 1.0
    tile = min((WIDTH - 1.3) / columns, 1.1)
    with style():
        figure = new_figure(rows * (tile + 0.16) + 0.4, columns * tile + 1.3)
        layout = figure.get_layout_engine()
        assert isinstance(layout, ConstrainedLayoutEngine)
        layout.set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
        panels = figure.subplots(rows, columns, squeeze=False)
        for axes in panels.ravel():
            axes.set_axis_off()
        for i in range(n):
            axes = panels.flat[i]
            shown = axes.imshow(
                W[:, i].reshape(SIDE, SIDE),
                cmap=SIGNED,
                vmin=-scale,
                vmax=scale,
                interpolation="nearest",
            )
            axes.set_axis_on()
            axes.grid(False)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set(visible=True, color=GRID)
            axes.set_xlabel(names[i], fontsize=9 if last else 8, labelpad=2)
        bar = figure.colorbar(shown, ax=panels, aspect=14 * rows, shrink=0.96, extend="both")
        bar.set_label("weight in W⁽¹⁾")
        bar.outline.set_visible(False)
        bar.ax.grid(False)
        alt = (
            f"The weights into {'output neurons' if last else 'neurons'} {names[0]} to "
            f"{names[n - 1]} of layer 1 as images of {SIDE} × {SIDE} pixels, "
            f"positive blue and negative orange, the scale about ±{scale:.1g}."
        )
        return Picture(figure, alt, few_colours=True)
