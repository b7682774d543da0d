"""The figures of descent: paths on a map, races by several measures, the range test."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nnlib import NeuralNetwork, moons, plots
from nnlib.landscapes.race import Race, batch_modes
from nnlib.landscapes.rate_finder import RangeTest, range_test
from nnlib.landscapes.surfaces import relief, valley
from nnlib.plots.landscape import draw_map

X, Y = moons(60, seed=0)


def a_race():
    network = NeuralNetwork([2, 3, 2], seed=0, dtype="float64")
    race = Race(network, X[:40], Y[:40], batch_modes(), validation=(X[40:], Y[40:]))
    while min(c.samples for c in race.contestants) < 80:
        race.advance()
    return race


def a_range_test():
    return range_test(NeuralNetwork([2, 3, 2], seed=0, dtype="float64"), X, Y, updates=60)


def draw():
    yield plots.paths(valley(), {"a": [[1, 1], [0, 0]], "b": [[1, 1], [0, 1]]}, alt="Two paths.")
    yield plots.paths(valley(), {"a": [[1, 1]], "b": [[0, 1]]}, panels=True, title="T", alt="Maps.")
    yield plots.range_test(a_range_test())
    yield plots.race_curves(a_race(), title="Modes", measures=("updates", "gradient evaluations"))


@pytest.mark.slow
def test_they_are_pictures_and_the_same_each_time():
    pictures = list(draw())
    assert pictures[0].png == next(draw()).png
    for picture in pictures:
        assert picture.png.startswith(b"\x89PNG")
        assert 0 < picture.width <= 840


@pytest.mark.slow
def test_a_path_on_the_map_can_be_seen():
    here = plots.paths(valley(), {"a": [[1, 1], [0, 0]]}, alt="A path.")
    there = plots.paths(valley(), {"a": [[1, 1], [-1, 0]]}, alt="A path.")
    assert here.png != there.png


def test_the_contour_lines_of_a_map_are_one_collection_with_all_their_pieces():
    surface = valley()
    land = relief(surface)
    axes = Figure().add_subplot()
    draw_map(axes, surface, land)
    (contours,) = (c for c in axes.collections if isinstance(c, LineCollection))
    np.testing.assert_array_equal(np.array(contours.get_segments()).reshape(-1, 4), land.contours.T)
    (minima,) = axes.lines  # thousands of single lines would take seconds
    np.testing.assert_array_equal(minima.get_xydata(), surface.minima)


def test_too_many_paths_are_refused():
    with pytest.raises(ValueError, match="can be told apart"):
        plots.paths(valley(), {str(i): [[0, 0]] for i in range(20)}, alt="Many.")


@pytest.mark.slow
def test_a_race_can_be_drawn_by_any_measure_and_says_so():
    race = a_race()
    alt = plots.race_curves(race, measures=("updates", "gradient evaluations")).alt
    assert "over updates and over gradient evaluations" in alt
    assert "over epochs;" in plots.race_curves(race).alt


@pytest.mark.slow
def test_the_words_of_a_range_test_tell_its_edge():
    rates, losses = np.array([0.01, 0.1, 1.0]), np.array([2.0, 1.0, 5.0])
    alt = plots.range_test(RangeTest(rates, losses, losses, rose=True)).alt
    assert "lowest near 0.1 and rises beyond it" in alt
    assert "rises" not in plots.range_test(RangeTest(rates, losses, losses, rose=False)).alt


def test_a_range_test_without_updates_has_no_picture():
    nothing = np.array([])
    with pytest.raises(ValueError, match="smaller `low`"):
        plots.range_test(RangeTest(nothing, nothing, nothing, rose=True))
