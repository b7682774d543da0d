"""A mistake in a learner's function is diagnosed by its name, and right code is let pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import Activation, NeuralNetwork, blobs
from nnlib.diagnosis import Diagnosis, diagnose
from nnlib.diagnosis.own_code import OwnCode

NETWORKS = {
    "sigmoid, MSE": (NeuralNetwork([3, 5, 4, 2], "sigmoid", "sigmoid", seed=0), "mse"),
    "relu, softmax": (NeuralNetwork([3, 5, 4, 2], "relu", seed=0), "cross_entropy"),
    "tanh, identity": (NeuralNetwork([3, 5, 4, 2], "tanh", "identity", seed=0), "mse"),
    "one output": (NeuralNetwork([3, 5, 1], "tanh", "identity", seed=0), "mse"),
    "deep": (NeuralNetwork([3, 5, 6, 4, 2], ["tanh", "sigmoid", "tanh"], seed=0), "cross_entropy"),
    "yes or no": (NeuralNetwork([3, 5, 1], "tanh", "sigmoid", seed=0), "cross_entropy"),
}
ALL = tuple(NETWORKS)
DEEP = ("sigmoid, MSE", "relu, softmax", "tanh, identity", "deep")  # several hidden layers
MSE = ("sigmoid, MSE", "tanh, identity", "one output")
SOFTMAX = ("relu, softmax", "deep")
SIGMOID, RELU = ("sigmoid, MSE",), ("relu, softmax",)
SMOOTH = ("sigmoid, MSE", "tanh, identity", "one output", "deep", "yes or no")
YES_NO = ("yes or no",)


def diagnosed(network, seed=0, **functions):
    network, loss = NETWORKS[network]
    return diagnose(OwnCode(**functions), network, loss=loss, seed=seed)


def names(found):
    return [d.name for d in found]


def output_delta(z, a, y, activations):
    if activations[-1].name == "softmax" or set(y.ravel()) <= {0, 1}:
        return (a[-1] - y) / len(y)
    return 2 * (a[-1] - y) / y.size * activations[-1].derivative(z[-1])


# backward, right and in every way wrong. (l is a layer's number.)


def right(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def batch_size_missing(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations) * len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def batch_size_twice(weights, z, a, y, activations):
    n, dW, db = len(y), [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta / n)
        db.insert(0, delta.sum(axis=0) / n)
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def batch_size_at_every_layer(weights, z, a, y, activations):
    n, dW, db = len(y), [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1]) / n
    return dW, db


def two_missing(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / y.size * activations[-1].derivative(z[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def mean_over_outputs_missing(weights, z, a, y, activations):
    dW, db = [], []
    delta = 2 * (a[-1] - y) / len(y) * activations[-1].derivative(z[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def mean_over_outputs_too_many(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / y.size
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def target_minus_output(weights, z, a, y, activations):
    dW, db = [], []
    delta = -output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def transposed(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, delta.T @ a[l - 1])
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def no_hidden_derivative(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = delta @ weights[l - 1].T
    return dW, db


def no_derivative_in_layer_1(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = delta @ weights[l - 1].T
            if l > 2:
                delta = delta * activations[l - 2].derivative(z[l - 1])
    return dW, db


def no_output_derivative(weights, z, a, y, activations):
    dW, db = [], []
    delta = 2 * (a[-1] - y) / y.size
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def no_softmax_derivative(weights, z, a, y, activations):
    dW, db = [], []
    delta = -y / a[-1] / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def softmax_like_sigmoid(weights, z, a, y, activations):
    dW, db = [], []
    delta = -y / a[-1] / len(y) * a[-1] * (1 - a[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def one_derivative_too_many(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y) * a[-1] * (1 - a[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def derivative_at_a(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(a[l - 1])
    return dW, db


def derivative_at_a_everywhere(weights, z, a, y, activations):
    dW, db = [], []
    delta = 2 * (a[-1] - y) / y.size * activations[-1].derivative(a[-1])
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(a[l - 1])
    return dW, db


def formula_of_a_given_z(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * z[l - 1] * (1 - z[l - 1])
    return dW, db


def biases_averaged(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.mean(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def biases_over_the_wrong_axis(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=1))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def biases_not_summed(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta)
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def biases_with_an_axis_left(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0, keepdims=True))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def hidden_left_at_zero(weights, z, a, y, activations):
    delta = output_delta(z, a, y, activations)
    dW, db = [np.zeros_like(W) for W in weights], [np.zeros(W.shape[1]) for W in weights]
    dW[-1], db[-1] = a[-2].T @ delta, delta.sum(axis=0)
    return dW, db


def hidden_nonsense(weights, z, a, y, activations):
    delta = output_delta(z, a, y, activations)
    dW, db = [np.cos(W + z[-1].sum()) for W in weights], [np.cos(W[0]) for W in weights]
    dW[-1], db[-1] = a[-2].T @ delta, delta.sum(axis=0)
    return dW, db


def weights_not_transposed(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1]) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def weights_of_the_wrong_layer(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 2].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def a_of_the_wrong_layer(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def a_not_transposed(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1] @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def z_for_the_weights(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, (a[0] if l == 1 else z[l - 1]).T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def from_last_to_first(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.append(a[l - 1].T @ delta)
        db.append(delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def biases_first(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return db, dW


def changes_the_weights(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
        weights[l - 1] -= 0.1 * dW[0]
    return dW, db


def changes_the_weights_too_early(weights, z, a, y, activations):
    dW, db = [], []
    delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        weights[l - 1] -= 0.1 * dW[0]
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def output_error_in_place(weights, z, a, y, activations):
    dW, db = [], []
    slope = output_delta(z, a, y, activations) / (a[-1] - y)
    delta = a[-1]
    delta -= y
    delta *= slope
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def target_forgotten(weights, z, a, y, activations):
    return right(weights, z, a, 0 * y, activations)


def always_from_the_output(weights, z, a, y, activations):
    dW, db = [], []
    first = delta = output_delta(z, a, y, activations)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (first @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def not_deterministic(weights, z, a, y, activations):
    dW, db = right(weights, z, a, y, activations)
    return [g + np.random.default_rng().normal(size=g.shape) for g in dW], db


PLANTED_IN_BACKWARD = [
    (batch_size_missing, "factor_batch_size", ALL),
    (batch_size_twice, "factor_batch_size", ALL),
    (batch_size_at_every_layer, "factor_batch_size", ALL),
    (two_missing, "factor_two", MSE),
    (mean_over_outputs_missing, "factor_outputs", MSE[:2]),
    (mean_over_outputs_too_many, "factor_outputs", SOFTMAX),
    (target_minus_output, "sign_flipped", ALL),
    (transposed, "transposed", ALL),
    (no_hidden_derivative, "missing_derivative_hidden", ALL),
    (no_derivative_in_layer_1, "missing_derivative_hidden", ALL),
    (no_output_derivative, "missing_derivative_output", SIGMOID),
    (no_softmax_derivative, "missing_derivative_output", SOFTMAX),
    (softmax_like_sigmoid, "softmax_diagonal", SOFTMAX),
    (one_derivative_too_many, "extra_output_derivative", SOFTMAX),
    (derivative_at_a, "derivative_at_a", SMOOTH),
    (derivative_at_a_everywhere, "derivative_at_a", SIGMOID),
    (formula_of_a_given_z, "derivative_formula_of_a", SIGMOID),
    (biases_averaged, "bias_mean", ALL),
    (biases_over_the_wrong_axis, "bias_wrong_axis", ALL),
    (biases_not_summed, "bias_not_summed", ALL),
    (biases_with_an_axis_left, "extra_axis", ALL),
    (hidden_left_at_zero, "only_last_layer", ALL),
    (hidden_nonsense, "only_last_layer", ALL),
    (weights_not_transposed, "weights_not_transposed", ALL),
    (weights_of_the_wrong_layer, "wrong_layer_weights", DEEP),
    (a_of_the_wrong_layer, "wrong_layer_activation", ALL),
    (a_not_transposed, "input_not_transposed", ALL),
    (z_for_the_weights, "z_instead_of_a", ALL),
    (from_last_to_first, "layers_reversed", ALL),
    (biases_first, "returned_swapped", ALL),
    (changes_the_weights, "mutates_inputs", ALL),
    (changes_the_weights_too_early, "mutates_inputs", ALL),
    (output_error_in_place, "mutates_inputs", ALL),
    (target_forgotten, "target_ignored", SOFTMAX),
    (always_from_the_output, "delta_not_carried", DEEP),
    (not_deterministic, "not_deterministic", ALL),
]


def cases(planted):
    return [
        pytest.param(bug, name, network, id=f"{bug.__name__} [{network}]")
        for bug, name, networks in planted
        for network in networks
    ]


@pytest.mark.parametrize(("bug", "name", "network"), cases(PLANTED_IN_BACKWARD))
def test_a_mistake_in_backward_is_called_by_its_name_and_nothing_else_is(bug, name, network):
    for seed in range(3):
        found = diagnosed(network, seed, backward=bug)
        assert names(found) == [name], found


@pytest.mark.parametrize("network", SOFTMAX)
@pytest.mark.parametrize("rounding", [0.0, 1e-17, -3e-17])
def test_a_sum_that_is_nothing_but_rounding_hides_no_mistake(network, rounding):
    """Softmax' δ sums to 0 over its neurons: what is left is another number each time."""

    def summed_over_all(weights, z, a, y, activations):
        dW, _ = right(weights, z, a, y, activations)
        db, delta = [rounding], output_delta(z, a, y, activations)
        for l in range(len(weights) - 1, 0, -1):
            delta = (delta @ weights[l].T) * activations[l - 1].derivative(z[l])
            db.insert(0, delta.sum())
        return dW, db

    (found,) = diagnosed(network, backward=summed_over_all)
    assert found.name == "bias_wrong_axis" and "samples and neurons alike" in found.message
    assert "other widths" not in found.message


