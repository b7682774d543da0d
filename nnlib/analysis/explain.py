"""Every number of one forward and backward pass, with the formula that made it.

`explain` takes a small network and a single sample and returns plain data and text:
the stages in which the numbers arise, and for every neuron and every weight its
formulas, first in symbols and then with the numbers filled in,

    z⁽¹⁾₁ = w⁽¹⁾₁₁ · a⁽⁰⁾₁ + w⁽¹⁾₂₁ · a⁽⁰⁾₂ + b⁽¹⁾₁ = 0.5 · 1 + 0.3 · 0.5 + 0.1 = 0.75

The values themselves are those of `network.forward` and `backward`, in float64; beside
each gradient stands its centred difference (see `nnlib.analysis.gradient_check`).
"""

import math
from dataclasses import dataclass

import numpy as np

from ..activations import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from ..backprop import Gradients, backward
from ..diagnosis.own_code import OwnCode, call_backward, call_forward, read_forward, unpack_backward
from ..forward import Trace
from ..losses import MSE, CrossEntropy
from ..network import as_network
from ..support.takes import number as a_number
from ..support.takes import of, takes, whole
from ..training.prepared import prepare
from .gradient_check import NumericSlope

# The step of the centred differences, and how far they may be from the gradient: the
# same as in `check_gradients`.
H = 1e-5
TOLERANCE = 1e-6

# How the formulas write the activations; another is written by its own name.
SYMBOLS = {"sigmoid": "σ", "relu": "ReLU", "leaky_relu": "LeakyReLU"}

# Below this, a logarithm of a rounded a has lost its digits, and is written with z instead.
_SATURATED = 1e-9


@dataclass(frozen=True)
class Formula:
    """`symbol` = `rule` = `numbers` = `value`; known from the stage number `stage` on.

    `numbers` is the rule with all numbers filled in; it is empty where the rule is in
    words only. `note` adds a remark.
    """

    symbol: str
    rule: str
    numbers: str
    value: float
    stage: int
    note: str = ""


@dataclass(frozen=True)
class Check:
    """The gradient of one parameter beside its centred difference (None across a kink)."""

    symbol: str
    analytic: float
    numeric: float | None
    agrees: bool
    stage: int


