"""Distortion: new images from old ones, by bending the paper they are written on.

A "7" that is turned a little, or written by an unsteady hand, is still a 7. Training on
distorted copies, new ones in every epoch, tells the network so, and it is the cheapest way to
more data. The distorted image at the pixel p is the old image at another place,

    X'(p) = X( c + M (p − c) + t + u(p) )          by bilinear sampling, 0 outside the image

    M = rotation · shear · scaling,  t a shift      affine: one M and one t for the whole image
    u = α (G ∗ ν),  ν(p) ~ U(−1, 1)                 elastic: every pixel its own displacement

c is the centre of the image. G∗ is a Gaussian blur of standard deviation σ: neighbours move
together, and the line bends instead of falling apart. A blur in two dimensions is one along the
columns and one along the rows, so for a field of s × s it is two products, G ν Gᵀ, with a
small s × s matrix; outside the image ν is taken as 0.

Source: Simard, Steinkraus and Platt, *Best practices for convolutional neural networks applied
to visual document analysis* (2003), section 2; the affine part as in Cireşan, Meier, Gambardella
and Schmidhuber, *Deep, big, simple neural nets for handwritten digit recognition* (2010).
"""

from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from ..support.arrays import as_finite
from ..support.checks import is_number
from ..support.sharing import for_each
from ..support.words import shown
from .pixels import as_floats, rounded_to
from .square import side_of

# Images that are distorted at a time: their fields then stay in the processor's cache.
AT_ONCE = 64
# Images that random numbers are drawn for ahead: threads then share the rest of the work.
AHEAD = 1024

