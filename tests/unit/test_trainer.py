"""The trainer: one update is one step along the gradient of one batch."""

import gc
import threading
import warnings
import weakref
from copy import deepcopy
from itertools import islice

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nnlib.optimizers
from nnlib import (
    MSE,
    Adam,
    CrossEntropy,
    Diverged,
    Dropout,
    GradientDescent,
    Momentum,
    NeuralNetwork,
    Record,
    Trainer,
    backward,
)


def make(dtype="float64", seed=0):
    return NeuralNetwork([3, 5, 4], "tanh", seed=seed, dtype=dtype)


def data(n=20, dtype=np.float64):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 3)).astype(dtype), rng.integers(0, 4, n)


def test_an_update_is_a_step_against_the_gradient_of_the_whole_set():
    network, (X, y) = make(), data()
    trace = network.forward(X)
    gradient = backward(network, trace, y, CrossEntropy()).vector
    expected = network.parameters - 0.3 * gradient
    loss = CrossEntropy().value(trace, np.eye(4)[y])
    trainer = Trainer(network, X, y, optimizer=GradientDescent(0.3), batch_size=None)
    record = next(trainer)
    np.testing.assert_allclose(network.parameters, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(trainer.gradients.vector, gradient, rtol=1e-12, atol=1e-14)
    assert record.loss == pytest.approx(loss, rel=1e-12)


def test_a_mini_batch_update_uses_the_samples_of_its_batch_alone():
    network, (X, y) = make(), data()
    trainer = Trainer(network, X, y, optimizer=GradientDescent(0.3), batch_size=6, seed=3)
    for batch in islice(nnlib.Batches(20, 6, seed=3), 8):
        rows = batch.order
        gradient = backward(network, network.forward(X[rows]), y[rows], CrossEntropy()).vector
        expected = network.parameters - 0.3 * gradient
        record = next(trainer)
        np.testing.assert_allclose(network.parameters, expected, rtol=1e-12, atol=1e-14)
        assert (record.epoch, record.end_of_epoch) == (batch.epoch, batch.end_of_epoch)


@given(n=st.integers(33, 120), size=st.integers(1, 120) | st.none())
@example(n=96, size=None)  # three pieces of one size
def test_work_in_pieces_equals_the_whole_batch(n, size):
    size = None if size is None else min(size, n)
    X, y = data(n)
    whole, pieces = make(), make()
    one = Trainer(whole, X, y, optimizer=Momentum(0.3), batch_size=size, seed=2)
    other = Trainer(pieces, X, y, optimizer=Momentum(0.3), batch_size=size, seed=2, at_once=32)
    assert other.gradient.at_once == 32 < one.gradient.at_once
    for _ in range(5):
        a, b = next(one), next(other)
        assert b.loss == pytest.approx(a.loss, rel=1e-12)
        assert (a.epoch, a.samples_seen) == (b.epoch, b.samples_seen)
        np.testing.assert_allclose(
            other.gradients.vector, one.gradients.vector, rtol=1e-9, atol=1e-13
        )
    np.testing.assert_allclose(pieces.parameters, whole.parameters, rtol=1e-9, atol=1e-12)


def test_advance_answers_none_until_the_update_is_made():
    network, (X, y) = make(), data(70)
    trainer = Trainer(network, X, y, batch_size=None, at_once=32)
    before = network.parameters.copy()
    assert not trainer.batch_under_way
    for _ in range(2):
        assert trainer.advance() is None and trainer.batch_under_way
        np.testing.assert_array_equal(network.parameters, before)
    assert isinstance(trainer.advance(), Record) and not trainer.batch_under_way
    assert (network.parameters != before).any()


def test_the_records_count_updates_epochs_and_samples():
    network, (X, y) = make(), data(10)
    trainer = Trainer(network, X, y, optimizer=GradientDescent(lambda t: 0.1 * t), batch_size=4)
    assert trainer.updates_per_epoch == 3
    records = list(islice(trainer, 7))
    assert [r.update for r in records] == [1, 2, 3, 4, 5, 6, 7]
    assert [r.epoch for r in records] == [1, 1, 1, 2, 2, 2, 3]
    assert [r.samples_seen for r in records] == [4, 8, 10, 14, 18, 20, 24]
    assert [r.end_of_epoch for r in records] == [False, False, True, False, False, True, False]
    assert [r.learning_rate for r in records] == pytest.approx([0.1 * t for t in range(7)])
    assert all(isinstance(r.loss, float) for r in records)
    assert (trainer.updates, trainer.samples_seen) == (7, 24)


@pytest.mark.parametrize(("size", "updates"), [(None, 1), (1, 10), (3, 4), (5, 2), (9, 2), (10, 1)])
def test_updates_per_epoch_counts_the_partial_batch(size, updates):
    X, y = data(10)
    trainer = Trainer(make(), X, y, batch_size=size)
    assert trainer.updates_per_epoch == updates
    assert [r.end_of_epoch for r in islice(trainer, updates)] == [False] * (updates - 1) + [True]


def run(seed, updates=12):
    network, (X, y) = make("float32"), data(20, np.float32)
    trainer = Trainer(network, X, y, optimizer=Adam(0.05), batch_size=6, seed=seed)
    losses = [record.loss for record in islice(trainer, updates)]
    return losses, network.parameters.tobytes()


def test_the_same_seed_gives_the_same_run_to_the_last_bit():
    assert run(4) == run(4)
    assert run(4) != run(5)


def test_a_changed_batch_size_acts_on_the_next_update_and_the_epoch_goes_on():
    trainer = Trainer(make(), *data(20), batch_size=4)
    sizes = []
    for size in (4, 7, 1, 20):
        trainer.batch_size = size
        before = trainer.samples_seen
        record = next(trainer)
        sizes.append(record.samples_seen - before)
    assert sizes == [4, 7, 1, 8]  # what was left: 20 − 4 − 7 − 1
    assert record.epoch == 1 and record.end_of_epoch
    with pytest.raises(ValueError, match="batch_size=21"):
        trainer.batch_size = 21
    trainer.batch_size = None
    assert next(trainer).samples_seen == 40


def test_a_changed_learning_rate_acts_on_the_very_next_update():
    network, (X, y) = make(), data()
    trainer = Trainer(network, X, y, optimizer=GradientDescent(0.1), batch_size=None)
    for alpha in (0.1, 0.7, 0.0, 0.2):
        trainer.optimizer.learning_rate = alpha
        before = network.parameters.copy()
        assert next(trainer).learning_rate == alpha
        step = before - network.parameters
        np.testing.assert_allclose(step, alpha * trainer.gradients.vector, rtol=1e-9, atol=1e-15)


def test_the_optimizer_may_be_replaced_between_updates():
    network, (X, y) = make(), data()
    trainer = Trainer(network, X, y, optimizer=Momentum(0.1), batch_size=None)
    next(trainer)
    trainer.optimizer = GradientDescent(0.5)
    before = network.parameters.copy()
    next(trainer)
    np.testing.assert_allclose(before - network.parameters, 0.5 * trainer.gradients.vector)


def test_training_changes_neither_x_nor_target():
    for X, y in (data(20, np.float32), data(20)):
        network = make("float32")
        target = np.eye(4, dtype=np.float32)[y]
        arrays = (X, y, target)
        before = [a.copy() for a in arrays]
        for t in (y, target):
            for size in (None, 6):
                list(islice(Trainer(network, X, t, batch_size=size, seed=0), 5))
        for array, old in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, old)


