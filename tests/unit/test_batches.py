"""Batches: every sample exactly once an epoch, in an order of its own."""

import tracemalloc
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib
from nnlib import Batches
from nnlib.training.batches import FRAME, rows_at_once

sizes = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


def epoch(batches):
    """Return the batches of one epoch."""
    taken = []
    while not taken or not taken[-1].end_of_epoch:
        taken.append(next(batches))
    return taken


@given(sizes=sizes, seed=st.integers(0, 1000))
def test_an_epoch_uses_every_sample_once_and_the_last_batch_takes_the_rest(sizes, seed):
    n, size = sizes
    batches = Batches(n, size, seed)
    for number in (1, 2, 3):
        taken = epoch(batches)
        assert sorted(np.concatenate([b.order for b in taken])) == list(range(n))
        assert [b.size for b in taken[:-1]] == [size] * (len(taken) - 1)
        assert taken[-1].size == n - size * (len(taken) - 1)
        assert 1 <= taken[-1].size <= size
        assert [b.size for b in taken] == [len(b.order) for b in taken]
        assert {b.epoch for b in taken} == {number}
        assert [b.end_of_epoch for b in taken] == [False] * (len(taken) - 1) + [True]


def test_each_epoch_has_a_new_order():
    batches = Batches(50, 20, seed=0)
    orders = [np.concatenate([b.order for b in epoch(batches)]) for _ in range(4)]
    assert all((one != other).any() for one, other in pairwise(orders))
    assert (orders[0] != np.arange(50)).any()


def test_every_sample_comes_first_equally_often():
    batches = Batches(5, 5, seed=0)
    first = [next(batches).order[0] for _ in range(5000)]
    np.testing.assert_allclose(np.bincount(first), 1000, rtol=0.15)


def orders(seed, take=8):
    return [b.order.tolist() for b in islice(Batches(50, 8, seed), take)]


def test_a_seed_makes_the_order_repeatable():
    assert orders(5) == orders(5)
    assert orders(5) != orders(6)
    assert orders(None) != orders(None)


def test_none_is_all_samples_in_every_batch():
    for number, batch in enumerate(islice(Batches(7, None), 3), start=1):
        assert (batch.size, batch.epoch, batch.end_of_epoch) == (7, number, True)
        X = np.arange(7)
        np.testing.assert_array_equal(X[batch.rows(0, 7)], X)
        np.testing.assert_array_equal(X[batch.rows(2, 5)], X[2:5])


@given(data=st.data())
def test_a_size_changed_within_an_epoch_still_uses_every_sample_once(data):
    n = data.draw(st.integers(2, 30))
    batches = Batches(n, data.draw(st.integers(1, n)), seed=1)
    seen, batch = [], None
    while batch is None or not batch.end_of_epoch:
        batch = next(batches)
        assert batch.epoch == 1
        assert batch.size <= batches.batch_size
        seen += batch.order.tolist()
        batches.batch_size = data.draw(st.integers(1, n))
    assert sorted(seen) == list(range(n))


def test_a_change_to_all_samples_starts_a_new_epoch_and_so_does_the_change_back():
    batches = Batches(10, 4, seed=0)
    next(batches)
    batches.batch_size = None
    assert (next(batches).epoch, next(batches).epoch) == (2, 3)
    batches.batch_size = 5
    taken = epoch(batches)
    assert sorted(np.concatenate([b.order for b in taken])) == list(range(10))
    assert {b.epoch for b in taken} == {4}


def test_rows_select_a_part_of_the_batch():
    batch = next(Batches(10, 6, seed=0))
    np.testing.assert_array_equal(np.arange(10)[batch.rows(2, 5)], batch.order[2:5])


@pytest.mark.parametrize("size", [0, -1, 11, 2.0, 2.5, True, "4", np.nan])
def test_an_impossible_size_is_refused_with_the_range(size):
    message = r"batch_size=.*from 1 to 10: 1 is stochastic, None is all"
    with pytest.raises(ValueError, match=message):
        Batches(10, size)
    batches = Batches(10, 4)
    with pytest.raises(ValueError, match=message):
        batches.batch_size = size
    assert batches.batch_size == 4


def test_a_position_of_a_larger_data_set_is_refused():
    batches, other = Batches(10, 4, seed=0), Batches(11, 1)
    next(other)  # which leaves 10: as many as there are, none of which was used
    with pytest.raises(ValueError, match=r"10 samples left of an epoch under way, .* has only 10"):
        batches.position = other.position
    assert next(batches).epoch == 1


@pytest.mark.parametrize(("passes", "itemsize"), [(1, 4), (3, 8)])
def test_a_piece_is_what_memory_or_a_frame_has_room_for_and_32_samples_at_the_least(
    passes, itemsize
):
    layers, weights = (784, 300, 10), 784 * 300 + 300 * 10
    n, of_each = rows_at_once(None, layers, itemsize, passes), itemsize * (784 + passes * 310)
    assert n * of_each <= 64 * 2**20 < (n + 1) * of_each
    n = rows_at_once("frame", layers, itemsize, passes)
    assert type(n) is int and n * passes * weights <= FRAME < (n + 1) * passes * weights
    for wide, at_once in (([10**6, 10], None), ([10**5, 100, 1000], "frame")):
        assert rows_at_once(at_once, wide, itemsize, passes) == 32
    assert [rows_at_once(k, layers, itemsize, passes) for k in (1, 33)] == [1, 33]


@pytest.mark.slow
def test_a_batch_of_everything_takes_little_memory():
    network = nnlib.NeuralNetwork([20, 1024, 10], "relu", seed=0)
    X = np.random.default_rng(0).random((60_000, 20), np.float32)
    trainer = nnlib.Trainer(network, X, np.zeros(60_000, int), batch_size=None)
    tracemalloc.start()
    next(trainer)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # One layer's activations of all samples alone would take 246 MB.
    assert most < 150e6
