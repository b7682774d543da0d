"""The playground through its traits: what acts at once, what starts anew, what travels."""

import json

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab import Playground
from nnlib.lab.optimizers import OPTIMIZERS
from nnlib.lab.playground import DATASETS


@pytest.mark.slow
def test_it_learns_to_tell_the_circles_apart():
    lab = Playground(dataset="circles", learning_rate=0.3)
    lab.step(3000)
    assert lab.training.latest["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.5),
        ("mode", "Batch"),
        ("batch_size", 25),
        ("optimizer", "Adam"),
        ("momentum", 0.5),
        ("pace", "2 updates a second"),
    ],
)
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
    [
        ("dataset", "moons"),
        ("noise", 0.2),
        ("share", 0.5),
        ("seed", 3),
        ("hidden", [3]),
        ("hidden", []),
        ("activation", "relu"),
        ("init", "he"),
        ("loss", "Mean squared error"),
    ],
)
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
    optimizer = lab.trainer.optimizer
    assert type(optimizer).__name__.lower() in name.lower().replace(" ", "")
    assert optimizer.learning_rate == 0.02
    if name in ("Momentum", "Nesterov"):
        assert optimizer.beta == 0.7


def test_momentum_moved_by_its_slider_keeps_the_optimizer_at_work():
    lab = Playground(optimizer="Momentum")
    lab.step(3)
    lab.momentum = 0.2
    assert lab.trainer.optimizer.beta == 0.2


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_set_is_split_into_training_and_validation(dataset):
    lab = Playground(dataset=dataset, share=0.6)
    assert len(lab.trainer.X) == 240 and len(lab.evaluator.X) == 160
    assert lab.drawn_points[3].sum() == 160  # marked as validation points
    np.testing.assert_array_equal(lab.drawn_points[:2, :240].T, lab.trainer.X)


def test_points_of_your_own_are_learned():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (60, 2))
    lab = Playground(X, (X[:, 0] > 0).astype(int), learning_rate=0.5)
    lab.step(1500)
    assert lab.dataset == "my data" and lab.training.latest["accuracy"] > 0.85
    assert sorted(map(tuple, lab.drawn_points[:2].T)) == sorted(map(tuple, X))


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
    assert lab.problem == "" and lab.trainer.samples_seen == 4


def test_a_frame_shows_every_neuron_and_the_true_weights():
    lab = Playground(hidden=[3, 2])
    lab.step()
    values, arrays = lab.frame()
    assert values["layers"] == [2, 3, 2, 2]
    assert arrays["neurons"].shape == (5, 400) and arrays["boundary"].shape == (2, 4096)
    np.testing.assert_array_equal(arrays["W2"], lab.network.weights[1])
    assert arrays["histogram1"][1].sum() == 6
    norm = np.linalg.norm(lab.trainer.gradients.weights[2])
    assert values["gradient norms"][2] == pytest.approx(norm)
    assert json.loads(values["settings"]) == lab.settings()


def test_the_epoch_button_stops_where_an_epoch_ends():
    lab = Playground(batch_size=100)  # 280 samples: three updates an epoch
    assert lab.training.left_in_epoch == 3
    lab.step()
    assert lab.training.left_in_epoch == 2
    lab.step(2)
    assert lab.training.left_in_epoch == 3


@pytest.mark.slow
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


# Points of one's own.


@pytest.mark.parametrize("scale", [1e-3, 1.0, 250.0])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_points_of_any_scale_are_learned_and_the_axes_carry_their_numbers(scale, classes):
    X, y = nnlib.blobs(240, n_classes=classes)
    own = X * [scale, 3 * scale] + [5 * scale, -100 * scale]
    lab = Playground(own, y, learning_rate=0.3)
    assert abs(lab.drawn_points[:2]).max() == pytest.approx(1)
    assert lab.network.layers[-1] == classes
    axes = np.array(lab.frame()[0]["axes"])
    low, high = own.min(axis=0), own.max(axis=0)
    assert (axes[:, 0] < low).all() and (axes[:, 1] > high).all()
    shown, _ = lab.points
    np.testing.assert_allclose(np.sort(shown, axis=0), np.sort(own, axis=0), rtol=1e-5)
    lab.step(1500)
    assert lab.accuracy > 0.9


