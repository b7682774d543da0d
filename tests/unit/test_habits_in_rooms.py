"""Data of one's own and habits of another library, in the rooms around the core."""

import threading

import numpy as np
import pytest
from matplotlib.figure import Figure

import nnlib
from nnlib import Adam, CosineSchedule, History, NeuralNetwork, plots
from nnlib.analysis.depth import expected_factors
from nnlib.analysis.samples import cell_indices, class_means, distance_from_mean
from nnlib.export import web_page
from nnlib.images.damage import damaged
from nnlib.images.handwriting import NothingDrawn, prepare, rasterize
from nnlib.lab import Playground, RaceLab, TrainingPanel
from nnlib.landscapes.race import Race, Settings, learning_rates
from nnlib.plots.boundaries import draw_decision

X, Y = nnlib.blobs(60, seed=0)
STROKE = rasterize([[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]])


def network(layers=(2, 8, 3), **more):
    return NeuralNetwork(list(layers), **{"hidden": "tanh", "seed": 0, **more})


# Labs.


def test_data_that_are_sorted_by_class_race_with_every_class_on_both_sides():
    order = np.argsort(Y, kind="stable")
    lab = RaceLab(X=X[order], y=Y[order])
    first = lab.contest.contestants[0]
    trained_on, judged_by = first.trainers[0].y.argmax(axis=1), first.evaluators[0].labels
    assert len(trained_on) == 42 and {*trained_on} == {*judged_by} == {0, 1, 2}
    both = np.concatenate([first.trainers[0].X, first.evaluators[0].X])
    assert sorted(map(tuple, both)) == sorted(map(tuple, X))


def test_a_panel_drops_no_schedule_without_a_word():
    with pytest.raises(ValueError, match="follows a schedule, and a panel has a slider"):
        TrainingPanel(network(), X, Y, validation=(X, Y), optimizer=Adam(CosineSchedule(0.1, 100)))
    with pytest.raises(TypeError, match="a TrainingPanel has no setting 'lr'"):
        TrainingPanel(network(), X, Y, validation=(X, Y), lr=0.1)


def test_a_regression_has_no_accuracy_to_be_reached():
    net, goal = network([2, 4, 1], output="identity"), {"validation_accuracy": 0.9}
    with pytest.raises(ValueError, match=r"no accuracy to be reached\. Choose validation_loss"):
        TrainingPanel(net, X, X[:, 0], validation=(X, X[:, 0]), goal=goal)


def test_raw_pixels_are_no_test_of_a_network_that_reads_what_is_drawn(tmp_path):
    net, X = network([784, 4, 10]), np.full((2, 784), 255, np.uint8)
    with pytest.raises(ValueError, match=r"X holds raw pixels.* divide X by 255"):
        web_page(net, tmp_path / "page.html", test=(X, [0, 1]))
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("learningrate", "it is learning_rate"),
        ("lr", "it is learning_rate"),
        ("epochs", "its settings are .*batch_size"),
    ],
)
def test_a_misspelled_setting_of_a_lab_moves_no_slider_and_says_so(name, words):
    lab = Playground(X, Y)
    with pytest.raises(AttributeError, match=f"Playground has no '{name}' to set.*{words}"):
        setattr(lab, name, 0.5)
    lab.learning_rate = 0.5
    assert lab.trainer.optimizer.learning_rate == 0.5


def test_a_lab_of_ones_own_may_have_attributes_of_its_own():
    class Own(Playground):
        pass

    lab = Own(X, Y)
    lab.mark = 1
    assert lab.mark == 1


def test_a_lab_makes_no_updates_in_two_threads_at_once():
    lab, begun, go_on = Playground(X, Y), threading.Event(), threading.Event()
    work = lab._engine._work

    def slow():
        begun.set()
        assert go_on.wait(10)
        return work()

    lab._engine._work = slow
    other = threading.Thread(target=lab.step, args=(3,))
    other.start()
    assert begun.wait(10)
    with pytest.raises(RuntimeError, match="making updates already, in another thread"):
        lab.step(3)
    go_on.set()
    other.join(10)
    assert (lab.updates, lab.problem) == (3, "")
    lab.step(1)
    assert lab.updates == 4


@pytest.mark.filterwarnings("error")
def test_a_validation_loss_beyond_its_range_is_shown_as_a_gap_and_said():
    net, target = network([2, 4, 1], output="identity"), X[:, 0]
    far = (X, target * 1e30)
    panel = TrainingPanel(net, X, target, validation=far)
    panel.step(30)
    assert panel.problem == ""
    history = nnlib.train(net, X, target, validation=far, epochs=3, seed=0, progress=False)
    assert history.validation_loss == [np.inf] * 3
    assert "not all of them finite" in plots.training_curves(history).alt
    with pytest.raises(ValueError, match="holds a training loss of nan, at update 2"):
        plots.training_curves(History([1.0, np.nan], [0.1] * 2))


# Races.


def test_seeds_and_rates_of_a_race_are_lists_and_none_is_dropped():
    data = dict(validation=(X, Y))
    for wrong, error in ((3, TypeError), ((), ValueError), ("ab", TypeError)):
        with pytest.raises(error, match=r"^seeds"):
            Race(network(), X, Y, {"a": Settings()}, seeds=wrong, **data)
    assert [*learning_rates(rates=np.array([0.1, 0.5]))] == ["α = 0.1", "α = 0.5"]
    for wrong in ([0.1, 0.1], 0.1, "ab", [-1]):
        with pytest.raises((ValueError, TypeError), match=r"^rates"):
            learning_rates(rates=wrong)


