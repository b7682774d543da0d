"""A snapshot holds all that decides what comes next: put back, the very same updates follow."""

from itertools import islice

import numpy as np
import pytest

from nnlib import (
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    NeuralNetwork,
    RMSProp,
    StepSchedule,
    Trainer,
)
from nnlib.diagnosis.own_code import OwnCode, OwnTrainer

OPTIMIZERS = [GradientDescent, Momentum, Nesterov, RMSProp, Adam]


def data(n=23):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 3)), rng.integers(0, 4, n)


def make(kind=Trainer, *more, n=23, **settings):
    network = NeuralNetwork([3, 5, 4], "tanh", seed=0, dtype="float64")
    return kind(network, *data(n), *more, **{"batch_size": 5, "seed": 3, **settings})


def course(trainer, updates=42):
    """Return what the next updates are, to the last bit."""
    return [
        (
            r.epoch,
            r.update,
            r.samples_seen,
            r.loss,
            r.learning_rate,
            r.end_of_epoch,
            trainer.network.parameters.tobytes(),
            trainer.gradients.vector.tobytes(),
        )
        for r in islice(trainer, updates)
    ]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [None, 1, 5, 23])
@pytest.mark.parametrize("before", [0, 1, 7, 10])  # at the start, amid an epoch, at an end of one
def test_the_same_updates_follow_to_the_last_bit(optimizer, batch_size, before):
    trainer = make(optimizer=optimizer(0.05), batch_size=batch_size)
    list(islice(trainer, before))
    snapshot = trainer.snapshot()
    first = course(trainer)
    trainer.restore(snapshot)
    assert trainer.updates == before
    assert course(trainer) == first


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_another_trainer_of_the_same_settings_goes_on_from_it_too(optimizer):
    one, other = make(optimizer=optimizer(0.05)), make(optimizer=optimizer(0.05), seed=99)
    list(islice(one, 8))
    list(islice(other, 3))
    other.restore(one.snapshot())
    assert course(other) == course(one)


def test_a_batch_half_way_through_its_pieces_begins_again():
    for size in (None, 70):
        trainer = make(n=100, batch_size=size, optimizer=Adam(0.05), at_once=32)
        list(islice(trainer, 3))
        while not trainer.batch_under_way:
            trainer.advance()
        snapshot = trainer.snapshot()
        first = course(trainer, 9)
        trainer.restore(snapshot)
        assert course(trainer, 9) == first
        # Put back to the moment between two updates, the one under way is not gone on with.
        between, first = trainer.snapshot(), course(trainer, 9)
        while not trainer.batch_under_way:
            trainer.advance()
        trainer.restore(between)
        assert not trainer.batch_under_way and course(trainer, 9) == first


def test_a_changed_batch_size_amid_an_epoch_comes_back_with_its_order():
    trainer = make(batch_size=4)
    list(islice(trainer, 3))
    trainer.batch_size = 7
    next(trainer)
    snapshot = trainer.snapshot()
    first = course(trainer)
    trainer.restore(snapshot)
    assert course(trainer) == first


def test_a_schedule_is_put_back_with_the_count_of_updates():
    trainer = make(optimizer=Momentum(StepSchedule(0.1, 0.5, every=10)))
    list(islice(trainer, 8))
    snapshot = trainer.snapshot()
    first = course(trainer)
    trainer.restore(snapshot)
    assert course(trainer) == first
    assert len({rate for *_, rate, _, _, _ in first}) > 3


def test_it_is_a_copy_that_later_updates_and_returns_leave_alone():
    trainer = make(optimizer=Adam(0.05))
    list(islice(trainer, 5))
    snapshot = trainer.snapshot()
    first = course(trainer)
    for _ in range(2):
        trainer.restore(snapshot)
        assert course(trainer) == first


def test_settings_stay_as_they_are_so_that_something_else_may_be_tried():
    trainer = make(optimizer=Momentum(0.05, beta=0.9))
    list(islice(trainer, 5))
    snapshot, v = trainer.snapshot(), trainer.optimizer.v.copy()
    trainer.optimizer.learning_rate, trainer.batch_size = 0.7, 2
    list(islice(trainer, 5))
    trainer.restore(snapshot)
    assert (trainer.optimizer.learning_rate, trainer.batch_size) == (0.7, 2)
    np.testing.assert_array_equal(trainer.optimizer.v, v)


def test_an_optimizer_of_another_kind_starts_with_nothing_remembered():
    trainer = make(optimizer=Momentum(0.05))
    list(islice(trainer, 5))
    snapshot = trainer.snapshot()
    trainer.optimizer = Nesterov(0.05)  # its v is another thing, though of the same name
    list(islice(trainer, 5))
    trainer.restore(snapshot)
    assert trainer.optimizer.updates == 0 and not hasattr(trainer.optimizer, "v")
    next(trainer)


def test_own_functions_are_put_back_as_far_as_they_remember_nothing():
    own = OwnCode(update=lambda x, g, learning_rate: x - learning_rate * g)
    trainer = make(OwnTrainer, own)
    list(islice(trainer, 8))
    snapshot = trainer.snapshot()
    first = course(trainer)
    trainer.restore(snapshot)
    assert course(trainer) == first


def test_a_snapshot_of_another_network_or_of_more_data_is_refused_and_changes_nothing():
    trainer = make()
    list(islice(trainer, 2))
    before = trainer.network.parameters.copy()
    wide = Trainer(NeuralNetwork([3, 6, 4], seed=0, dtype="float64"), *data())
    with pytest.raises(ValueError, match="another network"):
        trainer.restore(wide.snapshot())
    large = make(n=80)
    next(large)
    with pytest.raises(ValueError, match="other data"):
        trainer.restore(large.snapshot())
    np.testing.assert_array_equal(trainer.network.parameters, before)
    assert trainer.updates == 2


def test_the_memory_of_another_kind_is_refused_by_an_optimizer():
    adam = Adam()
    adam.update(np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="Momentum does not remember m, s"):
        Momentum().load_state(adam.state())


def test_it_says_how_many_bytes_it_takes_up():
    trainer = make(optimizer=Adam(0.05))
    next(trainer)
    vectors = 4 * trainer.network.parameters.nbytes  # x, g, m, s
    assert trainer.snapshot().nbytes == vectors
    trainer = make(n=100, batch_size=70, optimizer=Adam(0.05), at_once=32)
    next(trainer)
    next(trainer)  # the last of the epoch, of 30
    trainer.advance()
    snapshot = trainer.snapshot()
    assert snapshot.nbytes == vectors + 70 * 8  # and the numbers of the batch under way
    assert snapshot.batch.order.base is None  # these alone, not the whole epoch's order
