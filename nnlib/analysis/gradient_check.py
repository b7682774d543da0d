"""Is the gradient right? Compare it with finite differences.

    ∂C/∂x ≈ (C(x + h) − C(x − h)) / 2h          the error falls as h², until rounding takes over

The network is copied into float64 first, since float32 leaves only three or
four correct digits. Two entries a (analytic) and n (numeric) are compared by
their relative error |a − n| / max(|a|, |n|). Two cautions:

* ReLU has no derivative at 0, nor has |w|. If a step of h crosses such a kink,
  the difference straddles it and says nothing: such entries are left out and counted.
* C is known to about 1e-16 of itself, so the numeric value is uncertain by about
  1e-16·C/h. An entry smaller than this could say is judged on that scale instead.

Where the two do not agree, the step may be to blame: with raw pixels, 0 to 255, a step of 1e-5
moves z by thousandths, and what is cut off shows. Then other steps are tried, and the one is
taken whose own error is least, as told by the difference between h and h/2 and by what is rounded
off. An entry that no step tells from nothing to 1 % is left out and counted as too small; if all
that is left is 0, nothing was compared, and the check does not pass.

Source: the cs231n course notes, "Gradient checks"; Nocedal and Wright,
*Numerical Optimization* (2006), section 8.1.
"""

from dataclasses import dataclass

import numpy as np

from ..activations import LeakyReLU, ReLU
from ..backprop import backward
from ..forward import Trace, forward_pass
from ..losses import get_loss
from ..network import as_network
from ..regularizers.penalty import add_penalty_gradient, as_rate, penalty
from ..support.arrays import as_numbers
from ..support.checks import as_seed, as_whole, is_number
from ..support.guests import name_of
from ..support.words import shown
from ..targets import encode_target


@dataclass(frozen=True)
class ParameterCheck:
    """How the gradient of one W⁽ˡ⁾ or b⁽ˡ⁾ compared; errors are NaN if no entry could be.

    `zeros` of the entries compared are 0 in both, and `too_small` could not be compared.
    """

    name: str
    shape: tuple[int, ...]
    compared: int
    at_kink: int
    max_relative_error: float
    worst_index: tuple[int, ...]
    analytic: float
    numeric: float
    zeros: int = 0
    too_small: int = 0


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of `check_gradients`: one row a parameter array; prints as a table."""

    rows: list[ParameterCheck]
    tolerance: float

    @property
    def worst(self) -> ParameterCheck:
        """The row with the largest relative error."""
        return max(self.rows, key=lambda r: _badness(r.max_relative_error) if r.compared else -1.0)

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of all entries compared."""
        return self.worst.max_relative_error

    @property
    def passed(self) -> bool:
        """True if entries were compared and every relative error is within the tolerance.

        Entries that are 0 in both say nothing alone: of each W and b one must be another number, or
        lie at a kink.
        """
        told = any(r.compared > r.zeros for r in self.rows) and not self.silent
        return told and bool(self.max_relative_error <= self.tolerance)

    @property
    def silent(self) -> list[str]:
        """The names of those of which nothing was compared, but zeros or at all: not by a kink."""
        return [r.name for r in self.rows if r.compared == r.zeros and not r.at_kink]

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"{'':4} {'shape':>12} {'compared':>9} {'at kink':>8} {'max relative error':>19}"]
        for r in self.rows:
            error = f"{r.max_relative_error:.1e}" if r.compared else "-"
            lines.append(f"{r.name:4} {r.shape!s:>12} {r.compared:>9} {r.at_kink:>8} {error:>19}")
        w = self.worst
        if w.compared:
            at = ", ".join(map(str, w.worst_index))
            lines.append(
                f"worst entry: {w.name}[{at}], analytic {w.analytic:.6e}, numeric {w.numeric:.6e}"
            )
        small, n = sum(r.too_small for r in self.rows), sum(r.compared for r in self.rows)
        if small:
            lines.append(f"{small} entries are too small to compare: X or the weights too large?")
        verdict = "passed"
        if not self.passed:
            wrong = n and not self.max_relative_error <= self.tolerance
            verdict = "FAILED" if wrong else f"{NOTHING} in {', '.join(self.silent) or 'all'}"
        lines.append(f"{verdict} (tolerance {self.tolerance:.0e})")
        return "\n".join(lines)

    __repr__ = __str__


