"""Attributes that are checked whenever they are set, and objects that take no others.

What is misspelled, `optimizer.lr = 0.01`, would else be an attribute that nothing ever reads.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, overload

Kind = TypeVar("Kind")


class Checked(Generic[Kind]):
    """An attribute that holds what its check, (name, value) → value, made of what it was set to."""

    def __init__(self, check: Callable[[str, Any], Kind]):
        self._check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> "Checked[Kind]": ...

    @overload
    def __get__(self, owner: Any, kind: type | None = None) -> Kind: ...

    def __get__(self, owner: Any, kind: type | None = None) -> "Checked[Kind] | Kind":
        return self if owner is None else owner.__dict__[self._name]

    def __set__(self, owner: Any, value: Any) -> None:
        owner.__dict__[self._name] = self._check(self._name, value)


class KnownAttributes:
    """What takes the attributes that its class names, and raises AttributeError for others.

    Those in `fixed` are set once, when the object is made; those that have a value in the class, a
    property or a `Checked` there, at any time. Names that begin with an underscore are not looked
    at, nor are new ones of a subclass that is not nnlib's.
    """

    fixed: ClassVar[tuple[str, ...]] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__:
            self._check_new(name)
        elif name in self.fixed:
            raise AttributeError(
                f"{type(self).__name__}.{name} cannot be set: it is given when the object is made, "
                "so make another"
            )
        object.__setattr__(self, name, value)

    def _check_new(self, name: str) -> None:
        kind = type(self)
        known = name.startswith("_") or hasattr(kind, name) or name in self.fixed
        if known or not kind.__module__.startswith("nnlib."):
            return
        places = [f"{its}." for its, part in vars(self).items() if name in _settable(type(part))]
        names = [f"{places[0]}{name}"] if places else _settable(kind)
        raise AttributeError(
            f"{kind.__name__} has no {name!r} to set: what may be set is {', '.join(names)}"
        )


def _settable(kind: type) -> list[str]:
    """Return the names of the attributes that may be set at any time."""
    found = {name: value for base in reversed(kind.__mro__) for name, value in vars(base).items()}
    return [
        name
        for name, value in found.items()
        if isinstance(value, Checked) or (isinstance(value, property) and value.fset)
    ]