@pytest.mark.parametrize("network", ALL)
def test_a_backward_that_keeps_what_it_saw_first_is_told_so(network):
    kept = []

    def backward(weights, z, a, y, activations):
        kept.append((z, a))
        return right(weights, *kept[0], y, activations)

    (found,) = diagnosed(network, backward=backward)
    assert found.name == "stale_cache" and "z and a of the other call" in found.message


@pytest.mark.parametrize("network", SMOOTH)
def test_of_what_is_kept_only_that_is_named(network):
    kept = []

    def backward(weights, z, a, y, activations):
        kept.append(z)
        return right(weights, [*kept[0][:-1], z[-1]], a, y, activations)

    (found,) = diagnosed(network, backward=backward)
    assert found.name == "stale_cache" and "time with z of the other call" in found.message


@pytest.mark.parametrize("network", ALL)
def test_a_backward_that_uses_what_forward_left_behind_is_told_so(network):
    left = {}

    def forward_and_remember(X, weights, biases, activations):
        left["z"], left["a"] = forward(X, weights, biases, activations)
        return left["z"], left["a"]

    def backward(weights, z, a, y, activations):
        return right(weights, left["z"], left["a"], y, activations)

    found = diagnosed(network, forward=forward_and_remember, backward=backward)
    assert names(found) == ["stale_cache"]


