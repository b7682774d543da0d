"""backward: are these the gradients, and if not, whose mistake makes exactly these?"""

from dataclasses import replace
from itertools import combinations

import numpy as np

from .finding import Diagnosis, close, error_words, explain_ratio, ratio, same
from .mistakes import WAYS, Mistake, run, suspects
from .own_code import OwnCodeError, call_backward, call_forward, unpack_backward
from .probe import Probe, make_probe, widths
from .watch import Watch, first_seen, from_error, unsteady


def check_backward(own, network, loss, seed: int) -> list[Diagnosis]:
    """Try `own.backward` on probes of several shapes; return what is wrong with it."""
    layers = widths(network)
    probe, other = (make_probe(network, loss, layers, seed=seed + i) for i in (0, 1))
    watch = Watch()
    try:
        theirs, again = call(own, probe, watch), call(own, probe, watch)
        elsewhere = call(own, other, watch, after=probe)
    except OwnCodeError as error:
        return _on_equal_widths(own, network, loss, seed, error) or [from_error(error)]
    if drift := unsteady("backward", flat(theirs), flat(again), names(probe)):
        return [drift]
    found = judge(theirs, probe)
    if flat_close(theirs, elsewhere) or (not found and judge(elsewhere, other)):
        found = _stale(theirs, elsewhere, probe, other) or judge(elsewhere, other)
    if watch.changed and {d.name for d in found} & _NO_MISTAKE:
        return watch.diagnoses("backward")  # what it spoils it may well go on to use
    if {d.name for d in found} & {"wrong_shape", "unrecognized"}:
        misfit = OwnCodeError(found[0].message, found[0].name, found[0].where)
        return _on_equal_widths(own, network, loss, seed, misfit) or found
    return (found or _one_sample(own, network, loss, layers, seed)) + watch.diagnoses("backward")


def call(own, p: Probe, watch: Watch | None = None, after: Probe | None = None):
    """Return (dW, db) of `own.backward` as float64 arrays of whatever shapes they have.

    It is given what `own.forward` returned, if there is one; with `after`, that is
    called for another probe in between, which should make no difference.
    """
    watch = watch or Watch()
    z, a = list(p.z), list(p.a)
    if own.forward is not None:
        z, a = _forward(own, p)
        if after is not None:
            _forward(own, after)
    arguments = {"W": list(p.weights), "z": z, "a": a, "y": p.y}
    with np.errstate(all="ignore"), watch.on(arguments) as copies:
        W, z, a, y = copies
        value = call_backward(own.backward, W, z, a, y, p.activations)
        theirs = unpack_backward(value, len(p.weights))
        # Copies, for what was returned may be overwritten by the next call.
        return tuple([np.array(x, np.float64) for x in part] for part in theirs)


def _forward(own, p: Probe) -> tuple:
    W, b = ([x.copy() for x in part] for part in (p.weights, p.biases))
    with np.errstate(all="ignore"):
        return call_forward(own.forward, p.X.copy(), W, b, p.activations)


def judge(theirs, p: Probe) -> list[Diagnosis]:
    """Return what is wrong with these gradients of the probe; nothing if they are right."""
    right = p.slope()
    pairs = list(zip(names(p), flat(theirs), flat(right), strict=True))
    if all(close(t, r) for _, t, r in pairs):
        return []
    broken = [(name, t) for name, t, _ in pairs if not np.isfinite(t).all()]
    if broken:
        name, t = broken[-1]
        kind = "NaN" if np.isnan(t).any() else "infinity"
        return [
            Diagnosis(
                "not_finite",
                f"backward, {name}",
                f"Called with {p.words}, it returned {name} with {kind} in it. The usual causes "
                "are a division by an activation that is 0 and an exponential that overflows.",
            )
        ]
    found = _recognise(theirs, right, p)
    return found if found is not None else _unrecognised(pairs, p)


