"""What is set later is checked like what is given first, and nothing is set that is never read."""

import copy
import pickle

import numpy as np
import pytest
import traitlets

from nnlib import (
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    NeuralNetwork,
    Optimizer,
    RMSProp,
    Trainer,
    lab,
    train,
)

X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([0, 1, 1, 0])


def make(**settings):
    return Trainer(NeuralNetwork([2, 3, 2], seed=0), X, Y, seed=0, **settings)


@pytest.mark.parametrize(
    ("owner", "name", "value", "said"),
    [
        (make, "X", X[:1], "Trainer.X cannot be set"),
        (make, "y", Y, "Trainer.y cannot be set"),
        (make, "loss", "mse", "Trainer.loss cannot be set"),
        (make, "network", NeuralNetwork([2, 2]), "Trainer.network cannot be set"),
        (make, "seed", 3, "no 'seed' to set: what may be set is"),
        (make, "lr", 0.5, "what may be set is l1, l2, optimizer, batch_size"),
        (
            make,
            "learning_rate",
            0.5,
            "what may be set is optimizer.learning_rate",
        ),
        (make, "batchsize", 2, "what may be set is .*optimizer.*batch_size"),
        (lambda: make().network, "layers", (2, 2), "NeuralNetwork.layers cannot be set"),
        (lambda: make().network, "dtype", "float64", "NeuralNetwork.dtype cannot be set"),
        (lambda: make().network, "activations", ("relu",), "activations cannot be set"),
        (lambda: make().network, "hidden", "relu", "what may be set is parameters, weights, bias"),
        (Adam, "lr", 0.1, "Adam has no 'lr' to set: what may be set is learning_rate"),
        (Adam, "beta", 0.9, "what may be set is learning_rate, beta1, beta2, epsilon"),
        (GradientDescent, "momentum", 0.9, "what may be set is learning_rate"),
    ],
)
def test_what_would_do_nothing_cannot_be_set(owner, name, value, said):
    thing = owner()
    before = dict(vars(thing))
    with pytest.raises(AttributeError, match=said):
        setattr(thing, name, value)
    assert vars(thing) == before


@pytest.mark.parametrize(
    ("kind", "name", "wrong", "right"),
    [
        (Momentum, "beta", 1.5, 0.5),
        (Nesterov, "beta", -0.1, 0.5),
        (RMSProp, "rho", 1, 0.5),
        (RMSProp, "epsilon", -1, 0.1),
        (Adam, "beta1", 1.0, 0.5),
        (Adam, "beta2", 1.0, 0.5),
        (Adam, "epsilon", float("inf"), 0.1),
    ],
)
def test_a_setting_of_an_optimizer_is_checked_when_it_is_set_later_and_acts(
    kind, name, wrong, right
):
    optimizer, from_the_start = kind(0.1), kind(0.1, **{name: right})
    before = getattr(optimizer, name)
    with pytest.raises(ValueError, match=f"{name}="):
        setattr(optimizer, name, wrong)
    assert getattr(optimizer, name) == before
    setattr(optimizer, name, right)
    assert repr(optimizer) == repr(from_the_start)
    x, y = np.ones(3), np.ones(3)
    for g in np.array([[1.0, -2, 0.5], [0.1, 0.2, 3]]):
        optimizer.update(x, g)
        from_the_start.update(y, g)
    np.testing.assert_array_equal(x, y)


def test_an_optimizer_that_is_none_cannot_take_the_place_of_one():
    trainer = make()
    with pytest.raises(TypeError, match=r"optimizer=Adam is a class: make one, Adam\(\)"):
        trainer.optimizer = Adam
    assert isinstance(next(trainer).loss, float)


def test_copies_know_the_same_attributes():
    trainer = make(optimizer=Momentum(0.1))
    next(trainer)
    for twin in (copy.copy(trainer), copy.deepcopy(trainer), pickle.loads(pickle.dumps(trainer))):
        with pytest.raises(AttributeError, match="X cannot be set"):
            twin.X = X
        with pytest.raises(ValueError, match="beta=2"):
            twin.optimizer.beta = 2
        assert twin.optimizer.beta == 0.9


class Slowing(Optimizer):
    """A learner's: it keeps what it likes, whenever it likes."""

    def __init__(self, learning_rate=0.1):
        super().__init__(learning_rate)
        self.calls = 0

    def step(self, g, alpha):
        self.calls += 1
        self.last = g.copy()
        return alpha * g / self.calls


def test_a_class_of_ones_own_keeps_what_it_likes():
    optimizer = Slowing()
    train(NeuralNetwork([2, 3, 2], seed=0), X, Y, optimizer=optimizer, epochs=3, progress=False)
    assert optimizer.calls == 3
    assert optimizer.last.shape == (3 * 2 + 3 + 2 * 3 + 2,)


def test_a_number_of_a_lab_may_come_out_of_any_array():
    shown = lab.Playground()
    for name in ("learning_rate", "noise", "share", "momentum", "l1", "l2"):
        for value in (np.float64(0.5), np.float32(0.5), np.float16(0.5)):
            setattr(shown, name, value)
            assert type(getattr(shown, name)) is float and getattr(shown, name) == 0.5


@pytest.mark.parametrize("name", lab.__all__)
def test_every_number_of_a_lab_is_such_a_number(name):
    traits = getattr(getattr(lab, name), "class_traits", dict)(sync=True)
    floats = [trait for trait in traits.values() if isinstance(trait, traitlets.Float)]
    floats += [t._trait for t in traits.values() if isinstance(t, traitlets.List) and t._trait]
    assert not [t.name for t in floats if type(t) is traitlets.Float]


def test_a_lab_makes_a_whole_number_of_updates_or_says_what_is_wrong():
    shown = lab.Playground()
    for updates in (2.5, -1, "3", True, None, np.array([1])):
        with pytest.raises(ValueError, match=r"updates=.* must be a whole number, 0 or more"):
            shown.step(updates)
    shown.step(np.int64(2))
    assert shown.trainer.updates == 2 and not shown.problem


@pytest.mark.parametrize("settings", [3, [X, Y], (X, Y), X])
def test_a_race_of_what_are_no_settings_is_refused(settings):
    with pytest.raises(TypeError, match=r"settings must be a dict, {'name': Settings"):
        lab.RaceLab(settings)


def test_a_missing_argument_is_told_with_the_name_of_the_function():
    with pytest.raises(TypeError, match=r"TrainingPanel.__init__\(\) missing .*'validation'"):
        lab.TrainingPanel(make().network, X, Y)
