"""Damaged images: the right damage, by the stated strength, and the same each time."""

import numpy as np
import pytest

from nnlib import Distortion, NeuralNetwork, accuracy, load_mnist, plots
from nnlib.images.damage import KINDS, accuracy_under, damaged, noisy, rotated, shifted
from nnlib.images.distortion import sample
from nnlib.images.fine_tuning import shifted_copies
from nnlib.images.pixels import are_raw, as_shades, black_of, rounded_to

RNG = np.random.default_rng(0)
X = RNG.uniform(size=(6, 784)).astype(np.float32)


def squares(images):
    return images.reshape(-1, 28, 28)


def one_dot(row, column):
    image = np.zeros((1, 28, 28))
    image[0, row, column] = 1
    return image.reshape(1, 784)


def centre_of_mass(image):
    image = image.reshape(28, 28)
    row, column = np.indices(image.shape)
    return (image * row).sum() / image.sum(), (image * column).sum() / image.sum()


def test_a_whole_shift_moves_every_pixel_and_fills_up_with_paper():
    moved = squares(shifted(X, right=3, down=-2))
    np.testing.assert_allclose(moved[:, :26, 3:], squares(X)[:, 2:, :25], atol=1e-6)
    assert (moved[:, :, :3] == 0).all() and (moved[:, 26:] == 0).all()


def test_half_a_pixel_is_the_mean_of_two_neighbours():
    moved = squares(shifted(X, right=0.5))
    np.testing.assert_allclose(
        moved[:, :, 1:], (squares(X)[:, :, 1:] + squares(X)[:, :, :-1]) / 2, atol=1e-6
    )


def test_each_image_may_have_a_shift_and_an_angle_of_its_own():
    by = np.arange(6)
    for i, (one, all_) in enumerate(zip(X, shifted(X, down=by), strict=True)):
        np.testing.assert_array_equal(shifted(one[None], down=i)[0], all_)
    for i, (one, all_) in enumerate(zip(X, rotated(X, 15 * by), strict=True)):
        np.testing.assert_allclose(rotated(one[None], 15 * i)[0], all_, atol=1e-6)


def test_a_quarter_turn_is_that_of_numpy_and_anticlockwise():
    np.testing.assert_allclose(
        squares(rotated(X.astype(np.float64), 90)),
        np.rot90(squares(X), axes=(1, 2)),
        atol=1e-6,
    )
    # Right of the middle, a dot goes up.
    row, column = centre_of_mass(rotated(one_dot(13, 24), 20))
    assert row < 12 and column < 24


def test_a_dot_keeps_its_distance_from_the_centre_as_it_is_turned():
    for degrees in (10, 33, 61):
        row, column = centre_of_mass(rotated(one_dot(13, 23), degrees))
        assert np.hypot(row - 13.5, column - 13.5) == pytest.approx(np.hypot(0.5, 9.5), abs=0.1)
        turned = np.degrees(np.arctan2(13.5 - row, column - 13.5))
        assert turned == pytest.approx(degrees + np.degrees(np.arctan2(0.5, 9.5)), abs=1.5)


def test_noise_has_the_stated_standard_deviation_and_stays_within_its_limits():
    grey = np.full((200, 784), 0.5, np.float32)
    made = noisy(grey, 0.1, np.random.default_rng(0))
    assert made.dtype == np.float32
    assert made.std() == pytest.approx(0.1, rel=0.01) and made.mean() == pytest.approx(
        0.5, abs=1e-3
    )
    drawn = np.random.default_rng(0).standard_normal(grey.shape, np.float32)
    np.testing.assert_allclose(made, (grey + 0.1 * drawn).clip(0, 1), atol=1e-6)
    strong = noisy(grey, 2.0, np.random.default_rng(0))
    assert strong.min() == 0 and strong.max() == 1


