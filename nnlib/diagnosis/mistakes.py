"""The catalogue: backpropagation, and every known way to get a step of it wrong.

Backpropagation is five formulas. A `Mistake` is a wrong version of one or two of
them; `run` computes with it the gradients that a learner who made it would get.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..activations import Softmax
from ..losses import MSE, CrossEntropy
from .probe import Probe

# The formulas. p is the probe, l the layer; `x` is what the formula works on.


def _output(p: Probe, l, x):
    """δ⁽ᴸ⁾ = ∂C/∂z⁽ᴸ⁾."""
    return p.loss.delta(p.trace, p.y)


def _back(p: Probe, l, delta):
    """∂C/∂a⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (W⁽ˡ⁺¹⁾)ᵀ."""
    return delta @ p.weights[l].T


def _through(p: Probe, l, gradient):
    """δ⁽ˡ⁾ = ∂C/∂a⁽ˡ⁾ ⊙ f⁽ˡ⁾'(z⁽ˡ⁾)."""
    return p.activations[l - 1].pull_back(gradient, p.z[l], p.a[l])


def _weights(p: Probe, l, delta):
    """∂C/∂W⁽ˡ⁾ = (a⁽ˡ⁻¹⁾)ᵀ δ⁽ˡ⁾."""
    return p.a[l - 1].T @ delta


def _biases(p: Probe, l, delta):
    """∂C/∂b⁽ˡ⁾ = Σ over samples of δ⁽ˡ⁾."""
    return delta.sum(axis=0)


RIGHT = {
    "output": _output,
    "through": _through,
    "back": _back,
    "weights": _weights,
    "biases": _biases,
}


@dataclass(frozen=True)
class Mistake:
    """Wrong formulas in place of right ones, at all layers or only at some."""

    name: str
    formulas: dict[str, Callable]
    why: str
    layers: frozenset[int] | None = None

    def replaces(self, step: str, l: int) -> bool:
        """Return whether layer l takes this step by the wrong formula."""
        return step in self.formulas and (self.layers is None or l in self.layers)


def run(p: Probe, mistakes: tuple[Mistake, ...] = ()) -> tuple[list, list]:
    """Return (dW, db) as computed by somebody who makes these mistakes."""

    def take(step, l, x=None):
        for mistake in mistakes:
            if mistake.replaces(step, l):
                return mistake.formulas[step](p, l, x)
        return RIGHT[step](p, l, x)

    n_layers = len(p.weights)
    dW: list = [None] * n_layers
    db: list = [None] * n_layers
    delta = take("output", n_layers)
    for l in range(n_layers, 0, -1):
        dW[l - 1] = take("weights", l, delta)
        db[l - 1] = np.asarray(take("biases", l, delta))
        if l > 1:
            delta = take("through", l - 1, take("back", l - 1, delta))
    return dW, db


# Wrong formulas. One that cannot be computed for a probe raises, and is passed over.


def _slope_in_output(p: Probe) -> np.ndarray:
    """∂C/∂a⁽ᴸ⁾, without the derivative of the output's activation."""
    a, y = p.a[-1], p.y
    if isinstance(p.loss, MSE):
        return 2 / y.size * (a - y)
    if isinstance(p.loss, CrossEntropy) and isinstance(p.activations[-1], Softmax):
        return -y / a / p.n
    if isinstance(p.loss, CrossEntropy):
        return (a - y) / (a * (1 - a)) / p.n
    raise NotImplementedError


def _other_loss(p: Probe, l, x):
    if isinstance(p.loss, CrossEntropy):
        return MSE().delta(p.trace, p.y)
    raise NotImplementedError  # the other way round it is a missing derivative


def _target_ignored(p: Probe, l, x):
    return p.loss.delta(p.trace, np.zeros_like(p.y))


def _extra_output_derivative(p: Probe, l, x):
    if not isinstance(p.loss, CrossEntropy):
        raise NotImplementedError
    a = p.a[-1]
    return _output(p, l, x) * (a * (1 - a))


def _softmax_diagonal(p: Probe, l, x):
    if not isinstance(p.activations[-1], Softmax):
        raise NotImplementedError
    a = p.a[-1]
    return _slope_in_output(p) * (a * (1 - a))


def _with_output(derive: Callable) -> dict[str, Callable]:
    """A wrong derivative both in the hidden layers and at the output."""
    return {"through": derive, "output": lambda p, l, x: derive(p, l, _slope_in_output(p))}


def _at_a(p: Probe, l, gradient):
    f, a = p.activations[l - 1], p.a[l]
    return f.pull_back(gradient, a, f(a))