@dataclass(frozen=True)
class Item:
    """A neuron, a weight or the loss: its name, its numbers and its formulas.

    key       'n-l-j' is neuron j of layer l, 'w-l-i-j' the weight from neuron i of layer
              l − 1 to neuron j of layer l (all counted from 0), and 'loss' the loss
    numbers   what a picture writes on it: (symbol, value, stage from which it is known)
    """

    key: str
    name: str
    numbers: tuple[tuple[str, float, int], ...]
    formulas: tuple[Formula, ...]
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stage: a short name, its equation, and the keys of the items it computes."""

    name: str
    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """All stages and all items, and the arrays that they explain (one row each)."""

    stages: tuple[Stage, ...]
    items: dict[str, Item]
    trace: Trace
    y: np.ndarray
    loss: float
    gradients: Gradients

    @property
    def checks(self) -> list[Check]:
        """The checks of all parameters."""
        return [check for item in self.items.values() for check in item.checks]


@takes(network=of(as_network), learning_rate=a_number(0), digits=whole(1, 17))
def explain(network, x, target, loss=None, *, learning_rate=None, digits: int = 4) -> Explanation:
    """Explain one forward and one backward pass of `network` on a single sample.

    x has shape (1, n_0), target one row as for `backward`; the loss is by default the
    one that goes with the output. With a `learning_rate` α every parameter's next
    value, x − α ∂C/∂x, is explained too. Formulas show this many significant `digits`.
    The network itself is not touched. Raises ValueError if they do not fit, or if
    there is more than one sample.
    """
    network = network.copy("float64")
    data = prepare(network, x, target, loss)
    if len(data) != 1:
        raise ValueError(f"x has {len(data)} rows: explain takes a single sample")
    trace = network.forward(data.X)
    gradients = backward(network, trace, data.y, data.loss)
    return _Explainer(network, trace, data.y, data.loss, gradients, learning_rate, digits).explain()


def own_numbers(own: OwnCode, network, x, y, trace: Trace, *, trust: bool = True) -> dict:
    """Return what functions of your own make of this sample: {symbol: value}, as in `Item`.

    own      an `OwnCode`; of its functions forward and backward are called
    x, y     one row each, as in `Explanation`; trace is that of nnlib's own forward pass
    trust    whether backward is given what your forward returned, or nnlib's trace

    What has a wrong shape is left out. Raises OwnCodeError if a function fails.
    """
    numbers, L = {}, len(network.weights)
    z, a = list(trace.z), list(trace.a)
    weights, biases = [W.copy() for W in network.weights], [b.copy() for b in network.biases]
    if own.forward is not None:
        value = call_forward(own.forward, x.copy(), weights, biases, network.activations)
        own_z, own_a = read_forward(value, network.layers, 1)
        for l in range(1, L + 1):
            for j in range(network.layers[l]):
                numbers[f"z{superscript(l)}{subscript(j)}"] = float(own_z[l][0, j])
                numbers[f"a{superscript(l)}{subscript(j)}"] = float(own_a[l][0, j])
        if trust:
            z, a = value
    if own.backward is not None:
        value = call_backward(own.backward, weights, z, a, y.copy(), network.activations)
        for l, (dW, db) in enumerate(zip(*unpack_backward(value, L), strict=True), 1):
            for symbol, gradient, x_like in (("w", dW, network.weights), ("b", db, network.biases)):
                if gradient.shape == x_like[l - 1].shape:
                    for index, g in np.ndenumerate(gradient):
                        numbers[f"∂C/∂{symbol}{superscript(l)}{subscript(*index)}"] = float(g)
    return numbers


def alike(own: float, value: float) -> bool:
    """Return whether a number of yours is nnlib's, but for rounding."""
    return bool(abs(own - value) <= TOLERANCE * max(abs(own), abs(value)) + 1e-12)


def number(value: float, digits: int = 4) -> str:
    """Return `value` with this many significant digits and a true minus sign: −0.25, 1.2e−5.

    >>> number(-0.25), number(0.000012), number(0.593269992)
    ('−0.25', '1.2e−5', '0.5933')
    """
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return "0" if text == "-0" else text.replace("-", "−")


def superscript(layer: int) -> str:
    """Return the number of a layer as the notation writes it: 2 gives ⁽²⁾."""
    return "⁽" + str(layer).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "⁾"


# For str.translate: the digits as subscripts.
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def subscript(*indices: int) -> str:
    """Return indices, counted from 0, as the notation counts them, from 1: (0, 1) gives ₁₂."""
    return "".join(str(i + 1) for i in indices).translate(SUBSCRIPTS)


def symbol_of(f) -> str:
    """Return how formulas write the activation `f`: σ for sigmoid."""
    return SYMBOLS.get(f.name, f.name)


