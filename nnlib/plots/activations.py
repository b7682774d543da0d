"""The activation functions and their derivatives, drawn."""

import numpy as np

from ..activations import ACTIVATIONS, Softmax, get_activation
from ..support.takes import listing, positive, takes
from .picture import Picture
from .style import TRAINING, VALIDATION, WIDTH, legend_above, new_figure, style


@takes(functions=listing("activations"), limit=positive)
def activations(functions=None, limit: float = 5.0) -> Picture:
    """Show activation functions and their derivatives for z from −limit to limit.

    `functions` are names or `Activation`s, by default all six of nnlib. Softmax has as
    many inputs as outputs: shown is the first of three, while the other two z stay 0.
    """
    chosen = [get_activation(f) for f in (functions or ACTIVATIONS)]
    z = np.linspace(-limit, limit, 801)
    columns = min(len(chosen), 3)
    rows = -(-len(chosen) // columns)
    with style():
        figure = new_figure(1.95 * rows + 0.5, WIDTH * max(columns, 1.2) / 3)
        panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
        for axes in panels[len(chosen) :]:
            axes.set_visible(False)
        for axes, f in zip(panels, chosen, strict=False):
            a, slope = _values(f, z)
            axes.axhline(0, color="#999999", linewidth=0.8, zorder=1)
            axes.axvline(0, color="#999999", linewidth=0.8, zorder=1)
            axes.plot(z, a, color=TRAINING, label="f(z)")
            # A jump of the derivative is a jump, not a steep line.
            jumps = np.flatnonzero(np.abs(np.diff(slope)) > 0.5) + 1
            axes.plot(
                np.insert(z, jumps, np.nan),
                np.insert(slope, jumps, np.nan),
                color=VALIDATION,
                linestyle="--",
                label="f′(z)",
            )
            axes.set_title(f.name + (", 1st of 3 outputs" if isinstance(f, Softmax) else ""))
            low, high = min(a.min(), -0.1), max(a.max(), slope.max())
            # What is unbounded is cut where it has made its point.
            axes.set_ylim(max(low, -1.2) - 0.06, min(high, 2.0) + 0.1)
            axes.locator_params(axis="y", nbins=5)
            axes.locator_params(axis="x", nbins=5, integer=True)
        for axes in panels[max(0, len(chosen) - columns) : len(chosen)]:
            axes.set_xlabel("z")
            axes.tick_params(labelbottom=True)
        legend_above(figure, panels[0])
        names = ", ".join(f.name for f in chosen)
        alt = (
            f"Activation functions and their derivatives for z from −{limit:g} to {limit:g}: "
            f"{names}."
        )
        return Picture(figure, alt)


def _values(f, z) -> tuple[np.ndarray, np.ndarray]:
    """Return f(z) and f'(z) at each z."""
    if isinstance(f, Softmax):
        rows = np.column_stack([z, np.zeros_like(z), np.zeros_like(z)])
        return f(rows)[:, 0], f.derivative(rows)[:, 0, 0]
    return f(z), f.derivative(z)
