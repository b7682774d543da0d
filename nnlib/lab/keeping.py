"""Keeping runs: their curves stay, with their settings, and the next run is drawn over them."""

from typing import Any

import traitlets

from .kept import KeptRun, KeptRuns
from .training_run import TrainingRun
from .widget import Lab


class Keeping(Lab):
    """A lab that can keep its runs; a subclass has a `training` and says its settings in words."""

    training: TrainingRun
    _kept: KeptRuns | None = None

    # The kept runs as a page draws them; sent when they change, not with every frame.
    kept_runs: traitlets.List[Any] = traitlets.List().tag(sync=True)

    @property
    def run_length(self) -> int:
        """How many updates the run has."""
        raise NotImplementedError

    def settings_in_words(self) -> dict[str, str]:
        """Return the settings that may tell a run from another: {setting: in words}."""
        raise NotImplementedError

    def keep(self, name: str | None = None) -> str:
        """Keep the curves of this run, also after Reset, and return what it is called.

        Without a name it is called by its settings. The oldest leaves when there are too many
        to be told apart. Raises ValueError before the first update.
        """
        updates, training = self.run_length, self.training
        if not updates:
            raise ValueError("there is no run to keep yet: press Run, or Step, first")
        run = KeptRun(
            self.settings_in_words(),
            updates,
            training.points(),
            training.diverged_at,
            bool(training.marks),
        )
        self._runs.add(run, name)
        self._kept_changed()
        return run.name

    @property
    def kept(self) -> list[KeptRun]:
        """The kept runs, the oldest first."""
        return list(self._runs.runs)

    def rename(self, old: "str | int", new: str) -> str:
        """Call a kept run something else, or by its settings again if `new` is empty."""
        run = self._runs.find(old)
        self._runs.rename(old, new)
        self._kept_changed()
        return run.name

    def forget(self, name: str | None = None) -> None:
        """Forget the kept run of that name; without a name, all of them."""
        if name is None:
            self._runs.runs.clear()
        else:
            self._runs.runs.remove(self._runs.find(name))
        self._kept_changed()

    def hear(self, message: dict) -> None:
        """Obey a message from a view."""
        super().hear(message)
        command = message.get("command")
        # A view may ask for what has just changed: then it is shown how things stand.
        try:
            if command == "keep":
                self.keep()
            elif command == "rename":
                self.rename(int(message["key"]), str(message["to"]))
            elif command == "forget":
                self.forget(message.get("key"))
        except ValueError:
            self.send_frame()

    @property
    def _runs(self) -> KeptRuns:
        # Made when first asked for: a subclass may begin before the widget is initialized.
        if self._kept is None:
            self._kept = KeptRuns()
        return self._kept

    def _kept_changed(self) -> None:
        self._label_kept()
        self.send_frame()

    def _label_kept(self) -> None:
        self._runs.label(self.settings_in_words())
        if self._runs.runs or self.kept_runs:
            self.kept_runs = [run.for_page() for run in self._runs.runs]