def _z_for_a(p: Probe, l, gradient):
    f = p.activations[l - 1]
    return f.pull_back(gradient, p.z[l], p.z[l])


def _f_for_derivative(p: Probe, l, gradient):
    return gradient * p.a[l]


def _no_derivative(p: Probe, l, gradient):
    return gradient


def _wrong_activation(p: Probe, l, gradient):
    f = p.activations[l]
    return f.pull_back(gradient, p.z[l], f(p.z[l]))


def _from_z(p: Probe, l, gradient):
    f, z = p.activations[l - 1], p.z[l]
    return f.pull_back(gradient, z, f(z))


def _output_from_z(p: Probe, l, x):
    if isinstance(p.loss, MSE):
        return _from_z(p, l, _slope_in_output(p))
    return _output(p, l, x)


# No mistake: nnlib takes a sigmoid's derivative from a, others from z. It matters only
# where z and a are not of the same call.
WAYS = [
    (),
    (Mistake("from_z", {"through": _from_z}, ""),),
    (Mistake("from_z", {"through": _from_z, "output": _output_from_z}, ""),),
]

MISTAKES = [
    Mistake(
        "missing_derivative_hidden",
        {"through": _no_derivative},
        "The derivative f'(z) of the hidden activation is missing: "
        "δ⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (W⁽ˡ⁺¹⁾)ᵀ ⊙ f'(z⁽ˡ⁾). "
        "Look at the line that carries δ one layer back.",
    ),
    Mistake(
        "missing_derivative_output",
        {"output": lambda p, l, x: _slope_in_output(p)},
        "The derivative of the output's activation is missing: δ⁽ᴸ⁾ is ∂C/∂z⁽ᴸ⁾, and you return "
        "the gradients of ∂C/∂a⁽ᴸ⁾. Usual cause: a − y alone is right only where cross-entropy "
        "meets softmax or sigmoid. Look at the first δ.",
    ),
    Mistake(
        "extra_output_derivative",
        {"output": _extra_output_derivative},
        "There is one derivative too many at the output: with cross-entropy the derivative of "
        "softmax or sigmoid cancels, and δ⁽ᴸ⁾ = (a − y)/n has no f' any more.",
    ),
    Mistake(
        "softmax_diagonal",
        {"output": _softmax_diagonal},
        "The derivative of softmax is taken as a(1 − a), but every output depends on every z: "
        "its Jacobian has entries off the diagonal too. With cross-entropy all "
        "simplifies to δ⁽ᴸ⁾ = (a − y)/n.",
    ),
    Mistake(
        "other_loss",
        {"output": _other_loss},
        "This is the gradient of the mean squared error, but the network is trained with "
        "cross-entropy: δ⁽ᴸ⁾ = (a − y)/n.",
    ),
    Mistake(
        "target_ignored",
        {"output": _target_ignored},
        "The target y has no part in it: the error at the output is a − y.",
    ),
    Mistake(
        "derivative_at_a",
        _with_output(_at_a),
        "The derivative is evaluated at a instead of z: f'(z⁽ˡ⁾) is meant, and a⁽ˡ⁾ = f(z⁽ˡ⁾) "
        "has been through f once already. Look at what is handed to the derivative.",
    ),
    Mistake(
        "derivative_formula_of_a",
        _with_output(_z_for_a),
        "A formula for the derivative that takes a = f(z), such as a(1 − a) or 1 − a², is given "
        "z instead. Look at what is handed to it.",
    ),
    Mistake(
        "activation_for_derivative",
        _with_output(_f_for_derivative),
        "δ is multiplied by f(z) itself where its derivative f'(z) belongs.",
    ),
    Mistake(
        "wrong_activation",
        {"through": _wrong_activation},
        "The derivative of the next layer's activation is used: activations[i] belongs to layer "
        "i + 1, so f⁽ˡ⁾ is activations[l - 1].",
    ),
    Mistake(
        "wrong_z",
        {"through": lambda p, l, g: p.activations[l - 1].derivative(p.z[l + 1]) * g},
        "f' is taken at the z of the layer above: δ⁽ˡ⁾ needs f'(z⁽ˡ⁾), of its own layer.",
    ),
    Mistake(
        "weights_not_transposed",
        {"back": lambda p, l, delta: delta @ p.weights[l]},
        "δ goes back through W where it needs the transpose: forward A W, so backward "
        "δ Wᵀ. It can only run at all where all layers have the same width.",
    ),
    Mistake(
        "wrong_layer_weights",
        {"back": lambda p, l, delta: delta @ p.weights[l - 1].T},
        "δ goes back through the weights of the wrong layer: from layer l + 1 to layer l it is "
        "W⁽ˡ⁺¹⁾, which is weights[l]. It can only run at all where the layers have "
        "the same width.",
    ),
    Mistake(
        "wrong_layer_weights",
        {"back": lambda p, l, delta: delta @ p.weights[l - 1]},
        "δ goes back through the weights of the wrong layer, and these not transposed: from "
        "layer l + 1 to layer l it is W⁽ˡ⁺¹⁾, which is weights[l], transposed.",
    ),
    Mistake(
        "delta_not_carried",
        {"back": lambda p, l, delta: _output(p, l, None) @ p.weights[l].T},
        "Every layer starts again from δ of the output: the new δ must replace the old, so that "
        "layer l gets it from layer l + 1. It can only run at all where the layers have the "
        "same width.",
    ),
    Mistake(
        "wrong_layer_activation",
        {"weights": lambda p, l, delta: p.a[l].T @ delta},
        "The gradient of W⁽ˡ⁾ is its own input times δ⁽ˡ⁾, and its input is a⁽ˡ⁻¹⁾; here a⁽ˡ⁾ is "
        "used. Look at the index of a.",
    ),
    Mistake(
        "input_not_transposed",
        {"weights": lambda p, l, delta: p.a[l - 1] @ delta},
        "The gradient of W⁽ˡ⁾ is (a⁽ˡ⁻¹⁾)ᵀ δ⁽ˡ⁾, a sum over the samples: the transpose of a is "
        "missing. It can only run at all where there are as many samples as neurons.",
    ),
    Mistake(
        "z_instead_of_a",
        {"weights": lambda p, l, delta: (p.z[l - 1] if l > 1 else p.a[0]).T @ delta},
        "The gradient of W⁽ˡ⁾ is (a⁽ˡ⁻¹⁾)ᵀ δ⁽ˡ⁾; here z⁽ˡ⁻¹⁾ is used instead of a⁽ˡ⁻¹⁾.",
    ),
    Mistake(
        "transposed",
        {"weights": lambda p, l, delta: delta.T @ p.a[l - 1]},
        "It is transposed: W⁽ˡ⁾ has shape (n₍ₗ₋₁₎, nₗ), one row for each input, and its gradient "
        "is aᵀδ, not δᵀa.",
    ),
    Mistake(
        "bias_not_summed",
        {"biases": lambda p, l, delta: delta},
        "It still has one row for each sample: the gradient of a bias is the sum of δ over the "
        "samples, delta.sum(axis=0).",
    ),
    Mistake(
        "bias_wrong_axis",
        {"biases": lambda p, l, delta: delta.sum(axis=1)},
        "δ is summed over the neurons, one number for each sample: sum over the samples, axis=0.",
    ),
    Mistake(
        "bias_wrong_axis",
        {"biases": lambda p, l, delta: delta.sum()},
        "δ is summed over samples and neurons alike: sum over the samples alone, axis=0.",
    ),
    Mistake(
        "bias_wrong_axis",
        {"biases": lambda p, l, delta: delta.mean(axis=1)},
        "δ is averaged over the neurons: sum over the samples, delta.sum(axis=0).",
    ),
    Mistake(
        "extra_axis",
        {"biases": lambda p, l, delta: delta.sum(axis=0, keepdims=True)},
        "The numbers are right but an axis is left over: keepdims=True keeps it, "
        "delta.sum(axis=0) does not.",
    ),
]


def suspects(p: Probe) -> Iterator[tuple[Mistake, ...]]:
    """Yield what may have happened, the simplest first: a mistake everywhere, in one place, two."""
    n_layers = len(p.weights)
    single = []
    for mistake in MISTAKES:
        parts = [mistake]
        if len(mistake.formulas) > 1:
            parts += [replace(mistake, formulas={s: f}) for s, f in mistake.formulas.items()]
        single += parts
        yield from ((part,) for part in parts)
    for mistake in single:
        for step in mistake.formulas:
            layers = range(1, n_layers + 1) if step in ("weights", "biases") else range(1, n_layers)
            if step != "output" and len(layers) > 1:
                for l in layers:
                    yield (
                        replace(
                            mistake, formulas={step: mistake.formulas[step]}, layers=frozenset({l})
                        ),
                    )
    for i, one in enumerate(single):
        for other in single[i + 1 :]:
            if not set(one.formulas) & set(other.formulas):
                yield one, other
