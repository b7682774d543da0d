"""The race through its traits."""

import asyncio
import json

import numpy as np
import pytest
import traitlets

import nnlib
from nnlib.diagnosis.own_code import OwnCode
from nnlib.lab import RaceLab
from nnlib.landscapes.race import Settings


def right(x, g, learning_rate):
    return x - learning_rate * g


def uphill(x, g, learning_rate):
    return x + learning_rate * g


@pytest.mark.slow
def test_the_lab_drives_the_race_and_says_who_leads():
    lab = RaceLab(race="learning rates")
    lab.step(1500)
    values, arrays = lab.frame()
    best = min(lab.contest.contestants, key=lambda c: c.course("updates")[1][-1])
    assert f"{best.name} leads" in values["summary"]
    assert set(arrays) == {*lab.names, *(f"accuracy of {name}" for name in lab.names)}
    assert values["rows"][0]["update"] == lab.contest.contestants[0].trainers[0].updates


def test_what_it_is_drawn_against_changes_the_x_alone():
    lab = RaceLab(race="batch modes")
    lab.step(500)
    _, over_epochs = lab.frame()
    lab.against = "gradient evaluations"
    _, over_samples = lab.frame()
    for name in lab.names:
        np.testing.assert_allclose(over_epochs[name][0] * 280, over_samples[name][0])
        np.testing.assert_array_equal(over_epochs[name][1:], over_samples[name][1:])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("race", "optimizers"),
        ("dataset", "circles"),
        ("band", True),
        ("learning_rate", 0.2),
        ("activation", "relu"),
        ("neurons", 3),
    ],
)
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
    lab = RaceLab(
        mine, network=nnlib.NeuralNetwork([3, 4, 2], seed=0), X=X, y=(X[:, 0] > 0).astype(int)
    )
    lab.step(20)
    assert lab.names == ["one", "two"] and lab.problem == ""


def test_too_many_to_tell_apart_are_refused():
    with pytest.raises(ValueError, match="8 contestants are too many: at most 7"):
        RaceLab({str(i): Settings(nnlib.Adam) for i in range(8)})


@pytest.mark.slow
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


@pytest.mark.slow
def test_own_functions_of_settings_are_checked_and_a_wrong_one_stops_the_race():
    mine = {"own": Settings(own=OwnCode(update=uphill)), "nnlib": Settings()}
    lab = RaceLab(mine)
    assert "own cannot compete" in lab.problem
    lab.reset()
    assert "own cannot compete" in lab.problem
    assert "own" in lab._repr_mimebundle_()[0]["text/plain"]


def test_settings_travel_through_json():
    lab = RaceLab(
        race="batch modes",
        dataset="xor",
        learning_rate=0.3,
        batch_size=16,
        band=True,
        neurons=5,
        activation="tanh",
        seed=4,
        against="seconds",
    )
    values, _ = lab.frame()
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


def test_accuracy_is_in_the_pictures_the_table_and_the_words():
    lab = RaceLab(race="batch modes")
    lab.step(1500)
    values, arrays = lab.frame()
    for row in values["rows"]:
        percent = arrays[f"accuracy of {row['name']}"]
        assert percent[1, -1] == pytest.approx(100 * row["accuracy"], rel=1e-5)
        np.testing.assert_allclose(percent[0], arrays[row["name"]][0], rtol=1e-6)
    best = min(values["rows"], key=lambda row: row["loss"])
    assert f"{best['name']} leads" in values["summary"]
    assert f"and accuracy {best['accuracy']:.1%}" in values["summary"]


def large(**settings):
    """Return a race on data of its own, like MNIST in all but size."""
    rng = np.random.default_rng(0)
    X = rng.random((300, 64), dtype="float32")
    y = (X[:, :32].sum(axis=1) > 16).astype(int)
    network = nnlib.NeuralNetwork([64, 6, 2], seed=0)
    return RaceLab(network=network, X=X[:200], y=y[:200], validation=(X[200:], y[200:]), **settings)


