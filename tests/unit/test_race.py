"""A race is fair: one start, one order of the data, equally many gradient evaluations."""

import numpy as np
import pytest

import nnlib
from nnlib.diagnosis.own_code import OwnCode
from nnlib.landscapes.race import (
    MEASURES,
    RACES,
    Race,
    Settings,
    batch_modes,
    learning_rates,
    optimizers,
)


def start(**settings):
    X, y = nnlib.moons(120, seed=2)
    network = nnlib.NeuralNetwork([2, 6, 2], hidden="tanh", seed=7)
    return network, Race(
        network,
        X[:90],
        y[:90],
        settings.pop("who"),
        loss="cross_entropy",
        validation=(X[90:], y[90:]),
        **settings,
    )


def run(race, until):
    while race.running and min(c.samples for c in race.running) < until:
        race.advance()


def gd(rate, batch_size=10):
    return Settings(lambda: nnlib.GradientDescent(rate), batch_size)


def test_the_same_settings_run_the_very_same_race():
    network, race = start(who={"a": gd(0.3), "b": gd(0.3)})
    before = network.parameters.copy()
    run(race, 900)
    a, b = race.contestants
    assert a.losses == b.losses and len(a.losses) > 5
    np.testing.assert_array_equal(network.parameters, before)  # only copies run


def test_each_contestant_trains_as_it_would_alone():
    network, race = start(who={"slow": gd(0.01), "fast": gd(0.5, None)})
    run(race, 450)
    X, y = nnlib.moons(120, seed=2)
    for contestant, rate, size in zip(race.contestants, (0.01, 0.5), (10, None), strict=True):
        alone = network.copy()
        trainer = nnlib.Trainer(
            alone, X[:90], y[:90], optimizer=nnlib.GradientDescent(rate), batch_size=size, seed=0
        )
        for _ in range(contestant.trainers[0].updates):
            next(trainer)
        np.testing.assert_array_equal(contestant.trainers[0].network.parameters, alone.parameters)


def test_all_keep_in_step_by_gradient_evaluations():
    _, race = start(who=batch_modes(0.1, 20))
    for _ in range(500):
        race.advance()
        samples = [c.samples for c in race.contestants]
        assert max(samples) - min(samples) <= 90  # at most one whole batch apart


def test_a_course_has_a_row_for_each_measure_and_starts_at_the_same_loss():
    _, race = start(who=batch_modes(0.1, 20))
    run(race, 450)
    for c in race.contestants:
        assert all((np.diff(c.course(m)[0]) >= 0).all() for m in MEASURES)
        np.testing.assert_allclose(c.course("epochs")[0] * 90, c.course("gradient evaluations")[0])
        assert c.course("updates")[1][0] == race.contestants[0].course("updates")[1][0]
    batch, mini, _ = race.contestants
    assert batch.course("updates")[0][-1] < mini.course("updates")[0][-1]


def test_several_seeds_give_a_range_and_the_same_starts_to_all():
    _, race = start(who={"a": gd(0.01), "b": gd(1.0)}, seeds=range(3))
    run(race, 300)
    a, b = race.contestants
    assert a.losses[0] == b.losses[0] and len(set(a.losses[0])) == 3
    mean, low, high = a.course("epochs")[1:]
    assert (low < mean).all() and (mean < high).all()


def test_one_that_diverges_falls_out_and_the_others_go_on():
    x, y = nnlib.noisy_sine(60)
    network = nnlib.NeuralNetwork([1, 8, 1], hidden="relu", output="identity", init="he", seed=0)
    race = Race(network, x, y, {"mad": gd(50.0), "sane": gd(0.01)}, validation=(x, y))
    run(race, 6000)
    mad, sane = race.contestants
    assert "diverged at update" in mad.diverged and mad.state == mad.diverged
    assert sane.diverged is None and sane.losses[-1] < sane.losses[0]
    assert race.running == [sane]
    assert np.isfinite(mad.losses).all()


def test_a_race_in_which_all_diverge_ends_in_words():
    x, y = nnlib.noisy_sine(60)
    network = nnlib.NeuralNetwork([1, 8, 1], hidden="relu", output="identity", init="he", seed=0)
    race = Race(network, x, y, {"mad": gd(50.0)}, validation=(x, y))
    with pytest.raises(nnlib.Diverged, match="all contestants have diverged"):
        for _ in range(10_000):
            race.advance()


