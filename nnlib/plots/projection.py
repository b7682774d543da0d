"""What each layer makes of the digits: a plane of points for each layer, side by side."""

from collections.abc import Sequence

import numpy as np

from ..analysis.projection import Projection
from ..support.arrays import as_labels
from ..support.takes import like, listing, takes
from .picture import Picture
from .style import MUTED, RUNS, WIDTH, new_figure, style


@takes(
    layers=listing("Projections", like("points", "what project_layers returns")),
    names=listing("names"),
)
def projections(
    layers: Sequence[Projection], labels, names: Sequence[str], title: str | None = None
) -> Picture:
    """Show one plane for each layer, a sample drawn as the numeral of its class.

    `layers` is what `nnlib.analysis.projection.project_layers` returned, `labels` are integers
    from 0, of shape (n_samples,), and `names` says what each layer is called.
    """
    if not layers or len(layers) != len(names):
        raise ValueError(f"{len(layers)} layers need as many names, at least one, not {len(names)}")
    labels = as_labels(labels, len(layers[0].points))
    columns = min(3, len(layers))
    rows = -(-len(layers) // columns)
    side = WIDTH / columns
    with style():
        figure = new_figure(rows * (side + 0.3) + (0.3 if title else 0))
        for i, (layer, name) in enumerate(zip(layers, names, strict=True)):
            axes = figure.add_subplot(rows, columns, i + 1)
            reach = 1.08 * max(float(np.abs(layer.points).max()), 1e-9)
            axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
            axes.set_title(name)
            axes.set_xlabel(f"{100 * layer.share:.0f} % of the variance", color=MUTED)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(True)
            for (x, y), label in zip(layer.points, labels, strict=True):
                axes.text(
                    x,
                    y,
                    str(label),
                    color=RUNS[label % len(RUNS)],
                    fontsize=6.5,
                    ha="center",
                    va="center",
                )
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")
        planes = "; ".join(
            f"{name}: {100 * layer.share:.0f} % of the variance"
            for layer, name in zip(layers, names, strict=True)
        )
        alt = f"{len(labels)} samples as points of a plane, for each layer. {planes}."
        return Picture(figure, f"{title}: {alt}" if title else alt)