def names(p: Probe) -> list[str]:
    """Return dW1, db1, dW2, … in the order of `flat`."""
    return [f"d{s}{i + 1}" for i in range(len(p.weights)) for s in "Wb"]


def flat(gradients) -> list[np.ndarray]:
    """Return dW⁽¹⁾, db⁽¹⁾, dW⁽²⁾, … of (dW, db)."""
    return [x for pair in zip(*gradients, strict=True) for x in pair]


def flat_close(theirs, others) -> bool:
    """Return whether two gradients are the same, and not merely all zero."""
    pairs = list(zip(flat(theirs), flat(others), strict=True))
    return all(close(t, o) for t, o in pairs) and any(t.any() for t, _ in pairs)


# Recognizing: whose mistakes give these numbers, perhaps with a constant factor?


def _recognise(theirs, right, p: Probe) -> list[Diagnosis] | None:
    if flat_close(theirs, run(p)):
        return [_diagnosis("wrong_derivative", _first(theirs, right, p), _DERIVATIVE, p, theirs)]
    plain = _factors(theirs, right, p, loose=True)
    best, cost = plain or (None, np.inf)
    if cost > 1:
        for name, reordered, why in (
            ("layers_reversed", (theirs[0][::-1], theirs[1][::-1]), _REVERSED),
            ("returned_swapped", (theirs[1], theirs[0]), _SWAPPED),
        ):
            if len(p.weights) > (name == "layers_reversed") and all(
                close(t, r) for t, r in zip(flat(reordered), flat(right), strict=True)
            ):
                return [_diagnosis(name, names(p)[0], why, p, theirs)]
        for mistakes in suspects(p):
            base = 2 * len(mistakes)
            if base >= cost:
                break  # they come in the order of their number
            try:
                with np.errstate(all="ignore"):
                    wrong = run(p, mistakes)
            except Exception:  # not possible with these shapes, or this loss
                continue
            fit = _factors(theirs, wrong, p)
            if fit is not None and base + fit[1] < cost:
                best, cost = [_blame(m, theirs, right, p) for m in mistakes] + fit[0], base + fit[1]
    return best


def _factors(theirs, right, p: Probe, loose=False) -> tuple[list[Diagnosis], float] | None:
    """Explain theirs as constants times `right`: return the diagnoses and their cost.

    The lower the cost, the more plausible the explanation.
    None if some array is not a multiple, or the multiples make no pattern (`loose` lets any pass).
    """
    ratios = [ratio(t, r) for t, r in zip(flat(theirs), flat(right), strict=True)]
    c = [x for x in ratios if x is not None]
    if len(c) < len(ratios) or (0.0 in c and not loose):
        return None
    n_layers, where = len(p.weights), names(p)
    cW, cb = c[::2], c[1::2]
    if all(same(x, 1) for x in c):
        return [], 0
    if all(same(x, c[-1]) for x in c) and c[-1]:
        return _explain(c[-1], "every gradient", where[-2], p), 1
    if all(same(x, cW[-1]) for x in cW) and all(same(x, cb[-1]) for x in cb) and cW[-1] and cb[-1]:
        found = _explain(cW[-1], "the gradient of the weights", where[-2], p)
        if same(cb[-1], cW[-1] / p.n):
            return [
                *found,
                _diagnosis("bias_mean", where[-1], _BIAS_MEAN.format(p.n), p, theirs),
            ], 1
        return found + _explain(cb[-1], "the gradient of the biases", where[-1], p), 1.5
    if all(same(w, b) for w, b in zip(cW, cb, strict=True)) and n_layers > 1 and all(c):
        r = cW[-2] / cW[-1]
        if all(same(cW[i], cW[-1] * r ** (n_layers - 1 - i)) for i in range(n_layers)):
            found = _explain(cW[-1], "every gradient", where[-2], p)
            once = "and again at every layer further back"
            return found + _explain(r, once, where[-4], p), 1.5 + bool(found)
    if not loose:
        return None
    if any(c[-2:]) and not any(c[:-2]) and all(same(x, 1) for x in c[-2:]):
        return [_only_last(p, "all others are 0")], 1
    if 0.0 in c:
        zero = [name for name, x in zip(where, c, strict=True) if x == 0]
        rest = [d for i, x in enumerate(c) if x for d in _explain(x, where[i], where[i], p)]
        why = (
            f"{', '.join(zero)} came back as nothing but 0: "
            "they are made but never filled, or multiplied by something that is 0."
        )
        return [_diagnosis("all_zero", zero[-1], why, p, theirs), *rest], 1
    found = [d for i, x in enumerate(c) for d in _explain(x, where[i], where[i], p)]
    return found, 2.5 + len(found)