NOTHING = "NOTHING COMPARED but zeros, kinks or what is too small"


def _badness(error: float) -> float:
    """Return `error` for comparison, NaN counting as the worst of all."""
    return np.inf if np.isnan(error) else error


@np.errstate(under="ignore")
def check_gradients(
    network,
    X,
    target,
    loss,
    *,
    backward=backward,
    h: float = 1e-5,
    tolerance: float = 1e-6,
    max_entries: int | None = 200,
    seed: int = 0,
    l1: float = 0.0,
    l2: float = 0.0,
) -> GradientCheck:
    """Compare the gradients of `backward` with centred differences, entry by entry.

    X has shape (n_samples, n_0); a handful of samples is enough. `backward` is
    nnlib's own unless you pass yours, called the same way, with a float64 copy of
    the network (the network itself is not touched). `h` is the step. At most
    `max_entries` entries of each W and b, drawn with `seed`, are compared (None: all).
    With rates `l1` and `l2` the penalties of `nnlib.regularizers.penalty` are part of what is
    checked: λ₁ sign(w) + λ₂ w is added to the gradient, and the penalty itself to the loss.
    Raises ValueError for input that does not fit the network.
    """
    if not is_number(h) or not 0 < h < 1:
        raise ValueError(f"h={shown(h)}, the step, must lie between 0 and 1; 1e-5 is usual")
    if not is_number(tolerance) or tolerance <= 0:
        raise ValueError(f"tolerance={shown(tolerance)} must be more than 0; 1e-6 is usual")
    if max_entries is not None:
        as_whole("max_entries", max_entries, at_least=1, hint="None is all of them")
    loss = get_loss(loss)
    network = as_network(network).copy("float64")
    trace = network.forward(X)
    analytic = _called(backward, network, trace, target, loss)
    y = encode_target(target, len(trace.output), network, loss)
    l1, l2 = as_rate("l1", l1), as_rate("l2", l2)
    slope = NumericSlope(network, trace.a[0], y, loss, h, l1, l2)
    if not np.isfinite(slope.value):
        raise ValueError(f"the loss is {slope.value} here: scale X to a smaller range")
    # Below this, rounding in C alone could cost an entry its tolerance.
    floor = 10 * np.finfo(np.float64).eps * max(1.0, abs(slope.value)) / h / tolerance
    rng = np.random.default_rng(as_seed(seed))

    rows = []
    for i in range(len(network.weights)):
        for symbol, x, gradient in (
            ("W", network.weights[i], analytic.weights[i]),
            ("b", network.biases[i], analytic.biases[i]),
        ):
            name = f"{symbol}{i + 1}"
            gradient = as_numbers(f"the gradient of {name}", gradient)
            if gradient.shape != x.shape:
                raise ValueError(
                    f"the gradient of {name} has shape {gradient.shape}, "
                    f"but {name} itself has shape {x.shape}"
                )
            if symbol == "W" and (l1 or l2):
                gradient = np.array(gradient, np.float64)
                add_penalty_gradient([x], [gradient], l1, l2)
            rows.append(_compare(name, x, gradient, slope, floor, tolerance, max_entries, rng))
    return GradientCheck(rows, tolerance)


def _called(backward, network, trace, target, loss):
    """Return what `backward` returns; raise ValueError if it is no gradient, or if it moved x."""
    before, what = network.parameters.copy(), f"backward={name_of(backward)}"
    if not callable(backward):
        raise TypeError(f"{what} must be a function, called as nnlib.backward is")
    trace = Trace(list(trace.z), [a.copy() for a in trace.a], trace.activations)
    found = backward(network, trace, target, loss)
    if not np.array_equal(network.parameters, before, equal_nan=True):
        raise ValueError(f"{what} changed the parameters: it must only return the gradient")
    lists = [getattr(found, name, ()) for name in ("weights", "biases")]
    if any(len(part) != len(network.weights) for part in lists):
        raise ValueError(
            f"{what} returned {type(found).__name__}: it must return Gradients, whose weights and "
            f"biases have {len(network.weights)} items each, as nnlib.backward does"
        )
    return found


