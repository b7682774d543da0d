"""The exceptions of nnlib that have no exact counterpart in Python.

A wrong argument raises the ordinary `ValueError` or `TypeError`; these three
say more, and each is a kind of the built-in error a caller would expect.
"""

from typing import Any

TOO_LARGE = "The usual cause is a learning rate that is too large: start again with a smaller one"


class DataFileError(ValueError):
    """A data file is missing, cut short or not what it should be."""


class ModelFileError(ValueError):
    """A model file is damaged, or was not written by `NeuralNetwork.save`."""


class Diverged(ArithmeticError):
    """Training left the finite numbers; the network keeps its last finite parameters.

    `update` is the number of the update that could not be made (the first is 1)
    and `loss` that of its batch.
    """

    def __init__(self, message: str, update: int, loss: float):
        super().__init__(message)
        self.update = update
        self.loss = loss
        self.history: Any = None  # `train` leaves its history here

    def __reduce__(self) -> tuple:
        # Or it could not come back from another process, which then waits for ever.
        return type(self), (str(self), self.update, self.loss), {"history": self.history}

    @classmethod
    def at(
        cls, update: int, loss: float, learning_rate: float, what: str, cure: str = TOO_LARGE
    ) -> "Diverged":
        """Return the error of an update that `what`, in words, prevents, and what to do."""
        where = f"at update {update} {what} (learning rate {learning_rate:g})"
        return cls(f"training diverged: {where}. {cure}", update, loss)
