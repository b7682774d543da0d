"""Stopping between two updates when the reader presses Ctrl-C (or Interrupt in Jupyter)."""

import signal
import threading


class Interruption:
    """While the `with` block runs, the first Ctrl-C sets `.asked` instead of raising.

    So a loop can finish what it is in the middle of and leave with everything it
    has. A second Ctrl-C raises KeyboardInterrupt as ever. Outside the main thread,
    where Python lets no one handle signals, nothing changes.
    """

    def __init__(self):
        self.asked = False
        self._before = None

    def _handle(self, signal_number, frame) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exception) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
