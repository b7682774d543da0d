"""What a training leaves behind: a `Record` of each update, and the `History` of them all."""

from dataclasses import dataclass, field
from typing import NamedTuple

from .evaluation import Score


class Record(NamedTuple):
    """What one update was.

    epoch, update    both counted from 1
    samples_seen     by all updates so far, this one included
    loss             of this batch, before the update; C alone, without L1 and L2 penalties
    learning_rate    the α that the update used
    end_of_epoch     True if every sample has now been used in this epoch
    """

    epoch: int
    update: int
    samples_seen: int
    loss: float
    learning_rate: float
    end_of_epoch: bool


@dataclass
class History:
    """What happened while training.

    training_loss          of each update's batch, before the update
    learning_rate          that each update used
    validation_update      after how many updates each validation was made: one an epoch
    validation_loss        at each of these
    validation_accuracy    likewise, as shares of 1; stays empty for a regression
    interrupted            True if the reader stopped the training before its end
    """

    training_loss: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    validation_update: list[int] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False

    def add(self, record: Record) -> None:
        """Add an update."""
        self.training_loss.append(record.loss)
        self.learning_rate.append(record.learning_rate)

    def add_validation(self, update: int, score: Score) -> None:
        """Add an evaluation on the validation data, made after `update` updates."""
        self.validation_update.append(update)
        self.validation_loss.append(score.loss)
        if score.accuracy is not None:
            self.validation_accuracy.append(score.accuracy)

    def __repr__(self) -> str:
        parts = [f"{len(self.training_loss):,} updates"]
        if self.training_loss:
            parts.append(f"last training loss {self.training_loss[-1]:.4f}")
        if self.validation_loss:
            parts.append(f"validation loss {self.validation_loss[-1]:.4f}")
        if self.validation_accuracy:
            parts.append(f"validation accuracy {self.validation_accuracy[-1]:.2%}")
        if self.interrupted:
            parts.append("interrupted")
        return f"History: {', '.join(parts)}"
