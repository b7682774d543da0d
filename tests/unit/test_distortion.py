"""Distorted images are the old ones at other places, no more and no less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Distortion
from nnlib.images.distortion import AT_ONCE, blur_matrix, distance_moved, sample

NONE = {"alpha": 0, "rotation": 0, "scaling": 0, "shear": 0, "shift": 0}


def images(n, side=28, seed=0, dtype="float32"):
    return np.random.default_rng(seed).random((n, side * side)).astype(dtype)


def looked_up(image, row, column):
    """Bilinear interpolation of one place, written out."""
    side = len(image)

    def pixel(r, c):
        return image[r, c] if 0 <= r < side and 0 <= c < side else 0.0

    r, c = int(np.floor(row)), int(np.floor(column))
    down, right = row - r, column - c
    return (
        pixel(r, c) * (1 - down) * (1 - right)
        + pixel(r, c + 1) * (1 - down) * right
        + pixel(r + 1, c) * down * (1 - right)
        + pixel(r + 1, c + 1) * down * right
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_sampling_is_bilinear_interpolation_with_nothing_outside(seed, side):
    rng = np.random.default_rng(seed)
    X = rng.random((2, side * side))
    rows, columns = rng.uniform(-3, side + 2, (2, 2, side, side))
    expected = [
        [
            looked_up(X[i].reshape(side, side), r, c)
            for r, c in zip(rows[i].flat, columns[i].flat, strict=True)
        ]
        for i in range(2)
    ]
    np.testing.assert_allclose(sample(X, rows, columns), expected, atol=1e-12)


def test_places_far_outside_are_empty_and_no_error():
    far = np.full((1, 28, 28), 1e9, np.float32)
    for rows, columns in ((far, -far), (-far, far)):
        assert not sample(images(1), rows, columns).any()


def test_a_distortion_of_no_strength_changes_nothing():
    X = images(3)
    np.testing.assert_allclose(Distortion(**NONE)(X, np.random.default_rng(0)), X, atol=1e-6)


@pytest.mark.parametrize(
    "strength", [{"alpha": 34}, {"rotation": 15}, {"scaling": 0.2}, {"shear": 0.2}, {"shift": 2}]
)
def test_every_image_is_distorted_in_a_way_of_its_own(strength):
    same = np.repeat(images(1), AT_ONCE + 2, axis=0)  # more than are distorted at a time
    X = Distortion(**{**NONE, **strength})(same, np.random.default_rng(0))
    assert X.shape == same.shape and X.dtype == same.dtype
    assert len(np.unique(X, axis=0)) == len(X)
    assert not np.allclose(X, same, atol=0.01)


def test_the_same_generator_gives_the_same_images_and_the_original_is_left_alone():
    X = images(5)
    before = X.copy()
    first, again = (Distortion()(X, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(X, before)
    assert not np.array_equal(first, Distortion()(X, np.random.default_rng(8)))


def affine(**strength):
    """The places of many images under this affine part alone, with the centre as the origin."""
    rows, columns = Distortion(**{**NONE, **strength}).places(
        500, 29, np.random.default_rng(0), "float64"
    )
    return rows - 14, columns - 14


def test_a_rotation_keeps_distances_and_stays_within_its_angle():
    rows, columns = affine(rotation=15)
    r, c = np.mgrid[-14:15, -14:15]
    np.testing.assert_allclose(rows**2 + columns**2, np.broadcast_to(r**2 + c**2, rows.shape))
    angle = np.degrees(np.arctan2(rows[:, 14, 28], columns[:, 14, 28]))
    assert -15 <= angle.min() < -13 and 13 < angle.max() <= 15


def test_scaling_stretches_height_and_width_each_by_itself():
    rows, columns = affine(scaling=0.2)
    height, width = rows[:, 28, 14] / 14, columns[:, 14, 28] / 14
    assert 0.8 <= height.min() < 0.82 and 1.18 < height.max() <= 1.2
    assert abs(np.corrcoef(height, width)[0, 1]) < 0.15
    np.testing.assert_allclose(rows[:, 14], 0, atol=1e-12)  # the middle stays in the middle


def test_shear_slants_the_rows_and_keeps_them_level():
    rows, columns = affine(shear=0.3)
    np.testing.assert_allclose(rows, np.broadcast_to(np.arange(-14, 15)[:, None], rows.shape))
    slant = columns[:, 28, 14] / 14
    assert -0.3 <= slant.min() < -0.28 and 0.28 < slant.max() <= 0.3
    np.testing.assert_allclose(columns[:, 0, 14], -columns[:, 28, 14])


def test_shift_moves_all_pixels_alike():
    rows, columns = affine(shift=2)
    down, right = rows[:, 14, 14], columns[:, 14, 14]
    np.testing.assert_allclose(rows - down[:, None, None], affine()[0])
    assert -2 <= down.min() < -1.9 and 1.9 < right.max() <= 2


def test_all_affine_parts_come_in_the_order_scale_slant_turn():
    """M is what the three, taken one after the other, make of the unit vectors."""
    d = Distortion(**{**NONE, "rotation": 30, "scaling": 0.5, "shear": 0.4})
    M, _ = d._affine(np.random.default_rng(3).uniform(-1, 1, (6, 1, 1, 1)), 29, "float64")
    angle, width, height, slant, _, _ = (
        np.random.default_rng(3).uniform(-1, 1, (6, 1, 1, 1)).ravel()
    )
    turn = np.radians(30 * angle)
    R = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    expected = R @ np.array([[1, 0], [0.4 * slant, 1]]) @ np.diag([1 + height / 2, 1 + width / 2])
    np.testing.assert_allclose(M[..., 0, 0, 0], expected)


def test_the_blur_is_a_gaussian():
    G = blur_matrix(101, 4.0, "float64")
    assert G.dtype == np.float64 and blur_matrix(101, 4.0).dtype == np.float32
    np.testing.assert_allclose(G[50].sum(), 1)
    p = np.arange(101) - 50
    np.testing.assert_allclose(np.sqrt((G[50] * p**2).sum()), 4, rtol=1e-6)
    assert G[0].sum() < 0.6  # at the edge half the bell lies outside, where there is nothing


@pytest.mark.parametrize("sigma", [0.3, 0.9, 1.9, 2.5, 20.0])
@pytest.mark.parametrize("side", [3, 8])
def test_the_bell_is_whole_however_little_of_it_lies_inside(side, sigma):
    p = np.arange(-400, 401)
    bell = np.exp(-(p**2) / (2 * sigma**2))
    inside = (bell / bell.sum())[400 : 400 + side]
    np.testing.assert_allclose(blur_matrix(side, sigma, "float64")[0], inside, rtol=1e-12)


def test_the_elastic_field_has_the_strength_and_the_smoothness_asked_for():
    alpha, sigma = 34, 4
    u = Distortion(alpha=alpha, sigma=sigma).displacement(400, 41, np.random.default_rng(0))
    middle = u[:, :, 20, 20]
    # Uniform noise has the variance 1/3, and a blur leaves 1 / (4πσ²) of it.
    np.testing.assert_allclose(middle.std(), alpha / np.sqrt(3 * 4 * np.pi * sigma**2), rtol=0.06)
    assert abs(middle.mean()) < 0.3
    beside = np.corrcoef(middle.ravel(), u[:, :, 20, 24].ravel())[0, 1]
    np.testing.assert_allclose(beside, np.exp(-(4**2) / (4 * sigma**2)), atol=0.05)
    assert abs(np.corrcoef(u[0, :, 20, 20], u[1, :, 20, 20])[0, 1]) < 0.15


@pytest.mark.parametrize(
    ("strength", "message"),
    [
        ({"alpha": -1}, "alpha=-1 must be"),
        ({"rotation": float("nan")}, "rotation=nan must be"),
        ({"shear": "much"}, "shear='much' must be"),
        ({"sigma": 0}, "sigma=0 would blur nothing"),
        ({"scaling": 1}, "less than 1"),
    ],
)
def test_impossible_strengths_are_refused(strength, message):
    with pytest.raises(ValueError, match=message):
        Distortion(**strength)


@pytest.mark.parametrize("shape", [(3, 783), (784,), (2, 28, 28)])
def test_what_is_no_square_image_is_refused(shape):
    with pytest.raises(ValueError, match="square images"):
        Distortion()(np.zeros(shape, np.float32), np.random.default_rng(0))


def test_how_far_a_pixel_is_taken_from_is_the_distance_from_its_own_place():
    p = np.arange(5)
    rows, columns = np.broadcast_arrays(p[:, None] + 3.0, p - 4.0)
    np.testing.assert_array_equal(distance_moved(rows, columns), np.full((5, 5), 5.0))
    many = distance_moved(np.stack([rows] * 3), np.stack([columns] * 3))
    np.testing.assert_array_equal(many, np.full((3, 5, 5), 5.0))


@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0)])
def test_what_is_no_generator_is_refused_by_name(rng):
    with pytest.raises(TypeError, match=r"rng=.* must be a generator, np.random.default_rng"):
        Distortion()(np.zeros((2, 784)), rng)
