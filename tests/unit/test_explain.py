"""Every number and every formula of an explained pass is true, and none comes too early."""

import inspect
import itertools
import math
import re

import numpy as np
import pytest

import nnlib
from nnlib.activations import ACTIVATIONS
from nnlib.analysis.explain import TOLERANCE, H, alike, explain, number, own_numbers
from nnlib.diagnosis.own_code import OwnCode

# Every output with every loss that nnlib allows it, after two hidden layers.
PAIRS = [
    (output, loss)
    for output, loss in itertools.product(ACTIVATIONS, ("mse", "cross_entropy"))
    if loss == "mse" or output in ("sigmoid", "softmax")
]
SMOOTHED = [(output, nnlib.CrossEntropy(smoothing=0.3)) for output in ("sigmoid", "softmax")]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


# What the formulas call, and how arithmetic is written in Python.
FUNCTIONS = {
    "exp": math.exp,
    "ln": math.log,
    "sigma": sigmoid,
    "sigma_slope": lambda z: sigmoid(z) * sigmoid(-z),
    "tanh": math.tanh,
    "tanh_slope": lambda z: 1 / math.cosh(z) ** 2,
    "ReLU": lambda z: max(0.0, z),
    "ReLU_slope": lambda z: float(z > 0),
    "LeakyReLU": lambda z: z if z > 0 else 0.01 * z,
    "LeakyReLU_slope": lambda z: 1.0 if z > 0 else 0.01,
    "identity": lambda z: z,
    "identity_slope": lambda z: 1.0,
}
SPELLING = {
    "·": "*",
    "−": "-",
    "²": "**2",
    "[": "(",
    "]": ")",
    "e^(": "exp(",
    "σ": "sigma",
    "'(": "_slope(",
}


# What stands for a number in a rule: w⁽¹⁾₁₂, ∂C/∂z⁽²⁾₁, y₁, α and n.
SYMBOL = re.compile(r"(?:∂C/∂)?[wbzaδyỹx](?:⁽[⁰-⁹¹²³]+⁾)?[₁-₉]+|α|\bn\b")


def evaluate(text: str) -> float:
    """Work out the right-hand side of a formula as a reader with a calculator would."""
    for ours, pythons in SPELLING.items():
        text = text.replace(ours, pythons)
    return eval(text, {"__builtins__": {}}, FUNCTIONS)


def small_network(hidden="tanh", output="softmax", layers=(2, 3, 2, 3)):
    network = nnlib.NeuralNetwork(layers, hidden, output, seed=5, dtype="float64")
    for b in network.biases:
        b[:] = np.linspace(-0.4, 0.5, len(b))
    return network


def forms(explanation):
    return [f for item in explanation.items.values() for f in item.formulas]


def brute_force(network, x, y, loss, array, index, h=1e-6):
    """The slope of the loss by two plain forward passes."""
    values = []
    for step in (h, -h):
        kept = array[index]
        array[index] = kept + step
        values.append(nnlib.losses.get_loss(loss).value(network.forward(x), np.asarray(y)))
        array[index] = kept
    return (values[0] - values[1]) / (2 * h)