def test_looks_are_thinned_and_stay_in_order(monkeypatch):
    monkeypatch.setattr(nnlib.landscapes.race, "MOST_LOOKS", 20)
    _, race = start(who={"a": gd(0.1), "b": gd(0.2)}, look_every=10)
    run(race, 3000)
    for c in race.contestants:
        assert len(c.looks) <= 21
        assert c.looks[0][2] == 0 and (np.diff(c.course("updates")[0]) > 0).all()


@pytest.mark.parametrize("name", RACES)
def test_the_ready_made_races_run(name):
    _, race = start(who=RACES[name]())
    run(race, 180)
    assert all(len(c.losses) > 1 for c in race.contestants)


def test_no_contestants_no_race():
    with pytest.raises(ValueError, match="settings is empty: at least one"):
        start(who={})


@pytest.mark.parametrize(
    "make", [nnlib.xor, nnlib.circles, nnlib.moons, nnlib.spirals, nnlib.blobs]
)
def test_the_ready_made_learning_rates_are_what_their_names_say(make):
    X, y = make(400)
    network = nnlib.NeuralNetwork([2, 8, int(y.max()) + 1], hidden="leaky_relu", seed=0)
    race = Race(network, X[:280], y[:280], learning_rates(), validation=(X[280:], y[280:]))
    run(race, 30 * 280)
    small, right, large, diverging = race.contestants
    assert [c.name.split(" (")[0] for c in race.contestants] == [
        "too small",
        "right",
        "too large",
        "diverging",
    ]
    assert diverging.diverged.startswith("diverged at update ")
    later = [
        np.mean([loss for (loss,) in c.losses[len(c.losses) // 2 :]]) for c in (right, small, large)
    ]
    assert later[0] < min(later[1:]) and not right.state
    assert np.isfinite([c.course("updates")[1].max() for c in race.contestants]).all()


def test_one_that_only_saturates_is_called_worse_from_the_update_where_it_became_so():
    _, race = start(who={"mad": gd(300.0), "sane": gd(0.3)}, look_every=10)
    run(race, 300)
    mad, sane = race.contestants
    updates, losses = mad.course("updates")[:2]
    first = updates[np.flatnonzero(losses > 1.5 * losses[0])[0]]
    assert f"worse than at the start since update {first:.0f}" in mad.state and not sane.state


def test_your_update_rule_races_as_gradient_descent_does_and_another_does_not():
    def mine(x, g, learning_rate):
        return x - learning_rate * g

    def half(x, g, learning_rate):
        return x - learning_rate / 2 * g

    def rate():
        return nnlib.GradientDescent(0.3)

    _, race = start(
        who={
            "theirs": Settings(rate, 10),
            "mine": Settings(rate, 10, OwnCode(update=mine)),
            "half": Settings(rate, 10, OwnCode(update=half)),
        }
    )
    run(race, 600)
    theirs, own, other = race.contestants
    assert own.losses == theirs.losses and other.losses != theirs.losses
    assert other.losses[0] == theirs.losses[0]


def test_a_large_validation_set_is_looked_at_in_pieces(monkeypatch):
    monkeypatch.setattr(nnlib.landscapes.race, "PIECE", 0.0)
    _, race = start(who={"a": gd(0.1)}, seeds=range(3), look_every=10)
    before = len(race.contestants[0].looks)
    pieces = 0
    while len(race.contestants[0].looks) == before:
        pieces += not race.advance()
    assert pieces == 3  # after the updates, one for each seed


def test_momentum_of_the_ready_made_optimizers():
    made = optimizers(0.2, 16, momentum=0.5)
    kinds = {name: s.optimizer() for name, s in made.items()}
    assert kinds["Momentum"].beta == kinds["Nesterov"].beta == 0.5
    assert {name: o.learning_rate for name, o in kinds.items()} == pytest.approx(
        {"GradientDescent": 0.2, "Momentum": 0.2, "Nesterov": 0.2, "RMSProp": 0.02, "Adam": 0.02}
    )
    assert {s.batch_size for s in made.values()} == {16}


def test_all_trainers_and_evaluators_share_one_copy_of_the_data():
    _, race = start(who=batch_modes(0.1, 20), seeds=range(3))
    trainers = [t for c in race.contestants for t in c.trainers]
    evaluators = [e for c in race.contestants for e in c.evaluators]
    assert len(trainers) == len(evaluators) == 9
    for name in ("X", "y"):
        assert len({getattr(t, name).ctypes.data for t in trainers}) == 1
        assert len({getattr(e, name).ctypes.data for e in evaluators}) == 1
    assert len({id(t.network) for t in trainers}) == 9
    assert all(e.network is t.network for e, t in zip(evaluators, trainers, strict=True))


def test_data_that_do_not_fit_are_refused_wherever_they_are():
    X, y = nnlib.moons(120, seed=2)
    network = nnlib.NeuralNetwork([2, 6, 2], seed=7)
    bad = X.copy()
    bad[50, 1] = np.nan
    with pytest.raises(ValueError, match="row 50, column 1"):
        Race(network, bad, y, {"a": gd(0.1)}, validation=(X, y))
    with pytest.raises(ValueError, match="labels run from 0 to 2"):
        Race(network, X, np.where(np.arange(120) == 70, 2, y), {"a": gd(0.1)}, validation=(X, y))
    with pytest.raises(ValueError, match=r"batch_size=500 must be a whole number from 1"):
        Race(network, X, y, {"a": gd(0.1, 500)}, validation=(X, y))


def test_accuracy_is_looked_at_with_the_loss_and_there_is_none_for_numbers():
    _, race = start(who={"a": gd(0.5)}, seeds=range(2))
    run(race, 900)
    (c,) = race.contestants
    x, mean, low, high = c.course("epochs", "accuracy")
    np.testing.assert_array_equal(x, c.course("epochs")[0])
    assert (low <= mean).all() and (mean <= high).all() and 0.5 < mean[-1] <= 1
    run(race, c.samples + 200)
    while race.looking or c.looks[-1][0] != c.trainers[0].updates:
        race.advance()
    now = [nnlib.evaluate(j.network, j.X, j.y, j.loss).accuracy for j in c.evaluators]
    assert c.accuracies[-1] == now
    x, y = nnlib.noisy_sine(60)
    network = nnlib.NeuralNetwork([1, 8, 1], hidden="relu", output="identity", seed=0)
    race = Race(network, x, y, {"sane": gd(0.01)}, validation=(x, y))
    run(race, 300)
    assert race.contestants[0].course("epochs", "accuracy").shape == (4, 0)


def test_a_costly_first_look_is_taken_in_pieces_before_anybody_moves(monkeypatch):
    _, at_once = start(who=batch_modes(0.1, 20), seeds=range(2))
    assert not at_once.looking
    monkeypatch.setattr(nnlib.landscapes.race, "AT_ONCE", 0)
    monkeypatch.setattr(nnlib.landscapes.race, "PIECE", 0.0)
    _, race = start(who=batch_modes(0.1, 20), seeds=range(2))
    assert race.looking and race.contestants[0].course("epochs").shape == (4, 0)
    while race.looking:
        assert race.advance() is False
    assert all(c.samples == 0 for c in race.contestants)
    for attribute in ("looks", "losses", "accuracies"):
        assert [getattr(c, attribute) for c in race.contestants] == [
            getattr(c, attribute) for c in at_once.contestants
        ]


def test_a_large_validation_set_is_looked_at_often_at_first_and_then_rarely():
    X, y = nnlib.moons(4000, seed=2)
    network = nnlib.NeuralNetwork([2, 4, 2], seed=7)
    race = Race(network, X[:2500], y[:2500], {"a": gd(0.1)}, validation=(X[2500:], y[2500:]))
    run(race, 20_000)
    between = np.diff(race.contestants[0].course("gradient evaluations")[0])
    assert 400 <= between[0] < 450  # a fifth of 2000, four thirds of the 1500 looked at
    assert (np.diff(between) > -20).all() and 2000 <= between[-1] < 2050
