"""What shows itself as soon as it is there: in a notebook as HTML, elsewhere as text.

A cell of a notebook shows the value of its last line alone. What an exercise says must be seen
wherever its line stands, so it does not wait to be shown.
"""

import sys
from typing import Any


class Shown:
    """Something with a `__repr__` and a `_repr_html_`, which `show` shows at once."""

    _shown_in: object = None  # the run of a cell in which it was shown last

    def _repr_html_(self) -> str:
        raise NotImplementedError

    def show(self) -> None:
        """Show it: in the output of the cell that runs, or in print."""
        shell = _shell()
        if shell is None:
            print(self)
            return
        object.__setattr__(self, "_shown_in", _run(shell))
        shell.display_pub.publish({"text/plain": repr(self), "text/html": self._repr_html_()})

    def _ipython_display_(self) -> None:
        """Show it as the value of a cell's last line, unless this cell has shown it already."""
        shell = _shell()
        if shell is None or self._shown_in != _run(shell):
            self.show()


def _shell() -> Any:
    """Return the shell of the notebook that this runs in, or None."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _run(shell: Any) -> tuple[int, int]:
    return id(shell), shell.execution_count