def test_read_only_data_can_be_trained_on():
    X, y = data(20, np.float32)
    X.flags.writeable = y.flags.writeable = False
    assert next(Trainer(make("float32"), X, y, batch_size=5)).update == 1


def diverge(network, X, y, optimizer):
    """Train until `Diverged` is raised; return it, the last record and all parameters."""
    trainer = Trainer(network, X, y, loss=MSE(), optimizer=optimizer, batch_size=None)
    states, records = [network.parameters.copy()], []
    with pytest.raises(Diverged) as caught:
        for record in islice(trainer, 10_000):
            records.append(record)
            states.append(network.parameters.copy())
    return caught.value, records, states, trainer


def regression():
    X = np.random.default_rng(0).normal(size=(8, 2))
    return NeuralNetwork([2, 4, 1], "relu", "identity", seed=0), X, X[:, :1]


def test_divergence_is_raised_before_the_update_and_the_parameters_stay_finite():
    network, X, y = regression()
    error, records, states, trainer = diverge(network, X, y, GradientDescent(5.0))
    assert not np.isfinite(error.loss)
    assert error.update == len(records) + 1 == trainer.updates + 1
    assert np.isfinite([r.loss for r in records]).all()
    np.testing.assert_array_equal(network.parameters, states[-1])
    assert np.isfinite(network.parameters).all()
    for text in (f"update {error.update} ", str(error.loss), "learning rate 5", "smaller"):
        assert text in str(error)
    with pytest.raises(Diverged):  # asked again, it answers the same
        next(trainer)
    np.testing.assert_array_equal(network.parameters, states[-1])


@pytest.mark.parametrize("make_optimizer", [GradientDescent, Momentum, Adam])
def test_even_a_single_enormous_step_leaves_the_parameters_finite(make_optimizer):
    network, X, y = regression()
    diverge(network, X, y, make_optimizer(1e39))
    assert np.isfinite(network.parameters).all()


