"""Sharing work among threads: those who are free take the next piece until none is left.

Between two lines of Python only one thread runs, but numpy lets go of that lock for as long as
it computes; so where there is much to compute, two threads are nearly twice as fast. How many
share is said by `with sharing(n):` and holds for the thread that says it.

Nobody waits for a helper that has not begun: if the other cores are busy, the caller does all
pieces itself. What a piece is depends on the sizes of the work alone and never on the number
of threads, so the results do not either.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue
from typing import Any

import numpy as np

from .checks import as_whole

_of_this_thread = threading.local()


class sharing:
    """Let up to `threads` threads share the work within a `with` block; None: one a core.

    Raises ValueError unless `threads` is None or a whole number, 1 or more. Whoever keeps one for
    all its work, as a trainer does, is at work in one thread at a time: meanwhile a block of the
    same raises RuntimeError in another.
    """

    def __init__(self, threads: int | None = None):
        self.threads = as_threads(threads)
        self._by: int | None = None  # the thread that is at work

    def __enter__(self) -> None:
        # No lock: an interrupt just here would leave it locked for ever.
        me, by = threading.get_ident(), self._by
        if by not in (None, me) and by in {thread.ident for thread in threading.enumerate()}:
            raise RuntimeError(
                "this trainer is making an update in another thread: make one after the other, or "
                "give each thread a trainer of its own"
            )
        self._by = me
        self._before = threads_here()
        _of_this_thread.n = self.threads

    def __exit__(self, *exception: object) -> None:
        _of_this_thread.n = self._before
        self._by = None

    def __reduce__(self) -> tuple:
        return type(self), (self.threads,)  # a copy is at work nowhere


def as_threads(threads: int | None) -> int:
    """Return `threads` if it is 1 or more, and the number of cores for None."""
    if threads is None:
        return cores()
    return as_whole("threads", threads, at_least=1, hint="None is one a core")


def threads_here() -> int:
    """Return how many threads share the work of this thread: 1 outside of `sharing`."""
    return getattr(_of_this_thread, "n", 1)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def blocks(n: int, block: int) -> list[slice]:
    """Return slices of at most `block` that cover 0 … n − 1."""
    return [slice(start, min(start + block, n)) for start in range(0, n, block)]


def for_each(work: Callable[[Any], Any], items: Sequence[Any], worth_sharing: bool = True) -> None:
    """Call `work` with each item, side by side if this thread shares its work.

    If they are not `worth_sharing`, this thread does them all. It returns when all are done.
    The first error of any of them is raised, and then some items may be left out.
    """
    helpers = min(threads_here(), len(items)) - 1 if worth_sharing else 0
    if helpers < 1:
        for item in items:
            work(item)
        return
    turns = _Turns(work, items)
    for _ in range(_helpers.at_hand(helpers)):
        _helpers.waiting_for.put(turns)
    turns.take()
    turns.finish()


class _Turns:
    """Items that several threads take turns at."""

    def __init__(self, work: Callable[[Any], Any], items: Iterable[Any]):
        self._work = work
        self._errors = np.geterr()  # numpy keeps them for each thread apart
        self._left = list(items)
        self._n = len(self._left)
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()

    def take(self) -> None:
        """Work on one item after another until none is left."""
        while True:
            try:
                item = self._left.pop()  # in one step: no other thread gets the same
            except IndexError:
                return
            try:
                self._work(item)
            except BaseException as error:
                self._done.put(error)
                return
            self._done.put(None)

    def help(self) -> None:
        """Do the same in another thread, which warns of overflows as the first would."""
        with np.errstate(**self._errors):
            self.take()

    def finish(self) -> None:
        """Wait for those that others have begun; raise the first error."""
        failed = None
        while self._n:
            error = self._done.get()
            self._n -= 1
            if error is not None and failed is None:
                failed = error
                while self._left:
                    try:
                        self._left.pop()
                    except IndexError:
                        break
                    self._n -= 1
        if failed is not None:
            raise failed


class _Helpers:
    """Threads that wait for turns to take; there are as many as were ever needed at once."""

    def __init__(self) -> None:
        self.waiting_for: SimpleQueue[_Turns] = SimpleQueue()
        self._n = 0
        self._lock = threading.Lock()

    def at_hand(self, n: int) -> int:
        """Return how many of `n` helpers there are, starting those that are missing."""
        if self._n < n:
            with self._lock:
                while self._n < n:
                    helper = threading.Thread(
                        target=_help, args=(self.waiting_for,), name="nnlib helper", daemon=True
                    )
                    try:
                        helper.start()
                    except RuntimeError:  # no threads here, or no more: the caller does it alone
                        break
                    self._n += 1
        return min(n, self._n)


def _help(waiting_for: "SimpleQueue[_Turns]") -> None:
    while True:
        turns = waiting_for.get()
        turns.help()
        del turns  # what they hold is free as soon as they are done


_helpers = _Helpers()


def _forget() -> None:
    """Start again without helpers: a forked process has only the thread that forked."""
    global _helpers
    _helpers = _Helpers()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
