"""The distortion lab through its traits: what it shows is what the distortion makes of X."""

import numpy as np
import pytest
import traitlets

from nnlib import Distortion, NeuralNetwork
from nnlib.images.distortion import sample
from nnlib.lab import DistortionLab

X = np.random.default_rng(0).uniform(size=(5, 784)).astype(np.float32)
y = np.array([3, 1, 4, 1, 5])


def test_the_copies_are_those_that_training_would_see():
    lab = DistortionLab(X, seed=7)
    np.testing.assert_array_equal(
        lab.frame()[1]["after"], Distortion()(X, np.random.default_rng(7))
    )
    lab.alpha, lab.rotation, lab.shift, lab.seed = 60, 0, 2.5, 8
    assert lab.distortion == Distortion(alpha=60, rotation=0, shift=2.5)
    np.testing.assert_array_equal(
        lab.frame()[1]["after"], lab.distortion(X, np.random.default_rng(8))
    )


def test_the_field_belongs_to_the_image_that_is_shown_large():
    lab = DistortionLab(X)
    for image in (1, 4):
        lab.image = image
        arrays = lab.frame()[1]
        found = sample(X[image - 1][None], arrays["rows"][None], arrays["columns"][None])
        np.testing.assert_allclose(found[0], arrays["after"][image - 1], atol=1e-5)
        np.testing.assert_array_equal(arrays["before"], X)


def test_without_any_strength_the_images_stay_and_the_words_say_so():
    lab = DistortionLab(X, y, alpha=0, rotation=0, scaling=0, shear=0)
    np.testing.assert_allclose(lab.frame()[1]["after"], X, atol=1e-5)
    assert lab.frame()[0]["summary"] == (
        "Image 1, a 3: its pixels are taken from up to 0.0 pixels away."
    )
    lab.shift = 6
    assert "up to 0.0 pixels" not in lab.frame()[0]["summary"]


def test_the_network_says_what_it_reads_in_both():
    network = NeuralNetwork([784, 10], seed=0, init="normal")
    lab = DistortionLab(X, y, network, alpha=80)
    before, after = lab.frame()[0]["read"]
    assert [r["class"] for r in before] == network.predict(X).tolist()
    assert [r["class"] for r in after] == network.predict(lab.frame()[1]["after"]).tolist()
    first = network.forward(X[:1]).output.max()
    assert before[0]["percent"] == f"{100 * first:.0f} %"
    right = (network.predict(X) == y).sum()
    assert f"classifies {right} of 5 correctly as they are" in lab.frame()[0]["summary"]
    assert DistortionLab(X, y).frame()[0]["read"] is None


def test_reset_puts_everything_back():
    lab = DistortionLab(X, sigma=6, seed=3)
    start = lab.frame()
    lab.sigma, lab.seed, lab.image, lab.field, lab.alpha = 2, 9, 5, "arrows", 1
    lab.hear({"command": "reset"})
    now = lab.frame()
    assert now[0] == start[0]
    np.testing.assert_array_equal(now[1]["after"], start[1]["after"])


def test_values_outside_are_refused_and_an_image_beyond_the_last_is_the_last():
    lab = DistortionLab(X)
    lab.image = 99
    assert lab.image == 5
    for name, value in [("alpha", -1), ("sigma", 0), ("image", 0), ("seed", 1000), ("field", "x")]:
        with pytest.raises(traitlets.TraitError):
            setattr(lab, name, value)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: DistortionLab(X[0]), r"for example X\[:10\]"),
        (lambda: DistortionLab(np.zeros((13, 784))), "from 1 to 12 images"),
        (lambda: DistortionLab(X, y[:3]), r"integers of shape \(5,\)"),
        (lambda: DistortionLab(X, y / 2), "labels"),
        (lambda: DistortionLab(X, y, NeuralNetwork([2, 3])), "2 inputs"),
        (
            lambda: DistortionLab(X, elastic=3),
            "'elastic' is not a strength: choose from alpha, sigma",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_a_picture_stands_in_where_no_kernel_runs():
    pytest.importorskip("matplotlib")
    lab = DistortionLab(X, y, alpha=50)
    data, metadata = lab._repr_mimebundle_()
    alt = metadata["image/png"]["alt"]
    assert data["image/png"] and alt.startswith("Distorted digits: a digit under a bent grid")
    assert alt.endswith("run this cell in JupyterLab.")
    assert data["text/plain"] == repr(lab)
    assert "alpha=50, sigma=4, rotation=15" in repr(lab)