def test_points_that_fit_the_plane_are_taken_as_they_are():
    X, y = nnlib.moons(50)
    X = X.astype(np.float64)
    lab = Playground(X, y)
    np.testing.assert_array_equal(np.sort(lab.drawn_points[0]), np.sort(X[:, 0]))
    np.testing.assert_allclose(lab.frame()[0]["axes"], [[-1.2, 1.2], [-1.2, 1.2]])


def test_points_on_a_line_and_labels_of_other_types_do():
    X = np.column_stack([np.arange(20.0), np.full(20, 7.0)])
    lab = Playground(X.tolist(), (X[:, 0] > 9).tolist())
    lab.step(3)
    assert lab.problem == "" and np.isfinite(lab.drawn_points).all()
    lab = Playground(X, (X[:, 0] > 9).astype(float))
    assert lab.points[1].dtype == np.int64


LINE = np.linspace(-1, 1, 10)
PLANE = np.column_stack([LINE, LINE**2])
CLASSES = (LINE > 0).astype(int)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (PLANE.T, CLASSES, "is it transposed"),
        (np.ones((10, 3)), CLASSES, r"X\[:, \[0, 1\]\]"),
        (PLANE[:, 0], CLASSES, "must have two axes"),
        (PLANE, CLASSES[:-1], "X has 10 rows"),
        (PLANE, CLASSES[:, None], r"pass np\.ravel\(y\)"),
        (PLANE, np.eye(2)[CLASSES], r"np\.argmax\(y, axis=1\)"),
        (PLANE, 0 * CLASSES + 1, "all 10 labels are 1"),
        (PLANE, 2 * CLASSES - 1, "from -1 to 1.*numbered from 0"),
        (PLANE, CLASSES * 7, "at most 6"),
        (PLANE, LINE, "y holds -1, but|y holds -0.7"),
        (PLANE, np.array(["a", "b"])[CLASSES], "return_inverse"),
        (np.where(PLANE > 0.9, np.nan, PLANE), CLASSES, "NaN"),
        (PLANE[:0], CLASSES[:0], "empty"),
        (PLANE, None, "X needs labels"),
    ],
)
def test_data_that_cannot_be_used_is_refused_with_what_to_do(X, y, words):
    with pytest.raises(ValueError, match=words):
        Playground(X, y)


def test_many_points_are_all_trained_on_but_not_all_drawn():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (5000, 2))
    lab = Playground(X, (X[:, 0] > 0).astype(int))
    values, arrays = lab.frame()
    assert (values["points"], arrays["points"].shape) == (5000, (4, 1500))
    assert len(lab.trainer.X) == 3500


# Painting.


def test_painting_goes_on_with_the_same_network_and_the_points_there_are():
    lab = Playground(dataset="moons", optimizer="Momentum", learning_rate=0.05)
    lab.step(57)  # in the middle of an epoch
    before, velocity = lab.network.parameters.copy(), lab.trainer.optimizer
    parts = lab.drawn_points[3].copy()
    lab.paint([[0.5, -0.25, 1], [0.1, 0.1, 0]])
    assert (lab.dataset, lab.updates, lab.trainer.samples_seen) == ("painted", 57, 570)
    np.testing.assert_array_equal(lab.network.parameters, before)
    np.testing.assert_array_equal(lab.drawn_points[3, :400], parts)  # who validates, still does
    X, y = lab.points
    assert X[400:].tolist() == [[0.5, -0.25], [0.1, 0.1]] and y[400:].tolist() == [1, 0]
    assert lab.trainer.optimizer is velocity
    lab.step(5)
    assert lab.updates == 62 and lab.training.latest["epoch"] == 4
    assert len(lab.trainer.X) + len(lab.evaluator.X) == 402


def test_painting_starts_anew_neither_the_optimizers_memory_nor_the_curves():
    plain, painted = Playground(optimizer="Adam"), Playground(optimizer="Adam")
    for lab in (plain, painted):
        lab.step(28)  # an epoch
    painted.paint([])
    memory = plain.trainer.snapshot().memory
    assert len(memory) == 3  # the count of updates, and two vectors
    for name, value in painted.trainer.snapshot().memory.items():
        np.testing.assert_array_equal(value, memory[name])
    assert len(painted.training.curves["training loss"]) == len(
        plain.training.curves["training loss"]
    )