def _compare(name, x, gradient, slope, floor, tolerance, max_entries, rng) -> ParameterCheck:
    """Compare (some of) the entries of one parameter array with their numeric slopes."""
    entries = np.arange(x.size)
    if max_entries is not None and x.size > max_entries:
        entries = np.sort(rng.choice(x.size, max_entries, replace=False))
    worst: tuple[float, tuple[int, ...], float, float] = (np.nan, (), np.nan, np.nan)
    compared = at_kink = zeros = too_small = 0
    for entry in entries:
        index = tuple(int(i) for i in np.unravel_index(entry, x.shape))
        n = slope(x, index)
        if n is None:
            at_kink += 1
            continue
        a = float(gradient[index])
        error = abs(a - n) / max(abs(a), abs(n), floor)
        resolution = floor * tolerance
        if a == 0 and abs(n) <= resolution:
            zeros += 1
        elif not (error <= tolerance and max(abs(a), abs(n)) > 10 * resolution):
            n, uncertain = slope.at_its_best(x, index)
            size = max(abs(a), abs(n))
            if uncertain > 0.01 * size:
                too_small += 1
                continue
            error = abs(a - n) / max(size, 3 * uncertain / tolerance)
        if compared == 0 or _badness(error) > _badness(worst[0]):
            worst = (error, index, a, n)
        compared += 1
    return ParameterCheck(name, x.shape, compared, at_kink, *worst, zeros, too_small)


class NumericSlope:
    """(C(x + h) − C(x − h)) / 2h for one entry at a time, or None across a kink.

    network   in float64; its parameters are moved by ±h while C is measured, and put back
    X, y      the samples, (n, n_0), and their encoded targets, (n, n_L)
    loss, h   the loss, and the step
    l1, l2    rates of weight decay, as in `check_gradients`

    Called with an array x of the network's weights or biases and an index into it.
    `value` is C where the network stands.
    """

    def __init__(self, network, X, y, loss, h, l1=0.0, l2=0.0):
        self.network, self.X, self.y, self.loss, self.h = network, X, y, loss, h
        self.l1, self.l2 = l1, l2
        self.kinked = [isinstance(f, (ReLU, LeakyReLU)) for f in network.activations]
        self.value = self._run()[0]

    def _run(self):
        n = self.network
        trace = forward_pass(n.weights, n.biases, n.activations, self.X)
        signs = [np.sign(z) for z, k in zip(trace.z[1:], self.kinked, strict=True) if k]
        if self.l1:
            signs += [np.sign(W) for W in n.weights]  # |w| has its kink at 0
        return self.loss.value(trace, self.y) + penalty(n.weights, self.l1, self.l2), signs

    def at_its_best(self, x, index) -> tuple[float, float]:
        """Return the slope by the step that errs least, and how far off it may be.

        The error of the step h/2 is a third of what it differs from that of h, and what is
        rounded off. (nan, inf) if every step crosses a kink.
        """
        best = (np.nan, np.inf)
        for h in self.h * 10.0 ** np.arange(2, -4, -1):
            one, half = self(x, index, h), self(x, index, h / 2)
            if one is None or half is None:
                continue
            rounding = 8 * np.finfo(np.float64).eps * max(1.0, abs(self.value)) / h
            uncertain = abs(one - half) / 2 + rounding
            if uncertain < best[1]:
                best = (half, uncertain)
        return best

    def __call__(self, x, index, h=None):
        h, before = self.h if h is None else h, x[index]
        x[index] = before + h
        above, signs_above = self._run()
        x[index] = before - h
        below, signs_below = self._run()
        x[index] = before
        if any((s != t).any() for s, t in zip(signs_above, signs_below, strict=True)):
            return None
        return (above - below) / (2 * h)
