"""loss: is it this number, on several outputs, and when the network is certain?"""

import numpy as np

from ..activations import Softmax
from ..losses import MSE, CrossEntropy
from .finding import Diagnosis, explain_ratio, factor_words, same
from .own_code import OwnCodeError, as_numbers, call_loss
from .probe import Probe, make_probe, widths
from .watch import Watch, from_error, unsteady


def check_loss(own, network, loss, seed: int) -> list[Diagnosis]:
    """Try `own.loss` on the outputs of several probes; return what is wrong with it."""
    layers = widths(network)
    probes = [make_probe(network, loss, layers, seed=seed + i) for i in range(3)]
    watch = Watch()
    try:
        theirs = [call(own, p.a[-1], p.y, watch) for p in probes]
        again = call(own, probes[0].a[-1], probes[0].y, watch)
    except OwnCodeError as error:
        return [from_error(error)]
    if drift := unsteady("loss", theirs[:1], [again], ["value"]):
        return [drift]
    found = judge(theirs, probes)
    if not found:
        found = _one_sample(own, network, loss, layers, seed) or _certain(own, probes[0])
    return found + watch.diagnoses("loss")


def call(own, output, y, watch: Watch | None = None) -> np.ndarray:
    """Return what `own.loss` returned, as an array of whatever shape."""
    arguments = {"output": output, "y": y}
    with np.errstate(all="ignore"), (watch or Watch()).on(arguments) as copies:
        value = as_numbers(call_loss(own.loss, *copies), "loss", "value")
        return np.array(value, np.float64)


def judge(theirs: list[np.ndarray], probes: list[Probe]) -> list[Diagnosis]:
    """Return what is wrong with the losses of these probes; nothing if they are right."""
    p = probes[0]
    called = f"Called with output and y of shape {p.y.shape}, it returned"
    if any(t.size != 1 for t in theirs):
        return [
            Diagnosis(
                "not_a_number",
                "loss, value",
                f"{called} an array of shape {theirs[0].shape}, but a loss is one number: the mean "
                "over the samples (for MSE over the outputs as well).",
            )
        ]
    values = np.array([t.reshape(()) for t in theirs])
    right = np.array([q.loss.value(q.trace, q.y) for q in probes])
    if np.allclose(values, right, rtol=1e-4, atol=1e-9):
        return []
    first = np.argmax(~np.isclose(values, right, rtol=1e-4, atol=1e-9))  # that shows the mistake
    called = f"{called} {values[first]:.6g} where {right[first]:.6g} was expected."
    if not np.isfinite(values).all():
        why = (
            "It is not a finite number: look for a logarithm of 0 or of something negative. Do "
            "output and y come in this order, loss(output, y)?"
        )
        return [Diagnosis("not_finite", "loss, value", f"{called} {why}")]
    c = values / right
    if c.all() and np.allclose(c, c[0], rtol=1e-4):
        return (
            [Diagnosis(*_constant(float(c[0]), p, called))]
            if c[0] > 0
            else [
                Diagnosis(
                    "sign_flipped",
                    "loss, value",
                    f"{called} It has the wrong sign: a loss is never negative. Cross-entropy is "
                    "*minus* the mean logarithm.",
                ),
                *([] if same(c[0], -1) else [Diagnosis(*_constant(-float(c[0]), p, called))]),
            ]
        )
    for name, formula, why in MISTAKES:
        with np.errstate(all="ignore"):
            try:
                wrong = np.array([formula(q, q.a[-1], q.y) for q in probes])
            except NotImplementedError:
                continue
            c = values / wrong
        if np.isfinite(c).all() and c.all() and np.allclose(c, c[0], rtol=1e-4):
            times = "" if same(c[0], 1) else f" (times {c[0]:.4g})"
            return [Diagnosis(name, "loss, value", f"{called} {why}{times}")]
    errors = ", ".join(f"{e:.2g}" for e in values / right - 1)
    return [
        Diagnosis(
            "unrecognized",
            "loss, value",
            f"{called} The relative errors on three probes are {errors}, which no known mistake "
            "gives. Work out one sample by hand.",
        )
    ]