def test_a_class_that_is_new_gets_an_output_and_what_was_learned_stays():
    lab = Playground(dataset="moons", learning_rate=0.3)
    lab.step(400)
    W = [w.copy() for w in lab.network.weights]
    lab.paint([[0, y, 3] for y in (-1, -0.9, -1.1)])
    assert lab.network.layers == (2, 6, 4, 4) and lab.updates == 400
    np.testing.assert_array_equal(lab.network.weights[0], W[0])
    np.testing.assert_array_equal(lab.network.weights[2][:, :2], W[2])
    lab.step(10)
    assert lab.problem == "" and lab.updates == 410
    assert lab.frame()[1]["boundary"].shape[0] == 4


def test_on_an_empty_plane_the_lab_waits_for_two_classes():
    lab = Playground(points=[])
    lab.step(3)
    assert (lab.updates, lab.problem, lab.points[0].shape) == (0, "", (0, 2))
    assert "Paint points of at least two classes" in lab.frame()[0]["summary"]
    lab.paint([[0.1, 0.2, 0]])
    lab.step()
    assert lab.updates == 0
    lab.paint([[0.3, 0.2, 1]])
    lab.step(2)
    assert lab.updates == 2 and len(lab.trainer.X) == len(lab.evaluator.X) == 1
    lab.clear()
    assert len(lab.points[1]) == 0 and "Paint" in lab.frame()[0]["summary"]


def test_erasing_takes_what_is_near_and_changes_no_others_part():
    lab = Playground(
        points=[[-0.5, 0, 0], [-0.45, 0, 0], [0.5, 0, 1], [0.5, 0.5, 1], [0.9, 0.9, 0]]
    )
    parts = dict(zip(map(tuple, lab.drawn_points[:2].T), lab.drawn_points[3], strict=True))
    lab.erase(-0.47, 0, 0.05)
    assert lab.points[0].tolist() == [[0.5, 0], [0.5, 0.5], [0.9, 0.9]]
    for x, y, part in lab.drawn_points[[0, 1, 3]].T:
        assert parts[x, y] == part


def test_painted_points_travel_with_the_settings_if_they_are_few():
    lab = Playground(points=[[0.1 * i - 1, 0.3 * (i % 5) - 0.6, i % 3] for i in range(20)], seed=3)
    lab.paint([[0.123, -0.456, 2]])
    again = Playground.from_settings(json.dumps(lab.settings()))
    assert again.settings() == lab.settings() and len(again.settings()["points"]) == 21
    np.testing.assert_array_equal(again.drawn_points, lab.drawn_points)
    many = Playground()
    many.paint([[0, 0, 0]])  # 401 points
    assert "points" not in many.settings()
    back = Playground.from_settings(many.settings(), *many.points)
    assert back.dataset == "painted" and len(back.points[1]) == 401


@pytest.mark.parametrize(
    "bad",
    [
        [[2, 0, 0]],
        [[0, 0, 6]],
        [[0, 0, 0.5]],
        [[0, 0]],
        [["a", 0, 0]],
        [3],
        "xy",
        5,
        [[float("nan"), 0, 0]],
    ],
)
def test_what_cannot_be_painted_is_refused_in_words(bad):
    with pytest.raises(ValueError, match=r"a point is \[x, y, class\]|list of \[x, y, class\]"):
        Playground(points=bad)


def test_only_so_many_points_are_painted():
    lab = Playground(points=[])
    rng = np.random.default_rng(0)
    lab.paint([[*rng.uniform(-1, 1, 2), i % 2] for i in range(1500)])
    assert len(lab.points[1]) == 1000


def test_choosing_painted_starts_anew_from_the_points_there_were():
    lab = Playground(dataset="blobs")
    X, y = lab.points
    lab.step(5)
    lab.dataset = "painted"
    assert lab.updates == 0 and lab.network.layers[-1] == 3
    np.testing.assert_allclose(lab.points[0], X, atol=6e-4)
    np.testing.assert_array_equal(lab.points[1], y)


# Regularization, the goal, locks, views.