# What is random in some images: six numbers an image, (6, n, 1, 1), and noise, (2, n, s, s).
Drawn = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class Distortion:
    """Random distortions of square images; each image of a batch gets one of its own.

    alpha      α of the elastic field in pixels; 0 is none. With σ = 4, α = 34 moves a pixel
               by 1.4 (s.d.) in each direction
    sigma      σ of the blur in pixels: small is a trembling hand, large a slanting one
    rotation   largest angle in degrees, either way
    scaling    largest change of width and of height, independent of each other: 0.15 is by 15 %
    shear      largest slant: 0.15 moves the upper and the lower edge of an image apart by 15 %
               of its height
    shift      largest shift in pixels, in each direction

    Angles, scales, slants and shifts are uniform between the two extremes. Raises ValueError
    for a value that is negative or not finite, and for σ = 0 or a scaling of 1 or more.
    """

    alpha: float = 34.0
    sigma: float = 4.0
    rotation: float = 15.0
    scaling: float = 0.15
    shear: float = 0.15
    shift: float = 0.0

    def __post_init__(self):
        for name, value in asdict(self).items():
            if not is_number(value) or value < 0:
                raise ValueError(f"Distortion: {name}={shown(value)} must be a number, 0 or more")
        if self.sigma == 0:
            raise ValueError("Distortion: sigma=0 would blur nothing; for no elastic part, alpha=0")
        if self.scaling >= 1:
            raise ValueError(
                f"Distortion: scaling={shown(self.scaling)} must be less than 1: "
                "an image cannot shrink by all of itself"
            )

    def __call__(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return distorted copies of the images X, shape (n, s·s), in the same shape and dtype.

        Whole numbers are rounded; `rng` is drawn from alike whatever the dtype. Raises ValueError
        if the rows are not square images.
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng={shown(rng)} must be a generator, np.random.default_rng(seed)")
        X = as_finite("X", X)
        side, dtype = side_of(X), X.dtype
        X = as_floats(X)
        distorted = np.empty(X.shape, dtype)

        def distort(drawn: tuple[slice, Drawn]) -> None:
            images, chance = drawn
            made = sample(X[images], *self._places(chance, side, X.dtype))
            distorted[images] = rounded_to(dtype, made)

        for start in range(0, len(X), AHEAD):
            stop = min(start + AHEAD, len(X))
            parts = [slice(i, min(i + AT_ONCE, stop)) for i in range(start, stop, AT_ONCE)]
            for_each(
                distort, [(p, self._draw(p.stop - p.start, side, rng, X.dtype)) for p in parts]
            )
        return distorted

    def places(self, n: int, side: int, rng, dtype="float32") -> tuple[np.ndarray, np.ndarray]:
        """Return where each pixel of n new images comes from: rows and columns, (n, s, s) each.

        Counted in pixels of the old image, from 0 at the centre of its first pixel.
        """
        return self._places(self._draw(n, side, rng, dtype), side, dtype)

    def _draw(self, n: int, side: int, rng, dtype) -> Drawn:
        """Return all that is random in n images, drawn in a fixed order."""
        affine = rng.uniform(-1, 1, (6, n, 1, 1))
        if not self.alpha:
            return affine, None
        # In float32 whatever the images are in: the same generator gives the same places.
        return affine, rng.random((2, n, side, side), np.float32).astype(dtype, copy=False)

    def _places(self, drawn: Drawn, side: int, dtype) -> tuple[np.ndarray, np.ndarray]:
        affine, noise = drawn
        p = np.arange(side, dtype=dtype) - np.asarray((side - 1) / 2, dtype)  # p − c
        M, t = self._affine(affine, side, dtype)
        u = (0, 0) if noise is None else self._displacement(noise)
        down, right = p[:, None], p[None, :]
        rows, columns = (M[i, 0] * down + t[i] + M[i, 1] * right + u[i] for i in (0, 1))
        return rows, columns

    def displacement(self, n: int, side: int, rng, dtype="float32") -> np.ndarray:
        """Return n elastic fields u in pixels, (2, n, s, s): down, and to the right."""
        noise = rng.random((2, n, side, side), np.float32)
        return self._displacement(noise.astype(dtype, copy=False))

    def _displacement(self, noise: np.ndarray) -> np.ndarray:
        """Return the fields u that follow from noise between 0 and 1, which is written to."""
        noise -= 0.5
        G = blur_matrix(noise.shape[-1], self.sigma, noise.dtype.name)
        return 2 * self.alpha * G @ noise @ G.T

    def _affine(self, drawn: np.ndarray, side: int, dtype) -> tuple[np.ndarray, np.ndarray]:
        """Return n matrices M, (2, 2, n, 1, 1), and what is added to M (p − c): c + t."""
        angle, width, height, slant, down, right = drawn
        angle = np.radians(float(self.rotation)) * angle
        slant = self.shear * slant
        width, height = 1 + self.scaling * width, 1 + self.scaling * height
        cos, sin = np.cos(angle), np.sin(angle)
        # (cos −sin; sin cos) · (1 0; slant 1) · (height 0; 0 width), in (row, column)
        M = np.array(
            [
                [(cos - sin * slant) * height, -sin * width],
                [(sin + cos * slant) * height, cos * width],
            ],
            dtype,
        )
        t = np.array([self.shift * down, self.shift * right]) + (side - 1) / 2
        return M, t.astype(dtype)


@lru_cache
def blur_matrix(side: int, sigma: float, dtype: str = "float32") -> np.ndarray:
    """Return G, (side, side): G ν blurs the columns of ν by a Gaussian of s.d. `sigma` pixels.

    Its rows are the bell curve around each pixel, with a sum of 1 as far as it lies inside.
    """
    p = np.arange(side)
    bell = np.exp(-((p[:, None] - p) ** 2) / (2 * sigma**2))
    # The sum of the whole bell, also outside; of a wide one it is the integral, to all digits.
    whole = sigma * np.sqrt(2 * np.pi)
    if sigma < 2:
        whole = np.exp(-(np.arange(-40, 41) ** 2) / (2 * sigma**2)).sum()
    return (bell / whole).astype(dtype)


def sample(X: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the images X, (n, s·s), at these places, (n, s, s) each: bilinear, 0 outside.

    Between four pixels a, b over c, d the value is a mean of them, each weighted by how near
    it is: first along the two rows, then from one row to the other. The result has the dtype of X.
    """
    n, side, dtype = rows.shape[0], side_of(X), X.dtype
    X = as_floats(X)
    w = side + 3  # a margin of 0 around each image: one before, two behind
    padded = np.zeros((n, w, w), X.dtype)
    padded[:, 1:-2, 1:-2] = X.reshape(n, side, side)
    flat = padded.ravel()
    # 1 is the first pixel now. Whatever is further out than the margin is 0 all the same.
    rows, columns = (np.clip(places + 1, 0, side + 1) for places in (rows, columns))
    row, column = rows.astype(np.intp), columns.astype(np.intp)
    down, right = rows - row.astype(X.dtype), columns - column.astype(X.dtype)
    row *= w
    row += column
    row += np.arange(n)[:, None, None] * (w * w)
    a, b, c, d = (flat[step:].take(row) for step in (0, 1, w, w + 1))
    b -= a
    b *= right
    a += b
    d -= c
    d *= right
    c += d
    c -= a
    c *= down
    a += c
    return rounded_to(dtype, a.reshape(n, side * side))


def distance_moved(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return how far off each pixel is taken from, in pixels; all of shape (…, s, s)."""
    p = np.arange(rows.shape[-1])
    return np.hypot(rows - p[:, None], columns - p)
