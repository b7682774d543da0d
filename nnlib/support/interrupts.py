"""Stopping between two updates when the reader presses Ctrl-C (or Interrupt in Jupyter)."""

import contextlib
import signal
import threading
from typing import Any


class Interruption:
    """While the `with` block runs, the first Ctrl-C sets `.asked` instead of raising.

    So a loop can finish what it is in the middle of and leave with everything it
    has. A second Ctrl-C raises KeyboardInterrupt as usual. Outside the main
    thread, where Python does not allow signal handlers, nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None  # the handler that was there

    def _handle(self, signal_number: int, frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            # Where the system has no signals, nobody presses Ctrl-C.
            with contextlib.suppress(AttributeError, OSError, ValueError):
                self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
