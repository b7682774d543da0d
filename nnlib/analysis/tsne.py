"""t-SNE: samples as points of a plane on which near neighbours stay near; by scikit-learn.

    n samples → pᵢⱼ, how near i and j are among all → n points of a plane whose qᵢⱼ are like them

Where the plane of `projection` keeps the directions of most variance, t-SNE keeps the neighbours,
and bends everything else: how far two clusters lie apart, and how large they are, says nothing.

It begins from the principal plane, or from the points of a moment before, and draws nothing at
random; so the same samples and the same start give the same picture. scikit-learn is no part of
the course: it is loaded when `tsne` is first called, and `installed` says whether it is there.

Source: van der Maaten and Hinton, *Visualizing data using t-SNE* (2008).
"""

from importlib.util import find_spec

import numpy as np

from ..support.arrays import as_numbers
from ..support.blas import blas_threads
from .projection import project

# How many neighbours each sample has, about; the paper takes 5 to 50.
PERPLEXITY = 30.0
# Steps from the principal plane, and from a moment before; scikit-learn makes 250 at least.
FROM_PLANE, FROM_BEFORE = 500, 250
# How far the first points are spread where they only say who is on which side.
SPREAD = 1e-4
# So many samples are compared each with each, exactly; more by the Barnes–Hut approximation.
EXACT = 400

MISSING = "t-SNE needs scikit-learn, which is not installed here: pip install scikit-learn"


def installed() -> bool:
    """Return whether scikit-learn is there; it is not loaded for that."""
    return find_spec("sklearn") is not None


def tsne(A, start=None) -> np.ndarray:
    """Return the rows of A, shape (n_samples, n_features), as points, shape (n_samples, 2).

    start  the points of the same samples a moment before, shape (n_samples, 2), to go on from;
           by default the principal plane of A

    Raises ModuleNotFoundError where scikit-learn is not installed, and ValueError for another
    shape, for fewer than 2 samples, or for NaN and infinity.
    """
    plane = project(A).points
    n = len(plane)
    steps, exaggeration = FROM_PLANE, 12.0
    spread = plane[:, 0].std()
    if not spread:  # all samples are one
        return np.zeros((n, 2))
    first = plane * (SPREAD / spread)
    if start is not None:
        first, steps, exaggeration = as_numbers("start", start), FROM_BEFORE, 1.0
        if first.shape != (n, 2):
            raise ValueError(f"start has shape {first.shape}, but A has {n} samples: ({n}, 2)")
    if not installed():
        raise ModuleNotFoundError(MISSING, name="sklearn")
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    model = TSNE(
        perplexity=min(PERPLEXITY, (n - 1) / 3),
        early_exaggeration=exaggeration,
        max_iter=steps,
        init=first.astype(np.float32),
        learning_rate="auto",
        method="exact" if n <= EXACT else "barnes_hut",
        random_state=0,
    )
    # On several threads these small products wait for each other longer than they take.
    with blas_threads(1), threadpool_limits(1, user_api="openmp"):
        points = model.fit_transform(np.asarray(A, np.float64)).astype(np.float64)
    return points - points.mean(axis=0)
