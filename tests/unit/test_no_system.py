"""Where there are no threads, no fork, no file locks and no signals, as in a browser's Python."""

import json
import os
import subprocess
import sys

import pytest

# What Pyodide lacks, taken away before nnlib is imported.
TAKEN_AWAY = """
import os, signal, sys, threading

def refused(self):
    raise RuntimeError("can't start new thread")

def no_signals(*_):
    raise ValueError("signal only works in main thread of the main interpreter")

threading.Thread.start = refused
signal.signal = no_signals
for name in ("fork", "forkpty", "register_at_fork", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
os.umask = lambda mask: 0o777
for name in ("fcntl", "msvcrt", "multiprocessing", "_multiprocessing"):
    sys.modules[name] = None
"""

TRAINED = """
import os
import numpy as np
import nnlib
X, y = nnlib.moons(200, seed=0)
network = nnlib.NeuralNetwork([2, 300, 300, 2], hidden="relu", init="he", seed=0)
nnlib.train(
    network, X, y, optimizer=nnlib.Momentum(0.05), batch_size=50, epochs=2, seed=0, threads=4
)
network.save("trained.npz")
assert os.stat("trained.npz").st_mode & 0o600 == 0o600  # it can be read
again = nnlib.NeuralNetwork.load("trained.npz")
assert (again.predict(X) == network.predict(X)).all()
print(repr(network.parameters.tobytes().hex()))
"""

# JupyterLite puts a module without contents in the place of fcntl, so that it can be imported.
EMPTY = (
    TAKEN_AWAY
    + """
import types
sys.modules["fcntl"] = types.ModuleType("fcntl")
"""
)

CHECKED = """
from nnlib.activations import sigmoid
from nnlib.exercises import forward as exercises
exercises.neuron.check(lambda x, w, b: sigmoid(x @ w + b))
exercises.neuron.check(lambda x, w, b: x @ w + b)
"""

STEPPED = """
from nnlib.lab import Playground
lab = Playground(seed=0)
before = lab.network.parameters.copy()
lab.step()
assert (lab.network.parameters != before).any()
"""

RUN = """
import asyncio
from nnlib.lab import Playground

async def use():
    lab = Playground(seed=0)
    lab.run()
    async with asyncio.timeout(60):
        while lab.running and lab.updates < 20:
            await asyncio.sleep(0)
    lab.pause()
    assert (lab.state, lab.problem) == ("paused", "")
    return lab

lab = asyncio.run(use())
n = lab.updates
assert n >= 20
again = Playground(seed=0)
again.step(n)
assert lab.updates == n
assert (lab.network.parameters == again.network.parameters).all()
"""

ASIDE = """
import asyncio
from nnlib.lab.aside import Aside
from nnlib.lab.engine import Engine

async def ask():
    done = []
    Aside(Engine(bool, bool, print)).ask("key", lambda: 6 * 7, done.append)
    print(done)

asyncio.run(ask())
"""


@pytest.fixture
def run(tmp_path):
    def run(code: str, before: str = TAKEN_AWAY) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"{before}\n{code}"],
            cwd=tmp_path,
            env=os.environ | {"NNLIB_PROGRESS": str(tmp_path / "progress.json")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_training_saving_and_loading_go_on_to_the_same_bits(run):
    assert run(TRAINED) == run(TRAINED, before="")


@pytest.mark.parametrize("before", [TAKEN_AWAY, EMPTY], ids=["no fcntl", "an empty fcntl"])
def test_exercises_are_checked_and_progress_is_written(run, tmp_path, before):
    right, wrong, *why = run(CHECKED, before).splitlines()
    assert (right, wrong) == ("neuron: correct", "neuron: incorrect")
    assert "the activation is missing" in "".join(why)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"01_forward": ["neuron"]}


@pytest.mark.slow
def test_a_lab_is_made_and_stepped(run):
    run(STEPPED)


@pytest.mark.slow
def test_a_lab_runs_until_it_is_paused_as_if_it_were_stepped(run):
    run(RUN)


@pytest.mark.slow
def test_what_a_lab_computes_aside_is_computed_at_once(run):
    assert run(ASIDE) == "[42]\n"
