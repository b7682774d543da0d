"""From ink on paper to the 784 numbers of a sample, the way that MNIST's own digits went.

    strokes → ink on a pad → cropped to its box → scaled to 20 px → centred in 28 × 28 → X

A network has only seen digits prepared so: its first layer looks for a stroke in certain
pixels, and a digit in another place or of another size puts its strokes in others. Hence
each stage, left out, is an experiment.

Ink is a picture of shape (rows, columns), 0 where the paper is blank and 1 where it is
covered. A scan is no such clean picture: its paper is
grey, and nearly every pixel holds a trace of something. What is paper is told by the edge of the
picture, and what rises less above it than the paper's own grain, `floor`, is paper too; so traces
of a few per cent decide neither what is ink nor where the digit stands. The stages, after LeCun
and others: the digit is size-normalized into a box of
20 × 20 px, its aspect kept, where averaging the ink over each new pixel makes grey levels;
then it is moved, by whole pixels, until its centre of mass is in the middle of 28 × 28. (In
the files the centres of mass lie within half a pixel of row and column 14, counted from 0.)

Source: LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document
recognition* (1998), section III.A; LeCun, Cortes and Burges, *The MNIST database*.
"""

from dataclasses import dataclass

import numpy as np

from ..support.arrays import as_finite, as_numbers
from ..support.blas import blas_threads
from ..support.takes import listing, number, numbers, positive, takes, whole
from ..support.words import shown

SIDE = 28  # pixels of a sample, each way
BOX = 20  # pixels of the digit in it, along its longer side
MIDDLE = 14  # the row and the column of the centre of mass
RASTER = 280  # pixels of the pad: ten to one of a sample
# What rises above the paper by no more than this is no ink; and how many times its typical grain
# the paper may rise above itself.
TRACE, GRAIN = 0.1, 6
# Dark pixels that lie scattered over this share of the sheet, each way, are its grain.
SPREAD = 0.8
# The pen's width as a share of the pad. A digit drawn over two thirds of the pad then has
# strokes of 2.4 px once it is 20 px high, like those of MNIST.
PEN = 0.08
# In less than so many widths of the pen the strokes of a digit run together, and its holes close.
SMALL = 3


class NothingDrawn(ValueError):
    """There is no ink to prepare."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """All stages of one digit.

    ink       shape (n, n): what was drawn; of a scan, without its paper
    box       (top, bottom, left, right): the rows and columns of `ink` that were kept, the
              ends not included
    cropped   shape (bottom − top, right − left)
    scaled    shape (rows, columns)
    image     shape (28, 28): what the network gets
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]
    cropped: np.ndarray
    scaled: np.ndarray
    image: np.ndarray

    @property
    def X(self) -> np.ndarray:
        """The image as a batch of one sample, shape (1, 784)."""
        return self.image.reshape(1, -1)


def prepare(ink, *, crop: bool = True, scale: bool = True, centre: bool = True) -> Prepared:
    """Return the stages of a drawing, `ink` of shape (n, n) with n ≥ 28 and values in [0, 1].

    crop     False: the box is the whole pad
    scale    False: as many pixels as the box takes up if the pad is shrunk to 28 × 28
    centre   False: the digit stays where it was drawn on the pad

    With all three False the pad is simply shrunk. Raises NothingDrawn if there is no ink, and
    ValueError if it is not such a picture, or black on white.
    """
    ink = without_paper(as_ink(ink))
    n = len(ink)
    drawn = bounding_box(ink)  # also where it is not used, an empty pad is told
    box = drawn if crop else (0, n, 0, n)
    top, bottom, left, right = box
    cropped = ink[top:bottom, left:right]
    longest = BOX if scale else round(max(cropped.shape) * SIDE / n)
    scaled = scale_to(cropped, longest)
    if centre:
        image = centre_by_mass(scaled)
    else:
        at = [(a + b) / 2 * SIDE / n for a, b in ((top, bottom), (left, right))]
        image = _place(scaled, [c - length / 2 for c, length in zip(at, scaled.shape, strict=True)])
    return Prepared(ink, box, cropped, scaled, image)


