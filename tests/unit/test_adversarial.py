"""Adversarial images go uphill, as far as they may and no further."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import MSE, CrossEntropy, GradientDescent, NeuralNetwork, Trainer, one_hot
from nnlib.diagnosis.own_code import OwnCode, OwnTrainer
from nnlib.regularizers.adversarial import Adversarial, input_gradient
from nnlib.regularizers.change import Samples


def network(hidden="tanh", seed=0, output="softmax"):
    return NeuralNetwork([6, 8, 7, 3], hidden, output, seed=seed, dtype="float64")


def attacked(adversarial, net, X, y):
    """Return X as `adversarial` changes it; y is the encoded target."""
    samples = Samples(X, y, net.activations)
    return adversarial.change(samples, net, CrossEntropy(), np.random.default_rng(0)).X


def data(n=10, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 6)), rng.integers(0, 3, n)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu"])
@pytest.mark.parametrize(("loss", "output"), [(CrossEntropy(0.1), "softmax"), (MSE(), "sigmoid")])
@given(seed=st.integers(0, 999))
def test_the_input_gradient_is_that_of_finite_differences(hidden, loss, output, seed):
    net, (X, labels) = network(hidden, seed, output), data(4, seed)
    y = one_hot(labels, 3, "float64")
    gradient = input_gradient(net.weights, net.forward(X), y, loss)
    direction, h = np.random.default_rng(seed).normal(size=X.shape), 1e-6
    up, down = (loss.value(net.forward(X + s * direction), y) for s in (h, -h))
    np.testing.assert_allclose(
        (gradient * direction).sum(), (up - down) / (2 * h), rtol=1e-4, atol=1e-8
    )


def test_the_first_share_of_a_batch_is_changed_by_epsilon_and_the_rest_is_not():
    net, (X, labels) = network(), data(10)
    net.weights[0][5] = 0  # so that nothing depends on the last input
    before = X.copy()
    changed = attacked(Adversarial(0.1, share=0.3), net, X, one_hot(labels, 3, "float64"))
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(changed[3:], X[3:])
    np.testing.assert_allclose(np.abs(changed[:3, :5] - X[:3, :5]), 0.1)
    np.testing.assert_array_equal(changed[:, 5], X[:, 5])


def test_the_change_raises_the_loss_more_than_any_of_many_random_ones():
    net, (X, labels) = network(), data(10)
    y, loss = one_hot(labels, 3, "float64"), CrossEntropy()
    uphill = loss.value(net.forward(attacked(Adversarial(0.01, 1.0), net, X, y)), y)
    rng = np.random.default_rng(0)
    others = [X + 0.01 * rng.choice([-1, 1], X.shape) for _ in range(200)]
    assert uphill > max(loss.value(net.forward(other), y) for other in others)


def test_an_update_uses_the_changed_images_and_their_own_labels():
    X, labels = data(10)
    net, y = network(), one_hot(labels, 3, "float64")
    seen = attacked(Adversarial(0.1, 1.0), net, X, y)
    plain = network()
    next(Trainer(plain, seen, labels, optimizer=GradientDescent(0.2), batch_size=None))
    trainer = Trainer(
        net,
        X,
        labels,
        optimizer=GradientDescent(0.2),
        batch_size=None,
        adversarial=Adversarial(0.1, 1.0),
    )
    next(trainer)
    np.testing.assert_allclose(net.parameters, plain.parameters, rtol=1e-12)
    np.testing.assert_array_equal(trainer.X, X)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0}, "epsilon=0 must be more than 0"),
        ({"epsilon": float("nan")}, "epsilon=nan"),
        ({"share": 0}, "share=0 is of each batch"),
        ({"share": 1.1}, "share=1.1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Adversarial(**settings)


def test_only_an_adversarial_is_taken_and_never_with_code_of_ones_own():
    net, (X, y) = network(), data()
    with pytest.raises(TypeError, match="must be an Adversarial"):
        Trainer(net, X, y, adversarial=0.1)
    with pytest.raises(ValueError, match="leave dropout=, distortion= and adversarial= out"):
        OwnTrainer(net, X, y, OwnCode(), adversarial=Adversarial())
