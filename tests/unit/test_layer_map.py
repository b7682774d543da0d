"""The layer map through its traits: it shows the planes of the network as it is."""

import numpy as np
import pytest

import nnlib
from nnlib.analysis.projection import project
from nnlib.lab import LayerMap
from nnlib.lab.layer_map import MOST_MAPS

MNIST = nnlib.load_mnist()
TRAINING = MNIST.X_train[:600], MNIST.y_train[:600]
VALIDATION = MNIST.X_validation[:400], MNIST.y_validation[:400]


def make(points=60, layers=(784, 12, 10), **settings):
    network = nnlib.NeuralNetwork(list(layers), hidden="relu", init="he", seed=0)
    return LayerMap(network, *TRAINING, validation=VALIDATION, points=points, **settings)


def flat(points):
    """Return what turning and mirroring leave alone: all distances."""
    return np.linalg.norm(points[:, None] - points, axis=2)


def test_the_planes_are_those_of_every_layer_for_some_digits_of_each_class():
    lab = make()
    lab.step(30)
    values, arrays = lab.frame()
    labels, predicted, rows = arrays["digits"].astype(int)
    X, y = VALIDATION[0][rows], VALIDATION[1][rows]
    np.testing.assert_array_equal(labels, y)
    assert np.bincount(labels, minlength=10).tolist() == [6] * 10
    np.testing.assert_array_equal(predicted, lab.network.predict(X))
    trace = lab.network.forward(X)
    assert [m["name"] for m in values["maps"]] == [
        "784 pixels",
        "layer 1, 12 neurons",
        "10 outputs",
    ]
    for l, a in enumerate(trace.a):
        np.testing.assert_allclose(flat(arrays[f"map {l}"].T), flat(project(a).points), atol=1e-4)
        assert values["maps"][l]["share"] == pytest.approx(project(a).share)


def test_the_images_are_sent_to_a_view_that_says_hello_and_not_with_every_frame():
    lab = make()
    assert "pixels" not in lab.frame()[1]
    sent = []
    lab.send_frame = lambda: sent.append(lab.frame())
    lab.hear({"command": "hello"})
    np.testing.assert_array_equal(
        sent[0][1]["pixels"], VALIDATION[0][sent[0][1]["digits"][2].astype(int)]
    )
    assert "pixels" not in lab.frame()[1]


def test_a_moment_that_was_seen_looks_the_same_when_it_is_shown_again():
    lab = make()
    shown = {}
    for _ in range(12):
        lab.step()
        lab.frame()
        shown[lab.updates] = [layer.points for layer in lab.maps.layers]
    for update in (3, 9, 1, 12):
        assert lab.rewind(update) == lab.maps.updates == update
        for a, b in zip(lab.maps.layers, shown[update], strict=True):
            np.testing.assert_array_equal(a.points, b)


def test_after_a_rewind_another_future_is_not_taken_for_the_old_one():
    lab = make()
    lab.step(12)
    old = lab.maps.layers[1].points
    lab.rewind(6)
    lab.learning_rate = 1.0
    lab.step(6)
    assert lab.updates == lab.maps.updates == 12
    trace = lab.network.forward(lab._images)
    np.testing.assert_allclose(
        flat(lab.maps.layers[1].points), flat(project(trace.a[1]).points), atol=1e-4
    )
    assert np.abs(flat(lab.maps.layers[1].points) - flat(old)).max() > 0.1


def test_reset_shows_the_network_as_it_came():
    lab = make()
    lab.frame()
    first = [layer.points for layer in lab.maps.layers]
    lab.step(20)
    assert lab.maps.updates == 20
    lab.reset()
    assert lab.maps.updates == 0
    for a, b in zip(lab.maps.layers, first, strict=True):
        np.testing.assert_array_equal(a.points, b)


@pytest.mark.slow
def test_the_maps_kept_are_bounded_and_the_first_stays():
    lab = make(points=10)
    for _ in range(2 * MOST_MAPS):
        lab.step()
        lab.frame()
    assert len(lab._seen) <= MOST_MAPS and 0 in lab._seen and 2 * MOST_MAPS in lab._seen


def test_training_that_diverges_leaves_the_last_maps():
    lab = make(learning_rate=1e30)
    lab.step(20)
    assert lab.problem
    values, arrays = lab.frame()
    assert all(np.isfinite(arrays[f"map {l}"]).all() for l in range(3))
    assert values["maps of update"] < 20


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make(layers=(100, 10)), "it needs 784 inputs, the pixels"),
        (lambda: make(points=1), "points=1 must be a whole number from 2 to 1,000"),
        (lambda: LayerMap(X=TRAINING[0]), "X and target belong together"),
    ],
)
def test_what_does_not_fit_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_where_no_kernel_runs_the_planes_before_training_are_shown():
    lab = make()
    lab.step(5)
    picture = lab.preview()
    assert picture.alt.startswith("What each layer makes of the digits before training")
    assert "784 pixels" in picture.alt and "10 outputs" in picture.alt
