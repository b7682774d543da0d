"""Keeping runs and rewinding them, through traits, calls and messages."""

import numpy as np
import pytest

import nnlib
from nnlib.lab import Playground, TrainingPanel
from nnlib.lab.kept import MOST_POINTS, STYLES


def panel(optimizer=None, **settings):
    X, y = nnlib.moons(60, seed=1)
    network = nnlib.NeuralNetwork([2, 5, 2], seed=0, dtype="float64")
    return TrainingPanel(
        network,
        X[:40],
        y[:40],
        validation=(X[40:], y[40:]),
        optimizer=optimizer,
        **{"batch_size": 10, **settings},
    )


def losses(lab, updates):
    """Return the losses of the next updates, to the last bit."""
    seen = []
    for _ in range(updates):
        lab.step()
        seen.append(lab.training.latest["training loss"])
    return seen


def divergent():
    x, y = nnlib.noisy_sine(40)
    network = nnlib.NeuralNetwork([1, 8, 1], hidden="relu", output="identity", init="he", seed=0)
    lab = TrainingPanel(network, x, y, validation=(x, y), learning_rate=100, mode="Batch")
    lab.step(500)
    assert "diverged" in lab.problem
    return lab


# Keeping.


def test_a_kept_run_says_its_settings_and_stays_after_reset():
    lab = panel(nnlib.Momentum(0.1))
    lab.step(30)
    losses_then = lab.training.curves["training loss"].points()
    name = lab.keep()
    assert name == "α 0.1, batches of 10, Momentum; 30 updates"
    lab.reset()
    lab.step(2)
    (run,) = lab.kept
    assert (run.name, run.updates, run.diverged) == (name, 30, None)
    np.testing.assert_array_equal(run.curves["training loss"], losses_then)
    assert set(run.curves) == {"training loss", "validation loss", "accuracy"}


def test_labels_tell_in_what_the_runs_differ():
    lab = Playground(hidden=[3])
    lab.step(5)
    lab.keep()
    assert lab.kept[0].name == "α 0.1, batches of 10, gradient descent; 5 updates"
    lab.hidden = [4, 2]  # the run that is drawn over it is of another network
    assert lab.kept[0].name == "α 0.1, batches of 10, gradient descent, layers 3; 5 updates"
    lab.step(1)
    lab.mode = "Batch"
    lab.keep()
    assert lab.kept[1].name == (
        "α 0.1, Batch, gradient descent, layers 4-2, changed on the way; 1 update"
    )


def test_two_runs_alike_have_different_names():
    lab = panel()
    lab.step(3)
    names = [lab.keep(), lab.keep(), lab.keep("mine"), lab.keep("mine")]
    assert len(set(names)) == 4 and names[2:] == ["mine", "mine (2)"]


def test_the_oldest_leaves_and_each_has_a_look_of_its_own():
    lab = panel()
    lab.step()
    for i in range(len(STYLES) + 2):
        lab.keep(f"run {i}")
    assert [run.name for run in lab.kept] == [f"run {i + 2}" for i in range(len(STYLES))]
    assert sorted(run.style for run in lab.kept) == list(STYLES)
    looks = {run.name: run.style for run in lab.kept}
    lab.forget("run 3")
    lab.keep("one more")
    assert all(run.style == looks.get(run.name, looks["run 3"]) for run in lab.kept)


def test_runs_are_renamed_and_forgotten():
    lab = panel()
    lab.step()
    first = lab.keep()
    lab.rename(first, "first")
    lab.keep("second")
    assert [run.name for run in lab.kept] == ["first", "second"]
    assert lab.rename("first", "") == first  # called by its settings again
    lab.forget(first)
    assert [run.name for run in lab.kept] == ["second"]
    with pytest.raises(ValueError, match="no kept run is called 'third': there are 'second'"):
        lab.forget("third")
    lab.forget()
    assert lab.kept == [] and lab.kept_runs == []


def test_nothing_is_kept_before_the_first_update():
    lab = panel()
    with pytest.raises(ValueError, match="no run to keep yet"):
        lab.keep()
    lab.hear({"command": "keep"})
    assert lab.kept == []


