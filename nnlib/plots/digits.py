"""Handwritten digits, side by side."""

import numpy as np

from ..analysis.samples import class_means
from ..images.pixels import as_shades
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.checks import as_whole
from ..support.takes import numbers, takes, whole
from .picture import Picture
from .style import GRID, INK, MARGIN, MUTED, VALIDATION, WIDTH, new_figure, style

SIDE = 28  # pixels
MOST = 400  # images in one figure; more would be too small or too long to look at


def digits(
    images, labels=None, predicted=None, columns: int = 10, title: str | None = None
) -> Picture:
    """Show images, shape (n, 784), in rows of `columns`; n is at most 400.

    Their pixels are shades, 0 to 1, or raw, 0 to 255. `labels`, shape (n,), are written above
    them. With `predicted`, shape (n,), as well, a wrong prediction stands behind an arrow: 4 → 9.
    `title` says what they have in common.
    """
    images = as_images(images)
    columns = as_columns(columns)
    if predicted is not None and labels is None:
        raise ValueError("predicted without labels: pass the true labels as well to compare with")
    labels = _as_classes(labels, len(images), "labels")
    predicted = _as_classes(predicted, len(images), "predicted")
    captions: list[tuple[str, str]] = []
    alt = f"{_count(len(images), 'handwritten digit')}"
    if labels is not None:
        captions = [(str(label), INK) for label in labels]
        alt += ", row by row: " + _listed(labels)
    if predicted is not None:
        wrong = np.flatnonzero(labels != predicted)
        for i in wrong:
            captions[i] = (f"{labels[i]} → {predicted[i]}", VALIDATION)
        alt += f". {_count(len(wrong), 'prediction')} of these {_be(len(wrong))} wrong"
        if len(wrong):
            pairs = [f"{labels[i]} taken for {predicted[i]}" for i in wrong[:5]]
            alt += ": " + ", ".join(pairs) + (" and others" if len(wrong) > 5 else "")
    alt = f"{title}: {alt}" if title else alt
    with style():
        return Picture(tiles(images, captions, columns, title), alt + ".")


@takes(limit=whole(1), probabilities=numbers(None, None))
def wrong_digits(
    images, true, predicted, probabilities=None, columns: int = 10, limit: int = 30
) -> Picture:
    """Show the images whose prediction is wrong, at most `limit` of them.

    `images` has shape (n, 784), `true` and `predicted` (n,). With `probabilities`,
    shape (n, n_classes), the most confident mistakes come first, each with the
    probability of the class it was taken for; without, they come in the order given.
    """
    images = as_images(images, most=None)
    columns = as_columns(columns)
    true = _as_classes(true, len(images), "true")
    predicted = _as_classes(predicted, len(images), "predicted")
    wrong = np.flatnonzero(true != predicted)
    captions = [(f"{true[i]} → {predicted[i]}", INK) for i in wrong]
    header = "true → predicted"
    if probabilities is not None:
        confidence = _confidence(probabilities, predicted)[wrong]
        order = np.argsort(-confidence, kind="stable")
        wrong, confidence = wrong[order], confidence[order]
        captions = [
            (f"{true[i]} → {predicted[i]}\n{100 * p:.0f} %", INK)
            for i, p in zip(wrong, confidence, strict=True)
        ]
        header += ", probability of the predicted"
    shown = wrong[: max(1, min(limit, MOST))]
    which = "the surest" if probabilities is not None else "the first"
    some = f", {which} {len(shown)} here" if len(shown) < len(wrong) else ""
    header = f"{len(wrong):,} of {len(images):,} wrong{some}  ({header})"
    if len(wrong) == 0:
        header = f"None of {len(images):,} predictions is wrong"
    alt = f"Wrongly read digits, {_count(len(shown), 'image')}"
    if len(shown):
        pairs = [f"{true[i]} taken for {predicted[i]}" for i in shown[:5]]
        alt += ("; the surest mistakes first" if probabilities is not None else "") + ": "
        alt += ", ".join(pairs) + (" and others" if len(shown) > 5 else "")
    with style():
        return Picture(tiles(images[shown], captions[: len(shown)], columns, header), alt + ".")


def mean_digits(X, y, columns: int = 10) -> Picture:
    """Show the mean image of each class: X has shape (n, 784), y labels of shape (n,)."""
    check_order("X", X, "y", y)
    X = as_images(X, None, "X")
    y = as_labels(y, len(X), name="the labels y")
    means = class_means(X, y)
    counts = np.bincount(y)
    captions = [(str(c), INK) for c in range(len(means))]
    alt = (
        f"The mean image of each class, 0 to {len(means) - 1}, of {len(X):,} images: blurred "
        f"digits, {counts.min():,} to {counts.max():,} images in each."
    )
    with style():
        return Picture(tiles(means, captions, as_columns(columns)), alt)


