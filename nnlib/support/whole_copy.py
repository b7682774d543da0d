"""Objects whose parts belong together: a copy of one shares nothing with it."""

import copy
from typing import Any


class CopiedWhole:
    """What `copy.copy` copies as `copy.deepcopy` does, or the two would move the same parts."""

    def __copy__(self) -> Any:
        return copy.deepcopy(self)
