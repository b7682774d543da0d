"""What each layer makes of the samples: their activations as points of a plane.

    n samples → a⁽ˡ⁾, n points in as many dimensions as the layer has neurons → n points of a plane

The plane is the one along which the points are spread widest (principal component analysis): with
A the activations less their mean, it is spanned by the eigenvectors v₁ and v₂ of AᵀA with the
largest eigenvalues, and the points in it are A [v₁ v₂].

An eigenvector may as well point the other way, and two whose eigenvalues cross change places; so
from one update to the next a picture would flip and turn, although nothing happened. `align` turns
the points back: by the orthogonal R that brings them nearest to where they were. The plane stays
the same, but its axes are then not v₁ and v₂ any more.

Source: Pearson, *On lines and planes of closest fit to systems of points in space* (1901);
Schönemann, *A generalized solution of the orthogonal Procrustes problem* (1966).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..forward import Trace
from ..support.arrays import as_labels, as_numbers, check_order
from ..support.takes import numbers


@dataclass(frozen=True, eq=False)
class Projection:
    """Points of a plane, of shape (n_samples, 2), their mean at 0.

    `share` is how much of their whole variance is within the plane: 1 if nothing is lost.
    """

    points: np.ndarray
    share: float


def project(A) -> Projection:
    """Return the rows of A, shape (n_samples, n_features), as points of their principal plane.

    Raises ValueError for another shape, for fewer than 2 samples, or for NaN and infinity.
    """
    A = as_numbers("A", A)
    if A.ndim != 2 or len(A) < 2 or A.shape[1] < 1:
        raise ValueError(f"A has shape {A.shape}, but must hold 2 samples or more, one a row")
    A = A.astype(np.float64)
    if not np.isfinite(A).all():
        raise ValueError("A holds NaN or infinity: there is no plane of such points")
    A, size = _centred(A)
    n, k = A.shape
    # AᵀA and AAᵀ have the same eigenvalues but for zeros, and the smaller one is quicker.
    values, vectors = np.linalg.eigh(A.T @ A if k <= n else A @ A.T)
    values, vectors = np.maximum(values[:-3:-1], 0), vectors[:, :-3:-1]
    points = np.zeros((n, 2))
    points[:, : len(values)] = A @ vectors if k <= n else vectors * np.sqrt(values)
    # Which way an eigenvector points is left open: let the farthest sample be on the right, or up.
    farthest = np.abs(points).argmax(axis=0)
    points *= np.where(points[farthest, [0, 1]] < 0, -size, size)
    total = np.vdot(A, A)
    return Projection(points, float(values.sum() / total) if total else 1.0)


def _centred(A: np.ndarray) -> tuple[np.ndarray, float]:
    """Return A less its mean, divided by a power of 2 so that no square overflows, and that."""
    size = math.ldexp(1.0, min(math.frexp(np.abs(A).max())[1], 1023))
    A = A / size
    return A - A.mean(axis=0), size


def align(points, before) -> np.ndarray:
    """Return `points`, shape (n, 2), turned and if need be mirrored so as to lie near `before`.

    Of all orthogonal R it is the one with the least Σ ‖R pᵢ − bᵢ‖²: R = U Vᵀ if U Σ Vᵀ is the
    singular value decomposition of pᵀb. Raises ValueError if the shapes differ.
    """
    points, before = numbers(None, None)("points", points), numbers(None, None)("before", before)
    if points.shape != before.shape or points.ndim != 2:
        raise ValueError(
            f"points {points.shape} and before {before.shape} must be the same samples: two "
            "arrays of shape (n, 2)"
        )
    U, _, Vt = np.linalg.svd(points.T @ before)
    return points @ (U @ Vt)


def project_layers(
    trace: Trace, before: Sequence[Projection] | None = None
) -> tuple[Projection, ...]:
    """Return the projection of each layer of a trace, a⁽⁰⁾ … a⁽ᴸ⁾.

    Each is turned towards the same layer `before`, what this function returned for the same
    samples and an earlier moment of the network; without that, towards the layer under it.
    """
    projections: list[Projection] = []
    for l, a in enumerate(trace.a):
        one = project(a)
        if before is not None:
            one = Projection(align(one.points, before[l].points), one.share)
        elif projections:
            one = Projection(align(one.points, projections[-1].points), one.share)
        projections.append(one)
    return tuple(projections)


def alike(A, labels) -> float:
    """Return the share of samples whose nearest neighbour has the same label: 0 to 1.

    A has shape (n_samples, n_features), of which all count, and labels are integers from 0, of
    shape (n_samples,). It says how well a layer keeps the classes apart, whatever a plane shows.
    """
    check_order("A", A, "labels", labels)
    A = numbers(None, None)("A", A)
    if len(A) < 2:
        raise ValueError(f"A has shape {A.shape}, but must hold 2 samples or more, one a row")
    labels = as_labels(labels, len(A), None, "the labels")
    A, _ = _centred(A)
    squares = (A * A).sum(axis=1)
    # ‖x − y‖² = ‖x‖² + ‖y‖² − 2 xᵀy; ‖x‖² is the same for all neighbours of x.
    distances = squares - 2 * (A @ A.T)
    np.fill_diagonal(distances, np.inf)
    return float((labels[distances.argmin(axis=1)] == labels).mean())
