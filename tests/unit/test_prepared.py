"""Prepared data are checked once, shared by all, and refused by a network they do not fit."""

import inspect

import numpy as np
import pytest

import nnlib
from nnlib import Adversarial, Dropout, NeuralNetwork, Trainer, train
from nnlib.analysis.explain import explain
from nnlib.training.evaluation import Evaluator
from nnlib.training.prepared import prepare


def data(n=12):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


def test_trainers_and_evaluators_share_one_copy_and_give_what_they_give_on_raw_data():
    X, y = data()
    one, two = (NeuralNetwork([4, 5, 6, 3], "tanh", seed=1) for _ in range(2))
    prepared = prepare(one, X, y)
    trainers = Trainer(one, prepared, seed=3), Trainer(two, X, y, seed=3)
    for _ in range(5):
        assert next(trainers[0]) == next(trainers[1])
    np.testing.assert_array_equal(one.parameters, two.parameters)
    evaluator = Evaluator(one, prepared)
    assert evaluator.finish() == nnlib.evaluate(two, X, y, "cross_entropy")
    assert np.shares_memory(trainers[0].X, evaluator.X)
    assert np.shares_memory(trainers[0].y, evaluator.y)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (NeuralNetwork([4, 6, 3]), r"layers \(4, 5, 5, 3\).*\(4, 6, 3\)"),
        (NeuralNetwork([4, 5, 5, 3], dtype="float64"), "dtype float32.*float64"),
        (NeuralNetwork([4, 5, 5, 3], output="sigmoid"), "output softmax.*sigmoid"),
    ],
)
def test_data_prepared_for_another_network_are_refused(other, message):
    prepared = prepare(NeuralNetwork([4, 5, 5, 3]), *data())
    with pytest.raises(ValueError, match=message):
        Trainer(other, prepared)


def test_prepared_data_take_no_second_target_or_loss_and_raw_data_need_a_target():
    X, y = data()
    network = NeuralNetwork([4, 5, 3])
    prepared = prepare(network, X, y)
    with pytest.raises(ValueError, match="leave both out"):
        Trainer(network, prepared, y)
    with pytest.raises(ValueError, match="leave both out"):
        Trainer(network, prepared, loss="mse")
    with pytest.raises(ValueError, match="target is missing"):
        Trainer(network, X)


@pytest.mark.parametrize(
    ("output", "target", "labels"),
    [
        ("softmax", [0, 2, 1], [0, 2, 1]),
        ("softmax", np.eye(3)[[0, 2, 1]], [0, 2, 1]),
        ("softmax", [[0.5, 0.5, 0], [1, 0, 0], [0, 1, 0]], None),  # not classes but probabilities
        ("sigmoid", [[1, 1, 0], [1, 0, 0], [0, 1, 0]], None),  # not one class but several
        ("identity", [[2, -1, 0], [1, 0, 0], [0, 1, 0]], None),  # whole numbers, not classes
    ],
)
def test_only_a_target_of_classes_has_labels(output, target, labels):
    network = NeuralNetwork([4, 3], output=output)
    for n in (3, 1):  # of a single sample, too
        found = prepare(network, np.ones((n, 4)), target[:n]).labels
        if labels is not None:
            assert found.tolist() == labels[:n]
        elif n == 3:
            assert found is None


@pytest.mark.parametrize("call", [prepare, Trainer, train, nnlib.evaluate, nnlib.accuracy])
def test_the_network_is_one(call):
    for wrong in (None, [4, 5, 3], NeuralNetwork):
        with pytest.raises(TypeError, match="network must be a NeuralNetwork, not"):
            call(wrong, *data())


def settings_of(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def test_train_takes_every_setting_of_the_trainer_and_no_other():
    X, y = data()
    settings = settings_of(Trainer)
    assert {"optimizer", "dropout", "adversarial", "distortion", "l1"} <= set(settings)
    # Only the threads have another default there: nobody waits for a frame.
    assert set(settings) & set(settings_of(train)) == {"threads"}
    for name, default in settings.items():
        history = train(NeuralNetwork([4, 3]), X, y, epochs=1, progress=False, **{name: default})
        assert len(history.training_loss) == 1
    with pytest.raises(TypeError, match="learning_rte"):
        train(NeuralNetwork([4, 3]), X, y, epochs=1, progress=False, learning_rte=1)


@pytest.mark.parametrize(
    "setting",
    [
        {"adversarial": Adversarial(0.1)},
        {"dropout": Dropout(0.2, 0.5)},
        {"distortion": lambda X, rng: X + rng.normal(size=X.shape)},
        {"l1": 0.1},
        {"l2": 0.1},
        {"batch_size": 5},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_a_setting_given_to_train_acts_as_it_does_in_a_trainer(setting):
    X, y = data()
    networks = [NeuralNetwork([4, 5, 3], seed=1) for _ in range(3)]
    train(networks[0], X, y, epochs=2, seed=3, progress=False, **setting)
    trainer = Trainer(networks[1], X, y, seed=3, **setting)
    for _ in range(2 * trainer.updates_per_epoch):
        next(trainer)
    train(networks[2], X, y, epochs=2, seed=3, progress=False)
    np.testing.assert_array_equal(networks[0].parameters, networks[1].parameters)
    assert not np.array_equal(networks[0].parameters, networks[2].parameters)


@pytest.mark.parametrize("batch_size", [None, 5])
def test_a_distortion_that_writes_to_its_input_leaves_the_data_alone(batch_size):
    def in_place(X, rng):
        X += rng.normal(size=X.shape)
        return X

    X, y = data()
    before = X.astype("float32")
    trainer = Trainer(
        NeuralNetwork([4, 3]), before.copy(), y, batch_size=batch_size, distortion=in_place
    )
    for _ in range(3):
        next(trainer)
    np.testing.assert_array_equal(trainer.X, before)


@pytest.mark.parametrize("wrong", [lambda X, rng: X[:, :2], lambda X, rng: None])
def test_a_distortion_that_returns_something_else_is_named_with_what_it_returned(wrong):
    trainer = Trainer(NeuralNetwork([4, 3]), *data(), batch_size=None, distortion=wrong)
    with pytest.raises(
        ValueError, match=r"distortion=.*returned (float32 of shape \(12, 2\)|None)"
    ):
        next(trainer)


def test_explain_names_the_rows_it_cannot_take():
    with pytest.raises(ValueError, match="12 rows: explain takes a single sample"):
        explain(NeuralNetwork([4, 3]), *data())
