"""The gradient check: it passes what is right and finds what is wrong, and where."""

import numpy as np
import pytest

from nnlib import MSE, CrossEntropy, GradientCheck, NeuralNetwork, backward, check_gradients
from nnlib.analysis.gradient_check import NumericSlope, ParameterCheck, _compare
from nnlib.backprop import Gradients


def make(hidden="tanh", output="softmax", layers=(3, 4, 3), dtype="float32"):
    network = NeuralNetwork(layers, hidden, output, seed=1, dtype=dtype)
    rng = np.random.default_rng(2)
    return network, rng.normal(size=(5, layers[0])), rng.integers(0, layers[-1], 5)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu", "softmax", "identity"])
@pytest.mark.parametrize("loss", [MSE(), CrossEntropy()])
def test_the_right_gradient_passes(hidden, loss):
    network, X, labels = make(hidden)
    result = check_gradients(network, X, labels, loss)
    assert result.passed and bool(result) and "passed" in str(result)
    assert [row.name for row in result.rows] == ["W1", "b1", "W2", "b2"]
    assert [row.compared + row.at_kink for row in result.rows] == [12, 4, 12, 3]


def sign_flipped(network, trace, target, loss):
    gradients = backward(network, trace, target, loss)
    gradients.vector *= -1
    return gradients


def forgot_to_divide_by_n(network, trace, target, loss):
    gradients = backward(network, trace, target, loss)
    gradients.vector *= len(trace.output)
    return gradients


def forgot_the_derivative(network, trace, target, loss):
    """Backpropagation without f'(z) in the hidden layer."""
    right = backward(network, trace, target, loss)
    delta = right.delta[2] @ network.weights[1].T
    right.weights[0] = trace.a[0].T @ delta
    right.biases[0] = delta.sum(axis=0)
    return right


def one_wrong_entry(network, trace, target, loss):
    gradients = backward(network, trace, target, loss)
    gradients.weights[1][2, 1] += 0.01
    return gradients


def nan_in_a_bias(network, trace, target, loss):
    gradients = backward(network, trace, target, loss)
    gradients.biases[0][3] = np.nan
    return gradients


@pytest.mark.parametrize("wrong", [sign_flipped, forgot_to_divide_by_n])
def test_a_wrong_factor_fails_in_every_array(wrong):
    result = check_gradients(*make(), CrossEntropy(), backward=wrong)
    assert not result.passed and not bool(result) and "FAILED" in str(result)
    assert all(row.max_relative_error > 0.5 for row in result.rows)


def test_a_missing_derivative_fails_in_the_hidden_layer_alone():
    result = check_gradients(*make("sigmoid"), CrossEntropy(), backward=forgot_the_derivative)
    failed = [row.name for row in result.rows if row.max_relative_error > result.tolerance]
    assert failed == ["W1", "b1"]
    assert result.worst.name in failed


def test_one_wrong_entry_is_found_and_named():
    network, X, labels = make()
    result = check_gradients(network, X, labels, CrossEntropy(), backward=one_wrong_entry)
    assert not result.passed
    assert (result.worst.name, result.worst.worst_index) == ("W2", (2, 1))
    assert result.worst.analytic - result.worst.numeric == pytest.approx(0.01, rel=1e-4)
    assert "worst entry: W2[2, 1]" in str(result)
    failed = [row.name for row in result.rows if row.max_relative_error > result.tolerance]
    assert failed == ["W2"]


def test_nan_is_the_worst_of_errors():
    result = check_gradients(*make(), CrossEntropy(), backward=nan_in_a_bias)
    assert not result.passed
    assert (result.worst.name, result.worst.worst_index) == ("b1", (3,))


@pytest.mark.parametrize("f", ["relu", "leaky_relu"])
@pytest.mark.parametrize("z", [0.0, 3e-6, -3e-6])
def test_entries_at_a_kink_are_left_out_and_counted(f, z):
    # Two hidden neurons: z of the first is (nearly) 0 for the only sample, z of the second
    # is 1. Each parameter of the first neuron moves it across its kink, none of the second's.
    network = NeuralNetwork([2, 2, 1], f, "identity", init="zeros", dtype="float64")
    network.weights[0] = [[z, 1.0], [0.0, 0.0]]
    network.weights[1] = [[1.0], [1.0]]
    result = check_gradients(network, [[1.0, 2.0]], [[5.0]], MSE())
    counts = {row.name: (row.compared, row.at_kink) for row in result.rows}
    assert counts == {"W1": (2, 2), "b1": (1, 1), "W2": (2, 0), "b2": (1, 0)}
    assert result.passed


