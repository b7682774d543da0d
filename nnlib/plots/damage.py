"""Accuracy under damage, with the damaged images below it."""

import numpy as np

from ..images.damage import KINDS, damaged
from ..support.takes import mapping, numbers, seed, takes
from .digits import SIDE, as_images
from .picture import Picture
from .style import GRID, MUTED, RUN_LINES, RUNS, WIDTH, legend_above, new_figure, style, upper_first


def _kind(name: str, value):
    """Check that a value is a kind of damage, or a function that does some."""
    if not callable(value) and not (isinstance(value, str) and value in KINDS):
        raise ValueError(f"{name}={value!r} is no damage: choose {', '.join(KINDS)}, or a function")
    return value


@takes(
    kind=_kind,
    strengths=numbers(None),
    accuracies=mapping("accuracies", numbers(None, holes=True)),
    seed=seed,
)
def damage(
    kind,
    strengths,
    accuracies: dict,
    images,
    *,
    seed: int = 0,
    unit: str | None = None,
    title: str | None = None,
) -> Picture:
    """Show how accuracy falls as the damage grows, and some `images` under each strength.

    kind         as for `nnlib.images.damage.damaged`: 'noise', 'rotation', 'shift' or a function
    strengths    shape (m,), increasing
    accuracies   {"name": accuracies}, each of shape (m,): see `nnlib.images.damage.accuracy_under`
    images       shape (n, 784), from 1 to 4 of them
    unit         of the strength; that of the kind by default
    """
    strengths, images = (
        np.asarray(strengths, np.float64),
        as_images(images, most=4).astype(np.float64),
    )
    if strengths.ndim != 1 or not 2 <= len(strengths) <= 15 or not (np.diff(strengths) > 0).all():
        raise ValueError("strengths must be from 2 to 15 numbers that increase")
    if not 1 <= len(accuracies) <= len(RUNS):
        raise ValueError(f"{len(accuracies)} networks: from 1 to {len(RUNS)} can be told apart")
    name_of_kind = kind if kind in KINDS else getattr(kind, "__name__", "damage")
    unit = unit or (KINDS[kind][1] if kind in KINDS else "strength")
    shown = [damaged(images, kind, s, seed) for s in strengths]
    # Inches: a column for each strength, an image in it, and the rows of images.
    column = (WIDTH - 0.85) / len(strengths)
    tile = min(0.85 * column, 0.75)
    high = len(images) * tile * (SIDE + 4) / SIDE + 0.3
    with style():
        figure = new_figure(2.9 + 0.3 * bool(title) + high)
        axes, strip = figure.subplots(2, 1, height_ratios=[2.0, high + 0.25])
        words = []
        for (name, values), colour, line in zip(accuracies.items(), RUNS, RUN_LINES, strict=False):
            values = 100 * np.asarray(values, np.float64)
            if values.shape != strengths.shape:
                raise ValueError(
                    f"the accuracies of {name!r} have shape {values.shape}, but there are "
                    f"{len(strengths)} strengths"
                )
            axes.plot(
                strengths,
                values,
                color=colour,
                linestyle=line,
                marker="o",
                markersize=4,
                label=name,
            )
            words.append(f"{name}, from about {values[0]:.0f} % to about {values[-1]:.0f} %")
        axes.set(xlabel=f"{name_of_kind}: {unit}", ylim=(0, 102))
        axes.set_title("accuracy, %", fontsize=10)
        step = np.diff(strengths)
        if np.allclose(step, step[0]):  # each column of images stands below its strength
            axes.set_xlim(strengths[0] - step[0] / 2, strengths[-1] + step[0] / 2)
            axes.set_xticks(strengths)
        _draw_strip(strip, shown, strengths, pitch=SIDE * column / tile)
        legend_above(figure, axes, title=title)
        alt = (
            f"accuracy over the strength of {name_of_kind}, {strengths[0]:g} to "
            f"{strengths[-1]:g} {unit}: {'; '.join(words)}. Below, {len(images)} "
            f"image{'s' * (len(images) > 1)} under each strength."
        )
        return Picture(figure, f"{title}: {alt}" if title else upper_first(alt), few_colours=True)


def _draw_strip(axes, shown, strengths, pitch: float) -> None:
    """Draw a column of images for each strength, `pitch` pixels from one to the next."""
    down, rows = SIDE + 4, len(shown[0])
    for i, images in enumerate(shown):
        left = (i + 0.5) * pitch - SIDE / 2
        for j, image in enumerate(images):
            top = j * down
            axes.imshow(
                image.reshape(SIDE, SIDE),
                cmap="gray_r",
                vmin=0,
                vmax=1,
                interpolation="nearest",
                extent=(left, left + SIDE, top + SIDE, top),
            )
            axes.plot(
                [left, left + SIDE, left + SIDE, left, left],
                [top, top, top + SIDE, top + SIDE, top],
                color=GRID,
                linewidth=0.8,
            )
        axes.text(
            left + SIDE / 2,
            -2,
            f"{strengths[i]:g}",
            ha="center",
            va="bottom",
            color=MUTED,
            fontsize=9,
        )
    axes.set(xlim=(0, len(shown) * pitch), ylim=(rows * down - 3, -10), aspect="equal")
    axes.set_axis_off()
