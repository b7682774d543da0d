"""The type of an image never decides the arithmetic: it is worked out in floats, then rounded."""

from typing import Any

import numpy as np


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
