"""Objects that take no unknown attribute: Python would keep a misspelt setting and nobody read it.

    trainer.learning_rate = 0.01     # is the optimizer's: without this the rate would stay

What an object has when its `__init__` has ended may be set again, but not what stands in `fixed`,
on which its other parts depend. A class of one's own, derived from one of nnlib's, may have more.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar


class Settled:
    """What refuses attributes that it does not have.

    checks      what some must be, whenever they are set: {name: function (name, value) → value}
    fixed       those that cannot be set again, and what to do instead
    elsewhere   what is set under another name, or somewhere else: {name: where}
    """

    checks: ClassVar[Mapping[str, Callable[[str, Any], Any]]] = {}
    fixed: ClassVar[Mapping[str, str]] = {}
    elsewhere: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__ = _settling(cls.__init__)  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if "_settled" in own and (name in self.fixed or not (name in own or name[0] == "_")):
            self._check_name(name)
        if name in self.checks:
            value = self.checks[name](name, value)
        object.__setattr__(self, name, value)

    def _check_name(self, name: str) -> None:
        from difflib import get_close_matches

        kind = type(self)
        if name in self.fixed:
            raise AttributeError(f"{name} cannot be set: {self.fixed[name]}", name=name, obj=self)
        if hasattr(kind, name) or kind.__module__.partition(".")[0] != "nnlib":
            return
        known = [n for n in {*dir(kind), *self.__dict__} if n[0] != "_" and n not in self.fixed]
        close = get_close_matches(name, known, n=1)
        meant = self.elsewhere.get(name, close[0] if close else "")
        raise AttributeError(
            f"{kind.__name__} has no {name} that could be set"
            + (f": it is {meant}" if meant else "; dir() lists what it has"),
            name=name,
            obj=self,
        )


def _settling(init: Callable) -> Callable:
    """Return an `__init__` that notes when it has ended, unless it is called by another's."""

    @wraps(init)
    def settling(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        if type(self).__init__ is settling:
            self.__dict__["_settled"] = True

    return settling
