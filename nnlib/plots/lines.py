"""Plain curves: what a function does, for anything that has no figure of its own."""

import numpy as np

from ..support.takes import mapping, numbers, pair, takes
from .picture import Picture
from .style import MUTED, NEGATIVE, RUN_LINES, RUNS, WIDTH, legend_above, new_figure, style


@takes(
    x=numbers(None),
    curves=mapping("values", numbers(None, holes=True)),
    y_range=pair(),
    size=pair(),
)
def lines(
    x,
    curves: dict,
    *,
    x_label: str,
    y_label: str,
    alt: str,
    title: str | None = None,
    log: str = "",
    y_range: tuple[float, float] | None = None,
    marks: dict | None = None,
    points=None,
    size: tuple[float, float] = (0.75 * WIDTH, 2.9),
) -> Picture:
    """Show curves over one x, each in its own hue and line style: {"name": values, …}.

    x        shape (n,); each curve has shape (n,) too, NaN where it has no value
    alt      in words, what the figure shows
    log      the axes on a logarithmic scale: '', 'x', 'y' or 'xy'
    y_range  the lower and upper end of the y axis
    marks    {"name": x}: vertical lines, with their names
    points   (x, y), two arrays of one shape, drawn as dots: data beside the curves
    size     width and height in inches

    Raises ValueError for a curve that is not as long as x, or for more curves than
    can be told apart.
    """
    x = np.asarray(x, np.float64)
    if not 1 <= len(curves) <= len(RUNS):
        raise ValueError(f"{len(curves)} curves: from 1 to {len(RUNS)} can be told apart")
    with style():
        figure = new_figure(size[1] + 0.3 * bool(title), size[0])
        axes = figure.add_subplot()
        if points is not None:
            axes.plot(*points, "o", color=NEGATIVE, markersize=3.5, alpha=0.7, linewidth=0)
        for (name, y), colour, line in zip(curves.items(), RUNS, RUN_LINES, strict=False):
            y = np.asarray(y, np.float64)
            if y.shape != x.shape:
                raise ValueError(f"the curve {name!r} has shape {y.shape}, but x has {x.shape}")
            axes.plot(x, y, color=colour, linestyle=line, label=name)
        axes.set(xlabel=x_label, ylabel=y_label)
        if "x" in log:
            axes.set_xscale("log")
        if "y" in log:
            axes.set_yscale("log")
        if y_range is not None:
            axes.set_ylim(*y_range)
        for name, at in (marks or {}).items():
            axes.axvline(at, color=MUTED, linestyle=":", linewidth=1.2)
            axes.annotate(
                name,
                (at, 1),
                xycoords=("data", "axes fraction"),
                xytext=(4, -10),
                textcoords="offset points",
                color=MUTED,
                fontsize=9,
            )
        if len(curves) > 1 or title:
            legend_above(figure, axes, columns=4, title=title)
        return Picture(figure, alt, few_colours=True)
