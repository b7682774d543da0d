"""The explorer through its traits: sliders reach the functions, and what these return is shown."""

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab import Explorer

WORDS = {"title": "A test", "alt": "A line."}
x = np.linspace(-1, 1, 11)


def line(**more):
    return Explorer(
        {"w": (-5, 5, 1.0), "b": (-2, 2, 0.5)},
        curves=lambda w, b: {"y": (x, w * x + b)},
        **WORDS,
        **more,
    )


def test_a_slider_moves_the_curve():
    lab = line()
    np.testing.assert_array_equal(lab.frame()[1]["curves y"], [x, x + 0.5])
    lab.w = -3
    np.testing.assert_array_equal(lab.frame()[1]["curves y"], [x, -3 * x + 0.5])
    assert lab.settings == {"w": -3, "b": 0.5}
    assert lab.frame()[0]["settings"] == lab.settings


def test_every_kind_of_slider_hands_its_own_kind_of_value_over():
    seen = []
    lab = Explorer(
        {"n": (1, 9, 3), "h": (1e-6, 1.0, 0.1, "log"), "f": ["tanh", "relu"], "on": True},
        curves=lambda **values: seen.append(values) or {"y": (x, x)},
        **WORDS,
    )
    assert seen[-1] == {"n": 3, "h": 0.1, "f": "tanh", "on": True}
    lab.n, lab.h, lab.f, lab.on = 7.0, 1e-3, "relu", False
    assert seen[-1] == {"n": 7, "h": 1e-3, "f": "relu", "on": False}
    assert type(seen[-1]["n"]) is int
    assert [c["kind"] for c in lab.controls] == ["slider", "log-slider", "select", "toggle"]
    assert lab.controls[0]["step"] == 1


def test_a_value_outside_is_moved_to_the_nearer_end_and_no_number_is_refused():
    lab = line()
    lab.w = 70
    assert lab.w == 5
    lab.w = -np.inf
    assert lab.w == -5
    for value in (np.nan, "much"):
        with pytest.raises(traitlets.TraitError):
            lab.w = value


def test_reset_puts_every_slider_back():
    lab = line()
    lab.w, lab.b = 4, -1
    lab.reset()
    assert lab.settings == {"w": 1.0, "b": 0.5}
    assert lab.frame()[1]["curves y"][1, 0] == -0.5


def test_the_words_follow_the_sliders():
    assert line().frame()[0]["summary"] == "w = 1, b = 0.5."
    lab = line(words=lambda w, b: f"It crosses zero at {-b / w:g}.")
    lab.b = 1
    assert lab.frame()[0]["summary"] == "It crosses zero at −1."
    lab = line(words=lambda w, b: "From -2 to 1e-5, (-.5), 2-3-1.")
    assert lab.frame()[0]["summary"] == "From −2 to 1e-5, (−.5), 2-3-1."


def test_the_range_holds_every_curve_and_mark_with_room_unless_it_is_fixed():
    low, high = line(points=lambda w, b: {"far": ([0], [9])}).frame()[0]["y_range"]
    assert -0.5 - 2 < low < -0.5 and 9 < high < 11
    flat = Explorer({}, curves=lambda: {"flat": (x, 0 * x + 2)}, **WORDS)
    low, high = flat.frame()[0]["y_range"]
    assert low < 2 < high
    low, high = Explorer(
        {}, curves=lambda: {"gap": (x, np.where(x > 0, np.inf, x))}, **WORDS
    ).frame()[0]["y_range"]
    assert -1.2 < low < -1 and 0 < high < 0.2
    assert line(y_range=(-3, 3)).frame()[0]["y_range"] == [-3, 3]


def test_a_map_is_the_plane_row_by_row_with_a_line_where_the_height_is_in_the_middle():
    lab = Explorer(
        {"b": (-5, 5, 0.0)}, plane=lambda X, b: nnlib.sigmoid(4 * X[:, 0] + b), limits=2.0, **WORDS
    )
    heights = lab.frame()[1]["map"].reshape(60, 60)
    assert np.all(np.diff(heights, axis=1) > 0) and np.allclose(heights, heights[0])
    for b in (0.0, 2.0):
        lab.b = b
        x1, y1, x2, y2 = lab.frame()[1]["levels"]
        # The line is linear between the grid's points, and σ nearly so.
        np.testing.assert_allclose([x1, x2], -b / 4, atol=0.01)
        assert min(y1.min(), y2.min()) == -2 and max(y1.max(), y2.max()) == 2
    lab.b = 5
    assert lab.problem == ""


