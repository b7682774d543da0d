"""The playground through its traits: what acts at once, what starts anew, what travels."""

import json

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab import Playground
from nnlib.lab.playground import DATASETS, OPTIMIZERS


def test_it_learns_to_tell_the_circles_apart():
    lab = Playground(dataset="circles", learning_rate=0.3)
    lab.step(3000)
    assert lab._latest["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("name", "value"),
    [("learning_rate", 0.5), ("mode", "Batch"), ("batch_size", 25), ("optimizer", "Adam"),
     ("momentum", 0.5), ("pace", "2 updates a second")],
)  # fmt: skip
def test_what_acts_on_the_next_update_keeps_what_was_learned(name, value):
    lab = Playground()
    lab.step(5)
    before = lab.network.parameters.copy()
    setattr(lab, name, value)
    np.testing.assert_array_equal(lab.network.parameters, before)
    assert lab.updates == 5
    lab.step()
    assert lab.updates == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [("dataset", "moons"), ("noise", 0.2), ("share", 0.5), ("seed", 3), ("hidden", [3]),
     ("hidden", []), ("activation", "relu"), ("init", "he"), ("loss", "Mean squared error")],
)  # fmt: skip
def test_what_changes_the_question_or_the_network_starts_anew(name, value):
    lab = Playground()
    lab.step(5)
    setattr(lab, name, value)
    assert lab.updates == 0 and lab.problem == ""
    assert lab.network.layers == (2, *lab.hidden, 2)
    lab.step(2)
    assert lab.updates == 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_optimizer_goes_on_with_the_sliders_values(name):
    lab = Playground(optimizer="Gradient descent" if name != "Gradient descent" else "Adam")
    lab.momentum, lab.learning_rate = 0.7, 0.02
    lab.optimizer = name
    optimizer = lab._trainer.optimizer
    assert type(optimizer).__name__.lower() in name.lower().replace(" ", "")
    assert optimizer.learning_rate == 0.02
    if name in ("Momentum", "Nesterov"):
        assert optimizer.beta == 0.7


def test_momentum_moved_by_its_slider_keeps_the_optimizer_at_work():
    lab = Playground(optimizer="Momentum")
    lab.step(3)
    lab.momentum = 0.2
    assert lab._trainer.optimizer.beta == 0.2


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_set_is_split_into_training_and_validation(dataset):
    lab = Playground(dataset=dataset, share=0.6)
    assert len(lab._trainer.X) == 240 and len(lab._judge.X) == 160
    assert lab._points[3].sum() == 160  # marked as validation points
    np.testing.assert_array_equal(lab._points[:2, :240].T, lab._trainer.X)


def test_points_of_your_own_are_learned():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (60, 2))
    lab = Playground(X, (X[:, 0] > 0).astype(int), learning_rate=0.5)
    lab.step(1500)
    assert lab.dataset == "my data" and lab._latest["accuracy"] > 0.85
    assert sorted(map(tuple, lab._points[:2].T)) == sorted(map(tuple, X))


def test_settings_survive_json_and_bring_back_the_very_run():
    lab = Playground(dataset="moons", hidden=[5], optimizer="Momentum", learning_rate=0.05, seed=4)
    settings = json.loads(json.dumps(lab.settings()))
    again = Playground.from_settings(json.dumps(settings))
    assert again.settings() == settings
    lab.step(50)
    again.step(50)
    np.testing.assert_array_equal(again.network.parameters, lab.network.parameters)


def test_locked_settings_have_no_control_but_keep_their_value():
    lab = Playground(locked=["optimizer", "hidden"], optimizer="Adam")
    assert "optimizer" not in [control["trait"] for control in lab.controls]
    assert lab.settings()["locked"] == ["optimizer", "hidden"]
    assert Playground.from_settings(lab.settings()).optimizer == "Adam"


def test_what_is_no_setting_is_refused():
    with pytest.raises(ValueError, match=r"unknown settings \['speeed'\]"):
        Playground(speeed=1)
    with pytest.raises(ValueError, match="unknown settings"):
        Playground(locked=["everything"])
    with pytest.raises(traitlets.TraitError):
        Playground(dataset="squares")
    lab = Playground()
    with pytest.raises(traitlets.TraitError):
        lab.hidden = [4, 0]
    assert lab.hidden == [6, 4]


