"""One run of training in a lab: the trainer at work, and all that has been seen of it."""

import time
from collections.abc import Iterator

import numpy as np

from ..training.evaluation import Evaluator
from ..training.record import Record
from ..training.trainer import Trainer
from .curve import Curve, running_mean
from .goal import Progress

# Marks of changed settings that a curve can carry before the oldest go.
MARKS = 20
# A slider that is dragged leaves one mark: its changes follow each other within this many seconds.
DRAGGED = 1.0

# The share of the time that may go into looking at the validation data instead of training.
LOOKING = 0.2
# And no more often than this, in seconds: nobody sees more.
LOOK_EVERY = 0.02


class TrainingRun:
    """A training from its start on, a few milliseconds at a time.

    trainer      who trains
    evaluator    who looks at the validation data: often enough, but not all the time
    curves       {'training loss' | 'validation loss' | 'accuracy': Curve} over the updates;
                 accuracy in percent
    latest       what is known of the latest update, by name
    recent       a running mean of the training loss
    marks        where a setting was changed, and to what: [{"update": …, "text": …}]
    diverged_at  the update at which it diverged, or None
    progress     how far it is on the way to its goal
    """

    def __init__(self, trainer: Trainer, evaluator: Evaluator, goal: dict):
        self.curves = {
            "training loss": Curve(),
            "validation loss": Curve(512),
            "accuracy": Curve(512),
        }
        self.latest: dict = {}
        self.recent: float | None = None
        self.marks: list[dict] = []
        self._marked, self._marked_at = "", 0.0  # the setting of the latest mark, and when
        self.diverged_at: int | None = None
        self.continue_with(trainer, evaluator)
        self.set_goal(goal)

    def continue_with(self, trainer: Trainer, evaluator: Evaluator) -> None:
        """Go on with other data, another network: the curves stay."""
        self.trainer, self.evaluator = trainer, evaluator
        self.expect(1)

    def expect(self, updates: int) -> None:
        """Make ready for this many updates: the first and the last of them are always looked at.

        A look at the validation data that a pause cut short is forgotten: it belongs to an
        update that is already counted.
        """
        self.evaluator.restart()
        self._steps = self._work()
        self.look_soon()
        self._last_update = self.trainer.updates + updates

    def advance(self) -> bool:
        """Do a few milliseconds of work; return True if that completed an update."""
        try:
            return next(self._steps)
        except BaseException:  # an interrupt, too, would end the iterator for good
            self.evaluator.restart()
            self._steps = self._work()
            raise

    def look_soon(self) -> None:
        """Look at the validation data as soon as the next update is made."""
        self._look_at = 0.0

    @property
    def left_in_epoch(self) -> int:
        """Updates until every sample has been used once more."""
        under_way = self.trainer.batch_under_way
        return self.trainer.batches.left_in_epoch + under_way

    def points(self) -> dict[str, np.ndarray]:
        """Return the points of all curves, by name."""
        return {name: curve.points() for name, curve in self.curves.items()}

    def cut(self) -> None:
        """Forget what came after the trainer's present update."""
        updates = self.trainer.updates
        for curve in self.curves.values():
            curve.cut(updates)
        self.marks = [mark for mark in self.marks if mark["update"] <= updates]
        self.diverged_at = None

    def mark(self, setting: str, text: str) -> None:
        """Mark on the curves that `setting` was changed here, and to what."""
        now = time.perf_counter()
        if self.marks and now - self._marked_at < DRAGGED and setting == self._marked:
            self.marks[-1]["text"] = text
        elif self.trainer.updates:
            self.marks = [*self.marks, {"update": self.trainer.updates, "text": text}][-MARKS:]
        self._marked, self._marked_at = setting, now

    def set_goal(self, goal: dict) -> None:
        """Train towards this goal from now on."""
        self.progress = Progress(goal)
        self.check_goal()

    def check_goal(self) -> None:
        """See how far the run is on the way to its goal."""
        trainer, network = self.trainer, self.trainer.network
        self.progress.look(
            {
                "validation_accuracy": self.latest.get("accuracy"),
                "validation_loss": self.latest.get("validation loss"),
                "training_loss": self.recent,
                "updates": trainer.updates,
                "samples": trainer.samples_seen,
                "epochs": trainer.samples_seen / len(trainer.X),
                "neurons": sum(network.layers[1:-1]),
                "parameters": network.parameters.size,
            },
            diverged=self.diverged_at is not None,
        )

    def _work(self) -> Iterator[bool]:
        """Yield after each few milliseconds of work: True when an update is complete."""
        while True:
            record = self.trainer.advance()
            if record is None:
                yield False
                continue
            self.take_in(record)
            if time.perf_counter() >= self._look_at or record.update == self._last_update:
                yield from self._look()
            yield True

    def _look(self) -> Iterator[bool]:
        """Look at the validation data, a piece at a time, and set when to look again."""
        begin, spent = time.perf_counter(), 0.0
        score = self.evaluator.advance()
        while score is None:
            spent += time.perf_counter() - begin
            yield False
            begin = time.perf_counter()
            score = self.evaluator.advance()
        spent += time.perf_counter() - begin
        rest = max(LOOK_EVERY, spent * (1 - LOOKING) / LOOKING)
        self._look_at = time.perf_counter() + rest
        update = self.trainer.updates
        self.curves["validation loss"].append(update, score.loss)
        self.latest["validation loss"] = score.loss
        if score.accuracy is not None:
            self.curves["accuracy"].append(update, 100 * score.accuracy)
            self.latest["accuracy"] = score.accuracy
        self.check_goal()

    def take_in(self, record: Record) -> None:
        """Put down what an update was like."""
        seen = self.latest.get("samples", 0)
        self.curves["training loss"].append(record.update, record.loss)
        self.recent = running_mean(self.recent, record.loss)
        self.latest |= {
            "update": record.update,
            "epoch": record.epoch,
            "samples": record.samples_seen,
            "training loss": record.loss,
            "learning rate": record.learning_rate,
        }
        # A budget that ends with this update is judged by a look at once, not by an older one.
        size, n, last = record.samples_seen - seen, len(self.trainer.X), self.progress.last_use
        if (
            last("updates", record.update, 1)
            or last("samples", record.samples_seen, size)
            or last("epochs", record.samples_seen / n, size / n)
        ):
            self.look_soon()
