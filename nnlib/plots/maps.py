"""A function of two numbers as a map: its height by colour and by lines of equal height."""

import numpy as np

from ..support.takes import mapping, numbers, pair, takes, whole
from .picture import Picture
from .style import INK, NEGATIVE, WIDTH, new_figure, style


@takes(
    x=numbers(None),
    y=numbers(None),
    z=numbers(None, None, holes=True),
    levels=whole(1, 100),
    marks=mapping("(x, y)", pair()),
    size=pair(),
)
def height_map(
    x,
    y,
    z,
    *,
    x_label: str,
    y_label: str,
    z_label: str,
    alt: str,
    levels: int = 14,
    marks: dict | None = None,
    size: tuple[float, float] = (0.7 * WIDTH, 3.6),
) -> Picture:
    """Show z, shape (len(y), len(x)), over the plane of x and y.

    `marks` are points with names, {"name": (x, y)}. The levels are closer where z is small,
    so that the bottom of a valley can be seen; z must be finite. Raises ValueError otherwise.
    """
    x, y, z = (np.asarray(v, np.float64) for v in (x, y, z))
    if z.shape != (len(y), len(x)):
        raise ValueError(f"z has shape {z.shape}, but x and y make ({len(y)}, {len(x)})")
    if not np.isfinite(z).all():
        raise ValueError("z holds NaN or infinity: show a smaller region")
    low, high = z.min(), z.max()
    steps = low + (high - low) * np.linspace(0, 1, levels + 1) ** 2
    with style():
        figure = new_figure(size[1], size[0])
        axes = figure.add_subplot()
        axes.grid(False)
        filled = axes.contourf(x, y, z, levels=steps, cmap="cividis")
        axes.contour(x, y, z, levels=steps, colors=INK, linewidths=0.4, alpha=0.6)
        figure.colorbar(filled, ax=axes, label=z_label, format="%.3g")
        for name, (u, v) in (marks or {}).items():
            axes.plot(u, v, "o", color=NEGATIVE, markersize=7, markeredgecolor="#FFFFFF")
            axes.annotate(
                name,
                (u, v),
                xytext=(7, 5),
                textcoords="offset points",
                color="#FFFFFF",
                bbox={"facecolor": INK, "edgecolor": "none", "pad": 1.5},
            )
        axes.set(xlabel=x_label, ylabel=y_label)
        return Picture(figure, alt)