def _constant(c: float, p: Probe, called: str) -> tuple[str, str, str]:
    whole = p.n * p.k if isinstance(p.loss, MSE) else p.n
    if same(c, p.n) or same(c, whole):
        of = f"{p.n} is the batch size" + ("" if same(c, p.n) else f", {p.k} the number of outputs")
        return (
            "sum_instead_of_mean",
            "loss, value",
            f"{called} It is exactly {c:.4g} times too large: {of}. The loss is a mean over the "
            "samples, so that it does not grow with their number: divide by n.",
        )
    for base in (2, 10):
        if same(c, 1 / np.log(base)):
            return (
                "logarithm_base",
                "loss, value",
                f"{called} The logarithm is to base {base}; the natural one, np.log, is meant.",
            )
    if same(c, 0.5) or same(c, 2):
        return (
            "factor_two",
            "loss, value",
            f"{called} It is {factor_words(c)}: this loss has neither ½ nor 2 in front of it.",
        )
    name, words = explain_ratio(c, p.n, p.k)[0]
    return name, "loss, value", f"{called} It {words}"


# Wrong formulas for a loss; a constant factor beside is allowed for.


def _cross_entropy(p: Probe):
    if not isinstance(p.loss, CrossEntropy):
        raise NotImplementedError


def _squared(p: Probe):
    if not isinstance(p.loss, MSE):
        raise NotImplementedError


def _pairs(p: Probe, a, y):
    """Every output with every target: what an (n,) against an (n, 1) computes."""
    if p.k > 1:
        raise NotImplementedError
    a, y = a.reshape(1, -1), y.reshape(-1, 1)
    if isinstance(p.loss, MSE):
        return ((a - y) ** 2).mean()
    _cross_entropy(p)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()


def _half_cross_entropy(p: Probe, a, y):
    _cross_entropy(p)
    if isinstance(p.activations[-1], Softmax):
        raise NotImplementedError
    return -(y * np.log(a)).mean()


def _binary(p: Probe, a, y):
    _cross_entropy(p)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()


def _only_where(loss_is, formula):
    def value(p, a, y):
        loss_is(p)
        return formula(a, y)

    return value


MISTAKES = [
    (
        "broadcasting",
        _pairs,
        "Every output is compared with every target: an array of shape (n,) against one of shape "
        "(n, 1) gives (n, n). Keep both as (n, 1).",
    ),
    (
        "second_term_missing",
        _half_cross_entropy,
        "Only y ln a is counted: after sigmoid (1 − y) ln(1 − a) belongs to it as well.",
    ),
    (
        "wrong_cross_entropy",
        _binary,
        "(1 − y) ln(1 − a) is for sigmoid outputs; after softmax −Σ y ln a is all.",
    ),
    (
        "other_loss",
        _only_where(_cross_entropy, lambda a, y: ((a - y) ** 2).mean()),
        "This is the mean squared error, but the network is trained with cross-entropy.",
    ),
    (
        "square_root",
        _only_where(_squared, lambda a, y: np.sqrt(((a - y) ** 2).mean())),
        "A square root was taken; the mean squared error has none.",
    ),
    (
        "not_squared",
        _only_where(_squared, lambda a, y: abs(a - y).mean()),
        "The errors are counted by their absolute value, but must be squared.",
    ),
    (
        "not_squared",
        _only_where(_squared, lambda a, y: (a - y).mean()),
        "The errors are not squared, so positive and negative ones cancel.",
    ),
    (
        "squared_after_mean",
        _only_where(_squared, lambda a, y: (a - y).mean() ** 2),
        "The mean is taken before the square: square each error first.",
    ),
    (
        "logarithm_missing",
        _only_where(_cross_entropy, lambda a, y: (y * a).mean()),
        "The logarithm is missing: −Σ y ln a.",
    ),
]


def _one_sample(own, network, loss, layers, seed) -> list[Diagnosis]:
    probe = make_probe(network, loss, layers, n=1, seed=seed)
    try:
        return judge([call(own, probe.a[-1], probe.y)], [probe])
    except OwnCodeError as error:
        return [from_error(error)]


def _certain(own, p: Probe) -> list[Diagnosis]:
    """A network that is certain, and right, has activations of exactly 0 and 1, and loss 0."""
    if not isinstance(p.loss, CrossEntropy):
        return []
    try:
        value = call(own, p.y.copy(), p.y)
    except OwnCodeError as error:
        return [from_error(error)]
    if value.size == 1 and abs(value.reshape(())) < 1e-2:
        return []
    return [
        Diagnosis(
            "log_of_zero",
            "loss, value",
            f"Where the output is exactly 0 and 1, and right, the loss is 0, but it returned "
            f"{value.ravel()[:1]}: ln 0 is −∞, and 0 · ∞ is no number. Sooner or later training "
            "gets there. Keep a away from 0, np.log(np.maximum(a, 1e-12)).",
        )
    ]
