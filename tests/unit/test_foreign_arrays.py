"""Real data frames, sparse arrays and tensors: used rightly or refused in words.

By day they are played, in test_arrays.py; here they are those of pandas, SciPy and PyTorch,
wherever these happen to be installed. `make matrix` brings the first two.
"""

import numpy as np
import pytest

from nnlib import NeuralNetwork, accuracy, confusion_matrix, evaluate, train

X = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
Y = np.arange(12) % 3
NETWORK = NeuralNetwork([2, 4, 3], seed=0)


def used_rightly(X_, y):
    assert evaluate(NETWORK, X_, y) == evaluate(NETWORK, X, Y)
    assert accuracy(NETWORK, X_, y) == accuracy(NETWORK, X, Y)
    settings = dict(epochs=2, seed=0, progress=False)
    one, other = (train(NETWORK.copy(), *data, **settings) for data in ((X_, y), (X, Y)))
    assert one.training_loss == other.training_loss


def refused(words, X_=X, y=Y):
    for call in (evaluate, accuracy, lambda n, *data: train(n.copy(), *data, progress=False)):
        with pytest.raises(ValueError, match=words):
            call(NETWORK, X_, y)


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame, labels = pd.DataFrame(X, columns=["height", "weight"]), pd.Series(Y)
    for X_, y in (
        (frame, labels),
        (frame.astype("Float32"), labels.astype("Int64")),
        (frame.astype(object), labels.astype("category")),
        (frame.astype(pd.SparseDtype("float32")), labels.astype(pd.SparseDtype("int64"))),
        (frame.set_index(Y[::-1] * 100), labels),  # other names: then by their places
    ):
        used_rightly(X_, y)
    order = np.random.default_rng(1).permutation(12)
    used_rightly(frame.set_axis(order), labels.set_axis(order))
    refused(r"target\.loc\[X\.index\]|labels\.loc\[X\.index\]", frame, labels.set_axis(order))
    with pytest.raises(ValueError, match=r"predicted\.loc\[labels\.index\]"):
        confusion_matrix(labels, labels[::-1], 3)
    missing = frame.astype("Float32")
    missing.iloc[5, 1] = pd.NA
    refused(r"'weight' of X.*<NA> stands in row 5|row 5, column 1 \('weight'\)", missing)
    refused("the column 'colour' of X .*'red'", frame.assign(colour=pd.Categorical(["red"] * 12)))
    refused("the column 'day' of X .*datetime64", frame.assign(day=pd.Timestamp(0)))
    refused("two columns that are called 'height'", frame.set_axis(["height"] * 2, axis=1))
    refused("object|text", y=labels.map(str).astype("category"))


def test_sparse_arrays_of_scipy():
    sparse = pytest.importorskip("scipy.sparse")
    for kind in ("csr_array", "csc_matrix", "coo_array", "lil_matrix", "dok_array", "dia_array"):
        refused(r"X is a sparse array: pass X\.toarray\(\)", getattr(sparse, kind)(X))
        refused(r"sparse array: pass .*\.toarray\(\)", y=getattr(sparse, kind)(np.eye(3)[Y]))


def test_tensors_of_pytorch():
    torch = pytest.importorskip("torch")
    t = torch.tensor
    used_rightly(t(X), t(Y))
    used_rightly(t(X.T.copy()).T, t(Y.astype(np.uint8)))
    used_rightly([*t(X)], [*t(Y)])
    for bad in (
        t(X).requires_grad_(),
        torch.nn.Parameter(t(X)),
        t(X).to("meta"),
        t(X).bfloat16(),
        t(X).to_sparse(),
        [*t(X).requires_grad_()],
    ):
        refused("X cannot be made an array", bad)
