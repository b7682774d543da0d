"""Many processes: what they are given, what is kept, and that a lost one costs only its own work.

The arithmetic is tried here without Dask, by workers that are played by this process; the tests
with real ones start them, kill some, and are for `make nightly`.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from nnlib import (
    MNIST,
    Diverged,
    Dropout,
    Momentum,
    NeuralNetwork,
    Trainer,
    moons,
)
from nnlib.cluster import Workers, bands, data_parallel, grid, map_runs
from nnlib.cluster.mapped_run import found, keep
from nnlib.recipes import CheckpointError, Recipe, run

TINY = Recipe(
    name="tiny",
    purpose="to be tested",
    layers=(784, 5, 10),
    batch_size=20,
    epochs=2,
    optimizer="momentum",
    learning_rate=0.05,
)


def some(mnist, kind=MNIST, **more):
    """Return a few images of MNIST."""
    parts = {name: getattr(mnist, name) for name in MNIST.__dataclass_fields__}
    return kind(**{name: part[:200] for name, part in parts.items()}, **more)


# Workers played by this process: what they are sent, and what comes back, is all the same.


class Done:
    """A future that has its result."""

    def __init__(self, value):
        self.value = value

    def result(self):
        return self.value


class Actor:
    def __init__(self, replica):
        self.replica = replica

    def gradient(self, *arguments):
        return Done(self.replica.gradient(*arguments))


class Client:
    def __init__(self, n):
        self.n = n

    def wait_for_workers(self, n, timeout):
        pass

    def nthreads(self):
        return {f"worker {i}": 1 for i in range(self.n)}

    def scatter(self, value, **_):
        return value

    def submit(self, make, twin, **_):
        return Done(Actor(make(twin)))


def played(n):
    """Return n workers that this process plays."""
    workers = Workers(n)
    workers.client = Client(n)
    return workers


def parameters_after(trainer, updates=7):
    for _ in range(updates):
        next(trainer)
    return trainer.network.parameters


X, Y = moons(100, seed=3)


def a_trainer(**settings):
    network = NeuralNetwork([2, 6, 2], "tanh", seed=1, dtype="float64")
    more = {"batch_size": 30, "seed": 5, "optimizer": Momentum(0.1)} | settings
    return Trainer(network, X, Y, **more)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_the_shards_make_the_gradient_of_the_batch(n):
    """Of 30 samples, and of the 10 that are left at the end of an epoch."""
    alone, shared = a_trainer(), data_parallel(a_trainer(), played(n))
    for _ in range(8):
        one, other = next(alone), next(shared)
        assert other == one._replace(loss=other.loss)
        assert other.loss == pytest.approx(one.loss, rel=1e-12)
        np.testing.assert_allclose(
            shared.gradients.vector, alone.gradients.vector, rtol=1e-9, atol=1e-13
        )


@pytest.mark.parametrize(
    "settings", [{}, {"dropout": Dropout(hidden=0.5)}, {"l2": 0.1, "batch_size": None}], ids=str
)
def test_to_the_last_bit_it_is_the_same_batch_in_pieces(settings):
    size = -(-(settings.get("batch_size", 30) or 100) // 3)
    pieces = parameters_after(a_trainer(at_once=size, **settings))
    shared = parameters_after(data_parallel(a_trainer(**settings), played(3)))
    np.testing.assert_array_equal(shared, pieces)


def test_what_cannot_be_shared_is_refused_by_name():
    with pytest.raises(TypeError, match="trainer must be a Trainer, not int"):
        data_parallel(3, played(1))
    with pytest.raises(TypeError, match="workers must be Workers, not int"):
        data_parallel(a_trainer(), 2)
    with pytest.raises(ValueError, match="workers are there within their block"):
        data_parallel(a_trainer(), Workers(2))
    with pytest.raises(ValueError, match="number=0 must be a whole number"):
        Workers(0)
    with pytest.raises(ValueError, match="leave one of the two out"):
        Workers(2, address="tcp://127.0.0.1:1")


def test_workers_are_opened_once():
    pytest.importorskip("distributed", reason="pip install 'nnlib[cluster]' brings it")
    with pytest.raises(ValueError, match="are open already"):
        played(1).__enter__()


def test_without_dask_it_says_what_to_install(monkeypatch, tmp_path, mnist):
    monkeypatch.setattr("nnlib.support.extras.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'nnlib\[cluster\]'"):
        map_runs(TINY, folder=tmp_path, data=some(mnist), progress=False)


# Grids and bands


def test_a_grid_has_each_combination_once_under_a_name_of_its_own():
    recipes = grid(TINY, learning_rate=[0.1, 1.0], batch_size=[20, 50, 100])
    assert [(r.learning_rate, r.batch_size) for r in recipes] == [
        (0.1, 20), (0.1, 50), (0.1, 100), (1.0, 20), (1.0, 50), (1.0, 100),
    ]  # fmt: skip
    assert recipes[1].name == "tiny-learning_rate=0.1-batch_size=50"
    assert replace(recipes[0], name="tiny", learning_rate=0.05) == TINY


@pytest.mark.parametrize(
    "settings, error, words",
    [
        ({}, ValueError, "a grid needs settings"),
        ({"rate": [1]}, ValueError, "no setting 'rate': choose of layers"),
        ({"l2": 0.1}, TypeError, r"l2=0.1 must be a list of values, \[0.1\] for one"),
        ({"l2": []}, ValueError, "l2 is an empty list"),
        ({"l2": [0.1, 0.2, 0.1]}, ValueError, "l2 has 0.1 twice"),
        ({"l2": [-1.0]}, ValueError, "l2=-1.0"),
        ({"l2": np.array(0.1)}, TypeError, "l2=.* must be a list of values"),
        ({"l2": b"x"}, TypeError, "l2=.* must be a list of values"),
        ({"average": [None]}, ValueError, "average=None must be a dict"),
        ({"dropout": [[]]}, ValueError, r"dropout=\[\] must be a dict"),
        ({"optimizer_settings": [{1: 2}]}, ValueError, "optimizer_settings=.*by their names"),
        ({"warmup": ["a"]}, ValueError, "warmup='a' must be a finite number"),
        ({"smoothing": [[]]}, ValueError, r"smoothing=\[\] must be a finite number"),
        ({"learning_rate": [len]}, ValueError, "learning_rate=.* must be a finite number"),
        ({"dtype": ["float16"]}, ValueError, "dtype='float16' cannot be used: .*choose"),
        ({"learning_rate": np.ones((2, 1))}, ValueError, r"learning_rate has \[1.0\] twice"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(settings, error, words):
    with pytest.raises(error, match=words):
        grid(TINY, **settings)


def kept(folder, seed, curve, recipe=TINY, **more):
    belongs_to = {"recipe": recipe.as_settings(), "seed": seed} | more
    record = {"curve": {"validation_loss": curve}, "validation_accuracy": 0.5}
    return keep(folder, recipe, seed, belongs_to, record, recipe.network(seed))


def test_a_band_is_lowest_mean_and_highest_of_the_seeds(tmp_path):
    runs = [kept(tmp_path, seed, curve) for seed, curve in enumerate([[3, 2], [6, 1], [0, 0]])]
    (band,) = bands(runs).values()
    np.testing.assert_array_equal(band, [[0, 0], [3, 1], [6, 2]])
    gone = keep(tmp_path, TINY, 3, {}, {"diverged": "at update 7"}, None)
    assert np.isnan(bands([*runs, gone])["tiny"]).all() and gone.accuracy is None
    with pytest.raises(ValueError, match="tiny, seed 3 has no network: at update 7"):
        gone.network()
    with pytest.raises(ValueError, match="curve='loss' was not recorded"):
        bands(runs, "loss")
    with pytest.raises(ValueError, match="'tiny' of 2 and of 1 epochs, which have no mean"):
        bands([*runs, kept(tmp_path, 4, [1.0])])
    for wrong in (3, runs[0], np.array(1.0)):
        with pytest.raises(TypeError, match=r"runs=.* must be what map_runs returned"):
            bands(wrong)
    with pytest.raises(TypeError, match=r"curve=.* must be a text"):
        bands(runs, ["loss"])


# What the folder holds


def test_what_is_finished_is_found_and_what_is_of_another_training_is_refused(tmp_path):
    mine = kept(tmp_path, 0, [1.0])
    belongs_to = {"recipe": TINY.as_settings(), "seed": 0}
    assert found(tmp_path, TINY, 0, belongs_to) == mine
    np.testing.assert_array_equal(mine.network().parameters, TINY.network(0).parameters)
    assert found(tmp_path, TINY, 1, belongs_to) is None
    with pytest.raises(
        CheckpointError, match=r"seed was 0 there and is 5 here.*nothing is overwritten"
    ):
        found(tmp_path, TINY, 0, belongs_to | {"seed": 5})
    mine.path.unlink()
    with pytest.raises(CheckpointError, match=r"the network tiny-seed0\.npz is not"):
        found(tmp_path, TINY, 0, belongs_to)
    (tmp_path / "tiny-seed0.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"tiny-seed0\.json is damaged"):
        found(tmp_path, TINY, 0, belongs_to)


def test_a_record_is_written_only_when_its_network_is(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(NeuralNetwork, "save", full)
    with pytest.raises(OSError, match="no space left"):
        kept(tmp_path, 0, [1.0])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "recipes, seeds, error, words",
    [
        ([], 0, ValueError, "recipes is empty"),
        (TINY, [], ValueError, "seeds is empty"),
        ("quick", 0, TypeError, "recipes='quick' must be a Recipe, or a list of several"),
        (["quick"], 0, TypeError, "holds 'quick', which is no Recipe"),
        (TINY, "12", TypeError, "seeds='12' must be a whole number, or a list"),
        (TINY, {0: "a"}, TypeError, "seeds=.* must be a whole number, or a list"),
        (TINY, [0, None], ValueError, "seeds holds None"),
        (TINY, -1, ValueError, "seed=-1"),
        (TINY, [1, 2, 1], ValueError, "'tiny', seed 1, is there twice"),
        ([replace(TINY, name=n) for n in ("a b", "A/b")], 0, ValueError, "A_b-seed0"),
    ],
)
def test_runs_that_cannot_be_are_refused_before_anything_begins(
    tmp_path, recipes, seeds, error, words
):
    with pytest.raises(error, match=words):
        map_runs(recipes, seeds, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


# Real workers


@dataclass(frozen=True, eq=False)
class Watched(MNIST):
    """Data that write down who begins to train on them."""

    folder: str

    def __getattribute__(self, name):
        if name == "X_train":
            folder = object.__getattribute__(self, "folder")
            with open(os.path.join(folder, "begun"), "a") as file:
                file.write(f"{os.getpid()}\n")
        return object.__getattribute__(self, name)


@dataclass(frozen=True, eq=False)
class Locked(MNIST):
    """Data that cannot be sent."""

    lock: object


@dataclass(frozen=True, eq=False)
class Deadly(Watched):
    """Data at the end of whose first training the worker is killed, as by kill -9."""

    def __getattribute__(self, name):
        if name == "X_test":
            folder = object.__getattribute__(self, "folder")
            try:
                os.close(os.open(os.path.join(folder, "killed"), os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().__getattribute__(name)


@pytest.fixture(scope="module")
def workers():
    pytest.importorskip("distributed", reason="pip install 'nnlib[cluster]' brings it")
    with Workers(2) as workers:
        yield workers


def begun(folder):
    return (folder / "begun").read_text().split()


@pytest.mark.nightly
def test_a_killed_worker_costs_only_its_run_and_all_bits_are_those_of_one_machine(
    workers, tmp_path, mnist
):
    data = some(mnist, Deadly, folder=str(tmp_path))
    said = []
    settings = {"folder": tmp_path / "runs", "workers": workers, "validation": False, "data": data}
    runs = map_runs(TINY, range(6), **settings, say=said.append)
    assert [r.seed for r in runs] == [*range(6)]
    # This process reads the data once, for their fingerprint, before it is a worker's turn.
    in_workers = [pid for pid in begun(tmp_path) if pid != str(os.getpid())]
    per_run = len(in_workers) / 7
    assert (tmp_path / "killed").exists() and per_run == int(per_run)  # six runs, one of them twice
    assert len({*in_workers}) >= 2
    for each in runs:
        alone = run(TINY, each.seed, data=some(mnist), threads=1, progress=False)
        np.testing.assert_array_equal(each.network().parameters, alone.network.parameters)
        assert each.record["test_accuracy"] == alone.record["test_accuracy"] == each.accuracy
        assert each.record["curve"] == alone.record["curve"]
    # Again: only what is missing is computed.
    before = len(begun(tmp_path))
    (tmp_path / "runs" / "tiny-seed3.json").unlink()
    assert map_runs(TINY, range(6), **settings, say=said.append)[2:3] == runs[2:3]
    assert len([p for p in begun(tmp_path)[before:] if p != str(os.getpid())]) == per_run
    assert "5 of 6 runs were finished before" in said[-1]
    # And a record of other settings is never overwritten.
    files = {path: path.read_bytes() for path in (tmp_path / "runs").iterdir()}
    with pytest.raises(CheckpointError, match=r"learning_rate was 0\.05 there and is 0\.1"):
        map_runs(replace(TINY, learning_rate=0.1), range(6), **settings)
    assert files == {path: path.read_bytes() for path in (tmp_path / "runs").iterdir()}


@pytest.mark.nightly
def test_a_run_that_diverges_is_a_result_and_one_that_fails_stops_no_other(
    workers, tmp_path, mnist
):
    data = some(mnist)
    (tmp_path / "file").write_text("")
    recipes = grid(TINY, learning_rate=[0.05, 1e30])
    settings = {"folder": tmp_path, "workers": workers.client.scheduler.address, "progress": False}
    calm, wild = map_runs(recipes, data=data, **settings)
    assert calm.diverged is None and calm.accuracy > 0
    with pytest.raises(Diverged) as raised:
        run(recipes[1], data=data, validation=True, progress=False)
    assert wild.diverged == str(raised.value)
    assert wild == map_runs(recipes, data=data, **settings)[1]
    locked = some(mnist, Locked, lock=threading.Lock())
    with pytest.raises(TypeError, match="data cannot be sent to the workers: cannot pickle"):
        map_runs(replace(TINY, name="locked"), data=locked, **settings)
    wrong = replace(data, y_train=data.y_train[:-1])
    with pytest.raises(RuntimeError, match=r"1 of 1 runs failed.*tiny-seed0: ValueError"):
        map_runs(TINY, data=wrong, **settings)


@pytest.mark.nightly
def test_a_lost_worker_is_said_and_training_goes_on_with_those_that_are_left(workers):
    trainer = data_parallel(a_trainer(), workers)
    for _ in range(3):
        next(trainer)
    before = trainer.network.parameters.copy()
    pids = workers.client.run(os.getpid)
    os.kill(pids[workers.addresses()[0]], signal.SIGKILL)
    with pytest.raises(ConnectionError, match="a worker was lost at update 4"):
        next(trainer)
    np.testing.assert_array_equal(trainer.network.parameters, before)
    data_parallel(trainer, workers)
    for _ in range(4):
        next(trainer)
    np.testing.assert_allclose(trainer.network.parameters, parameters_after(a_trainer()), rtol=1e-9)


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    pytest.importorskip("distributed", reason="pip install 'nnlib[cluster]' brings it")
    monkeypatch.setattr("nnlib.cluster.workers.PATIENCE", 0.2)
    with pytest.raises(ConnectionError, match="no Dask scheduler answers at address='tcp://127"):
        with Workers(address="tcp://127.0.0.1:1"):
            pass


STOPPED = """
import sys
import nnlib.cluster
from tests.unit.test_cluster import TINY, Watched, some

