"""A few more examples are learned, and what was known before is not forgotten."""

import numpy as np
import pytest

import nnlib
from nnlib.images.fine_tuning import fine_tuner, shifted_copies


@pytest.fixture(scope="module")
def trained(reader):
    return reader


def learn(network, X_new, y_new, mnist, **more):
    trainer = fine_tuner(network, X_new, y_new, mnist.X_train, mnist.y_train, seed=1, **more)
    for _ in range(trainer.updates_per_epoch):
        next(trainer)


def misread(network, mnist, n):
    wrong = np.flatnonzero(network.predict(mnist.X_test) != mnist.y_test)[:n]
    return mnist.X_test[wrong], mnist.y_test[wrong]


@pytest.mark.parametrize("n_new", [1, 5])
def test_misread_digits_are_learnt_and_the_others_not_forgotten(trained, mnist, n_new):
    network = trained.copy()
    X_new, y_new = misread(network, mnist, n_new)
    before = nnlib.accuracy(network, mnist.X_validation, mnist.y_validation)
    learn(network, X_new, y_new, mnist)
    np.testing.assert_array_equal(network.predict(X_new), y_new)
    assert nnlib.accuracy(network, mnist.X_validation, mnist.y_validation) > before - 0.02


def test_alone_the_new_digit_is_learnt_at_the_cost_of_all_others(trained, mnist):
    # Why the batches are mixed: as many updates of the same size on the new digit alone.
    X_new, y_new = misread(trained, mnist, 1)
    mixed, alone = trained.copy(), trained.copy()
    learn(mixed, X_new, y_new, mnist)
    trainer = nnlib.Trainer(
        alone, shifted_copies(X_new), np.repeat(y_new, 9), optimizer=nnlib.GradientDescent(0.05)
    )
    for _ in range(60):
        next(trainer)
    lost = [
        nnlib.accuracy(trained, mnist.X_validation, mnist.y_validation)
        - nnlib.accuracy(network, mnist.X_validation, mnist.y_validation)
        for network in (mixed, alone)
    ]
    assert lost[1] > 3 * max(lost[0], 0.005)


def test_a_batch_holds_about_a_tenth_of_new_examples(trained, mnist):
    X_new = np.full((1, 784), 0.5, np.float32)
    trainer = fine_tuner(trained.copy(), X_new, [3], mnist.X_train, mnist.y_train, seed=0)
    new = (trainer.X.max(axis=1) == 0.5) & (trainer.y[:, 3] == 1)
    assert new.mean() == pytest.approx(0.1, abs=0.001)
    assert len(trainer.X) == trainer.updates_per_epoch * trainer.batch_size == 60 * 64
    assert trainer.optimizer.learning_rate == 0.05


def test_the_same_seed_teaches_the_same(trained, mnist):
    first, second = trained.copy(), trained.copy()
    X_new, y_new = misread(trained, mnist, 2)
    for network in (first, second):
        learn(network, X_new, y_new, mnist, updates=3)
    np.testing.assert_array_equal(first.parameters, second.parameters)
    assert (first.parameters != trained.parameters).any()


def test_a_network_in_float64_learns_the_same_of_images_in_float32(mnist):
    networks = [nnlib.NeuralNetwork([784, 10], seed=0, dtype="float64") for _ in range(2)]
    X_new, y_new = mnist.X_test[:2], mnist.y_test[:2]
    for network, X in zip(
        networks, (mnist.X_train[:500], mnist.X_train[:500].astype(float)), strict=True
    ):
        next(fine_tuner(network, X_new, y_new, X, mnist.y_train[:500], seed=1))
    np.testing.assert_array_equal(*[network.parameters for network in networks])


def test_nine_copies_shifted_by_up_to_a_pixel():
    image = np.zeros((28, 28))
    image[5, 7] = image[0, 27] = 1
    copies = shifted_copies(np.stack([image.ravel(), np.zeros(784)])).reshape(2, 9, 28, 28)
    assert not copies[1].any()
    np.testing.assert_array_equal(copies[0, 0], image)
    places = {tuple(np.argwhere(copy)[-1]) for copy in copies[0]}
    assert places == {(row, column) for row in (4, 5, 6) for column in (6, 7, 8)}
    # What is shifted out does not come in again on the other side.
    assert not copies[0, :, :, 0].any() and not copies[0, :, -1].any()


def test_labels_and_images_that_do_not_fit_are_refused(trained, mnist):
    with pytest.raises(ValueError, match=r"labels y_new must be integers of shape \(2,\)"):
        fine_tuner(trained, np.zeros((2, 784)), [1], mnist.X_train, mnist.y_train)
    with pytest.raises(ValueError, match="must hold square images"):
        shifted_copies(np.zeros((2, 700)))
    one = nnlib.NeuralNetwork([4, 1], output="sigmoid")
    with pytest.raises(ValueError, match="labels y_new run from 2 to 2"):
        fine_tuner(one, np.zeros((1, 4)), [2], np.zeros((2, 4)), [0, 1])
    with pytest.raises(ValueError, match="labels y_new run from 2 to 2"):
        deep = nnlib.NeuralNetwork([4, 9, 2])
        fine_tuner(deep, np.zeros((1, 4)), [2], np.zeros((2, 4)), [0, 1])
    with pytest.raises(ValueError, match="as if one held raw pixels"):
        fine_tuner(one, np.full((1, 4), 200), [1], np.zeros((2, 4)), [0, 1])
    for updates in (0, 100_001, 1.5):
        with pytest.raises(ValueError, match=r"updates=.* from 1 to 100,000"):
            fine_tuner(one, np.zeros((1, 4)), [1], np.zeros((2, 4)), [0, 1], updates=updates)
    assert len(fine_tuner(one, np.zeros((1, 4)), [1], np.zeros((2, 4)), [0, 1], updates=1).X) == 64