@pytest.mark.parametrize(
    ("hidden", "output", "loss"),
    [
        *((hidden, "softmax", "cross_entropy") for hidden in ACTIVATIONS),
        *(("tanh", *pair) for pair in PAIRS + SMOOTHED),
    ],
)
def test_every_formula_gives_the_value_that_it_claims(hidden, output, loss):
    network = small_network(hidden, output)
    explanation = explain(network, [[1.0, -0.5]], [[0, 1, 0]], loss, learning_rate=0.3, digits=17)
    with_numbers = [f for f in forms(explanation) if f.numbers]
    assert {f.symbol for f in forms(explanation) if not f.numbers} == {"a⁽⁰⁾₁", "a⁽⁰⁾₂"}
    assert len(with_numbers) > 100
    values = {"α": 0.3, "n": 1.0, "x₁": 1.0, "x₂": -0.5}
    for item in explanation.items.values():
        values |= {f.symbol: f.value for f in item.formulas}
        values |= {symbol: value for symbol, value, _ in item.numbers}
    for j, y in zip("₁₂₃", (0, 1, 0), strict=True):
        values[f"ỹ{j}"] = 0.7 * y + 0.3 / (3 if output == "softmax" else 2)
    assert {type(value) for value in values.values()} == {float}
    for f in with_numbers:
        assert evaluate(f.numbers) == pytest.approx(f.value, rel=1e-9, abs=1e-12), f
        # A negative number stands in brackets, another one does not.
        assert not re.search(r"[·+−/] −|(?<![\w^'])\([0-9.e]+\)", f.numbers), f
        if f.rule != "the slope at this z":
            rule = SYMBOL.sub(lambda m: f"({values[m[0]]!r})", f.rule.rpartition(" = ")[2])
            assert evaluate(rule) == pytest.approx(f.value, rel=1e-7, abs=1e-9), f


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_the_four_digits_that_are_shown_give_nearly_the_same(output, loss):
    explanation = explain(small_network("sigmoid", output), [[1.0, -0.5]], [[0, 1, 0]], loss)
    for f in forms(explanation):
        if f.numbers:
            assert evaluate(f.numbers) == pytest.approx(f.value, rel=5e-3, abs=1e-3), f


@pytest.mark.parametrize(
    ("x", "y", "numbers"),
    [
        (0.123456, 1, "(0.1235 − 1)²"),
        (1.00001234, 1, "(1.0000123 − 1)²"),  # as many digits as are left after they cancel
        (0.99998766, 1, "(0.99998766 − 1)²"),
        (-1.00001234, -1, "(−1.0000123 − (−1))²"),
        (1 + 2**-52, 1, "(1.0000000000000002 − 1)²"),
        (-2.123456, 3, "(−2.123 − 3)²"),
        (2, -3, "(2 − (−3))²"),
        (3, 3, "(3 − 3)²"),
        (0.5, 0, "(0.5 − 0)²"),
    ],
)
def test_a_difference_has_the_digits_that_it_needs(x, y, numbers):
    network = nnlib.NeuralNetwork([1, 1], output="identity", dtype="float64")
    network.weights[0][:] = 1
    assert explain(network, [[x]], [[y]], "mse").items["loss"].formulas[0].numbers == numbers


def test_of_several_outputs_one_that_is_almost_0_or_1_is_written_apart():
    network = nnlib.NeuralNetwork([1, 3], output="sigmoid", init="zeros", dtype="float64")
    network.weights[0][0] = 60, 0, 0
    (loss,) = explain(network, [[1.0]], [[0, 1, 0]], "cross_entropy").items["loss"].formulas
    assert evaluate(loss.numbers) == pytest.approx(loss.value, rel=5e-3)
    assert loss.note == "Written with z: a is too near to 0 or 1."
    (loss,) = explain(network, [[1.0]], [[1, 1, 0]], "cross_entropy").items["loss"].formulas
    assert loss.note == "Terms with a factor of 0 are left out."


EXTREMES = [(20.0, 1), (20.0, 0), (-20.0, 1), (60.0, 0), (-60.0, 1), (800.0, 1), (-800.0, 1)]