def test_a_small_training_share_makes_do_with_a_smaller_batch():
    X, y = nnlib.moons(20)
    lab = Playground(X, y, batch_size=10, share=0.2)
    lab.step()
    assert lab.problem == "" and lab._trainer.samples_seen == 4


def test_a_frame_shows_every_neuron_and_the_true_weights():
    lab = Playground(hidden=[3, 2])
    lab.step()
    values, arrays = lab._frame()
    assert values["layers"] == [2, 3, 2, 2]
    assert arrays["neurons"].shape == (5, 400) and arrays["boundary"].shape == (2, 4096)
    np.testing.assert_array_equal(arrays["W2"], lab.network.weights[1])
    assert arrays["histogram1"][1].sum() == 6
    norm = np.linalg.norm(lab._trainer.gradients.weights[2])
    assert values["gradient norms"][2] == pytest.approx(norm)
    assert json.loads(values["settings"]) == lab.settings()


def test_the_epoch_button_stops_where_an_epoch_ends():
    lab = Playground(batch_size=100)  # 280 samples: three updates an epoch
    assert lab._updates_to_epoch_end() == 3
    lab.step()
    assert lab._updates_to_epoch_end() == 2
    lab.step(2)
    assert lab._updates_to_epoch_end() == 3


def test_the_stand_in_picture_touches_nothing_and_says_what_it_shows():
    lab = Playground()
    before = lab.network.parameters.copy()
    data, metadata = lab._repr_mimebundle_()
    np.testing.assert_array_equal(lab.network.parameters, before)
    assert "network's decision" in metadata["image/png"]["alt"]
    assert "run this cell" in data["text/plain"]


def own_backward(weights, z, a, y, activations):
    """Softmax with cross-entropy, one sample at a time: unusual, and right."""
    dW, db = [np.zeros_like(W) for W in weights], [np.zeros(W.shape[1]) for W in weights]
    for s in range(len(y)):
        delta = (a[-1][s] - y[s]) / len(y)
        for i in range(len(weights) - 1, -1, -1):
            dW[i] += np.outer(a[i][s], delta)
            db[i] += delta
            if i:
                delta = weights[i] @ delta * activations[i - 1].derivative(z[i][s])
    return dW, db


def test_your_own_backward_drives_the_lab_as_nnlibs_does():
    mine, nnlibs = Playground(dataset="moons"), Playground(dataset="moons")
    mine.use(backward=own_backward)
    assert (mine.problem, mine.code) == ("", "your backward")
    mine.step(100)
    nnlibs.step(100)
    np.testing.assert_allclose(mine.network.parameters, nnlibs.network.parameters, atol=1e-3)


def test_a_wrong_function_is_named_and_not_run():
    def flipped(weights, z, a, y, activations):
        dW, db = own_backward(weights, z, a, y, activations)
        return [-g for g in dW], [-g for g in db]

    lab = Playground()
    lab.step(3)
    lab.use(backward=flipped)
    assert "sign" in lab.problem and "backward" in lab.problem
    assert (lab.code, lab.state) == ("nnlib", "stopped")
    lab.step()
    assert lab.updates == 3
    lab.reset()
    lab.step()
    assert lab.problem == "" and lab.updates == 1


def test_a_function_that_fails_while_it_trains_is_said_in_words():
    calls = []

    def update(x, g, learning_rate):
        calls.append(1)
        if lab.updates >= 5 and len(x) > 30:
            raise KeyError("velocity")
        return x - learning_rate * g

    lab = Playground()
    lab.use(update=update)
    assert lab.code == "your update"
    lab.step(10)
    assert lab.state == "stopped" and lab.updates == 5
    assert "update" in lab.problem and "velocity" in lab.problem


def test_without_functions_nnlib_is_back():
    lab = Playground()
    lab.use(backward=own_backward)
    lab.use()
    assert lab.code == "nnlib"
    lab.step()