@pytest.mark.parametrize("shape", [(), (9,), (2, 9), (3, 2, 9)])
def test_an_image_is_a_row_whatever_the_shape(shape):
    X = np.random.default_rng(1).normal(size=shape) * 3  # each with a range of its own
    rows = [noisy(X, 9.0, np.random.default_rng(0)).reshape(-1, shape[-1] if shape else 1)]
    rows += [noisy(X.reshape(rows[0].shape), 9.0, np.random.default_rng(0))]
    np.testing.assert_array_equal(*rows)
    for before, after in zip(X.reshape(rows[0].shape), rows[0], strict=True):
        assert after.min() >= before.min(initial=0) and after.max() <= before.max(initial=1)


@pytest.mark.parametrize("kind", KINDS)
def test_no_strength_is_no_damage_and_a_seed_repeats_it(kind):
    strength = {"noise": 0.3, "rotation": 20.0, "shift": 2.5}[kind]
    np.testing.assert_allclose(damaged(X, kind, 0), X, atol=1e-6)
    first = damaged(X, kind, strength, seed=1)
    assert first.shape == X.shape and first.dtype == X.dtype
    assert np.abs(first - X).max() > 0.1
    np.testing.assert_array_equal(first, damaged(X, kind, strength, seed=1))
    assert np.abs(first - damaged(X, kind, strength, seed=2)).max() > 0.1


def test_only_the_strength_differs_between_two_strengths():
    grey = np.full((3, 784), 0.5)
    weak, strong = (damaged(grey, "noise", s) - 0.5 for s in (0.01, 0.02))
    np.testing.assert_allclose(strong, 2 * weak, atol=1e-12)
    dots = np.repeat(one_dot(13, 14), 40, axis=0)
    ways = []
    for s in (2.0, 4.0):
        moved = np.array([centre_of_mass(image) for image in damaged(dots, "shift", s)])
        ways.append((moved - [13, 14]) / s)
        np.testing.assert_allclose(np.hypot(*ways[-1].T), 1, atol=0.02)
    np.testing.assert_allclose(*ways, atol=0.02)
    assert np.ptp(ways[0], axis=0).min() > 1  # in every direction


def test_turned_images_are_turned_either_way():
    dots = np.repeat(one_dot(13, 23), 40, axis=0)
    turned = damaged(dots, "rotation", 30)
    up = np.array([centre_of_mass(image)[0] < 13 for image in turned])
    assert 8 < up.sum() < 32
    np.testing.assert_allclose(turned, rotated(dots, np.where(up, 30, -30)), atol=1e-12)


def test_moved_images_are_moved_every_way_alike():
    dots = np.zeros((1200, 25))
    dots[:, 12] = 1
    moved = damaged(dots, "shift", 1).reshape(-1, 5, 5)  # at most one pixel to each side
    down, right = (moved.sum(axis=axis) @ np.arange(-2, 3) for axis in (2, 1))
    angles = np.sort(np.arctan2(down, right))
    np.testing.assert_allclose(angles, np.linspace(-np.pi, np.pi, 1200), atol=0.3)


def test_accuracy_under_damage_begins_at_the_accuracy_and_falls():
    data = load_mnist()
    images, labels = data.X_validation[:700], data.y_validation[:700]
    # The class whose mean is nearest, as a network: −½‖x − μ‖² = μᵀx − ½‖μ‖² − ½‖x‖².
    means = np.array(
        [data.X_train[:5000][data.y_train[:5000] == c].mean(axis=0) for c in range(10)]
    )
    network = NeuralNetwork([784, 10])
    network.weights[0], network.biases[0] = means.T, -0.5 * (means**2).sum(axis=1)
    for kind, strengths in (("noise", [0, 1.5]), ("rotation", [0, 45]), ("shift", [0, 5.5])):
        undamaged, low = accuracy_under(network, images, labels, kind, strengths)
        assert undamaged == accuracy(network, images, labels) > 0.75
        assert low < undamaged - 0.1
        again = accuracy_under(network, images, labels, kind, strengths)
        np.testing.assert_array_equal(again, [undamaged, low])


