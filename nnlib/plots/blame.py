"""Whose fault is an answer: the pixels, and the neurons of every layer, with their share of it."""

import numpy as np

from ..analysis.blame import Blame
from ..analysis.explain import superscript
from ..images.square import square_side
from ..support.takes import like, takes
from .picture import Picture
from .style import INK, MUTED, SIGNED, new_figure, style


@takes(found=like("pixels", "the Blame that nnlib.analysis.blame.blame returns"))
def blame(found: Blame, title: str | None = None) -> Picture:
    """Show the blame for one image's loss, found by `nnlib.analysis.blame.blame`.

    From the left: the image, ∂C/∂a⁽⁰⁾ of its pixels, δ of each hidden layer, and δ of the outputs;
    each on a scale of its own, blue above 0 and orange below. Raises ValueError if the input is no
    square image.
    """
    image = found.trace.a[0][0]
    side = square_side(len(image))
    if not side:
        raise ValueError(f"the input has {len(image)} numbers, which are no square image")
    hidden = found.delta[1:-1]
    with style():
        figure = new_figure(2.5 if title is None else 2.75)
        panels = figure.subplots(1, len(hidden) + 3, width_ratios=[1] * (len(hidden) + 2) + [0.8])
        pictures = {"the image": image, "∂C/∂a⁽⁰⁾": found.pixels}
        pictures |= {f"δ{superscript(l)}": delta for l, delta in enumerate(hidden, 1)}
        for axes, (name, values) in zip(panels, pictures.items(), strict=False):
            columns = side if values.size == image.size else int(np.ceil(np.sqrt(values.size)))
            rows = -(-values.size // columns)
            grid = np.full(rows * columns, np.nan)
            grid[: values.size] = values
            reach = float(np.abs(values).max()) or 1.0
            ink = name == "the image"
            axes.imshow(
                grid.reshape(rows, columns),
                cmap="gray_r" if ink else SIGNED,
                vmin=0 if ink else -reach,
                vmax=reach,
                interpolation="nearest",
            )
            axes.set(xticks=[], yticks=[])
            axes.set_title(name, fontsize=9)
            axes.grid(False)
            axes.spines[:].set_visible(True)
        output = found.delta[-1]
        colours = [SIGNED(0.0 if d < 0 else 1.0) for d in output]
        panels[-1].barh(range(len(output)), output, color=colours)
        panels[-1].axvline(0, color=MUTED, linewidth=0.8)
        panels[-1].set_yticks(range(len(output)), range(len(output)), color=INK)
        panels[-1].invert_yaxis()
        panels[-1].grid(False)
        panels[-1].set_title(f"δ{superscript(len(found.weights))}", fontsize=9)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")
        worst = int(np.abs(output).argmax())
        pixel = int(np.abs(found.pixels).argmax())
        alt = (
            f"The blame for a loss of {found.value:.3g}: the largest δ of an output is that of "
            f"{worst}, {output[worst]:.2g}; the largest ∂C/∂a⁽⁰⁾ is that of "
            f"{found.called(0, pixel)}, {found.pixels[pixel]:.2g}."
        )
        return Picture(figure, f"{title}: {alt}" if title else alt)