@pytest.mark.parametrize(("a", "y"), EXTREMES)
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("smoothing", [0, 0.1])
def test_formulas_hold_where_the_output_is_almost_0_or_1(output, a, y, smoothing):
    k, loss = 1 if output == "sigmoid" else 2, nnlib.CrossEntropy(smoothing)
    network = nnlib.NeuralNetwork([1, k], output=output, init="zeros", dtype="float64")
    network.weights[0][0, 0] = a
    explanation = explain(network, [[1.0]], [1 - y] if k == 2 else [y], loss)
    assert all(check.agrees for check in explanation.checks)
    for f in forms(explanation):
        if f.numbers and (abs(a) < 700 or f.symbol == "C"):  # no calculator knows e^800
            assert evaluate(f.numbers) == pytest.approx(f.value, rel=5e-3, abs=1e-12), f


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_gradient_is_backwards_and_agrees_with_finite_differences(output, loss):
    network, x, y = small_network(output=output), [[1.0, -0.5]], [[0.0, 1.0, 0.0]]
    explanation = explain(network, x, y, loss)
    expected = nnlib.backward(network, network.forward(x), y, loss)
    seen = 0
    for key, item in explanation.items.items():
        kind, *index = key.split("-")
        if kind == "loss" or key.startswith("n-0"):
            continue
        layer, *index = map(int, index)
        arrays = network.weights if kind == "w" else network.biases
        gradients = expected.weights if kind == "w" else expected.biases
        (check,) = item.checks
        assert check.analytic == pytest.approx(gradients[layer - 1][tuple(index)], rel=1e-12)
        slope = brute_force(network, x, y, loss, arrays[layer - 1], tuple(index))
        assert check.numeric == pytest.approx(slope, rel=1e-4, abs=1e-8)
        assert check.agrees
        seen += 1
    assert seen == network.parameters.size


def test_a_wrong_gradient_does_not_agree(monkeypatch):
    def wrong(network, trace, target, loss):
        gradients = nnlib.backward(network, trace, target, loss)
        gradients.weights[0][0, 0] *= 1.001
        return gradients

    monkeypatch.setattr("nnlib.analysis.explain.backward", wrong)
    checks = explain(small_network(), [[1.0, -0.5]], [1]).checks
    assert [c.symbol for c in checks if not c.agrees] == ["∂C/∂w⁽¹⁾₁₁"]


def when(symbol):
    """Return the name of the stage in which this number becomes known."""
    l = "".join(str("⁰¹²³".index(c)) for c in re.search("⁽(.*?)⁾|$", symbol)[1] or "")
    if symbol.endswith("after a step"):
        return "done"
    if symbol.startswith(("∂C/∂w", "∂C/∂b")):
        return f"∇ layer {l}"
    if symbol.startswith(("δ", "∂C/∂a")) or "'(" in symbol:
        return "δ" + re.search("⁽.*?⁾", symbol)[0]
    if symbol.startswith(("z", "a", "its share")) and l != "0":
        return f"forward {l}"
    return "loss" if symbol == "C" else "start"


@pytest.mark.parametrize("hidden", ["tanh", "softmax"])
def test_every_number_becomes_known_in_its_own_stage(hidden):
    network = small_network(hidden)
    explanation = explain(network, [[1.0, -0.5]], [[0, 1, 0]], "mse", learning_rate=0.3)
    seen = set()
    for item in explanation.items.values():
        known = [(symbol, stage) for symbol, _, stage in item.numbers]
        known += [(f.symbol, f.stage) for f in (*item.formulas, *item.checks)]
        for symbol, stage in known:
            assert explanation.stages[stage].name == when(symbol), symbol
            seen.add(explanation.stages[stage].name)
    assert len(seen) == len(explanation.stages)


def test_no_finite_difference_is_claimed_across_a_kink():
    network = nnlib.NeuralNetwork([1, 1, 1], "relu", "identity", init="zeros", dtype="float64")
    network.weights[1][:] = 1
    explanation = explain(network, [[1.0]], [1.0])
    (kink,) = explanation.items["w-1-0-0"].checks
    assert kink.numeric is None and not kink.agrees
    assert explanation.items["w-2-0-0"].checks[0].numeric is not None


def test_right_gradients_agree_however_large_the_loss():
    network = small_network("tanh", "identity")
    explanation = explain(network, [[1.0, -0.5]], [[1e6, -1e6, 0.0]], "mse")
    assert explanation.loss > 1e11 and all(check.agrees for check in explanation.checks)
    defaults = inspect.signature(nnlib.check_gradients).parameters
    assert (H, TOLERANCE) == (defaults["h"].default, defaults["tolerance"].default)


