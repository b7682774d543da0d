"""Samples that stand out: far from their class, in one cell, or twice in the data."""

import numpy as np
import pytest

from nnlib import NeuralNetwork, load_mnist
from nnlib.analysis.samples import (
    cell_indices,
    class_means,
    distance_from_mean,
    is_duplicate_of,
    outputs,
)

X = np.array([[0.0, 0], [2, 0], [5, 5], [5, 9]])
y = np.array([0, 0, 1, 1])


def test_means_and_distances_are_those_of_each_class():
    np.testing.assert_array_equal(class_means(X, y), [[1, 0], [5, 7]])
    np.testing.assert_array_equal(distance_from_mean(X, y), [1, 1, 2, 2])
    np.testing.assert_array_equal(distance_from_mean(X[:2], y[:2], class_means(X, y)), [1, 1])
    np.testing.assert_allclose(
        distance_from_mean(X[:2], y[2:], [[1, 0], [5, 7]]), [74**0.5, 58**0.5]
    )


def test_outputs_are_those_of_the_forward_pass_however_many_rows():
    network = NeuralNetwork([3, 4, 2], seed=0, dtype="float64")
    X = np.random.default_rng(0).normal(size=(5000, 3))
    np.testing.assert_allclose(outputs(network, X), network.forward(X).output, rtol=1e-12)


def test_a_cell_holds_its_samples_the_surest_mistake_first():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3], [0.8, 0.2]])
    labels = np.array([1, 1, 1, 0, 0])
    assert cell_indices(p, labels, 1, 0).tolist() == [0, 1]
    assert cell_indices(p, labels, 0, 0).tolist() == [3, 4]  # right: the least sure first
    assert cell_indices(p, labels, 1, 1).tolist() == [2]
    assert cell_indices(p, labels, 0, 1).tolist() == []
    assert cell_indices([[0.9, 0.1]], [0], 0, 0).tolist() == [0]
    assert cell_indices(np.eye(3)[[2, 1, 2, 0]], [2, 1, 1, 0], 2, 2).tolist() == [0]


def test_a_row_is_found_only_if_all_of_it_is_there():
    np.testing.assert_array_equal(is_duplicate_of(X, X[[3, 1]]), [False, True, False, True])
    np.testing.assert_array_equal(is_duplicate_of(X, X[:, ::-1]), [True, False, True, False])
    np.testing.assert_array_equal(is_duplicate_of(X.astype(np.float32), X[1:2]), [0, 1, 0, 0])
    assert is_duplicate_of(np.array([[0.0]]), np.array([[-0.0]])).all()
    assert not is_duplicate_of(X, np.empty((0, 2))).any()


@pytest.mark.slow
def test_no_part_of_mnist_holds_an_image_of_another():
    data = load_mnist()
    assert not is_duplicate_of(data.X_validation, data.X_train).any()
    assert not is_duplicate_of(data.X_test, data.X_train).any()
    assert not is_duplicate_of(data.X_test, data.X_validation).any()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: class_means(X, y[:2]), r"labels y .* of shape \(4,\)"),
        (lambda: class_means(X, X[:, 0]), "labels y must be integers"),
        (lambda: class_means(X, y * 2), "class 1 has no sample"),
        (lambda: class_means(X[:, 0], y), "X must have shape"),
        (lambda: class_means(X[:0], y[:0]), "n at least 1"),
        (lambda: class_means([[0.0], [1e200]], [0, 1]), "X goes to"),
        (lambda: class_means([[0.0], [-1e200]], [0, 1]), "X goes to"),
        (lambda: class_means([[0.0], [np.nan]], [0, 1]), "X holds 1 values that are NaN"),
        (lambda: distance_from_mean(X, y, np.zeros((1, 2))), "labels up to 1"),
        (lambda: distance_from_mean(X, y, np.zeros(2)), "labels up to 1"),
        (lambda: distance_from_mean(X, y, np.zeros((2, 3))), r"means have shape \(2, 3\)"),
        (lambda: distance_from_mean(X, y, [[0, np.nan], [0, 0]]), "means holds 1 values"),
        (lambda: cell_indices(np.ones(4), y, 0, 1), "one row a sample"),
        (lambda: cell_indices(X, y, 2, 0), "true=2 must be a whole number from 0 to 1"),
        (lambda: cell_indices(X, y, 0, 2), "predicted=2 must be a whole number from 0 to 1"),
        (lambda: cell_indices(X, y + 2, 0, 1), "classes 0 to 1"),
        (
            lambda: cell_indices(np.eye(4), y, 0, 4),
            "predicted=4 must be a whole number from 0 to 3: there is no such cell",
        ),
        (lambda: cell_indices(np.eye(3), y, 0, 1), r"labels y .* of shape \(3,\)"),
        (lambda: outputs(NeuralNetwork([3, 2]), X), "2 columns"),
        (lambda: is_duplicate_of(X, X[:, :1]), "rows of one length"),
        (lambda: is_duplicate_of(X, X[0]), "rows of one length"),
        (lambda: is_duplicate_of(X[0], X), "rows of one length"),
    ],
)
def test_what_does_not_fit_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


