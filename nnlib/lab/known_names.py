"""A lab takes the attributes that it has and no others: a misspelled one would move no slider."""

from difflib import get_close_matches
from functools import wraps
from typing import Any


class KnownNames:
    """Refuses new attributes once `__init__` has ended, but for a lab of the learner's own.

    Those that begin with an underscore are not looked at.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__ = _noting_its_end(cls.__init__)  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if "_is_made" in self.__dict__ and name[0] != "_" and not hasattr(self, name):
            self._refuse(name)
        super().__setattr__(name, value)

    def _refuse(self, name: str) -> None:
        settings = [*getattr(self, "settings", dict)()]
        close = get_close_matches(name.replace("_", ""), settings, n=1)
        meant = {"lr": "learning_rate", "alpha": "learning_rate"}.get(
            name, close[0] if close else ""
        )
        meant = meant if meant in settings else ""
        raise AttributeError(
            f"{type(self).__name__} has no {name!r} to set"
            + (f": it is {meant}" if meant else f"; its settings are {', '.join(settings)}"),
            name=name,
            obj=self,
        )


def _noting_its_end(init: Any) -> Any:
    """Return an `__init__` that notes its end in an object, unless another has called it."""

    @wraps(init)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        if type(self).__init__ is noting and type(self).__module__.startswith("nnlib."):
            self.__dict__["_is_made"] = True

    return noting