def test_what_is_explained_is_in_float64_and_the_network_is_left_alone():
    network = nnlib.NeuralNetwork([2, 3, 1], output="sigmoid", seed=0)
    before = network.parameters.copy()
    explanation = explain(network, [[1.0, -0.5]], [1])
    exact = network.copy("float64")
    assert explanation.loss == nnlib.evaluate(exact, [[1.0, -0.5]], [1]).loss
    assert explanation.trace.output.dtype == np.float64 and network.parameters.dtype == np.float32
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize(
    ("own", "value", "same"),
    [
        (0.0, 0.0, True), (0.0, 1e-13, True), (1e-11, 0.0, False), (0.0, 1e-11, False),
        (1.0, 1 + 5e-7, True), (-1.0, -1 - 5e-7, True), (1 + 3e-6, 1.0, False),
        (1e6 + 0.5, 1e6, True), (1e6, 1e6 + 3, False), (-5.0, -1.0, False), (-1.0, 1.0, False),
    ],
)  # fmt: skip
def test_two_numbers_are_alike_but_for_rounding(own, value, same):
    assert alike(own, value) is same


def test_each_stage_computes_what_its_name_says():
    stages = explain(small_network(layers=(2, 3, 1), output="sigmoid"), [[1, 2]], [1]).stages
    hidden, weights = ("n-1-0", "n-1-1", "n-1-2"), ("w-2-0-0", "w-2-1-0", "w-2-2-0")
    first = tuple(f"w-1-{i}-{j}" for i in range(2) for j in range(3))
    assert [(stage.name, stage.keys) for stage in stages] == [
        ("start", ("n-0-0", "n-0-1")),
        ("forward 1", hidden),
        ("forward 2", ("n-2-0",)),
        ("loss", ("loss",)),
        ("δ⁽²⁾", ("n-2-0",)),
        ("∇ layer 2", (*weights, "n-2-0")),
        ("δ⁽¹⁾", hidden),
        ("∇ layer 1", (*first, *hidden)),
        ("done", ()),
    ]
    assert "z⁽²⁾ = (W⁽²⁾)ᵀ a⁽¹⁾ + b⁽²⁾, a⁽²⁾ = σ(z⁽²⁾)" in stages[2].text
    assert stages[3].text.endswith("a⁽²⁾ with the target y: cross-entropy.")
    assert "∂C/∂W⁽²⁾ = a⁽¹⁾ (δ⁽²⁾)ᵀ" in stages[5].text


@pytest.mark.parametrize(
    ("hidden", "output", "loss", "at_the_output", "before"),
    [
        ("tanh", "softmax", "cross_entropy", "(a⁽²⁾ − y) / n", "W⁽²⁾ δ⁽²⁾ ⊙ tanh'(z⁽¹⁾)"),
        ("softmax", "sigmoid", SMOOTHED[0][1], "(a⁽²⁾ − ỹ) / n", "softmax's Jacobian gives δ⁽¹⁾"),
        ("relu", "softmax", "mse", "Jacobian of softmax times ∂C/∂a⁽²⁾", "⊙ ReLU'(z⁽¹⁾)"),
        ("sigmoid", "tanh", "mse", "δ⁽²⁾ = ∂C/∂a⁽²⁾ ⊙ tanh'(z⁽²⁾)", "⊙ σ'(z⁽¹⁾)"),
    ],
)
def test_a_stage_says_how_delta_comes_about(hidden, output, loss, at_the_output, before):
    network = small_network(hidden, output, (2, 2, 2))
    stages = {s.name: s.text for s in explain(network, [[1, 2]], [[1, 0]], loss).stages}
    assert at_the_output in stages["δ⁽²⁾"] and before in stages["δ⁽¹⁾"]


