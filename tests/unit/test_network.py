"""The network: its shapes, its views of one vector, and what it says of X."""

import copy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.network
from nnlib import Gradients, NeuralNetwork, relu, sigmoid, softmax, tanh
from nnlib.parameters import Parameters

widths = st.lists(st.integers(1, 8), min_size=2, max_size=5)


@given(layers=widths, n=st.integers(1, 6))
def test_weights_biases_and_trace_have_the_shapes_of_the_layers(layers, n):
    network = NeuralNetwork(layers, seed=0)
    shapes = list(pairwise(layers))
    assert [W.shape for W in network.weights] == shapes
    assert [b.shape for b in network.biases] == [(n_out,) for _, n_out in shapes]
    assert network.parameters.shape == (sum(i * o + o for i, o in shapes),)
    X = np.random.default_rng(0).normal(size=(n, layers[0])).astype(np.float32)
    trace = network.forward(X)
    assert trace.z[0] is None
    assert [a.shape for a in trace.a] == [(n, width) for width in layers]
    assert [z.shape for z in trace.z[1:]] == [(n, width) for width in layers[1:]]
    np.testing.assert_array_equal(trace.a[0], X)
    assert trace.output is trace.a[-1]


def test_each_layer_is_its_activation_of_the_weighted_sum_of_the_layer_before():
    network = NeuralNetwork([3, 4, 5, 2], ["relu", "tanh"], "sigmoid", seed=1, dtype="float64")
    for b in network.biases:
        b[...] = np.random.default_rng(0).normal(size=b.shape)
    X = np.random.default_rng(1).normal(size=(6, 3))
    trace = network.forward(X)
    for sample in range(6):  # z⁽ˡ⁾ = (W⁽ˡ⁾)ᵀ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾, for one sample as a column
        a = X[sample]
        for l, f in enumerate([relu, tanh, sigmoid], start=1):
            z = network.weights[l - 1].T @ a + network.biases[l - 1]
            a = f(z)
            np.testing.assert_allclose(trace.z[l][sample], z, rtol=1e-12)
            np.testing.assert_allclose(trace.a[l][sample], a, rtol=1e-12)


