"""The blame lens through its traits: the loss flows back, a step changes the answer."""

import json
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib.lab import BlameLens
from nnlib.lab.blame_lens import EDGES

STROKES = json.loads(
    (Path(__file__).parents[1] / "browser" / "strokes.json").read_text(encoding="utf-8")
)
MNIST = nnlib.load_mnist()
DIGITS = MNIST.X_test[:20], MNIST.y_test[:20]


def make(**settings):
    network = nnlib.NeuralNetwork([784, 30, 10], hidden="relu", init="he", seed=0)
    return BlameLens(network, digits=DIGITS, **settings)


def test_a_chosen_digit_brings_its_answer_and_a_drawn_one_does_not():
    lab = make()
    assert lab.target == DIGITS[1][0] and lab.blame is not None
    lab.draw(STROKES[4]["strokes"])
    assert lab.target is None and lab.blame is None
    assert "What is it really?" in lab.frame()[0]["summary"]
    for ask in (lab.why, lab.learn):
        with pytest.raises(ValueError, match="choose the correct answer"):
            ask()
    lab.truth = "2"
    expected = nnlib.backward(
        lab.network, lab.network.forward(lab.prepared.X), [2], "cross_entropy"
    )
    np.testing.assert_allclose(lab.blame.dW[0], expected.weights[0], atol=1e-6)
    lab.clear()
    assert lab.blame is None and lab.truth == "?"
    with pytest.raises(ValueError, match="draw a digit, or choose one"):
        lab.why()


def test_a_frame_holds_the_blame_of_every_layer_and_the_strongest_weights_alone():
    lab = make()
    values, arrays = lab.frame()
    found = lab.blame
    np.testing.assert_allclose(arrays["blame 0"][0], found.pixels, rtol=1e-6)
    for l in (1, 2):
        np.testing.assert_allclose(arrays[f"blame {l}"][0], found.delta[l], rtol=1e-6)
        i, j, g = arrays[f"edges {l}"]
        assert len(i) == EDGES
        np.testing.assert_allclose(g, found.dW[l - 1][i.astype(int), j.astype(int)], rtol=1e-6)
        rest = np.sort(np.abs(found.dW[l - 1]).ravel())[::-1]
        assert np.abs(g).min() >= rest[EDGES] * (1 - 1e-6)
    assert values["edges"] == [784 * 30, 30 * 10]


def test_the_loss_flows_back_layer_by_layer_until_the_pixels():
    lab = make()
    stages = []
    while not stages or stages[-1] < lab.last_stage:
        assert lab.work() is True
        stages.append(lab.stage)
    assert stages == [1, 2, 3]
    assert lab.work() and lab.stage == 3
    lab.put(3)
    assert lab.stage == 0


def test_a_step_is_one_of_gradient_descent_on_this_digit_and_reset_takes_it_back():
    lab = make()
    lab.learning_rate = 0.02
    first, before = lab.network.parameters.copy(), lab.blame
    gradient = nnlib.backward(lab.network, before.trace, [lab.target], "cross_entropy").vector
    lab.learn()
    np.testing.assert_allclose(lab.network.parameters, first - 0.02 * gradient, atol=1e-6)
    assert lab.blame.value < before.value
    words = lab.frame()[0]["summary"]
    weights = sum(int(np.count_nonzero(dW)) for dW in before.dW)
    assert f"Step 1: {weights:,} weights moved" in words
    assert f"{lab.target}: {100 * before.trace.output[0, lab.target]:.0f} % → " in words
    lab.reset()
    np.testing.assert_array_equal(lab.network.parameters, first)
    assert "Step" not in lab.frame()[0]["summary"]


def test_a_step_into_nonsense_is_taken_back():
    lab = make()
    lab.learning_rate = 1e38
    first = lab.network.parameters.copy()
    with pytest.raises(ValueError, match="choose a smaller α"):
        lab.learn()
    np.testing.assert_array_equal(lab.network.parameters, first)
    assert np.isfinite(lab.blame.value)


def test_a_view_asks_for_formulas_and_what_is_not_there_has_none():
    lab = make()
    lab.hear({"command": "look", "at": "w-2-7-3"})
    assert lab.frame()[0]["lines"] == lab.blame.explain(2, 7, 3)
    for nonsense in ("w-9-9-9", "n-1", "loss", "", "n-1-x"):
        lab.hear({"command": "look", "at": nonsense})
        assert lab.frame()[0]["lines"] == []


def test_a_backward_of_your_own_finds_the_blame_and_a_wrong_one_is_not_let_in():
    lab = make()
    calls = []

    def backward(weights, z, a, y, activations):
        calls.append(len(y))
        d = (a[-1] - y) / len(y)
        dW, db = [], []
        for l in range(len(weights), 0, -1):
            dW.insert(0, a[l - 1].T @ d)
            db.insert(0, d.sum(axis=0))
            if l > 1:
                d = activations[l - 2].pull_back(d @ weights[l - 1].T, z[l - 1], a[l - 1])
        return dW, db

    expected = lab.blame.pixels
    lab.use(backward=backward)
    assert lab.code == "your backward" and not lab.problem
    calls.clear()
    lab.put(0)
    assert calls == [1]
    np.testing.assert_allclose(lab.blame.pixels, expected, atol=1e-6)
    lab.use(
        backward=lambda weights, z, a, y, activations: backward(weights, z, a, 1 - y, activations)
    )
    assert "cannot say whose fault it is yet" in lab.problem and lab.code == "your backward"


def test_a_network_without_room_is_refused():
    with pytest.raises(ValueError, match="room for 3 hidden layers of 1,024 neurons"):
        BlameLens(nnlib.NeuralNetwork([784, 2000, 10]))


@pytest.mark.slow
def test_where_no_kernel_runs_the_blame_of_a_digit_is_shown():
    lab = make()
    assert lab.preview().alt.startswith("From the loss back to the pixels: The blame for a loss of")
    lab.clear()
    assert lab.preview().alt == make().preview().alt