def test_two_errors_have_a_mean_and_a_single_one_is_it():
    two, one = small_network(layers=(2, 3, 2), output="tanh"), small_network("tanh", "tanh", (2, 1))
    for f in forms(explain(two, [[1.0, -0.5]], [[0.2, 0.4]], "mse", digits=17)):
        assert not f.numbers or evaluate(f.numbers) == pytest.approx(f.value, abs=1e-12), f
    assert notes(two, [[0.2, 0.4]], "mse", "loss") == "The mean of the 2 squared errors."
    *_, delta, _ = explain(one, [[1.0, -0.5]], [[0.2]], "mse").items["n-1-0"].formulas
    assert delta.rule == "2 · (a⁽¹⁾₁ − y₁) · tanh'(z⁽¹⁾₁)"
    with pytest.raises(ValueError, match="x has 2 rows"):
        explain(one, np.ones((2, 2)), [[0.2]] * 2, "mse")


def notes(network, y, loss, key, x=(1.0, -0.5)):
    return " ".join(f.note for f in explain(network, [x], y, loss).items[key].formulas)


def test_remarks_are_made_where_they_are_true():
    one, three = small_network(output="identity", layers=(2, 1)), small_network(output="sigmoid")
    assert notes(one, [0.3], "mse", "loss") == ""
    assert notes(three, [[0, 1, 0]], "mse", "loss") == "The mean of the 3 squared errors."
    assert notes(three, [[0, 1, 0]], "cross_entropy", "loss").startswith("Terms with a factor of 0")
    assert "y = 0 are left out" in notes(small_network(), [1], "cross_entropy", "loss")
    for output, k in (("softmax", 3), ("sigmoid", 2)):
        loss = nnlib.CrossEntropy(smoothing=0.2)
        said = notes(small_network(output=output), [[0, 1, 0]], loss, "loss")
        assert said.endswith(f"Label smoothing, ε = 0.2: ỹ = (1 − ε) y + ε / {k}.")
    relu = small_network("relu", "identity", (2, 2, 1))
    relu.biases[0][:] = -9, 9
    for j, kink in enumerate(("not above", "above")):
        assert f"Here z is {kink} the kink at 0." in notes(relu, [1], None, f"n-1-{j}")
    items = explain(small_network(), [[1.0, -0.5]], [1]).items
    through = "∂z⁽¹⁾₂/∂w⁽¹⁾₁₂ · ∂C/∂a⁽¹⁾₂ · ∂a⁽¹⁾₂/∂z⁽¹⁾₂ = a⁽⁰⁾₁ · ["
    assert items["w-1-0-1"].formulas[-1].rule.startswith(through)
    straight = "∂z⁽³⁾₃/∂w⁽³⁾₂₃ · ∂C/∂z⁽³⁾₃ = a⁽²⁾₂ · ["
    assert items["w-3-1-2"].formulas[-1].rule.startswith(straight)
    assert items["w-1-0-1"].name == "Weight from input 1 to neuron 2 of hidden layer 1"
    assert items["w-3-1-2"].name == "Weight from neuron 2 of hidden layer 2 to output 3"
    assert items["n-1-2"].name == "Hidden layer 1, neuron 3"
    assert items["n-3-0"].name == "Output neuron 1" and items["n-0-1"].name == "Input 2"
    assert items["loss"].name == "Loss, cross-entropy"


def test_a_loss_of_the_readers_own_is_shown_by_its_name_alone():
    class Absolute(nnlib.Loss):
        name = "absolute"

        def value(self, trace, y):
            return float(np.abs(trace.output - y).sum())

        def delta(self, trace, y):
            return np.sign(trace.output - y)

    explanation = explain(small_network(output="identity"), [[1.0, -0.5]], [[3, 3, -3]], Absolute())
    (formula,) = explanation.items["loss"].formulas
    assert (formula.rule, formula.numbers) == ("absolute(a, y)", "")
    assert formula.value == pytest.approx(explanation.loss)
    (delta,) = [f for f in explanation.items["n-3-1"].formulas if f.symbol == "δ⁽³⁾₂"]
    assert (delta.rule, delta.numbers, delta.value) == ("∂C/∂z", "", -1.0)
    assert all(check.agrees for check in explanation.checks)
    for f in forms(explanation):
        if f.numbers:
            assert evaluate(f.numbers) == pytest.approx(f.value, rel=5e-3, abs=1e-3), f


