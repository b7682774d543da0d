"""What labs with settings share: they travel as JSON, can be locked, and may act in slow motion."""

import json

import traitlets

from ..support.words import shown
from . import controls
from .widget import Lab

PACES = {"full speed": 0.0, "20 updates a second": 20.0, "2 updates a second": 2.0}

# What no view may set, only a cell.
TEACHERS = ("locked", "controls", "commands", "title", "code", "problem", "state")


def pace_control() -> dict:
    """Return the control of the speed."""
    return controls.select("pace", "Speed", list(PACES), "Slow motion shows single updates.")


class SettingsLab(Lab):
    """A lab whose settings are traits that travel, may be locked, and include the pace.

    A subclass names its settings in `_names`, what else may be locked in `_more_to_lock`,
    and describes all its controls in `_all_controls`; and it calls `_lock` once it can.
    """

    _names: tuple[str, ...] = ()
    _more_to_lock: tuple[str, ...] = ()
    _teachers: tuple[str, ...] = TEACHERS

    pace = traitlets.Enum(list(PACES), "full speed").tag(sync=True)
    locked = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self._set_pace()
        self.on_change(self._set_pace, "pace")
        self.on_change(self._lock, "locked")

    def settings(self) -> dict:
        """Return all settings as a small dict that JSON can hold; see `from_settings`."""
        settings = {name: getattr(self, name) for name in self._names}
        return settings | ({"locked": list(self.locked)} if self.locked else {})

    @classmethod
    def _check_names(cls, settings, locked) -> None:
        """Raise ValueError if there are no such settings, or not all of `locked` can be."""
        lockable = (*cls._names, *cls._more_to_lock)
        unknown = sorted({*settings} - {*cls._names} | {*locked} - {*lockable})
        if unknown:
            raise ValueError(f"unknown settings {unknown}: choose from {', '.join(lockable)}")

    def _set_pace(self) -> None:
        self.speed = PACES[self.pace]

    def _all_controls(self) -> list[dict]:
        """Return the controls there are if none is locked."""
        raise NotImplementedError

    def _lock(self) -> None:
        self.controls = [c for c in self._all_controls() if c["trait"] not in self.locked]

    def set_state(self, sync_data) -> None:
        """Take over what a view has set, but for what is locked or a cell's alone."""
        refused = {name for name in sync_data if name in (*self.locked, *self._teachers)}
        super().set_state({k: v for k, v in sync_data.items() if k not in refused})
        if refused:
            self.send_state(refused)


def as_settings(settings: "dict | str") -> dict:
    """Return settings as a dict of their own: from a dict, or from its JSON text."""
    if isinstance(settings, str):
        try:
            settings = json.loads(settings)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"this text is not the JSON of settings ({error}): paste what Copy settings "
                "gave, between three quotes on each side"
            ) from None
    if not isinstance(settings, dict):
        raise ValueError(f"settings must be a dict, or its JSON text, not {shown(settings)}")
    return dict(settings)