def test_kept_curves_are_bounded_and_not_a_part_of_the_frames():
    lab = panel()
    lab.step(2000)
    points = lab.training.curves["training loss"].points()
    assert points.shape[1] > MOST_POINTS
    sizes = []
    lab.send = lambda content, buffers=None: sizes.append(sum(b.nbytes for b in buffers))
    lab.send_frame()
    lab.keep()
    lab.send_frame()
    assert len(set(sizes)) == 1
    kept = lab.kept[0].curves["training loss"]
    assert kept.shape[1] <= MOST_POINTS
    assert (kept[0, -1], kept[2].min(), kept[3].max()) == (2000, points[2].min(), points[3].max())
    assert len(lab.kept_runs[0]["curves"]["training loss"]) == 2 * 4 * kept.shape[1]
    drawn = np.frombuffer(lab.kept_runs[0]["curves"]["training loss"], "<f4").reshape(2, -1)
    np.testing.assert_allclose(drawn, kept[:2], rtol=1e-6)


def test_a_run_that_diverged_says_so():
    lab = divergent()
    at = lab.updates + 1
    name = lab.keep()
    assert lab.kept[0].diverged == at
    assert lab.kept_runs[0]["detail"] == f"diverged at update {at:,}"
    assert np.isfinite(np.frombuffer(lab.kept_runs[0]["curves"]["training loss"], "<f4")).all()
    lab.reset()
    assert "1 run kept, 1 diverged" in lab.summary()
    lab.learning_rate = 0.01
    lab.step()
    lab.keep()
    assert [run.diverged for run in lab.kept] == [at, None] and lab.kept[0].name == name


def test_views_keep_rename_and_forget_by_messages():
    lab = panel()
    lab.step()
    lab.hear({"command": "keep"})
    key = lab.kept_runs[0]["key"]
    lab.hear({"command": "rename", "key": key, "to": "mine"})
    assert lab.kept[0].name == "mine" == lab.kept_runs[0]["name"]
    assert "1 run kept, the best with validation loss" in lab.summary()
    lab.hear({"command": "keep"})
    lab.hear({"command": "forget", "key": key})
    lab.hear({"command": "forget", "key": key})  # asked twice, as a slow page may
    assert [run.key for run in lab.kept] == [key + 1]
    lab.hear({"command": "forget"})
    assert lab.kept == []


# Rewinding.


@pytest.mark.parametrize(
    "optimizer", [nnlib.GradientDescent, nnlib.Momentum, nnlib.RMSProp, nnlib.Adam]
)
@pytest.mark.parametrize("mode", ["Batch", "Mini-batch", "Stochastic"])
def test_going_on_from_a_moment_gives_the_very_same_losses(optimizer, mode):
    lab = panel(optimizer(0.02), mode=mode, batch_size=7)
    first = losses(lab, 150)
    end = lab.network.parameters.copy()
    for asked in (140, 83, 0):
        at = lab.rewind(asked)
        assert abs(at - asked) <= 1 and at in [*lab.moments, 150]
        assert losses(lab, 150 - at) == first[at:]
        np.testing.assert_array_equal(lab.network.parameters, end)


def test_own_functions_can_be_rewound():
    def update(x, g, learning_rate):
        return x - learning_rate * g

    lab = Playground()
    lab.use(update=update)
    first = losses(lab, 40)
    at = lab.rewind(17)
    assert losses(lab, 40 - at) == first[at:]


def test_looking_back_changes_nothing_if_one_returns():
    lab = panel(nnlib.Adam(0.02))
    twin = panel(nnlib.Adam(0.02))
    lab.step(300)
    twin.step(300)
    before = lab.training.points()
    for update in (5, 290, 0):
        assert abs(lab.rewind(update) - update) <= 4
        assert lab.updates != 300
    assert lab.rewind() == 300 == lab.rewind(12345)
    assert not lab.rewound and lab.training.latest["update"] == 300
    for name, points in lab.training.points().items():
        np.testing.assert_array_equal(points, before[name])
    assert losses(lab, 20) == losses(twin, 20)


def test_a_moment_shows_network_numbers_and_words_of_then():
    lab = panel()
    then = {}
    for _ in range(100):
        lab.step()
        then[lab.updates] = (lab.network.parameters.copy(), dict(lab.training.latest))
    at = lab.rewind(40)
    np.testing.assert_array_equal(lab.network.parameters, then[at][0])
    values, arrays = lab.frame()
    assert values["training loss"] == then[at][1]["training loss"]
    assert values["validation loss"] == then[at][1]["validation loss"]
    assert (values["update"], values["rewound"], values["length"]) == (at, at, 100)
    assert arrays["training loss"][0, -1] == 100  # what came later can still be seen
    assert f"Rewound to update {at} of 100, epoch {-(-at // 4)}" in values["summary"]
    lab.rewind(0)
    assert lab.summary() == "Rewound to the start, of 100 updates."


