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


def test_a_row_is_found_only_if_all_of_it_is_there():
    np.testing.assert_array_equal(is_duplicate_of(X, X[[3, 1]]), [False, True, False, True])
    np.testing.assert_array_equal(is_duplicate_of(X, X[:, ::-1]), [True, False, True, False])
    np.testing.assert_array_equal(is_duplicate_of(X.astype(np.float32), X[1:2]), [0, 1, 0, 0])
    assert is_duplicate_of(np.array([[0.0]]), np.array([[-0.0]])).all()
    assert not is_duplicate_of(X, np.empty((0, 2))).any()


def test_no_part_of_mnist_holds_an_image_of_another():
    data = load_mnist()
    assert not is_duplicate_of(data.X_validation, data.X_train).any()
    assert not is_duplicate_of(data.X_test, data.X_train).any()
    assert not is_duplicate_of(data.X_test, data.X_validation).any()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: class_means(X, y[:2]), r"y is int64 of shape \(2,\)"),
        (lambda: class_means(X, X[:, 0]), "labels from 0"),
        (lambda: class_means(X, y * 2), "class 1 has no sample"),
        (lambda: distance_from_mean(X, y, np.zeros((1, 2))), "labels up to 1"),
        (lambda: cell_indices(np.eye(4), y, 0, 4), r"no cell \(0, 4\): the classes are 0 to 3"),
        (lambda: cell_indices(np.eye(3), y, 0, 1), r"labels of shape \(3,\)"),
        (lambda: outputs(NeuralNetwork([3, 2]), X), "2 columns"),
        (lambda: is_duplicate_of(X, X[:, :1]), "rows of one length"),
    ],
)
def test_what_does_not_fit_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
