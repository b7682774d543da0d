"""Exercises whose answer is a whole forward or backward pass: `nnlib.diagnosis` judges them."""

import inspect
from types import CodeType

import numpy as np

from ..activations import sigmoid
from ..diagnosis import diagnose
from ..diagnosis.own_code import OwnCode
from ..diagnosis.probe import Probe, make_probe, widths
from ..losses import get_loss
from .compare import contrast, differ, show
from .engine import Exercise, Finding, NotAttempted, Verdict, call


class DiagnosedExercise(Exercise):
    """The learner writes `forward` or `backward`; `nnlib.diagnosis.own_code` has the signatures.

    function  'forward' or 'backward'
    networks  [(network, loss), …]: their depth, activations and loss are what it is tried with
    """

    def __init__(self, lesson, name, *, function: str, networks, hints):
        super().__init__(lesson, name, hints=hints)
        self.function = function
        self.networks = [(network, get_loss(loss)) for network, loss in networks]

    def judge(self, attempt, rng):
        if not callable(attempt):
            return Finding(f"{self.name} must be a function", "", show(attempt))
        for network, loss in self.networks:
            seed = int(rng.integers(1_000_000))
            probe = make_probe(network, loss, widths(network), seed=seed)
            returned, _ = call(attempt, self._arguments(probe))  # a stub raises NotAttempted
            found = diagnose(OwnCode(**{self.function: attempt}), network, loss=loss, seed=seed)
            if found:
                shown = self._compared(probe, returned, found)
                return Finding(self._why(found, probe), self._called(probe), *shown)
        return None

    def _why(self, found, p: Probe) -> str:
        """Return the messages, without what `_called` tells; some name their function already."""
        texts = [d.message.removeprefix(f"Called with {p.words}").lstrip(":;, ") for d in found]
        return "\n\n".join(
            text if text.startswith(self.function) else f"{d.where}: {text}"
            for d, text in zip(found, texts, strict=True)
        )

    def _arguments(self, p: Probe) -> tuple:
        if self.function == "forward":
            return p.X, p.weights, p.biases, p.activations
        return p.weights, p.z, p.a, p.y, p.activations

    def _called(self, p: Probe) -> str:
        names = {"forward": "X, weights, biases", "backward": "weights, z, a, y"}[self.function]
        activations = ", ".join(f.name for f in p.activations)
        loss = p.loss.name.replace("_", "-")
        after = f" and {loss} as the loss" if self.function == "backward" else ""
        return f"{self.name}({names}, activations): {p.words}, with {activations}{after}"

    def _compared(self, p: Probe, returned, found) -> tuple[str, str]:
        """Return the array in which the mistake shows first, as returned and as expected."""
        array = found[0].where.partition(", ")[2]
        try:
            first, second = returned
            right = (p.z, p.a) if self.function == "forward" else p.gradient()
            which, layer = array.rstrip("0123456789"), int(array.lstrip("dWbza"))
            pair = which in ("a", "db")
            start = 0 if self.function == "forward" else 1
            theirs, wanted = (x[pair][layer - start] for x in ((first, second), right))
        except (TypeError, ValueError, IndexError):
            return "", ""
        if not differ(theirs, wanted):
            return "", ""  # it shows with other numbers or shapes than these
        shown, right_one = contrast(theirs, wanted)
        return f"{array} = {shown}", f"{array} = {right_one}"


def judge_numbering(forward, rng) -> Finding | None:
    """Return what is wrong with how a `forward` numbers its z, or None.

    `nnlib.diagnosis` takes a list z with or without the leading None, as labs may; whoever writes
    `backward` for it counts on z[l] being that of layer l.
    """
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    returned, problem = call(forward, (X, [W], [b], [sigmoid]))
    if problem is not None:
        return None  # the diagnosis says it better
    try:
        z, a = returned
        if len(z) == len(a) - 1 and z[0] is not None:
            return Finding(
                "z has no entry for the input, so z[0] belongs to layer 1, but a[1] does. There is "
                "no z of the input: begin with z = [None], and z[l] and a[l] are of one layer",
                "forward(X, weights, biases, activations)",
                f"{len(z)} z and {len(a)} a",
                f"{len(a)} of each, z[0] being None",
            )
        if len(z) == len(a) and z[0] is not None and a[0] is None:
            return Finding(
                "z and a have changed places: the weighted sums come first, return z, a",
                "forward(X, weights, biases, activations)",
            )
        if len(z) == len(a) and np.shape(z[0]) == np.shape(a[0]) == X.shape:
            return Finding(
                "z[0] holds something, but the input has no z: none was summed to make it. Start "
                "with z = [None] and a = [X]",
                "forward(X, weights, biases, activations)",
                f"z[0] = {show(z[0])}",
                "z[0] = None",
            )
    except (TypeError, ValueError):
        pass  # not two lists: here, too
    return None


class Repair(DiagnosedExercise):
    """A function with one bug planted in it, which the learner mends where it stands.

    As long as it is the function as it was, it counts as not attempted, and nothing is told: the
    diagnosis comes after the first attempt.
    """

    def __init__(self, lesson, patient, *, function: str, networks, hints):
        super().__init__(
            lesson, patient.__name__, function=function, networks=networks, hints=hints
        )
        self.patient = patient

    def judge(self, attempt, rng):
        if same_code(attempt, self.patient):
            raise NotAttempted
        return super().judge(attempt, rng)

    def _not_attempted(self):
        advice = "mend the function above, run it, then run this cell again"
        return Verdict(self.name, "not attempted", advice=advice)


def same_code(f, g) -> bool:
    """Return whether two functions were compiled from the same lines, comments apart."""
    f, g = (inspect.unwrap(x).__code__ if inspect.isfunction(x) else None for x in (f, g))
    return f is not None and g is not None and _fingerprint(f) == _fingerprint(g)


def _fingerprint(code: CodeType) -> tuple:
    constants = [_fingerprint(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, tuple(constants)