# Images.


@pytest.mark.parametrize(
    ("black", "dtype"),
    [(255, "uint8"), (255, "float32"), (255, "float64"), (16, "uint8"), (65535, "uint16")],
)
def test_noise_is_a_share_of_black_in_raw_pixels_as_in_shades(black, dtype):
    shades = np.random.default_rng(0).integers(0, black + 1, (3, 784)) / black
    shades[:, 0] = 1  # each image goes to the end of the range, within which it is kept
    raw = (black * shades).round().astype(dtype)
    found, expected = damaged(raw, "noise", 0.3).astype(float), damaged(shades, "noise", 0.3)
    assert np.abs(found - black * expected).max() <= 0.5 + 1e-5 * black
    assert np.array_equal(damaged(raw, "noise", 0), raw)


@pytest.mark.parametrize("size", [28, 280])
@pytest.mark.parametrize("sd", [0.1, 0.3])
def test_an_empty_sheet_with_much_grain_holds_no_digit(size, sd):
    grain = np.abs(np.random.default_rng(0).normal(0, sd, (size, size))).clip(0, 1)
    with pytest.raises(NothingDrawn, match="the paper's grain"):
        prepare(grain)


def test_grain_under_a_stroke_does_not_hide_it():
    rng = np.random.default_rng(0)
    drawn = (STROKE + np.abs(rng.normal(0, 0.05, STROKE.shape))).clip(0, 1)
    assert np.corrcoef(prepare(drawn).X, prepare(STROKE).X)[0, 1] > 0.97


@pytest.mark.parametrize(
    ("ink", "cure"),
    [
        ((255 * STROKE).astype(np.uint8), r"np\.asarray\(ink\) / 255$"),
        ((65535 * STROKE).astype(np.uint16), r"np\.asarray\(ink\) / 65535$"),
        (STROKE * 1.0000001, r"to 1\.0000001, .*np\.clip\(ink, 0, 1\)"),
        (STROKE - 0.01, r"np\.clip\(ink, 0, 1\)"),
        (np.stack([STROKE] * 3, axis=2), r"np\.mean\(ink, axis=2\)"),
        (np.stack([STROKE] * 4, axis=2), r"np\.asarray\(ink\)\[\.\.\., -1\]"),
        (STROKE[:, 10:], r"np\.pad"),
        (np.zeros(784), r"np\.reshape\(ink, \(28, 28\)\)"),
        (np.pad(STROKE, 5, constant_values=1), "has a frame.* Cut the edge off"),
        (1 - STROKE, r"black on white.* Pass 1 - ink"),
    ],
)
def test_a_picture_that_is_no_ink_is_refused_with_the_line_that_helps(ink, cure):
    with pytest.raises(ValueError, match=cure):
        prepare(ink)


# Analysis and plots.


def test_distances_that_float64_cannot_hold_are_refused():
    for call in (class_means, distance_from_mean):
        with pytest.raises(ValueError, match=r"X goes to 1e.200, and its squares beyond float64"):
            call(np.full((2, 3), 1e200), [0, 1])
    assert distance_from_mean(np.array([[3e140, 4e140]]), [0], np.zeros((1, 2))) == [5e140]


def test_the_output_of_one_sigmoid_is_no_table_of_probabilities():
    column = network([2, 1], output="sigmoid").forward(X).output
    with pytest.raises(ValueError, match=r"np\.hstack\(\[1 - p, p\]\)"):
        cell_indices(column, Y > 0, 1, 0)


def test_the_formula_of_depth_does_not_hold_for_a_softmax_inside():
    with pytest.raises(ValueError, match="layer 1 of the network is a softmax"):
        expected_factors(network(hidden="softmax"), X)


def test_a_single_sigmoid_output_has_a_boundary_like_two_outputs():
    one = network([2, 1], output="sigmoid")
    two = network([2, 2])  # softmax of (0, z) is σ(z)
    two.weights[0] = np.hstack([0 * one.weights[0], one.weights[0]])
    drawn = []
    for net in (one, two):
        axes = Figure().subplots()
        draw_decision(axes, net, X, Y > 0)
        drawn.append(axes.images[0].get_array())
    np.testing.assert_allclose(*drawn, rtol=1e-5)
    assert plots.boundary(one, X, Y > 0).alt == plots.boundary(two, X, Y > 0).alt
    with pytest.raises(ValueError, match="two of them by a single sigmoid output"):
        plots.boundary(network([2, 1], output="identity"), X, Y > 0)


@pytest.mark.filterwarnings("error")
def test_weights_that_are_no_numbers_are_refused_and_huge_ones_measured():
    net = network([784, 4, 3])
    net.weights[0][:5] = 3e38
    assert "inf" not in plots.weight_histograms(net).alt
    net.weights[0][0, 0] = np.nan
    for draw in (plots.weight_histograms, plots.first_layer_weights):
        with pytest.raises(ValueError, match="weights of layer 1 that are NaN"):
            draw(net)
