"""The largest curvature of a loss: right where it is known, and the bound on α that it is."""

import numpy as np
import pytest

from nnlib import GradientDescent, NeuralNetwork, backward, evaluate, moons, train
from nnlib.landscapes.curvature import largest_curvature, power_iteration


def line_and_data(rng, n=40, k=3):
    """A linear network with squared error: its Hessian is 2/n AᵀA, whatever its parameters."""
    X, y = rng.normal(size=(n, k)), rng.normal(size=(n, 1))
    network = NeuralNetwork([k, 1], output="identity", seed=1, dtype="float64")
    A = np.column_stack([X, np.ones(n)])
    return network, X, y, 2 * A.T @ A / n


def hessian(network, X, y, loss, h=1e-5):
    x, columns = network.parameters.copy(), []
    for e in np.eye(x.size):
        sides = []
        for sign in (1, -1):
            network.parameters = x + sign * h * e
            sides.append(backward(network, network.forward(X), y, loss).vector.copy())
        columns.append((sides[0] - sides[1]) / (2 * h))
    network.parameters = x
    return np.column_stack(columns)


def test_it_is_the_largest_eigenvalue_of_a_known_hessian():
    network, X, y, H = line_and_data(np.random.default_rng(0))
    assert largest_curvature(network, X, y) == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-5)


@pytest.mark.parametrize("hidden, seed", [("tanh", 0), ("sigmoid", 3)])
def test_it_is_that_of_a_network_too(hidden, seed):
    X, y = moons(30, seed=0)
    network = NeuralNetwork([2, 3, 2], hidden=hidden, seed=seed, dtype="float64")
    H = hessian(network, X, y, "cross_entropy")
    found = largest_curvature(network, X, y)
    assert found == pytest.approx(np.linalg.eigvalsh((H + H.T) / 2)[-1], rel=1e-4)


@pytest.mark.parametrize("factor, falls", [(0.95, True), (1.05, False)])
def test_two_over_it_divides_learning_rates_that_descend_from_those_that_do_not(factor, falls):
    network, X, y, _ = line_and_data(np.random.default_rng(2))
    alpha = factor * 2 / largest_curvature(network, X, y)
    start = evaluate(network, X, y, "mse").loss
    train(
        network, X, y, optimizer=GradientDescent(alpha), batch_size=None, epochs=200, progress=False
    )
    assert (evaluate(network, X, y, "mse").loss < start) == falls


@pytest.mark.parametrize("eigenvalues", [(3.0, 1.0), (-5.0, 2.0), (0.0, 0.0), (4.0, 4.0)])
def test_power_iteration_finds_the_eigenvalue_largest_in_size(eigenvalues):
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    H = turn @ np.diag(eigenvalues) @ turn.T
    found = power_iteration(lambda v: H @ v, np.array([1.0, 0.3]), 500)
    assert found == pytest.approx(max(eigenvalues, key=abs), abs=1e-6)


def test_a_large_negative_eigenvalue_does_not_hide_the_largest():
    # −x² − 4y² as a network's loss is not to be had; a saddle of a real one will do.
    X, y = np.array([[1.0], [-1.0]]), np.array([[1.0], [1.0]])
    network = NeuralNetwork(
        [1, 1, 1], hidden="tanh", output="identity", init="zeros", dtype="float64"
    )
    network.weights[0], network.weights[1] = [[1.2]], [[-1.5]]
    H = hessian(network, X, y, "mse")
    values = np.linalg.eigvalsh((H + H.T) / 2)
    assert -values[0] > values[-1], "this point does not test what it is meant to"
    assert largest_curvature(network, X, y) == pytest.approx(values[-1], rel=1e-4)


def test_the_network_stays_as_it_was():
    network, X, y, _ = line_and_data(np.random.default_rng(0))
    before = network.parameters.copy()
    largest_curvature(network, X, y)
    assert np.array_equal(network.parameters, before)


def test_a_network_that_has_diverged_is_refused():
    network, X, y, _ = line_and_data(np.random.default_rng(0))
    network.parameters = np.full(4, 1e308)
    with pytest.raises(ValueError, match="diverged"):
        largest_curvature(network, X, y)