module, folder, n = sys.modules["nnlib.cluster.map_runs"], sys.argv[1], int(sys.argv[2])
keep = module.keep

def and_say(*run):
    print("kept", flush=True)
    return keep(*run)

if __name__ == "__main__":
    module.keep = and_say
    data = some(nnlib.load_mnist(), Watched, folder=folder)
    settings = {"folder": folder + "/runs", "workers": 2, "validation": False, "progress": False}
    print(len(nnlib.cluster.map_runs(TINY, range(n), data=data, **settings)), "runs", flush=True)
"""


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there a terminal does it otherwise")
def test_ctrl_c_in_a_terminal_keeps_what_is_finished_and_leaves_no_process(tmp_path):
    psutil = pytest.importorskip("psutil", reason="pip install 'nnlib[cluster]' brings it")
    (tmp_path / "script.py").write_text(STOPPED)

    def started(n):
        return subprocess.Popen(
            [sys.executable, tmp_path / "script.py", tmp_path, str(n)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    with started(500) as process:
        try:
            while (line := process.stdout.readline()) not in ("kept\n", ""):
                pass
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to its workers, too
        said = line + process.stdout.read()
    assert process.returncode == 0, said
    finished = len([*(tmp_path / "runs").glob("*.json")])
    assert said.endswith(f"{finished} runs\n") and 0 < finished < 500
    assert f"Stopped: {500 - finished} runs are left, which the same call trains." in said
    assert "Traceback" not in said
    # (A process that has ended may still be listed, if nobody asks how.)
    in_workers = {int(pid) for pid in begun(tmp_path)} - {process.pid}
    assert len(in_workers) == 2
    for pid in in_workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    with started(finished + 1) as process:
        said = process.stdout.read()
    assert f"{finished} of {finished + 1} runs were finished before" in said
    assert said.endswith(f"{finished + 1} runs\n") and said.count("kept\n") == 1
