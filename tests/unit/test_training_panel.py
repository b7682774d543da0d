"""The training panel through its traits and messages, as a front-end uses it."""

import asyncio
import json

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab import TrainingPanel
from nnlib.lab.pacing import AHEAD, CALM_FRAMES, FEWEST, FRAMES


@pytest.fixture
def panel():
    X, y = nnlib.moons(60, seed=1)
    network = nnlib.NeuralNetwork([2, 5, 2], seed=0, dtype="float64")
    return TrainingPanel(network, X[:40], y[:40], validation=(X[40:], y[40:]), batch_size=10)


def frames(panel) -> list:
    """Collect the frames that the panel sends from now on."""
    sent = []
    panel.send = lambda content, buffers=None: sent.append((content, buffers))
    return sent


def test_a_step_is_one_update_of_the_very_network(panel):
    X, y = panel.trainer.X, panel.trainer.y
    twin = panel.network.copy()
    reference = nnlib.Trainer(
        twin, X, y, optimizer=nnlib.GradientDescent(0.1), batch_size=10, seed=0
    )
    for _ in range(3):
        next(reference)
    panel.step(3)
    assert panel.updates == 3
    np.testing.assert_array_equal(panel.network.parameters, twin.parameters)


def test_the_learning_rate_acts_on_the_very_next_update(panel):
    panel.step()
    before = panel.network.parameters.copy()
    panel.learning_rate = 0.7
    panel.step()
    moved = panel.network.parameters - before
    np.testing.assert_allclose(moved, -0.7 * panel.trainer.gradients.vector, rtol=1e-10)


@pytest.mark.parametrize(
    ("mode", "samples"), [("Batch", 40), ("Mini-batch", 10), ("Stochastic", 1)]
)
def test_the_batch_mode_acts_on_the_very_next_update(panel, mode, samples):
    panel.step()
    seen = panel.trainer.samples_seen
    panel.mode = mode
    panel.step()
    assert panel.trainer.samples_seen - seen == samples


def test_the_size_of_a_mini_batch_acts_on_the_very_next_update(panel):
    panel.batch_size = 7
    panel.step()
    assert panel.trainer.samples_seen == 7


def test_a_step_is_a_new_update_even_if_a_pause_cut_the_last_look_short(panel):
    panel.evaluator.at_once = 3  # seven pieces to a look at the validation data
    panel.step()
    panel.training.look_soon()
    assert [panel.work() for _ in range(3)] == [False, False, False]  # amid the second look
    assert panel.updates == 2
    panel.pause()
    panel.step()
    assert panel.updates == 3
    assert panel.training.curves["validation loss"].points()[0].tolist() == [1, 3]


def test_reset_gives_back_the_start_and_keeps_the_settings(panel):
    start = panel.network.parameters.copy()
    panel.learning_rate, panel.mode = 0.3, "Stochastic"
    panel.step(20)
    first = panel.network.parameters.copy()
    panel.reset()
    np.testing.assert_array_equal(panel.network.parameters, start)
    assert panel.updates == 0 and len(panel.training.curves["training loss"]) == 0
    assert (panel.learning_rate, panel.mode) == (0.3, "Stochastic")
    panel.step(20)
    np.testing.assert_array_equal(panel.network.parameters, first)  # the same order, the same run


def test_a_frame_holds_the_curves_and_says_them_in_words(panel):
    sent = frames(panel)
    panel.step(5)
    content, buffers = sent[-1]
    arrays = {
        a["name"]: np.frombuffer(b, np.float64).reshape(a["rows"], -1)
        for a, b in zip(content["arrays"], buffers, strict=True)
    }
    assert arrays["training loss"][0].tolist() == [1, 2, 3, 4, 5]
    assert 0 < arrays["validation loss"].shape[1]
    assert (0 <= arrays["accuracy"][1]).all() and (arrays["accuracy"][1] <= 100).all()
    assert content["values"]["update"] == 5
    assert "Update 5, epoch 2" in content["values"]["summary"]
    assert "learning rate 0.1" in content["values"]["summary"]


def test_a_frame_after_reset_takes_back_all_that_the_frames_before_it_said(panel):
    sent = frames(panel)
    panel.step(3)
    panel.reset()
    before, after = (message["values"] for message, *_ in sent[-2:])
    assert before["update"] == 3
    assert before.keys() <= after.keys()
    assert after["update"] is None and after["training loss"] is None


def test_a_new_view_gets_a_frame_at_once(panel):
    sent = frames(panel)
    panel.hear({"command": "hello"})
    assert len(sent) == 1


