"""The plane, and what each neuron makes of it."""

import numpy as np
import pytest

import nnlib
from nnlib.analysis.maps import neuron_maps, plane


def test_the_plane_is_read_row_by_row_from_the_top_left():
    points = plane(3, limit=2)
    assert points[:4].tolist() == [[-2, 2], [0, 2], [2, 2], [-2, 0]]
    assert points[-1].tolist() == [2, -2]


def test_the_plane_may_be_any_rectangle():
    points = plane(3, limit=((0, 4), (-1, 5)))
    for pairs in ([[0, 4], [-1, 5]], np.array([(0, 4), (-1, 5)])):  # as a lab or numpy has them
        np.testing.assert_array_equal(plane(3, limit=pairs), points)
    assert points[:4].tolist() == [[0, 5], [2, 5], [4, 5], [0, 2]]
    assert points[-1].tolist() == [4, -1]


@pytest.mark.parametrize("limit", [np.nan, [1, 2], [(-1, 1)] * 3, [(-1, 1), (0, np.inf)]])
def test_what_bounds_no_rectangle_is_refused(limit):
    with pytest.raises(ValueError, match=r"limit=.* must be a finite number, or two pairs"):
        plane(3, limit=limit)


@pytest.mark.parametrize("limit", [np.uint8(2), np.float16(2), [[-2, 2]] * 2])
def test_the_type_of_a_limit_does_not_decide_where_it_is(limit):
    np.testing.assert_array_equal(plane(5, limit), plane(5, 2.0))


def test_a_map_holds_what_a_neuron_does_at_each_point():
    network = nnlib.NeuralNetwork([2, 3, 4, 2], hidden="tanh", seed=0, dtype="float64")
    points = plane(5)
    first, second, output = neuron_maps(network, points)
    assert (first.shape, second.shape, output.shape) == ((3, 25), (4, 25), (2, 25))
    one = np.tanh(points[7] @ network.weights[0][:, 1] + network.biases[0][1])
    np.testing.assert_allclose(first[1, 7], one)
    np.testing.assert_allclose(output.sum(axis=0), 1)


def test_only_a_network_of_two_inputs_lives_on_the_plane():
    with pytest.raises(ValueError, match="two coordinates, but this network has 3 inputs"):
        neuron_maps(nnlib.NeuralNetwork([3, 2]), plane(4))
    with pytest.raises(ValueError, match="n=1 must be a whole number from 2"):
        plane(1)