def test_two_settings_changed_within_a_second_leave_a_mark_each():
    lab = Playground()
    lab.step(5)
    lab.l1 = 0.003
    lab.l2 = 0.02
    lab.l2 = 0.01  # dragged on: still one mark
    assert [mark["text"] for mark in lab.marks] == ["L1 0.003", "L2 0.01"]
    assert all(set(mark) == {"update", "text"} for mark in lab.frame()[0]["marks"])


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_the_regularization_rates_act_on_the_next_update(name):
    lab = Playground()
    lab.step(5)
    setattr(lab, name, 0.01)
    assert lab.updates == 5 and getattr(lab.trainer, name) == 0.01
    assert lab.marks[-1]["text"] == f"{name.upper()} 0.01"
    before = lab.network.parameters.copy()
    lab.step()
    moved = lab.network.parameters - before
    np.testing.assert_allclose(moved, -0.1 * lab.trainer.gradients.vector, atol=1e-6)
    lab.reset()
    assert getattr(lab.trainer, name) == 0.01
    with pytest.raises(traitlets.TraitError):
        setattr(lab, name, -1)


@pytest.mark.slow
def test_a_goal_is_reached_within_its_budget_or_missed_at_its_end():
    lab = Playground(learning_rate=0.3, goal={"validation_accuracy": 0.9, "updates": 5000})
    assert not lab.goal_reached and lab.settings()["goal"]["updates"] == 5000
    assert "Goal still possible" in lab.frame()[0]["summary"]
    lab.step(5000)
    assert lab.goal_reached and "Goal reached" in lab.frame()[0]["summary"]
    lab.reset()
    assert not lab.goal_reached
    lab.goal = {"validation_accuracy": 1.0, "updates": 3}
    lab.step(2)
    assert lab.progress.state == "possible"
    lab.step()
    assert lab.progress.state == "missed" and lab.frame()[0]["goal"]["state"] == "missed"
    assert Playground.from_settings(lab.settings()).goal == lab.goal


def test_training_that_diverged_is_on_its_way_to_no_goal_until_it_is_rewound():
    lab = Playground(goal={"training_loss": 1e-6})
    lab.step(20)
    lab.learning_rate, lab.l2 = 100, 0.1
    lab.step(500)
    goal = lab.frame()[0]["goal"]
    assert goal["state"] == "diverged" and "not reached: training diverged" in goal["words"]
    lab.rewind(0)
    lab.learning_rate, lab.l2 = 0.1, 0.0
    lab.step(20)
    assert lab.progress.state == "possible"


def test_the_budget_in_samples_and_epochs_is_judged_where_it_ends():
    lab = Playground(goal={"training_loss": 1e-9, "samples": 45, "epochs": 7})
    lab.step(4)
    assert lab.progress.state == "possible"  # 40 of 45 samples: another update is too many
    lab.step()
    assert lab.progress.state == "missed"


def test_a_goal_that_makes_no_sense_is_refused_when_it_is_set():
    with pytest.raises(ValueError, match=r"write 97 % as 0\.97"):
        Playground(goal={"validation_accuracy": 97})
    lab = Playground()
    with pytest.raises(ValueError, match="only sets limits"):
        lab.goal = {"updates": 3}
    assert lab.goal == {} and not lab.goal_reached and lab.frame()[0]["goal"] is None


def test_a_small_network_may_be_a_part_of_the_goal():
    lab = Playground(hidden=[6, 4], goal={"validation_accuracy": 0.1, "neurons": 5})
    lab.step(20)
    assert not lab.goal_reached and lab.progress.state == "too large"
    lab.hidden = [4]
    lab.step()
    assert lab.goal_reached


def test_a_view_cannot_set_what_is_locked_but_a_cell_can():
    lab = Playground(locked=["hidden", "points"])
    sent = []
    lab.send_state = lambda key=None: sent.append(key)
    lab.set_state({"hidden": [1], "seed": 9, "locked": [], "code": "mine", "paintable": True})
    assert (lab.hidden, lab.seed, lab.locked) == ([6, 4], 9, ["hidden", "points"])
    assert (lab.code, lab.paintable) == ("nnlib", False)
    assert {"hidden", "locked", "code", "paintable"} in sent  # the view is put right
    lab.hear({"command": "clear"})
    assert lab.dataset == "circles" and len(lab.points[1]) == 400
    lab.hidden = [3]
    lab.clear()
    assert lab.network.layers == (2, 3, 2) and len(lab.points[1]) == 0


def test_where_the_data_are_locked_they_cannot_be_painted_away():
    assert not Playground(locked=["dataset"]).paintable
    assert Playground(locked=["dataset"], points=[[0, 0, 0], [1, 1, 1]]).paintable


