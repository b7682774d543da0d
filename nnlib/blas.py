"""How many threads numpy's matrix products may use.

A mini-batch is too small to be worth sharing out, and beside a busy browser a
second BLAS thread mostly waits for a core that is taken. So training holds BLAS to
one thread, and gives it back afterwards.
"""

import threading

_lock = threading.RLock()
_held: "list" = []
_controller = None


class blas_threads:
    """Hold BLAS to `n` threads within a `with` block; None leaves it alone.

    Blocks may be nested: the outermost decides, and an inner one costs next to nothing.
    """

    def __init__(self, n: int | None = 1):
        self.n = n

    def __enter__(self) -> None:
        global _controller
        if self.n is None:
            return
        with _lock:
            if not _held:
                # Imported here so that importing nnlib imports numpy alone.
                from threadpoolctl import ThreadpoolController

                if _controller is None:
                    _controller = ThreadpoolController()
                limit = _controller.limit(limits=self.n, user_api="blas")
                limit.__enter__()
                _held.append(limit)
            else:
                _held.append(None)

    def __exit__(self, *exception) -> None:
        if self.n is None:
            return
        with _lock:
            limit = _held.pop()
            if limit is not None:
                limit.__exit__(*exception)