def test_an_activation_of_the_readers_own_is_shown_too():
    class Square(nnlib.Activation):
        name = "square"

        def __call__(self, z):
            return np.asarray(z) ** 2

        def derivative(self, z):
            return 2 * np.asarray(z)

    network = nnlib.NeuralNetwork([2, 2, 1], Square(), "identity", seed=0, dtype="float64")
    explanation = explain(network, [[1.0, 0.5]], [0.3])
    assert all(check.agrees for check in explanation.checks)
    slope = next(f for f in explanation.items["n-1-0"].formulas if f.symbol.startswith("square'"))
    assert slope.value == pytest.approx(2 * explanation.trace.z[1][0, 0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.37749, "0.3775"),
        (-1.0, "−1"),
        (1.2344e-7, "1.234e−7"),
        (123456.0, "1.235e5"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert number(value) == text


# Code of one's own.


def good_backward(weights, z, a, y, activations):
    d = (a[-1] - y) / len(y)
    dW, db = [None] * len(weights), [None] * len(weights)
    for i in reversed(range(len(weights))):
        dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
        if i:
            d = d @ weights[i].T * activations[i - 1].derivative(z[i])
    return dW, db


def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def test_code_of_ones_own_is_a_guest_that_spoils_nothing():
    network = small_network(layers=(2, 3, 3))
    explanation = explain(network, [[1.0, -0.5]], [1])
    x, y, before = np.array([[1.0, -0.5]]), explanation.y.copy(), network.parameters.copy()

    def spoil(*arrays):
        for array in arrays:
            array += 1

    def greedy_forward(X, weights, biases, activations):
        value = forward(X.copy(), weights, biases, activations)
        spoil(X, *weights, *biases)
        return value

    def greedy_backward(weights, z, a, y, activations):
        value = good_backward(weights, z, a, y, activations)
        spoil(y, *weights)
        return value

    numbers = own_numbers(OwnCode(forward=greedy_forward), network, x, y, explanation.trace)
    numbers |= own_numbers(OwnCode(backward=greedy_backward), network, x, y, explanation.trace)
    assert x.tolist() == [[1.0, -0.5]] and (y == explanation.y).all()
    np.testing.assert_array_equal(network.parameters, before)
    assert {type(value) for value in numbers.values()} == {float}
    assert len(numbers) == network.parameters.size + 2 * 6  # and z and a of six neurons
    values = {s: v for item in explanation.items.values() for s, v, _ in item.numbers}
    values |= {check.symbol: check.analytic for check in explanation.checks}
    assert numbers == pytest.approx({symbol: values[symbol] for symbol in numbers})


@pytest.mark.parametrize("trust", [True, False])
def test_a_wrong_forward_reaches_backward_only_if_it_is_trusted(trust):
    def doubled(X, weights, biases, activations):
        z, a = forward(X, weights, biases, activations)
        return z, [2 * one for one in a]

    network = small_network(layers=(2, 3, 3))
    explanation = explain(network, [[1.0, -0.5]], [1])
    own = OwnCode(forward=doubled, backward=good_backward)
    x, trace = np.array([[1.0, -0.5]]), explanation.trace
    found = own_numbers(own, network, x, explanation.y, trace, trust=trust)
    assert found["a⁽²⁾₁"] == pytest.approx(2 * trace.output[0, 0])
    right = explanation.gradients.biases[1][0]
    assert alike(found["∂C/∂b⁽²⁾₁"], right) is not trust