def test_validation_data_of_your_own_is_what_they_are_compared_by():
    lab = large(race="optimizers", seeds=3, band=True)
    contest = lab.contest
    trainers = [t for c in contest.contestants for t in c.trainers]
    assert {(len(t.X), t.X.ctypes.data) for t in trainers} == {(200, lab._own[0].ctypes.data)}
    assert len(trainers) == 15
    lab.step(100)
    c = contest.contestants[0]
    while contest.looking or c.looks[-1][0] != c.trainers[0].updates:
        contest.advance()
    X, y = lab._own[2]
    want = [nnlib.evaluate(t.network, X, y, "cross_entropy").loss for t in c.trainers]
    np.testing.assert_allclose(c.losses[-1], want, rtol=1e-6)
    assert "each is a mean over 3 seeds" in lab.frame()[0]["summary"]
    labels = {c["trait"]: c["label"] for c in lab.controls}
    assert labels["band"] == "Three seeds" and "neurons" not in labels
    for wrong in ({"X": X}, {"validation": (X, y)}):
        with pytest.raises(ValueError, match="X and y together"):
            RaceLab(**wrong)


def test_before_a_costly_first_look_it_is_ready_without_a_loss(monkeypatch):
    monkeypatch.setattr(nnlib.landscapes.race, "AT_ONCE", 0)
    lab = large()
    values, arrays = lab.frame()
    assert values["summary"].endswith("from the same weights; press Run, or Step.")
    assert (
        {row["loss"] for row in values["rows"]}
        == {None}
        == {row["accuracy"] for row in values["rows"]}
    )
    assert all(a.shape == (4, 0) for a in arrays.values())
    lab.step()
    assert lab.frame()[0]["rows"][0]["loss"] > 0


def test_epoch_goes_on_until_each_has_used_every_sample_once_more():
    async def scene():
        x = np.linspace(-1, 1, 70)[:, None].astype("float32")
        who = {
            "batch": Settings(batch_size=None),
            "mini": Settings(batch_size=7),
            "mad": Settings(lambda: nnlib.GradientDescent(1e30), 1),
        }
        network = nnlib.NeuralNetwork([1, 5, 1], hidden="relu", output="identity", seed=0)
        lab = RaceLab(who, network=network, X=x[::2], y=x[::2], validation=(x[1::2], x[1::2]))
        seen = []
        for _ in range(2):
            lab.hear({"command": "epoch"})
            while lab.running:
                await asyncio.sleep(0)
            seen.append([c.samples for c in lab.contest.running])
        return lab, seen

    lab, seen = asyncio.run(scene())
    assert lab.contest.contestants[2].diverged and lab.problem == ""
    assert seen == [[35, 35], [70, 70]]


def test_what_is_locked_has_no_control_and_the_pace_is_a_setting():
    lab = large(locked=["race", "seed"], pace="2 updates a second")
    assert lab.engine.speed == 2
    assert not {"race", "seed"} & {c["trait"] for c in lab.controls}
    lab.set_state({"race": "optimizers", "against": "seconds"})
    assert (lab.race, lab.against) == ("learning rates", "seconds")
    assert {"locked", "pace", "seeds"} <= set(lab.settings())
    with pytest.raises(ValueError, match=r"unknown settings \['colour'\]"):
        large(locked=["colour"])


def test_the_picture_of_a_large_network_is_of_one_seed_and_fewer_samples(monkeypatch):
    monkeypatch.setattr("nnlib.lab.race_lab.LARGE", 100)
    monkeypatch.setattr("nnlib.lab.race_lab.PREVIEW_COST", 1)
    made = []
    new = RaceLab.new_contest
    lab = large(race="batch modes", seeds=3, band=True)
    monkeypatch.setattr(RaceLab, "new_contest", lambda *args: made.append(new(*args)) or made[-1])
    assert lab._repr_mimebundle_()[0]["image/png"]
    (contest,) = made
    assert [len(c.trainers) for c in contest.contestants] == [1, 1, 1]
    assert min(c.samples for c in contest.contestants) == 200
    assert [c.samples for c in lab.contest.contestants] == [0, 0, 0]


@pytest.mark.slow
def test_at_the_start_its_picture_gives_no_winner_away():
    lab = RaceLab(race="learning rates", dataset="moons").at_start()
    alt = lab.preview().alt
    assert "they have not begun" in alt and "lowest" not in alt
    assert "validation loss and accuracy of" in alt  # as the lab shows them
    assert "image/png" in lab._repr_mimebundle_()[0]
