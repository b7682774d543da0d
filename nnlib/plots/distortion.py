"""Distorted images: what comes out, and the bent grid that they are read off from."""

from typing import Any

import numpy as np

from ..support.arrays import as_numbers
from ..support.guests import of_images
from ..support.takes import data, seed, takes, whole
from .digits import SIDE, as_images, tiles
from .picture import Picture
from .style import INK, MUTED, TRAINING, new_figure, style, upper_first

EVERY = 3  # the grid has a line at every third pixel


def _function(name: str, value):
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name}={value!r} must be a function (X, rng) → X', as a Distortion is")
    return value


@takes(distortion=_function, seed=seed, copies=whole(1, 10))
def distorted(images, distortion, seed: int = 0, copies: int = 3) -> Picture:
    """Show up to 15 images, shape (n, 784), in a row, and below each distorted copies of it.

    `distortion` is a `nnlib.Distortion`, or any function (X, rng) → X'; each row of copies is
    another draw of the generator of this seed.
    """
    images, rng = as_images(images, most=15).astype(np.float64), np.random.default_rng(seed)
    copied = (of_images("distortion", distortion, images, rng) for _ in range(copies))
    rows = [images, *copied]
    captions = [("as it is", MUTED), *[("", INK)] * (len(images) - 1)]
    captions += [
        ("distorted" if i % len(images) == 0 else "", MUTED) for i in range(copies * len(images))
    ]
    alt = (
        f"{len(images)} handwritten digit{'s' * (len(images) > 1)}, and below each {int(copies)} "
        f"distorted cop{'ies' if copies > 1 else 'y'} of it, by {distortion!r}."
    )
    with style():
        return Picture(tiles(np.concatenate(rows), captions, len(images)), alt)


def _places(name: str, value):
    """Check that a value is rows and columns, a number a pixel each; return both as (1, 28, 28)."""
    both = [as_numbers(name, part).astype(np.float64) for part in data(name, value)]
    if any(part.size != SIDE * SIDE or not np.isfinite(part).all() for part in both):
        shapes = " and ".join(str(part.shape) for part in both)
        raise ValueError(
            f"{name} have shapes {shapes}, but must be rows and columns, finite numbers of shape "
            f"({SIDE}, {SIDE}) each, as Distortion.places returns them"
        )
    return [part.reshape(1, SIDE, SIDE) for part in both]


@takes(places=_places)
def bent_grid(image, places, title: str | None = None) -> Picture:
    """Show where the pixels of a distorted image come from.

    `image` has shape (784,); `places` are rows and columns, of shape (28, 28) or (1, 28, 28)
    each, as `Distortion.places(1, 28, rng)` returns them. The value at a crossing of the straight
    grid, in the new image on the right, is that at the same crossing of the bent grid.
    """
    from ..images.distortion import distance_moved, sample

    rows, columns = places
    image = as_images(as_numbers("image", image).reshape(1, -1))
    new = sample(image.astype(np.float64), rows, columns)
    panels: list[tuple[str, np.ndarray, Any]] = [
        ("the old image, under the bent grid", image, (rows[0], columns[0])),
        ("the new image, under the straight one", new, np.mgrid[0:SIDE, 0:SIDE]),
    ]
    with style():
        figure = new_figure(3.9 if title else 3.6, 7.0)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight="bold")
        for axes, (name, pixels, (down, right)) in zip(figure.subplots(1, 2), panels, strict=True):
            axes.imshow(
                pixels.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest"
            )
            for line in range(0, SIDE, EVERY):
                for at in (np.s_[line, :], np.s_[:, line]):
                    axes.plot(right[at], down[at], color=TRAINING, linewidth=0.9)
            axes.set_title(name, fontsize=10)
            axes.set(xlim=(-4, SIDE + 3), ylim=(SIDE + 3, -4), xticks=[], yticks=[])
            axes.grid(False)
            axes.spines[:].set_visible(False)
        far = distance_moved(rows, columns).max()
        alt = (
            "a digit under a bent grid, and beside it the distorted digit under a straight one: "
            f"each pixel of it is taken from the same crossing of the bent grid, up to {far:.1f} "
            "pixels away."
        )
        return Picture(figure, f"{title}: {alt}" if title else upper_first(alt))