def _explain(c: float, what: str, where: str, p: Probe) -> list[Diagnosis]:
    """Return the diagnoses of a gradient that is c times what it should be."""
    about = where if what == where else f"{where} ({what})"
    return [
        Diagnosis(name, f"backward, {where}", f"Called with {p.words}: {about} {words}")
        for name, words in explain_ratio(c, p.n, p.k)
    ]


def _blame(mistake: Mistake, theirs, right, p: Probe) -> Diagnosis:
    """Return the diagnosis of a recognized mistake, placed where it shows first."""
    alone = run(p, (mistake,))
    wrong = _wrong(alone, right, p)
    first = _first(alone, right, p)
    rest = sorted((name for name in wrong if name != first), key=lambda name: -int(name[2:]))
    also = f" It shows in {first}" + (f" and then in {', '.join(rest)}." if rest else " alone.")
    return _diagnosis(mistake.name, first, mistake.why + also, p, theirs)


def _wrong(theirs, right, p: Probe) -> list[str]:
    """Return the names of the arrays that differ."""
    pairs = zip(names(p), flat(theirs), flat(right), strict=True)
    return [name for name, t, r in pairs if not close(t, r)]


def _first(theirs, right, p: Probe) -> str:
    """Return the array that is wrong in the last layer hit: errors travel towards the input."""
    wrong = _wrong(theirs, right, p)
    last = max((int(name[2:]) for name in wrong), default=len(p.weights))
    return next((name for name in wrong if int(name[2:]) == last), f"dW{last}")


def _diagnosis(name: str, array: str, why: str, p: Probe, theirs) -> Diagnosis:
    shape = dict(zip(names(p), flat(theirs), strict=True))[array].shape
    layer = int(array[2:])
    expected = (p.weights if array[1] == "W" else p.biases)[layer - 1].shape
    got = f"{array} came back with shape {shape}"
    got += ", as it should" if shape == expected else f" where {expected} was expected"
    values = ", but its values are wrong" if shape == expected else ""
    message = f"Called with {p.words}; {got}{values}. {why}"
    return Diagnosis(name, f"backward, {array}", message)


_DERIVATIVE = (
    "It is what backpropagation gives with the derivatives that this network's activations and "
    "loss offer, but not what finite differences give: so one of these derivatives is wrong, not "
    "backward. Look at the activation of this layer."
)
_REVERSED = (
    "The gradients themselves are right, but the lists run from the last layer to the first: "
    "backpropagation meets the layers in that order. Turn them round, dW[::-1], or insert at 0."
)
_SWAPPED = "dW and db are both right but returned in the wrong order: return dW, db."
_BIAS_MEAN = (
    "Beside dW it is exactly {0} times too small: {0} is the batch size. δ is "
    "averaged over the samples where it must be summed, since its 1/n is already in δ⁽ᴸ⁾: "
    "delta.sum(axis=0) instead of mean."
)


def _only_last(p: Probe, others: str) -> Diagnosis:
    last = len(p.weights)
    return Diagnosis(
        "only_last_layer",
        f"backward, dW{last - 1}",
        f"Called with {p.words}: dW{last} and db{last} are right, but {others}. So the loss and "
        "the first δ are right, and the step that carries δ from one layer to the one before is "
        f"not: look at how δ of layer {last - 1} is made from that of layer {last}.",
    )


