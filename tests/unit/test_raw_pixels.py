"""Raw pixels, 0 to 255, are shown as shades are, 0 to 1; what is neither, or both, is refused."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from nnlib import Distortion, NeuralNetwork, plots
from nnlib.exercises import certificate
from nnlib.images.fine_tuning import fine_tuner
from nnlib.images.pixels import as_shades
from nnlib.lab import ConfusionLab, DigitPad, DistortionLab

# Greys that no rounding takes for another.
RAW = np.random.default_rng(0).choice([0, 51, 102, 153, 204, 255], (2, 784)).astype(np.uint8)
SHADES = (RAW / 255).astype(np.float32)
NETWORK = NeuralNetwork([784, 10], init="zeros")
PLACES = Distortion().places(1, 28, np.random.default_rng(0))

PICTURES = {
    "digits": lambda X: plots.digits(X),
    "wrong_digits": lambda X: plots.wrong_digits(X, [0, 0], [0, 1]),
    "mean_digits": lambda X: plots.mean_digits(X, [0, 0]),
    "distorted": lambda X: plots.distorted(X, lambda X, rng: X, copies=1),
    "bent_grid": lambda X: plots.bent_grid(X[0], PLACES),
    "damage": lambda X: plots.damage(lambda X, s, rng: X, [0, 1], {"a": [1, 0.5]}, X[:1]),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_raw_pixels_are_shown_as_shades_are(picture):
    assert picture(RAW).png == picture(SHADES).png


@pytest.mark.parametrize("dtype", ["int64", "float16", "float32", "float64"])
def test_the_type_of_raw_pixels_makes_no_difference(dtype):
    np.testing.assert_allclose(as_shades("X", RAW.astype(dtype)), SHADES, rtol=2e-3)
    dark = np.minimum(RAW, 1).astype("int64")  # whole numbers beyond 1 alone tell
    np.testing.assert_array_equal(as_shades("X", dark), dark)


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.where(RAW == RAW[0, 0], np.nan, SHADES), "NaN"),
        (SHADES - 3, "go from -3 to -2, but in an image 0 is paper"),
        (256.0 * RAW, "0 is paper"),
    ],
)
def test_what_is_no_image_is_not_shown(picture, wrong, words):
    with pytest.raises(ValueError, match=words):
        picture(wrong)


def test_labs_show_raw_pixels_as_shades_and_give_the_network_what_they_are():
    for X in (RAW, SHADES):
        lab = ConfusionLab(NETWORK, X, [0, 0])
        lab.cell = [0, 0]
        np.testing.assert_allclose(lab.frame()[1]["pixels"], SHADES, atol=1e-6)
        np.testing.assert_array_equal(lab.X, X)
        arrays = DistortionLab(X, alpha=0, rotation=0, scaling=0, shear=0).frame()[1]
        np.testing.assert_allclose(arrays["before"], SHADES, atol=1e-6)
        np.testing.assert_allclose(arrays["after"], SHADES, atol=1e-5)
    with pytest.raises(ValueError, match="NaN"):
        DistortionLab(SHADES * np.nan)


def test_raw_pixels_and_shades_are_not_mixed():
    for new, old in ((RAW, SHADES), (SHADES, RAW)):
        with pytest.raises(ValueError, match=r"raw pixels, 0 to 255, and the other shades"):
            fine_tuner(NETWORK.copy(), new, [0, 1], old, [0, 1], seed=0)
    y = [0, 1]
    for X, digits in ((RAW, SHADES), (SHADES, RAW)):
        with pytest.raises(ValueError, match="divide raw pixels by 255"):
            DigitPad(NETWORK, X, y, digits=(digits, y))


def test_the_certificate_shows_both_alike_and_refuses_what_is_no_digit(tmp_path):
    one, other = (
        certificate("A", tmp_path / name, digits=[(X[0], 7)]).read_text()
        for name, X in (("a.html", RAW), ("b.html", SHADES))
    )
    assert one == other
    png = base64.b64decode(re.search('base64,([^"]+)', one)[1])
    grey = np.asarray(Image.open(io.BytesIO(png)))  # where there is ink it is dark
    np.testing.assert_array_equal(grey, 255 - RAW[0].reshape(28, 28))
    for name, digits, words in (
        ("A", [(SHADES[0] * np.nan, 7)], "NaN"),
        ("A", [(SHADES[0], 7.5)], "label=7.5"),
        ("A", SHADES, "a digit must be a pair"),
        (None, [], "name=None must be a text"),
    ):
        with pytest.raises((ValueError, TypeError), match=words):
            certificate(name, tmp_path / "c.html", digits=digits)
    assert not (tmp_path / "c.html").exists()
