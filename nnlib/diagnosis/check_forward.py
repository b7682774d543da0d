"""forward: each z from the a before it, each a from its z; the first that is not is the mistake."""

import numpy as np

from ..activations import ACTIVATIONS, Softmax
from .finding import Diagnosis, close, error_words
from .own_code import OwnCodeError, call_forward, unpack_forward
from .probe import Probe, make_probe, widths
from .watch import Watch, first_seen, from_error, unsteady


def check_forward(own, network, loss, seed: int) -> list[Diagnosis]:
    """Try `own.forward` on probes of several shapes; return what is wrong with it."""
    layers = widths(network)
    probe, other = (make_probe(network, loss, layers, seed=seed + i) for i in (0, 1))
    watch = Watch()
    try:
        theirs, again = call(own, probe, watch), call(own, probe, watch)
        elsewhere = call(own, other, watch)
    except OwnCodeError as error:
        return _on_equal_widths(own, network, loss, seed, error) or [from_error(error)]
    if drift := unsteady("forward", flat(theirs), flat(again), names(probe)):
        return [drift]
    found = judge(theirs, probe)
    if judge(elsewhere, other) and _same(theirs, elsewhere):
        found = [_KEPT]
    if {d.name for d in found} & {"wrong_shape", "unrecognized"} and watch.changed:
        return watch.diagnoses("forward")
    if not found:
        found = _one_sample(own, network, loss, layers, seed) or _overflow(own, probe)
    return found + watch.diagnoses("forward")


_KEPT = Diagnosis(
    "stale_cache",
    "forward, a1",
    "Called with two different inputs, it returned the same for both: it uses something kept "
    "outside the function instead of its arguments.",
)


def call(own, p: Probe, watch: Watch | None = None) -> tuple[list, list]:
    """Return (z, a) of `own.forward` as float64 arrays of whatever shapes they have."""
    arguments = {"X": p.X, "W": list(p.weights), "b": list(p.biases)}
    with np.errstate(all="ignore"), (watch or Watch()).on(arguments) as copies:
        X, W, b = copies
        value = call_forward(own.forward, X, W, b, p.activations)
        z, a = unpack_forward(value, len(p.weights))
        return [None, *(np.array(x, np.float64) for x in z[1:])], [
            np.array(x, np.float64) for x in a
        ]


def names(p: Probe) -> list[str]:
    """Return a0, z1, a1, z2, … in the order of `flat`."""
    return ["a0"] + [f"{s}{i + 1}" for i in range(len(p.weights)) for s in "za"]


def flat(trace) -> list[np.ndarray]:
    """Return a⁽⁰⁾, z⁽¹⁾, a⁽¹⁾, … of (z, a)."""
    z, a = trace
    return [a[0]] + [x for pair in zip(z[1:], a[1:], strict=True) for x in pair]


def _same(theirs, elsewhere) -> bool:
    return all(close(t, e) for t, e in zip(flat(theirs)[1:], flat(elsewhere)[1:], strict=True))


def judge(theirs, p: Probe) -> list[Diagnosis]:
    """Return what is wrong with this forward pass; nothing if it is right.

    Each step is judged by what it was given, so that a mistake is not blamed on
    the layers above it.
    """
    z, a = theirs
    if all(close(t, r) for t, r in zip(flat(theirs), flat((p.z, p.a)), strict=True)):
        return []
    found: dict[str, tuple[list[str], str]] = {}

    def note(array, mistake):
        if mistake is not None:
            found.setdefault(mistake[0], ([], mistake[1]))[0].append(array)

    if not close(a[0], p.X):
        note("a0", ("wrong_input", f"a[0] must be X itself: {error_words(a[0], p.X)}."))
    before, z_before = p.X, None
    for l in range(1, len(p.weights) + 1):
        W, b, f = p.weights[l - 1], p.biases[l - 1], p.activations[l - 1]
        bad = [f"{s}{l}" for s, x in (("z", z[l]), ("a", a[l])) if not np.isfinite(x).all()]
        if bad:
            note(bad[0], ("not_finite", _NOT_FINITE))
            break
        with np.errstate(all="ignore"):
            right = before @ W + b
            mistake = _in_z(z[l], a[l], before, z_before, l, p)
            note(f"z{l}", mistake)
            if mistake is not None and mistake[0] in ("wrong_shape", "unrecognized"):
                break
            # A batch in columns is turned round, and its activation judged all the same.
            now = z[l] if z[l].shape == right.shape else z[l].T
            if not close(a[l], f(right)):
                mistake = _in_a(a[l], now, f)
                note(f"a{l}", mistake)
                if mistake is not None and mistake[0] in ("wrong_shape", "unrecognized"):
                    break
        before = a[l] if a[l].shape == right.shape else a[l].T
        z_before = now
    return [
        Diagnosis(
            name,
            f"forward, {arrays[0]}",
            f"Called with {p.words}; about {', '.join(arrays)}: {why}",
        )
        for name, (arrays, why) in found.items()
    ]


