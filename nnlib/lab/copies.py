"""A live widget is neither copied nor pickled: it says so, and names what can be.

A copy would be a second lab that belongs to the views of the first; a pickle has neither views nor
a kernel. But what a lab was made of, and what it has learned, can be taken out of it.
"""

from typing import Any


class NotCopied:
    """Refuses `copy`, `deepcopy` and `pickle` in words."""

    def __copy__(self):
        raise TypeError(self._no_copy("copied"))

    def __deepcopy__(self, memo: object):
        raise TypeError(self._no_copy("copied"))

    def __reduce_ex__(self, protocol: Any):
        raise TypeError(self._no_copy("pickled"))

    def _no_copy(self, what: str) -> str:
        kind = type(self).__name__
        instead = f"make another {kind}, as you made this one"
        if hasattr(self, "from_settings"):
            instead = f"make another with {kind}.from_settings(lab.settings(), …)"
        if getattr(self, "network", None) is not None:
            instead += "; what it has learned is in lab.network, which has copy() and save(path)"
        article = "an" if kind[0] in "AEIOU" else "a"
        return f"{article} {kind} is tied to its views and cannot be {what}: {instead}"
