"""The backpropagation lens: every number and every formula is true, and none comes too early."""

import inspect
import itertools
import math
import re

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.activations import ACTIVATIONS
from nnlib.analysis.explain import TOLERANCE, H, alike, explain, number, own_numbers
from nnlib.diagnosis.own_code import OwnCode
from nnlib.lab.backprop_lens import BackpropLens

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


@pytest.mark.parametrize(("output", "loss"), PAIRS + SMOOTHED)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_formula_gives_the_value_that_it_claims(hidden, output, loss):
    network = small_network(hidden, output)
    explanation = explain(network, [[1.0, -0.5]], [[0, 1, 0]], loss, learning_rate=0.3, digits=17)
    with_numbers = [f for f in forms(explanation) if f.numbers]
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
        if f.rule != "the slope at this z":
            rule = SYMBOL.sub(lambda m: f"({values[m[0]]!r})", f.rule.rpartition(" = ")[2])
            assert evaluate(rule) == pytest.approx(f.value, rel=1e-7, abs=1e-9), f


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_the_four_digits_that_are_shown_give_nearly_the_same(output, loss):
    explanation = explain(small_network("sigmoid", output), [[1.0, -0.5]], [[0, 1, 0]], loss)
    for f in forms(explanation):
        if f.numbers:
            assert evaluate(f.numbers) == pytest.approx(f.value, rel=5e-3, abs=1e-3), f


@pytest.mark.parametrize(("a", "y"), [(20.0, 1), (20.0, 0), (-20.0, 1), (60.0, 0), (-60.0, 1)])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_formulas_hold_where_the_output_is_almost_0_or_1(output, a, y):
    k = 1 if output == "sigmoid" else 2
    network = nnlib.NeuralNetwork([1, k], output=output, init="zeros", dtype="float64")
    network.weights[0][0, 0] = a
    explanation = explain(network, [[1.0]], [1 - y] if k == 2 else [y], "cross_entropy")
    for f in forms(explanation):
        if f.numbers:
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
    lens = BackpropLens()
    assert [c.symbol for c in lens.explanation.checks if not c.agrees] == ["∂C/∂w⁽¹⁾₁₁"]
    lens.stage = 8
    assert "it does NOT agree" in shown(lens)["w-1-0-0"]["checks"][0]
    assert "8 of 9 gradients agree" in lens.summary()


def test_no_finite_difference_is_claimed_across_a_kink():
    network = nnlib.NeuralNetwork([1, 1, 1], "relu", "identity", init="zeros", dtype="float64")
    network.weights[1][:] = 1
    explanation = explain(network, [[1.0]], [1.0])
    assert explanation.items["w-1-0-0"].checks[0].numeric is None
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


# The lens itself.


def frames(lens) -> list:
    sent = []
    lens.send = lambda content, buffers=None: sent.append(content["values"])
    return sent


def shown(lens) -> dict:
    """What the views show now, by the key of the item."""
    values, _ = lens.frame()
    return {item["key"]: item for item in values["items"]}


def numbers(lens) -> dict:
    return dict(pair for item in shown(lens).values() for pair in item["numbers"])


def test_each_stage_adds_its_numbers_and_nothing_comes_early():
    lens = BackpropLens()
    given = {
        "a⁽⁰⁾₁",
        "a⁽⁰⁾₂",
        "y₁",
        "b⁽¹⁾₁",
        "b⁽¹⁾₂",
        "b⁽²⁾₁",
        "w⁽¹⁾₁₁",
        "w⁽¹⁾₁₂",
        "w⁽¹⁾₂₁",
        "w⁽¹⁾₂₂",
        "w⁽²⁾₁₁",
        "w⁽²⁾₂₁",
    }
    new = [
        {"z⁽¹⁾₁", "z⁽¹⁾₂", "a⁽¹⁾₁", "a⁽¹⁾₂"},
        {"z⁽²⁾₁", "a⁽²⁾₁"},
        {"C"},
        {"δ⁽²⁾₁"},
        {"∂C/∂w⁽²⁾₁₁", "∂C/∂w⁽²⁾₂₁"},
        {"δ⁽¹⁾₁", "δ⁽¹⁾₂"},
        {"∂C/∂w⁽¹⁾₁₁", "∂C/∂w⁽¹⁾₁₂", "∂C/∂w⁽¹⁾₂₁", "∂C/∂w⁽¹⁾₂₂"},
        set(),
    ]
    assert {s for s, text in numbers(lens).items() if text != "?"} == given
    for step, expected in enumerate(new, start=1):
        before = {s for s, text in numbers(lens).items() if text != "?"}
        lens.step()
        assert lens.stage == step
        assert {s for s, text in numbers(lens).items() if text != "?"} - before == expected
    assert "?" not in numbers(lens).values()
    lens.step()
    assert lens.stage == len(new)  # there is no further


