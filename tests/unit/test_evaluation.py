"""Loss and accuracy over a data set, in chunks or at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.training.batches
from nnlib import (
    MSE,
    CrossEntropy,
    Evaluator,
    NeuralNetwork,
    accuracy,
    confusion_matrix,
    evaluate,
)


def make(n=10, output="softmax", k=3):
    rng = np.random.default_rng(n)
    network = NeuralNetwork([4, 5, k], "tanh", output, init="normal", seed=0, dtype="float64")
    return network, rng.normal(size=(n, 4)), rng.integers(0, max(k, 2), n)


def test_the_score_is_the_loss_and_the_share_of_right_classes():
    network, X, labels = make(50)
    score = evaluate(network, X, labels, CrossEntropy())
    trace = network.forward(X)
    assert score.loss == pytest.approx(CrossEntropy().value(trace, np.eye(3)[labels]), rel=1e-12)
    assert score.accuracy == np.mean(trace.output.argmax(axis=1) == labels)
    assert score.accuracy == accuracy(network, X, labels)
    assert 0 < score.accuracy < 1


@given(n=st.integers(1, 150), output=st.sampled_from(["softmax", "sigmoid"]))
def test_the_score_in_chunks_is_that_of_the_whole(n, output):
    network, X, labels = make(n, output)
    whole = evaluate(network, X, labels, "cross_entropy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nnlib.training.batches, "MEMORY", 1)  # 32 samples at a time, the fewest
        evaluator = Evaluator(network, X, labels, "cross_entropy")
    for _ in range(2):  # and again, from the start
        answers = [evaluator.advance() for _ in range(-(-n // 32))]
        assert answers[:-1] == [None] * (len(answers) - 1)
        assert answers[-1].loss == pytest.approx(whole.loss, rel=1e-12)
        assert answers[-1].accuracy == whole.accuracy


def test_labels_and_one_hot_rows_have_the_same_score():
    network, X, labels = make()
    one_hot = np.eye(3)[labels]
    for loss in ("cross_entropy", "mse"):
        assert evaluate(network, X, labels, loss) == evaluate(network, X, one_hot, loss)


def test_a_single_sigmoid_is_right_on_the_side_of_one_half():
    network = NeuralNetwork([1, 1], output="sigmoid", init="zeros")
    network.weights[0] = [[1]]
    X = [[-2], [-1], [1], [2]]
    for target in ([0, 1, 1, 1], [[0], [1], [1], [1]], np.array([0.0, 1, 1, 1])):
        assert evaluate(network, X, target, CrossEntropy()).accuracy == 0.75


def test_a_regression_has_no_accuracy():
    network, X, _ = make(output="identity", k=2)
    y = np.random.default_rng(0).normal(size=(10, 2))
    score = evaluate(network, X, y, MSE())
    assert score.accuracy is None
    assert score.loss == pytest.approx(np.mean((network.forward(X).output - y) ** 2), rel=1e-12)
    network, X, _ = make(output="identity", k=1)
    assert evaluate(network, X, y[:, :1], MSE()).accuracy is None


def test_soft_targets_have_no_accuracy():
    network, X, _ = make(4)
    y = np.full((4, 3), 1 / 3)
    assert evaluate(network, X, y, CrossEntropy()).accuracy is None


def test_evaluating_changes_neither_network_nor_data():
    network, X, labels = make()
    before = [a.copy() for a in (network.parameters, X, labels)]
    evaluate(network, X, labels, "mse")
    for array, old in zip((network.parameters, X, labels), before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize(("output", "said"), [("softmax", 0), ("sigmoid", 2)])
def test_outputs_that_are_no_numbers_are_right_for_no_label(output, said):
    network = NeuralNetwork([2, 3], output=output, seed=0)
    network.weights[0][0, 2] = np.nan  # so all outputs are after softmax; else that of class 2
    score = evaluate(network, [[1.0, 0.0], [0.0, 1.0]], [said, said])
    assert np.isnan(score.loss)
    assert score.accuracy == 0  # argmax would call the first NaN the largest


def test_a_score_is_of_plain_numbers_which_json_takes():
    network, X, labels = make()
    score = evaluate(network, X, labels, "cross_entropy")
    for number in (score.loss, score.accuracy, accuracy(network, X, labels)):
        assert type(number) is float


def test_accuracy_counts_what_predict_gets_right():
    network, X, _ = make()
    predicted = network.predict(X)
    assert accuracy(network, X, predicted) == 1
    wrong = predicted.copy()
    wrong[:3] = (wrong[:3] + 1) % 3
    assert accuracy(network, X, wrong) == 0.7


@pytest.mark.parametrize("labels", [[0] * 9, np.zeros((10, 1), int), 0])
def test_accuracy_refuses_labels_that_are_not_one_for_each_row(labels):
    network, X, _ = make()
    with pytest.raises(ValueError, match=r"labels must be integers of shape \(10,\)"):
        accuracy(network, X, labels)


def test_the_confusion_matrix_has_the_true_class_in_its_row():
    counts = confusion_matrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 2, 2], 3)
    np.testing.assert_array_equal(counts, [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
    assert counts.dtype == np.int64


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_the_confusion_matrix_counts_every_sample_once(pairs):
    labels, predicted = (np.array([p[i] for p in pairs], int) for i in (0, 1))
    counts = confusion_matrix(labels, predicted, 4)
    assert counts.sum() == len(pairs)
    assert np.trace(counts) == (labels == predicted).sum()
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(labels, minlength=4))
    np.testing.assert_array_equal(counts.sum(axis=0), np.bincount(predicted, minlength=4))


@pytest.mark.parametrize(
    ("labels", "predicted"),
    [([-1], [0]), ([0], [-1]), ([3], [0]), ([0], [3]), ([0, 1], [0]), ([0.0], [0]), ([[0]], [[0]])],
)
def test_the_confusion_matrix_refuses_what_is_no_label(labels, predicted):
    with pytest.raises(ValueError):
        confusion_matrix(labels, predicted, 3)