@pytest.mark.parametrize("at_once", [32, None])
def test_after_an_error_in_a_schedule_training_goes_on_with_the_same_batch(at_once):
    settings = {"batch_size": 70, "seed": 0, "at_once": at_once}
    X, y = data(80)
    plain, network = make(), make()
    expected = next(Trainer(plain, X, y, optimizer=GradientDescent(0.1), **settings))

    trainer = Trainer(network, X, y, optimizer=GradientDescent(lambda t: -1.0), **settings)
    with pytest.raises(ValueError, match="learning_rate"):
        next(trainer)
    np.testing.assert_array_equal(network.parameters, make().parameters)
    trainer.optimizer.learning_rate = 0.1
    record = next(trainer)
    assert (record.update, record.samples_seen) == (1, 70)
    assert record.loss == pytest.approx(expected.loss, rel=1e-12)
    np.testing.assert_allclose(network.parameters, plain.parameters, rtol=1e-12)


def test_the_loss_goes_with_the_output_unless_told_otherwise():
    def loss_of(output, target, **loss):
        network = NeuralNetwork([3, 2], output=output)
        return type(Trainer(network, np.ones((2, 3)), target, batch_size=None, **loss).loss)

    assert loss_of("softmax", [0, 1]) is CrossEntropy
    assert loss_of("sigmoid", [0, 1]) is CrossEntropy
    assert loss_of("identity", np.ones((2, 2))) is MSE
    assert loss_of("softmax", [0, 1], loss="mse") is MSE


def test_something_that_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match="optimizer='adam' must be an nnlib optimizer"):
        Trainer(make(), *data(), optimizer="adam")


@pytest.mark.parametrize("kind", ["xor", "blobs", "moons", "circles"])
def test_a_small_network_learns_a_toy(kind):
    X, y = getattr(nnlib, kind)(200, seed=0)
    network = NeuralNetwork([2, 24, y.max() + 1], "tanh", seed=0)
    trainer = Trainer(network, X, y, optimizer=Adam(0.03), batch_size=20, seed=0)
    list(islice(trainer, 600))
    assert nnlib.accuracy(network, X, y) > 0.9


@pytest.mark.parametrize("make_optimizer", [GradientDescent, Momentum, Adam])
def test_a_deep_copy_trains_on_by_itself_as_the_original_would_have(make_optimizer):
    network, (X, y) = make(), data()
    trainer = Trainer(network, X, y, optimizer=make_optimizer(0.1), batch_size=6, seed=0)
    list(islice(trainer, 5))
    before = network.parameters.copy()
    copy = deepcopy(trainer)
    ahead = list(islice(copy, 9))
    np.testing.assert_array_equal(network.parameters, before)
    assert list(islice(trainer, 9)) == ahead
    np.testing.assert_array_equal(copy.network.parameters, network.parameters)
    np.testing.assert_array_equal(copy.gradients.vector, trainer.gradients.vector)
    # Its gradients are still one vector, seen layer by layer.
    copy.gradients.weights[0][0, 0] = 7
    assert copy.gradients.vector[0] == 7 != trainer.gradients.vector[0]


class Watched(CrossEntropy):
    """A loss that notes which samples it saw: the first feature is the sample's number."""

    def __init__(self):
        self.seen = []

    def delta(self, trace, y):
        self.seen += trace.a[0][:, 0].astype(int).tolist()
        return super().delta(trace, y)


@pytest.mark.parametrize("at_once", [32, None])
@given(sizes=st.lists(st.integers(1, 70), min_size=1, max_size=20), seed=st.integers(0, 9))
def test_a_changing_batch_size_neither_drops_nor_repeats_a_sample(at_once, sizes, seed):
    X, y = data(70)
    X[:, 0] = np.arange(70)
    loss = Watched()
    trainer = Trainer(make(), X, y, loss=loss, batch_size=7, seed=seed, at_once=at_once)
    record, changes = next(trainer), iter(sizes)
    while not record.end_of_epoch:
        trainer.batch_size = next(changes, 7)
        before = record.samples_seen
        record = next(trainer)
        assert record.samples_seen == min(before + trainer.batch_size, 70)
    assert sorted(loss.seen) == list(range(70))


def test_an_overflow_inside_the_update_warns_nobody():
    network, X, y = regression()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diverge(network, X, y, GradientDescent(1e39))


def test_the_trainer_takes_a_trace_for_itself_alone():
    # A trace that the user holds stays what it was while training goes on.
    network, (X, y) = make(), data()
    trace = network.forward(X)
    kept = [a.copy() for a in trace.a], [z.copy() for z in trace.z[1:]]
    list(islice(Trainer(network, X, y, optimizer=GradientDescent(0.5), batch_size=5), 8))
    for array, old in zip(trace.a + trace.z[1:], kept[0] + kept[1], strict=True):
        np.testing.assert_array_equal(array, old)


