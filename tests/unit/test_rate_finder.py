"""The learning-rate range test: α grows in equal factors, the edge is found, nothing is changed."""

import numpy as np
import pytest

from nnlib import Adam, GradientDescent, NeuralNetwork, Trainer, moons
from nnlib.landscapes.rate_finder import range_test


def line(curvature: float):
    """A loss ½ λ w² + 0.09 in one weight, λ = 2x²; the best line leaves 0.09."""
    x = np.sqrt(curvature / 2)
    X, y = np.array([[x], [-x], [x], [-x]]), 0.3 * np.array([[1.0], [1.0], [-1.0], [-1.0]])
    network = NeuralNetwork([1, 1], output="identity", init="zeros", dtype="float64")
    network.weights[0] = [[1.0]]
    return network, X, y


def test_the_rates_grow_in_equal_factors_from_low_to_high():
    network, X, y = line(1e-3)
    result = range_test(network, X, y, batch_size=None, low=1e-3, high=10, updates=50)
    assert result.learning_rates[[0, -1]] == pytest.approx([1e-3, 10])
    assert np.ptp(np.diff(np.log(result.learning_rates))) < 1e-9
    assert not result.rose
    assert len(result.learning_rates) == len(result.losses) == len(result.smooth) == 50


@pytest.mark.parametrize("curvature", [0.5, 5.0, 50.0])
def test_the_loss_is_lowest_near_the_bound_of_a_parabola_and_rises_beyond(curvature):
    network, X, y = line(curvature)
    result = range_test(
        network, X, y, batch_size=2, low=1e-3 / curvature, high=100 / curvature, updates=200
    )
    bound = 2 / max(curvature, 2.0)  # the curvature along the bias is 2
    assert 0.3 * bound < result.lowest < 3 * bound
    assert result.suggestion < bound
    assert result.rose
    assert result.losses[-1] > result.losses.min()


def test_each_loss_is_what_its_rate_has_led_to():
    X, y = moons(60, seed=0)
    network = NeuralNetwork([2, 4, 2], seed=0, dtype="float64")
    result = range_test(network, X, y, batch_size=None, low=0.1, high=1, updates=5)
    trainer = Trainer(network.copy(), X, y, batch_size=None)
    losses = []
    for rate in result.learning_rates:
        trainer.optimizer.learning_rate = rate
        losses.append(next(trainer).loss)
    losses.append(next(trainer).loss)
    assert result.losses == pytest.approx(losses[1:])


def test_the_running_mean_is_corrected_for_its_start():
    X, y = moons(60, seed=0)
    result = range_test(NeuralNetwork([2, 4, 2], seed=0), X, y, low=1e-8, high=1e-7, updates=20)
    assert result.smooth[0] == pytest.approx(result.losses[0])
    assert result.losses.min() <= result.smooth.min() <= result.smooth.max() <= result.losses.max()


def test_network_and_optimizer_stay_as_they_were():
    X, y = moons(60, seed=0)
    network, optimizer = NeuralNetwork([2, 4, 2], seed=0), Adam(0.01)
    before = network.parameters.copy()
    range_test(network, X, y, optimizer=optimizer, updates=10)
    assert np.array_equal(network.parameters, before)
    assert optimizer.learning_rate == 0.01
    assert optimizer.updates == 0


def test_it_says_what_it_found_and_repeats_it():
    network, X, y = line(5.0)
    # With a noisy gradient: an exact one may end in the very minimum, and stay there.
    first, second = (range_test(network, X, y, batch_size=2) for _ in range(2))
    assert repr(first) == repr(second)
    assert "where the loss had risen" in repr(first)
    assert "suggestion α ≈" in repr(first)


def test_a_first_update_that_diverges_is_said_in_words():
    network, X, y = line(5.0)
    network.weights[0] = [[1e200]]
    result = range_test(network, X, y, batch_size=None, low=1e150, high=1e160)
    assert "smaller `low`" in repr(result)


@pytest.mark.parametrize(
    "bad", [{"low": 0}, {"low": 2, "high": 1}, {"high": np.inf}, {"updates": 1}]
)
def test_an_impossible_range_is_refused(bad):
    network, X, y = line(1.0)
    with pytest.raises(ValueError, match=next(iter(bad))):
        range_test(network, X, y, batch_size=None, optimizer=GradientDescent(), **bad)


def test_it_ends_as_soon_as_the_running_mean_is_twice_its_lowest():
    network, X, y = line(5.0)
    smooth = range_test(network, X, y, batch_size=2, low=1e-3, high=100).smooth
    lowest = np.minimum.accumulate(smooth)
    assert smooth[-1] > 2 * lowest[-1]
    assert (smooth[:-1] <= 2 * lowest[:-1]).all()


def test_its_defaults_suit_few_samples():
    X, y = moons(20, seed=0)
    result = range_test(NeuralNetwork([2, 4, 2], seed=0), X, y, updates=5)
    assert len(result.losses) == 5


def test_without_a_loss_there_is_no_suggestion_but_a_sentence():
    X, y = moons(20, seed=0)
    network = NeuralNetwork([2, 1], output="identity", seed=0)
    result = range_test(network, X * 1e18, y * 1e18, batch_size=None, low=1.0)
    assert np.isnan(result.lowest)
    with pytest.raises(ValueError, match="first update diverged; begin with a smaller `low`"):
        _ = result.suggestion