def test_with_every_entry_at_a_kink_nothing_is_said_to_have_passed():
    network = NeuralNetwork([1, 1], output="relu", init="zeros", dtype="float64")
    result = check_gradients(network, [[1.0]], [[5.0]], MSE())
    assert [(row.compared, row.at_kink) for row in result.rows] == [(0, 1), (0, 1)]
    assert not result.passed and "NOTHING COMPARED" in str(result)


def test_it_prints_a_table_with_a_row_for_each_array():
    network, X, labels = make(layers=(3, 4, 2, 3))
    text = str(check_gradients(network, X, labels, CrossEntropy()))
    lines = text.splitlines()
    assert "max relative error" in lines[0]
    assert [line.split()[0] for line in lines[1:7]] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert "(3, 4)" in lines[1] and " 12 " in lines[1]
    assert lines[-1].startswith("passed")


def test_the_network_and_the_data_are_not_touched():
    network, X, labels = make()
    before, X_before = network.parameters.copy(), X.copy()

    def spoils_what_it_is_given(copy, trace, target, loss):
        gradients = backward(copy, trace, target, loss)
        copy.parameters[...] = 1
        return gradients

    check_gradients(network, X, labels, CrossEntropy())
    with pytest.raises(ValueError, match="changed the parameters"):
        check_gradients(network, X, labels, CrossEntropy(), backward=spoils_what_it_is_given)
    assert network.dtype == np.float32
    np.testing.assert_array_equal(network.parameters, before)
    np.testing.assert_array_equal(X, X_before)


def test_a_gradient_of_the_wrong_shape_is_refused_by_name():
    def transposed(network, trace, target, loss):
        right = backward(network, trace, target, loss)
        wrong = Gradients(network.layers, network.dtype)
        wrong.weights = [right.weights[0].T, *right.weights[1:]]
        return wrong

    with pytest.raises(ValueError, match=r"gradient of W1 has shape \(4, 3\).*\(3, 4\)"):
        check_gradients(*make(), CrossEntropy(), backward=transposed)


def test_no_more_than_max_entries_of_each_array_are_compared():
    network, X, labels = make(layers=(3, 20, 3))
    rows = check_gradients(network, X, labels, CrossEntropy(), max_entries=7).rows
    assert [row.compared for row in rows] == [7, 7, 7, 3]
    rows = check_gradients(network, X, labels, CrossEntropy(), max_entries=None).rows
    assert [row.compared for row in rows] == [60, 20, 60, 3]


# A step that is too coarse, and gradients that are too small.


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_the_right_gradient_passes_on_raw_pixels_too(hidden, scale):
    rng = np.random.default_rng(0)
    X = np.rint(scale * rng.random((5, 100)) * (rng.random((5, 100)) < 0.2))
    network = NeuralNetwork([100, 8, 4], hidden, seed=0)
    result = check_gradients(network, X.astype(np.uint8), [0, 1, 2, 3, 0], "cross_entropy")
    assert result.passed, result
    assert all(row.compared for row in result.rows)


@pytest.mark.parametrize("scale", [1.0, 255.0])
@pytest.mark.parametrize("factor", [0.95, 1.05, 0.0, -1.0, np.nan])
@pytest.mark.parametrize("which", ["W1", "b1", "W2", "b2"])
def test_a_gradient_that_is_off_fails_on_raw_pixels_too(scale, factor, which):
    rng = np.random.default_rng(1)
    X = np.rint(scale * rng.random((5, 30)) * (rng.random((5, 30)) < 0.2))
    network = NeuralNetwork([30, 5, 3], "tanh", seed=0)

    def off(network, trace, target, loss):
        gradients = backward(network, trace, target, loss)
        arrays = gradients.weights if which[0] == "W" else gradients.biases
        part = arrays[int(which[1]) - 1]
        part[...] *= factor
        return gradients

    result = check_gradients(network, X, [0, 1, 2, 0, 1], "cross_entropy", backward=off)
    assert not result.passed and "FAILED" in str(result)


def test_an_entry_that_is_too_small_fails_as_one_that_is_too_large():
    network, X, y = NeuralNetwork([3, 4, 2], seed=0), np.eye(3), [0, 1, 0]
    for by in (-0.01, 0.01):

        def off(*arguments, by=by):
            gradients = backward(*arguments)
            gradients.weights[0][0, 0] += by
            return gradients

        result = check_gradients(network, X, y, "cross_entropy", backward=off)
        assert not result.passed and result.worst.name == "W1"