PIXELS = np.random.default_rng(1).integers(0, 256, (30, 9))
CLASSES = np.arange(30) % 3
TYPES = {
    "uint8": lambda A: A.astype(np.uint8),
    "float16": lambda A: A.astype(np.float16),
    "float32": lambda A: A.astype(np.float32),
    "Fortran order": lambda A: np.asfortranarray(A.astype(np.float64)),
    "negative strides": lambda A: A.astype(np.int16)[::-1, ::-1].copy()[::-1, ::-1],
}


@pytest.mark.parametrize("make", TYPES.values(), ids=TYPES)
def test_the_type_of_an_array_does_not_decide_the_arithmetic(make):
    images, first = make(PIXELS), make(PIXELS[:3])
    images.flags.writeable = False
    exact = PIXELS.astype(np.float64)
    np.testing.assert_allclose(
        distance_from_mean(images, CLASSES, first),
        np.linalg.norm(exact - exact[CLASSES], axis=1),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        class_means(images, CLASSES), [exact[c::3].mean(axis=0) for c in range(3)], rtol=1e-12
    )
    far = distance_from_mean(make(PIXELS * 10), CLASSES)  # float16 has no number above 65504
    rounded = make(PIXELS * 10).astype(np.float64)
    means = np.array([rounded[c::3].mean(axis=0) for c in range(3)])
    np.testing.assert_allclose(far, np.linalg.norm(rounded - means[CLASSES], axis=1), rtol=1e-12)


@pytest.mark.parametrize("make", TYPES.values(), ids=TYPES)
def test_percentages_of_any_type_are_sorted_by_their_size(make):
    percent = make(np.array([[0, 0], [51, 49], [90, 10]]))
    assert cell_indices(percent, [1, 1, 1], 1, 0).tolist() == [2, 1, 0]


@pytest.mark.parametrize("make", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize("other", TYPES.values(), ids=TYPES)
def test_rows_are_compared_by_their_numbers_whichever_side_has_which_type(make, other):
    found = is_duplicate_of(make(PIXELS), other(PIXELS[4:9]))
    assert np.flatnonzero(found).tolist() == [4, 5, 6, 7, 8]


def test_numbers_that_differ_are_no_duplicates_however_they_would_be_cast():
    assert not is_duplicate_of(np.array([[0, 1]]), np.array([[0.5, 1.7]])).any()
    assert not is_duplicate_of(np.array([[44]], np.uint8), np.array([[300]])).any()
    tenth, rounded = np.array([[0.1]]), np.array([[0.1]], np.float32)
    assert not is_duplicate_of(tenth, rounded).any() and not is_duplicate_of(rounded, tenth).any()
    large = np.array([[2**53], [2**53 + 1]])
    assert is_duplicate_of(large, large[:1]).tolist() == [True, False]
    assert is_duplicate_of(large, [[2.0**53]]).tolist() == [True, False]
    mirrored = np.vstack([-large, [[5]]])
    assert is_duplicate_of(mirrored, mirrored[::2]).tolist() == [True, False, True]
    assert is_duplicate_of(mirrored, mirrored[1:]).tolist() == [False, True, True]
    assert not is_duplicate_of([[1]], np.empty((0, 1), int)).any()
    assert is_duplicate_of(np.empty((0, 1), int), [[1]]).shape == (0,)
    assert not is_duplicate_of([[1e-17]], [[0.0]]).any()
    longer = np.array([[1]], np.longdouble) + np.finfo(np.longdouble).eps
    for one in (1.0, np.longdouble(1)):  # though they are alike in float64
        assert not is_duplicate_of(longer, np.array([[one]])).any()
    assert not is_duplicate_of(np.array([[2**64 - 1]], np.uint64), np.array([[-1]])).any()
