"""What a message shows of a value: enough to be recognized, and never a page of it."""

import reprlib
from typing import Any

_SHORT = reprlib.Repr()
_SHORT.maxother, _SHORT.maxstring, _SHORT.maxlong = 200, 120, 60


def shown(value: Any) -> str:
    """Return `repr(value)`, cut where it is long.

    >>> shown([0] * 1000), shown(-0.5)
    ('[0, 0, 0, 0, 0, 0, ...]', '-0.5')
    """
    return _SHORT.repr(value)
