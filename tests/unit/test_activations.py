"""Activation functions, against forty-digit decimal arithmetic."""

import decimal
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import Activation, identity, leaky_relu, relu, sigmoid, softmax, tanh
from nnlib.activations import ACTIVATIONS, activate, get_activation, pull_back, same_activation

decimal.getcontext().prec = 40

ELEMENTWISE = [sigmoid, tanh, relu, leaky_relu, identity]


def exact(name: str, z: float) -> tuple[float, float]:
    """Return f(z) and f'(z) from the definitions, with forty digits on the way."""
    z = Decimal(float(z))
    if name == "sigmoid":
        a = 1 / (1 + (-z).exp())
        value, slope = a, a * (1 / (1 + z.exp()))
    elif name == "tanh":
        value = ((2 * z).exp() - 1) / ((2 * z).exp() + 1)
        if abs(z) < Decimal("1e-12"):
            value = z  # tanh z = z − z³/3 + …, where even forty digits would cancel
        slope = 4 / (z.exp() + (-z).exp()) ** 2
    elif name == "identity":
        value, slope = z, Decimal(1)
    else:
        low = Decimal(0) if name == "relu" else Decimal("0.01")
        value, slope = (z, Decimal(1)) if z > 0 else (low * z, low)
    return float(value), float(slope)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=repr)
@given(z=st.floats(-700, 700))
def test_values_and_derivatives_are_the_definitions(f, z):
    value, slope = exact(f.name, z)
    assert float(f(np.array([z]))[0]) == pytest.approx(value, rel=1e-13, abs=1e-300)
    assert float(f.derivative(np.array([z]))[0]) == pytest.approx(slope, rel=1e-12, abs=1e-300)


@given(hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-300, 300)))
def test_softmax_and_its_jacobian_are_the_definition(z):
    e = [Decimal(float(value)).exp() for value in z]
    a = [value / sum(e) for value in e]
    np.testing.assert_allclose(softmax(z), [float(v) for v in a], rtol=1e-12, atol=1e-300)
    jacobian = [[float(aj * ((j == k) - ak)) for k, ak in enumerate(a)] for j, aj in enumerate(a)]
    np.testing.assert_allclose(softmax.derivative(z), jacobian, rtol=1e-10, atol=1e-15)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("f", [*ELEMENTWISE, softmax], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(data=st.data())
def test_huge_arguments_give_finite_answers_without_a_warning(f, dtype, data):
    finite = st.floats(-1e4, 1e4, width=32)
    shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
    z = data.draw(hnp.arrays(dtype, shapes, elements=finite))
    a, slope = f(z), f.derivative(z)
    back = f.pull_back(np.ones_like(z), z, a)
    for array in (a, slope, back):
        assert np.isfinite(array).all()
        assert array.dtype == z.dtype
    assert a.shape == back.shape == z.shape


def test_at_the_ends_the_bounded_activations_reach_their_bounds():
    z = np.array([-1e4, 1e4], np.float32)
    np.testing.assert_allclose(sigmoid(z), [0, 1], atol=1e-37)
    np.testing.assert_array_equal(tanh(z), [-1, 1])
    np.testing.assert_array_equal(softmax(z), [0, 1])
    for f in (sigmoid, tanh):
        np.testing.assert_allclose(f.derivative(z), [0, 0], atol=1e-37)


matrices = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-50, 50)
)


@given(matrices, st.floats(-1e4, 1e4))
def test_softmax_sums_to_one_and_ignores_a_shift(z, shift):
    np.testing.assert_allclose(softmax(z).sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(z + shift), softmax(z), rtol=1e-9, atol=1e-15)


@given(matrices)
def test_softmax_treats_each_row_by_itself(z):
    for row, a in zip(z, softmax(z), strict=True):
        np.testing.assert_array_equal(softmax(row), a)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=repr)
@given(z=matrices)
def test_pull_back_is_the_chain_rule(f, z):
    gradient = np.random.default_rng(0).normal(size=z.shape)
    expected = gradient * f.derivative(z)
    np.testing.assert_allclose(f.pull_back(gradient, z, f(z)), expected, rtol=1e-9, atol=1e-15)


