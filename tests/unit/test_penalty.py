"""L1 and L2: the penalty, its gradient, and what training does with them."""

import math

import numpy as np
import pytest

from nnlib import (
    CrossEntropy,
    GradientDescent,
    NeuralNetwork,
    Trainer,
    backward,
    check_gradients,
    evaluate,
    train,
)
from nnlib.diagnosis.own_code import OwnCode, OwnTrainer
from nnlib.regularizers.penalty import add_penalty_gradient, as_rate, penalty

W = [np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[-0.5], [4.0]])]


def make(seed=0, dtype="float64"):
    network = NeuralNetwork([3, 5, 4], "tanh", seed=seed, dtype=dtype)
    network.biases = [b + 0.5 for b in network.biases]
    rng = np.random.default_rng(1)
    return network, rng.normal(size=(12, 3)), rng.integers(0, 4, 12)


def test_the_penalty_is_the_formula():
    assert penalty(W, l1=1) == 10.5
    assert penalty(W, l2=1) == (1 + 4 + 9 + 0.25 + 16) / 2
    assert penalty(W, 0.1, 0.01) == pytest.approx(1.05 + 0.15125)
    assert penalty(W) == 0


def test_the_gradient_is_the_slope_of_the_penalty():
    l1, l2, h = 0.3, 0.7, 1e-6
    weights = [w.copy() for w in W]
    weights[0][1, 0] = 0.2  # away from the kink of |w|
    gradients = [np.ones_like(w) for w in weights]
    add_penalty_gradient(weights, gradients, l1, l2)
    for w, g in zip(weights, gradients, strict=True):
        for i in np.ndindex(w.shape):
            before = w[i]
            w[i] = before + h
            above = penalty(weights, l1, l2)
            w[i] = before - h
            slope = (above - penalty(weights, l1, l2)) / (2 * h)
            w[i] = before
            assert g[i] - 1 == pytest.approx(slope, rel=1e-6)  # added to what was there


def test_at_zero_the_slope_of_the_absolute_value_is_taken_as_zero():
    g = [np.zeros((2, 2)), np.zeros((2, 1))]
    add_penalty_gradient(W, g, 1.0, 0.0)
    assert g[0][1, 0] == 0 and g[0].tolist() == [[1, -1], [0, 1]]


@pytest.mark.parametrize("batch_size", [None, 5])
def test_an_update_is_the_closed_form_and_leaves_the_biases_alone(batch_size):
    l1, l2, alpha = 0.02, 0.1, 0.5
    network, X, y = make()
    twin = network.copy()
    settings = {"optimizer": GradientDescent(alpha), "batch_size": batch_size, "seed": 0}
    plain = next(Trainer(twin, X, y, **settings))
    before = [w.copy() for w in network.weights]
    trainer = Trainer(network, X, y, **settings, l1=l1, l2=l2)
    record = next(trainer)
    assert record.loss == plain.loss  # C alone
    for w, free, old in zip(network.weights, twin.weights, before, strict=True):
        np.testing.assert_allclose(w, free - alpha * (l1 * np.sign(old) + l2 * old), atol=1e-12)
    for b, free in zip(network.biases, twin.biases, strict=True):
        np.testing.assert_array_equal(b, free)


def test_the_rates_may_be_set_between_updates():
    network, X, y = make()
    trainer = Trainer(network, X, y, batch_size=None, optimizer=GradientDescent(0.1))
    next(trainer)
    trainer.l2 = 0.4
    old = network.weights[0].copy()
    free = backward(network, network.forward(X), y, trainer.loss).weights[0]
    next(trainer)
    np.testing.assert_allclose(network.weights[0], old - 0.1 * (free + 0.4 * old), atol=1e-12)
    with pytest.raises(ValueError, match="l1=-1"):
        trainer.l1 = -1
    assert trainer.l1 == 0


def test_in_pieces_of_a_large_batch_the_penalty_is_added_once():
    network, X, y = make()
    trainer = Trainer(network, X, y, batch_size=None, optimizer=GradientDescent(0.1), l2=0.3)
    trainer.gradient.at_once = 5
    whole = make()[0]
    next(Trainer(whole, X, y, batch_size=None, optimizer=GradientDescent(0.1), l2=0.3))
    next(trainer)
    np.testing.assert_allclose(network.parameters, whole.parameters, atol=1e-12)


