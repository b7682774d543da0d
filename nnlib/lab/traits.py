"""Traits that several labs use: numbers, which may have to be positive or stay within bounds."""

import math

import numpy as np
import traitlets


class Number(traitlets.Float):
    """A number of any type: arrays hold float32 and float16, which a `Float` does not take."""

    def validate(self, obj, value):
        """Return the number as a float, or raise TraitError."""
        return super().validate(obj, float(value) if isinstance(value, np.floating) else value)


class Positive(Number):
    """A finite number above 0, such as a learning rate."""

    def validate(self, obj, value):
        """Return the number, or raise TraitError in words."""
        value = super().validate(obj, value)
        if not 0 < value < math.inf:
            raise traitlets.TraitError(f"{self.name}={value!r} must be a positive number")
        return value


class Bounded(Number):
    """A number that is moved to the nearer end if it lies outside; a whole one if so tagged."""

    def validate(self, obj, value):
        """Return the number, moved into its bounds."""
        if isinstance(value, (int, float, np.number)):
            if math.isnan(value):
                self.error(obj, value)
            value = min(max(value, self.min), self.max)
        value = super().validate(obj, value)
        return round(value) if self.metadata.get("whole") else value
