"""Traits that several labs use: numbers that must be positive, or stay within bounds."""

import math

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
