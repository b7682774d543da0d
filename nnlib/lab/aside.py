"""Work aside: one long computation at a time, in a thread of its own, while the lab goes on."""

import contextlib
import threading
from collections.abc import Callable, Hashable
from typing import Any

from .engine import Engine


class Aside:
    """Computes what would keep a lab from listening, and hands the result to the lab's thread.

    engine   of the lab; where it has no event loop, everything is done at once
    """

    def __init__(self, engine: Engine):
        self._engine = engine
        self._busy = False
        self._waiting: tuple | None = None  # what comes after what is under way
        self.key: Hashable = None

    def ask(self, key: Hashable, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Let `work()` be computed, and call `done` with what it returned, or raised.

        What is asked for under the same `key` as before is under way already; under another, it
        takes the place of what was asked for and has not been handed over.
        """
        if key == self.key:
            return
        self.key, self._waiting = key, (key, work, done)
        if not self._busy:
            self._begin()

    def forget(self) -> None:
        """Hand nothing over that was asked for until now."""
        self.key = self._waiting = None

    def _begin(self) -> None:
        assert self._waiting is not None
        (key, work, done), self._waiting = self._waiting, None
        if not self._engine.on_a_loop:
            self._finish(key, done, _outcome(work))
            return
        self._busy = True

        def beside() -> None:
            outcome = _outcome(work)
            with contextlib.suppress(RuntimeError):  # the kernel has ended meanwhile
                self._engine.call(self._finish, key, done, outcome)

        try:
            threading.Thread(target=beside, daemon=True).start()
        except RuntimeError:  # no threads, as in a kernel that lives in a browser: the lab waits
            self._finish(key, done, _outcome(work))

    def _finish(self, key: Hashable, done: Callable[[Any], None], outcome: Any) -> None:
        self._busy = False
        if key == self.key:
            self.key = None
            done(outcome)
        if self._waiting is not None and not self._busy:
            self._begin()


def _outcome(work: Callable[[], Any]) -> Any:
    """Return what `work` returned, or the exception that it raised."""
    try:
        return work()
    except Exception as error:
        return error
