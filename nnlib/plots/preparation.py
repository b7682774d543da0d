"""A drawn digit on its way to the network."""

import numpy as np
from matplotlib.patches import Rectangle

from ..images.handwriting import MIDDLE, SIDE, Prepared, centre_of_mass
from ..support.takes import like, numbers, takes
from .picture import Picture
from .style import INK, MUTED, TRAINING, VALIDATION, new_figure, style


def _of_one_image(name: str, output) -> np.ndarray:
    """Check an output for one image, also as the one row that `forward` gives."""
    row = output[0] if isinstance(output, np.ndarray) and output.shape[:-1] == (1,) else output
    return numbers(None)(name, row)


@takes(
    prepared=like("scaled", "what nnlib.images.handwriting.prepare returns"), output=_of_one_image
)
def preparation(prepared: Prepared, output=None, title: str | None = None) -> Picture:
    """Show the stages of `nnlib.images.handwriting.prepare`: drawn, cropped, scaled, centred.

    With `output`, shape (n_classes,) or (1, n_classes), bars beside them show what a network makes
    of it.
    """
    rows, columns = prepared.scaled.shape
    row, column = centre_of_mass(prepared.image)
    with style():
        figure = new_figure(2.3 if title is None else 2.5)
        widths = [1, 1, 1, 1] + ([1.1] if output is not None else [])
        panels = figure.subplots(1, len(widths), width_ratios=widths)
        pictures = {
            "drawn": prepared.ink,
            "cropped": prepared.cropped,
            f"scaled to {columns} × {rows}": prepared.scaled,
            "centred in 28 × 28": prepared.image,
        }
        for axes, (name, ink) in zip(panels, pictures.items(), strict=False):
            axes.imshow(ink, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.grid(False)
            axes.set_title(name, fontsize=9)
            for side in axes.spines.values():
                side.set_visible(True)
        top, bottom, left, right = prepared.box
        panels[0].add_patch(
            Rectangle(
                (left - 0.5, top - 0.5),
                right - left,
                bottom - top,
                fill=False,
                edgecolor=VALIDATION,
                linestyle="--",
                linewidth=1.2,
            )
        )
        panels[3].plot([column], [row], "+", color=VALIDATION, markersize=9, markeredgewidth=1.6)
        for line in (panels[3].axhline, panels[3].axvline):
            line(MIDDLE, color=MUTED, linewidth=0.6, linestyle=":")
        if output is not None:
            _draw_bars(panels[4], output)
        if title is not None:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")
        return Picture(figure, _in_words(prepared, output, (row, column)))


def _draw_bars(axes, output) -> None:
    best = int(output.argmax())
    colours = [TRAINING if c == best else MUTED for c in range(len(output))]
    axes.barh(range(len(output)), np.clip(output, 0, 1), color=colours)
    axes.set(yticks=range(len(output)), xlim=(0, 1.3), xticks=[0, 0.5, 1])
    axes.invert_yaxis()
    axes.grid(False)
    axes.set_title("output", fontsize=9)
    axes.text(
        min(max(output[best], 0), 1) + 0.03,
        best,
        f"{output[best]:.2f}",
        va="center",
        fontsize=8,
        color=INK,
    )


def _in_words(prepared: Prepared, output, mass) -> str:
    n, (top, bottom, left, right) = len(prepared.ink), prepared.box
    rows, columns = prepared.scaled.shape
    words = (
        f"A drawn digit: on the pad it takes up {100 * (right - left) / n:.0f} % of the width and "
        f"{100 * (bottom - top) / n:.0f} % of the height; cropped; scaled to {columns} × {rows} "
        f"pixels; and placed in {SIDE} × {SIDE}, its centre of mass in row {mass[0]:.1f}, column "
        f"{mass[1]:.1f}."
    )
    if output is None:
        return words
    first, second = np.argsort(-output, kind="stable")[:2]
    return (
        f"{words} The network reads {first}, output {output[first]:.2f}; next comes {second}, "
        f"{output[second]:.2f}."
    )
