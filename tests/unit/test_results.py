"""The figures that the README states are those that were measured, and they are good enough."""

import json

import pytest

from benchmarks import lab, report, results, speed
from nnlib import NeuralNetwork

README = report.README.read_text(encoding="utf-8")
RESULTS = json.loads((report.HERE / "results.json").read_text(encoding="utf-8"))
LAB = json.loads((report.HERE / "lab.json").read_text(encoding="utf-8"))
SPEED = json.loads((report.HERE / "speed.json").read_text(encoding="utf-8"))


def test_the_table_of_results_in_the_readme_shows_the_saved_numbers():
    assert report.section(README, "results") == results.render(RESULTS)


def test_the_tables_of_speed_in_the_readme_show_the_saved_numbers():
    assert report.section(README, "bench") == speed.render(SPEED)


def test_the_table_of_the_labs_in_the_readme_shows_the_saved_numbers():
    assert report.section(README, "lab") == lab.render(LAB)


def test_the_labs_were_measured_as_often_as_is_said():
    p = LAB["playground"]
    assert p["layers"] == [2, 16, 16, 2]
    assert len(p["slider"]["used"]) == lab.CHANGES == 50
    assert len(p["pause"]["stopped"]) == lab.PAUSES == 20
    assert len(p["updates"]["lab"]) == len(p["updates"]["bare"]) == lab.ROUNDS
    assert LAB["long"]["minutes"] == 10


def test_the_95th_percentile_is_what_95_of_100_values_do_not_exceed():
    assert lab.percentile([float(i) for i in range(1, 101)], 0.95) == 95
    assert lab.percentile([3.0, 1.0, 2.0], 0.5) == 2
    assert lab.percentile([7.0], 0.95) == 7


def test_the_saved_results_are_of_the_present_settings():
    assert {name: r["settings"] for name, r in RESULTS["networks"].items()} == results.NETWORKS


@pytest.mark.parametrize("name", results.NETWORKS)
def test_every_network_was_trained_once_from_each_of_five_seeds(name):
    seeds = [run["seed"] for run in RESULTS["networks"][name]["runs"]]
    assert seeds == results.SEEDS
    assert len(set(seeds)) == 5


@pytest.mark.parametrize("name", results.NETWORKS)
def test_the_number_of_parameters_in_the_table_is_that_of_the_network(name):
    network = NeuralNetwork(results.NETWORKS[name]["layers"])
    assert RESULTS["networks"][name]["parameters"] == network.parameters.size


@pytest.mark.parametrize(("name", "at_least"), [("origin", 0.93), ("better", 0.98)])
def test_the_mean_test_accuracy_reaches_what_the_course_promises(name, at_least):
    assert results.mean_accuracy(RESULTS["networks"][name]) >= at_least


def test_a_mean_a_spread_and_a_median_are_what_their_names_say():
    runs = [
        {"seed": seed, "test_accuracy": accuracy, "seconds": seconds}
        for seed, (accuracy, seconds) in enumerate([(0.90, 1.0), (0.92, 2.0), (0.97, 9.0)])
    ]
    settings = {"layers": [4, 3, 2], "epochs": 7}
    cells = results.row("tiny", {"settings": settings, "parameters": 1234, "runs": runs})
    # The mean is 93; the deviations are −3, −1 and 4, so the variance is 26/2 = 13.
    assert cells == [
        "`tiny`: 4-3-2", "1,234", "7", "2.0 s", "93.00% ± 3.61", "90.00% – 97.00%",
    ]  # fmt: skip


def test_a_ratio_is_taken_within_each_round():
    # The second round was slow for both alike: the ratio of the medians would be 3.
    assert speed.ratio([4.0, 40.0, 6.0], [2.0, 10.0, 1.0]) == "4.00 (2.00 – 6.00)"


def test_a_table_replaces_what_stood_between_its_markers_and_nothing_else():
    text = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n<!-- y:begin -->\nkept\n<!-- y:end -->\n"
    new = report.insert(text, "x", "| new |")
    assert new == text.replace("old", "| new |")
    assert report.section(new, "x") == "| new |"
    assert report.insert(new, "x", "| new |") == new


@pytest.mark.parametrize(
    "text",
    [
        "no markers at all",
        "<!-- x:begin --> only the first",
        "<!-- x:end --> the wrong way round <!-- x:begin -->",
        "<!-- x:begin --> <!-- x:begin --> twice <!-- x:end -->",
    ],
)
def test_missing_markers_are_named(text):
    with pytest.raises(report.MarkersMissing, match="<!-- x:begin --> and <!-- x:end -->"):
        report.insert(text, "x", "table")