def test_a_map_without_its_level_has_no_line_and_one_of_any_rectangle_has_its_limits():
    lab = Explorer(
        {}, plane=lambda X: X[:, 0] - X[:, 1], limits=((0, 4), (10, 20)), levels=(50.0,), **WORDS
    )
    values, arrays = lab.frame()
    assert "levels" not in arrays
    heights = arrays["map"].reshape(60, 60)
    assert (heights[0, 0], heights[-1, -1]) == (0 - 20, 4 - 10)
    assert values["limits"] == [[0, 4], [10, 20]]


def test_an_error_while_a_slider_moves_is_said_and_ends_with_the_next_good_value():
    lab = Explorer({"b": (0.0, 1.0, 1.0)}, curves=lambda b: {"y": (x, x + int(1 / b))}, **WORDS)
    before = lab.frame()
    lab.b = 0
    assert "division by zero" in lab.problem and lab.state == "stopped"
    assert lab.frame() is before
    lab.b = 0.5
    assert lab.problem == "" and lab.state != "stopped"
    assert lab.frame()[0]["settings"] == {"b": 0.5}


def test_marks_are_put_in_order_with_their_own_y():
    lab = line(points=lambda w, b: {"p": ([3, 1, 2], [30, 10, 20])})
    np.testing.assert_allclose(lab.frame()[1]["points p"], [[1, 2, 3], [10, 20, 30]])


def test_marks_above_one_another_are_all_drawn():
    x, y = line(points=lambda w, b: {"p": ([2, 2, 2], [1, 5, 3])}).frame()[1]["points p"]
    assert (np.diff(x) > 0).all() and np.allclose(x, 2)
    assert list(y) == [1, 5, 3]


@pytest.mark.parametrize(
    ("sliders", "show", "words"),
    [
        ({"w": (0, 1, 2)}, {}, "start lies outside"),
        ({"w": (0, 1)}, {}, "a slider is"),
        ({"w": (0.0, 1.0, 0.5, "log")}, {}, "a slider is"),
        ({"w": []}, {}, "a slider is"),
        ({"title": (0, 1, 0)}, {}, "cannot be called 'title'"),
        ({"run": (0, 1, 0)}, {}, "cannot be called 'run'"),
        ({"w 1": (0, 1, 0)}, {}, "cannot be called"),
        ({}, {"curves": None}, "nothing to show"),
        ({}, {"curves": lambda: {"y": (x, x[1:])}}, "'y': x has 11 numbers and y 10"),
        ({}, {"curves": lambda: {"y": (x[::-1], x)}}, "x must increase"),
        ({}, {"curves": lambda: {"y": x}}, "must return"),
        ({}, {"plane": lambda X: X}, r"shape \(3600,\), but returned shape \(3600, 2\)"),
        ({}, {"data": ([[1, 2]], [0, 1])}, "labels must be integers"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(sliders, show, words):
    functions = {"curves": lambda **values: {"y": (x, x)}} | show
    with pytest.raises(ValueError, match=words):
        Explorer(sliders, **functions, **WORDS)


@pytest.mark.parametrize("kind", ["curves", "plane", "both", "log"])
def test_a_picture_of_the_start_stands_in_with_words(kind):
    pytest.importorskip("matplotlib")
    X, labels = nnlib.datasets.blobs(20, n_classes=2)
    show = {
        "curves": lambda w1: {"y": (x, w1 * x), "z": (x, x * x)},
        "points": lambda w1: {"p": ([0.0], [w1])},
    }
    plane = {
        "plane": lambda X, w1: X @ [w1, 1],
        "data": (X, labels),
        "paths": lambda w1: {"way": ([0, w1], [0, 1])},
    }
    chosen = {"curves": show, "plane": plane, "both": show | plane, "log": show | {"log": True}}
    lab = Explorer({"w1": (-5, 5, 2.0)}, **chosen[kind], title="T", alt="A line through zero.")
    lab.w1 = -4  # the picture is of the start, whatever was moved since
    data, metadata = lab._repr_mimebundle_()
    assert data["image/png"]
    alt = metadata["image/png"]["alt"]
    assert alt.startswith("A line through zero. Shown at w₁ = 2. It stands in for a live lab")
    assert data["text/plain"] == repr(lab)
    assert "w₁ = −4" in repr(lab)