def test_gradients_that_no_difference_can_see_are_said_and_never_pass():
    network, X, y = NeuralNetwork([3, 4, 2], seed=0, dtype="float64"), np.eye(3), [0, 1, 0]
    # Sure and right: the loss is 0 and so is every gradient, to 300 digits.
    network.biases[-1] = [800.0, 0.0]
    for found in (
        check_gradients(network, X, [0, 0, 0], "cross_entropy"),
        check_gradients(network, X, [0, 0, 0], "cross_entropy", backward=doubled),
    ):
        assert not found.passed and "NOTHING COMPARED" in str(found)
    network.biases[-1] = [28.0, 0.0]
    found = check_gradients(network, X, [0, 0, 0], "cross_entropy", backward=doubled)
    assert not found.passed and sum(row.too_small for row in found.rows) > 0
    for row in found.rows:
        assert row.compared + row.at_kink + row.too_small == np.prod(row.shape)
    assert "too small to compare" in str(found)
    assert check_gradients(network, X, y, "cross_entropy").passed


def doubled(*arguments):
    gradients = backward(*arguments)
    gradients.vector[...] *= 2
    return gradients


def test_where_all_that_is_compared_is_zero_it_says_so_and_does_not_pass():
    network = NeuralNetwork([3, 4, 2], "relu", seed=0)
    network.weights[0], network.biases[0] = np.zeros((3, 4)), np.full(4, -1.0)
    result = check_gradients(network, np.eye(3), [0, 1, 0], "cross_entropy")
    assert not result.passed and result.rows[0].compared == result.rows[0].zeros == 12
    assert "NOTHING COMPARED but zeros" in str(result) and "in W1, b1, W2 (tol" in str(result)


def test_a_backward_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="backward=None must be a function"):
        check_gradients(*make(), CrossEntropy(), backward=None)


@pytest.mark.parametrize("h", [0, 1, -1e-5, "small", None])
def test_a_step_that_is_none_is_refused(h):
    with pytest.raises(ValueError, match=r"h=.*, the step"):
        check_gradients(NeuralNetwork([3, 2]), np.eye(3), [0, 1, 0], "mse", h=h)


def row(name, error, compared=5, at_kink=0, zeros=0, too_small=0):
    """Return what is told of an array of five numbers."""
    found = (error, (3,), 1.0, 1.0) if compared else (np.nan, (), np.nan, np.nan)
    return ParameterCheck(name, (5,), compared, at_kink, *found, zeros, too_small)


def test_what_lies_at_kinks_alone_neither_fails_nor_hides_what_was_compared():
    at_kinks = row("W1", None, compared=0, at_kink=5)
    check = GradientCheck([at_kinks, row("b1", 0.0)], 1e-6)
    assert check.passed and check.worst.name == "b1" and check.max_relative_error == 0
    assert not GradientCheck([at_kinks, at_kinks], 1e-6).passed  # nothing was compared
    zeros = row("W1", 0.0, at_kink=2, zeros=5)
    assert not GradientCheck([zeros, zeros], 1e-6).passed  # but zeros


def test_as_much_as_the_tolerance_passes_and_no_more():
    assert GradientCheck([row("W1", 1e-6), row("b1", 0.0)], 1e-6).passed
    assert not GradientCheck([row("W1", np.nextafter(1e-6, 1)), row("b1", 0.0)], 1e-6).passed


@pytest.mark.parametrize("tolerance", [0, -1e-6, np.nan, "1e-6"])
def test_a_tolerance_that_nothing_meets_is_refused(tolerance):
    network, X, labels = make()
    with pytest.raises(ValueError, match=r"tolerance=.* must be more than 0"):
        check_gradients(network, X, labels, "mse", tolerance=tolerance)


def changed(change):
    """Return nnlib's backward, after which `change` is made to what it has found."""

    def own(network, trace, target, loss):
        gradients = backward(network, trace, target, loss)
        change(gradients)
        return gradients

    return own


def test_a_gradient_of_zeros_fails_in_each_entry_and_is_off_by_all_of_it():
    network, X, labels = make()
    zeros = changed(lambda found: found.vector.fill(0))
    result = check_gradients(network, X, labels, CrossEntropy(), backward=zeros)
    assert not result and "FAILED" in str(result)
    for row, x in zip(result.rows, (12, 4, 12, 3), strict=True):
        assert (row.compared, row.zeros) == (x, 0)
        assert row.max_relative_error == pytest.approx(1)
        assert type(row.analytic) is float


def test_what_should_be_0_and_is_not_is_off_by_all_of_it():
    network, X, labels = make()
    X[:, 0] = 0  # so no weight of this input matters

    def wrong(found):
        found.weights[0][0] = -0.5

    result = check_gradients(network, X, labels, CrossEntropy(), backward=changed(wrong))
    assert result.worst.name == "W1" and result.worst.worst_index[0] == 0
    assert result.max_relative_error == 1


