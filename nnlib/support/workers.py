"""Workers: threads that share the samples of a batch, or the parameters of an update.

Between two lines of Python only one thread runs, but numpy lets go of that lock for as long as
it computes; so if a batch is large, two threads are nearly twice as fast. The gradient
of a batch is the mean of its parts', each weighted by its share of the samples, so each thread
takes a part, with one BLAS thread of its own.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 12.1.3 (data parallelism).
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from .checks import as_whole

# Parameters that are moved at a time: few enough for all that an update needs to stay in cache.
BLOCK = 32_768


class Workers:
    """`n` threads; with one, the caller does the work itself."""

    def __init__(self, n: int = 1):
        self.n = as_whole("workers", n, at_least=1, hint="at most one a core")
        self._pool = ThreadPoolExecutor(self.n) if self.n > 1 else None

    def map(self, work: Callable[..., Any], *items: Iterable[Any]) -> list[Any]:
        """Return what map(work, *items) gives, in this order, worked out side by side."""
        return list(self._pool.map(work, *items) if self._pool else map(work, *items))

    def shares(self, n: int) -> list[slice]:
        """Return how `n` things are shared out: at most one slice a worker, none of them empty."""
        ends = [n * k // self.n for k in range(self.n + 1)]
        return [slice(a, b) for a, b in pairwise(ends) if a < b]

    def __deepcopy__(self, memo: object) -> "Workers":
        return Workers(self.n)  # threads cannot be copied


def blocks(n: int) -> list[slice]:
    """Return slices of at most `BLOCK` that cover 0 … n − 1."""
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
