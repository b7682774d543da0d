"""Where descents went: paths on the map of a loss surface."""

import numpy as np

from ..landscapes.surfaces import Surface, relief
from ..support.takes import like, mapping, numbers, takes
from .landscape import draw_map
from .picture import Picture
from .style import INK, RUN_LINES, RUNS, WIDTH, legend_above, new_figure, style

MOST_IN_A_ROW = 3  # maps, side by side: smaller ones cannot be read


@takes(
    surface=like("gradient", "a Surface of nnlib.landscapes"),
    paths=mapping("positions", numbers(None, 2)),
)
def paths(
    surface: Surface,
    paths: dict,
    *,
    alt: str,
    title: str | None = None,
    labels: tuple[str, str] = ("x₁", "x₂"),
    panels: bool = False,
) -> Picture:
    """Show positions, {"name": shape (n, 2), …}, joined in their order, on the map of `surface`.

    alt     in words, what the figure shows
    labels  what the two parameters are called
    panels  whether each path has a map of its own, side by side, more than three of them in
            two rows: for paths that are long

    The start of a path is a dot, the minima of the surface are stars; what leaves the
    window is cut off. Raises ValueError for more paths than can be told apart.
    """
    if not 1 <= len(paths) <= len(RUNS):
        raise ValueError(f"{len(paths)} paths: from 1 to {len(RUNS)} can be told apart")
    land = relief(surface)
    groups = [{name: path} for name, path in paths.items()] if panels else [paths]
    colours = dict(zip(paths, zip(RUNS, RUN_LINES, strict=True), strict=False))
    with style():
        width = WIDTH if len(groups) > 1 else 0.62 * WIDTH
        rows = 1 if len(groups) <= MOST_IN_A_ROW else 2
        columns = -(-len(groups) // rows)
        figure = new_figure(rows * width / columns + (0.35 if title else 0.1), width)
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        axes = grid.ravel()
        for unused in axes[len(groups) :]:
            unused.set_visible(False)
        for panel, group in zip(axes, groups, strict=False):
            draw_map(panel, surface, land)
            for name, path in group.items():
                colour, line = colours[name]
                x, y = np.asarray(path, np.float64).T
                panel.plot(
                    x,
                    y,
                    color=colour,
                    linestyle="-" if panels else line,
                    label=name,
                    linewidth=1.3,
                    marker="o",
                    markersize=2.2,
                )
                panel.plot(x[0], y[0], "o", color=INK, markersize=6)
            if len(groups) > 1:
                panel.set_title(name)
            panel.set_xlabel(labels[0])
        for first in grid[:, 0]:
            first.set_ylabel(labels[1])
        if len(groups) == 1:
            legend_above(figure, axes[0], columns=3, title=title)
        elif title:
            figure.suptitle(title, x=0.02, ha="left", fontweight="bold", fontsize=11)
        return Picture(figure, alt, few_colours=True)