@pytest.mark.parametrize("network", ALL)
def test_gradients_that_are_added_up_from_call_to_call_are_told_so(network):
    total_W, total_b = {}, {}

    def backward(weights, z, a, y, activations):
        dW, db = right(weights, z, a, y, activations)
        for i in range(len(weights)):
            total_W[i] = total_W.get(i, 0) + dW[i]
            total_b[i] = total_b.get(i, 0) + db[i]
        return list(total_W.values()), list(total_b.values())

    assert names(diagnosed(network, backward=backward)) == ["accumulates"]


def test_two_mistakes_at_once_are_both_named():
    def backward(weights, z, a, y, activations):
        dW, db = no_hidden_derivative(weights, z, a, y, activations)
        return [-g for g in dW], [-g / len(y) for g in db]

    found = diagnosed("relu, softmax", backward=backward)
    assert set(names(found)) == {"missing_derivative_hidden", "sign_flipped", "bias_mean"}


def test_a_factor_of_several_parts_is_taken_apart():
    def backward(weights, z, a, y, activations):  # of the loss Σ ½(a − y)², a sum over all
        dW, db = right(weights, z, a, y, activations)
        return [g * y.size / 2 for g in dW], [g * y.size / 2 for g in db]

    (found,) = diagnosed("tanh, identity", backward=backward)
    assert found.name == "constant_factor"
    for words in (
        "exactly 10.5 times too large",
        "7 · 3 / 2",
        "7 is the batch size",
        "3 is the number of outputs",
    ):
        assert words in found.message


