"""The type of an image never decides the arithmetic: it is worked out in floats, then rounded."""

from typing import Any

import numpy as np

from ..support.arrays import not_finite


def as_floats(X: np.ndarray) -> np.ndarray:
    """Return X in the type to compute in: float32 stays, everything else is float64."""
    return X if X.dtype == np.float32 else X.astype(np.float64, copy=False)


def rounded_to(dtype: Any, values: np.ndarray) -> np.ndarray:
    """Return floats in `dtype`: rounded to it and, for whole numbers, kept within its range."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return values >= 0.5
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = np.clip(np.rint(values), info.min, info.max)
    return values.astype(dtype, copy=False)


def are_raw(X: np.ndarray) -> bool:
    """Whether images hold raw pixels, 0 to 255, and not shades, 0 to 1 (or not far beyond)."""
    return bool(X.size and X.min() >= 0 and X.max() > (1 if X.dtype.kind in "iu" else 2))


def black_of(X: np.ndarray) -> float:
    """Return the number that is black: 1 in shades, and in raw pixels the end of their range.

    That is 16, 255 or 65535, whichever is the first to hold them all, or else the largest.
    """
    if not are_raw(X):
        return 1.0
    high = float(X.max())
    return next((end for end in (16.0, 255.0, 65535.0) if high <= end), high)


def as_shades(name: str, X: np.ndarray) -> np.ndarray:
    """Return images as shades to be shown, 0 for paper and 1 for ink; raw pixels are divided.

    Raises ValueError, which calls them `name`, for NaN and for numbers that are neither.
    """
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        raise ValueError(not_finite(name, X))
    if not X.size:
        return X
    low, high = X.min(), X.max()
    if are_raw(X) and high <= 255:
        return X / 255
    if low < -1 or high > 2:
        raise ValueError(
            f"{name} go from {low:g} to {high:g}, but in an image 0 is paper and 1 is ink, or 255 "
            "in raw pixels: bring them to that range to show them"
        )
    return X
