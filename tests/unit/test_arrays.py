"""What is no number, or missing, is refused at the door; what is a number is taken as it is."""

import numpy as np
import pytest

from nnlib import Dropout, NeuralNetwork, accuracy, confusion_matrix, evaluate, train
from nnlib.images.damage import damaged
from nnlib.support.arrays import as_finite, as_labels, as_numbers
from nnlib.support.checks import (
    as_dtype,
    as_input,
    as_number,
    as_seed,
    as_whole,
    is_number,
    kept_dtype,
)
from nnlib.support.guests import name_of, returned_as

X = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
Y = np.arange(12) % 3
NETWORK = NeuralNetwork([2, 4, 3], seed=0)


class Frame:
    """A data frame as far as it matters here: columns by name, and objects for numpy."""

    def __init__(self, **columns):
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return self._columns[name]

    def __array__(self, dtype=None, copy=None):
        return np.array(list(self._columns.values()), object).T


class NA:
    def __repr__(self):
        return "<NA>"


class Tensor:
    """A tensor that follows its gradient, as far as it matters here."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("detach it first")


def frame(**more):
    return Frame(**{"height": X[:, 0], **more})


BAD = {
    "masked": (np.ma.array(X, mask=np.arange(24).reshape(12, 2) == 7), "masked: 1 .* row 3"),
    "rows that are masked": ([np.ma.array([1.0, 2.0], mask=[0, 1])] * 12, "masked: 12 .* row 0"),
    "ragged": ([[1, 2], [3]] * 6, "X cannot be made an array"),
    "a dict": ({0: 1}, r"not object \(dict\)"),
    "None": (None, "not object|None"),
    "text": (X.astype(str), "text"),
    "categories": (frame(colour=np.array(["red"] * 12)), "the column 'colour' of X .*'red'"),
    "missing": (
        frame(age=np.array([1] * 5 + [NA()] * 7, object)),
        "the column 'age' of X.*<NA> stands in row 5",
    ),
    "dates": (frame(day=Y.astype("datetime64[D]")), "the column 'day' of X .*datetime64"),
    "a NaN in a column": (frame(age=np.where(Y == 2, np.nan, Y)), r"row 2, column 1 \('age'\)"),
    "a tensor that asks for more": (Tensor(), "X cannot be made an array: detach it first"),
    "huge integers": (np.array([[10**30, 1]] * 12, object), "more than 64 bits"),
}


@pytest.mark.parametrize(("bad", "cause"), BAD.values(), ids=BAD)
def test_what_holds_no_number_everywhere_is_refused_with_the_place(bad, cause):
    for call in (
        lambda: NETWORK.predict(bad),
        lambda: evaluate(NETWORK, bad, Y),
        lambda: train(NETWORK.copy(), bad, Y, epochs=1, progress=False),
    ):
        with pytest.raises(ValueError, match=cause):
            call()


class Column(list):
    """A column that names its rows, as far as it matters here."""

    def __init__(self, values, index):
        super().__init__(values)
        self.index = index


def test_rows_that_are_named_alike_go_together_in_the_same_order_or_not_at_all():
    table = Frame(a=X[:, 0], b=X[:, 1])
    table.index = [f"row {i}" for i in range(12)]
    there, elsewhere = table.index, [f"sample {i}" for i in range(12)]
    for index in (there, elsewhere):  # of other names nobody knows how they would go together
        assert evaluate(NETWORK, table, Column(Y, index)) == evaluate(NETWORK, X, Y)
    words = r"row 0 is 'row 0' in X and 'row 11' in \w+. Use \w+\.loc\[X\.index\]"
    for call in (evaluate, accuracy, lambda *three: train(*three, epochs=1, progress=False)):
        with pytest.raises(ValueError, match=words):
            call(NETWORK.copy(), table, Column(Y, there[::-1]))
    with pytest.raises(ValueError, match=r"predicted\.loc\[labels\.index\]"):
        confusion_matrix(Column(Y, there), Column(Y, there[::-1]), 3)


def test_a_sparse_array_is_refused_with_the_cure():
    class Sparse:
        def toarray(self):
            return X

    with pytest.raises(ValueError, match=r"sparse array: pass X\.toarray\(\)"):
        NETWORK.predict(Sparse())


class Contrary(np.ndarray):
    """What another library may make of an array: its * is not that of numpy."""

    def __mul__(self, other):
        return self + other

    __rmul__ = __imul__ = __mul__


GOOD = {
    "float64": X.astype(np.float64),
    "Fortran order": np.asfortranarray(X),
    "negative strides": X[::-1].copy()[::-1],
    "big-endian": X.astype(">f4"),
    "a list": X.tolist(),
    "objects": X.astype(object),
    "a frame": Frame(a=X[:, 0], b=X[:, 1]),
    "a frame of objects": Frame(a=X[:, 0].astype(object), b=X[:, 1]),
    "a mask that hides nothing": np.ma.array(X, mask=False),
    "a matrix": X.view(np.matrix),
    "an array of a class of its own": X.view(Contrary),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_numbers_give_what_float32_gives_whatever_holds_them(good):
    np.testing.assert_array_equal(NETWORK.forward(good).output, NETWORK.forward(X).output)
    assert evaluate(NETWORK, good, Y) == evaluate(NETWORK, X, Y)
    settings = dict(epochs=1, seed=0, progress=False, batch_size=None, dropout=Dropout())
    one, other = (train(NETWORK.copy(), data, Y, **settings) for data in (good, X))
    assert one.training_loss == other.training_loss


def test_an_array_of_numbers_is_neither_copied_nor_cast():
    for array in (X, Y, Y.astype(bool), X.astype(np.float16)):
        assert as_numbers("X", array) is array


class Without:
    """Something that has columns, but is no data frame."""

    def __init__(self, columns):
        self.columns = columns


class Numbered(Without):
    def __getitem__(self, name):
        return [1, 2]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Frame(), "X is a data frame without columns"),
        (Numbered(["a", "b", "b"]), "X has two columns that are called 'b'"),
        (Numbered(7), "X must hold numbers, not object: <.*Numbered object"),
        (Without(["a"]), "X must hold numbers, not object: <.*Without object"),
        (np.array([], object), r"X must hold numbers, not object \(ndarray\)$"),
        ({1, 2}, r"X must hold numbers, not object \(set\)$"),
        (np.array([], "U1"), "X must hold numbers, not <U1$"),
        (np.zeros(2, "M8[D]"), r"X must hold numbers, not datetime64\[D\]$"),
        (np.array([1, "a"], object), "X must hold numbers, not object: 'a' stands in row 1$"),
        (np.array([1.5, "2"], object), "X must hold numbers, not object: '2' stands in row 1$"),
        (
            Frame(a=["1", "2"]),
            "the column 'a' of X must hold numbers, not text, <U1, the first '1'$",
        ),
        (np.array([[1, None]], object), "not object: None stands in row 0, column 1$"),
        (np.array(None, object), "X must hold numbers, not object: None$"),
        (np.ma.masked, "X is masked: 1 of its values are missing. Remove"),
        ([np.ones(2), np.ma.array([1.0, 2.0], mask=[0, 1])], "masked: 1 .* the first in row 1"),
    ],
)
def test_what_it_is_instead_of_numbers_is_said(bad, words):
    with pytest.raises(ValueError, match=words):
        as_numbers("X", bad)


def test_objects_that_are_numbers_are_integers_or_else_floats():
    for values, dtype in (([1, 2, True], "int64"), ([1, 0.5, 2], "float64")):
        for made in (np.array(values, object), np.array(values, object)[:, None]):
            found = as_numbers("X", made)
            assert found.dtype == dtype and found.ravel().tolist() == values


NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (NAN, ""),
        ([1, INF, NAN], ", the first in row 1"),
        ([[1, 2], [3, -INF]], ", the first in row 1, column 1"),
        (np.full((2, 2, 2), NAN), ", the first in row 0"),
    ],
)
def test_what_is_not_finite_is_counted_and_its_place_is_said(bad, place):
    n = np.count_nonzero(~np.isfinite(bad))
    with pytest.raises(ValueError) as caught:
        as_finite("X", bad)
    assert str(caught.value) == (
        f"X holds {n} values that are NaN or infinite{place}: remove or repair those samples"
    )


@pytest.mark.parametrize("good", [3, [], [True], np.full(9, 3e38, np.float32), np.arange(3)])
def test_what_is_finite_comes_back_as_it_is_though_its_sum_may_not_be(good):
    found = as_finite("X", good)
    assert found.dtype == np.asarray(good).dtype
    np.testing.assert_array_equal(found, good)


@pytest.mark.parametrize(
    ("labels", "cure"),
    [
        ([0.0, 1.0], ": use np.asarray(labels, int)"),
        ([-0.5, 1.0], ""),
        ([0.5, 1.0], ": of outputs network.predict(X) makes classes"),
        ([0.5, 2.0], ""),
        ([0.0, 0.5], ": of outputs network.predict(X) makes classes"),
        ([0.0, 1.5], ""),
        ([[0], [1], [2]], ": use np.ravel(labels)"),
        ([[0, 1, 2]], ": use np.ravel(labels)"),
        ([[0.0, 1.0, 0.0]] * 2, ": use np.argmax(labels, axis=1)"),
        ([[0, 1], [1, 0]], ": use np.argmax(labels, axis=1)"),
        ([[[0]], [[1]]], ""),
        (np.zeros((0, 1), int), ""),
        (3, ""),
    ],
)
def test_labels_of_another_shape_or_type_are_refused_with_the_cure_if_there_is_one(labels, cure):
    for name in ("labels", "the labels"):
        with pytest.raises(ValueError) as caught:
            as_labels(labels, name=name)
        kind, shape = np.asarray(labels).dtype, np.shape(labels)
        start = f"{name} must be integers of shape (n_samples,), not {kind} of shape {shape}"
        assert str(caught.value) == start + cure


@pytest.mark.parametrize(
    ("labels", "advice"),
    [
        ([1, 3], "the labels start at 1: subtract 1"),
        ([1, 7], "give the network 8 outputs, or number the classes from 0"),
        ([2, 3], "give the network 4 outputs, or number the classes from 0"),
        ([0, 3], "give the network 4 outputs, or number the classes from 0"),
        ([-1, 2], "0 to 2: number the classes from 0"),
        ([-1, 3], "0 to 2: number the classes from 0"),
    ],
)
def test_labels_out_of_range_are_refused_with_the_cure(labels, advice):
    with pytest.raises(ValueError, match=f"run from {labels[0]} to {labels[1]}, .*{advice}$"):
        as_labels(labels, n_classes=3)


def test_labels_of_any_number_of_classes_begin_at_0_and_fit_an_index():
    edge = np.array([0, 2**63 - 1])
    assert as_labels(edge).tolist() == edge.tolist() and as_labels([]).dtype == np.intp
    for beyond in (np.array([2**63], np.uint64), [-1, 3]):
        with pytest.raises(ValueError, match="but classes are numbered from 0"):
            as_labels(beyond)


def test_the_order_of_rows_is_compared_only_where_both_name_them_once():
    table = Frame(a=X[:, 0], b=X[:, 1])
    table.index = ["a", "a", *map(str, range(10))]
    score = evaluate(NETWORK, X, Y)
    assert evaluate(NETWORK, X, Column(Y, table.index)) == score  # an array names none
    with pytest.raises(ValueError, match="12 rows but the target has 11"):
        evaluate(NETWORK, table, Column(Y[1:], table.index[1:]))


def test_data_that_fit_are_not_copied():
    assert np.shares_memory(as_input(X, 2, "float32"), X)
    for dtype in ("float32", "float64"):
        assert kept_dtype(X.astype(dtype), "float16") == dtype
    for other in (X.tolist(), Y, X.astype(np.float16)):
        assert kept_dtype(other, "float64") == "float64"


# The checks of a single number, by what they let through.

LARGEST = np.finfo(np.float64).max
NUMBERS = [0, -1, 1.5, np.float32(3e38), np.int8(1), np.uint64(2**64 - 1), LARGEST, -LARGEST]
NO_NUMBERS = [NAN, INF, -INF, 10**400, -(10**400), True, np.True_, "1", None, 1j, np.ones(1), [1]]


@pytest.mark.filterwarnings("error")
def test_a_number_is_real_and_finite_and_no_truth_value():
    assert [v for v in NUMBERS if not is_number(v)] == []
    assert [v for v in NO_NUMBERS if is_number(v)] == []


@pytest.mark.parametrize(
    ("bounds", "good", "bad", "words"),
    [
        ({}, [-5, 0, LARGEST], NO_NUMBERS, ""),
        ({"at_least": 0}, [0, 7], [-0.5], ", 0 or more"),
        ({"below": 2}, [-7, 1.5], [2, 3], " and below 2"),
        (
            {"at_least": 0, "below": 2, "hint": "a share"},
            [0, 1],
            [2],
            ", 0 or more and below 2: a share",
        ),
    ],
)
def test_a_number_within_bounds_is_a_float_and_others_are_told_the_bounds(bounds, good, bad, words):
    for value in good:
        found = as_number("x", value, **bounds)
        assert found == value and type(found) is float
    for value in bad:
        with pytest.raises(ValueError) as caught:
            as_number("x", value, **bounds)
        assert str(caught.value).endswith(f" must be a finite number{words}")


@pytest.mark.parametrize(
    ("bounds", "bad", "words"),
    [
        ({"at_least": 0}, -1, ", 0 or more"),
        ({"at_least": 2, "hint": "two at the least"}, 1.0, ", 2 or more: two at the least"),
        ({"at_least": 1, "at_most": 3000}, 3001, " from 1 to 3,000"),
    ],
)
def test_a_whole_number_is_an_int_and_others_are_told_the_bounds(bounds, bad, words):
    for value in (2, np.int64(2), np.uint8(2)):
        assert type(as_whole("n", value, **bounds)) is int
    with pytest.raises(ValueError) as caught:
        as_whole("n", bad, **bounds)
    assert str(caught.value) == f"n={bad} must be a whole number{words}"


def test_a_seed_is_a_whole_number_or_none():
    for good in (0, 7, np.int64(3), 2**200, None):
        assert as_seed(good) is good
    for bad in (-1, True, 1.0, "1", np.True_, [1]):
        with pytest.raises(ValueError, match=r"seed=.*a whole number, 0 or more, or None"):
            as_seed(bad)


def test_the_type_of_a_network_is_said():
    for good in ("float32", np.float64, np.dtype("f4")):
        assert as_dtype(good) == np.dtype(good)
    for bad in (None, "f2", int, [], {}, "nonsense", 3):
        with pytest.raises(ValueError, match="choose 'float32' or 'float64'"):
            as_dtype(bad)


# What a guest returns.


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "returned None: has it come to its `return`?"),
        (Tensor(), "returned what is no array: detach it first"),
        (np.ones((3, 2)), r"returned float64 of shape (3, 2): it must return numbers"),
        (np.full((2, 3), "a"), "returned <U1 of shape (2, 3): it must"),
        (np.ma.array(np.ones((2, 3)), mask=np.eye(2, 3)), "returned masked float64 of shape"),
        ([[1, 2, 3], [4, NAN, INF]], "returned nan at [1, 1], though"),
        (np.full((2, 3), 1e300), "returned inf at [0, 0], though"),
    ],
)
def test_what_a_guest_returns_is_checked_where_it_comes_in(returned, words):
    with pytest.raises(ValueError) as caught:
        returned_as("f", np.ones((2, 3), np.float32), returned)
    assert words in str(caught.value) and str(caught.value).startswith("f ")


def test_what_a_guest_may_return_has_the_type_of_what_it_was_given():
    given = np.full((2, 3), 3e38, np.float32)
    for good in (given, given.astype(np.float64), np.ones((2, 3), int), np.ma.array(given)):
        found = returned_as("f", given, good)
        assert type(found) is np.ndarray and found.dtype == np.float32
        np.testing.assert_array_equal(found, good)
    given[1, 1] = NAN  # of what is not finite nothing finite need come
    assert np.isnan(returned_as("f", given, given)).sum() == 1
    assert (name_of(damaged), name_of(Dropout())) == ("damaged", repr(Dropout()))
