"""The race through its traits."""

import json

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.lab import RaceLab
from nnlib.own_code import OwnCode
from nnlib.race import Settings


def right(x, g, learning_rate):
    return x - learning_rate * g


def uphill(x, g, learning_rate):
    return x + learning_rate * g


def test_the_lab_drives_the_race_and_says_who_leads():
    lab = RaceLab(race="learning rates")
    lab.step(1500)
    values, arrays = lab._frame()
    best = min(lab.contest.contestants, key=lambda c: c.course("updates")[1][-1])
    assert f"{best.name} leads" in values["summary"]
    assert set(arrays) == set(lab.names)
    assert values["rows"][0]["update"] == lab.contest.contestants[0].trainers[0].updates


def test_what_it_is_drawn_against_changes_the_x_alone():
    lab = RaceLab(race="batch modes")
    lab.step(500)
    _, over_epochs = lab._frame()
    lab.against = "gradient evaluations"
    _, over_samples = lab._frame()
    for name in lab.names:
        np.testing.assert_allclose(over_epochs[name][0] * 280, over_samples[name][0])
        np.testing.assert_array_equal(over_epochs[name][1:], over_samples[name][1:])


@pytest.mark.parametrize(("name", "value"), [("race", "optimizers"), ("dataset", "circles"),
                                             ("band", True), ("learning_rate", 0.2),
                                             ("activation", "relu"), ("neurons", 3)])  # fmt: skip
def test_another_race_starts_anew(name, value):
    lab = RaceLab()
    lab.step(50)
    setattr(lab, name, value)
    assert all(c.samples == 0 for c in lab.contest.contestants)
    assert len(lab.contest.contestants[0].trainers) == (5 if name == "band" else 1)
    lab.step(5)


def test_settings_network_and_data_of_your_own_race():
    X = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    mine = {"one": Settings(nnlib.Adam, 5), "two": Settings(nnlib.RMSProp, None)}
    lab = RaceLab(mine, network=nnlib.NeuralNetwork([3, 4, 2], seed=0), X=X,
                  y=(X[:, 0] > 0).astype(int))  # fmt: skip
    lab.step(20)
    assert lab.names == ["one", "two"] and lab.problem == ""


def test_too_many_to_tell_apart_are_refused():
    with pytest.raises(ValueError, match="8 contestants: at most 7"):
        RaceLab({str(i): Settings(nnlib.Adam) for i in range(8)})


def test_the_stand_in_picture_leaves_the_race_alone():
    lab = RaceLab(race="learning rates")
    lab.step(30)
    samples = [c.samples for c in lab.contest.contestants]
    data, metadata = lab._repr_mimebundle_()
    assert [c.samples for c in lab.contest.contestants] == samples
    assert "the lowest at the end is right (α = 1)" in metadata["image/png"]["alt"]
    assert "run this cell" in data["text/plain"]


def test_your_update_competes_with_the_labs_learning_rate_until_it_leaves_again():
    lab = RaceLab(race="optimizers", learning_rate=0.2)
    lab.use(update=right)
    assert lab.names[-1] == "your update" == lab.code and len(lab.names) == 6
    lab.step(600)
    theirs, mine = lab.contest.contestants[0], lab.contest.contestants[-1]
    shared = min(len(theirs.losses), len(mine.losses))
    assert shared > 5 and mine.losses[:shared] == theirs.losses[:shared]
    lab.use()
    assert len(lab.names) == 5 and lab.code == "nnlib"


def test_a_wrong_update_is_diagnosed_and_does_not_compete():
    lab = RaceLab(race="optimizers")
    lab.use(update=uphill)
    assert "your update cannot compete" in lab.problem and "against it" in lab.problem
    assert len(lab.names) == 5
    lab.reset()
    assert lab.problem == ""


def test_own_functions_of_settings_are_checked_and_a_wrong_one_stops_the_race():
    mine = {"own": Settings(own=OwnCode(update=uphill)), "nnlib": Settings()}
    lab = RaceLab(mine)
    assert "own cannot compete" in lab.problem
    lab.reset()
    assert "own cannot compete" in lab.problem
    assert "own" in lab._repr_mimebundle_()[0]["text/plain"]


def test_settings_travel_through_json():
    lab = RaceLab(race="batch modes", dataset="xor", learning_rate=0.3, batch_size=16, band=True,
                  neurons=5, activation="tanh", seed=4, against="seconds")  # fmt: skip
    values, _ = lab._frame()
    again = RaceLab.from_settings(values["settings"])
    assert again.settings() == lab.settings() == json.loads(values["settings"])
    lab.step(40)
    again.step(40)
    assert [c.losses for c in again.contest.contestants] == [
        c.losses for c in lab.contest.contestants
    ]
    with pytest.raises(ValueError, match=r"unknown settings \['colour'\]"):
        RaceLab.from_settings({"colour": "red"})


def test_names_that_may_be_wrong_are_not_given():
    assert RaceLab().names[1] == "right (α = 1)"
    assert RaceLab(activation="tanh").names[1] == "α = 0.1"


@pytest.mark.parametrize("rate", [0, -1.0, float("nan"), float("inf")])
def test_an_impossible_learning_rate_is_refused(rate):
    lab = RaceLab()
    with pytest.raises(traitlets.TraitError, match="must be a positive number"):
        lab.learning_rate = rate


def test_too_many_of_your_own_are_refused_and_two_names_of_one():
    lab = RaceLab(race="optimizers")
    lab.use(update=right, name="a")
    lab.use(update=right, name="b")
    with pytest.raises(ValueError, match="8 contestants"):
        lab.use(update=right, name="c")
    with pytest.raises(ValueError, match="another name"):
        RaceLab(race="optimizers").use(update=right, name="Adam")
