"""Rewinding: any moment of the present run can be looked at again, and gone on from."""

import contextlib
from dataclasses import dataclass

from ..training.snapshot import Snapshot
from .reel import Reel
from .training_run import TrainingRun
from .widget import Lab

# Moments of a large network take many megabytes each. At least FEWEST_MOMENTS of
# them may be kept, as long as they take no more than MOMENT_BYTES together.
FEWEST_MOMENTS, MOMENT_BYTES = 8, 240_000_000

# A network of more bytes takes a while to copy.
LARGE = 1_000_000


@dataclass(frozen=True)
class Moment:
    """A snapshot of the trainer, and what the lab said then.

    `settings` are in words, as of `settings_in_words`; `problem` is what had stopped the lab.
    """

    snapshot: Snapshot
    latest: dict
    recent: float | None
    settings: dict[str, str]
    problem: str


class Rewinding(Lab):
    """A lab whose training can be rewound; a subclass calls `forget_moments` when one starts."""

    training: TrainingRun
    _live: Moment | None = None  # the latest moment, while an earlier one is shown
    _asked: int | None = None  # what a view asked to be shown
    _copy_due = False

    def settings_in_words(self) -> dict[str, str]:
        """Return the settings that may tell a moment from another: {setting: in words}."""
        raise NotImplementedError

    @property
    def moments(self) -> list[int]:
        """The numbers of updates that `rewind` can go to, besides the latest."""
        return list(self._reel.updates)

    @property
    def rewound(self) -> bool:
        """Whether an earlier moment than the latest is shown."""
        return self._live is not None

    @property
    def run_length(self) -> int:
        """How many updates the run has, also while it is rewound."""
        return (self._live.snapshot if self._live else self.training.trainer).updates

    def rewind(self, update: int | None = None) -> int:
        """Pause, show the training as it was nearest to that update; return which it is.

        Run, Step and Epoch then go on from there, with the settings as they are now, and
        what came later is forgotten. Without an update, or with one beyond, back to the latest.
        What functions of your own remember by themselves is not rewound.
        """
        self.pause()
        training = self.training
        live = self._live or self._moment()
        latest = live.snapshot.updates
        if update is None:
            update = latest
        back = update >= latest
        moment = live if back else self._reel.nearest(update)
        training.trainer.restore(moment.snapshot)
        training.latest, training.recent = dict(moment.latest), moment.recent
        self._live = None if back else live
        self.before_steps(1)
        if training.diverged_at is not None:  # at its end alone
            self.problem = live.problem if back else ""
        self._shown_moment = moment
        if back:
            self._mark_differences()
        self.send_frame()
        return training.trainer.updates

    def before_steps(self, updates: int) -> None:
        """Make ready for a number of updates that is to be kept exactly."""
        super().before_steps(updates)
        self._copy_due = False
        self.training.expect(updates)

    def work(self) -> bool:
        """Train for a few milliseconds, and keep a moment now and then."""
        if self._live is not None:
            self._forget_rest()
        if not self._copy_due:
            if not self.training.advance():
                return False
            trainer = self.training.trainer
            if trainer.updates < self._reel.due:
                return True
            if trainer.network.parameters.nbytes > LARGE:
                self._copy_due = True  # the burst may end here: a copy takes some milliseconds too
                return False
        self._copy_due = False
        self._keep_moment()
        return True

    def hear(self, message: dict) -> None:
        """Obey a message from a view."""
        super().hear(message)
        if message.get("command") == "rewind":
            self._asked = message["update"]
            with contextlib.suppress(ValueError):
                self.rewind(self._asked)

    def begin_moments(self) -> None:
        """A run starts: there is nothing to go back to but this."""
        self._live = self._asked = None
        self._reel = _new_reel()
        self._keep_moment()

    def forget_moments(self) -> None:
        """Other data, or another network: there is no way back behind the present."""
        if self._live is not None:
            self._forget_rest()
        self._reel = _new_reel()
        self._keep_moment()

    def rewinding_values(self) -> dict:
        """Return what a view needs to draw the slider over the run."""
        return {
            "length": self.run_length,
            "moments": self._reel.updates,
            "most moments": self._reel.room(self._moment_bytes),
            "rewound": self.training.trainer.updates if self.rewound else None,
            "asked": self._asked,
        }

    def _moment(self) -> Moment:
        return Moment(
            self.training.trainer.snapshot(),
            dict(self.training.latest),
            self.training.recent,
            self.settings_in_words(),
            self.problem,
        )

    def _keep_moment(self) -> None:
        moment = self._moment()
        self._moment_bytes = moment.snapshot.nbytes
        self._reel.add(moment.snapshot.updates, moment, self._moment_bytes)

    def _forget_rest(self) -> None:
        """Training goes on from where it was rewound to: nothing has come after that."""
        self._reel.cut(self.training.trainer.updates)
        self.training.cut()
        self._live = self._asked = None
        self._mark_differences()

    def _mark_differences(self) -> None:
        """Mark what is set otherwise now than at the moment that was rewound to."""
        now, then = self.settings_in_words(), self._shown_moment.settings
        texts = [text for name, text in now.items() if then.get(name) != text]
        if texts and self.training.trainer.updates:
            self.training.mark("settings", ", ".join(texts))


def _new_reel() -> Reel:
    return Reel(least=FEWEST_MOMENTS, limit=MOMENT_BYTES)