def test_a_wrong_entry_is_found_however_small_it_is():
    network, X, labels = make()
    X *= 1e-3

    def wrong(found):
        found.weights[0][...] *= 1.5

    result = check_gradients(network, X, labels, CrossEntropy(), backward=changed(wrong))
    assert [row.name for row in result.rows if row.max_relative_error > 1e-6] == ["W1"]


@pytest.mark.parametrize("max_entries", [0, -1, 2.5])
def test_at_least_one_entry_is_compared(max_entries):
    network, X, labels = make()
    with pytest.raises(ValueError, match=r"max_entries=.* 1 or more: None is all"):
        check_gradients(network, X, labels, "mse", max_entries=max_entries)
    rows = check_gradients(network, X, labels, "mse", max_entries=1).rows
    assert [row.compared for row in rows] == [1, 1, 1, 1]
    assert all(type(i) is int for row in rows for i in row.worst_index)


def test_no_entry_is_drawn_twice(monkeypatch):
    network, X, labels = make()
    seen, slope = [], NumericSlope.__call__

    def watched(self, x, index, *more):
        seen.append((x.shape, index))
        return slope(self, x, index, *more)

    monkeypatch.setattr(NumericSlope, "__call__", watched)
    result = check_gradients(network, X, labels, CrossEntropy(), max_entries=11)
    assert result and [row.compared for row in result.rows] == [11, 4, 11, 3]
    assert len(seen) == len({*seen}) == 29


def test_a_loss_that_is_no_number_is_told_and_lists_that_are_too_short():
    network, X, labels = make(dtype="float64")
    for bad in (np.nan, np.inf):
        broken = network.copy()
        broken.weights[1][0, 0] = bad
        with (
            pytest.raises(ValueError, match=r"the loss is (nan|inf) here|holds"),
            np.errstate(all="ignore"),
        ):
            check_gradients(broken, X, labels, "mse")

    def wrong(found):
        found.biases = found.biases[:1]

    with pytest.raises(ValueError, match="weights and biases have 2 items each"):
        check_gradients(network, X, labels, "mse", backward=changed(wrong))


def test_near_a_kink_the_slope_is_that_of_a_step_that_does_not_cross_it():
    network = NeuralNetwork([1, 1], output="relu", seed=0, dtype="float64")
    network.weights[0][...], network.biases[0][...] = 1e-4, 0  # where all steps but small ones
    slope = NumericSlope(network, np.ones((1, 1)), np.ones((1, 1)), MSE(), h=1e-5)
    found, uncertain = slope.at_its_best(network.weights[0], (0, 0))
    assert found == pytest.approx(2 * (1e-4 - 1), abs=1e-8) and uncertain < 1e-8


class Measured(NumericSlope):
    """A slope of `true`, measured with an error of 1000 h² where the loss is `value`."""

    def __init__(self, true: float, value: float):
        self.true, self.value, self.h = true, value, 1e-5

    def __call__(self, x, index, h=None):
        return self.true + 1000 * (self.h if h is None else h) ** 2


@pytest.mark.parametrize(("value", "h"), [(0.5, 1e-6), (-1e6, 1e-4)])
def test_the_step_that_errs_least_is_half_of_the_best_and_says_how_far_off_it_may_be(value, h):
    # Rounding is 8 ε |C| / h, with 1 for a smaller |C|: the larger C, the longer the best step.
    rounding = 8 * 2.0**-52 * max(1, abs(value)) / h
    slope, uncertain = Measured(3.0, value).at_its_best(np.zeros(1), (0,))
    assert slope == pytest.approx(3 + 1000 * (h / 2) ** 2, rel=0, abs=1e-15)
    assert uncertain == pytest.approx(1000 * (h**2 - (h / 2) ** 2) / 2 + rounding, rel=1e-6)
    assert abs(slope - 3) < uncertain


@pytest.mark.parametrize(("times", "too_small"), [(20, 1), (200, 0)])
def test_a_slope_that_is_known_to_a_hundredth_is_compared_and_no_other(times, too_small):
    _, uncertain = Measured(0.0, 0.5).at_its_best(np.zeros(1), (0,))
    true = times * uncertain
    slope, rng = Measured(true, 0.5), np.random.default_rng(0)
    row = _compare("W1", np.zeros(1), np.array([true]), slope, 1.0, 1e-6, None, rng)
    assert (row.too_small, row.compared) == (too_small, 1 - too_small)