def test_with_your_own_backward_the_penalty_is_still_added():
    def own(weights, z, a, y, activations):
        delta = (a[-1] - y) / len(y)
        hidden = delta @ weights[1].T * (1 - a[1] ** 2)
        return [a[0].T @ hidden, a[1].T @ delta], [hidden.sum(axis=0), delta.sum(axis=0)]

    mine, X, y = make()
    nnlibs = mine.copy()
    next(OwnTrainer(mine, X, y, OwnCode(backward=own), batch_size=None, l1=0.1, l2=0.2))
    next(Trainer(nnlibs, X, y, batch_size=None, l1=0.1, l2=0.2))
    np.testing.assert_allclose(mine.parameters, nnlibs.parameters, atol=1e-12)


@pytest.mark.slow
def test_l2_keeps_weights_small_and_l1_brings_most_to_zero():
    def trained(**rates):
        network, X, y = make()
        train(
            network,
            X,
            y,
            epochs=1500,
            optimizer=GradientDescent(0.1),
            batch_size=None,
            progress=False,
            **rates,
        )
        return np.concatenate([w.ravel() for w in network.weights])

    free, decayed, sparse = trained(), trained(l2=0.05), trained(l1=0.03)
    assert np.linalg.norm(decayed) < 0.7 * np.linalg.norm(free)
    # Gradient descent hops about zero by at most α λ₁.
    nearly_zero = 1.01 * 0.1 * 0.03
    assert (abs(sparse) < nearly_zero).mean() > 0.3 > (abs(free) < nearly_zero).mean()


@pytest.mark.parametrize(("l1", "l2"), [(0.1, 0), (0, 0.3), (0.05, 0.2)])
def test_the_gradient_check_covers_the_penalties(l1, l2):
    network, X, y = make()
    assert check_gradients(network, X, y, "cross_entropy", l1=l1, l2=l2)

    def forgets_nothing_but_doubles_the_decay(network, trace, target, loss):
        gradients = backward(network, trace, target, loss)
        add_penalty_gradient(network.weights, gradients.weights, l1, l2)
        return gradients

    result = check_gradients(
        network, X, y, "cross_entropy", backward=forgets_nothing_but_doubles_the_decay, l1=l1, l2=l2
    )
    failed = [row.name for row in result.rows if row.max_relative_error > result.tolerance]
    assert failed == ["W1", "W2"]


def test_a_weight_at_its_kink_is_left_out_of_the_check():
    network, X, y = make()
    network.weights[0][1, 2] = 1e-7
    result = check_gradients(network, X, y, "cross_entropy", l1=0.1)
    assert result.passed and result.rows[0].at_kink == 1
    assert check_gradients(network, X, y, "cross_entropy", l2=0.1).rows[0].at_kink == 0


def test_validation_loss_is_the_loss_alone():
    network, X, y = make()
    history = train(network, X, y, epochs=3, l2=0.5, validation=(X, y), progress=False, seed=0)
    assert history.validation_loss[-1] == evaluate(network, X, y, CrossEntropy()).loss


@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf, "0.1", None, True])
def test_a_rate_that_is_none_is_refused_in_words(bad):
    network, X, y = make()
    with pytest.raises(ValueError, match=r"l2=.*must be a number that is 0 or more"):
        Trainer(network, X, y, l2=bad)
    with pytest.raises(ValueError, match=r"l1=.*must be a number"):
        check_gradients(network, X, y, "mse", l1=bad)


def test_rates_and_penalties_are_plain_numbers_whatever_they_are_made_of():
    for rate in (1, np.float32(1), np.int8(1), np.float64(1)):
        assert type(as_rate("l1", rate)) is float
    narrow = [w.astype(np.float32) for w in W]
    for rates in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0)):
        assert type(penalty(narrow, *rates)) is float
    with pytest.raises(ValueError, match=r"l1=.*must be a number that is 0 or more"):
        as_rate("l1", np.complex64(1))


def test_no_weight_goes_without_its_penalty():
    for weights, gradients in ((W, W[:1]), (W[:1], W)):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            add_penalty_gradient(weights, [np.zeros_like(g) for g in gradients], 1, 1)
