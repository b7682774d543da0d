"""The data: MNIST as everybody knows it, and toys drawn as promised."""

import gzip
import shutil
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import (
    DataFileError,
    blobs,
    circles,
    load_mnist,
    moons,
    noisy_sine,
    spirals,
    xor,
)
from nnlib.datasets.mnist import DATA, FILES


def test_the_first_digits_are_those_of_the_literature():
    mnist = load_mnist()
    assert mnist.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_each_digit_is_as_frequent_as_the_literature_says():
    mnist = load_mnist(validation=0)
    assert np.bincount(mnist.y_train).tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
    assert np.bincount(mnist.y_test).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


@pytest.mark.slow
def test_the_pixels_have_the_mean_and_spread_of_the_literature():
    X = load_mnist(validation=0).X_train
    assert X.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert X.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)
    assert X.min() == 0 and X.max() == 1


def test_shapes_and_types_are_those_a_network_takes():
    mnist = load_mnist()
    for name, n in (("train", 50_000), ("validation", 10_000), ("test", 10_000)):
        X, y = getattr(mnist, f"X_{name}"), getattr(mnist, f"y_{name}")
        assert (X.shape, X.dtype) == ((n, 784), np.float32)
        assert (y.shape, y.dtype) == ((n,), np.int64)
    assert repr(mnist) == (
        "MNIST: 50,000 train, 10,000 validation, 10,000 test images of 784 pixels"
    )


def test_an_image_reads_row_by_row_with_ink_as_one():
    image = load_mnist().X_train[0].reshape(28, 28)  # the famous 5: a bar on top, a hook below
    assert not image[:4].any() and not image[:, :4].any()  # a margin of paper
    assert image[5:8, 14:22].mean() > 0.5 > image[5:8, :11].mean()
    assert np.array_equal(np.rint(image * 255), (image * 255).round(3))