def _unrecognised(pairs, p: Probe) -> list[Diagnosis]:
    wrong = [(name, t, r) for name, t, r in pairs if not close(t, r)]
    odd = [(name, t, r) for name, t, r in wrong if t.shape != r.shape]
    last = len(p.weights)
    sizes = "; ".join(f"{name}: {error_words(t, r)}" for name, t, r in wrong)
    if odd:
        name, t, r = odd[-1]
        return [
            Diagnosis(
                "wrong_shape",
                f"backward, {name}",
                f"Called with {p.words}, it returned {name} of shape {t.shape}, but a gradient "
                f"has the shape of its parameter, here {r.shape}. ({sizes}.) Write the shapes "
                "beside each line of the function.",
            )
        ]
    right = sorted({int(name[2:]) for name, *_ in pairs} - {int(name[2:]) for name, *_ in wrong})
    if last > 1 and right == [last]:
        return [_only_last(p, f"the others are not ({sizes})")]
    layer = max(int(name[2:]) for name, *_ in wrong)
    first = next(name for name, *_ in wrong if int(name[2:]) == layer)
    hint = (
        f"The layers above are right, so look at the step from layer {layer + 1} to {layer}."
        if layer < last
        else "The error is there from the start: look at δ of the output first."
    )
    return [
        Diagnosis(
            "unrecognized",
            f"backward, {first}",
            f"Called with {p.words}, it differs from the finite differences, but not in any "
            f"way that is known here: {sizes}. {hint}",
        )
    ]


# Probes of other shapes, and of other times.

# Names that tell how the results look, not what was done.
_NO_MISTAKE = {
    "wrong_shape",
    "unrecognized",
    "constant_factor",
    "only_last_layer",
    "not_finite",
    "all_zero",
}


def _on_equal_widths(own, network, loss, seed, error: OwnCodeError) -> list[Diagnosis]:
    """Where shapes do not fit, see what the code does on a network whose shapes all fit."""
    depth = len(network.layers)
    for n in (7, 5):
        probe = make_probe(network, loss, [5] * depth, n=n, seed=seed)
        try:
            theirs = call(own, probe)
        except OwnCodeError:
            continue
        found = judge(theirs, probe)
        if found and not {d.name for d in found} & _NO_MISTAKE:
            return first_seen(found, error)
    return []


def _one_sample(own, network, loss, layers, seed) -> list[Diagnosis]:
    """What is right for 7 samples should be for one; `squeeze` and the like tell them apart."""
    probe = make_probe(network, loss, layers, n=1, seed=seed)
    try:
        return judge(call(own, probe), probe)
    except OwnCodeError as error:
        return [from_error(error)]


def _stale(theirs, elsewhere, probe: Probe, other: Probe) -> list[Diagnosis]:
    """Return the diagnosis of a function that answers with what it kept from another call."""
    if flat_close(theirs, elsewhere):
        return [_kept("everything", probe)]
    # z and a go together; after them, whatever else may be kept, the fewest things first.
    parts = ("z", "a", "y", "weights")
    sets = [("z", "a")] + [kept for size in range(1, 5) for kept in combinations(parts, size)]
    for kept in sets:
        mixed = replace(other, **{name: getattr(probe, name) for name in kept})
        with np.errstate(all="ignore"):
            if any(flat_close(run(mixed, way), elsewhere) for way in WAYS):
                return [_kept(" and ".join(kept), probe)]
    return []


def _kept(what: str, p: Probe) -> Diagnosis:
    return Diagnosis(
        "stale_cache",
        f"backward, dW{len(p.weights)}",
        f"Called twice, each time with {p.words} but with other numbers, it answered the second "
        f"time with {what} of the other call. It uses something that was kept outside the "
        "function, a global variable or one of an earlier cell, instead of its arguments: look "
        "for names that are not made inside.",
    )