class _Explainer:
    """Writes the explanation of one pass. l is a layer, i and j are neurons counted from 0."""

    def __init__(self, network, trace, y, loss, gradients, learning_rate, digits):
        self.network, self.trace, self.loss, self.gradients = network, trace, loss, gradients
        self.y, self.learning_rate, self.digits = y, learning_rate, digits
        self.L = len(network.weights)
        self.value = loss.value(trace, y)
        self.smoothing = loss.smoothing if isinstance(loss, CrossEntropy) else 0.0
        self.slope = NumericSlope(network, trace.a[0], y, loss, H)

    # When each number is known: forward 1 … L, the loss, then δ and gradients, L … 1.

    def stage_of_delta(self, l: int) -> int:
        return self.L + 2 + 2 * (self.L - l)

    def stage_of_gradients(self, l: int) -> int:
        return self.stage_of_delta(l) + 1

    @property
    def last(self) -> int:
        return 3 * self.L + 2

    # Symbols and numbers.

    def show(self, value) -> str:
        return number(value, self.digits)

    def operand(self, value) -> str:
        """Return a number as part of a formula: a negative one in brackets."""
        text = self.show(value)
        return f"({text})" if text.startswith("−") else text

    def digits_beside(self, value, other) -> int:
        """Return how many digits it takes to tell `value` well enough from `other`."""
        size, lost = max(abs(value), abs(other)), 0
        if 0 < abs(value - other) < size:
            lost = math.floor(math.log10(size / abs(value - other)))
        return min(self.digits + lost, 17)

    def difference(self, value, other) -> str:
        """Return `value − other` with as many digits as leave enough after they cancel."""
        digits = self.digits_beside(value, other)
        right = number(other, digits)
        right = f"({right})" if right.startswith("−") else right
        return f"{number(value, digits)} − {right}"

    def logarithm(self, a) -> str:
        """Return ln(a); near to ln(1) = 0 it takes more digits."""
        return f"ln({number(a, self.digits_beside(a, 1))})"

    def sum_of_products(self, pairs) -> tuple[str, str]:
        """Return Σ of products in symbols and in numbers; a factor is (symbol, value)."""
        rule = " + ".join(f"{p} · {q}" for (p, _), (q, _) in pairs)
        numbers = " + ".join(f"{self.operand(u)} · {self.operand(v)}" for (_, u), (_, v) in pairs)
        return rule, numbers

    def a(self, l, j):
        return f"a{superscript(l)}{subscript(j)}", float(self.trace.a[l][0, j])

    def z(self, l, j):
        return f"z{superscript(l)}{subscript(j)}", float(self.trace.z[l][0, j])

    def d(self, l, j):
        return f"δ{superscript(l)}{subscript(j)}", float(self.gradients.delta[l][0, j])

    def w(self, l, i, j):
        return f"w{superscript(l)}{subscript(i, j)}", float(self.network.weights[l - 1][i, j])

    def b(self, l, j):
        return f"b{superscript(l)}{subscript(j)}", float(self.network.biases[l - 1][j])

    def target(self, j):
        return f"y{subscript(j)}", float(self.y[0, j])

    def asked(self, j):
        """Return what the loss compares output j with: the target, smoothed if it does so."""
        symbol, value = self.target(j)
        if not self.smoothing:
            return symbol, value
        return f"ỹ{subscript(j)}", float(self.loss.smoothed(self.trace, self.y)[0, j])

    def f(self, l):
        return self.network.activations[l - 1]

    # The forward pass.

    def weighted_sum(self, l, j) -> Formula:
        symbol, value = self.z(l, j)
        n = self.network.layers[l - 1]
        pairs = [(self.w(l, i, j), self.a(l - 1, i)) for i in range(n)]
        rule, numbers = self.sum_of_products(pairs)
        b, bias = self.b(l, j)
        return Formula(symbol, f"{rule} + {b}", f"{numbers} + {self.operand(bias)}", value, l)

    def activation(self, l, j) -> Formula:
        f, (symbol, value) = self.f(l), self.a(l, j)
        z, at = self.z(l, j)
        if isinstance(f, Softmax):
            layer = [self.z(l, k) for k in range(self.network.layers[l])]
            rule = f"e^({z}) / ({' + '.join(f'e^({s})' for s, _ in layer)})"
            powers = " + ".join(f"e^({self.show(v)})" for _, v in layer)
            return Formula(symbol, rule, f"e^({self.show(at)}) / ({powers})", value, l)
        name = symbol_of(f)
        note = _MEANING.get(type(f), "")
        return Formula(symbol, f"{name}({z})", f"{name}({self.show(at)})", value, l, note)

    def loss_formula(self) -> Formula:
        rule, numbers, note = self._loss_rule()
        if self.smoothing:
            k = len(self.y[0]) if isinstance(self.f(self.L), Softmax) else 2
            note += f" Label smoothing, ε = {self.show(self.smoothing)}: ỹ = (1 − ε) y + ε / {k}."
        return Formula("C", rule, numbers, self.value, self.L + 1, note)

    def _loss_rule(self) -> tuple[str, str, str]:
        k, f = self.network.layers[-1], self.f(self.L)
        outputs = [(self.a(self.L, j), self.asked(j), self.z(self.L, j)) for j in range(k)]
        if isinstance(self.loss, MSE):
            rule = " + ".join(f"({a} − {y})²" for (a, _), (y, _), _ in outputs)
            numbers = " + ".join(f"({self.difference(a, y)})²" for (_, a), (_, y), _ in outputs)
            if k > 1:
                rule, numbers = f"({rule}) / {k}", f"({numbers}) / {k}"
            return rule, numbers, f"The mean of the {k} squared errors." if k > 1 else ""
        if not isinstance(self.loss, CrossEntropy):
            return f"{self.loss.name}(a, y)", "", "The loss's own rule."
        if isinstance(f, Softmax):
            return self._softmax_entropy(outputs)
        return self._sigmoid_entropy(outputs)

    def _softmax_entropy(self, outputs):
        rule = "−(" + " + ".join(f"{y} · ln({a})" for (a, _), (y, _), _ in outputs) + ")"
        asked = [(a, y, z) for (_, a), (_, y), (_, z) in outputs if y != 0]
        if min(a for a, _, _ in asked) > _SATURATED:
            terms = (f"{self.show(y)} · {self.logarithm(a)}" for a, y, _ in asked)
            return rule, f"−({' + '.join(terms)})", "Terms with y = 0 are left out."
        highest = max(z for *_, (_, z) in outputs)
        powers = " + ".join(f"e^({self.show(z - highest)})" for *_, (_, z) in outputs)
        terms = (
            f"{self.show(y)} · (ln({powers}) − {self.operand(z - highest)})" for _, y, z in asked
        )
        return rule, " + ".join(terms), "Written with z less its largest: a is too near to 0."

    def _sigmoid_entropy(self, outputs):
        rule = " + ".join(
            f"{y} · ln({a}) + (1 − {y}) · ln(1 − {a})" for (a, _), (y, _), _ in outputs
        )
        terms, note = [], ""
        for (_, a), (_, y), (_, z) in outputs:
            if (y != 0 and a < _SATURATED) or (y != 1 and 1 - a < _SATURATED):
                # ln(1 + eᶻ) − y z, with |z| in the exponent so that nothing overflows.
                positive = f"{self.show(max(z, 0))} + " if z > 0 else ""
                terms.append(
                    f"({positive}ln(1 + e^({self.show(-abs(z))})) "
                    f"− {self.operand(y)} · {self.operand(z)})"
                )
                note = "Written with z: a is too near to 0 or 1."
                continue
            if y != 0:
                terms.append(f"(−{self.show(y)} · {self.logarithm(a)})")
            if y != 1:
                terms.append(f"(−(1 − {self.show(y)}) · ln({self.difference(1, a)}))")
        note = note or "Terms with a factor of 0 are left out."
        return f"−({rule})", " + ".join(terms), note

    # The backward pass.

    def slope_at_output(self, l, j) -> tuple[str, str]:
        """Return ∂C/∂a of neuron j of layer l, in symbols and in numbers."""
        if l < self.L:
            n = self.network.layers[l + 1]
            return self.sum_of_products([(self.w(l + 1, j, k), self.d(l + 1, k)) for k in range(n)])
        k = self.network.layers[-1]
        (a, value), (y, wanted) = self.a(l, j), self.target(j)
        factor = "2" if k == 1 else f"2 / {k}"
        return (
            f"{factor} · ({a} − {y})",
            f"{factor} · ({self.difference(value, wanted)})",
        )

    def derivative(self, l, j) -> Formula | None:
        """Return f'(z) of one neuron, or None if its layer has no such thing (softmax)."""
        f, (z, at), (a, value) = self.f(l), self.z(l, j), self.a(l, j)
        try:
            slopes = f.derivative(self.trace.z[l])
        except NotImplementedError:  # an activation of the reader's own, with a pull_back alone
            return None
        if slopes.shape != self.trace.z[l].shape:
            return None
        slope, note = float(slopes[0, j]), ""
        if isinstance(f, Sigmoid):
            rule = f"{a} · (1 − {a})"
            numbers = f"{self.operand(value)} · ({self.difference(1, value)})"
        elif isinstance(f, Tanh):
            # 1 − a² = (1 − a)(1 + a) keeps its digits when a is near to 1 or −1.
            rule = f"(1 − {a}) · (1 + {a})"
            numbers = f"({self.difference(1, value)}) · ({self.difference(1, -value)})"
        else:
            rule, numbers = "the slope at this z", self.show(slope)
            if isinstance(f, (ReLU, LeakyReLU)):
                note = f"Here z is {'above' if at > 0 else 'not above'} the kink at 0."
        name = f"{symbol_of(f)}'({z})"
        return Formula(name, rule, numbers, slope, self.stage_of_delta(l), note)

    def chain(self, l, j) -> tuple[str, str, str]:
        """Return δ = ∂C/∂z of neuron j of layer l in symbols, in numbers, and a remark."""
        f = self.f(l)
        if l == self.L and isinstance(self.loss, CrossEntropy):
            (a, value), (y, wanted) = self.a(l, j), self.asked(j)
            return (
                f"({a} − {y}) / n",
                f"({self.difference(value, wanted)}) / 1",
                f"Cross-entropy after {f.name}: the derivative of the activation cancels; "
                "n = 1 sample.",
            )
        if l == self.L and not isinstance(self.loss, MSE):
            return "∂C/∂z", "", "The loss's own rule gives it."
        if isinstance(f, Softmax):
            return self._through_softmax(l, j)
        slope = self.derivative(l, j)
        if slope is None:
            return "∂C/∂z", "", f"The activation {f.name} carries ∂C/∂a back by its own rule."
        rule, numbers = self.slope_at_output(l, j)
        if l < self.L:
            rule, numbers = f"({rule})", f"({numbers})"
        z, at = self.z(l, j)
        name = symbol_of(f)
        return f"{rule} · {name}'({z})", f"{numbers} · {name}'({self.show(at)})", ""

    def _through_softmax(self, l, j):
        """δⱼ = aⱼ (gⱼ − Σₖ gₖ aₖ) with g = ∂C/∂a: the Jacobian of softmax times g."""
        g = self.slopes(l)
        layer = [
            ((f"∂C/∂a{superscript(l)}{subscript(k)}", g[k]), self.a(l, k)) for k in range(len(g))
        ]
        (slope, slope_value), (a, value) = layer[j]
        rule, numbers = self.sum_of_products(layer)
        return (
            f"{a} · ({slope} − ({rule}))",
            f"{self.operand(value)} · ({self.show(slope_value)} − ({numbers}))",
            "In softmax every a depends on every z, so all ∂C/∂a of the layer have a part in "
            "each δ: the Jacobian matrix of softmax times the vector ∂C/∂a.",
        )

    def slopes(self, l) -> list[float]:
        """Return ∂C/∂a of layer l, one value a neuron; at the output for MSE only."""
        if l < self.L:
            return (self.gradients.delta[l + 1] @ self.network.weights[l].T)[0].tolist()
        return (2 / self.y.size * (self.trace.output - self.y))[0].tolist()

    def deltas(self, l, j) -> list[Formula]:
        """Return the formulas that lead to δ of one neuron."""
        stage, formulas = self.stage_of_delta(l), []
        rule, numbers, note = self.chain(l, j)
        by_loss = l == self.L and not isinstance(self.loss, MSE)
        if isinstance(self.f(l), Softmax) and not by_loss:
            for k, g in enumerate(self.slopes(l)):
                symbol = f"∂C/∂a{superscript(l)}{subscript(k)}"
                formulas.append(Formula(symbol, *self.slope_at_output(l, k), g, stage))
        elif not by_loss and (slope := self.derivative(l, j)) is not None:
            formulas.append(slope)
        symbol, value = self.d(l, j)
        return [*formulas, Formula(symbol, rule, numbers, value, stage, note)]

    def check(self, symbol, x, index, analytic, l) -> Check:
        """Compare one gradient with its centred difference."""
        numeric = self.slope(x, index)
        agrees = False
        if numeric is not None:
            rounding = 10 * np.finfo(np.float64).eps * max(1.0, abs(self.value)) / H
            size = max(abs(analytic), abs(numeric))
            agrees = bool(abs(analytic - numeric) <= TOLERANCE * size + rounding)
        stage = self.stage_of_gradients(l)
        return Check(symbol, float(analytic), numeric, agrees, stage)

    def update(self, symbol, value, gradient, g_symbol) -> list[Formula]:
        """Return the formula of the parameter's next value, if there is a learning rate."""
        if self.learning_rate is None:
            return []
        alpha = self.learning_rate
        return [
            Formula(
                f"{symbol} after a step",
                f"{symbol} − α · {g_symbol}",
                f"{self.show(value)} − {self.operand(alpha)} · {self.operand(gradient)}",
                value - alpha * gradient,
                self.last,
            )
        ]

    # The items.

    def input(self, j) -> Item:
        symbol, value = self.a(0, j)
        formula = Formula(symbol, f"x{subscript(j)}", "", value, 0, "The input is given.")
        return Item(f"n-0-{j}", f"Input {j + 1}", ((symbol, value, 0),), (formula,))

    def neuron(self, l, j) -> Item:
        (z, z_value), (a, a_value) = self.z(l, j), self.a(l, j)
        (d, d_value), (b, b_value) = self.d(l, j), self.b(l, j)
        gradient = float(self.gradients.biases[l - 1][j])
        g = f"∂C/∂{b}"
        formulas = [
            self.weighted_sum(l, j),
            self.activation(l, j),
            *self.deltas(l, j),
            Formula(
                g,
                f"1 · {d}",
                f"1 · {self.operand(d_value)}",
                gradient,
                self.stage_of_gradients(l),
                "The input of a bias is 1.",
            ),
            *self.update(b, b_value, gradient, g),
        ]
        numbers = (
            (b, b_value, 0),
            (z, z_value, l),
            (a, a_value, l),
            (d, d_value, self.stage_of_delta(l)),
        )
        kind = "Output" if l == self.L else f"Hidden layer {l},"
        name = f"{kind} neuron {j + 1}" if l < self.L else f"Output neuron {j + 1}"
        check = self.check(g, self.network.biases[l - 1], (j,), gradient, l)
        return Item(f"n-{l}-{j}", name, numbers, tuple(formulas), (check,))

    def weight(self, l, i, j) -> Item:
        (w, value), (a, a_value) = self.w(l, i, j), self.a(l - 1, i)
        d, d_value = self.d(l, j)
        gradient = float(self.gradients.weights[l - 1][i, j])
        g, stage = f"∂C/∂{w}", self.stage_of_gradients(l)
        formulas = [
            Formula(
                f"its share of {self.z(l, j)[0]}",
                f"{w} · {a}",
                f"{self.operand(value)} · {self.operand(a_value)}",
                value * a_value,
                l,
            ),
            Formula(
                g,
                f"{a} · {d}",
                f"{self.operand(a_value)} · {self.operand(d_value)}",
                gradient,
                stage,
                "Its input times the δ that it leads to.",
            ),
        ]
        rule, numbers, note = self.chain(l, j)
        if numbers:
            z = self.z(l, j)[0]
            inner = f"∂C/∂{z}"
            if f"'({z})" in rule:  # through one neuron: two factors that can be told apart
                inner = f"∂C/∂{self.a(l, j)[0]} · ∂{self.a(l, j)[0]}/∂{z}"
            formulas.append(
                Formula(
                    g,
                    f"∂{z}/∂{w} · {inner} = {a} · [{rule}]",
                    f"{self.operand(a_value)} · [{numbers}]",
                    gradient,
                    stage,
                    f"By the chain rule. {note}".strip(),
                )
            )
        formulas += self.update(w, value, gradient, g)
        return Item(
            f"w-{l}-{i}-{j}",
            f"Weight from {self._place(l - 1, i)} to {self._place(l, j)}",
            ((w, value, 0), (g, gradient, stage)),
            tuple(formulas),
            (self.check(g, self.network.weights[l - 1], (i, j), gradient, l),),
        )

    def _place(self, l, j) -> str:
        if l == 0:
            return f"input {j + 1}"
        return f"output {j + 1}" if l == self.L else f"neuron {j + 1} of hidden layer {l}"

    def loss_item(self) -> Item:
        k = self.network.layers[-1]
        numbers = (*((*self.target(j), 0) for j in range(k)), ("C", self.value, self.L + 1))
        name = f"Loss, {self.loss.name.replace('_', '-')}"
        return Item("loss", name, numbers, (self.loss_formula(),))

    def stages(self) -> list[Stage]:
        layers, L = self.network.layers, self.L

        def neurons(l):
            return tuple(f"n-{l}-{j}" for j in range(layers[l]))

        def weights(l):
            pairs = [(i, j) for i in range(layers[l - 1]) for j in range(layers[l])]
            return tuple(f"w-{l}-{i}-{j}" for i, j in pairs)

        stages = [Stage("start", "The input, the weights and the biases are given.", neurons(0))]
        for l in range(1, L + 1):
            s, before = superscript(l), superscript(l - 1)
            stages.append(
                Stage(
                    f"forward {l}",
                    f"Forward through layer {l}: z{s} = (W{s})ᵀ a{before} + b{s}, "
                    f"a{s} = {symbol_of(self.f(l))}(z{s}).",
                    neurons(l),
                )
            )
        name = self.loss.name.replace("_", "-")
        text = f"The loss C compares a{superscript(L)} with the target y: {name}."
        stages.append(Stage("loss", text, ("loss",)))
        for l in range(L, 0, -1):
            s = superscript(l)
            stages.append(Stage(f"δ{s}", self._delta_text(l), neurons(l)))
            stages.append(
                Stage(
                    f"∇ layer {l}",
                    f"The gradients of layer {l}: ∂C/∂W{s} = a{superscript(l - 1)} (δ{s})ᵀ and "
                    f"∂C/∂b{s} = δ{s}.",
                    (*weights(l), *neurons(l)),
                )
            )
        text = "Every gradient is known: a step of gradient descent can be taken."
        stages.append(Stage("done", text, ()))
        return stages

    def _delta_text(self, l) -> str:
        s, up = superscript(l), superscript(l + 1)
        f = symbol_of(self.f(l))
        if l < self.L:
            if isinstance(self.f(l), Softmax):
                return f"One layer back: ∂C/∂a{s} = W{up} δ{up}, and softmax's Jacobian gives δ{s}."
            return f"One layer back: δ{s} = W{up} δ{up} ⊙ {f}'(z{s})."
        if isinstance(self.loss, CrossEntropy):
            y = "ỹ" if self.smoothing else "y"
            return f"Where backpropagation starts: δ{s} = ∂C/∂z{s} = (a{s} − {y}) / n."
        if isinstance(self.loss, MSE) and isinstance(self.f(l), Softmax):
            return f"Where backpropagation starts: δ{s} is the Jacobian of softmax times ∂C/∂a{s}."
        return f"Where backpropagation starts: δ{s} = ∂C/∂a{s} ⊙ {f}'(z{s})."

    def explain(self) -> Explanation:
        layers = self.network.layers
        items = [self.input(j) for j in range(layers[0])]
        for l in range(1, self.L + 1):
            pairs = [(i, j) for i in range(layers[l - 1]) for j in range(layers[l])]
            items += [self.weight(l, i, j) for i, j in pairs]
            items += [self.neuron(l, j) for j in range(layers[l])]
        items.append(self.loss_item())
        return Explanation(
            tuple(self.stages()),
            {item.key: item for item in items},
            self.trace,
            self.y,
            self.value,
            self.gradients,
        )


_MEANING = {
    Sigmoid: "σ(z) = 1 / (1 + e⁻ᶻ).",
    ReLU: "ReLU(z) is z above 0, and 0 below.",
    LeakyReLU: "LeakyReLU(z) is z above 0, and 0.01 z below.",
    Tanh: "tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ).",
}
