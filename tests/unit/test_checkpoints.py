"""A stopped training, gone on with, ends as one that was not; files are whole or not there."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib import MNIST
from nnlib.recipes import Recipe, Run
from nnlib.recipes.checkpoint import Checkpoints

TINY = Recipe(
    name="tiny", purpose="to be tested", layers=(16, 12, 3), batch_size=10, epochs=4,
    optimizer="momentum", optimizer_settings={"beta": 0.9}, learning_rate=0.1,
    schedule="linear", warmup=0.1,
)  # fmt: skip


def digits(n=95, seed=0, side=4):
    """Return small images of three classes: not MNIST, but of the same form."""
    rng = np.random.default_rng(seed)
    X = rng.random((n + 60, side * side), np.float32)
    y = X[:, :3].argmax(axis=1)
    return MNIST(X[:n], y[:n], X[n : n + 30], y[n : n + 30], X[n + 30 :], y[n + 30 :])


DATA = digits()


def weights_of(recipe, seed=0, validation=False):
    trained = Run(recipe, seed, DATA, validation)
    for _ in trained:
        pass
    return trained


EVERYTHING = {
    "gradient descent": {"optimizer": "gradient descent", "optimizer_settings": {}},
    "momentum": {},
    "adam": {"optimizer": "adam", "optimizer_settings": {}, "learning_rate": 0.01},
    "rmsprop": {"optimizer": "rmsprop", "optimizer_settings": {}, "learning_rate": 0.01},
    "dropout": {"dropout": {"input": 0.1, "hidden": 0.5}},
    "distortion": {"distortion": {"alpha": 8.0, "sigma": 2.0}},
    # "average": {"average": 0.5},
    "cosine, l2, smoothing": {"schedule": "cosine", "l2": 0.001, "smoothing": 0.1},
    "workers": {"workers": 2},
    "float64": {"dtype": "float64"},
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_stopped_at_any_update_it_ends_with_the_same_weights(name, tmp_path):
    recipe = replace(TINY, **EVERYTHING[name])
    whole = weights_of(recipe, validation=True)
    assert whole.updates == 40
    for stop in (1, 7, 10, 26, 39):  # in the first epoch, at the end of one, in the average
        first = Run(recipe, 0, DATA, True)
        for _ in range(stop):
            next(first)
        Checkpoints(tmp_path, {"stop": stop}).save(stop, first.state())
        second = Run(recipe, 0, DATA, True)
        second.restore(Checkpoints(tmp_path, {"stop": stop}).load()[0])
        assert second.updates == stop
        for _ in second:
            pass
        np.testing.assert_array_equal(second.learned().parameters, whole.learned().parameters)
        assert second.curve == whole.curve
        Checkpoints(tmp_path, {}).clear()


def test_a_setting_changes_the_weights_and_the_seed_does():
    plain = weights_of(TINY).learned().parameters
    np.testing.assert_array_equal(weights_of(TINY).learned().parameters, plain)
    assert (weights_of(TINY, seed=1).learned().parameters != plain).any()
    for name, settings in EVERYTHING.items():
        if settings:
            other = weights_of(replace(TINY, **settings)).learned().parameters
            assert (other != plain).any(), name
