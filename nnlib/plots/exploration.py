"""The explorer as a still figure: its chart, its map, or both."""

import math

import numpy as np

from ..support.colours import CLASSES
from .boundaries import MARKERS
from .landscape import draw_contours
from .picture import Picture
from .style import INK, RUN_LINES, RUNS, SIGNED, WIDTH, legend_above, new_figure, style


def exploration(values: dict, arrays: dict, *, title: str, alt: str) -> Picture:
    """Show one frame of an `Explorer`: its plain values, and its arrays by name."""
    chart, plane = bool(values["curves"]), "map" in arrays
    width = WIDTH * (1 if chart and plane else 0.72 if chart else 0.6)
    with style():
        figure = new_figure(3.4, width)
        panels = list(figure.subplots(1, chart + plane, squeeze=False)[0])
        looks = [{"color": c, "linestyle": s} for c, s in zip(RUNS, RUN_LINES, strict=True)]
        if chart:
            _draw_chart(panels[0], values, arrays, looks)
            legend_above(figure, panels[0], columns=4, title=title)
        if plane:
            _draw_map(figure, panels[-1], values, arrays, looks)
            if not chart:
                panels[-1].set_title(title)
        return Picture(figure, alt)


def _draw_chart(axes, values, arrays, looks) -> None:
    names = [(kind, name) for kind in ("curves", "points") for name in values[kind]]
    for i, (kind, name) in enumerate(names):
        if f"{kind} {name}" in arrays:
            look = looks[i % len(looks)]
            if kind == "points":
                look = {"color": look["color"], "linestyle": "", "marker": "o"}
            axes.plot(*arrays[f"{kind} {name}"], label=name, **look)
    if values["log"]:
        axes.set_yscale("log")
    else:
        axes.set_ylim(*values["y_range"])
    axes.set(xlabel=values["chart_axes"][0], ylabel=values["chart_axes"][1])


def _draw_map(figure, axes, values, arrays, looks) -> None:
    (left, right), (bottom, top) = values["limits"]
    low, high = values["heights"]
    heights = arrays["map"]
    side = math.isqrt(heights.size)
    image = axes.imshow(
        heights.reshape(side, side),
        cmap=SIGNED,
        vmin=low,
        vmax=high,
        extent=(left, right, bottom, top),
        aspect="auto",
        alpha=0.75,
    )
    axes.set_box_aspect(1)
    figure.colorbar(image, ax=axes, shrink=0.8)
    axes.grid(False)
    if "levels" in arrays:
        draw_contours(axes, arrays["levels"], linewidth=1.2, alpha=1)
    if "data" in arrays:
        x, y, labels = arrays["data"]
        for c in np.unique(labels).astype(int):
            axes.plot(
                x[labels == c],
                y[labels == c],
                MARKERS[c % 6],
                color=CLASSES[c % 6],
                markeredgecolor=INK,
                markeredgewidth=0.5,
                markersize=5,
            )
    for i, name in enumerate(values["paths"]):
        if f"paths {name}" in arrays:
            path, look = arrays[f"paths {name}"], looks[i % len(looks)]
            axes.plot(*path, **look)
            axes.plot(*path[:, -1:], "o", color=look["color"])
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set(xlabel=values["map_axes"][0], ylabel=values["map_axes"][1])