def test_what_came_later_is_forgotten_once_training_goes_on():
    lab = panel()
    lab.step(60)
    lab.learning_rate = 0.5
    lab.step(40)
    at = lab.rewind(30)
    assert max(lab.moments) > at and lab.marks
    lab.step()
    assert lab.updates == at + 1 and lab.run_length == at + 1
    assert max(lab.moments) <= at + 1
    for points in lab.training.points().values():
        assert points[0].max() <= at + 1
    # What is set otherwise than then is marked where it began to act.
    assert lab.marks == [{"update": at, "text": "α 0.5"}]
    assert lab.frame()[0]["rewound"] is None


def test_settings_changed_while_rewound_act_from_there_or_if_one_returns_at_the_end():
    lab = panel(nnlib.Momentum(0.1))
    lab.step(100)
    at = lab.rewind(50)
    lab.mode = "Stochastic"
    assert lab.marks == []
    lab.rewind()
    assert lab.marks == [{"update": 100, "text": "Stochastic"}]
    lab.rewind(at)
    seen = lab.trainer.samples_seen
    lab.step()
    assert lab.trainer.samples_seen == seen + 1
    assert lab.marks == [{"update": at, "text": "Stochastic"}]


def test_another_optimizer_may_be_tried_from_a_moment():
    lab = Playground(optimizer="Momentum")
    lab.step(50)
    at = lab.rewind(20)
    lab.optimizer = "Adam"
    lab.step(5)
    assert lab.updates == at + 5 and lab.problem == ""
    assert lab.trainer.optimizer.updates == 5


def test_keeping_a_rewound_run_keeps_all_of_it():
    lab = panel()
    lab.step(50)
    lab.rewind(20)
    lab.keep("whole")
    lab.step(3)
    assert lab.kept[0].updates == 50
    assert lab.kept[0].curves["training loss"][0, -1] == 50


def test_a_run_that_diverged_can_be_rewound_and_saved_by_a_smaller_rate():
    lab = divergent()
    problem, end = lab.problem, lab.updates
    at = lab.rewind(end // 2)
    assert lab.problem == "" and lab.state == "paused"
    lab.rewind()
    assert (lab.problem, lab.updates, lab.state) == (problem, end, "stopped")
    lab.step()
    assert lab.updates == end
    lab.rewind(at)
    lab.learning_rate = 1e-4
    lab.step(500)
    assert lab.updates == at + 500 and lab.training.diverged_at is None


def test_a_wrong_function_still_stops_a_lab_that_is_rewound():
    lab = Playground()
    lab.step(20)
    lab.use(update=lambda x, g, learning_rate: x + learning_rate * g)
    assert lab.problem
    lab.rewind(5)
    assert lab.problem
    lab.step()
    assert lab.updates == 5


def test_reset_leaves_nothing_to_rewind_to():
    lab = panel()
    lab.step(50)
    lab.rewind(20)
    lab.reset()
    assert (lab.moments, lab.updates, lab.run_length) == ([0], 0, 0)
    assert lab.rewind(20) == 0


def test_views_rewind_by_messages_and_are_told_what_they_asked_for():
    lab = panel()
    lab.step(100)
    lab.hear({"command": "rewind", "update": 64})
    assert (lab.updates, lab.frame()[0]["asked"]) == (64, 64)
    lab.hear({"command": "rewind", "update": None})
    assert (lab.updates, lab.frame()[0]["asked"]) == (100, None)


@pytest.mark.slow
def test_snapshots_are_bounded_however_long_the_run():
    lab = panel()
    lab.step(3000)
    assert len(lab.moments) <= 128 and len(lab.frame()[0]["moments"]) <= 128


def test_the_epoch_button_ends_the_epoch_of_the_moment():
    lab = panel()  # four updates an epoch
    lab.step(50)
    lab.rewind(13)
    assert lab.updates == 13 and lab.training.left_in_epoch == 3


def test_other_points_leave_no_way_back_behind_them():
    lab = Playground()
    lab.step(50)
    at = lab.rewind(20)
    lab.paint([[0.0, 0.0, 2]])  # a third class: the network grows an output
    assert (lab.moments, lab.updates, lab.run_length) == ([at], at, at)
    lab.step(10)
    assert lab.rewind(0) == at and lab.network.layers[-1] == 3
    lab.step()
    assert lab.problem == "" and lab.updates == at + 1
