"""The backpropagation lens: it shows what is explained, stage by stage, and takes edits."""

import math

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.analysis.explain import number
from nnlib.lab.backprop_lens import BackpropLens


def small_network(hidden="tanh", output="softmax", layers=(2, 3, 2, 3)):
    network = nnlib.NeuralNetwork(layers, hidden, output, seed=5, dtype="float64")
    for b in network.biases:
        b[:] = np.linspace(-0.4, 0.5, len(b))
    return network


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
