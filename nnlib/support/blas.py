"""How many threads numpy's matrix products may use.

With more of them the last bits of a product depend on how many there are, and beside a busy
browser a second one mostly waits for a core that is taken. So nnlib holds BLAS to one thread
while it computes, shares large products itself (see `nnlib.support.products`), and gives the
threads back afterwards.
"""

import threading
from typing import Any

from .checks import as_whole

# More threads than any BLAS has; a number that is too long for C would be cut without a word.
MOST = 2**15

_lock = threading.RLock()
_depth = 0  # how many blocks are open
_before: list[int] = []  # how many threads each BLAS library had outside of all of them
_libraries: list[Any] | None = None


class blas_threads:
    """Hold BLAS to `n` threads within a `with` block; None leaves it alone.

    Blocks may be nested: the outermost decides, and an inner one costs next to nothing.
    """

    def __init__(self, n: int | None = 1):
        self.n = None if n is None else as_whole("n", n, 1, MOST)

    def __enter__(self) -> None:
        global _depth, _before
        if self.n is None:
            return
        with _lock:
            if _depth == 0:
                _before = [library.get_num_threads() for library in _blas()]
                _set_threads([self.n] * len(_before))
            _depth += 1

    def __exit__(self, *exception: object) -> None:
        global _depth
        if self.n is None:
            return
        with _lock:
            _depth -= 1
            if _depth == 0:
                _set_threads(_before)


def _blas() -> list[Any]:
    """Return the BLAS libraries that are loaded; looking for them takes milliseconds, once."""
    global _libraries
    if _libraries is None:
        # Imported here so that nnlib's names load no other package than numpy.
        from threadpoolctl import ThreadpoolController

        _libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return _libraries


def _set_threads(numbers: list[int]) -> None:
    for library, n in zip(_blas(), numbers, strict=True):
        library.set_num_threads(n)
