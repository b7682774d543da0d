"""Draw the pictures of the README and of docs/mathematics.md: `make images`.

The numbers in them are computed with nnlib itself; nothing is drawn by hand that
could be calculated. Equal code gives equal files.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from mpl_toolkits import mplot3d  # noqa: F401 (makes projection='3d' known)

from nnlib import GradientDescent
from nnlib.plots import Picture
from nnlib.plots.style import INK, MUTED, NEGATIVE, PAPER, TRAINING, new_figure, style

HERE = Path(__file__).parent
WIDTH = 8.4  # inches
INPUT, HIDDEN, OUTPUT = "#E4E7EA", "#D3E6F3", "#F9DFCB"


def feedforward() -> Picture:
    """A small network with the notation, and one of its neurons written out."""
    figure = new_figure(5.45, WIDTH, constrained=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, 5.45))
    axes.set_axis_off()
    widths, x, radius = [4, 5, 5, 3], [0.85, 2.75, 5.0, 6.9], 0.215
    middle, gap = 3.42, 0.63
    y = [middle + gap * ((n - 1) / 2 - np.arange(n)) for n in widths]
    # The neuron that is written out below, and the weight that is named.
    i, j = 1, 1
    for l in (1, 3):
        for a in range(widths[l - 1]):
            for b in range(widths[l]):
                shown = l == 1 and b == j
                axes.plot(
                    [x[l - 1] + radius, x[l] - radius],
                    [y[l - 1][a], y[l][b]],
                    color=TRAINING if shown else "#C9CDD1",
                    linewidth=1.4 if shown else 0.6,
                    zorder=2 if shown else 1,
                )
    axes.plot(
        [x[0] + radius, x[1] - radius], [y[0][i], y[1][j]], color=NEGATIVE, linewidth=3, zorder=3
    )
    for yy in y[1]:  # towards layers that are not drawn
        axes.plot([x[1] + radius, x[1] + 0.72], [yy, yy], color="#C9CDD1", linewidth=0.6)
    for yy in y[2]:
        axes.plot([x[2] - 0.72, x[2] - radius], [yy, yy], color="#C9CDD1", linewidth=0.6)
    axes.text(
        (x[1] + x[2]) / 2, middle, r"$\cdots$", fontsize=26, ha="center", va="center", color=MUTED
    )
    for l in range(4):
        colour = INPUT if l == 0 else OUTPUT if l == 3 else HIDDEN
        for k, yy in enumerate(y[l]):
            picked = l == 1 and k == j
            axes.add_patch(
                Circle(
                    (x[l], yy),
                    radius,
                    facecolor=colour,
                    zorder=4,
                    edgecolor=TRAINING if picked else "#8A9096",
                    linewidth=2.2 if picked else 0.9,
                )
            )
    for k in range(widths[0]):
        axes.text(
            x[0], y[0][k], f"$a^{{(0)}}_{k + 1}$", fontsize=9.5, ha="center", va="center", zorder=5
        )
    axes.text(x[1], y[1][j], "$a^{(1)}_2$", fontsize=9.5, ha="center", va="center", zorder=5)
    for k in range(widths[3]):
        axes.text(
            x[3], y[3][k], f"$a^{{(L)}}_{k + 1}$", fontsize=9.5, ha="center", va="center", zorder=5
        )
    # The named weight.
    t = 0.5
    point = (x[0] + t * (x[1] - x[0]), y[0][i] + t * (y[1][j] - y[0][i]))
    axes.annotate(
        "$w^{(1)}_{22}$",
        point,
        (point[0] - 0.12, 5.07),
        fontsize=12.5,
        color="#A84800",
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "-", "color": "#A84800", "linewidth": 0.9, "shrinkB": 2},
    )
    axes.text(
        point[0] + 0.28,
        5.17,
        "$w^{(l)}_{ij}$: from neuron $i$ of layer $l - 1$ to neuron $j$ of layer $l$",
        fontsize=9.5,
        va="center",
        color=MUTED,
    )
    heads = [
        "input\n$a^{(0)}$",
        "layer 1\n$a^{(1)}$",
        "layer $L - 1$\n$a^{(L-1)}$",
        "output\n$a^{(L)}$",
    ]
    for xx, head in zip(x, heads, strict=True):
        axes.text(xx, 1.72, head, ha="center", va="top", fontsize=10, linespacing=1.5)
    axes.text(x[3] + 0.42, middle, "prediction", fontsize=9.5, color=MUTED, va="center")
    _written_out(axes)
    alt = (
        "A feedforward network: inputs on the left, each neuron joined to every neuron of the "
        "next layer, outputs on the right; one neuron's weighted sum and activation written out."
    )
    return Picture(figure, alt)


def _written_out(axes) -> None:
    """Write out z and a of the one neuron below the network."""
    axes.add_patch(
        FancyBboxPatch(
            (0.3, 0.2),
            WIDTH - 0.6,
            0.78,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor="#F1F6FA",
            edgecolor=TRAINING,
            linewidth=1.1,
        )
    )
    axes.text(
        0.52,
        0.59,
        "neuron 2\nof layer 1",
        fontsize=9.5,
        va="center",
        color="#005A8C",
        linespacing=1.4,
    )
    axes.text(
        1.6,
        0.59,
        r"$z^{(1)}_2 = w^{(1)}_{12} a^{(0)}_1 + w^{(1)}_{22} a^{(0)}_2 + w^{(1)}_{32} a^{(0)}_3"
        r" + w^{(1)}_{42} a^{(0)}_4 + b^{(1)}_2$",
        fontsize=12,
        va="center",
    )
    axes.text(6.45, 0.59, r"$a^{(1)}_2 = f^{(1)}\,(z^{(1)}_2)$", fontsize=12, va="center")


def gradient_descent() -> Picture:
    """Descent on a surface L(w₁, w₂): the steps that GradientDescent really takes."""

    def loss(x, y):
        return 0.5 * (0.35 * x * x + 1.6 * y * y) + 0.35 * x * y + 0.06 * x**3 + 0.4

    def gradient(p):
        x, y = p
        return np.array([0.35 * x + 0.35 * y + 0.18 * x * x, 1.6 * y + 0.35 * x])

    path = descend(gradient, start=[3.1, 1.75], alpha=0.25, updates=60)
    minimum = descend(gradient, start=[0.1, 0.1], alpha=0.3, updates=4000)[-1]
    x, y = np.meshgrid(np.linspace(-1.6, 3.6, 160), np.linspace(-1.7, 2.3, 140))
    z = loss(x, y)
    # Light towards the minimum; a single hue, so that nothing else is coded in it.
    levels = z.min() + np.linspace(0, np.sqrt(z.max() - z.min()), 17) ** 2
    blues = _blues(len(levels) - 1)

    figure = new_figure(3.75, WIDTH, constrained=False)
    surface = figure.add_axes((-0.01, 0.0, 0.47, 0.98), projection="3d", computed_zorder=False)
    surface.plot_surface(
        x,
        y,
        z,
        rcount=70,
        ccount=70,
        cmap=ListedColormap(blues),
        norm=BoundaryNorm(levels, len(blues)),
        linewidth=0,
        antialiased=False,
        alpha=0.9,
        shade=False,
    )
    surface.contour(x, y, z, levels[1:], colors="#FFFFFF", linewidths=0.7)
    height = loss(*path.T)
    surface.plot(*path.T, height + 0.06, color=NEGATIVE, linewidth=2, marker="o", markersize=3.4)
    surface.plot(*path[:1].T, height[:1] + 0.1, "o", color=INK, markersize=7)
    surface.plot(
        *minimum, loss(*minimum) + 0.1, "*", color=INK, markersize=13, markeredgecolor="white"
    )
    surface.patch.set_visible(False)
    surface.view_init(elev=32, azim=-58)
    surface.set_box_aspect((1.15, 1, 0.72), zoom=1.0)
    surface.set(xlabel="parameter $x_1$", ylabel="parameter $x_2$", xticks=[], yticks=[], zticks=[])
    surface.set_zlabel("loss $L$")
    for axis in (surface.xaxis, surface.yaxis, surface.zaxis):
        axis.set_pane_color((0, 0, 0, 0))
        axis.labelpad = -12

    axes = figure.add_axes((0.545, 0.135, 0.43, 0.76))
    axes.contourf(x, y, z, levels, colors=blues)
    axes.contour(x, y, z, levels[1:], colors="#FFFFFF", linewidths=0.7)
    for a, b in pairwise(path[:9]):
        axes.add_patch(
            FancyArrowPatch(
                a,
                b,
                arrowstyle="-|>",
                mutation_scale=10,
                color=NEGATIVE,
                linewidth=1.8,
                shrinkA=0,
                shrinkB=0,
                zorder=4,
            )
        )
    axes.plot(*path[8:].T, color=NEGATIVE, linewidth=1.8, zorder=4)
    axes.plot(*path.T, "o", color=NEGATIVE, markersize=3.4, zorder=5)
    axes.plot(*path[0], "o", color=INK, markersize=7, zorder=6)
    axes.plot(*minimum, "*", color=INK, markersize=14, zorder=6, markeredgecolor="white")
    label = {"fontsize": 9.5, "bbox": _paper(), "ha": "center", "va": "center"}
    axes.text(path[0][0] - 0.12, path[0][1] + 0.02, "start", **{**label, "ha": "right"})
    axes.text(minimum[0] - 0.2, minimum[1] - 0.42, "minimum, $\\nabla L = 0$", **label)
    middle = (path[1] + path[2]) / 2
    axes.annotate(
        "one update: downhill, at\nright angles to the contours",
        middle,
        (0.35, 1.35),
        arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8, "shrinkB": 3},
        **label,
    )
    axes.text(
        3.45,
        -1.36,
        r"$x \;\leftarrow\; x - \alpha\,\nabla L_x$",
        **{**label, "fontsize": 14, "ha": "right"},
    )
    axes.set(
        xlabel="parameter $x_1$",
        ylabel="parameter $x_2$",
        xlim=(-1.6, 3.6),
        ylim=(-1.7, 2.3),
        aspect="equal",
    )
    axes.set_title("seen from above", fontsize=10)
    figure.text(0.03, 0.921, "the loss as a landscape", fontsize=10)
    axes.grid(False)
    alt = (
        "Gradient descent on the landscape of a loss over two parameters, in perspective and from "
        "above: a path of ever shorter steps from a random start down to the minimum."
    )
    return Picture(figure, alt)


def learning_rate() -> Picture:
    """The same parabola three times: α too small, right, and too large."""
    curvature = 1.0  # λ of L(x) = ½ λ x²
    panels = [
        (0.05, "too small", "after 12 updates hardly half-way"),
        (0.5, "right", "arrives in a few updates"),
        (2.1, "too large", "each step lands higher: it diverges"),
    ]
    figure = new_figure(3.45, WIDTH)
    grid = np.linspace(-4.6, 4.6, 200)
    for axes, (alpha, verdict, what) in zip(
        figure.subplots(1, 3, sharey=True), panels, strict=True
    ):
        start = 1.9 if alpha * curvature > 2 else 4.0
        path = descend(lambda x: curvature * x, [start], alpha, updates=8 if alpha > 2 else 12)
        x = path[:, 0]
        loss = 0.5 * curvature * x * x
        axes.plot(grid, 0.5 * curvature * grid**2, color=TRAINING, linewidth=1.6)
        axes.plot(x, loss, color=NEGATIVE, linewidth=1.1, marker="o", markersize=4.5, zorder=3)
        axes.plot(x[0], loss[0], "o", color=INK, markersize=6.5, zorder=4)
        axes.text(x[0] + 0.35, loss[0], "start", fontsize=9, va="center", ha="left")
        axes.set_title(f"{verdict}:  α = {alpha:g}", fontweight="bold")
        axes.text(
            0.5,
            0.965,
            what,
            transform=axes.transAxes,
            ha="center",
            va="top",
            fontsize=9,
            color=MUTED,
        )
        axes.set(xlabel="parameter x", xlim=(-5.6, 5.9), ylim=(-0.5, 12.6))
        axes.set_xticks([-4, -2, 0, 2, 4])
        axes.label_outer()
    figure.axes[0].set_ylabel("loss  L(x) = ½ λ x²,  λ = 1")
    x, y, width, height = figure.get_layout_engine().get()["rect"]
    figure.get_layout_engine().set(rect=(x, y + 0.08, width, height - 0.08))
    figure.text(
        0.5,
        0.055,
        "Each update multiplies x by 1 − αλ, so the steps shrink only while "
        "α < 2/λ, which is 2 here.",
        ha="center",
        fontsize=9.5,
    )
    alt = (
        "Gradient descent on a parabola with three learning rates: too small creeps, the right "
        "one arrives in a few steps, and one above 2/λ jumps ever higher up the sides."
    )
    return Picture(figure, alt)


def descend(gradient, start, alpha: float, updates: int) -> np.ndarray:
    """Return the points that gradient descent visits: shape (updates + 1, n_parameters)."""
    optimizer, x = GradientDescent(alpha), np.array(start, np.float64)
    points = [x.copy()]
    for _ in range(updates):
        optimizer.update(x, gradient(x))
        points.append(x.copy())
    return np.array(points)


def _blues(n: int) -> list[tuple[float, ...]]:
    """Return n colours from near-white to a middling blue."""
    light, dark = np.array([0.97, 0.98, 0.99]), np.array([0.45, 0.67, 0.82])
    return [tuple(light + (dark - light) * t) for t in np.linspace(0, 1, n)]


def _paper() -> dict:
    """Return the box that keeps a label readable on top of a picture."""
    return {"boxstyle": "round,pad=0.25", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.85}


def main() -> None:
    """Draw all pictures into the folder of this file."""
    for name, draw in {
        "feedforward": feedforward,
        "gradient-descent": gradient_descent,
        "learning_rate": learning_rate,
    }.items():
        with style():
            picture = draw()
        picture.save(HERE / f"{name}.png")
        print(f"img/{name}.png  {picture.width} × {picture.height}, {len(picture.png):,} bytes")


if __name__ == "__main__":
    main()