def tiles(images, captions, columns: int, header: str | None = None):
    """Return a figure of images in rows, each with its (text, colour) above. Use in `style()`."""
    columns = min(columns, max(len(images), 5))  # a lone image need not fill the width
    rows = -(-len(images) // columns)
    lines = 1 + max((text.count("\n") for text, _ in captions), default=0) if captions else 0
    # All in units of an image's pixel; one axes for everything draws far faster than one each.
    inch = columns * (SIDE + 4) / (min(WIDTH, 0.76 * columns + 2 * MARGIN) - 2 * MARGIN)
    room = (0.07 + 0.16 * lines) * inch if captions else 4
    head = 0.22 * inch if header else -4 if not captions else 0
    wide, high = columns * (SIDE + 4), head + rows * (SIDE + room)
    size = (wide / inch + 2 * MARGIN, high / inch + 2 * MARGIN)
    if header:
        size = (WIDTH, size[1])
    figure = new_figure(size[1], size[0], constrained=False)
    axes = figure.add_axes(
        (MARGIN / size[0], MARGIN / size[1], 1 - 2 * MARGIN / size[0], 1 - 2 * MARGIN / size[1])
    )
    axes.set(xlim=(0, (size[0] - 2 * MARGIN) * inch), ylim=(high, 0))
    axes.set_axis_off()
    if header:
        axes.text(2, 0.02 * inch, header, va="top", color=MUTED, fontsize=9)
    for i, image in enumerate(images):
        left = 2 + i % columns * (SIDE + 4)
        top = head + i // columns * (SIDE + room) + room
        axes.imshow(
            image.reshape(SIDE, SIDE),
            cmap="gray_r",
            vmin=0,
            vmax=1,
            interpolation="nearest",
            extent=(left, left + SIDE, top + SIDE, top),
            aspect="auto",
        )
        axes.plot(
            [left, left + SIDE, left + SIDE, left, left],
            [top, top, top + SIDE, top + SIDE, top],
            color=GRID,
            linewidth=0.8,
            clip_on=False,
        )
        if captions:
            text, colour = captions[i]
            axes.text(
                left + SIDE / 2,
                top - 0.03 * inch,
                text,
                color=colour,
                ha="center",
                va="bottom",
                fontsize=9 if columns <= 12 else 108 / columns,
                linespacing=1.15,
                fontweight="bold" if colour == VALIDATION else "normal",
            )
    axes.set(xlim=(0, (size[0] - 2 * MARGIN) * inch), ylim=(high, 0))
    return figure


def as_images(images, most: int | None = MOST, name: str = "images") -> np.ndarray:
    """Return `images` as shades of shape (n, 784), or raise ValueError: see `as_shades`."""
    images = as_numbers(name, images)
    if images.ndim != 2 or images.shape[1] != SIDE * SIDE or len(images) == 0:
        hint = (
            ": for a single image use np.reshape(X, (1, -1))"
            if images.shape == (SIDE * SIDE,)
            else ""
        )
        raise ValueError(
            f"{name} have shape {images.shape}, but must be rows of {SIDE * SIDE} pixels, "
            f"shape (n, {SIDE * SIDE}) with n at least 1{hint}"
        )
    if most is not None and len(images) > most:
        raise ValueError(
            f"{len(images):,} images are too many for one figure: pass at most {most}, "
            f"for example X[:{most}]"
        )
    return as_shades(name, images)


def as_columns(columns) -> int:
    """Return `columns` as an int from 1 to 20, or raise ValueError."""
    return as_whole("columns", columns, 1, 20)


def _as_classes(classes, n: int, name: str) -> np.ndarray | None:
    if classes is None:
        return None
    return as_labels(classes, n, name=name)


def _confidence(probabilities, predicted) -> np.ndarray:
    """Return the probability that each prediction was given."""
    p = as_numbers("probabilities", probabilities)
    if p.ndim != 2 or len(p) != len(predicted) or p.shape[1] <= predicted.max():
        raise ValueError(
            f"probabilities have shape {p.shape}, but must have one row for each of the "
            f"{len(predicted)} images and one column for each class, for example "
            "network.forward(X).output"
        )
    return p[np.arange(len(p)), predicted]


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def _be(n: int) -> str:
    return "is" if n == 1 else "are"


def _listed(labels, most: int = 30) -> str:
    return ", ".join(map(str, labels[:most])) + (" and so on" if len(labels) > most else "")