def test_formulas_of_what_is_not_yet_computed_hold_no_result():
    lens = BackpropLens()
    for stage in range(9):
        lens.stage = stage
        for key, item in shown(lens).items():
            for f, final in zip(
                item["formulas"], lens.explanation.items[key].formulas, strict=True
            ):
                known = final.stage <= stage
                assert f["steps"][-1] == (number(final.value) if known else "?")
                assert known or f["steps"] == [final.rule, "?"]
            (check_stage,) = {c.stage for c in lens.explanation.items[key].checks} or {None}
            assert bool(item["checks"]) == (check_stage is not None and check_stage <= stage)


def test_the_shown_numbers_are_forwards_and_backwards_own():
    network = small_network("sigmoid", "softmax", (2, 3, 2))
    lens = BackpropLens(network, [1.0, -0.5], 1)
    lens.stage = len(lens.explanation.stages) - 1
    trace = network.forward([[1.0, -0.5]])
    gradients = nnlib.backward(network, trace, [1], "cross_entropy")
    seen = numbers(lens)
    assert seen["z⁽¹⁾₃"] == number(trace.z[1][0, 2])
    assert seen["a⁽²⁾₂"] == number(trace.a[2][0, 1])
    assert seen["δ⁽¹⁾₂"] == number(gradients.delta[1][0, 1])
    assert seen["∂C/∂w⁽²⁾₃₁"] == number(gradients.weights[1][2, 0])
    assert seen["C"] == number(nnlib.CrossEntropy().value(trace, np.array([[0, 1]])))


