"""Loss functions: one number C for how wrong the outputs are, and its slope.

A loss has a `value` C and a `delta`, δ⁽ᴸ⁾ = ∂C/∂z⁽ᴸ⁾, from which backpropagation
starts; keeping the two together makes changing the loss one word. Both take
the trace of a forward pass and the encoded target y, of shape (n_samples, n_L)
(see `nnlib.targets`). A loss is a mean over samples, so that the learning rate
does not depend on the batch size.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from .activations import Activation, Sigmoid, Softmax, pull_back
from .forward import Trace
from .support.checks import is_number
from .support.guests import returned_as
from .support.words import shown


class Loss:
    """What every loss can do."""

    name: str

    def __init_subclass__(cls, **options: Any) -> None:
        """Check what a loss of one's own returns, and let it spoil nothing that it is given."""
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] != "nnlib":
            for name, checked in (("value", _checked_value), ("delta", _checked_delta)):
                if name in vars(cls):
                    setattr(cls, name, checked(vars(cls)[name]))

    def value(self, trace: Trace, y: np.ndarray) -> float:
        """Return C, a mean over the samples of the trace."""
        raise NotImplementedError(f"the loss {self} has no value: write it")

    def delta(self, trace: Trace, y: np.ndarray) -> np.ndarray:
        """Return δ⁽ᴸ⁾ = ∂C/∂z⁽ᴸ⁾, of shape (n_samples, n_L)."""
        raise NotImplementedError(f"the loss {self} has no delta: write it")

    def check(self, output: Activation) -> None:
        """Raise ValueError if this loss makes no sense for this output activation."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class MSE(Loss):
    """Mean squared error, C = 1/(n k) Σᵢ Σⱼ (aᵢⱼ − yᵢⱼ)², over n samples and k outputs.

    ∂C/∂aᵢⱼ = 2/(n k) (aᵢⱼ − yᵢⱼ), for any output activation.
    Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 5.1.4.
    """

    name = "mse"

    def value(self, trace: Trace, y: np.ndarray) -> float:
        error = trace.output - y
        return float(np.vdot(error, error)) / error.size

    def delta(self, trace: Trace, y: np.ndarray) -> np.ndarray:
        gradient = (2 / y.size) * (trace.output - y)
        return pull_back(trace.activations[-1], gradient, trace.z[-1], trace.output)


class CrossEntropy(Loss):
    """Cross-entropy: minus the log-likelihood of the target, a mean over samples.

    After softmax:  C = −1/n Σᵢ Σⱼ yᵢⱼ ln aᵢⱼ               (one class out of k)
    After sigmoid:  C = −1/n Σᵢ Σⱼ [yᵢⱼ ln aᵢⱼ + (1 − yᵢⱼ) ln(1 − aᵢⱼ)]   (k yes/no questions)

    Both are computed from z, not from a, so that no logarithm ever sees a 0:
    ln aⱼ = zⱼ − ln Σₖ e^zₖ after softmax, and −ln σ(z) = ln(1 + e⁻ᶻ) after sigmoid.
    In both cases the derivative of the activation cancels: δ⁽ᴸ⁾ = (a − y)/n.
    Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 6.2.2.2 and
    6.2.2.3; Nielsen, *Neural Networks and Deep Learning*, chapter 3, equations 57 to 63.

    `smoothing` is the ε of label smoothing, 0 ≤ ε < 1. To be certain a network needs an infinite
    z, and it never stops trying; so it is asked for a little less than certainty: y is replaced
    by (1 − ε) y + ε u, with u = 1/k after softmax, one half after sigmoid.
    Source: Szegedy et al., *Rethinking the Inception architecture* (2016), section 7.
    """

    name = "cross_entropy"
    smoothing = 0.0  # for those that are made without it, by a class of one's own

    def __init__(self, smoothing: float = 0.0):
        if not is_number(smoothing) or not 0 <= smoothing < 1:
            raise ValueError(
                f"smoothing={shown(smoothing)} must be at least 0 (none) and less than 1, at which "
                "nothing would be left of the labels; 0.05 is usual"
            )
        self.smoothing = float(smoothing)

    def smoothed(self, trace: Trace, y: np.ndarray) -> np.ndarray:
        """Return the targets y, shape (n, n_L), made less certain by `smoothing`; 0 keeps them."""
        if not self.smoothing:
            return y
        k = y.shape[1] if isinstance(trace.activations[-1], Softmax) else 2
        return (1 - self.smoothing) * y + self.smoothing / k

    def value(self, trace: Trace, y: np.ndarray) -> float:
        z, y = trace.z[-1], self.smoothed(trace, y)
        if isinstance(trace.activations[-1], Softmax):
            highest = z.max(axis=1, keepdims=True)
            log_sum = highest + np.log(np.exp(z - highest).sum(axis=1, keepdims=True))
            return float((y * (log_sum - z)).sum()) / len(z)
        # −y ln σ(z) − (1 − y) ln(1 − σ(z)) = ln(1 + eᶻ) − y z
        return float((np.logaddexp(0, z) - y * z).sum()) / len(z)

    def delta(self, trace: Trace, y: np.ndarray) -> np.ndarray:
        return (trace.output - self.smoothed(trace, y)) / len(y)

    def __repr__(self) -> str:
        return f"CrossEntropy({f'smoothing={self.smoothing:g}' if self.smoothing else ''})"

    def check(self, output: Activation) -> None:
        if not isinstance(output, (Softmax, Sigmoid)):
            raise ValueError(
                f"cross-entropy needs probabilities, but the output activation is {output}: "
                "build the network with output='softmax' (one class of several) or "
                "output='sigmoid' (yes or no), or use MSE"
            )


LOSSES = {loss.name: loss for loss in (MSE, CrossEntropy)}


def _checked_value(method: Callable) -> Callable:
    """Return a guest's `value` that gets copies and must return one real number."""

    @wraps(method)
    def value(loss: Loss, trace: Trace, y: np.ndarray) -> float:
        made = method(loss, _copied(trace), y.copy())
        number = np.asarray(made)
        if number.shape != () or number.dtype.kind not in "iuf" or np.ma.is_masked(made):
            what = "None: has it come to its `return`?" if made is None else f"{shown(made)}:"
            raise ValueError(f"the value of the loss {loss} is {what} it must be one real number")
        return float(number)

    return value


def _checked_delta(method: Callable) -> Callable:
    """Return a guest's `delta` that gets copies and must return the output's shape."""

    @wraps(method)
    def delta(loss: Loss, trace: Trace, y: np.ndarray) -> np.ndarray:
        made = method(loss, _copied(trace), y.copy())
        return returned_as(f"the delta of the loss {loss}", trace.output, made)

    return delta


def _copied(trace: Trace) -> Trace:
    """Return a trace that may be written to: its input may be the data themselves."""
    z = [None if z is None else z.copy() for z in trace.z]
    return Trace(z, [a.copy() for a in trace.a], trace.activations)


def get_loss(loss: "str | Loss | type[Loss]") -> Loss:
    """Return `loss` as a Loss: an instance, a class, 'mse' or 'cross_entropy'."""
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, type) and issubclass(loss, Loss):
        return loss()
    if not isinstance(loss, str) or loss not in LOSSES:
        raise ValueError(
            f"unknown loss {shown(loss)}: choose MSE() or CrossEntropy() "
            f"(or their names: {', '.join(LOSSES)})"
        )
    return LOSSES[loss]()


def default_loss(output: Activation) -> Loss:
    """Return the loss that goes with an output activation: cross-entropy for probabilities."""
    return CrossEntropy() if isinstance(output, (Softmax, Sigmoid)) else MSE()
