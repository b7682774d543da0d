"""A row of X as a square image: how many pixels to a side?"""

import math

import numpy as np


def square_side(n_pixels: int) -> int:
    """Return s if an image of this many pixels can be s × s, or 0 if it cannot."""
    side = math.isqrt(n_pixels)
    return side if side * side == n_pixels else 0


def side_of(X: np.ndarray) -> int:
    """Return s for images X of shape (n, s·s), or raise ValueError."""
    side = square_side(X.shape[1]) if X.ndim == 2 else 0
    if not side:
        raise ValueError(
            f"X has shape {X.shape}, but must hold square images, one in each row: for example "
            "(n, 784) for 28 × 28 pixels"
        )
    return side