@pytest.mark.parametrize(
    ("key", "part", "changed", "kept"),
    [
        ("w-1-0-1", 0, {"w⁽¹⁾₁₂", "z⁽¹⁾₂", "a⁽¹⁾₂", "z⁽²⁾₁", "C", "δ⁽²⁾₁"}, {"z⁽¹⁾₁", "a⁽⁰⁾₁"}),
        ("n-2-0", 0, {"b⁽²⁾₁", "z⁽²⁾₁", "C", "δ⁽¹⁾₁"}, {"z⁽¹⁾₁", "z⁽¹⁾₂"}),
        ("n-0-1", 0, {"a⁽⁰⁾₂", "z⁽¹⁾₁", "z⁽¹⁾₂", "C"}, {"a⁽⁰⁾₁", "y₁"}),
        ("loss", 0, {"y₁", "C", "δ⁽²⁾₁", "∂C/∂w⁽¹⁾₁₁"}, {"a⁽²⁾₁", "z⁽¹⁾₁"}),
    ],
)
def test_an_edit_reaches_all_that_follows_and_nothing_else(key, part, changed, kept):
    given = BackpropLens().network
    lens = BackpropLens(given, [1.0, 0.5], 1)
    lens.stage, start = 8, given.parameters.copy()
    before = numbers(lens)
    sent = frames(lens)
    lens.hear({"command": "edit", "key": key, "part": part, "value": 0.25})
    after = numbers(lens)
    assert sent and sent[-1]["refused"] == ""
    assert all(before[s] != after[s] for s in changed)
    assert all(before[s] == after[s] for s in kept)
    np.testing.assert_array_equal(given.parameters, start)  # the lens has a copy
    trace = lens.network.forward(lens.x[None])
    gradients = nnlib.backward(lens.network, trace, lens.target[None], lens.loss)
    assert after["∂C/∂w⁽¹⁾₂₂"] == number(gradients.weights[0][1, 1])


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"key": "w-1-0-0", "value": "much"}, "not a number"),
        ({"key": "w-1-0-0", "value": None}, "not a number"),
        ({"key": "w-1-0-0", "value": 1e9}, "must lie between"),
        ({"key": "w-1-0-0", "value": float("nan")}, "must lie between"),
        ({"key": "w-7-0-0", "value": 1}, "this network has no"),
        ({"value": 1}, "this network has no"),
        ({"key": "loss", "value": 2}, "targets between 0 and 1"),
        ({"key": "loss", "value": 1, "part": 5}, "there is no target"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_in_words_and_changes_nothing(message, reason):
    lens = BackpropLens()
    lens.stage = 8
    before, parameters = numbers(lens), lens.network.parameters.copy()
    sent = frames(lens)
    lens.hear({"command": "edit", **message})
    assert reason in sent[-1]["refused"]
    assert numbers(lens) == before
    np.testing.assert_array_equal(lens.network.parameters, parameters)
    lens.hear({"command": "edit", "key": "w-1-0-0", "value": 0.1})
    assert sent[-1]["refused"] == "" and lens.network.weights[0][0, 0] == 0.1
    lens.hear({"command": "edit", **message})
    lens.stage = 7
    assert sent[-1]["refused"] == ""  # it was about another moment


def test_a_class_is_edited_as_a_label_after_softmax():
    lens = BackpropLens(small_network(layers=(2, 3)), [1.0, -0.5], 2)
    (field,) = shown(lens)["loss"]["fields"]
    assert (field["part"], field["value"]) == ("class", 2)
    lens.edit("loss", 0, "class")
    assert lens.target.tolist() == [1, 0, 0]
    for impossible in (3, 0.5):
        with pytest.raises(ValueError, match=r"labels run from|a whole number"):
            lens.edit("loss", impossible, "class")
    assert lens.target.tolist() == [1, 0, 0]


def test_a_step_of_gradient_descent_is_that_and_its_formula_foretold_it():
    lens = BackpropLens()
    lens.learning_rate = 0.3
    start, loss = lens.network.parameters.copy(), lens.explanation.loss
    gradient = lens.explanation.gradients.vector.copy()
    foretold = lens.explanation.items["w-1-1-0"].formulas[-1]
    lens.hear({"command": "learn"})
    np.testing.assert_allclose(lens.network.parameters, start - 0.3 * gradient, rtol=1e-12)
    assert lens.network.weights[0][1, 0] == pytest.approx(foretold.value, rel=1e-12)
    assert lens.explanation.loss < loss
    assert lens.stage == 8
    assert f"C went from {number(loss)} to {number(lens.explanation.loss)}" in lens.summary()


def test_a_step_into_infinity_is_refused():
    network = nnlib.NeuralNetwork([1, 1, 1], "identity", "identity", seed=0, dtype="float64")
    lens = BackpropLens(network, [100.0], 1.0)
    lens.learning_rate = 10.0
    sent = frames(lens)
    with np.errstate(all="ignore"):
        while not lens.refused:
            before = lens.network.parameters.copy()
            lens.hear({"command": "learn"})
        loss = lens.loss.value(lens.network.forward(lens.x[None]), lens.target[None])
    assert "choose a smaller α" in sent[-1]["refused"]
    np.testing.assert_array_equal(lens.network.parameters, before)
    assert lens.explanation.loss == loss and math.isfinite(loss)
    lens.hear({"command": "step"})
    assert sent[-1]["refused"] == ""  # said once


def test_reset_gives_back_the_first_stage_and_everything_as_it_came():
    lens = BackpropLens()
    before, start = numbers(lens), lens.network.parameters.copy()
    lens.edit("n-0-0", -2)
    lens.edit("loss", 0)
    lens.learn()
    lens.reset()
    assert lens.stage == 0 and numbers(lens) == before
    np.testing.assert_array_equal(lens.network.parameters, start)


def test_a_network_that_is_too_large_is_refused():
    for layers in ([2, 7, 1], [2, 2, 2, 2, 2]):
        with pytest.raises(ValueError, match="at most 4 layers, the input among them, of at most"):
            BackpropLens(nnlib.NeuralNetwork(layers), np.ones(2), 0)


@pytest.mark.parametrize(
    ("x", "target", "reason"),
    [
        ([1.0], 0, "columns"),
        ([1.0, np.nan], 0, "NaN"),
        ([1.0, 2.0], 5, "labels run"),
        (None, 0, "give x and target"),
        (np.ones((2, 2)), 0, "rows"),
    ],
)
def test_a_sample_that_does_not_fit_is_refused(x, target, reason):
    with pytest.raises(ValueError, match=reason):
        BackpropLens(nnlib.NeuralNetwork([2, 3]), x, target)


@pytest.mark.parametrize("stage", [-1, 9])
def test_a_stage_that_does_not_exist_is_refused(stage):
    lens = BackpropLens()
    with pytest.raises(traitlets.TraitError, match="must be from 0 to 8"):
        lens.stage = stage


@pytest.mark.slow
def test_displaying_a_lens_leaves_it_alone_and_brings_a_stand_in():
    lens = BackpropLens()
    lens.edit("w-1-0-0", 0.9)
    data, metadata = lens._repr_mimebundle_()
    assert lens.stage == 0 and lens.network.weights[0][0, 0] == 0.9
    assert "application/vnd.jupyter.widget-view+json" in data and data["image/png"]
    assert "run this cell" in repr(lens) and "0x" not in repr(lens)
    alt = metadata["image/png"]["alt"]
    assert "w⁽¹⁾₁₁ = 0.5" in alt  # as it was given
    assert metadata == BackpropLens()._repr_mimebundle_()[1]
    # Below a prediction it shows what there is before the first step, and no more.
    first = BackpropLens().at_start()._repr_mimebundle_()[1]["image/png"]["alt"]
    assert "w⁽¹⁾₁₁ = 0.5" in first and "δ⁽¹⁾" in alt
    assert not any(later in first for later in ("δ", "∂", "z⁽", "C ="))


# A list of layers, and code of one's own.


def good_backward(weights, z, a, y, activations):
    d = (a[-1] - y) / len(y)
    dW, db = [None] * len(weights), [None] * len(weights)
    for i in reversed(range(len(weights))):
        dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
        if i:
            d = d @ weights[i].T * activations[i - 1].derivative(z[i])
    return dW, db


def without_slope(weights, z, a, y, activations):
    d = (a[-1] - y) / len(y)
    dW, db = [None] * len(weights), [None] * len(weights)
    for i in reversed(range(len(weights))):
        dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
        d = d @ weights[i].T
    return dW, db


def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


@pytest.mark.parametrize("layers", [[2, 2, 1], [3, 4, 2], [1, 1], [6, 6, 6, 6]])
def test_a_list_of_layers_makes_a_network_with_short_numbers(layers):
    lens = BackpropLens(layers, seed=3)
    assert lens.network.layers == tuple(layers) or lens.network.layers == layers
    np.testing.assert_allclose(lens.network.parameters * 10, np.rint(lens.network.parameters * 10))
    assert all(W.all() for W in lens.network.weights)
    again = BackpropLens(layers, seed=3).network.parameters
    np.testing.assert_array_equal(lens.network.parameters, again)
    assert all(check.agrees for check in lens.explanation.checks if check.numeric is not None)


def test_the_small_network_of_the_lesson_is_the_example():
    np.testing.assert_array_equal(
        BackpropLens([2, 2, 1]).network.parameters, BackpropLens().network.parameters
    )
    seeded = BackpropLens([2, 2, 1], seed=1).network.parameters
    assert not np.array_equal(seeded, BackpropLens().network.parameters)
    with pytest.raises(ValueError, match="too large"):
        BackpropLens([2, 9, 1])


def own(lens) -> dict:
    """Return what the front-end gets of the learner's own numbers: {symbol: agrees}."""
    values, _ = lens.frame()
    return {o["symbol"]: o["agrees"] for item in values["items"] for o in item["own"]}


def test_right_code_of_ones_own_agrees_in_every_number_as_the_stages_pass():
    lens = BackpropLens([2, 2, 1])
    lens.use(forward=forward, backward=good_backward)
    assert lens.diagnosis == "" and lens.code == "your forward, backward"
    assert own(lens) == {}
    lens.stage = 1
    assert own(lens) == dict.fromkeys(("z⁽¹⁾₁", "z⁽¹⁾₂", "a⁽¹⁾₁", "a⁽¹⁾₂"), True)
    lens.stage = 8
    found = own(lens)
    assert all(found.values()) and len(found) == 6 + 9  # z and a; every weight and bias
    assert "15 of 15 numbers of your forward, backward agree" in lens.summary()
    lens.edit("w-1-0-1", 0.9)  # called anew at every edit
    assert all(own(lens).values())
    lens.use()
    assert own(lens) == {} and lens.code == "nnlib"


def test_wrong_code_is_shown_where_it_differs_and_diagnosed_in_words():
    lens = BackpropLens([2, 2, 1])
    lens.use(backward=without_slope)
    lens.step(8)
    found = own(lens)
    assert {s for s, agrees in found.items() if agrees} == {"∂C/∂w⁽²⁾₁₁", "∂C/∂w⁽²⁾₂₁", "∂C/∂b⁽²⁾₁"}
    assert "derivative f'(z) of the hidden activation is missing" in lens.diagnosis
    assert "3 of 9 numbers of your backward agree" in lens.summary()
    assert lens.problem == "" and lens.stage == 8  # the lens itself goes on


def test_code_that_fails_or_returns_nonsense_is_said_in_words():
    lens = BackpropLens([2, 2, 1])
    lens.use(backward=lambda weights, z, a, y, activations: 1 / 0)
    assert "ZeroDivisionError" in lens.diagnosis and own(lens) == {}
    lens.use(backward=lambda weights, z, a, y, activations: ([W.T for W in weights], [0, 0]))
    assert lens.diagnosis
    lens.step(8)
    assert "∂C/∂w⁽²⁾₁₁" not in own(lens)  # of a wrong shape: nothing to compare
    with pytest.raises(TypeError, match="must be a function"):
        lens.use(backward=3)


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
