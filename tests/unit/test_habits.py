"""Data of one's own and habits of another library: what comes of them is right, or told in words.

Each of these was silently ignored, silently wrong, or told in words about something else.
"""

import re
from decimal import Decimal

import numpy as np
import pytest

import nnlib
from nnlib import (
    Diverged,
    GradientDescent,
    NeuralNetwork,
    Trainer,
    accuracy,
    evaluate,
    train,
)

X, Y = nnlib.blobs(60, seed=0)
TABLE = np.array([(0.5, 1.5)] * 60, dtype=[("height", float), ("weight", float)])


def network(layers=(2, 8, 3), **more):
    return NeuralNetwork(list(layers), **{"hidden": "tanh", "seed": 0, **more})


def trained(net, X, y, **more):
    return train(net, X, y, **{"epochs": 2, "seed": 0, "progress": False, **more})


@pytest.mark.parametrize(
    ("X_", "y", "cure"),
    [
        ((row for row in X), Y, r"X is a generator, .* only once: pass list\(X\)"),
        (zip(X[:, 0], X[:, 1], strict=True), Y, r"X is a zip, .* pass list\(X\)"),
        (X, map(int, Y), r"target is a map, .* pass list\(target\)"),
        ({"a": X[:, 0], "b": X[:, 1]}, Y, r"np\.column_stack\(list\(X\.values\(\)\)\)"),
        (TABLE, Y, r"records of height, weight: .*structured_to_unstructured\(X\)"),
        (X.astype(str), Y, r"np\.asarray\(X, float\) makes numbers"),
        ([[Decimal("0.5"), Decimal(1)]] * 60, Y, r"Decimal.*np\.asarray\(X, float\)"),
        (X, Y.astype(str), r"np\.asarray\(target, int\) makes numbers"),
        (X, Y.astype(str).astype(object), r"np\.asarray\(target, int\) makes numbers"),
        (X, Y[:, None], r"for a column of labels np\.ravel\(target\)"),
        (X, np.ma.array(Y, mask=Y == 0), r"masked.* target\.filled\(value\)"),
        (X.T, Y, r"If each column is a sample, pass np\.transpose\(X\)"),
        (X[:2, :1], Y[:2], r"a single sample is a batch of one row, np\.reshape\(X, \(1, -1\)\)"),
        (
            X.astype(float) * 1e39,
            Y,
            r"X goes to 9\.\d+e\+38, and float32 has no numbers that large",
        ),
    ],
)
def test_data_that_cannot_be_used_are_refused_with_the_line_that_helps(X_, y, cure):
    with pytest.raises(ValueError, match=cure):
        trained(network(), X_, y)


def line_in(message):
    """Return the first piece of code in a message: up to where its brackets are closed."""
    start = re.search(r"np\.|X\[", message).start()
    ends = (m.end() for m in re.finditer(r"[)\]](?=$|[,. :)])", message[start:]))
    pieces = (message[start : start + end] for end in ends)
    return next(p for p in pieces if all(p.count(a) == p.count(b) for a, b in ("()", "[]")))


@pytest.mark.parametrize("kind", [np.asarray, lambda a: a.tolist()], ids=["array", "list"])
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"X": X[0]}, {"X": X[:1]}),
        ({"X": X[:1].T}, {"X": X[:1]}),
        ({"X": X.T}, {"X": X}),
        ({"X": X.astype(str)}, {"X": X}),
        ({"X": X.reshape(60, 2, 1)}, {"X": X}),
        ({"X": X, "labels": Y[:, None]}, {"X": X, "labels": Y}),
        ({"X": X, "labels": Y.astype(float)}, {"X": X, "labels": Y}),
        ({"X": X, "labels": Y.astype(str)}, {"X": X, "labels": Y}),
        ({"X": X, "labels": np.eye(3)[Y]}, {"X": X, "labels": Y}),
        ({"X": X, "labels": np.array(["ant", "bee", "cow"])[Y]}, {"X": X, "labels": Y}),
        ({"X": X, "target": Y[:, None]}, {"X": X, "target": Y}),
        ({"X": X, "target": Y.astype(float)}, {"X": X, "target": Y}),
        ({"X": X, "target": Y.astype(str)}, {"X": X, "target": Y}),
    ],
)
def test_the_line_that_is_said_to_help_does_whatever_holds_the_numbers(kind, wrong, right):
    net = network()

    def ask(X, labels=None, target=None):
        if target is not None:
            return evaluate(net, X, target).loss
        return net.predict(X).tolist() if labels is None else accuracy(net, X, labels)

    given = {name: kind(value) for name, value in wrong.items()}
    with pytest.raises(ValueError, match=r"np\.|\[None") as caught:
        ask(**given)
    name = [*given][-1]
    given[name] = eval(line_in(str(caught.value)), {"np": np, **given})
    assert ask(**given) == ask(**right)