def test_an_unknown_message_does_nothing(panel):
    before = panel.network.parameters.copy()
    panel.hear({"command": "__init__"})
    panel.hear({})
    np.testing.assert_array_equal(panel.network.parameters, before)


def test_every_press_of_step_counts_however_quick(panel):
    async def scene():
        X, y = panel.trainer.X, panel.trainer.y
        lab = TrainingPanel(panel.network, X, y, validation=(X, y), batch_size=10)
        for _ in range(4):
            lab.hear({"command": "step"})
        while lab.running:
            await asyncio.sleep(0)
        quick = lab.updates
        lab.hear({"command": "epoch"})
        lab.hear({"command": "step"})  # instead of the epoch, not after it
        while lab.running:
            await asyncio.sleep(0)
        return quick, lab.updates

    assert asyncio.run(scene()) == (4, 5)


def test_a_view_that_lags_behind_is_not_flooded(panel):
    async def scene():
        # Made anew, since an engine lives on the loop it was made in.
        X, y = panel.trainer.X, panel.trainer.y
        lab = TrainingPanel(panel.network, X, y, validation=(X, y), batch_size=10)
        sent = frames(lab)
        lab.run()
        for _ in range(3 * AHEAD):
            lab.send_frame()
        unseen = len(sent)
        lab.hear({"command": "seen", "frame": sent[-1][0]["frame"]})
        lab.send_frame()
        more = len(sent) - unseen
        lab.pause()
        return unseen, more

    unseen, more = asyncio.run(scene())
    assert unseen <= AHEAD and more == 1


def test_training_stops_when_no_view_has_been_heard_of_for_long(panel, monkeypatch):
    async def scene():
        X, y = panel.trainer.X, panel.trainer.y
        lab = TrainingPanel(panel.network, X, y, validation=(X, y), batch_size=10)
        lab.run()
        lab.send_frame()
        seen = lab.running
        monkeypatch.setattr("nnlib.lab.pacing.ABANDONED", -1.0)  # less than has passed by now
        lab.send_frame()
        abandoned = lab.running
        lab.pause()
        return seen, abandoned

    assert asyncio.run(scene()) == (True, False)


def test_a_view_that_cannot_draw_all_it_gets_is_sent_less_and_recovers(panel):
    def says(got, drawn):
        for _ in range(50):
            panel.hear({"command": "seen", "frame": 0, "got": got, "drawn": drawn})
        return panel.engine.frames

    assert says(5, 5) == FRAMES
    assert says(5, 2) == FEWEST < FRAMES
    assert says(5, 5) == FRAMES


def test_who_asks_for_little_motion_gets_two_frames_a_second(panel):
    panel.hear({"command": "hello", "calm": True})
    panel.hear({"command": "seen", "frame": 1, "got": 1, "drawn": 1})
    assert panel.engine.frames == CALM_FRAMES == 2
    panel.hear({"command": "hello", "calm": False})
    panel.hear({"command": "seen", "frame": 1, "got": 1, "drawn": 1})
    assert panel.engine.frames > CALM_FRAMES


def test_an_error_in_the_learners_own_cell_is_shown_with_its_line(panel):
    source = "def f():\n    return 1 / 0"
    names = {}
    exec(compile(source, "/tmp/ipykernel_1/2.py", "exec"), names)
    panel.engine._work = names["f"]
    panel.step()
    assert "division by zero (ZeroDivisionError in line 2 of your cell" in panel.problem


def test_a_run_that_diverges_says_so_in_words_and_reset_helps():
    x, y = nnlib.noisy_sine(40)
    network = nnlib.NeuralNetwork([1, 8, 1], hidden="relu", output="identity", init="he", seed=0)
    panel = TrainingPanel(network, x, y, validation=(x, y), learning_rate=100, mode="Batch")
    panel.step(500)
    assert "training diverged: at update" in panel.problem
    assert "learning rate 100" in panel.problem
    assert panel.state == "stopped"
    assert np.isfinite(network.parameters).all()
    before = panel.updates
    panel.step()
    assert panel.updates == before  # it does not go on by itself
    panel.learning_rate = 0.01
    panel.reset()
    panel.step(50)
    assert panel.problem == "" and panel.updates == 50


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_an_impossible_learning_rate_is_refused_and_changes_nothing(panel, rate):
    with pytest.raises(traitlets.TraitError, match="must be a positive number"):
        panel.learning_rate = rate
    assert panel.learning_rate == 0.1


def test_an_impossible_batch_size_or_mode_is_refused(panel):
    with pytest.raises(traitlets.TraitError, match="must be from 1 to 40"):
        panel.batch_size = 41
    with pytest.raises(traitlets.TraitError):
        panel.mode = "Sometimes"
    assert (panel.batch_size, panel.mode) == (10, "Mini-batch")