def test_damage_of_ones_own():
    def black(X, strength, rng):
        return np.full_like(X, strength)

    np.testing.assert_array_equal(damaged(X, black, 0.25), np.full_like(X, 0.25))


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: damaged(X, "blur", 1), "choose noise, rotation, shift"),
        (lambda: damaged(X, "noise", -1), "0 or more"),
        (lambda: damaged(X, "noise", np.nan), "0 or more"),
        (lambda: damaged(X[0], "noise", 1), "square images"),
        (lambda: rotated(X[:, :700], 3), "square images"),
    ],
)
def test_what_cannot_be_done_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


# Every type of array, with values that float16 and bytes hold exactly, and a range above 1.
PICTURES = np.random.default_rng(2).integers(0, 256, (4, 64)).astype(np.float64)
TYPES = {
    "uint8": lambda A: A.astype(np.uint8),
    "float16": lambda A: A.astype(np.float16),
    "float32": lambda A: A.astype(np.float32),
    "big-endian": lambda A: A.astype(">i2"),
    "Fortran order": np.asfortranarray,
    "negative strides": lambda A: A[::-1, ::-1].copy()[::-1, ::-1],
}
ACTS = {
    "noise": lambda A: damaged(A, "noise", 30.0),
    "rotation": lambda A: damaged(A, "rotation", 20.0),
    "shift": lambda A: damaged(A, "shift", 1.5),
    "noisy": lambda A: noisy(A, 30.0, np.random.default_rng(0)),
    "rotated": lambda A: rotated(A, [10, 20, 30, 40]),
    "shifted": lambda A: shifted(A, right=0.5, down=-1.25),
    "Distortion": lambda A: Distortion()(A, np.random.default_rng(0)),
    "sample": lambda A: sample(A, *Distortion().places(4, 8, np.random.default_rng(0), "float64")),
    "shifted_copies": shifted_copies,
}