# Noise.


def noisy(X, rng):
    return X + rng.normal(size=X.shape)


def course(trainer, updates):
    return [
        (r.update, r.loss, trainer.network.parameters.tobytes()) for r in islice(trainer, updates)
    ]


@pytest.mark.parametrize("at_once", [None, 4])
@pytest.mark.parametrize("noise", [{"distortion": noisy}, {"dropout": Dropout(0.2, 0.5)}])
def test_noise_depends_on_the_seed_and_the_number_of_the_update_alone(noise, at_once):
    settings = {"optimizer": Momentum(0.1), "batch_size": 6, "seed": 5, "at_once": at_once, **noise}
    first = course(Trainer(make(), *data(), **settings), 9)
    settings["optimizer"] = Momentum(0.1)
    trainer = Trainer(make(), *data(), **settings)
    assert course(trainer, 4) == first[:4]
    snapshot = trainer.snapshot()
    list(islice(trainer, 3))
    trainer.restore(snapshot)
    assert course(trainer, 5) == first[4:]
    settings.update(seed=6, optimizer=Momentum(0.1))
    assert course(Trainer(make(), *data(), **settings), 9) != first


def test_the_distortion_sees_the_samples_of_the_batch_and_the_data_stay_as_they_are():
    seen = []
    X, y = data()

    def distortion(rows, rng):
        seen.append(rows.copy())
        return rows * 0

    network = make()
    trainer = Trainer(network, X, y, batch_size=6, seed=3, distortion=distortion)
    before = network.weights[0].copy()
    next(trainer)
    np.testing.assert_array_equal(seen[0], X[next(nnlib.Batches(20, 6, seed=3)).order])
    np.testing.assert_array_equal(trainer.X, X)
    # From inputs of 0 the first weights learn nothing: it was the distorted that were used.
    np.testing.assert_array_equal(network.weights[0], before)


def test_each_piece_of_a_batch_draws_noise_of_its_own():
    X, y = np.zeros((8, 3)), np.zeros(8, int)
    seen = []

    def distortion(rows, rng):
        seen.append(rng.random())
        return rows

    next(Trainer(make(), X, y, batch_size=None, seed=0, distortion=distortion, at_once=4))
    assert len(set(seen)) == len(seen) == 2


def test_a_long_vector_moves_as_a_short_one_does(monkeypatch):
    whole, blocks = make(), make()
    one = Trainer(whole, *data(), optimizer=Momentum(0.1), batch_size=7, seed=2)
    list(islice(one, 6))
    monkeypatch.setattr(nnlib.optimizers, "BLOCK", 10)
    other = Trainer(blocks, *data(), optimizer=Momentum(0.1), batch_size=7, seed=2)
    list(islice(other, 6))
    np.testing.assert_array_equal(blocks.parameters, whole.parameters)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"distortion": 0.3}, TypeError, "a function of X and a random generator"),
        ({"dropout": 0.5}, TypeError, "must be a Dropout"),
        ({"threads": 0}, ValueError, "threads=0 must be a whole number"),
        ({"at_once": 0}, ValueError, "at_once=0 must be"),
    ],
)
def test_impossible_settings_of_noise_and_threads_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        Trainer(make(), *data(), **settings)


def test_a_trainer_that_is_no_longer_used_gives_its_data_back_at_once():
    # A circle would keep them until the garbage collector comes by: 50 MB a run in lesson 4.
    X, y = nnlib.moons(20, seed=0)
    trainer = Trainer(NeuralNetwork([2, 3, 2], seed=0), X, y)
    next(trainer)
    left = weakref.ref(trainer)
    gc.disable()
    try:
        del trainer
        assert left() is None
    finally:
        gc.enable()


def test_a_trainer_makes_one_update_at_a_time_and_says_so_to_other_threads():
    X, y = data(dtype=np.float32)
    begun, go_on = threading.Event(), threading.Event()

    def slow(X, rng):
        begun.set()
        assert go_on.wait(10)
        return X

    trainer, alone = (
        Trainer(make("float32"), X, y, distortion=f, seed=0) for f in (slow, lambda X, rng: X)
    )
    other = threading.Thread(target=next, args=(trainer,))
    other.start()
    assert begun.wait(10)
    with pytest.raises(RuntimeError, match="an update in another thread: make one after the other"):
        next(trainer)
    assert deepcopy(trainer).sharing.threads == 1  # copied while it is at work
    go_on.set()
    other.join(10)
    next(alone)
    assert next(trainer) == next(alone)
    assert np.array_equal(trainer.network.parameters, alone.network.parameters)
