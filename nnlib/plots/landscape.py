"""Loss surfaces: their map, and how descents went on them."""

from matplotlib.collections import LineCollection

from ..landscapes.surfaces import Relief, Surface
from .picture import Picture
from .style import INK, RUN_LINES, RUNS, legend_above, new_figure, style


def draw_contours(axes, pieces, linewidth: float = 0.4, alpha: float = 0.35) -> None:
    """Draw contour lines, given as their pieces, shape (4, k): from (x₁, x₂) to (x₁, x₂)."""
    # One collection: a map has thousands of pieces, and as many single lines take seconds.
    lines = LineCollection(
        pieces.T.reshape(-1, 2, 2), colors=INK, linewidths=linewidth, alpha=alpha
    )
    axes.add_collection(lines, autolim=False)


def draw_map(axes, surface: Surface, relief: Relief) -> None:
    """Draw heights in grey, the higher the darker, their contour lines and the minima."""
    (left, right), (bottom, top) = surface.limits
    axes.imshow(
        relief.heights,
        cmap="Greys",
        vmax=2.4,  # of heights up to 1: light enough for the paths on it
        origin="lower",
        interpolation="bilinear",
        extent=(left, right, bottom, top),
    )
    draw_contours(axes, relief.contours)
    axes.plot(*surface.minima.T, "*", color=INK, markersize=10)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.grid(False)


def descents(
    surface: Surface, land, walks: dict, *, looks: dict, steps: int, heights=None
) -> Picture:
    """Show the paths of several descents on one surface, and their losses beside it.

    land     the `relief` of the surface; of one with a single parameter its `profile`
    walks    {"name": (path, losses)}, each of shape (2, n): the path on the map, or on the
             profile as (x, loss); and the losses over the steps
    looks    {"name": number of its colour and line}, so that a name always looks the same
    steps    how many were made
    heights  from where to where the loss of a profile is drawn
    """
    with style():
        figure = new_figure(3.9)
        place, losses = figure.subplots(1, 2)
        line = surface.parameters == 1
        if line:
            _draw_profile(place, surface, land, heights)
        else:
            draw_map(place, surface, land)
        for name, (path, loss) in walks.items():
            i = looks[name]
            look = {"color": RUNS[i], "linestyle": RUN_LINES[i]}
            place.plot(*path, **look, **({"marker": "o", "markersize": 3} if line else {}))
            place.plot(*path[:, :1], "o", color=INK, markerfacecolor="none", markersize=9)
            losses.semilogy(*loss, label=name, **look)
        place.set(xlabel="x" if line else "x₁", ylabel="loss" if line else "x₂")
        done = f"{steps} steps" if steps else "before the first step"
        place.set_title(f"{surface.name}, {done}", fontsize=10)
        losses.set_title("loss", fontsize=10)
        losses.set_xlabel("step")
        if walks:
            legend_above(figure, losses, columns=5)
        if not steps:
            losses.set_xlim(-1, 60)
        what = f"{'Curve' if line else 'Map'} of the loss surface {surface.name}"
        who = ", ".join(walks) or "no optimizer"
        alt = f"{what} with the paths of {who} over {steps} steps, and their loss against the step."
        if not steps:
            alt = f"{what} with the start of {who}, before the first step."
        return Picture(figure, alt)


def _draw_profile(axes, surface: Surface, profile, heights) -> None:
    """Draw the loss over the only parameter, and its minima."""
    axes.plot(*profile, color=INK, linewidth=1)
    minima = surface.minima
    axes.plot(minima[:, 0], surface.value(minima), "*", color=INK, markersize=10)
    axes.set(xlim=surface.limits[0], ylim=heights)
    axes.grid(False)
