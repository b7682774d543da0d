"""How large δ is in each layer of deep networks, for activations and initializers side by side."""

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from ..support.takes import mapping, numbers, pair, takes
from .picture import Picture
from .style import RUN_LINES, RUNS, legend_above, new_figure, style


@takes(sizes=mapping("sizes", mapping("sizes", numbers(None))), limits=pair(low_first=True))
def delta_by_layer(sizes: dict, limits: tuple[float, float] = (1e-18, 1e18)) -> Picture:
    """Show |δ⁽ˡ⁾| over the hidden layers, a panel for each activation, a line for each start.

    sizes   {activation: {initializer: array of |δ⁽¹⁾| … |δ⁽ᴸ⁾|}}, as
            `nnlib.analysis.depth.delta_sizes` gives them; each line is drawn as a share of its
            last hidden layer
    limits  the ends of the axis

    A line of nothing but zeros cannot stand on a logarithmic axis; the words tell of it.
    """
    words = []
    with style():
        figure = new_figure(3.3)
        panels = np.atleast_1d(figure.subplots(1, len(sizes), sharey=True))
        for axes, (activation, lines) in zip(panels, sizes.items(), strict=True):
            axes.axhline(1, color="#999999", linewidth=0.8, zorder=1)
            said = []
            for (name, values), colour, line in zip(lines.items(), RUNS, RUN_LINES, strict=False):
                hidden = np.asarray(values, np.float64)[:-1]
                layers = np.arange(1, len(hidden) + 1)
                if hidden.any():
                    axes.plot(layers, hidden / hidden[-1], color=colour, linestyle=line, label=name)
                    said.append(f"{name} 10^{round(np.log10(hidden[0] / hidden[-1]))}")
                else:
                    axes.plot([], [], color=colour, linestyle=line, label=f"{name} (δ = 0)")
                    said.append(f"{name} nothing")
            axes.set(yscale="log", ylim=limits, xlabel="layer l", xlim=(1, len(hidden)))
            axes.set_title(activation)
            axes.locator_params(axis="x", nbins=5, integer=True)
            axes.yaxis.set_major_locator(LogLocator(1e6, numticks=9))
            axes.yaxis.set_minor_locator(NullLocator())
            words.append(f"with {activation}, {', '.join(said)}")
        panels[0].set_ylabel("|δ⁽ˡ⁾| / |δ| of the last hidden layer")
        legend_above(figure, panels[0], columns=4)
        return Picture(
            figure,
            f"The size of δ over {len(hidden)} hidden layers, on a logarithmic scale, as a share "
            f"of that in the last. What arrives in the first layer: {'; '.join(words)}.",
        )