def without_paper(ink: np.ndarray) -> np.ndarray:
    """Return `ink` with 0 for all that is paper; a clean drawing comes back as it is.

    The level of the paper is the median along the edge; where the light falls from one side, it is
    the plane through the medians of the four sides. A pixel is ink if it rises above the
    paper's grain, and touches what rises well above it. Raises
    NothingDrawn if nothing stands out by more than TRACE, ValueError for black on white.
    """
    paper = float(np.median(_edge(ink)))
    if paper > 0.5 and paper - ink.min() > TRACE:
        if np.median(ink) < paper - TRACE:
            raise ValueError(
                f"the picture has a frame: along its edge ink is {paper:.2g}, and elsewhere mostly "
                f"{np.median(ink):.2g}. Cut the edge off"
            )
        raise ValueError(
            f"the picture is black on white: along its edge ink is {paper:.2g}, but blank paper "
            "must be 0 and ink 1. Pass 1 - ink"
        )
    rise = ink - paper
    if np.median(np.abs(_edge(rise - _slope(ink)))) < np.median(np.abs(_edge(rise))):
        rise -= _slope(ink)
    highest = float(rise.max())
    if highest <= TRACE:
        what = (
            f"every pixel is within {TRACE:.0%} of {paper:.2g}" if ink.any() else "every pixel is 0"
        )
        raise NothingDrawn(f"nothing is drawn: {what}, and ink is above the paper")
    if _is_grain(rise > highest / 2):
        raise NothingDrawn(
            "nothing is drawn but the paper's grain: what is darkest lies scattered, and ink hangs "
            "together"
        )
    grain = np.quantile(np.abs(rise[rise < highest / 5]), 0.75)  # of a clean drawing it is 0
    floor = min(GRAIN * grain, highest / 4)
    if paper == 0 and floor == 0:
        clean = ink
    else:
        black = np.quantile(rise[rise > highest / 2], 0.75)
        clean = np.where(rise > floor, np.minimum(rise / black, 1), 0.0)
    surely = max(TRACE, 1.5 * floor / highest) * clean.max()
    box = _grown(_box(clean > surely), clean > 0, reach=-(-len(ink) // SIDE))
    outside = np.ones(ink.shape, bool)
    outside[box[0] : box[1], box[2] : box[3]] = False
    return np.where(outside, 0.0, clean)


def _edge(ink: np.ndarray) -> np.ndarray:
    """Return the pixels along the edge."""
    return np.concatenate([ink[0], ink[-1], ink[1:-1, 0], ink[1:-1, -1]])


def _slope(ink: np.ndarray) -> np.ndarray:
    """Return how far the paper lies above its middle, (n, n), by the medians of the four sides."""
    top, bottom, left, right = (np.median(side) for side in (ink[0], ink[-1], ink.T[0], ink.T[-1]))
    across = np.linspace(-0.5, 0.5, len(ink))
    return (bottom - top) * across[:, None] + (right - left) * across


def _is_grain(dark: np.ndarray) -> bool:
    """Whether these pixels, true in `dark`, lie all over the sheet and most of them alone.

    A pixel is alone if none of the four beside it is dark.
    """
    top, bottom, left, right = _box(dark)
    if min(bottom - top, right - left) < SPREAD * len(dark):
        return False
    beside = np.zeros_like(dark)
    beside[1:] |= dark[:-1]
    beside[:-1] |= dark[1:]
    beside[:, 1:] |= dark[:, :-1]
    beside[:, :-1] |= dark[:, 1:]
    return bool(np.count_nonzero(dark & beside) < np.count_nonzero(dark) / 2)


def _box(ink: np.ndarray) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) of the pixels that are not 0, of which there is one."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _grown(
    box: tuple[int, int, int, int], ink: np.ndarray, reach: int
) -> tuple[int, int, int, int]:
    """Return the box, wider by ink that touches it, as the grey edge of a stroke does.

    It grows by `reach` pixels at most: so wide is the edge of a stroke, a pixel of a sample.
    """
    for _ in range(reach):
        top, left = max(box[0] - 1, 0), max(box[2] - 1, 0)
        found = _box(ink[top : box[1] + 1, left : box[3] + 1])
        box = (top + found[0], top + found[1], left + found[2], left + found[3])
    return box


