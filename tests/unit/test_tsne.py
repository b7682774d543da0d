"""t-SNE in the layer map: where scikit-learn is, where it is not, and by what stands in for it."""

import asyncio
import importlib.util
import sys
import threading
import types

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.analysis import tsne as module
from nnlib.analysis.projection import project
from nnlib.analysis.tsne import tsne
from nnlib.lab import LayerMap

MNIST = nnlib.load_mnist()
TRAINING = MNIST.X_train[:600], MNIST.y_train[:600]
VALIDATION = MNIST.X_validation[:400], MNIST.y_validation[:400]


def make(**settings):
    network = nnlib.NeuralNetwork([784, 12, 10], hidden="relu", init="he", seed=0)
    return LayerMap(network, *TRAINING, validation=VALIDATION, points=60, **settings)


@pytest.fixture
def absent(monkeypatch):
    """No scikit-learn, whatever is installed."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)


@pytest.fixture
def calls(monkeypatch):
    """A scikit-learn whose t-SNE turns, mirrors and stretches the points that it begins from."""
    made = []

    class TSNE:
        def __init__(self, **settings):
            made.append(settings)

        def fit_transform(self, A):
            first = made[-1]["init"]
            points = 3 * first[:, ::-1] / np.abs(first).max() + A[:, :1] * 0 + 7
            return points.astype(np.float32)  # as the real one returns them

    for name in ("sklearn", "sklearn.manifold"):
        fake = types.ModuleType(name)
        fake.__spec__ = importlib.util.spec_from_loader(name, None)
        monkeypatch.setitem(sys.modules, name, fake)
    sys.modules["sklearn.manifold"].TSNE = TSNE
    return made


def test_without_scikit_learn_the_option_says_what_it_needs(absent):
    lab = make()
    (control,) = [c for c in lab.controls if c["trait"] == "method"]
    pca, by_neighbours = control["options"]
    assert "needs" not in pca
    assert by_neighbours["needs"] == "scikit-learn"
    assert "pip install scikit-learn" in by_neighbours["help"]
    with pytest.raises(traitlets.TraitError, match="pip install scikit-learn"):
        lab.method = "t-SNE"
    assert lab.method == "PCA" and lab.frame()[0]["maps by"] == "PCA"
    with pytest.raises(ModuleNotFoundError, match="pip install scikit-learn"):
        tsne(np.eye(5))


def test_it_begins_from_the_principal_plane_and_goes_on_from_the_points_before(calls):
    A = np.random.default_rng(0).normal(size=(50, 6))
    points = tsne(A)
    first = calls[0]["init"]
    assert first[:, 0].std() == pytest.approx(1e-4)
    plane = project(A).points
    np.testing.assert_allclose(first / first.max(), plane / plane.max(), atol=1e-6)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-6)
    assert points.dtype == np.float64 and first.dtype == np.float32
    tsne(A, points)
    np.testing.assert_allclose(calls[1]["init"], points, atol=1e-6)
    assert calls[1]["early_exaggeration"] == 1 and calls[1]["max_iter"] < calls[0]["max_iter"]
    with pytest.raises(ValueError, match="A has 50 samples"):
        tsne(A, points[:4])
    np.testing.assert_array_equal(tsne(np.ones((4, 3))), np.zeros((4, 2)))


@pytest.mark.parametrize("n", [50, 400, 401])
def test_the_settings_are_those_of_the_paper_as_far_as_the_samples_suffice(calls, n):
    A = np.random.default_rng(0).normal(size=(n, 3))
    tsne(A)
    tsne(A, start=np.zeros((n, 2)) + A[:, :2])
    usual = {
        "perplexity": 49 / 3 if n == 50 else 30,
        "learning_rate": "auto",
        "method": "exact" if n <= 400 else "barnes_hut",
        "random_state": 0,
    }
    from_plane, from_before = ({k: v for k, v in c.items() if k != "init"} for c in calls)
    assert from_plane == {**usual, "max_iter": 500, "early_exaggeration": 12}
    assert from_before == {**usual, "max_iter": 250, "early_exaggeration": 1}


def test_the_planes_lie_as_the_principal_planes_do_and_then_as_they_did(calls):
    lab = make()
    (control,) = [c for c in lab.controls if c["trait"] == "method"]
    assert all("needs" not in option for option in control["options"])
    planes = [layer.points for layer in lab.maps.layers]
    lab.method = "t-SNE"
    lab.frame()
    assert lab.maps.method == "t-SNE"
    # The stand-in has turned and mirrored them: turned back, they are the planes again, larger.
    for layer, plane in zip(lab.maps.layers, planes, strict=True):
        ratio = np.abs(layer.points).max() / np.abs(plane).max()
        np.testing.assert_allclose(layer.points, ratio * plane, atol=1e-4 * ratio)
    before = [layer.points for layer in lab.maps.layers]
    lab.step(3)
    values, _ = lab.frame()
    assert values["maps of update"] == 3 and values["maps by"] == "t-SNE"
    assert {m["share"] for m in values["maps"]} == {None}
    np.testing.assert_array_equal(lab.maps.layers[0].points, before[0])
    np.testing.assert_allclose(calls[-1]["init"], before[-1], atol=1e-6)
    lab.method = "PCA"
    assert lab.frame()[0]["maps by"] == "PCA"


def test_the_lab_goes_on_while_the_planes_are_found(calls, monkeypatch):
    go = threading.Event()
    found = module.tsne

    def slow(A, start=None):
        assert threading.current_thread() is not threading.main_thread()
        go.wait(60)
        return found(A, start)

    monkeypatch.setattr("nnlib.lab.layer_map.tsne", slow)

    async def scene():
        lab, sent, shown = make(), [], asyncio.Event()
        send_frame = lab.send_frame

        def send():
            send_frame()
            sent.append((lab.maps.method, lab.maps.updates))
            if sent[-1] == ("t-SNE", lab.updates):
                shown.set()

        lab.send_frame = lab.engine._show = send
        lab.method = "t-SNE"
        lab.step(5)
        assert sent[-1] == ("PCA", 0)
        go.set()
        await asyncio.wait_for(shown.wait(), timeout=60)
        return lab, sent

    lab, sent = asyncio.run(scene())
    assert sent[-1] == ("t-SNE", 5) and not lab.problem


def test_what_fails_aside_is_said_and_the_principal_planes_are_back(calls, monkeypatch):
    lab = make()

    def refuse(A, start=None):
        raise TypeError("unexpected keyword argument 'max_iter'")

    monkeypatch.setattr("nnlib.lab.layer_map.tsne", refuse)
    lab.method = "t-SNE"
    lab.frame()
    assert "max_iter" in lab.problem and lab.method == "PCA"


@pytest.mark.slow
def test_the_real_one_gives_the_same_picture_twice_and_keeps_neighbours():
    pytest.importorskip("sklearn")
    lab, again = make(), make()
    for one in (lab, again):
        one.method = "t-SNE"
        one.frame()
        one.step(20)
        one.frame()
    for a, b in zip(lab.maps.layers, again.maps.layers, strict=True):
        np.testing.assert_array_equal(a.points, b.points)
        assert np.isfinite(a.points).all() and a.points.std() > 1