def test_hidden_activations_are_one_for_all_or_one_for_each_layer():
    assert NeuralNetwork([2, 3, 4, 5], "tanh").activations == (tanh, tanh, softmax)
    assert NeuralNetwork([2, 3, 4, 5], [relu, "tanh"], sigmoid).activations == (relu, tanh, sigmoid)
    assert NeuralNetwork([2, 3]).activations == (softmax,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_trace_and_views_have_the_dtype_of_the_network(dtype):
    network = NeuralNetwork([3, 4, 2], dtype=dtype, seed=0)
    trace = network.forward([[1, 2, 3]])
    arrays = [network.parameters, *network.weights, *network.biases, *trace.a, *trace.z[1:]]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_the_vector_and_its_views_write_to_each_other():
    network = NeuralNetwork([2, 3, 1], seed=0)
    network.parameters[...] = np.arange(13)
    np.testing.assert_array_equal(network.weights[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(network.biases[0], [6, 7, 8])
    np.testing.assert_array_equal(network.weights[1], [[9], [10], [11]])
    np.testing.assert_array_equal(network.biases[1], [12])
    network.weights[1][2, 0] = 70
    network.biases[0][1] = -5
    np.testing.assert_array_equal(network.parameters, [0, 1, 2, 3, 4, 5, 6, -5, 8, 9, 10, 70, 12])


def test_parameters_and_gradients_of_their_own_begin_at_zero():
    for made in (Parameters([2, 3, 1], "float32"), Gradients([2, 3, 1], "float32")):
        assert made.vector.shape == (13,) and not made.vector.any()


def test_assignment_writes_into_the_vector_and_never_replaces_an_array():
    network = NeuralNetwork([2, 3, 1], seed=0)
    vector, W, b = network.parameters, network.weights[0], network.biases[1]
    new = np.arange(6.0).reshape(2, 3)
    network.weights[0] = new
    network.weights[0] -= 1
    network.biases[-1] = [4]
    network.biases[-1] *= 2
    assert network.weights[0] is W and network.biases[1] is b and network.parameters is vector
    np.testing.assert_array_equal(W, new - 1)
    np.testing.assert_array_equal(vector[:6], (new - 1).ravel())
    assert vector[-1] == 8
    new[...] = 99
    assert W.max() == 4  # a copy went in, not the array itself


def test_all_layers_or_the_whole_vector_can_be_assigned_at_once():
    network, other = NeuralNetwork([2, 3, 1], seed=0), NeuralNetwork([2, 3, 1], "tanh", seed=1)
    vector = network.parameters
    network.weights = other.weights
    network.biases = [np.ones(3), np.ones(1)]
    np.testing.assert_array_equal(network.weights[1], other.weights[1])
    assert (network.biases[0] == 1).all()
    network.parameters = other.parameters
    network.parameters -= 1
    assert network.parameters is vector and not np.shares_memory(vector, other.parameters)
    np.testing.assert_array_equal(vector, other.parameters - 1)


@pytest.mark.parametrize(
    ("assign", "message"),
    [
        (lambda n: n.weights.__setitem__(0, np.ones((3, 2))), r"W of layer 1.*\(2, 3\).*\(3, 2\)"),
        (lambda n: n.weights.__setitem__(1, 5.0), r"W of layer 2.*\(3, 1\).*\(\)"),
        (lambda n: n.biases.__setitem__(-1, [1, 2]), r"b of layer 2.*\(1,\).*\(2,\)"),
        (lambda n: setattr(n, "weights", [np.ones((2, 3))]), "2 layers.*1 values"),
        (lambda n: setattr(n, "parameters", np.ones(12)), r"13 parameters.*\(12,\)"),
        (lambda n: setattr(n, "parameters", 0), r"13 parameters.*\(\)"),
    ],
)
def test_arrays_of_the_wrong_shape_are_refused_and_nothing_is_broadcast(assign, message):
    network = NeuralNetwork([2, 3, 1], seed=0)
    before = network.parameters.copy()
    with pytest.raises(ValueError, match=message):
        assign(network)
    np.testing.assert_array_equal(network.parameters, before)


def test_layers_can_be_neither_added_nor_removed():
    network = NeuralNetwork([2, 3, 1])
    for change in (
        lambda: network.weights.append(np.ones((1, 1))),
        lambda: network.biases.extend([1]),
        lambda: network.weights.__delitem__(0),
        lambda: setattr(network, "weights", [*network.weights, np.ones((1, 1))]),
        lambda: setattr(network, "biases", []),
    ):
        with pytest.raises((AttributeError, ValueError)):
            change()
    assert len(network.weights) == len(network.biases) == 2


def test_a_seed_makes_the_start_repeatable():
    def start(seed):
        return NeuralNetwork([5, 4, 3], seed=seed).parameters

    np.testing.assert_array_equal(start(7), start(7))
    assert (start(7) != start(8)).any()
    assert (start(None) != start(None)).any()


def test_initialize_draws_as_on_the_day_the_network_was_built():
    network = NeuralNetwork([5, 4, 3], init="normal", seed=7)
    first, W = network.parameters.copy(), network.weights[0]
    network.parameters[...] = 0
    network.initialize(7)
    np.testing.assert_array_equal(network.parameters, first)
    assert network.weights[0] is W
    network.initialize(8)
    assert (network.parameters != first).any()


def test_predict_is_the_output_with_the_largest_activation():
    network = NeuralNetwork([2, 3], init="zeros")
    network.weights[0] = [[1, 0, -1], [0, 1, 0]]
    predicted = network.predict([[1, 0], [0, 1], [-1, 0], [5, 4]])
    np.testing.assert_array_equal(predicted, [0, 1, 2, 0])
    assert predicted.dtype == np.int64 and predicted.shape == (4,)


def test_predict_of_a_single_sigmoid_says_one_above_one_half():
    network = NeuralNetwork([1, 1], output="sigmoid", init="zeros")
    network.weights[0] = [[1]]
    predicted = network.predict([[-3], [-0.01], [0], [0.01], [3]])
    np.testing.assert_array_equal(predicted, [0, 0, 0, 1, 1])


@pytest.mark.parametrize("output", ["identity", "tanh", "softmax"])
def test_predict_of_another_single_output_is_refused(output):
    for layers in ([1, 1], [1, 2, 3, 1]):
        with pytest.raises(ValueError, match=f"one {output} output is not a class.*sigmoid"):
            NeuralNetwork(layers, output=output).predict([[1]])


def test_predict_refuses_outputs_of_which_one_is_no_number_and_says_why():
    network = NeuralNetwork([2, 4, 4, 3], output="sigmoid", seed=0)
    network.weights[-1][0, 1] = np.nan
    with pytest.raises(ValueError, match="1 of the 47 parameters are NaN or infinite"):
        network.predict([[1, 2]])
    network = NeuralNetwork([2, 4, 4, 3], init="zeros")
    network.weights[-1] = np.full((4, 3), 3e38)  # ½ · 3e38 four times is too large for float32
    ignore = np.errstate(over="ignore", invalid="ignore")
    with ignore, pytest.raises(ValueError, match=r"a sum within the network overflows. Scale X"):
        network.predict([[1, 2]])


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        (None, "hidden=None is no activation: name one"),
        (3, "unknown activation 3"),
        ({"tanh": 1}, "unknown activation"),
        (np.tanh, "is a function, whose derivative"),
        ([None], "unknown activation None"),
    ],
)
def test_hidden_is_a_name_an_activation_or_a_list_of_these(hidden, words):
    with pytest.raises(ValueError, match=words):
        NeuralNetwork([2, 3, 2], hidden)


@pytest.mark.parametrize("n", [1, 4, 5, 6, 13])
def test_predict_in_chunks_is_the_argmax_of_the_whole(n, monkeypatch):
    network = NeuralNetwork([4, 6, 5], init="normal", seed=3)
    X = np.random.default_rng(0).normal(size=(n, 4))
    whole = network.forward(X).output.argmax(axis=1)
    sizes = []

    def watched(weights, biases, activations, chunk):
        sizes.append(len(chunk))
        return forward_pass(weights, biases, activations, chunk)

    forward_pass = nnlib.network.forward_pass
    monkeypatch.setattr(nnlib.network, "forward_pass", watched)
    monkeypatch.setattr(nnlib.network, "CHUNK", 5)
    np.testing.assert_array_equal(network.predict(X), whole)
    assert max(sizes) <= 5 and sum(sizes) == n


@pytest.mark.parametrize("make", [NeuralNetwork.copy, copy.copy, copy.deepcopy])
def test_a_copy_is_a_network_of_its_own(make):
    network = NeuralNetwork([3, 4, 2], "tanh", "sigmoid", seed=0)
    other = make(network)
    assert (other.layers, other.activations, other.dtype) == (
        network.layers,
        network.activations,
        network.dtype,
    )
    np.testing.assert_array_equal(other.parameters, network.parameters)
    before = network.parameters.copy()
    other.weights[0] += 1
    other.biases[1][...] = 5
    np.testing.assert_array_equal(network.parameters, before)
    assert np.shares_memory(other.weights[0], other.parameters)


def test_a_copy_may_have_another_dtype():
    network = NeuralNetwork([3, 2], seed=0)
    other = network.copy("float64")
    assert other.parameters.dtype == np.float64 and network.dtype == np.float32
    np.testing.assert_array_equal(other.parameters, network.parameters)


def test_the_network_describes_itself():
    assert repr(NeuralNetwork([784, 32, 16, 10])) == (
        "NeuralNetwork([784, 32, 16, 10], hidden='sigmoid', output='softmax'): 25,818 parameters"
    )
    assert "hidden=['relu', 'tanh']" in repr(NeuralNetwork([2, 3, 3, 2], ["relu", "tanh"]))
    assert "hidden" not in repr(NeuralNetwork([2, 2]))
    assert repr(NeuralNetwork([4, 3, 2]).forward(np.ones((5, 4)))) == (
        "Trace of 5 samples through 4-3-2"
    )