def test_an_activation_of_ones_own_is_no_obstacle():
    class Softplus(Activation):
        name = "softplus"

        def __call__(self, z):
            return np.logaddexp(0, z)

        def derivative(self, z):
            return 1 / (1 + np.exp(-z))

    class Wrong(Softplus):
        def derivative(self, z):
            return 1 / (1 + np.exp(z))

    network = NeuralNetwork([3, 5, 4, 2], Softplus(), "identity", seed=0)
    assert diagnose(OwnCode(forward, mse, right), network) == []
    assert names(diagnose(OwnCode(backward=derivative_at_a), network)) == ["derivative_at_a"]
    network = NeuralNetwork([3, 5, 4, 2], ["tanh", Wrong()], "identity", seed=0)
    (found,) = diagnose(OwnCode(forward, mse, right), network)
    assert (found.name, found.where) == ("wrong_derivative", "backward, dW2")


def test_what_nothing_explains_is_unrecognized_with_sizes_and_directions():
    def backward(weights, z, a, y, activations):
        dW, db = right(weights, z, a, y, activations)
        return [dW[0] ** 3, dW[1], dW[2]], db

    (found,) = diagnosed("tanh, identity", backward=backward)
    assert (found.name, found.where) == ("unrecognized", "backward, dW1")
    assert "relative error" in found.message and "cosine" in found.message
    assert "dW2" not in found.message and "db1" not in found.message  # these are right


@pytest.mark.parametrize(
    ("bug", "where", "words"),
    [
        (batch_size_missing, "backward, dW3", "exactly 7 times too large: 7 is the batch size"),
        (batch_size_twice, "backward, dW3", "exactly 7 times too small: 7 is the batch size"),
        (mean_over_outputs_missing, "backward, dW3", "3 times too large: 3 is the number of out"),
        (two_missing, "backward, dW3", "exactly 2 times too small: 2 is the 2 of the square"),
        (biases_averaged, "backward, db3", "exactly 7 times too small: 7 is the batch size"),
        (batch_size_at_every_layer, "backward, dW2", "exactly 7 times too small"),
        (transposed, "backward, dW3", "dW3 came back with shape (3, 6) where (6, 3) was expected"),
        (no_hidden_derivative, "backward, dW2", "dW2 and then in db2, dW1, db1"),
        (no_derivative_in_layer_1, "backward, dW1", "dW1 and then in db1."),
        (biases_not_summed, "backward, db3", "db3 came back with shape (7, 3)"),
    ],
)
def test_the_message_names_the_array_and_says_the_factor(bug, where, words):
    (found,) = diagnosed("sigmoid, MSE", backward=bug)
    assert found.where == where
    assert words in found.message
    assert "7 samples through layers 4-5-6-3" in found.message
    assert str(found) == f"{where}: {found.message}"


# forward


def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def no_bias(X, weights, biases, activations):
    z, a = [None], [X]
    for W, f in zip(weights, activations, strict=True):
        z.append(a[-1] @ W)
        a.append(f(z[-1]))
    return z, a


