"""Products shared by rows: right, and the same to the last bit however many threads share them."""

import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

import nnlib
from nnlib.activations import Identity
from nnlib.support import products, sharing
from nnlib.support.products import cuts, matmul

SIZES = st.integers(1, 70)


@pytest.fixture
def small_cuts(monkeypatch):
    """Let even small products, and short vectors, be cut into parts."""
    monkeypatch.setattr(products, "WORTHWHILE", 500)
    monkeypatch.setattr(products, "HALF", 4)
    monkeypatch.setattr(products, "PART", 8)
    monkeypatch.setattr(nnlib.optimizers, "BLOCK", 256)
    monkeypatch.setattr(nnlib.optimizers, "SHARED", 300)
    cuts.cache_clear()
    yield
    cuts.cache_clear()


@given(st.integers(1, 20_000), st.integers(1, 3000), st.integers(1, 3000))
def test_the_blocks_cover_all_rows_once(n, k, m):
    blocks = cuts(n, k, m)
    assert np.array_equal(np.concatenate([np.arange(n)[rows] for rows in blocks]), np.arange(n))
    assert all(rows.stop > rows.start for rows in blocks)


def test_large_products_are_cut_and_small_ones_are_not():
    assert len(cuts(64, 784, 128)) == 1
    assert len(cuts(256, 784, 1024)) == len(cuts(784, 256, 1024)) == 2
    assert len(cuts(10_000, 784, 1024)) >= 8


@pytest.mark.usefixtures("small_cuts")
@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, SIZES, st.booleans(), st.booleans(), st.sampled_from("fd"), st.booleans())
def test_a_product_is_the_sum_of_products(n, k, m, turn_a, turn_b, dtype, into):
    rng = np.random.default_rng(n + 100 * k + 10_000 * m)
    A = rng.integers(-9, 10, (k, n)).astype(dtype).T if turn_a else None
    A = rng.integers(-9, 10, (n, k)).astype(dtype) if A is None else A
    B = rng.integers(-9, 10, (m, k)).astype(dtype).T if turn_b else None
    B = rng.integers(-9, 10, (k, m)).astype(dtype) if B is None else B
    out = np.full((n, m), np.nan, dtype) if into else None
    with sharing.sharing(3):
        C = matmul(A, B, out=out)
    # Whole numbers this small are added up without rounding, in any order.
    assert np.array_equal(C, np.einsum("ij,jk->ik", A.astype(int), B.astype(int)))
    assert C.dtype == dtype and (out is None or C is out)


LAYERS = [[50, 33, 7], [17, 64, 31, 3], [97, 41, 10]]
OPTIMIZERS = [nnlib.GradientDescent, nnlib.Momentum, nnlib.Adam]


def trained(layers, optimizer, threads, batch_size=57) -> np.ndarray:
    """Return the parameters after two epochs."""
    rng = np.random.default_rng(1)
    X = rng.random((3 * batch_size + 5, layers[0]), np.float32)
    y = rng.integers(0, layers[-1], len(X))
    network = nnlib.NeuralNetwork(layers, hidden="relu", init="he", seed=2)
    nnlib.train(
        network,
        X,
        y,
        optimizer=optimizer(0.05),
        batch_size=batch_size,
        epochs=2,
        seed=3,
        progress=False,
        threads=threads,
    )
    return network.parameters


@pytest.mark.usefixtures("small_cuts")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_any_number_of_threads_trains_to_the_same_bits(layers, optimizer):
    alone = trained(layers, optimizer, 1)
    assert np.isfinite(alone).all()
    for threads in (2, 3, 5):
        assert np.array_equal(trained(layers, optimizer, threads), alone)


def bits_of_large_trainings() -> list[str]:
    """Return the parameters after real cuts, by 1, 2 and 4 threads, as text."""
    found = []
    for threads in (1, 2, 4):
        vectors = [trained([785, 301, 10], nnlib.Momentum, threads, size) for size in (129, 300)]
        found.append(str([hash(v.tobytes()) for v in vectors]))
    return found