def _in_z(z, a, before, z_before, l, p: Probe) -> tuple[str, str] | None:
    """Return the mistake in the weighted sum z⁽ˡ⁾, given the a⁽ˡ⁻¹⁾ that went into it."""
    W, b, f = p.weights[l - 1], p.biases[l - 1], p.activations[l - 1]
    right = before @ W + b
    if close(z, right):
        return None
    if close(z, before @ W):
        return "missing_bias", "the bias is missing: z = A W + b."
    if close(z, before @ W - b):
        return "bias_subtracted", "the bias is subtracted: z = A W + b."
    if z_before is not None and close(z, z_before @ W + b):
        return (
            "z_instead_of_a",
            "z of the layer before went in where its a belongs, so its activation has no effect: "
            "Z⁽ˡ⁾ = A⁽ˡ⁻¹⁾ W⁽ˡ⁾ + b⁽ˡ⁾.",
        )
    if close(z, f(right)):
        return (
            "z_overwritten",
            "z holds the activation a = f(z). The usual cause is one variable for both, or an "
            "activation computed in place: keep z as it was, the derivative needs it.",
        )
    if close(z.T, right):
        return "transposed", "it is transposed: a batch is rows, one sample a row, Z = A W + b."
    if W.shape[0] == W.shape[1] and close(z, before @ W.T + b):
        return (
            "transposed",
            "the weights are transposed: with a batch in rows Z = A W + b; the transpose belongs "
            "to the formula for a single column, Wᵀa.",
        )
    for V in p.weights:
        if V.shape == W.shape and close(z, before @ V + b):
            return "wrong_layer_weights", "the weights of another layer are used."
    return _nameless(z, right, "the weighted sum Z = A W + b")


def _in_a(a, z, f) -> tuple[str, str] | None:
    """Return the mistake in the activation a⁽ˡ⁾, given the z⁽ˡ⁾ that went into it."""
    right = f(z)
    if close(a, right):
        return None
    if close(a, z):
        return "missing_activation", f"the activation is missing: a is z, not {f}(z)."
    if close(a, f(right)):
        return "activation_twice", f"the activation is applied twice: {f}({f}(z))."
    if isinstance(f, Softmax):
        e, shifted = np.exp(z - z.max()), np.exp(z - z.max(axis=0))
        for wrong in (
            e / e.sum(axis=0),
            e / e.sum(),
            shifted / shifted.sum(axis=1, keepdims=True),
        ):
            if close(a, wrong):
                return (
                    "softmax_wrong_axis",
                    "softmax runs over the wrong axis: each sample's outputs, one row, must sum "
                    "to 1, so use axis=1 with keepdims=True.",
                )
        for wrong in (np.exp(z), np.exp(z - z.max(axis=1, keepdims=True)), e):
            if close(a, wrong):
                return (
                    "softmax_not_normalized",
                    "the exponentials are not divided by their sum over the row, axis=1.",
                )
    if close(a.T, right):
        return "transposed", "it is transposed: a batch is rows, one sample a row."
    if close(a, f(-z)):
        return "activation_sign", f"z goes into {f} with the wrong sign."
    for g in ACTIVATIONS.values():
        if close(a, g(z)):
            return (
                "wrong_activation",
                f"{g} is applied where this layer has {f}: activations[i] belongs to layer i + 1.",
            )
    if close(a, f.derivative(z)):
        return "derivative_for_activation", f"it is the derivative of {f}, not {f} itself."
    return _nameless(a, right, f"the activation {f}(z)")


def _nameless(theirs, right, what: str) -> tuple[str, str]:
    name = "unrecognized" if theirs.shape == right.shape else "wrong_shape"
    return name, f"this is not {what} of what went in ({error_words(theirs, right)})."


_NOT_FINITE = "it holds NaN or infinity, although nothing that went in is large."


def _on_equal_widths(own, network, loss, seed, error: OwnCodeError) -> list[Diagnosis]:
    """Where shapes do not fit, see what the code does on a network whose shapes all fit."""
    probe = make_probe(network, loss, [5] * len(network.layers), seed=seed)
    try:
        found = judge(call(own, probe), probe)
    except OwnCodeError:
        return []
    if {d.name for d in found} & {"wrong_shape", "unrecognized", "not_finite", "wrong_input"}:
        return []
    return first_seen(found, error) if found else []


def _one_sample(own, network, loss, layers, seed) -> list[Diagnosis]:
    """What is right for 7 samples should be for one; `squeeze` and the like tell them apart."""
    probe = make_probe(network, loss, layers, n=1, seed=seed)
    try:
        return judge(call(own, probe), probe)
    except OwnCodeError as error:
        return [from_error(error)]


def _overflow(own, probe: Probe) -> list[Diagnosis]:
    """Large weights and inputs are no reason for NaN: exponentials can be kept from overflowing."""
    probe = probe.scaled(100.0)
    try:
        theirs = call(own, probe)
    except OwnCodeError as error:
        return [from_error(error)]
    for name, x in zip(names(probe), flat(theirs), strict=True):
        if not np.isfinite(x).all():
            return [
                Diagnosis(
                    "overflow",
                    f"forward, {name}",
                    f"It is right for ordinary numbers, but where |z| reaches thousands {name} has "
                    "NaN or infinity in it: an exponential overflows. For softmax subtract the "
                    "largest z of each row first, which changes nothing else.",
                )
            ]
    return []