@given(matrices)
def test_pull_back_of_softmax_is_the_jacobian_times_the_gradient(z):
    gradient = np.random.default_rng(0).normal(size=z.shape)
    expected = np.einsum("njk,nj->nk", softmax.derivative(z), gradient)
    np.testing.assert_allclose(softmax.pull_back(gradient, z, softmax(z)), expected, atol=1e-14)


@pytest.mark.parametrize("f", [*ELEMENTWISE, softmax], ids=repr)
def test_no_activation_changes_or_returns_its_argument(f):
    z = np.array([[-1.0, 0.0, 2.0]])
    before = z.copy()
    a = f(z)
    a += 1
    f.derivative(z)
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=repr)
def test_any_shape_and_any_number_will_do(f):
    assert f(3).shape == () and float(f(3)) == pytest.approx(exact(f.name, 3)[0])
    assert f([[1, 2], [3, 4]]).shape == (2, 2)
    assert f(np.ones((2, 3, 4), np.float32)).dtype == np.float32


def test_at_its_kink_relu_takes_the_left_slope():
    assert relu.derivative(0.0) == 0
    assert leaky_relu.derivative(0.0) == 0.01


def test_activations_are_found_by_name_and_others_are_refused_with_the_choices():
    for name, f in ACTIVATIONS.items():
        assert get_activation(name) is f and repr(f) == name
    own = Activation()
    assert get_activation(own) is own
    with pytest.raises(ValueError, match=r"swish.*sigmoid, tanh, relu, leaky_relu, identity, soft"):
        get_activation("swish")


class Scribbles(type(tanh)):
    """A tanh of a learner's own that writes to all that it is given."""

    def __call__(self, z):
        a = np.tanh(z)
        z[...] = 7
        return a

    def pull_back(self, gradient, z, a):
        back = gradient * (1 - a * a)
        for array in (gradient, z, a):
            array[...] = 7
        return back


def test_one_of_ones_own_may_write_to_what_it_is_given_and_nnlibs_need_no_copies():
    assert not any(f.guest for f in ACTIVATIONS.values()) and Scribbles().guest
    assert not type("Own", (type(tanh),), {"__module__": "nnlib.lab.somewhere"}).guest
    z, gradient = np.array([[0.5, -1.0]]), np.array([[2.0, 3.0]])
    given = gradient.copy(), z.copy(), np.tanh(z)
    np.testing.assert_array_equal(activate(Scribbles(), given[1]), np.tanh(z))
    expected = gradient * (1 - np.tanh(z) ** 2)
    for f in (Scribbles(), tanh):
        np.testing.assert_allclose(pull_back(f, *given), expected)
        for array, before in zip(given, (gradient, z, np.tanh(z)), strict=True):
            np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (lambda z: 1.0, r"the derivative of the activation halves .*shape \(2, 3\) and returned"),
        (lambda z: np.full(3, 0.5), r"the derivative of the activation halves .*shape \(3,\)"),
        (lambda z: np.full(z.shape, 0.5), None),
    ],
)
def test_a_derivative_of_ones_own_is_one_number_for_each_neuron(slope, words):
    class Halves(Activation):
        def derivative(self, z):
            return slope(z)

    gradient, z = np.ones((2, 3)), np.zeros((2, 3))
    if words is None:
        np.testing.assert_array_equal(Halves().pull_back(gradient, z, z / 2), gradient / 2)
    else:
        with pytest.raises(ValueError, match=words):
            Halves().pull_back(gradient, z, z / 2)


def test_two_are_the_same_if_they_are_alike_and_have_no_settings():
    with_setting = Scribbles()
    with_setting.slope = 0.3
    for f, g, same in (
        (relu, relu, True),
        (relu, type(relu)(), True),  # as a pickle has it
        (relu, tanh, False),
        (tanh, Scribbles(), False),
        (with_setting, with_setting, True),
        (with_setting, Scribbles(), False),
        (relu, None, False),
    ):
        assert same_activation(f, g) == same
        if g is not None:
            assert same_activation(g, f) == same


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (None, "unknown activation None"),
        ([], "unknown activation"),
        (3, "unknown activation 3"),
        (np.tanh, "tanh.* is a function, whose derivative is not known"),
        (type(tanh), r"Tanh is a class: pass an instance of it, Tanh\(\)"),
        (int, "is a function"),
    ],
)
def test_what_is_no_activation_is_refused_in_words(wrong, words):
    with pytest.raises(ValueError, match=words):
        get_activation(wrong)
