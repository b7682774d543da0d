"""What is no number, or missing, is refused at the door; what is a number is taken as it is."""

import numpy as np
import pytest

from nnlib import Dropout, NeuralNetwork, accuracy, confusion_matrix, evaluate, train
from nnlib.support.arrays import as_numbers

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
