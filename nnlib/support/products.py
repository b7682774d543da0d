"""Matrix products, shared among threads by the rows of the result.

    C = A B        a block of rows of C is the same block of rows of A, times B

So each block can be worked out by another thread, and nothing has to be added up afterwards.
A product cut elsewhere may differ in its last bits, since sums are then taken in another
order. Therefore the cuts follow from the shapes alone: the blocks are the same whoever
computes them, and however many threads there are, the result is the same to the last bit.
BLAS, which multiplies each block, is held to one thread meanwhile (see `nnlib.support.blas`).

Source: Golub and Van Loan, *Matrix Computations*, 4th edition (2013), section 1.6.
"""

import itertools
from functools import lru_cache

import numpy as np

from .sharing import for_each

# Multiplications that are worth a thread's while: some 200 microseconds' worth.
WORTHWHILE = 10_000_000
# A product is halved if each half has as many rows as the first, quartered and so on if each
# part has as many as the second: all of B is read for each block again.
HALF, PART = 64, 256


@lru_cache(maxsize=1024)
def cuts(n_rows: int, n_inner: int, n_columns: int) -> tuple[slice, ...]:
    """Return the blocks of rows in which (n_rows, n_inner) times (n_inner, n_columns) is made."""
    work, n = n_rows * n_inner * n_columns, 1
    while n_rows >= 2 * n * (HALF if n == 1 else PART) and work >= 2 * n * WORTHWHILE:
        n *= 2
    # Multiples of 16 rows suit the kernels of BLAS, which work on some rows at a time.
    ends = [16 * round(n_rows * k / n / 16) for k in range(n)] + [n_rows]
    return tuple(slice(a, b) for a, b in itertools.pairwise(ends))


def matmul(A: np.ndarray, B: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return A B, of shape (n, m) for A (n, k) and B (k, m); written to `out` if it is given."""
    blocks = cuts(len(A), len(B), B.shape[1])
    if len(blocks) == 1:
        return A.dot(B, out)
    if out is None:
        out = np.empty((len(A), B.shape[1]), np.result_type(A, B))

    def multiply(rows: slice) -> None:
        A[rows].dot(B, out[rows])

    for_each(multiply, blocks)
    return out
