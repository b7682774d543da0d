"""The race through its traits."""

import numpy as np
import pytest

import nnlib
from nnlib.lab import RaceLab
from nnlib.race import Settings


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
                                             ("band", True)])  # fmt: skip
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
    assert "the lowest at the end is α = 1" in metadata["image/png"]["alt"]
    assert "run this cell" in data["text/plain"]
