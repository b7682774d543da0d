"""Bad input is refused at the door, in words that say what is wrong and what to do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import (
    CrossEntropy,
    GradientDescent,
    NeuralNetwork,
    Trainer,
    backward,
    check_gradients,
    evaluate,
    one_hot,
    train,
)


def classifier():
    return NeuralNetwork([4, 3, 3, 5], "tanh", seed=0)


def regressor(k=1):
    return NeuralNetwork([4, 3, k], output="identity", seed=0)


def refused(message, call):
    with pytest.raises(ValueError, match=message):
        call()


X = np.ones((6, 4))


def every_door(network, X, target):
    """Every way of handing X and a target to nnlib."""
    probabilities = network.activations[-1].name in ("softmax", "sigmoid")
    loss = "cross_entropy" if probabilities else "mse"
    return [
        lambda: Trainer(network, X, target, batch_size=None),
        lambda: train(network, X, target, batch_size=None, epochs=1, progress=False),
        lambda: evaluate(network, X, target, loss),
        lambda: backward(network, network.forward(X), target, loss),
        lambda: check_gradients(network, X, target, loss),
    ]


def refused_everywhere(message, network, X, target):
    before = network.parameters.copy()
    for call in every_door(network, X, target):
        refused(message, call)
    np.testing.assert_array_equal(network.parameters, before)


BAD_X = {
    "a column missing": (
        np.ones((6, 783)),
        r"X has 783 columns .*layer 0, the input, has 784 neurons",
    ),
    "a column too many": (np.ones((6, 785)), r"785 columns.*784"),
    "one sample as a vector": (np.ones(784), r"X\[None, :\] of shape \(1, 784\)"),
    "a vector": (np.ones(5), r"X has shape \(5,\), but must have two axes, \(n_samples, 784\)$"),
    "images": (
        np.ones((6, 28, 28)),
        r"flatten each sample with np\.reshape\(X, \(len\(X\), -1\)\)",
    ),
    "a number": (3.0, r"X has shape \(\)"),
    "nothing": (np.ones((0, 784)), "X is empty"),
    "NaN": (
        np.where(np.arange(784) == 7, np.nan, 1.0)[None, :].repeat(2, axis=0),
        "2 values that are NaN or infinite, the first in row 0, column 7",
    ),
    "infinity": (np.full((1, 784), np.inf), "784 values that are NaN or infinite"),
    "text": (np.full((6, 784), "a"), "X must hold numbers"),
    "objects": (np.full((6, 784), None), "X must hold numbers, not object"),
    "complex": (np.ones((6, 784)) * 1j, "X must hold numbers, not complex128"),
}


@pytest.mark.parametrize(("bad", "message"), BAD_X.values(), ids=BAD_X)
def test_a_bad_x_is_refused_by_every_door(bad, message):
    network = NeuralNetwork([784, 5])
    refused(message, lambda: network.forward(bad))
    refused(message, lambda: network.predict(bad))
    refused_everywhere(message, network, bad, np.zeros(6, int))


def test_numbers_too_large_for_float32_are_refused_as_input():
    for call in (classifier().forward, classifier().predict):
        refused(
            r"X goes to 1e\+300, and float32 has no", lambda call=call: call(np.full((1, 4), 1e300))
        )


def test_huge_numbers_whose_sum_overflows_are_no_mistake():
    huge = np.full((2, 4), 3e38, np.float32)
    network = NeuralNetwork([4, 2], init="zeros")
    np.testing.assert_array_equal(network.predict(huge), [0, 0])


BAD_LABELS = {
    "too many classes": (
        np.array([0, 1, 2, 3, 4, 9]),
        "labels run from 0 to 9, but 5 outputs stand for the classes 0 to 4.*10 outputs",
    ),
    "numbered from 1": (np.arange(6), "from 0 to 5, but 5 outputs.*number the classes from 0"),
    "negative": (np.array([-1, 0, 1, 2, 3, 4]), "labels run from -1 to 4"),
    "floats": (
        np.zeros(6),
        r"shape \(6,\) and type float64, but the network has 5 outputs.*np\.asarray\(target, int\)",
    ),
    "too few": (np.zeros(5, int), "X has 6 rows but the target has 5 rows"),
    "too many": (np.zeros(7, int), "X has 6 rows but the target has 7 rows"),
    "a number": (3, "X has 6 rows but the target has no rows"),
    "a column": (
        np.zeros((6, 1), int),
        r"target has shape \(6, 1\).*\(6, 5\).* one value for each of the 5 outputs a sample",
    ),
    "transposed": (np.zeros((5, 6)), "X has 6 rows but the target has 5 rows"),
    "text": (np.array(["cat"] * 6), "the target must hold numbers, not text.*the first 'cat'"),
    "rows that do not sum to 1": (np.eye(5)[[0] * 6] * 0.5, "row 0 sums to 0.5"),
    "a row that sums to less": (
        np.eye(5)[[0, 1] * 3] * [[1], [0.8], [1], [0.5], [1], [1]],
        "row 3 sums to 0.5",
    ),
    "two rows, of which one is further off": (
        np.array([[0.75, 0.75, 0, 0, 0], *np.eye(5)[[0] * 4], [0.7, 0, 0, 0, 0]]),
        "row 0 sums to 1.5",
    ),
    "no probabilities": (np.full((6, 5), 2.0), "between 0 and 1, but they run from 2 to 2"),
    "NaN": (np.full((6, 5), np.nan), "the target holds 30 values that are NaN or infinite"),
}


@pytest.mark.parametrize(("bad", "message"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_bad_labels_are_refused_by_every_door(bad, message):
    refused_everywhere(message, classifier(), X, bad)


BAD_NUMBERS = {
    "two columns for one output": (
        1,
        np.zeros((6, 2)),
        r"shape \(6, 2\).*gives \(6, 1\).* or one value a sample",
    ),
    "a vector for two outputs": (2, np.zeros(6), r"regression the target must have shape \(6, 2\)"),
    "NaN": (1, np.full(6, np.nan), "the target holds 6 values"),
    "infinity": (1, np.full((6, 1), -np.inf), "the target holds 6 values"),
    "three axes": (1, np.zeros((6, 1, 1)), r"shape \(6, 1, 1\)"),
}


@pytest.mark.parametrize(("k", "bad", "message"), BAD_NUMBERS.values(), ids=BAD_NUMBERS)
def test_bad_numbers_are_refused_by_every_door(k, bad, message):
    refused_everywhere(message, regressor(k), X, bad)


def test_numbers_too_large_for_float32_are_refused_as_target():
    refused(
        r"the target holds 1 values .* row 3.*float32 has no numbers that large",
        lambda: Trainer(regressor(), X, [0, 1, 2, 1e300, 4, 5], batch_size=None),
    )


def test_a_vector_beside_a_column_is_never_broadcast():
    # (n,) − (n, 1) has shape (n, n): the classic silent error.
    y = np.arange(6.0)
    network = regressor().copy("float64")
    network.parameters[...] = 0
    trace = network.forward(X)
    flat, column = backward(network, trace, y, "mse"), backward(network, trace, y[:, None], "mse")
    assert flat.delta[-1].shape == (6, 1)
    np.testing.assert_array_equal(flat.vector, column.vector)
    assert evaluate(network, X, y, "mse").loss == pytest.approx(np.mean(y**2))


def test_softmax_over_a_single_output_is_refused():
    network = NeuralNetwork([4, 1], output="softmax")
    refused_everywhere("softmax over a single output is always 1", network, X, [0] * 6)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ([1, 2], "from 1 to 2: the labels start at 1: subtract 1"),
        ([0, 2], "from 0 to 2: .*Give the network 3 outputs and"),
        ([2, 3], "from 2 to 3: .*Give the network 4 outputs and"),
        ([-1, 1], "from -1 to 1: .*for −1 use 0"),
        ([-1, 0], "from -1 to 0: .*for −1 use 0"),
        ([0.2, 3.0], "from 0.2 to 3: for numbers to be predicted use MSE"),
        ([-0.5, 0.5], "from -0.5 to 0.5: for numbers"),
        ([0.5, 1.5], "from 0.5 to 1.5: for numbers"),
        (["no", "yes"], r"text.*np\.unique\(target, return_inverse=True\)\[1\] numbers classes"),
    ],
)
def test_what_is_no_answer_to_a_yes_or_no_question_is_refused_with_the_cure(target, words):
    network = NeuralNetwork([4, 3, 3, 1], output="sigmoid")
    refused(words, lambda: Trainer(network, X[:2], target))
    for right in ([0, 1], [0, 0], [1, 1], [0.0, 1.0], [0.5, 0.1], [True, False]):
        Trainer(network, X[:2], right)


def test_whole_numbers_are_predicted_as_numbers_are():
    whole, numbers = (evaluate(regressor(), X, np.arange(6).astype(d)) for d in (int, float))
    assert whole == numbers and whole.loss > 1
    with pytest.raises(ValueError, match=r"the target must hold numbers, not text[^:]*$"):
        evaluate(regressor(), X, list("abcdef"))


def test_a_softmax_over_a_single_output_is_a_constant_that_any_number_may_be_compared_with():
    network = NeuralNetwork([4, 1], output="softmax")
    assert evaluate(network, X, [1.0, 1, 1, 3, 1, 1], "mse").loss == pytest.approx(4 / 6)


def test_a_single_sigmoid_takes_no_class_but_zero_and_one():
    network = NeuralNetwork([4, 1], output="sigmoid")
    refused_everywhere("between 0 and 1, but they run from 0 to 2", network, X, [0, 1, 2, 0, 0, 0])


def test_truth_values_are_labels():
    network = NeuralNetwork([4, 1], output="sigmoid", seed=0)
    truth = np.array([True, False] * 3)
    one, other = (evaluate(network, X, t, CrossEntropy()) for t in (truth, truth.astype(int)))
    assert one == other


@pytest.mark.parametrize("size", [0, -3, 7, 1.5, "all"])
def test_a_batch_must_have_from_one_to_all_samples(size):
    message = "batch_size=.*from 1 to 6"
    refused(message, lambda: Trainer(classifier(), X, [0] * 6, batch_size=size))


BAD_LAYERS = {
    "one layer": ([4], r"layers=\[4\] has 1 entry: a network needs at least an input"),
    "no layer": ([], "has 0 entry"),
    "a number": (4, "at least an input and an output layer"),
    "more than any memory": ([4, 2**62], r"layers=\[4, 4611686018427387904\] would have"),
    "an empty layer": ([4, 0, 2], r"layers=\[4, 0, 2\]: layer 1 has 0 neurons"),
    "a negative width": ([4, 3, -2], "layer 2 has -2 neurons"),
    "a fraction": ([4.0, 2], "layer 0 has 4.0 neurons.*whole number"),
    "a truth value": ([4, True], "layer 1 has True neurons"),
    "text": (["4", "2"], "layer 0 has '4' neurons"),
    "None": ([4, None], "layer 1 has None neurons"),
}


@pytest.mark.parametrize(("layers", "message"), BAD_LAYERS.values(), ids=BAD_LAYERS)
def test_bad_layers_are_refused(layers, message):
    refused(message, lambda: NeuralNetwork(layers))


def test_numpy_integers_are_whole_numbers_too():
    assert NeuralNetwork(np.array([4, 3])).layers == (4, 3)
    assert all(type(n) is int for n in NeuralNetwork([np.int32(4), 3]).layers)


def test_unknown_names_are_refused_with_the_choices():
    choices = "choose one of sigmoid, tanh, relu, leaky_relu, identity, softmax"
    refused(f"unknown activation 'swish': {choices}", lambda: NeuralNetwork([4, 3, 2], "swish"))
    refused(choices, lambda: NeuralNetwork([4, 3, 2], output="linear"))
    refused("unknown initializer", lambda: NeuralNetwork([4, 2], init="best"))
    refused("unknown loss", lambda: Trainer(classifier(), X, [0] * 6, loss="hinge"))


@pytest.mark.parametrize("hidden", [[], ["tanh"], ["tanh"] * 3])
def test_the_list_of_hidden_activations_must_fit_the_hidden_layers(hidden):
    refused(
        f"{len(hidden)} hidden activations for 2 hidden layers",
        lambda: NeuralNetwork([4, 3, 3, 2], hidden),
    )


@pytest.mark.parametrize("dtype", ["float16", "int32", "complex64"])
def test_a_dtype_must_be_float32_or_float64(dtype):
    refused("choose 'float32' or 'float64'", lambda: NeuralNetwork([4, 2], dtype=dtype))
    refused("choose 'float32' or 'float64'", lambda: classifier().copy(dtype))


def test_a_negative_learning_rate_is_refused():
    refused("learning_rate=-0.1 must be finite and not negative", lambda: GradientDescent(-0.1))


@pytest.mark.parametrize("labels", [[0.0, 1.0], [[0, 1]], ["a"], 1])
def test_one_hot_takes_a_row_of_integers(labels):
    refused(r"labels must be integers of shape \(n_samples,\)", lambda: one_hot(labels, 2))


@pytest.mark.parametrize("dtype", ["nonsense", "U1", object, complex, "M8[D]", [1]])
def test_one_hot_is_of_numbers(dtype):
    refused("must be a type of numbers", lambda: one_hot([0, 1], 2, dtype))


def test_one_hot_has_a_one_at_each_label():
    np.testing.assert_array_equal(one_hot([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
    refused("labels run from 0 to 3", lambda: one_hot([0, 3], 3))


anything = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, bool, "U1", object]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
)


@pytest.mark.slow
@given(
    X=anything,
    target=anything,
    k=st.integers(1, 3),
    output=st.sampled_from(["softmax", "sigmoid", "identity"]),
)
def test_whatever_is_passed_is_taken_or_refused_in_words(X, target, k, output):
    network = NeuralNetwork([2, 3, k], output=output, seed=0)
    for call in every_door(network, X, target):
        try:
            call()
        except (ValueError, TypeError) as error:
            assert len(str(error)) > 20
        else:
            assert X.ndim == 2 and X.shape[1] == 2 and len(target) == len(X) > 0
            assert target.ndim <= 2 and target.size in (len(X), len(X) * k)


def test_an_unknown_activation_is_refused_even_without_a_hidden_layer():
    with pytest.raises(ValueError, match="unknown activation 'swish': choose one of sigmoid"):
        NeuralNetwork([4, 2], hidden="swish")