def test_histograms_are_set_against_the_start_and_gradients_have_words():
    lab = Playground(hidden=[6] * 5, activation="sigmoid", learning_rate=1.0)
    start = lab.network.weights[1].copy()
    lab.step(30)
    values, arrays = lab.frame()
    centres, now, before = arrays["histogram2"]
    assert now.sum() == before.sum() == 36
    half = (centres[1] - centres[0]) / 2
    edges = np.append(centres - half, centres[-1] + half)
    np.testing.assert_array_equal(before, np.histogram(start, edges)[0])
    np.testing.assert_array_equal(now, np.histogram(lab.network.weights[1], edges)[0])
    assert values["gradient flow"][0] == "vanishing" and values["gradient flow"][-1] == ""


def test_a_hidden_neuron_can_be_shown_large():
    lab = Playground(hidden=[3, 2])
    assert "shown" not in lab.frame()[1]
    lab.shown = [2, 1]
    shown = lab.frame()[1]["shown"]
    from nnlib.analysis.maps import neuron_maps, plane

    np.testing.assert_array_equal(shown, neuron_maps(lab.network, plane(64))[1][1:2])
    lab.hidden = [3]
    assert "shown" not in lab.frame()[1]


def test_points_are_sent_once_while_training_runs_and_to_each_new_view():
    lab = Playground()
    lab.frame()
    lab.engine.task = object()  # as if it ran
    try:
        assert "points" not in lab.frame()[1]
        lab._pacing._heard_at = float("inf")
        sent = []
        lab.send = lambda content, buffers=None: sent.append(content)
        lab.hear({"command": "hello"})
        assert "points" in [array["name"] for array in sent[-1]["arrays"]]
    finally:
        lab.engine.task = None


def test_settings_that_are_no_settings_are_refused_in_words():
    with pytest.raises(ValueError, match="not the JSON of settings"):
        Playground.from_settings("{'seed': 1}")
    with pytest.raises(ValueError, match="must be a dict"):
        Playground.from_settings("[1]")


@pytest.mark.slow
def test_the_stand_in_picture_does_without_points_and_with_a_run_that_diverges():
    _, metadata = Playground(points=[])._repr_mimebundle_()
    assert "no points yet" in metadata["image/png"]["alt"]
    X = [[-1, -1], [1, 1], [0.5, -1], [-1, 0.5]]
    lab = Playground(
        X,
        [0, 1, 1, 0],
        activation="relu",
        loss="Mean squared error",
        hidden=[12, 12],
        learning_rate=1e30,
    )
    assert "before training, which diverges" in lab._repr_mimebundle_()[1]["image/png"]["alt"]


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ([20], "hidden: 1 to 16 neurons a layer, not 20"),
        ([0], "hidden: 1 to 16 neurons a layer, not 0"),
        ([4, -1], "hidden: 1 to 16 neurons a layer, not -1"),
        (["a"], "hidden: 1 to 16 neurons a layer, not 'a'"),
        ([True], "not True"),
        ([2.5], r"not 2\.5"),
        (3, "hidden=3 must be a list"),
        ("64", "hidden='64' must be a list"),
        ([2] * 9, "has 9 layers"),
    ],
)
def test_hidden_layers_that_cannot_be_are_refused_in_words(hidden, words):
    with pytest.raises(traitlets.TraitError, match=words):
        Playground(hidden=hidden)
    lab = Playground(hidden=(3,))
    with pytest.raises(traitlets.TraitError, match=words):
        lab.hidden = hidden
    assert lab.hidden == [3]


def test_an_interrupted_step_shows_what_was_done_and_training_goes_on():
    lab = Playground()
    made = lab.trainer.advance
    calls = iter(range(100))

    def interrupted():
        if next(calls) == 7:
            raise KeyboardInterrupt
        return made()

    lab.trainer.advance = interrupted
    with pytest.raises(KeyboardInterrupt):
        lab.step(1000)
    assert lab.updates == 7 and lab.state == "paused"
    lab.step(3)
    assert lab.updates == 10 and not lab.problem


@pytest.mark.slow
def test_at_the_start_the_picture_that_stands_in_gives_nothing_away():
    lab = Playground(dataset="xor", hidden=[4], learning_rate=0.3)
    assert "about 100 % of the points are right" in lab.preview().alt
    assert lab.at_start() is lab
    assert "before training" in lab.preview().alt and "100 %" not in lab.preview().alt