def test_bad_data_is_refused_when_the_panel_is_made():
    X, y = nnlib.moons(60)
    with pytest.raises(ValueError, match="softmax over a single output"):
        TrainingPanel(nnlib.NeuralNetwork([2, 1]), X, y, validation=(X, y))


def test_changed_settings_are_marked_on_the_curve_and_a_drag_leaves_one_mark(panel):
    panel.learning_rate = 0.2  # before the first update there is nothing to mark
    panel.step(3)
    for rate in (0.3, 0.4, 0.5):
        panel.learning_rate = rate
        panel.step()
    panel.mode = "Batch"
    assert [mark["text"] for mark in panel.marks] == ["α 0.5", "Batch"]
    assert panel.marks[0]["update"] == 3


@pytest.mark.slow
def test_displaying_a_panel_leaves_its_network_alone_and_brings_a_stand_in(panel):
    before = panel.network.parameters.copy()
    data, metadata = panel._repr_mimebundle_()
    np.testing.assert_array_equal(panel.network.parameters, before)
    assert panel.updates == 0
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/png"]
    assert "run this cell" in data["text/plain"]
    assert "training panel" in metadata["image/png"]["alt"].lower()


def test_regression_has_no_accuracy(panel):
    x, y = nnlib.noisy_sine(40)
    network = nnlib.NeuralNetwork([1, 8, 1], output="identity", seed=0)
    lab = TrainingPanel(network, x, y, validation=(x, y), learning_rate=0.1)
    sent = frames(lab)
    lab.step(3)
    assert "accuracy" not in sent[-1][0]["values"]["summary"]
    lab._repr_mimebundle_()


def wrong_bias_backward(weights, z, a, y, activations):
    dW, db = right_backward(weights, z, a, y, activations)
    return dW, [g / len(y) for g in db]


