"""Your own code in a lab: it is tried on a small copy, and let in if it is right."""

from collections.abc import Callable
from dataclasses import fields
from types import SimpleNamespace

import traitlets

from ..diagnosis import Diagnosis, diagnose
from ..diagnosis.own_code import OwnCode, describe
from .widget import Lab

FUNCTIONS = tuple(field.name for field in fields(OwnCode))


class YourCode(Lab):
    """A lab that lets functions of your own do a part of its work.

    A subclass has a method `use` with the functions that it takes, which hands them to
    `try_code`; it says with which network and loss they are tried, `tried_with`; and it starts
    to work with them in `take_up`. What they cannot do if they are wrong is said by `cannot`.
    """

    own_code: OwnCode | None = None
    wrong_functions: set[str] = set()  # noqa: RUF012 (replaced, never changed)
    refuses_mistakes = True  # False: functions that are wrong are taken up, too
    cannot = "cannot drive the lab yet; Reset goes on with {code}"

    # Whose functions are at work: "nnlib", or for example "your backward".
    code = traitlets.Unicode("nnlib").tag(sync=True)
    # What is wrong with the functions tried last, in words; empty if nothing is.
    diagnosis = traitlets.Unicode()

    def try_functions(self, kept: SimpleNamespace | None, **functions: Callable | None) -> None:
        """Try these functions; where one is None, that of the same name in `kept`.

        `kept` is what `nnlib.exercises.mine` returns. Raises TypeError for anything else.
        """
        self.try_code(chosen(kept, **functions))

    def try_code(self, own: OwnCode) -> None:
        """Try `own`: take it up if it is right, else say what is wrong with it.

        Without any function nnlib's own are taken up again.
        """
        self.pause()
        names = functions_of(own)
        found = self.find_mistakes(own) if names else []
        self.wrong_functions = {d.where.partition(",")[0] for d in found}
        self.diagnosis = in_words(found, self.cannot.format(code=self.code))
        if self.refuses_mistakes:
            self.problem = self.diagnosis
        if not (found and self.refuses_mistakes):
            self.own_code = own if names else None
            self.code = f"your {', '.join(names)}" if names else "nnlib"
            self.take_up()
        self.send_frame()

    def find_mistakes(self, own: OwnCode) -> list[Diagnosis]:
        """Return what is wrong with the functions of `own`."""
        network, loss = self.tried_with()
        return diagnose(own, network, loss=loss)

    def tried_with(self):
        """Return the network and the loss with which functions are tried."""
        raise NotImplementedError

    def take_up(self) -> None:
        """Go on with `own_code`, or if that is None with nnlib's own functions."""
        self.restart()

    def reset(self) -> None:
        """Go back to the start, keeping the settings."""
        if self.refuses_mistakes:
            self.diagnosis = ""
        super().reset()


def chosen(kept: SimpleNamespace | None, **functions: Callable | None) -> OwnCode:
    """Return these functions; where one is None, that of the same name in `kept`, if it has one.

    Raises TypeError where `kept` is not what `nnlib.exercises.mine` returns.
    """
    if kept is None:
        return OwnCode(**functions)
    if not isinstance(kept, SimpleNamespace):
        raise TypeError(
            f"use takes what mine() returns, or functions by name, use({next(iter(functions))}=…), "
            f"not {describe(kept)}"
        )
    own = OwnCode(**{name: f or getattr(kept, name, None) for name, f in functions.items()})
    if not functions_of(own):
        print(
            f"None of your functions is kept yet that this lab can use ({', '.join(functions)}): "
            "each is kept as soon as its check says correct. nnlib's are at work."
        )
    return own


def functions_of(own: OwnCode) -> list[str]:
    """Return the names of the functions that `own` has."""
    return [name for name in FUNCTIONS if getattr(own, name)]


def in_words(found: list[Diagnosis], cannot: str, who: str = "") -> str:
    """Say what is wrong: "`who` cannot …", if that is to be said, and each mistake."""
    if not found:
        return ""
    if not cannot:
        return "\n\n".join(map(str, found))
    wrong = " and ".join(dict.fromkeys(d.where.partition(",")[0] for d in found))
    return "\n\n".join([f"{who or f'Your {wrong}'} {cannot}.", *map(str, found)])
