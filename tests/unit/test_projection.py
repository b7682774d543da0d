"""The planes of the layers: the directions of most variance, turned to where they were."""

from itertools import pairwise

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.analysis.projection import Projection, align, alike, project, project_layers
from nnlib.plots import projections


def cloud(n, k, seed=0):
    """Points spread differently in every direction, and none of these along an axis."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(k, k)))
    return (rng.normal(size=(n, k)) * np.linspace(5, 0.5, k)) @ Q.T + rng.normal(size=k)


def distances(points):
    return np.linalg.norm(points[:, None] - points, axis=2)


# More samples than features, and fewer.
@pytest.mark.parametrize(("n", "k"), [(50, 7), (9, 40), (2, 5), (30, 2)])
def test_the_plane_is_that_of_the_singular_value_decomposition(n, k):
    A = cloud(n, k)
    one = project(A)
    U, s, _ = np.linalg.svd(A - A.mean(axis=0), full_matrices=False)
    # Up to the direction of each axis.
    np.testing.assert_allclose(np.abs(one.points), np.abs(U[:, :2] * s[:2]), atol=1e-9)
    assert one.share == pytest.approx((s[:2] ** 2).sum() / (s**2).sum())
    np.testing.assert_allclose(one.points.mean(axis=0), 0, atol=1e-12)


def test_points_of_a_line_and_points_in_one_place_have_a_plane_too():
    line = project([[1.0], [2.0], [6.0]])
    np.testing.assert_allclose(line.points, [[-2, 0], [-1, 0], [3, 0]], atol=1e-12)
    assert line.share == pytest.approx(1)
    same = project(np.ones((4, 3)))
    assert (same.points == 0).all() and same.share == 1


def test_the_same_points_give_the_same_picture_whichever_way_the_axes_point():
    A = cloud(40, 6)
    np.testing.assert_allclose(project(-A[:, ::-1]).points, -project(-A).points * -1, atol=1e-9)
    for seed in range(8):
        points = project(cloud(40, 6, seed)).points
        assert (points.max(axis=0) == np.abs(points).max(axis=0)).all()  # the farthest is right, up


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
def test_the_type_of_the_numbers_does_not_decide_the_plane(dtype):
    A = np.random.default_rng(0).integers(0, 256, (20, 5)).astype(dtype)
    np.testing.assert_array_equal(project(A).points, project(A.astype(np.float64)).points)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_picture_that_was_turned_is_turned_back(mirrored):
    before = project(cloud(60, 5)).points
    angle = 2.4
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirrored:
        R = R @ np.diag([1, -1])
    np.testing.assert_allclose(align(before @ R, before), before, atol=1e-9)


def test_no_other_turn_comes_nearer_and_nothing_is_stretched():
    rng = np.random.default_rng(1)
    points, before = rng.normal(size=(2, 30, 2))
    turned = align(points, before)
    np.testing.assert_allclose(distances(turned), distances(points), atol=1e-9)
    least = ((turned - before) ** 2).sum()
    for angle in np.linspace(0, 2 * np.pi, 73):
        c, s = np.cos(angle), np.sin(angle)
        for R in ([[c, -s], [s, c]], [[c, s], [s, -c]]):
            assert ((points @ np.array(R) - before) ** 2).sum() >= least - 1e-9


def test_between_two_updates_a_picture_moves_little_though_its_axes_change_places():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(200, 4)) * [1.01, 1.0, 0.3, 0.3]
    later = A * [0.98, 1.0, 1.0, 1.0]  # now the second direction has more variance
    network = NeuralNetwork([4, 4], output="identity", init="zeros")
    network.weights[0] = np.eye(4)
    first = project_layers(network.forward(A))
    second = project_layers(network.forward(later), first)
    for before, after, unaligned in zip(
        first, second, project_layers(network.forward(later)), strict=True
    ):
        assert np.abs(after.points - before.points).max() < 0.15
        assert np.abs(unaligned.points - before.points).max() > 0.4
        np.testing.assert_allclose(distances(after.points), distances(unaligned.points), atol=1e-6)
    # At first each layer lies as the one under it.
    np.testing.assert_allclose(first[1].points, first[0].points, atol=1e-5)
    deep = project_layers(NeuralNetwork([4, 6, 5, 4], "tanh", seed=0).forward(A))
    for below, layer in pairwise(deep):
        np.testing.assert_allclose(align(layer.points, below.points), layer.points, atol=1e-9)


def test_the_share_of_nearest_neighbours_that_are_alike():
    A = [[0.0, 0], [1, 0], [10, 0], [11.5, 0], [13, 0]]
    assert alike(A, [0, 0, 1, 1, 1]) == alike(A[:2], [0, 0]) == 1
    # The neighbour of 10 is 11.5, of 11.5 and 13 as near as each other; 0 and 1 are a pair.
    assert alike(A, [0, 1, 2, 2, 2]) == pytest.approx(3 / 5)
    rng = np.random.default_rng(0)
    B, labels = rng.normal(size=(80, 6)), rng.integers(0, 3, 80)
    far = distances(B)
    np.fill_diagonal(far, np.inf)
    assert alike(B, labels) == (labels[far.argmin(axis=1)] == labels).mean()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: project([1.0, 2.0]), "one a row"),
        (lambda: project([[1.0, 2.0]]), "2 samples or more"),
        (lambda: project(np.empty((3, 0))), r"shape \(3, 0\)"),
        (lambda: project([[1.0], [np.nan]]), "NaN or infinity"),
        (lambda: project([["a"], ["b"]]), "A must hold numbers"),
        (lambda: align(np.ones((3, 2)), np.ones((4, 2))), r"points \(3, 2\) and before \(4, 2\)"),
        (lambda: alike(np.ones((1, 2)), [0]), "2 samples or more"),
        (lambda: alike(np.ones((3, 2)), [0, 1]), "one for each of the 3 rows"),
    ],
)
def test_what_is_no_set_of_points_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_figure_says_how_much_each_plane_holds():
    layers = [Projection(cloud(20, 2), 0.18), Projection(cloud(20, 2, seed=1), 0.5)]
    labels = np.arange(20) % 10
    picture = projections(layers, labels, ["784 pixels", "10 outputs"], title="Before")
    assert picture.alt.startswith("Before: 20 samples as points of a plane, for each layer.")
    assert "784 pixels: 18 % of the variance; 10 outputs: 50 %" in picture.alt
    with pytest.raises(ValueError, match="2 layers need as many names"):
        projections(layers, labels, ["784 pixels"])


@pytest.mark.parametrize("size", [1e-300, 1e160, 1e307])
def test_numbers_whose_squares_overflow_have_a_plane_and_neighbours(size):
    A, labels = cloud(30, 7), np.arange(30) % 3
    scaled = A / np.abs(A).max()
    expected, one = project(scaled), project(scaled * size)
    np.testing.assert_allclose(one.points / size, expected.points, atol=1e-9)
    assert one.share == pytest.approx(expected.share)
    assert alike(scaled * size, labels) == alike(scaled, labels)


def test_the_largest_numbers_that_there_are_beside_0_have_a_plane_and_neighbours():
    line = np.array([[1.5], [-1.5], [0.0], [0.0]]) * 1e308
    points = project(line).points / 1e308
    np.testing.assert_allclose(np.abs(points), [[1.5, 0], [1.5, 0], [0, 0], [0, 0]], atol=1e-9)
    assert alike(line, [0, 1, 2, 2]) == 0.5
