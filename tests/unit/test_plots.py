"""The still figures: what they say, what they refuse, and that they leave no trace."""

import base64
import functools
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib import Distortion, History, NeuralNetwork
from nnlib.analysis.calibration import answered_above, reliability

matplotlib = pytest.importorskip("matplotlib")

from matplotlib.colors import to_rgb  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from nnlib import plots  # noqa: E402
from nnlib.plots import figures, style  # noqa: E402
from nnlib.plots.curves import moving_mean  # noqa: E402
from nnlib.plots.picture import FIRST_LINE, Picture  # noqa: E402

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(size=(12, 784)).astype(np.float32)


def a_history(updates=300, epochs=3, accuracy=True):
    ends = [updates * (i + 1) // epochs for i in range(epochs)]
    return History(
        training_loss=list(2.0 * np.exp(-np.arange(updates) / 100)),
        learning_rate=[0.1] * updates,
        validation_update=ends,
        validation_loss=[1.0, 0.5, 0.25][:epochs],
        validation_accuracy=[0.5, 0.8, 0.91][:epochs] if accuracy else [],
    )


def draw_all():
    network = NeuralNetwork([784, 6, 10], seed=0)
    labels = np.arange(12) % 10
    yield plots.digits(IMAGES, labels)
    yield plots.digits(IMAGES)
    yield plots.wrong_digits(IMAGES, labels, (labels + 1) % 10)
    yield plots.confusion(np.arange(9).reshape(3, 3))
    yield plots.class_balance(labels)
    yield plots.weight_histograms(network, network.copy())
    yield plots.first_layer_weights(network)
    yield plots.training_curves(a_history())
    yield plots.training_curves(a_history(accuracy=False))
    yield plots.compare_curves({"one": a_history(), "two": a_history(200)})
    yield plots.activations()
    yield plots.network_numbers(NeuralNetwork([2, 3, 1], seed=0), [1, -1])
    on_plane = NeuralNetwork([2, 3, 2], seed=0)
    yield plots.overview(on_plane, np.zeros((2, 2)), [0, 1], a_history())
    yield plots.graph({"x": (0, 0), "C": (1, 0)}, {("x", "C"): "2"}, alt="x goes into C.")
    yield plots.delta_by_layer({"tanh": {"zeros": [0, 0, 1], "he": [0.1, 0.01, 1]}})
    x = np.linspace(-1, 1, 20)
    labels = {"x_label": "w", "y_label": "C"}
    yield plots.lines(x, {"bowl": x**2}, alt="A bowl over w.", **labels)
    p = np.array([[0.9, 0.1], [0.3, 0.7], [0.8, 0.2], [0.05, 0.95]])
    sure = reliability(p, np.array([0, 1, 1, 1]))
    yield plots.reliability({"one": sure, "two": sure}, title="How sure")
    answers = answered_above(p, np.array([0, 1, 1, 1]), [0.5, 0.75, 0.9, 0.99])
    yield plots.coverage(answers, threshold=0.75)
    yield plots.damage("noise", [0, 0.5, 1], {"net": [0.9, 0.5, 0.2]}, IMAGES[:2])
    bend = Distortion(alpha=50)
    yield plots.distorted(IMAGES[:3], bend)
    yield plots.bent_grid(IMAGES[0], bend.places(1, 28, np.random.default_rng(0)), title="Bent")
    yield plots.mean_digits(IMAGES, np.arange(12) % 3)
    yield plots.training_curves(a_history(), mark_best=True)
    saddle = np.outer(x[:5], x)
    yield plots.height_map(x, x[:5], saddle, z_label="z", alt="A saddle over w.", **labels)


every_picture = functools.cache(lambda: tuple(draw_all()))


@pytest.mark.slow
def test_every_figure_is_a_png_with_words_for_it():
    for picture in every_picture():
        data, metadata = picture._repr_mimebundle_()
        assert base64.b64decode(data["image/png"], validate=True) == picture.png
        assert picture.png.startswith(b"\x89PNG\r\n\x1a\n")
        assert data["text/plain"] == f"{FIRST_LINE}\n{picture.alt}"
        assert repr(picture) == picture.alt
        assert metadata["image/png"]["alt"] == picture.alt
        assert picture.alt.endswith(".") and len(picture.alt.split()) >= 3


def test_curves_and_maps_refuse_what_does_not_fit():
    x, labels = np.arange(3.0), {"x_label": "x", "y_label": "y", "alt": "A line over x."}
    with pytest.raises(ValueError, match=r"'short' has shape \(2,\), but x has \(3,\)"):
        plots.lines(x, {"short": x[:2]}, **labels)
    with pytest.raises(ValueError, match="can be told apart"):
        plots.lines(x, {str(i): x for i in range(20)}, **labels)
    with pytest.raises(ValueError, match=r"x and y make \(2, 3\)"):
        plots.height_map(x, x[:2], np.zeros((3, 2)), z_label="z", **labels)
    with pytest.raises(ValueError, match="NaN"):
        plots.height_map(x, x[:2], np.full((2, 3), np.nan), z_label="z", **labels)


def test_the_words_of_a_figure_of_the_lessons_tell_its_numbers():
    losses = {"calm": np.full(30, 0.25), "wild": np.geomspace(0.25, 8, 30)}
    assert "calm from 0.25 to 0.25; wild from 0.25 to 8." in figures.about_the_limit(losses).alt
    p = np.linspace(-2, 2, 5)
    alt = figures.accuracy_and_loss(p, (p > 0) * 1.0, np.exp(-p)).alt
    assert "from −2 to 2" in alt and "from 0% to 100%" in alt and "from 7.39 to 0.14" in alt


def test_ipython_shows_the_picture_with_its_alt_text():
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    picture = plots.digits(IMAGES[:2])
    data, metadata = formatter.format(picture)
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == f"{FIRST_LINE}\n2 handwritten digits."
    assert metadata["image/png"]["alt"] == "2 handwritten digits."


@pytest.mark.slow
def test_the_stated_width_is_that_of_the_png():
    for picture in every_picture():
        width = int.from_bytes(picture.png[16:20], "big")
        height = int.from_bytes(picture.png[20:24], "big")
        assert (picture.width, picture.height) == (width, height)
        assert picture._repr_mimebundle_()[1]["image/png"]["width"] == width
        assert width <= 840  # fits a notebook's output area


@pytest.mark.slow
def test_the_same_data_give_the_same_bytes():
    for first, second in zip(every_picture()[:6], draw_all(), strict=False):
        assert first.png == second.png, first.alt
        assert first.alt == second.alt


@pytest.mark.slow
def test_a_png_names_neither_program_nor_date():
    for picture in every_picture():
        assert b"Software" not in picture.png and b"matplotlib" not in picture.png
        assert b"tEXt" not in picture.png and b"tIME" not in picture.png


def test_the_readers_own_settings_neither_change_a_figure_nor_are_changed():
    before = plots.confusion(np.eye(3, dtype=int))
    theirs = {"font.size": 30, "font.weight": "bold", "axes.facecolor": "red"}
    with matplotlib.rc_context(theirs):
        mine = dict(matplotlib.rcParams)
        assert plots.confusion(np.eye(3, dtype=int)).png == before.png
        assert dict(matplotlib.rcParams) == mine


@pytest.mark.slow
def test_pyplot_is_never_imported():
    code = """
import sys, numpy as np, nnlib
from nnlib import plots
plots.digits(np.zeros((2, 784))), plots.activations(), plots.class_balance([0, 1])
assert "matplotlib" in sys.modules
sys.exit("matplotlib.pyplot" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_save_writes_the_png(tmp_path):
    picture = plots.class_balance([0, 1, 1])
    picture.save(tmp_path / "balance.png")
    assert (tmp_path / "balance.png").read_bytes() == picture.png


# What the words say


def test_digits_names_labels_and_wrong_predictions():
    picture = plots.digits(IMAGES[:3], np.array([7, 2, 4]), predicted=np.array([7, 2, 9]))
    assert "7, 2, 4" in picture.alt
    assert "1 prediction" in picture.alt and "4 taken for 9" in picture.alt
    assert "2 taken" not in picture.alt and "7 taken" not in picture.alt


def test_wrong_digits_leaves_out_what_is_right_and_puts_the_surest_mistake_first():
    true, predicted = np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])
    probabilities = np.full((4, 4), 0.1)
    probabilities[1, 2], probabilities[2, 1] = 0.6, 0.9
    ordered = plots.wrong_digits(IMAGES[:4], true, predicted, probabilities)
    assert ordered.alt.index("2 taken for 1") < ordered.alt.index("1 taken for 2")
    assert "0 taken" not in ordered.alt and "3 taken" not in ordered.alt
    given = plots.wrong_digits(IMAGES[:4], true, predicted)
    assert given.alt.index("1 taken for 2") < given.alt.index("2 taken for 1")


def test_wrong_digits_of_a_perfect_network_is_a_picture_too():
    labels = np.arange(4)
    assert "0 images" in plots.wrong_digits(IMAGES[:4], labels, labels).alt


def test_wrong_digits_shows_no_more_than_its_limit():
    labels = np.arange(12) % 10
    assert "5 images" in plots.wrong_digits(IMAGES, labels, (labels + 1) % 10, limit=5).alt


def test_confusion_names_the_most_frequent_confusion_true_class_first():
    matrix = np.diag([90, 80, 70])
    matrix[2, 0], matrix[0, 1] = 30, 9
    assert "2 taken for 0, about 30 % of class 2" in plots.confusion(matrix).alt
    named = plots.confusion(matrix, ["ant", "bee", "cat"])
    assert "cat taken for ant" in named.alt
    assert f"{240 / 279:.0%}".replace("%", " %") in named.alt


def test_confusion_without_mistakes_says_so():
    assert "every prediction is right" in plots.confusion(np.diag([3, 4])).alt


def test_confusion_colours_mistakes_by_their_number_and_the_diagonal_not_at_all():
    matrix = np.array([[9000, 1, 40], [0, 8000, 2], [3, 0, 10]])
    from nnlib.plots.classes import _draw_confusion

    mistakes = matrix - np.diag(np.diag(matrix))
    with style.style():
        figure = _draw_confusion(matrix, mistakes, ["0", "1", "2"])
    axes = figure.axes[0]
    coloured = np.asarray(axes.images[0].get_array())
    assert coloured[0, 2] == axes.images[0].norm.vmax == 40
    assert (np.diag(coloured) == 0).all()
    written = [text.get_text() for text in axes.texts]
    for count in ("9000", "8000", "40"):
        assert count in written
    # Row true, column predicted: the 40 stands in row 0 and column 2.
    (forty,) = [text for text in axes.texts if text.get_text() == "40"]
    assert forty.get_position() == (2, 0)


def test_class_balance_counts_classes():
    alt = plots.class_balance([0] * 5 + [1] * 2 + [2] * 8).alt
    assert "from 2 of class 1 to 8 of class 2" in alt and "15 samples in 3 classes" in alt


@pytest.mark.slow
def test_weight_histograms_tells_the_spread_then_and_now():
    start = NeuralNetwork([4, 50, 2], init="normal", seed=0)
    network = start.copy()
    network.weights[0] *= 3
    before, now = start.weights[0].std(), 3 * start.weights[0].std()
    assert f"W⁽¹⁾ std {before:.2g} → {now:.2g}" in plots.weight_histograms(network, start).alt
    assert "→" not in plots.weight_histograms(network).alt


@pytest.mark.slow
def test_weights_that_are_all_alike_can_be_drawn():
    assert "std 0" in plots.weight_histograms(NeuralNetwork([3, 2, 2], init="zeros")).alt


def test_training_curves_tells_where_the_loss_went_and_the_accuracy():
    alt = plots.training_curves(a_history(), title="A run").alt
    assert alt.startswith("A run: ") and "300 updates" in alt
    assert "from about 2 to about 0.1" in alt and "about 91 %" in alt
    assert "accuracy" not in plots.training_curves(a_history(accuracy=False)).alt


@pytest.mark.slow
def test_training_curves_tells_when_the_validation_loss_turns():
    history = a_history()
    assert "still falling" in plots.training_curves(history).alt
    history.validation_loss = [1.0, 0.5, 0.8]
    assert "lowest before the last epoch" in plots.training_curves(history).alt


@pytest.mark.slow
def test_the_best_epoch_is_marked_where_the_validation_loss_is_lowest():
    history = a_history()
    history.validation_loss = [1.0, 0.5, 0.8]
    assert plots.training_curves(history, mark_best=True).alt.endswith("after epoch 2 of 3.")
    assert "marked" not in plots.training_curves(history).alt
    assert plots.training_curves(history, mark_best=True).png != plots.training_curves(history).png


@pytest.mark.slow
def test_reliability_says_who_is_too_sure_and_by_how_much():
    p = np.tile([0.9, 0.1], (10, 1))
    labels = np.array([0] * 7 + [1] * 3)  # 70 % right at a confidence of 90 %
    alt = plots.reliability({"A": reliability(p, labels), "B": reliability(p, 0 * labels)}).alt
    assert "A, too sure by about 20 %" in alt
    assert "B, less sure than it may be by about 10 %" in alt
    fair = reliability(p, np.array([0] * 9 + [1]))
    assert "network, on it to half a percent" in plots.reliability(fair).alt


@pytest.mark.slow
def test_coverage_says_what_is_gained_at_the_threshold():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.55, 0.45]])
    answers = answered_above(p, np.array([0, 0, 0, 1]), [0.5, 0.7])
    alt = plots.coverage(answers, threshold=0.7, title="Sure").alt
    assert alt.startswith("Sure: ") and "25 % wrong if 100 % is answered, 0 % wrong if 50 %" in alt
    assert "marked" not in plots.coverage(answers).alt


def test_distorted_names_the_distortion_and_each_seed_is_another_picture():
    picture = plots.distorted(IMAGES[:3], Distortion(shear=0.25), copies=2)
    assert "3 handwritten digits, and below each 2 distorted copies" in picture.alt
    assert "shear=0.25" in picture.alt
    one, other = (plots.distorted(IMAGES[:3], Distortion(), seed=s).png for s in (0, 1))
    assert one != other


def test_a_bent_grid_says_how_far_it_is_bent():
    places = np.mgrid[0:28, 0:28] + np.array([0, 2.0])[:, None, None]
    assert "up to 2.0 pixels away" in plots.bent_grid(IMAGES[0], places).alt


def test_damage_says_where_the_accuracy_begins_and_ends():
    accuracies = {"plain": [0.98, 0.5, 0.11], "trained on it": [0.97, 0.9, 0.8]}
    alt = plots.damage("shift", [0, 1, 3], accuracies, IMAGES[:1]).alt
    assert "shift, 0 to 3 pixels" in alt and "plain, from about 98 % to about 11 %" in alt
    assert "Below, 1 image under" in alt


@pytest.mark.slow
def test_templates_are_named_by_class_and_hidden_neurons_by_number():
    templates = NeuralNetwork([784, 10], seed=0)
    assert "output neurons 0 to 9" in plots.first_layer_weights(templates).alt
    network = NeuralNetwork([784, 6, 10], seed=0)
    assert "neurons 1 to 6 of" in plots.first_layer_weights(network).alt
    assert "neurons a to c of" in plots.first_layer_weights(network, 3, names="abcdef").alt


def test_mean_digits_are_the_means_and_digits_take_a_title():
    alt = plots.mean_digits(IMAGES, np.array([0] * 3 + [1] * 9)).alt
    assert "0 to 1, of 12 images" in alt and "3 to 9 images in each" in alt
    titled = plots.digits(IMAGES[:2], title="Hard ones")
    assert titled.alt == "Hard ones: 2 handwritten digits."
    assert titled.height > plots.digits(IMAGES[:2]).height


def test_compare_curves_names_every_run():
    alt = plots.compare_curves({"slow": a_history(), "fast": a_history(200)}).alt
    assert "2 runs" in alt and "slow, from about 2" in alt and "fast, from about 2" in alt


def test_one_update_is_enough_for_a_curve():
    assert "over 1 update," in plots.training_curves(History([0.5], [0.1])).alt


def test_moving_mean_averages_its_window_and_stands_in_its_middle():
    values = RNG.uniform(size=2500)
    at, means, window = moving_mean(values)
    assert window == 20
    assert at[0] == 10.5 and means[0] == pytest.approx(values[:20].mean())
    first = int(at[-1] - 10.5)
    assert means[-1] == pytest.approx(values[first : first + 20].mean())


@pytest.mark.parametrize(
    ("n", "window"), [(1, 1), (50, 1), (199, 1), (200, 2), (999, 5), (1000, 10), (46_900, 200)]
)
def test_the_window_of_the_moving_mean_is_a_round_number_of_at_most_one_percent(n, window):
    assert moving_mean(np.ones(n))[2] == window


# The style


def luminance(colour):
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return np.dot(channels, [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ink", [style.INK, style.MUTED])
def test_text_stands_out_from_the_paper(ink):
    assert contrast(ink, style.PAPER) >= 4.5  # WCAG 2, level AA


def test_the_darkest_cell_of_a_confusion_matrix_leaves_its_count_readable():
    assert contrast(style.INK, style.MISTAKES(1.0)) >= 4.5


def test_runs_differ_without_their_colour():
    assert len(set(style.RUN_LINES)) == len(style.RUN_LINES) == len(set(style.RUNS))


def test_signed_colours_are_lightest_at_zero_and_differ_in_hue_at_the_ends():
    low, zero, high = (luminance(style.SIGNED(x)) for x in (0.0, 0.5, 1.0))
    assert zero > 0.85 and low < 0.3 and high < 0.3
    assert to_rgb(style.SIGNED(1.0)) == pytest.approx(to_rgb(style.POSITIVE), abs=0.01)
    assert to_rgb(style.SIGNED(0.0)) == pytest.approx(to_rgb(style.NEGATIVE), abs=0.01)


# What is refused, and why


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: plots.digits(IMAGES[0]), r"np\.reshape\(X, \(1, -1\)\)"),
        (lambda: plots.digits(IMAGES.reshape(12, 28, 28)), "rows of 784 pixels"),
        (lambda: plots.digits(IMAGES[:0]), "at least 1"),
        (lambda: plots.digits(np.zeros((401, 784))), "at most 400"),
        (lambda: plots.digits(IMAGES, np.arange(3)), r"shape \(12,\)"),
        (lambda: plots.digits(IMAGES, np.zeros(12)), "integers"),
        (lambda: plots.digits(IMAGES, predicted=np.zeros(12, int)), "true labels"),
        (lambda: plots.digits(IMAGES, columns=0), "columns=0"),
        (
            lambda: plots.wrong_digits(
                IMAGES, np.zeros(12, int), np.ones(12, int), np.ones((12, 1))
            ),
            "one column for each class",
        ),
        (lambda: plots.confusion(np.ones((2, 3), int)), "square"),
        (lambda: plots.confusion(np.eye(3)), "counts"),
        (lambda: plots.confusion(-np.eye(3, dtype=int)), "negative"),
        (lambda: plots.confusion(np.eye(3, dtype=int), ["a"]), "1 class names"),
        (lambda: plots.class_balance([0.5, 1.0]), "integers"),
        (lambda: plots.class_balance([-1, 1]), "from 0"),
        (lambda: plots.first_layer_weights(NeuralNetwork([2, 3, 1])), "takes 2 inputs"),
        (
            lambda: plots.weight_histograms(NeuralNetwork([2, 3, 1]), NeuralNetwork([2, 4, 1])),
            "copy of the same network",
        ),
        (lambda: plots.training_curves(History()), "no updates"),
        (lambda: plots.training_curves(History([1.0]), mark_best=True), "no validation loss"),
        (lambda: plots.reliability({}), "0 networks"),
        (lambda: plots.damage("noise", [0, 1], {"a": [1.0]}, IMAGES[:1]), "2 strengths"),
        (lambda: plots.damage("noise", [1, 0], {"a": [1.0, 1]}, IMAGES[:1]), "that increase"),
        (lambda: plots.damage("noise", [0, 1], {}, IMAGES[:1]), "accuracies is empty"),
        (lambda: plots.distorted(IMAGES, Distortion(), copies=0), "copies=0"),
        (lambda: plots.first_layer_weights(NeuralNetwork([784, 3]), names="ab"), "2 names"),
        (lambda: plots.compare_curves({}), "histories is empty"),
        (lambda: plots.compare_curves({"a": a_history(), "b": History()}), "run 'b'"),
        (lambda: plots.activations(["gelu"]), "unknown activation 'gelu'"),
        (lambda: plots.activations(limit=0), "limit=0"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_a_history_must_be_a_history():
    with pytest.raises(TypeError, match="SimpleNamespace"):
        plots.training_curves(SimpleNamespace(loss=[1.0]))


def test_weights_that_are_not_finite_are_refused():
    network = NeuralNetwork([2, 3, 1], seed=0)
    network.weights[1][0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        plots.weight_histograms(network)


@pytest.mark.slow
def test_what_becomes_of_delta_is_told_as_a_power_of_ten_and_zeros_as_nothing():
    sizes = {"sigmoid": {"zeros": [0, 0, 0, 1], "xavier": [2e-9, 2e-6, 2e-3, 1]}}
    words = plots.delta_by_layer(sizes).alt
    assert "3 hidden layers" in words
    assert "with sigmoid, zeros nothing, xavier 10^-6" in words


def test_a_network_is_drawn_with_its_numbers_and_refused_if_these_could_not_be_read():
    network = NeuralNetwork([2, 3, 1], "identity", "identity", init="zeros", dtype="float64")
    network.weights[0], network.weights[1] = np.ones((2, 3)), np.full((3, 1), -2.0)
    network.biases[1] = [0.5]
    picture = plots.network_numbers(network, [1.0, -0.25])
    assert picture.alt.endswith("the input (1, −0.25) becomes the output (−4).")
    other = plots.network_numbers(network, [1.0, 0.25])
    assert other.png != picture.png
    with pytest.raises(ValueError, match="at most 3 neurons a layer"):
        plots.network_numbers(NeuralNetwork([2, 4, 1]), [0, 0])
    with pytest.raises(ValueError, match="2 neurons"):
        plots.network_numbers(network, [0, 0, 0])


def test_a_link_of_a_graph_needs_boxes_at_both_ends():
    with pytest.raises(ValueError, match="no box for u"):
        plots.graph({"x": (0, 0)}, {("x", "u"): ""}, alt="x")


@pytest.mark.slow
def test_an_overview_says_how_training_went_or_that_there_was_none():
    network, X = NeuralNetwork([2, 3, 2], seed=0), np.array([[-1.0, 0], [1, 0]])
    labels = network.predict(X)
    alt = plots.overview(network, X, labels, a_history(), title="Moons").alt
    assert alt.startswith("Moons: points of 2 classes") and "about 100 % of the points" in alt
    assert "network 2-3-2, a picture" in alt and "from 2 to 0.1 in 300 updates" in alt
    assert "curves are still empty" in plots.overview(network, X, labels, History()).alt
    with pytest.raises(ValueError, match="the plane has two inputs"):
        plots.overview(NeuralNetwork([3, 2]), X, labels)


@pytest.mark.slow
def test_the_shares_of_a_confusion_matrix_do_not_hang_on_the_type_of_its_counts():
    counts = np.array([[100, 3], [20, 90]])
    for dtype in (np.uint8, np.int8, np.uint64):
        assert plots.confusion(counts.astype(dtype)).png == plots.confusion(counts).png


def test_a_picture_that_is_drawn_keeps_no_figure_full():
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    Picture(figure, "A line.")
    assert not figure.axes