def test_a_number_as_text_keeps_its_value_and_is_not_numbered_anew():
    with pytest.raises(ValueError, match=r"np\.asarray\(labels, int\)") as caught:
        accuracy(network(), X, (Y + 1).astype(str))
    assert "unique" not in str(caught.value)
    with pytest.raises(ValueError, match=r"np\.unique\(labels"):
        accuracy(network(), X, np.array(["cat", "dog", "cow"])[Y])


def test_outputs_in_place_of_classes_are_told_as_that():
    output = network([2, 1], output="sigmoid").forward(X).output
    for predicted in (output, output[:, 0], output.tolist()):
        with pytest.raises(ValueError, match=r"of outputs network\.predict\(X\) makes classes"):
            nnlib.confusion_matrix(Y > 0, predicted, 2)


def test_a_single_feature_is_told_to_be_a_column():
    with pytest.raises(ValueError, match=r"a column, np\.reshape\(X, \(-1, 1\)\)"):
        network([1, 3]).predict(X[:, 0])


def test_two_classes_as_floats_get_the_advice_that_integers_get():
    net = network([2, 1], output="sigmoid")
    with pytest.raises(ValueError, match="for −1 use 0"):
        trained(net, X, np.where(Y > 0, 1.0, -1.0))
    with pytest.raises(ValueError, match="start at 1: subtract 1"):
        trained(net, X, (Y > 0) + 1.0)


@pytest.mark.parametrize("output", ["identity", "tanh", "relu"])
def test_a_regression_has_no_accuracy_even_if_its_targets_happen_to_be_0_and_1(output):
    net = network([2, 4, 1], output=output)
    assert evaluate(net, X, (Y > 0).astype(float)).accuracy is None
    assert not trained(net, X, X[:, 0], validation=(X, Y > 0)).validation_accuracy
    assert evaluate(network([2, 4, 1], output="sigmoid"), X, Y > 0, "mse").accuracy is not None


@pytest.mark.parametrize("part", ["X", "y"])
def test_a_view_of_the_networks_own_parameters_is_not_changed_by_training(part):
    net = network([2, 8, 1], output="identity")
    view = net.parameters[:30]
    data = (view.reshape(15, 2), X[:15, 0]) if part == "X" else (X[:30], view)
    trainer = Trainer(net, *data, batch_size=None, seed=0)
    before = getattr(trainer, part).copy()
    next(trainer)
    assert np.array_equal(getattr(trainer, part), before)
    assert not np.array_equal(view, before.ravel())  # the network itself has learned


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a parameter", "1 of the 51 parameters were NaN or infinite before it"),
        ("X in place", "changed while it was trained on: X holds 110 values that are NaN"),
        ("X from the start", r"but first scale the data to about −1 to 1, as X goes to 9\.03e\+37"),
        ("the learning rate", "rate that is too large: start again with a smaller one$"),
    ],
)
def test_a_divergence_is_blamed_on_what_caused_it(what, words):
    data, rate = X.copy(), 1e38 if what == "the learning rate" else 0.1
    net = network(hidden="relu")
    if what == "X from the start":
        data *= np.float32(1e38)
    trainer = Trainer(net, data, Y, optimizer=GradientDescent(rate), seed=0)
    if what == "a parameter":
        net.weights[0][0, 0] = np.nan
    if what == "X in place":
        data[5:] = np.nan
    with pytest.raises(Diverged, match=words):
        for _ in range(9):
            next(trainer)


@pytest.mark.parametrize("sign", [1, -1])
def test_before_the_first_update_no_learning_rate_is_blamed(sign):
    words = r"Scale the data to about −1 to 1, as the target goes to 1e\+30$"
    with pytest.raises(Diverged, match=words):
        trained(network([2, 1], output="identity"), X, sign * np.linspace(0, 1e30, 60))


def test_a_layer_that_is_not_there_is_named():
    net = network()
    with pytest.raises(IndexError, match="there is no W 2: this network has 2, 0 to 1"):
        net.weights[2][:] = 0
    with pytest.raises(IndexError, match="there is no b -3"):
        net.biases[-3] = 0


def test_where_nobody_can_see_a_progress_bar_there_is_none(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)  # as under pythonw, or in a service
    assert len(trained(network(), X, Y, progress=True).training_loss) == 4


def test_a_distortion_is_no_class():
    with pytest.raises(TypeError, match=r"Distortion is a class: make one, Distortion\(\)"):
        trained(network(), X, Y, distortion=nnlib.Distortion)


@pytest.mark.parametrize("dtype", [",", "(", None, "complex", object])
def test_what_is_no_type_of_numbers_is_refused_by_name(dtype):
    for call in (lambda: nnlib.one_hot(Y, 3, dtype), lambda: network(dtype=dtype)):
        with pytest.raises(ValueError, match=r"dtype.*'float32'"):
            call()
