"""Damage: how much worse a network reads when its images are not as they were in training.

Three kinds, each with a strength s in units of its own. X' is the damaged image at the pixel p,
with c the centre of the image:

    noise      X'(p) = X(p) + s ε(p),  ε ~ N(0, 1),  kept within 0 … 1 ¹   s in shades: 1 is black ²
    rotation   X'(p) = X(c + R (p − c)),  R turns by ± s                    s in degrees
    shift      X'(p) = X(p − t),  |t| = s                                   s in pixels

Between the pixels X is interpolated (bilinear, see `nnlib.images.distortion.sample`), and it is 0,
paper, outside. An image that leaves 0 … 1 is kept within its own range (¹), so that strength 0
changes nothing. In raw pixels black is 255, or the end of another range, and the noise as many
times as strong (²). Whole numbers are rounded, and a seed damages the same images alike in whatever
type they are. The sign of a rotation and the direction of a shift are drawn for each image.

Everything that a `Distortion` does in training is here done to the test; the accuracy falls less
steeply for a network that was trained on such images. Source of the idea: Hendrycks and
Dietterich, *Benchmarking neural network robustness to common corruptions* (2019).
"""

import numpy as np

from ..support.arrays import as_finite, as_numbers, check_order
from ..support.checks import as_number, as_seed
from ..support.guests import of_images
from ..support.words import shown
from ..training.evaluation import accuracy
from .distortion import sample
from .pixels import as_floats, black_of, rounded_to
from .square import side_of

# Images that are damaged at a time.
AT_ONCE = 500


def noisy(X, sd: float, rng) -> np.ndarray:
    """Return X + sd·ε with ε ~ N(0, 1) from `rng`, an image a row (X has any shape).

    Each image is kept within 0 … 1, or its own range where that goes further.
    """
    X, sd = as_finite("X", X), as_number("sd", sd, 0)
    images = as_floats(X)
    low = images.min(axis=-1, keepdims=True, initial=0)
    high = images.max(axis=-1, keepdims=True, initial=1)
    # In float32 whatever the images are in: the same generator gives the same noise.
    noise = rng.standard_normal(X.shape, np.float32)
    return rounded_to(X.dtype, np.clip(images + images.dtype.type(sd) * noise, low, high))


def rotated(X, degrees) -> np.ndarray:
    """Return the images X, shape (n, s·s), turned anticlockwise by `degrees`: one for all, or n."""
    X = as_finite("X", X)
    down, right = _from_centre(X)
    angle = np.radians(_each("degrees", degrees, len(X)))
    # What stands at p now stood there before it was turned, so the way back is taken.
    sin, cos = np.sin(angle), np.cos(angle)
    return _at(X, cos * down + sin * right, cos * right - sin * down)


def shifted(X, right=0.0, down=0.0) -> np.ndarray:
    """Return the images X, shape (n, s·s), moved by `right` and `down` pixels: one number, or (n,).

    A fraction of a pixel is allowed: it spreads each pixel over its neighbours.
    """
    X = as_finite("X", X)
    row, column = _from_centre(X)
    right, down = _each("right", right, len(X)), _each("down", down, len(X))
    return _at(X, row - down, column - right)


def _turned_either_way(X, degrees, rng):
    return rotated(X, degrees * rng.choice([-1, 1], len(X)))


def _moved_anywhere(X, pixels, rng):
    angle = rng.uniform(0, 2 * np.pi, len(X))
    return shifted(X, pixels * np.cos(angle), pixels * np.sin(angle))


# Each kind: what it does to images, (X, strength, rng) → X', and the unit of its strength.
KINDS = {
    "noise": (noisy, "s.d. of the noise (1 is black)"),
    "rotation": (_turned_either_way, "degrees"),
    "shift": (_moved_anywhere, "pixels"),
}


def damaged(X, kind, strength: float, seed: int = 0) -> np.ndarray:
    """Return damaged copies of the images X, shape (n, s·s): the same ones for the same seed.

    `kind` is 'noise', 'rotation', 'shift' or a function (X, strength, rng) → X'. Of one seed,
    every strength uses the same ε, signs and directions, so that only the strength differs;
    at strength 0 the images are unchanged. A function is given a copy, and what it returns is
    checked. Raises ValueError for what cannot be done.
    """
    act = _function(kind)
    X, rng = as_finite("X", X), np.random.default_rng(as_seed(seed))
    side_of(X)
    strength = as_number("strength", strength, 0)
    if act is noisy:
        strength *= black_of(X)
    made = np.empty(X.shape, X.dtype)
    for rows in (slice(i, i + AT_ONCE) for i in range(0, len(X), AT_ONCE)):
        made[rows] = of_images("kind", act, X[rows], strength, rng)
    return made


def accuracy_under(network, X, y, kind, strengths, seed: int = 0) -> np.ndarray:
    """Return the accuracy of `network` on X, damaged by each of the strengths: shape (m,).

    X has shape (n, s·s), and y holds labels of shape (n,); see `damaged`.
    """
    check_order("X", X, "y", y)
    X, strengths = as_finite("X", X), as_finite("strengths", strengths)
    if strengths.ndim != 1:
        raise ValueError(f"strengths have shape {strengths.shape}, but must be a list of numbers")
    each = [as_number("strengths", s, 0) for s in strengths.tolist()]
    return np.array([accuracy(network, damaged(X, kind, s, seed), y) for s in each])


def _function(kind):
    if callable(kind):
        return kind
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(
            f"kind={shown(kind)} is no damage: choose {', '.join(KINDS)}, or pass a function "
            "(X, strength, rng) → X'"
        )
    return KINDS[kind][0]


def _each(name: str, values, n: int) -> np.ndarray:
    """Return one number for each of n images, shape (n, 1, 1)."""
    values = as_numbers(name, values).astype(np.float64)
    if values.shape not in ((), (n,)) or not np.isfinite(values).all():
        raise ValueError(
            f"{name} has shape {values.shape}, but must be one finite number, or one for each of "
            f"the {n} images"
        )
    return np.broadcast_to(values, n)[:, None, None]


def _from_centre(X) -> tuple[np.ndarray, np.ndarray]:
    """Return p − c for each pixel, down and to the right, of shapes (s, 1) and (1, s)."""
    side = side_of(X)
    p = np.arange(side) - (side - 1) / 2
    return p[:, None], p[None, :]


def _at(X, down, right) -> np.ndarray:
    """Return X sampled at c + (down, right) for each pixel, (n, s, s) each."""
    centre = (side_of(X) - 1) / 2
    rows, columns = ((d + centre).astype(as_floats(X[:0]).dtype) for d in (down, right))
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    return sample(X, np.broadcast_to(rows, shape), np.broadcast_to(columns, shape))
