"""Samples that stand out: far from their class, hard for a network, or twice in the data."""

import numpy as np
import pytest

from nnlib import MSE, CrossEntropy, NeuralNetwork, evaluate, load_mnist
from nnlib.analysis.samples import (
    also_in,
    class_means,
    distance_from_mean,
    in_cell,
    outputs,
    sample_losses,
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


@pytest.mark.parametrize("output, loss", [("softmax", CrossEntropy()), ("sigmoid", MSE())])
def test_the_mean_of_the_sample_losses_is_the_loss(output, loss):
    network = NeuralNetwork([3, 4, 3], output=output, seed=0, dtype="float64", init="normal")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5000, 3)), rng.integers(0, 3, 5000)  # more than go through at once
    losses = sample_losses(network, X, y, loss)
    assert losses.mean() == pytest.approx(evaluate(network, X, y, loss).loss, rel=1e-12)
    assert losses.std() > 0.01
    i = int(losses.argmax())
    assert losses[i] == pytest.approx(evaluate(network, X[i : i + 1], y[i : i + 1], loss).loss)


def test_the_loss_is_by_default_that_of_the_output():
    network = NeuralNetwork([2, 2], seed=0)
    np.testing.assert_array_equal(
        sample_losses(network, X, y), sample_losses(network, X, y, "cross_entropy")
    )


def test_outputs_are_those_of_the_forward_pass_however_many_rows():
    network = NeuralNetwork([3, 4, 2], seed=0, dtype="float64")
    X = np.random.default_rng(0).normal(size=(5000, 3))
    np.testing.assert_allclose(outputs(network, X), network.forward(X).output, rtol=1e-12)


def test_a_cell_holds_its_samples_the_surest_mistake_first():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3], [0.8, 0.2]])
    labels = np.array([1, 1, 1, 0, 0])
    assert in_cell(p, labels, 1, 0).tolist() == [0, 1]
    assert in_cell(p, labels, 0, 0).tolist() == [3, 4]  # right: the least sure first
    assert in_cell(p, labels, 1, 1).tolist() == [2]
    assert in_cell(p, labels, 0, 1).tolist() == []


def test_a_row_is_found_only_if_all_of_it_is_there():
    np.testing.assert_array_equal(also_in(X, X[[3, 1]]), [False, True, False, True])
    np.testing.assert_array_equal(also_in(X, X[:, ::-1]), [True, False, True, False])
    np.testing.assert_array_equal(also_in(X.astype(np.float32), X[1:2]), [0, 1, 0, 0])
    assert also_in(np.array([[0.0]]), np.array([[-0.0]])).all()
    assert not also_in(X, np.empty((0, 2))).any()


def test_no_part_of_mnist_holds_an_image_of_another():
    data = load_mnist()
    assert not also_in(data.X_validation, data.X_train).any()
    assert not also_in(data.X_test, data.X_train).any()
    assert not also_in(data.X_test, data.X_validation).any()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: class_means(X, y[:2]), r"y is int64 of shape \(2,\)"),
        (lambda: class_means(X, X[:, 0]), "labels from 0"),
        (lambda: class_means(X, y * 2), "class 1 has no sample"),
        (lambda: distance_from_mean(X, y, np.zeros((1, 2))), "labels up to 1"),
        (lambda: sample_losses(NeuralNetwork([3, 2]), X, y), "2 columns"),
        (lambda: in_cell(np.eye(4), y, 0, 4), r"no cell \(0, 4\): the classes are 0 to 3"),
        (lambda: in_cell(np.eye(3), y, 0, 1), r"labels of shape \(3,\)"),
        (lambda: outputs(NeuralNetwork([3, 2]), X), "2 columns"),
        (lambda: also_in(X, X[:, :1]), "rows of one length"),
    ],
)
def test_what_does_not_fit_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