def no_hidden_activation(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b in zip(weights, biases, strict=True):
        z.append(a[-1] @ W + b)
        a.append(z[-1])
    a[-1] = activations[-1](z[-1])
    return z, a


def no_output_activation(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z, [*a[:-1], z[-1]]


def activation_twice(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(f(z[-1])))
    return z, a


def z_goes_on(X, weights, biases, activations):
    z, a = [X], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(z[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def weights_transposed(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W.T + b)
        a.append(f(z[-1]))
    return z, a


def softmax_over_the_samples(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    e = np.exp(z[-1])
    return z, [*a[:-1], e / e.sum(axis=0)]


def softmax_over_everything(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z, [*a[:-1], np.exp(z[-1]) / np.exp(z[-1]).sum()]


def softmax_without_sum(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z, [*a[:-1], np.exp(z[-1])]


def softmax_that_overflows(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z, [*a[:-1], np.exp(z[-1]) / np.exp(z[-1]).sum(axis=1, keepdims=True)]


def one_variable_for_both(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        s = a[-1] @ W + b
        z.append(s)
        s[...] = f(s)
        a.append(s)
    return z, a


def samples_in_columns(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return [None, *(x.T for x in z[1:])], [X, *(x.T for x in a[1:])]


def scales_X_in_place(X, weights, biases, activations):
    z, a = forward(X.copy(), weights, biases, activations)
    a[0] = X.copy()
    X /= 255
    return z, a


def without_the_input(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z, a[1:]


PLANTED_IN_FORWARD = [
    (no_bias, "missing_bias", ALL),
    (no_hidden_activation, "missing_activation", ALL),
    (no_output_activation, "missing_activation", ("sigmoid, MSE", *SOFTMAX, *YES_NO)),
    (activation_twice, "activation_twice", ("sigmoid, MSE", "tanh, identity", "one output")),
    (z_goes_on, "z_instead_of_a", ALL),
    (weights_transposed, "transposed", ALL),
    (softmax_over_the_samples, "softmax_wrong_axis", SOFTMAX),
    (softmax_over_everything, "softmax_wrong_axis", SOFTMAX),
    (softmax_without_sum, "softmax_not_normalized", SOFTMAX),
    (softmax_that_overflows, "overflow", RELU),
    (one_variable_for_both, "z_overwritten", SMOOTH),
    (samples_in_columns, "transposed", ALL),
    (scales_X_in_place, "mutates_inputs", ALL),
    (without_the_input, "input_missing", ALL),
]


@pytest.mark.parametrize(("bug", "name", "network"), cases(PLANTED_IN_FORWARD))
def test_a_mistake_in_forward_is_called_by_its_name_and_nothing_else_is(bug, name, network):
    for seed in range(3):
        found = diagnosed(network, seed, forward=bug)
        assert names(found) == [name], found
        assert found[0].where.startswith("forward, ")


def test_a_mistake_in_one_layer_is_not_blamed_on_the_layers_above():
    def no_bias_in_layer_2(X, weights, biases, activations):
        biases = [biases[0], 0 * biases[1], biases[2]]
        return forward(X, weights, biases, activations)

    (found,) = diagnosed("sigmoid, MSE", forward=no_bias_in_layer_2)
    assert (found.name, found.where) == ("missing_bias", "forward, z2")
    assert "z3" not in found.message and "a2" not in found.message


def test_a_wrong_forward_is_not_blamed_on_a_right_backward():
    for network in ALL:
        found = diagnosed(network, forward=no_bias, backward=right)
        assert names(found) == ["missing_bias"]


# loss


def mse(output, y):
    return ((output - y) ** 2).mean()


def cross_entropy(output, y):
    return -(y * np.log(np.maximum(output, 1e-12))).sum() / len(y)


def summed(output, y):
    return ((output - y) ** 2).sum()


def summed_over_samples(output, y):
    return ((output - y) ** 2).mean(axis=1).sum()


def halved(output, y):
    return ((output - y) ** 2).mean() / 2


def mean_over_samples_only(output, y):
    return ((output - y) ** 2).sum() / len(y)


def n_against_n_1(output, y):
    return ((output[:, 0] - y) ** 2).mean()


def rooted(output, y):
    return np.sqrt(((output - y) ** 2).mean())


def not_squared(output, y):
    return np.abs(output - y).mean()


def one_each(output, y):
    return ((output - y) ** 2).mean(axis=1)


def cross_entropy_summed(output, y):
    return -(y * np.log(np.maximum(output, 1e-12))).sum()


def cross_entropy_without_minus(output, y):
    return (y * np.log(np.maximum(output, 1e-12))).sum() / len(y)


def cross_entropy_over_outputs(output, y):
    return -(y * np.log(np.maximum(output, 1e-12))).mean()


def cross_entropy_of_zero(output, y):
    return -(y * np.log(output)).sum() / len(y)


def cross_entropy_base_2(output, y):
    return -(y * np.log2(np.maximum(output, 1e-12))).sum() / len(y)


def output_changed(output, y):
    output += 1e-12
    return -(y * np.log(output)).sum() / len(y)


def binary_cross_entropy(output, y):
    a = np.clip(output, 1e-12, 1 - 1e-12)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()


def only_the_ones(output, y):
    return -(y * np.log(np.maximum(output, 1e-12))).mean()


def binary_of_zero(output, y):
    return -(y * np.log(output) + (1 - y) * np.log(1 - output)).mean()


def binary_n_against_n_1(output, y):
    y = y[:, 0]
    return -(y * np.log(output) + (1 - y) * np.log(1 - output)).mean()


def target_and_output_swapped(y, output):
    return -(y * np.log(output) + (1 - y) * np.log(1 - output)).mean()


PLANTED_IN_LOSS = [
    (only_the_ones, "second_term_missing", YES_NO),
    (binary_of_zero, "log_of_zero", YES_NO),
    (binary_n_against_n_1, "broadcasting", YES_NO),
    (binary_cross_entropy, "wrong_cross_entropy", SOFTMAX),
    (target_and_output_swapped, "not_finite", YES_NO),
    (summed, "sum_instead_of_mean", MSE),
    (summed_over_samples, "sum_instead_of_mean", MSE),
    (halved, "factor_two", MSE),
    (mean_over_samples_only, "factor_outputs", MSE[:2]),
    (n_against_n_1, "broadcasting", ("one output",)),
    (rooted, "square_root", MSE),
    (not_squared, "not_squared", MSE),
    (one_each, "not_a_number", MSE),
    (mse, "other_loss", SOFTMAX),
    (cross_entropy_summed, "sum_instead_of_mean", SOFTMAX),
    (cross_entropy_without_minus, "sign_flipped", SOFTMAX),
    (cross_entropy_over_outputs, "factor_outputs", SOFTMAX),
    (cross_entropy_of_zero, "log_of_zero", SOFTMAX),
    (cross_entropy_base_2, "logarithm_base", SOFTMAX),
    (output_changed, "mutates_inputs", SOFTMAX),
]


@pytest.mark.parametrize(("bug", "name", "network"), cases(PLANTED_IN_LOSS))
def test_a_mistake_in_loss_is_called_by_its_name_and_nothing_else_is(bug, name, network):
    for seed in range(3):
        found = diagnosed(network, seed, loss=bug)
        assert names(found) == [name], found
        assert found[0].where.startswith("loss, ")


# update


def climbs(x, g, learning_rate):
    return x + learning_rate * g


def no_learning_rate(x, g, learning_rate):
    return x - g


def divides(x, g, learning_rate):
    return x - g / learning_rate


def lost(x, g, learning_rate):
    x = x - learning_rate * g


def only_the_step(x, g, learning_rate):
    return -learning_rate * g


def swapped(g, x, learning_rate):
    return x - learning_rate * g


def halves(x, g, learning_rate):
    return x - learning_rate * g / 2


def changes_g(x, g, learning_rate):
    g *= learning_rate
    x -= g


@pytest.mark.parametrize(
    ("bug", "name"),
    [
        (climbs, "sign_flipped"),
        (no_learning_rate, "learning_rate_missing"),
        (divides, "learning_rate_divides"),
        (lost, "update_lost"),
        (only_the_step, "returns_step"),
        (swapped, "arguments_swapped"),
        (halves, "constant_factor"),
        (changes_g, "mutates_inputs"),
    ],
)
def test_a_mistake_in_update_is_called_by_its_name_and_nothing_else_is(bug, name):
    for seed in range(3):
        assert names(diagnosed("relu, softmax", seed, update=bug)) == [name]


def test_an_update_with_a_memory_is_told_so():
    v = {}

    def momentum(x, g, learning_rate):
        v["v"] = 0.9 * v.get("v", 0 * g) + g
        return x - learning_rate * v["v"]

    assert names(diagnosed("relu, softmax", update=momentum)) == ["not_deterministic"]


# Right code, however unusual, passes.


def forward_by_loops(X, weights, biases, activations):
    z, a = [], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        rows = [
            [sum(x[i] * W[i, j] for i in range(len(x))) + b[j] for j in range(len(b))]
            for x in a[-1]
        ]
        z.append(rows)
        a.append([list(f(np.array(row))) for row in rows])
    return tuple(z), tuple(a)


def forward_in_float32(X, weights, biases, activations):
    z, a = [None], [X.astype(np.float32)]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(np.einsum("ni,ij->nj", a[-1], W.astype(np.float32)) + b.astype(np.float32))
        a.append(f(z[-1]))
    return [z, a]


def forward_without_z0(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return z[1:], a


def backward_by_samples(weights, z, a, y, activations):
    """One sample after another, in columns, as the formulas are written."""
    dW, db = [np.zeros(W.shape) for W in weights], [np.zeros(W.shape[1]) for W in weights]
    first = output_delta(z, a, y, activations)
    for i in range(len(y)):
        delta = first[i]
        for l in range(len(weights), 0, -1):
            dW[l - 1] += np.outer(a[l - 1][i], delta)
            db[l - 1] += delta
            if l > 1:
                delta = (weights[l - 1] @ delta) * activations[l - 2].derivative(z[l - 1][i])
    return tuple(dW), tuple(db)


def backward_by_einsum_in_float32(weights, z, a, y, activations):
    weights = [W.astype(np.float32) for W in weights]
    delta = output_delta(z, a, y, activations).astype(np.float32)
    dW, db = [], []
    for l in range(len(weights), 0, -1):
        dW.append(np.einsum("ni,nj->ij", a[l - 1].astype(np.float32), delta))
        db.append(np.einsum("nj->j", delta))
        if l > 1:
            delta = np.einsum("nj,ij->ni", delta, weights[l - 1])
            delta = delta * activations[l - 2].derivative(z[l - 1].astype(np.float32))
    return [None, *dW[::-1]], [None, *db[::-1]]


def backward_as_lists_of_numbers(weights, z, a, y, activations):
    dW, db = right(weights, z, a, y, activations)
    return [[list(row) for row in W] for W in dW], [list(b) for b in db]


def backward_as_a_generator(weights, z, a, y, activations):
    dW, db = right(weights, z, a, y, activations)
    yield from (reversed(dW[::-1]), (b for b in db))


def forward_as_iterators(X, weights, biases, activations):
    z, a = forward(X, weights, biases, activations)
    return iter(z), map(np.asarray, a)


def backward_from_z1(weights, z, a, y, activations):
    return right(weights, [None, *z], a, y, activations)


def in_place(x, g, learning_rate):
    x -= learning_rate * g


def number_by_number(x, g, learning_rate):
    new = [v - learning_rate * s for v, s in zip(x.ravel(), g.ravel(), strict=True)]
    return np.array(new).reshape(x.shape)


def loss_by_loops(output, y):
    if y.shape[1] == 1 and set(y.ravel()) <= {0, 1}:
        return binary_cross_entropy(output, y)
    softmax_like = np.allclose(output.sum(axis=1), 1) and set(y.ravel()) <= {0.0, 1.0}
    total = 0.0
    for i in range(len(y)):
        for j in range(y.shape[1]):
            if not softmax_like:
                total += (output[i, j] - y[i, j]) ** 2 / y.shape[1]
            elif y[i, j]:
                total -= np.log(output[i, j] + 1e-12)
    return np.float32(total / len(y))


@pytest.mark.parametrize("network", ALL)
@pytest.mark.parametrize(
    "functions",
    [
        {"forward": forward},
        {"forward": forward_by_loops},
        {"forward": forward_in_float32},
        {"forward": forward_without_z0},
        {"backward": right},
        {"backward": backward_by_samples},
        {"backward": backward_by_einsum_in_float32},
        {"backward": backward_as_lists_of_numbers},
        {"forward": forward_without_z0, "backward": backward_from_z1},
        {"forward": forward_as_iterators, "backward": right},
        {"backward": backward_as_a_generator},
        {"forward": forward_in_float32, "backward": backward_by_einsum_in_float32},
        {"update": in_place},
        {"update": number_by_number},
        {"loss": loss_by_loops},
        {"forward": forward, "loss": loss_by_loops, "backward": right, "update": in_place},
        {},
    ],
    ids=lambda functions: ", ".join(f.__name__ for f in functions.values()),
)
def test_right_code_passes_however_it_is_written(network, functions):
    for seed in range(3):
        assert diagnosed(network, seed, **functions) == []


@pytest.mark.parametrize("output", ["sigmoid", "identity", "softmax"])
def test_a_single_layer_can_be_diagnosed_too(output):
    network = NeuralNetwork([3, 2], output=output)
    loss = "cross_entropy" if output == "softmax" else "mse"
    for bug, name in [
        (batch_size_missing, "factor_batch_size"),
        (target_minus_output, "sign_flipped"),
        (transposed, "transposed"),
        (biases_averaged, "bias_mean"),
        (biases_first, None),
        (a_of_the_wrong_layer, "wrong_layer_activation"),
        (biases_not_summed, "bias_not_summed"),
    ]:
        found = diagnose(OwnCode(backward=bug), network, loss=loss)
        assert names(found) == [name or "returned_swapped"]
    own = OwnCode(forward_by_loops, backward=backward_by_einsum_in_float32)
    assert diagnose(own, network, loss=loss) == []
    assert names(diagnose(OwnCode(no_bias), network, loss=loss)) == ["missing_bias"]


def test_right_code_passes_on_real_data_of_either_dtype():
    X, y = blobs(40, seed=0)
    for dtype in ("float32", "float64"):
        network = NeuralNetwork([2, 9, int(y.max()) + 1], "relu", seed=0, dtype=dtype)
        before = network.parameters.copy()
        own = OwnCode(forward, cross_entropy, right, in_place)
        assert diagnose(own, network, X, y) == []
        np.testing.assert_array_equal(network.parameters, before)


def test_code_that_only_fails_on_the_data_it_is_for_is_found_there():
    def only_narrow(X, weights, biases, activations):
        assert X.shape[1] < 100
        return forward(X, weights, biases, activations)

    rng = np.random.default_rng(0)
    X, y = rng.random((20, 784)), rng.integers(0, 10, 20)
    network = NeuralNetwork([784, 8, 10], seed=0)
    (found,) = diagnose(OwnCode(only_narrow), network, X, y)
    assert found.name == "raised" and "With your own data" in found.message
    assert "784" in found.message


# Whatever a function returns, the answer is a diagnosis.

numbers = st.floats(width=64) | st.integers(-5, 5)
arrays = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=7), elements=st.floats(width=64)
)
things = (
    st.none()
    | st.booleans()
    | numbers
    | st.text(max_size=5)
    | arrays
    | st.complex_numbers()
    | st.just({"a": 1})
    | st.just(object())
    | st.just(np.array(["a"]))
    | st.just(10**400)
)
lists = st.recursive(things, lambda inner: st.lists(inner, max_size=5), max_leaves=12)
pairs = st.tuples(lists, lists) | lists


@st.composite
def nearly_right(draw, shapes):
    """Lists of the right lengths, with arrays of the right shapes or almost."""

    def array(shape):
        if draw(st.integers(0, 5)) == 0:
            return draw(things)
        value = draw(st.sampled_from([0.0, 1.0, np.nan, np.inf, -np.inf, 1e308, 1e-320]))
        return np.full(shape, value)

    return tuple([array(shape) for shape in part] for part in shapes)


FORWARD_SHAPES = [[(), (7, 5), (7, 6), (7, 3)], [(7, 4), (7, 5), (7, 6), (7, 3)]]
BACKWARD_SHAPES = [[(4, 5), (5, 6), (6, 3)], [(5,), (6,), (3,)]]
ERRORS = [ValueError("no"), IndexError(), ZeroDivisionError(), StopIteration(), KeyError("z")]


def never_right(found):
    assert found and all(isinstance(d, Diagnosis) for d in found)
    assert all(d.name and d.where and d.message for d in found)


def returning(value):
    def function(*arguments):
        if isinstance(value, Exception):
            raise value
        return value

    return function


@given(value=pairs | nearly_right(FORWARD_SHAPES) | st.sampled_from(ERRORS))
def test_garbage_from_forward_gives_a_diagnosis_and_no_error(value):
    never_right(diagnosed("relu, softmax", forward=returning(value)))


@given(value=pairs | nearly_right(BACKWARD_SHAPES) | st.sampled_from(ERRORS))
def test_garbage_from_backward_gives_a_diagnosis_and_no_error(value):
    never_right(diagnosed("sigmoid, MSE", backward=returning(value)))


@given(value=lists | st.sampled_from(ERRORS))
def test_garbage_from_loss_gives_a_diagnosis_and_no_error(value):
    never_right(diagnosed("tanh, identity", loss=returning(value)))


@given(value=lists | hnp.arrays(np.float64, 11) | st.sampled_from(ERRORS))
def test_garbage_from_update_gives_a_diagnosis_and_no_error(value):
    never_right(diagnosed("tanh, identity", update=returning(value)))


def test_what_goes_wrong_only_with_a_single_sample_is_found():
    def forward_squeezed(X, weights, biases, activations):
        z, a = forward(X, weights, biases, activations)
        return z, [X, *(x.squeeze() for x in a[1:])]

    def backward_squeezed(weights, z, a, y, activations):
        dW, db = right(weights, z, a, y, activations)
        return [W.copy() for W in dW], [b * (len(y) > 1) for b in db]

    def loss_of_several(output, y):
        assert len(y) > 1
        return ((output - y) ** 2).mean()

    for functions, name in (
        ({"forward": forward_squeezed}, "wrong_shape"),
        ({"backward": backward_squeezed}, "all_zero"),
        ({"loss": loss_of_several}, "raised"),
    ):
        (found,) = diagnosed("sigmoid, MSE", **functions)
        assert found.name == name
        assert "1 sample through" in found.message or "(1, 3)" in found.message


def test_an_error_is_reported_with_the_line_and_the_shapes():
    def backward(weights, z, a, y, activations):
        delta = a[-1] - y
        return [a[-1] @ delta], [delta]

    (found,) = diagnosed("sigmoid, MSE", backward=backward)
    assert found.name == "raised"
    assert "`return [a[-1] @ delta], [delta]`" in found.message
    line = backward.__code__.co_firstlineno + 2
    assert f"backward, line {line}" in found.message
    assert "y: array (7, 3)" in found.message
