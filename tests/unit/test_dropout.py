"""Dropout leaves out what it says, keeps the mean, and its gradient is that of what is left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import CrossEntropy, Dropout, GradientDescent, NeuralNetwork, Trainer, one_hot
from nnlib.backprop import Gradients, backpropagate
from nnlib.forward import forward_pass
from nnlib.regularizers.change import Samples
from nnlib.regularizers.dropout import mask

HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu"]


def changed(network, X, dropout, rng):
    """Return the activations and the inputs that `dropout` makes of X."""
    y = np.zeros((len(X), network.layers[-1]))
    before = Samples(X, y, network.activations)
    after = dropout.change(before, network, CrossEntropy(), rng)
    return after.activations, after.X


def thinned(network, X, dropout, seed=0):
    """Return a function of the parameters: the trace of X through the network thinned by `seed`."""

    def trace():
        rng = np.random.default_rng(seed)
        return forward_pass(network.weights, network.biases, *changed(network, X, dropout, rng))

    return trace


@given(p=st.floats(0.05, 0.9), seed=st.integers(0, 99))
def test_a_mask_leaves_out_the_share_it_should_and_keeps_the_mean(p, seed):
    m = mask((200, 200), p, np.random.default_rng(seed), "float64")
    np.testing.assert_allclose(np.unique(m), [0, 1 / (1 - p)])
    # 40,000 entries: five standard deviations of their mean
    assert abs(m.mean() - 1) < 5 * np.sqrt(p / (1 - p)) / 200
    assert abs((m == 0).mean() - p) < 5 * np.sqrt(p * (1 - p)) / 200


def test_every_sample_and_neuron_is_left_out_by_itself():
    m = mask((300, 300), 0.5, np.random.default_rng(0), "float32")
    assert len(np.unique(m, axis=0)) == 300 and len(np.unique(m, axis=1).T) == 300


@pytest.mark.parametrize("hidden", HIDDEN)
@given(seed=st.integers(0, 999))
def test_the_gradient_is_that_of_the_thinned_network(hidden, seed):
    rng = np.random.default_rng(seed)
    network = NeuralNetwork([5, 7, 6, 3], hidden, seed=seed, dtype="float64")
    network.parameters += rng.normal(0, 0.3, network.parameters.shape)  # z = 0 is ReLU's kink
    X, y = rng.normal(size=(4, 5)), one_hot(rng.integers(0, 3, 4), 3, "float64")
    trace = thinned(network, X, Dropout(0.3, 0.4), seed)
    gradients, loss = Gradients(network.layers, np.float64), CrossEntropy()
    backpropagate(network.weights, trace(), y, loss, gradients)
    direction = rng.normal(size=network.parameters.shape)
    x, h = network.parameters.copy(), 1e-6
    ends = []
    for step in (h, -h):
        network.parameters = x + step * direction
        ends.append(loss.value(trace(), y))
    np.testing.assert_allclose(
        gradients.vector @ direction, (ends[0] - ends[1]) / (2 * h), rtol=2e-5, atol=1e-8
    )


def test_a_neuron_that_is_left_out_gives_nothing_and_learns_nothing():
    network = NeuralNetwork([5, 8, 3], "sigmoid", seed=1, dtype="float64")
    X = np.random.default_rng(0).normal(size=(1, 5))
    trace = thinned(network, X, Dropout(0, 0.5))()
    out = trace.a[1][0] == 0
    assert 0 < out.sum() < 8
    np.testing.assert_allclose(
        trace.a[1][0, ~out], 2 * network.forward(X).a[1][0, ~out]
    )  # twice as much of what is left
    gradients = Gradients(network.layers, np.float64)
    backpropagate(network.weights, trace, one_hot([2], 3, "float64"), CrossEntropy(), gradients)
    np.testing.assert_array_equal((gradients.weights[0] != 0).any(axis=0), ~out)
    np.testing.assert_array_equal((gradients.weights[1] != 0).any(axis=1), ~out)


def test_inputs_are_left_out_and_the_output_layer_stays_whole():
    network = NeuralNetwork([50, 8, 3], "relu", seed=1)
    X = np.ones((20, 50), np.float32)
    f, rows = changed(network, X, Dropout(0.2, 0), np.random.default_rng(0))
    assert set(np.unique(rows)) == {np.float32(0), np.float32(1.25)} and rows.dtype == X.dtype
    assert f == network.activations
    f, _ = changed(network, X, Dropout(0, 0.5), np.random.default_rng(0))
    assert f[-1] is network.activations[-1]


def test_training_with_dropout_draws_anew_in_each_update_and_leaves_the_network_whole():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 5)), rng.integers(0, 3, 30)
    network = NeuralNetwork([5, 20, 3], "tanh", seed=0, dtype="float64")
    trainer = Trainer(
        network,
        X,
        y,
        optimizer=GradientDescent(0.0),
        batch_size=None,
        seed=4,
        dropout=Dropout(0, 0.5),
    )
    losses = [next(trainer).loss for _ in range(5)]
    assert len(set(losses)) == 5  # the same samples, the same parameters, other neurons
    whole = CrossEntropy().value(network.forward(X), one_hot(y, 3, "float64"))
    assert whole not in losses
    assert [f.name for f in network.activations] == ["tanh", "softmax"]


@pytest.mark.parametrize("share", [{"input": 1}, {"hidden": -0.1}, {"hidden": float("nan")}])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(ValueError, match="the share left out"):
        Dropout(**share)