# Not marked as slow, though it is: the same bits are what every record here rests on.
@pytest.mark.parametrize("core", ["Haswell", "SkylakeX"])
def test_the_bits_are_the_same_with_each_kernel_of_blas(core):
    """OpenBLAS multiplies with the kernels of this processor, told in a process of its own."""
    code = "import json, test_products; print(json.dumps(test_products.bits_of_large_trainings()))"
    folder = os.path.dirname(__file__)
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "PYTHONPATH": folder}
    environment["PYTHONHASHSEED"] = "0"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    if done.returncode < 0:
        pytest.skip(f"this processor cannot run the kernels of {core}")
    assert done.returncode == 0, done.stderr
    assert len(set(json.loads(done.stdout))) == 1


def test_the_distortion_of_a_batch_is_the_same_by_any_number_of_threads():
    X = np.random.default_rng(0).random((1300, 100), np.float32)
    images = []
    for threads in (1, 4):
        with sharing.sharing(threads):
            images.append(nnlib.Distortion()(X, np.random.default_rng(5)))
    assert np.array_equal(*images)


def test_the_work_is_shared_and_all_of_it_is_done():
    """Two threads meet at a barrier, which one alone could not pass."""
    barrier, seen = threading.Barrier(2, timeout=30), []

    def meet(item):
        barrier.wait()
        seen.append((item, threading.current_thread().name))

    with sharing.sharing(2):
        sharing.for_each(meet, [1, 2])
    assert sorted(item for item, _ in seen) == [1, 2]
    assert len({name for _, name in seen}) == 2


def test_outside_of_sharing_a_thread_works_alone():
    names = []
    with sharing.sharing(3):
        pass
    sharing.for_each(lambda item: names.append(threading.current_thread().name), range(9))
    assert set(names) == {threading.current_thread().name}


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_one_piece_is_raised_and_the_next_work_is_whole(threads):
    def work(item):
        if item == 3:
            raise ArithmeticError("piece 3")

    done = []
    with sharing.sharing(threads):
        with pytest.raises(ArithmeticError, match="piece 3"):
            sharing.for_each(work, range(8))
        sharing.for_each(done.append, range(50))
    assert sorted(done) == list(range(50))


def test_where_no_thread_can_start_the_caller_does_all_the_work(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(sharing, "_helpers", sharing._Helpers())
    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = []
    with sharing.sharing(4):
        sharing.for_each(done.append, range(20))
    assert sorted(done) == list(range(20))


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "two"])
def test_impossible_numbers_of_threads_are_refused(threads):
    with pytest.raises(ValueError, match="threads="):
        sharing.sharing(threads)


def _in_a_child(queue, expected) -> None:
    queue.put(np.array_equal(trained([785, 301, 10], nnlib.Momentum, 2), expected))


@pytest.mark.parametrize("n", [0, 2**31, 2**70])
def test_impossible_numbers_of_blas_threads_are_refused(n):
    with pytest.raises(ValueError, match=r"n=\d[\d,]* must be a whole number from 1 to 32,768"):
        nnlib.blas_threads(n)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_shares_its_work_again():
    expected = trained([785, 301, 10], nnlib.Momentum, 2)  # its helpers wait in this process
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    child = fork.Process(target=_in_a_child, args=(queue, expected))
    child.start()
    assert queue.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0


@pytest.mark.parametrize("again", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_a_copied_trainer_goes_on_with_the_same_updates(again):
    rng = np.random.default_rng(0)
    X, y = rng.random((40, 5)), rng.integers(0, 3, 40)
    network = nnlib.NeuralNetwork([5, 8, 3], seed=0)
    trainer = nnlib.Trainer(network, X, y, optimizer=nnlib.Adam(0.01), seed=1, threads=2)
    next(trainer)
    other = again(trainer)
    for _ in range(3):
        next(trainer), next(other)
    assert np.array_equal(trainer.network.parameters, other.network.parameters)


class Counting(Identity):
    """An activation that notes how many threads BLAS may use when it is called."""

    seen: ClassVar[list[int]] = []

    def __call__(self, z):
        self.seen.append(
            max(i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas")
        )
        return super().__call__(z)


def test_blas_has_one_thread_in_all_that_is_computed_and_gets_the_others_back():
    network = nnlib.NeuralNetwork([4, 3, 2], hidden=Counting(), seed=0)
    with threadpool_limits(2, user_api="blas"):
        network.forward(np.ones((5, 4)))
        network.predict(np.ones((5, 4)))
        assert Counting.seen == [1, 1]
        assert all(i["num_threads"] == 2 for i in threadpool_info() if i["user_api"] == "blas")
