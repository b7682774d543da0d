"""Traits that several labs use: numbers that must be positive, or stay within bounds; widths."""

import math

import numpy as np
import traitlets


class Positive(traitlets.Float):
    """A finite number above 0, such as a learning rate."""

    def validate(self, obj, value):
        """Return the number, or raise TraitError in words."""
        value = super().validate(obj, value)
        if not 0 < value < math.inf:
            raise traitlets.TraitError(f"{self.name}={value!r} must be a positive number")
        return value


class Bounded(traitlets.Float):
    """A number that is moved to the nearer end if it lies outside; a whole one if so tagged."""

    def validate(self, obj, value):
        """Return the number, moved into its bounds."""
        if isinstance(value, (int, float)):
            if math.isnan(value):
                self.error(obj, value)
            value = min(max(value, self.min), self.max)
        value = super().validate(obj, value)
        return round(value) if self.metadata.get("whole") else value


class Widths(traitlets.List):
    """The widths of hidden layers: at most so many whole numbers, each from 1 to so many."""

    def __init__(self, default, *, most_layers: int, most_neurons: int):
        super().__init__(traitlets.Int(), default)
        self.most_layers, self.most_neurons = most_layers, most_neurons

    def validate(self, obj, value):
        """Return the widths as a list of int, or raise TraitError in words."""
        named = f"{self.name}={value!r}"
        if not isinstance(value, (list, tuple)):
            raise traitlets.TraitError(f"{named} must be a list, one width a hidden layer: [6, 4]")
        if len(value) > self.most_layers:
            raise traitlets.TraitError(
                f"{named} has {len(value)} hidden layers, at most {self.most_layers} are drawn"
            )
        for width in value:
            whole = isinstance(width, (int, np.integer)) and not isinstance(width, bool)
            if not whole or not 1 <= width <= self.most_neurons:
                raise traitlets.TraitError(
                    f"{named}: each hidden layer has from 1 to {self.most_neurons} neurons, "
                    f"not {width!r}"
                )
        return [int(width) for width in value]