@pytest.mark.parametrize("n", [0, 1, 10_000, 59_999])
def test_the_validation_images_are_the_last_of_the_training_images(n):
    whole, parts = load_mnist(validation=0), load_mnist(validation=n)
    assert (len(parts.X_train), len(parts.X_validation)) == (60_000 - n, n)
    assert len(parts.y_train) == 60_000 - n and len(parts.y_validation) == n
    np.testing.assert_array_equal(parts.y_train[-1], whole.y_train[59_999 - n])
    for i in range(n)[:: max(1, n // 10)]:
        np.testing.assert_array_equal(parts.X_validation[i], whole.X_train[60_000 - n + i])
        assert parts.y_validation[i] == whole.y_train[60_000 - n + i]


def test_every_caller_shares_the_same_memory_and_no_one_can_write_to_it():
    one, other = load_mnist(), load_mnist(validation=5000)
    assert np.shares_memory(one.X_train, other.X_train)
    assert np.shares_memory(one.X_validation, other.X_train)
    assert np.shares_memory(one.X_test, other.X_test)
    for name in ("X_train", "y_train", "X_validation", "y_validation", "X_test", "y_test"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(one, name)[0] = 1


@pytest.mark.parametrize("n", [-1, 60_000, 0.5, True, "10", None])
def test_an_impossible_validation_size_is_refused(n):
    with pytest.raises(ValueError, match=r"validation=.*from 0 to 59,999"):
        load_mnist(validation=n)


@pytest.fixture
def directory(tmp_path):
    """A directory with links to the four files, any of which a test may replace."""
    for name in FILES:
        (tmp_path / name).symlink_to(DATA / name)
    return tmp_path


def damaged(directory, name, change):
    """Replace a file by `change` of its contents and return the message of the error."""
    path = directory / name
    contents = path.read_bytes()
    path.unlink()
    changed = change(contents)
    if changed is not None:
        path.write_bytes(changed)
    with pytest.raises(DataFileError) as caught:
        load_mnist(directory=directory)
    assert name in str(caught.value)
    return str(caught.value)


LABELS = "t10k-labels-idx1-ubyte.gz"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(directory, name):
    message = damaged(directory, name, lambda contents: None)
    assert "is missing" in message and str(directory) in message


@pytest.mark.parametrize("keep", [5, 4000, -8])
def test_a_file_cut_short_is_named(directory, keep):
    assert "cut short or damaged" in damaged(directory, LABELS, lambda c: c[:keep])


def test_an_empty_file_is_named(directory):
    damaged(directory, LABELS, lambda contents: b"")


def test_a_file_that_is_no_gzip_is_named(directory):
    message = damaged(directory, LABELS, lambda contents: b"<html>Not found</html>")
    assert "cut short or damaged" in message


@pytest.mark.slow
@settings(max_examples=5)  # each reads all of MNIST
@given(position=st.integers(100, 4000), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed(tmp_path_factory, position, change):
    directory = tmp_path_factory.mktemp("mnist")
    for name in FILES:
        (directory / name).symlink_to(DATA / name)

    def change_one(contents):
        changed = bytearray(contents)
        changed[position] ^= change
        return bytes(changed)

    damaged(directory, LABELS, change_one)


@pytest.mark.slow
def test_a_file_that_unpacks_to_far_more_is_refused_without_unpacking_it(directory):
    bomb = gzip.compress(bytes(300_000_000), compresslevel=1)
    tracemalloc.start()
    try:
        damaged(directory, LABELS, lambda contents: bomb)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_good_data_that_are_not_mnist_are_refused(directory):
    def swap_two_labels(contents):
        data = bytearray(gzip.decompress(contents))
        data[8], data[9] = data[9], data[8]
        return gzip.compress(bytes(data))

    message = damaged(directory, LABELS, swap_two_labels)
    assert "not the original MNIST file" in message and FILES[LABELS] in message


@pytest.mark.slow
def test_another_directory_is_read_and_nothing_is_remembered_of_a_failure(directory):
    contents = (directory / LABELS).read_bytes()
    damaged(directory, LABELS, lambda contents: contents[:100])
    (directory / LABELS).write_bytes(contents)
    mnist = load_mnist(directory=directory)
    assert mnist.y_test[0] == 7 and not np.shares_memory(mnist.y_test, load_mnist().y_test)
    shutil.rmtree(directory)
    with pytest.raises(DataFileError, match="is missing"):
        load_mnist(directory=directory)


CLASSES = {
    "xor": (xor, 2),
    "circles": (circles, 2),
    "moons": (moons, 2),
    "spirals": (spirals, 2),
    "blobs": (blobs, 3),
}
TOYS = [*(toy for toy, _ in CLASSES.values()), noisy_sine]


@pytest.mark.parametrize(("toy", "k"), CLASSES.values(), ids=CLASSES)
@given(n=st.integers(1, 60), seed=st.integers(0, 100))
def test_a_toy_has_the_promised_shape_and_classes_as_equal_as_can_be(toy, k, n, seed):
    X, y = toy(n, seed=seed)
    assert (X.shape, X.dtype) == ((n, 2), np.float32)
    assert y.shape == (n,) and y.dtype.kind == "i"
    counts = np.bincount(y, minlength=k)
    assert len(counts) == k and counts.max() - counts.min() <= 1
    assert np.isfinite(X).all()


@pytest.mark.parametrize("toy", [xor, circles, moons, spirals, blobs])
def test_the_classes_come_in_random_order_and_mostly_within_the_square(toy):
    X, y = toy(400, seed=0)
    assert 0 < np.mean(y[1:] == y[:-1]) < 0.75
    assert (np.abs(X) <= 1).all(axis=1).mean() > 0.9


@pytest.mark.parametrize("toy", TOYS)
def test_a_seed_makes_a_toy_repeatable_and_none_draws_anew(toy):
    def draw(seed):
        return [array.tobytes() for array in toy(30, seed=seed)]

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)
    assert draw(None) != draw(None)


def spread_evenly(values, low, high):
    """Whether many values are drawn uniformly from low to high, as far as their number can tell."""
    values = np.sort(np.asarray(values, np.float64))
    even = low + (high - low) * (np.arange(len(values)) + 0.5) / len(values)
    return np.abs(values - even).max() < 0.05 * (high - low)


def test_xor_is_one_where_the_signs_differ_and_leaves_a_gap_along_the_axes():
    X, y = xor(4000, noise=0)
    np.testing.assert_array_equal(y, X[:, 0] * X[:, 1] < 0)
    for x in X.T:
        assert spread_evenly(np.abs(x), 0.1, 1)
        assert np.mean(x > 0) == pytest.approx(0.5, abs=0.03)
    assert abs(np.corrcoef(np.abs(X.T))[0, 1]) < 0.05


def test_circles_are_a_disc_of_label_one_within_a_ring_both_all_around():
    X, y = circles(4000, noise=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert spread_evenly(radius[y == 1] ** 2, 0, 0.25)  # as many for each bit of the disc's area
    assert spread_evenly(radius[y == 0], 0.7, 1)
    assert all(spread_evenly(angle[y == label], -np.pi, np.pi) for label in (0, 1))


def test_moons_are_two_halves_of_an_ellipse_one_upside_down():
    X, y = moons(4000, noise=0)
    x, height = np.where(y == 1, -X.T, X.T)  # the second turned by 180 degrees is the first
    angle = np.arctan2(height + 0.25, x / 0.66 + 0.5)
    np.testing.assert_allclose(np.hypot(height + 0.25, x / 0.66 + 0.5), 1, atol=1e-6)
    assert all(spread_evenly(angle[y == label], 0, np.pi) for label in (0, 1))
    assert X[y == 0, 1].min() < X[y == 1, 1].max()  # they reach into each other


@pytest.mark.parametrize(("k", "turns"), [(2, 1.5), (3, 0.5), (1, -2)])
def test_an_arm_of_a_spiral_turns_as_often_as_asked_on_its_way_out(k, turns):
    X, y = spirals(3000, noise=0, n_classes=k, turns=turns)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi)
    off = angle - turns * radius - y / k  # whole turns, as the arms are spread evenly
    np.testing.assert_allclose(off, np.rint(off), atol=1e-5)
    assert spread_evenly(radius**2, 0.01, 1)
    with pytest.raises(ValueError, match="turns=nan must be a finite number"):
        spirals(turns=np.nan)


def test_blobs_lie_evenly_on_a_circle_the_first_on_top():
    for k in (1, 2, 5):
        X, y = blobs(50, noise=0, n_classes=k)
        where = 0.65 * np.exp(1j * (np.pi / 2 + 2 * np.pi * y / k))
        np.testing.assert_allclose(X[:, 0] + 1j * X[:, 1], where, atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_spirals_and_blobs_have_as_many_classes_as_asked(k):
    for toy in (spirals, blobs):
        assert set(toy(100, n_classes=k)[1]) == set(range(k))


def test_a_blob_spreads_by_its_noise():
    X, y = blobs(30_000, noise=0.2)
    for label in range(3):
        np.testing.assert_allclose(X[y == label].std(axis=0), 0.2, rtol=0.05)


def test_the_sine_is_a_column_for_a_regression():
    x, y = noisy_sine(3000, noise=0)
    assert spread_evenly(x[:, 0], -1, 1)
    assert x.shape == y.shape == (3000, 1) and x.dtype == y.dtype == np.float32
    np.testing.assert_allclose(y, np.sin(np.pi * x), atol=1e-5)
    x, y = noisy_sine(20_000, noise=0.3)
    assert (y - np.sin(np.pi * x)).std() == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_impossible_noise_is_refused(toy, noise):
    with pytest.raises(ValueError, match="noise="):
        toy(noise=noise)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("n", [0, -1, 2.5, 10**8 + 1])
def test_an_impossible_number_of_samples_is_refused(toy, n):
    with pytest.raises(ValueError, match=r"n_samples=.*from 1 to 100,000,000"):
        toy(n)


@pytest.mark.parametrize("toy", [spirals, blobs])
@pytest.mark.parametrize("k", [0, 1.5, 10**6 + 1])
def test_an_impossible_number_of_classes_is_refused(toy, k):
    with pytest.raises(ValueError, match=r"n_classes=.*from 1 to 1,000,000"):
        toy(n_classes=k)
