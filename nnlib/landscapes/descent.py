"""A walk down a loss surface: one optimizer, two parameters, every step kept in sight.

A `Descent` is an endless iterator over steps, so that a script, a test and a widget's
Run, Pause and Step all drive the same code, until it has converged or diverged.
"""

from dataclasses import dataclass

import numpy as np

from ..optimizers import GradientDescent, Momentum, Nesterov, Optimizer, as_optimizer
from ..support.checks import as_number, as_seed
from ..support.takes import like, pair, takes
from .surfaces import Quadratic, Surface

# A walker farther than this many window widths from the centre has diverged.
FAR = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a descent.

    number           counted from 1
    before, after    the positions, shape (2,)
    gradient         ∇L at `before`, noise included, shape (2,)
    value            L at `after`
    learning_rate    the α that the step used
    """

    number: int
    before: np.ndarray
    gradient: np.ndarray
    after: np.ndarray
    value: float
    learning_rate: float


class Descent:
    """An iterator over the steps of `optimizer` on `surface`, from `start`.

    surface      where
    optimizer    any of nnlib's own, fresh; its learning rate may be set between steps
    start        shape (2,); by default the surface's own
    tolerance    it has converged once neither the slope nor the last step is longer
    noise        standard deviation of what is added to each ∂L/∂xᵢ, drawn afresh in every step
                 with `seed`: a mini-batch's gradient is the whole set's plus such noise. May be
                 set between steps; as long as there is noise nothing converges

    `state` is "walking", "converged" or "diverged"; in the last two cases the iterator
    ends. `position` and `value` are where it stands, and `steps` how many steps it made. A
    position that is no longer finite is never taken.
    """

    @takes(surface=like("gradient", "a Surface"), start=pair())
    def __init__(
        self,
        surface: Surface,
        optimizer: Optimizer,
        start=None,
        tolerance=1e-5,
        *,
        noise: float = 0.0,
        seed: int = 0,
    ):
        self.beginning = object()  # the mark by which an optimizer knows whom it serves
        self.surface, self.optimizer = surface, as_optimizer(optimizer).serve(self)
        self.tolerance = tolerance
        self.noise, self._rng = as_number("noise", noise, 0), np.random.default_rng(as_seed(seed))
        self.start = np.array(surface.start if start is None else start, np.float64)
        if self.start.shape != (2,) or not np.isfinite(self.start).all():
            raise ValueError(f"start={start!r} must be two finite numbers")
        self.position = self.start.copy()
        self.value = float(surface.value(self.start))
        self.steps, self.state = 0, "walking"
        self._rate = 0.0  # of the latest step

    def __iter__(self) -> "Descent":
        return self

    def __next__(self) -> Step:
        """Make one step and return it."""
        if self.state != "walking":
            raise StopIteration
        before, after = self.position, self.position.copy()
        self._rate = self.optimizer.serve(self).current_learning_rate
        with np.errstate(over="ignore", invalid="ignore"):
            gradient = self.surface.gradient(before) + self._error()
            moved = self.optimizer.update(after, gradient)
            value = float(self.surface.value(after))
        self.steps += 1
        if moved and np.isfinite(value):
            self.position, self.value = after, value
            if self._is_far(after):
                self.state = "diverged"
            elif self.noise == 0 and self._is_still(gradient, after - before):
                self.state = "converged"
        else:
            self.state = "diverged"
        return Step(self.steps, before, gradient, after, value, self._rate)

    def _error(self) -> np.ndarray:
        """Return the noise of one gradient; none of it moves a parameter that takes no part."""
        error = self.noise * self._rng.standard_normal(2)
        error[self.surface.parameters :] = 0
        return error

    def _is_still(self, gradient, step) -> bool:
        return max(np.linalg.norm(gradient), np.linalg.norm(step)) < self.tolerance

    def _is_far(self, x) -> bool:
        centre = np.mean(self.surface.limits, axis=1)
        return bool(np.abs(x - centre).max() > FAR * self.surface.width)

    @property
    def at_minimum(self) -> bool | None:
        """Whether it stands at a minimum; None if the surface's minima are not known."""
        if len(self.surface.minima) == 0:
            return None
        distances = np.linalg.norm(self.surface.minima - self.position, axis=1)
        return bool(distances.min() < 0.01 * self.surface.width)

    def __str__(self) -> str:
        """Say how the descent stands."""
        if self.state == "diverged":
            return f"diverged at step {self.steps}: learning rate too large{self._why()}"
        if self.state == "converged":
            if self.at_minimum is False:
                return f"came to rest at step {self.steps}, but in no minimum: the slope is 0 here"
            return f"converged at step {self.steps}"
        return "walking" if self.steps else "at the start"

    def _why(self) -> str:
        """Say what learning rate the surface would have borne."""
        bound = rate_bound(self.optimizer, self.surface.curvature(self.start))
        if bound is None:
            return f" (α = {self._rate:.3g})"
        size = f"λ = {self.surface.curvature(self.start):.3g}"
        memory = f" with β = {self.optimizer.beta:g}" if hasattr(self.optimizer, "beta") else ""
        if isinstance(self.surface, Quadratic):
            return f"; here {size}, so α must stay below {bound:.3g}{memory}"
        return (
            f"; at the start {size} asks for α below {bound:.2g}{memory}, steeper places for less"
        )


def rate_bound(optimizer: Optimizer, curvature: float) -> float | None:
    """Return the α below which `optimizer` converges where L has the curvature λ.

    Along x with L = ½ λ x², gradient descent does x ← (1 − αλ) x, which shrinks exactly
    if α < 2/λ. Momentum's x and v are multiplied by a matrix in each step, whose
    eigenvalues stay within the unit circle if α < 2 (1 + β)/λ, Nesterov's if
    α < 2 (1 + β)/((1 + 2β) λ). Other optimizers scale their steps by the gradients they
    have seen and have no such bound; neither has a λ that is not positive: None.

    Source: Goh, *Why momentum really works* (Distill, 2017).
    """
    if curvature <= 0:
        return None
    if isinstance(optimizer, GradientDescent):
        return 2 / curvature
    if isinstance(optimizer, Momentum):
        return 2 * (1 + optimizer.beta) / curvature
    if isinstance(optimizer, Nesterov):
        beta = optimizer.beta
        return 2 * (1 + beta) / ((1 + 2 * beta) * curvature)
    return None