@takes(ink=numbers(None, None))
def bounding_box(ink) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) of the ink, such that ink[top:bottom, left:right] has all.

    All that is above 0 counts: see `without_paper`. Raises NothingDrawn if there is none.
    """
    ink = as_numbers("ink", ink)
    if not ink.any():
        raise NothingDrawn("nothing is drawn: every pixel is 0, and ink is above 0")
    return _box(ink)


@takes(ink=numbers(None, None), longest=whole(1, 10_000))
def scale_to(ink, longest: int = BOX) -> np.ndarray:
    """Return `ink`, shape (h, w), so that its longer side is `longest` px, the aspect kept.

    Each new pixel is the mean of the ink over the area that it covers: R ink Cᵀ, where a row
    of R and of C holds the shares of the old pixels in a new one.
    """
    ink = as_numbers("ink", ink).astype(np.float64, copy=False)
    rows, columns = (max(1, round(longest * side / max(ink.shape))) for side in ink.shape)
    with blas_threads(1):  # several wait longer for one another than so small a product takes
        return _shares(rows, ink.shape[0]) @ ink @ _shares(columns, ink.shape[1]).T


@takes(image=numbers(None, None))
def centre_of_mass(image) -> tuple[float, float]:
    """Return (row, column) of the centre of mass, Σ position · ink / Σ ink, counted from 0."""
    image = as_numbers("image", image).astype(np.float64, copy=False)
    mass = image.sum()
    if not mass > 0:
        raise NothingDrawn(f"the image has no centre of mass: its ink adds up to {mass:g}")
    row, column = (
        float(image.sum(axis=1 - axis) @ np.arange(image.shape[axis]) / mass) for axis in (0, 1)
    )
    return row, column


@takes(image=numbers(None, None))
def centre_by_mass(image) -> np.ndarray:
    """Return shape (28, 28): `image` moved until its centre of mass is in row and column 14.

    It moves by whole pixels, so that it is not blurred, and no further than to the edge, so
    that no ink is lost.
    """
    top, bottom, left, right = bounding_box(image)
    ink = image[top:bottom, left:right]
    if max(ink.shape) > SIDE:
        raise ValueError(
            f"the ink of the image takes up {ink.shape[0]} × {ink.shape[1]} pixels, but only "
            f"{SIDE} × {SIDE} have room: scale_to makes it smaller"
        )
    return _place(ink, [MIDDLE - mass for mass in centre_of_mass(ink)])


# How ink comes onto the pad.


@takes(strokes=listing("strokes", rows=True), pen=number(), size=whole(1, 10_000))
def rasterize(strokes, pen: float = PEN, size: int = RASTER) -> np.ndarray:
    """Return the ink, shape (size, size), of strokes drawn with a round pen.

    strokes   a list of strokes, each of shape (n_points, 2): x to the right and y downwards,
              0 to 1 over the pad. What is drawn beyond the pad is lost. One point is a dot
    pen       its width, as a share of the pad

    Raises ValueError for a stroke of another shape, and for a pen of no width.
    """
    ink = np.zeros((size, size))
    for i, stroke in enumerate(strokes, 1):
        try:
            draw_stroke(ink, stroke, pen)
        except ValueError as error:
            raise ValueError(f"stroke {i}: {error}") from None
    return ink


def is_small(strokes, pen: float = PEN) -> bool:
    """Whether a drawing, strokes as of `rasterize`, is so small that its strokes run together."""
    points = np.concatenate([as_stroke(stroke) for stroke in strokes] or [np.zeros((1, 2))])
    return bool(np.ptp(points, axis=0).max() < SMALL * pen)


def draw_stroke(ink: np.ndarray, stroke, pen: float = PEN) -> None:
    """Add one stroke to `ink`, shape (size, size), in place.

    A pixel is covered as far as the pen's edge has passed its middle: wholly from half a pixel
    on, so that edges are grey where they should be. Where strokes cross ink does not add up.
    """
    points = as_stroke(stroke)
    if not 0 < pen <= 1:
        raise ValueError(f"pen={shown(pen)} must be a share of the pad, above 0 and at most 1")
    size, radius = len(ink), pen * len(ink) / 2
    points = points * size - 0.5  # in pixels, whose middles are at whole numbers
    starts = points[:-1] if len(points) > 1 else points
    for a, b in zip(starts, points[-len(starts) :], strict=True):
        # Only the pixels that this piece can reach.
        low = np.clip(np.floor(np.minimum(a, b) - radius - 1), 0, size).astype(int)
        high = np.clip(np.ceil(np.maximum(a, b) + radius + 2), 0, size).astype(int)
        x, y = np.arange(low[0], high[0]), np.arange(low[1], high[1])[:, None]
        distance = _distance(x, y, a, b)
        window = ink[low[1] : high[1], low[0] : high[0]]
        np.maximum(window, np.clip(radius - distance + 0.5, 0, 1), out=window)


@takes(
    across=number(),
    down=number(),
    degrees=number(),
    zoom=positive,
    size=whole(1, 10_000),
)
def paste(
    image,
    *,
    across: float = 0.0,
    down: float = 0.0,
    degrees: float = 0.0,
    zoom: float = 1.0,
    size: int = RASTER,
) -> np.ndarray:
    """Return a sample, `image` of shape (28, 28) or (784,), as ink on a pad of (size, size).

    It is turned clockwise by `degrees` and made `zoom` times as large, about its middle, and
    then moved, `across` to the right and `down`, in pixels of the sample. Ink beyond the pad is
    lost. Raises ValueError for another shape or a zoom of 0.
    """
    image = as_finite("image", image).astype(np.float64)
    if image.size != SIDE * SIDE:
        raise ValueError(
            f"image has shape {image.shape}, but a sample has {SIDE * SIDE} pixels, (28, 28)"
        )
    image = image.reshape(SIDE, SIDE)
    middle, angle = SIDE / 2, np.deg2rad(degrees)
    at = (np.arange(size) + 0.5) * SIDE / size - middle  # from the middle, in pixels of a sample
    x, y = at - across, at[:, None] - down
    # Back by the angle: where in the sample each pixel of the pad has its ink from.
    u = np.floor((np.cos(angle) * x + np.sin(angle) * y) / zoom + middle).astype(int)
    v = np.floor((np.cos(angle) * y - np.sin(angle) * x) / zoom + middle).astype(int)
    inside = (u >= 0) & (u < SIDE) & (v >= 0) & (v < SIDE)
    return np.where(inside, image[v.clip(0, SIDE - 1), u.clip(0, SIDE - 1)], 0.0)


# What comes in.


def as_ink(ink) -> np.ndarray:
    """Return a drawing as an array of shape (n, n), n ≥ 28, with values in [0, 1].

    Raises ValueError for anything else.
    """
    ink = as_numbers("ink", ink)
    if ink.ndim != 2 or ink.shape[0] != ink.shape[1] or len(ink) < SIDE:
        raise ValueError(
            f"ink has shape {ink.shape}, but must be a square picture of at least {SIDE} × {SIDE} "
            f"pixels, one number a pixel{_how_to_square(ink)}"
        )
    ink = ink.astype(np.float64, copy=False)
    if not np.isfinite(ink).all():
        row, column = np.argwhere(~np.isfinite(ink))[0]
        raise ValueError(f"ink is {ink[row, column]} in row {row}, column {column}")
    if ink.min() < 0 or ink.max() > 1:
        low, high = float(ink.min()), float(ink.max())
        cure = ": np.clip(ink, 0, 1) keeps it there, if a resampling has gone beyond"
        if high > 2:
            white = next((w for w in (255, 65535) if high <= w), f"{high:g}")
            cure = f": pass np.asarray(ink) / {white}" if low >= 0 else ""
        raise ValueError(
            f"ink goes from {low:.9g} to {high:.9g}, but must lie between 0, blank paper, and 1, "
            f"covered{cure}"
        )
    return ink


def _how_to_square(ink: np.ndarray) -> str:
    """Say which line of code makes a square picture in greys of an array, if one does."""
    if ink.shape == (SIDE * SIDE,):
        return f": np.reshape(ink, ({SIDE}, {SIDE}))"
    if ink.ndim == 3 and ink.shape[2] == 3:
        return ": the mean of the colours, np.mean(ink, axis=2), is grey"
    if ink.ndim == 3 and ink.shape[2] in (2, 4):
        return (
            ": its last channel says what is not transparent. On transparent ground that is the "
            "ink, np.asarray(ink)[..., -1]; else take the mean of the others, "
            "np.asarray(ink)[..., :-1].mean(axis=2)"
        )
    if ink.ndim == 2 and min(ink.shape) >= SIDE:
        return ": cut a square out, or add blank paper to its shorter side (np.pad)"
    return ""


def as_stroke(stroke) -> np.ndarray:
    """Return a stroke as an array of shape (n_points, 2), or raise ValueError."""
    try:
        points = as_numbers("stroke", stroke).astype(np.float64)
    except ValueError as error:
        raise ValueError(f"a stroke is a list of points (x, y): {error}") from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"a stroke is a list of points (x, y), shape (n_points, 2), not {points.shape}"
        )
    if not np.isfinite(points).all():
        raise ValueError("a point of the stroke is NaN or infinite")
    return points


def _shares(n_new: int, n_old: int) -> np.ndarray:
    """Return shape (n_new, n_old): the share of each old pixel in the mean over a new one."""
    edges = np.arange(n_new + 1) * (n_old / n_new)
    old = np.arange(n_old)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.maximum(overlap, 0) * (n_new / n_old)


def _place(image, corner) -> np.ndarray:
    """Return shape (28, 28) with `image` at the whole-pixel corner nearest to `corner`, all in."""
    frame = np.zeros((SIDE, SIDE))
    # Exactly between two pixels, rounding errors must not decide.
    top, left = (
        min(max(round(round(at, 9)), 0), SIDE - length)
        for at, length in zip(corner, image.shape, strict=True)
    )
    frame[top : top + image.shape[0], left : left + image.shape[1]] = image
    return frame


def _distance(x, y, a, b) -> np.ndarray:
    """Return the distance of every (x, y) from the line that joins a and b."""
    dx, dy = b - a
    length = dx * dx + dy * dy
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / length, 0, 1) if length else 0
    return np.hypot(x - a[0] - along * dx, y - a[1] - along * dy)