def right_backward(weights, z, a, y, activations):
    delta, dW, db = (a[-1] - y) / len(y), [], []
    for i in reversed(range(len(weights))):
        dW.insert(0, a[i].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if i:
            delta = delta @ weights[i].T * activations[i - 1].derivative(z[i])
    return dW, db


def test_your_own_functions_drive_the_panel_and_without_any_nnlibs_do_again(panel):
    panel.step(4)
    expected = panel.network.parameters.copy()
    panel.use(backward=right_backward, update=lambda x, g, learning_rate: x - learning_rate * g)
    assert (panel.code, panel.problem, panel.updates) == ("your backward, update", "", 0)
    panel.step(4)
    np.testing.assert_allclose(panel.network.parameters, expected, rtol=1e-9)
    panel.learning_rate = 0.3  # the slider moves your update's α too
    before = panel.network.parameters.copy()
    panel.step()
    moved = panel.network.parameters - before
    np.testing.assert_allclose(moved, -0.3 * panel.trainer.gradients.vector, rtol=1e-9)
    panel.use()
    assert panel.code == "nnlib" and type(panel.trainer) is nnlib.Trainer


def test_a_wrong_function_stops_the_panel_with_a_diagnosis_until_it_is_mended(panel):
    panel.step(2)
    before = panel.network.parameters.copy()
    panel.use(backward=wrong_bias_backward)
    assert "Your backward cannot drive the lab" in panel.problem and "db" in panel.problem
    assert (panel.state, panel.code) == ("stopped", "nnlib")
    np.testing.assert_array_equal(panel.network.parameters, before)
    panel.use(backward=right_backward)
    assert (panel.problem, panel.code) == ("", "your backward")


def test_a_function_that_fails_late_leaves_the_panel_whole(panel):
    def update(x, g, learning_rate):
        if panel.updates == 500:
            return 1 / 0
        return x - learning_rate * g

    panel.use(update=update)

    async def run_until_it_stops():
        panel.engine.move_here()
        panel.run()
        await panel.engine.task

    asyncio.run(run_until_it_stops())
    assert (panel.state, panel.updates) == ("stopped", 500) and not panel.running
    assert "update, line" in panel.problem and "division by zero" in panel.problem
    assert np.isfinite(panel.network.parameters).all()
    panel.run()  # refused in words, not run into the same error
    assert not panel.running
    panel.use()
    panel.step(3)
    assert (panel.problem, panel.updates, panel.state) == ("", 3, "paused")


# What it shares with the playground: settings, locks, goal, optimizers, pace; and images.


def test_settings_travel_through_json_to_a_panel_that_trains_alike(panel):
    X, y = panel.trainer.X, np.argmax(panel.trainer.y, axis=1)

    def start():
        return nnlib.NeuralNetwork([2, 5, 2], seed=0, dtype="float64")

    lab = TrainingPanel(
        start(),
        X,
        y,
        validation=(X, y),
        optimizer="Momentum",
        momentum=0.5,
        learning_rate=0.03,
        batch_size=7,
        l2=0.001,
        locked=["mode"],
        goal={"validation_loss": 0.1, "epochs": 3},
    )
    sent = frames(lab)
    lab.step(20)
    text = sent[-1][0]["values"]["settings"]
    again = TrainingPanel.from_settings(text, start(), X, y, validation=(X, y))
    assert again.settings() == lab.settings() == json.loads(text)
    again.step(20)
    np.testing.assert_array_equal(again.network.parameters, lab.network.parameters)
    with pytest.raises(ValueError, match=r"unknown settings \['colour'\]"):
        TrainingPanel(start(), X, y, validation=(X, y), locked=["colour"])
    with pytest.raises(ValueError, match="paste what Copy settings gave"):
        TrainingPanel.from_settings("{", start(), X, y, validation=(X, y))


def test_what_is_locked_has_no_control_and_no_view_sets_it(panel):
    panel.locked = ["learning_rate", "pace"]
    assert [c["trait"] for c in panel.controls] == [
        "mode",
        "batch_size",
        "optimizer",
        "momentum",
        "l2",
    ]
    panel.set_state({"learning_rate": 9.0, "batch_size": 5, "locked": []})
    assert (panel.learning_rate, panel.batch_size) == (0.1, 5)
    assert panel.locked == ["learning_rate", "pace"]
    panel.learning_rate = 0.2  # from a cell
    assert panel.learning_rate == 0.2


def test_another_optimizer_and_penalty_act_on_the_very_next_update_and_outlive_reset(panel):
    panel.step(2)
    panel.optimizer, panel.momentum, panel.l2 = "Momentum", 0.5, 0.01
    panel.step()
    first = panel.trainer.gradients.vector.copy()
    before = panel.network.parameters.copy()
    panel.step()
    g = panel.trainer.gradients.vector
    np.testing.assert_allclose(panel.network.parameters - before, -0.1 * (0.5 * first + g))
    panel.reset()
    assert type(panel.trainer.optimizer) is nnlib.Momentum
    assert (panel.trainer.l2, panel.trainer.optimizer.beta) == (0.01, 0.5)
    assert panel.trainer.optimizer.updates == 0


def test_an_l2_rate_pulls_the_weights_and_not_the_biases(panel):
    panel.learning_rate = 1e-12  # nothing moves
    panel.mode = "Batch"
    panel.step()
    without = panel.trainer.gradients.vector.copy()
    panel.l2 = 0.5
    panel.step()
    added = panel.trainer.gradients.vector - without
    np.testing.assert_allclose(added[:10], 0.5 * panel.network.weights[0].ravel(), atol=1e-9)
    np.testing.assert_allclose(added[10:15], 0, atol=1e-9)


class Crawl(nnlib.GradientDescent):
    """An optimizer that no list has."""


def test_an_optimizer_that_the_list_does_not_have_is_kept_as_given(panel):
    X, y = panel.trainer.X, panel.trainer.y
    given = Crawl(0.3)
    lab = TrainingPanel(panel.network, X, y, validation=(X, y), optimizer=given)
    assert (lab.optimizer, lab.learning_rate) == ("as given", 0.3)
    options = [c["options"] for c in lab.controls if c["trait"] == "optimizer"]
    assert options[0][-1]["value"] == "as given"
    lab.optimizer = "Adam"
    assert type(lab.trainer.optimizer) is nnlib.Adam
    lab.optimizer = "as given"
    assert lab.trainer.optimizer is given
    with pytest.raises(ValueError, match="choose one of Gradient descent, Momentum"):
        TrainingPanel(panel.network, X, y, validation=(X, y), optimizer="Eve")


@pytest.mark.slow
def test_a_goal_is_followed_and_reached(panel):
    panel.goal = {"validation_accuracy": 0.8, "updates": 4000}
    assert "Goal still possible" in panel.summary()
    panel.learning_rate = 1.0
    panel.step(4000)
    assert panel.goal_reached and panel.frame()[0]["goal"]["state"] == "reached"
    panel.reset()
    assert not panel.goal_reached


def test_epoch_ends_where_the_epoch_does_and_with_a_look_at_the_validation_data(panel):
    async def scene():
        X, y = panel.trainer.X, panel.trainer.y
        lab = TrainingPanel(panel.network, X, y, validation=(X, y), batch_size=7)
        lab.step()
        lab.hear({"command": "epoch"})
        while lab.running:
            await asyncio.sleep(0)
        return lab

    lab = asyncio.run(scene())
    assert lab.training.latest["epoch"] == 1 and lab.trainer.samples_seen == 40
    assert lab.training.curves["validation loss"].points()[0, -1] == lab.updates == 6
    score = nnlib.evaluate(lab.network, lab.evaluator.X, lab.evaluator.y, "cross_entropy")
    assert lab.training.latest["validation loss"] == pytest.approx(score.loss)


def test_many_steps_from_a_cell_end_with_a_look_too(panel):
    panel.step(57)
    assert panel.training.curves["validation loss"].points()[0, -1] == 57


def test_the_pace_is_the_speed_of_the_engine(panel):
    panel.pace = "2 updates a second"
    assert panel.engine.speed == 2
    panel.pace = "full speed"
    assert panel.engine.speed == 0


def images(n_hidden=30):
    X = np.random.default_rng(0).random((40, 64), dtype="float32")
    network = nnlib.NeuralNetwork([64, n_hidden, 2], seed=0)
    return TrainingPanel(network, X, np.arange(40) % 2, validation=(X, np.arange(40) % 2))


def test_weights_of_images_are_shown_as_images_and_those_of_points_are_not(panel):
    lab = images()
    lab.step(3)
    values, arrays = lab.frame()
    assert values["image side"] == 8
    np.testing.assert_array_equal(arrays["first layer"], lab.network.weights[0][:, :24].T)
    values, arrays = panel.frame()
    assert values["image side"] == 0 and "first layer" not in arrays


def test_a_large_network_keeps_a_handful_of_moments_and_they_are_true():
    lab = images(n_hidden=9000)  # three vectors of 2.4 MB a moment
    lab.optimizer = "Momentum"
    then = {}
    for _ in range(21):
        lab.step()
        then[lab.updates] = lab.network.parameters[::1000].copy()
    assert 4 <= len(lab.moments) <= 8 == lab.frame()[0]["most moments"]
    assert lab.moments[0] == 0 and lab.moments[-1] >= 14
    middle = lab.moments[len(lab.moments) // 2]
    assert lab.rewind(middle) == middle
    np.testing.assert_array_equal(lab.network.parameters[::1000], then[middle])


@pytest.mark.slow
def test_the_stand_in_of_a_large_network_is_made_in_fewer_updates(monkeypatch):
    lab = images()
    assert "after 300 updates" in lab._repr_mimebundle_()[1]["image/png"]["alt"]
    monkeypatch.setattr("nnlib.lab.training_panel.PREVIEW_COST", 1000)
    assert "after 12 updates" in lab._repr_mimebundle_()[1]["image/png"]["alt"]


@pytest.mark.slow
def test_distortion_and_dropout_are_the_trainers_and_a_rewound_run_repeats_them():
    X = np.random.default_rng(0).random((40, 784), dtype="float32")
    y = np.arange(40) % 2
    lab = TrainingPanel(
        nnlib.NeuralNetwork([784, 6, 2], seed=0),
        X,
        y,
        validation=(X, y),
        batch_size=10,
        optimizer="Momentum",
        distortion=nnlib.Distortion(),
        dropout=nnlib.Dropout(hidden=0.3),
    )
    lab.step(6)
    end = lab.network.parameters.copy()
    assert lab._repr_mimebundle_()[0]["image/png"]
    assert lab.rewind(3) == 3
    lab.step(3)
    np.testing.assert_array_equal(lab.network.parameters, end)
    lab.reset()
    lab.step(6)
    np.testing.assert_array_equal(lab.network.parameters, end)
    plain = TrainingPanel(
        nnlib.NeuralNetwork([784, 6, 2], seed=0),
        X,
        y,
        validation=(X, y),
        batch_size=10,
        optimizer="Momentum",
    )
    plain.step(6)
    assert abs(plain.network.parameters - end).max() > 1e-3


def test_at_the_start_its_picture_says_how_the_untrained_network_reads():
    X, y = nnlib.moons(60, seed=0)
    lab = TrainingPanel(nnlib.NeuralNetwork([2, 4, 2], seed=0), X, y, validation=(X, y))
    untrained = float((lab.network.predict(X) == y).mean())
    lab.step(300)
    alt = lab.at_start().preview().alt
    assert f"about {100 * untrained:.0f} % are read correctly" in alt and "still empty" in alt
    assert lab.accuracy > untrained + 0.1  # which it would have said
