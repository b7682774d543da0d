"""The confusion lab through its traits: each cell opens the images that are in it."""

import numpy as np
import pytest
import traitlets

from nnlib import NeuralNetwork
from nnlib.lab import ConfusionLab
from nnlib.lab.confusion_lab import _percent


def make(seed=0, n=300):
    """Images that are nothing but noise, and a network that reads one of three classes."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(n, 784)).astype(np.float32)
    return NeuralNetwork([784, 3], seed=seed, init="normal"), X, rng.integers(0, 3, n)


def test_it_opens_with_the_cell_of_the_most_mistakes():
    network, X, y = make()
    lab = ConfusionLab(network, X, y)
    predicted = network.predict(X)
    counts = {
        (i, j): int(((y == i) & (predicted == j)).sum())
        for i in range(3)
        for j in range(3)
        if i != j
    }
    assert counts[tuple(lab.cell)] == max(counts.values()) == len(lab.indices)


def test_a_cell_shows_its_images_the_surest_mistake_first_with_their_probabilities():
    network, X, y = make()
    lab = ConfusionLab(network, X, y)
    p = network.forward(X).output
    lab.cell = [2, 1]
    assert (y[lab.indices] == 2).all() and (p[lab.indices].argmax(axis=1) == 1).all()
    assert (np.diff(p[lab.indices, 1]) <= 0).all()
    values, arrays = lab.frame()
    assert values["cell"] == [2, 1]
    assert [image["index"] for image in values["images"]] == lab.indices[:24].tolist()
    np.testing.assert_array_equal(arrays["pixels"], X[lab.indices[:24]])
    first = values["images"][0]["said"]
    assert first[0] == {"name": "1", "percent": _percent(p[lab.indices[0], 1]), "true": False}
    assert [said["name"] for said in first if said["true"]] == ["2"]
    n = int((y == 2).sum())
    assert (
        f"{len(lab.indices)} of {n} of class 2 are classified as 1, the most confident first."
        in (values["summary"])
    )


def test_what_is_right_comes_the_least_sure_first():
    network, X, y = make()
    lab = ConfusionLab(network, X, y)
    lab.cell = [1, 1]
    sure = network.forward(X).output[lab.indices, 1]
    assert len(sure) > 5 and (np.diff(sure) >= 0).all()
    assert (
        "of class 1 are classified correctly, the least confident first."
        in lab.frame()[0]["summary"]
    )


def test_the_true_class_is_named_even_if_it_is_the_least_likely():
    X = np.ones((1, 784), np.float32)
    network = NeuralNetwork([784, 6], init="zeros")
    network.biases[0] = [5, 4, 3, 2, 1, 0]
    said = ConfusionLab(network, X, np.array([5])).frame()[0]["images"][0]["said"]
    assert [s["name"] for s in said] == ["0", "1", "2", "5"] and said[-1]["true"]


def test_more_images_of_a_full_cell_and_none_of_an_empty():
    network, X, y = make()
    network.weights[0] = np.zeros((784, 3))
    network.biases[0] = [1, 0, 0]  # all is a 0
    lab = ConfusionLab(network, X, y)
    lab.cell = [2, 0]
    n = int((y == 2).sum())
    assert lab.frame()[0]["left"] == n - 24
    lab.hear({"command": "more"})
    values, arrays = lab.frame()
    assert len(values["images"]) == len(arrays["pixels"]) == 48 and values["left"] == n - 48
    lab.cell = [2, 1]
    values, arrays = lab.frame()
    assert values["images"] == [] and "pixels" not in arrays
    assert f"0 of {n} of class 2 are classified as 1." in values["summary"]
    lab.cell = [2, 0]
    assert len(lab.frame()[0]["images"]) == 24  # as few as at first


def test_look_again_sees_what_the_network_has_become():
    network, X, y = make()
    lab = ConfusionLab(network, X, y)
    network.biases[0] = [0, 99, 0]
    lab.look_again()
    assert lab.matrix[:, 1].sum() == 300
    assert f"{(y == 1).sum()} of 300 images are classified correctly" in repr(lab)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.5, "50 %"),
        (0.996, "99.6 %"),
        (0.004, "0.4 %"),
        (0.9999, "99.99 %"),
        (1.0, "100 %"),
        (1e-9, "0 %"),
    ],
)
def test_percentages_have_the_digits_that_tell_them_from_certainty(p, text):
    assert _percent(p) == text


def test_a_cell_that_is_none_is_refused():
    lab = ConfusionLab(*make())
    for cell in ([0, 3], [-1, 0], [1]):
        with pytest.raises(traitlets.TraitError):
            lab.cell = cell


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n, X, y: (NeuralNetwork([2, 3]), X, y), "784 inputs"),
        (lambda n, X, y: (NeuralNetwork([784, 1]), X, y), "an output each"),
        (lambda n, X, y: (n, X, y[:9]), "one for each of the"),
        (lambda n, X, y: (n, X, y + 1), "labels y run from 1 to 3"),
        (lambda n, X, y: (n, X, y, ["a"]), "1 class names"),
        (lambda n, X, y: (n, X[:, :9], y), "9 columns"),
    ],
)
def test_what_does_not_fit_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        ConfusionLab(*change(*make()))


def test_the_matrix_stands_in_where_no_kernel_runs():
    pytest.importorskip("matplotlib")
    network, X, y = make()
    lab = ConfusionLab(network, X, y, class_names=["ant", "bee", "cat"])
    data, metadata = lab._repr_mimebundle_()
    alt = metadata["image/png"]["alt"]
    assert data["image/png"] and alt.startswith("Confusion matrix of 3 classes over 300 samples")
    assert alt.endswith("run this cell in JupyterLab.")
    true, predicted = (["ant", "bee", "cat"][c] for c in lab.cell)
    assert f"of class {true} are classified as {predicted}" in data["text/plain"] == repr(lab)
