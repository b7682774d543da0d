"""Packages that the maths does without, and a room of nnlib does not."""

from importlib.util import find_spec


def need(room: str, *packages: str, extra: str = "lab") -> None:
    """Raise ModuleNotFoundError that says what to install, if `room` cannot be used here."""
    for name in packages:
        if find_spec(name) is None:
            raise ModuleNotFoundError(
                f"{room} needs {name}, which is not installed: pip install 'nnlib[{extra}]'",
                name=name,
            )