@pytest.mark.parametrize("make", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_the_type_of_images_does_not_decide_the_arithmetic(act, make):
    images, exact = make(PICTURES), act(PICTURES)
    images.flags.writeable = False
    made = act(images)
    assert made.dtype.newbyteorder("=") == images.dtype.newbyteorder("=")
    if images.dtype.kind in "iu":
        np.testing.assert_array_equal(made, np.rint(exact).clip(0, 255))
    else:  # half a unit in the last place of a number below 512, and what float32 computes
        off = {2: 0.15, 4: 2e-2, 8: 1e-9}[images.dtype.itemsize]
        np.testing.assert_allclose(made.astype(np.float64), exact, atol=off)


@pytest.mark.parametrize("make", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize("scale", [1, 1 / 256, -1])
def test_strength_zero_changes_nothing_whatever_the_range(make, scale):
    images = make(PICTURES * scale) if make is not TYPES["uint8"] else make(PICTURES)
    for kind in KINDS:
        np.testing.assert_array_equal(damaged(images, kind, 0), images)
    still = Distortion(alpha=0, rotation=0, scaling=0, shear=0, shift=0)
    np.testing.assert_array_equal(still(images, np.random.default_rng(0)), images)


# A function of one's own is a guest.


@pytest.mark.parametrize(
    ("guest", "reason"),
    [
        (lambda X, s, rng: None, "returned None: has it come to its `return`"),
        (lambda X, s, rng: X[:-1], r"returned float\d+ of shape \(5, 784\)"),
        (lambda X, s, rng: X * np.nan, r"returned nan at \[0, 0\]"),
        (lambda X, s, rng: X.astype(str), "returned <U"),
        (lambda X, s, rng: np.ma.array(X, mask=True), "returned masked"),
    ],
)
def test_what_a_function_of_ones_own_returns_is_checked(guest, reason):
    with pytest.raises(ValueError, match=f"kind=.*{reason}"):
        damaged(X, guest, 1)
    with pytest.raises(ValueError, match=f"distortion=.*{reason}"):
        plots.distorted(X, lambda X, rng: guest(X, 1, rng))


def test_a_function_of_ones_own_may_work_in_place_on_its_copy():
    def blacken(X, strength, rng):
        X += strength
        return X

    before = X.copy()
    for images in (X, X[:1]):
        np.testing.assert_array_equal(damaged(images, blacken, 0.5), images + np.float32(0.5))
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: rotated(X, [1, 2]), "degrees has shape"),
        (lambda: shifted(X, right=[0, 0, 0, 0, 0, np.inf]), "right has shape.*finite"),
        (lambda: damaged(X[:, :700], "noise", 1), "square images"),
        (lambda: shifted(X, right=np.nan), "right has shape.*finite"),
        (lambda: shifted(X, down="up"), "down must hold numbers"),
        (lambda: damaged(X, "noise", "much"), "strength='much' must be a finite number"),
        (lambda: damaged(X, ["noise"], 1), "is no damage: choose"),
        (lambda: accuracy_under(NeuralNetwork([784, 2]), X, [0] * 6, "noise", 0.5), "a list of"),
    ],
)
def test_what_is_no_strength_is_refused_in_words(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


@pytest.mark.parametrize("few", [np.float16(30), np.uint8(30), 30])
def test_the_type_of_an_angle_or_a_shift_does_not_decide_where_it_goes(few):
    np.testing.assert_array_equal(rotated(PICTURES, few), rotated(PICTURES, 30.0))
    np.testing.assert_array_equal(shifted(PICTURES, few / 10), shifted(PICTURES, float(few / 10)))


# What pixels are.


@pytest.mark.parametrize(
    ("pixels", "raw"),
    [
        ([], False), ([0, 1], False), ([0, 2], True), ([1, 255], True), ([-1, 255], False),
        ([0.0, 2.0], False), ([0.0, 2.5], True), ([1.5, 2.5], True), ([-0.5, 3.0], False),
        ([False, True], False),
    ],
)  # fmt: skip
def test_raw_pixels_are_told_by_their_range(pixels, raw):
    assert are_raw(np.array(pixels)) is raw


@pytest.mark.parametrize(
    ("highest", "black"),
    [
        (1, 1),
        (2, 16),
        (16, 16),
        (17, 255),
        (255, 255),
        (256, 65535),
        (65535, 65535),
        (70000, 70000),
    ],
)
def test_black_is_the_end_of_the_range_and_noise_is_as_strong(highest, black):
    pixels = np.zeros((2, 4), np.int64)
    pixels[0, 0] = highest
    assert black_of(pixels) == black
    drawn = noisy(pixels, 0.1 * black, np.random.default_rng(0))
    np.testing.assert_array_equal(damaged(pixels, "noise", 0.1, seed=0), drawn)


@pytest.mark.parametrize(
    ("pixels", "shades"),
    [
        (np.array([]), []),
        (np.array([0, 51, 255], np.uint8), [0, 0.2, 1]),
        (np.array([0, 51, 255], np.float32), [0, 0.2, 1]),
        (np.array([-1.0, 2.0]), [-1, 2]),
        (np.array([0, 1]), [0, 1]),
        (np.array([0.5, np.nan]), None),
        (np.array([0.0, 256]), None),
        (np.array([-1.5, 0.5]), None),
        (np.array([-1.0, 2.5]), None),
    ],
)
def test_shades_are_what_they_were_and_raw_pixels_their_share_of_255(pixels, shades):
    if shades is None:
        with pytest.raises(ValueError, match=r"^pixels (holds|go)"):
            as_shades("pixels", pixels)
        return
    np.testing.assert_allclose(as_shades("pixels", pixels), shades, rtol=1e-6)
    if pixels.dtype.kind == "f":
        assert as_shades("pixels", pixels).dtype == pixels.dtype


@pytest.mark.parametrize(
    ("dtype", "rounded"),
    [("bool", [0, 0, 1, 1, 1]), ("uint8", [0, 0, 1, 1, 255]), ("float16", [-3, 0.4, 0.6, 1, 300])],
)
def test_numbers_are_rounded_to_the_type_they_came_in(dtype, rounded):
    made = rounded_to(dtype, np.array([-3, 0.4, 0.6, 1, 300]))
    assert made.dtype == dtype
    np.testing.assert_array_equal(made, np.array(rounded, dtype))
