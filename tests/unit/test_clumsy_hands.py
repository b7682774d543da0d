"""What a learner does to a lab by accident leaves it alive, and is said in words."""

import asyncio
import signal

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

from nnlib.lab import Playground
from nnlib.lab.engine import Engine
from nnlib.lab.widget import Lab


def test_weights_near_the_largest_float_are_drawn_and_the_divergence_is_said():
    lab = Playground(
        dataset="moons",
        hidden=[],
        learning_rate=42.87,
        l2=0.1,
        loss="Mean squared error",
        init="he",
        mode="Batch",
    )
    lab.step(200)  # every value is within its slider's range
    assert "diverged" in lab.problem and lab.state == "stopped"
    assert np.abs(lab.network.parameters).max() > 1e37
    _, arrays = lab.frame()
    assert arrays["histogram1"][1].sum() == lab.network.weights[0].size


class Clumsy(Lab):
    """A lab whose picture fails."""

    def work(self):
        return True

    def frame(self):
        raise RuntimeError("no such neuron")

    def restart(self):
        pass


@pytest.mark.parametrize("command", ["hello", "step", "reset"])
def test_a_picture_that_fails_is_said_and_answers_the_view(command):
    lab, sent = Clumsy(), []
    lab.send = lambda content, buffers=None: sent.append(content)
    lab.hear({"command": "hello"})
    assert "no such neuron" in lab.problem and lab.state == "stopped"
    lab.hear({"command": command})
    assert sent == [{"answered": True, "heard": {}}] * 2


def in_a_cell(source: str, **names) -> dict:
    """Return what a notebook cell of this source defines."""
    exec(compile(source, "<ipython-input-7>", "exec"), names)
    return names


@pytest.fixture
def ctrl_c(monkeypatch):
    """Let Ctrl-C raise KeyboardInterrupt, as in a cell, whatever the test runner does with it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_step_ends_with_its_update_and_training_goes_on(ctrl_c):
    lab = Playground()
    move = lab.trainer.optimizer.update

    def interrupted(x, g):
        if lab.updates == 4:
            ctrl_c()
        return move(x, g)

    lab.trainer.optimizer.update = interrupted
    with pytest.raises(KeyboardInterrupt):
        lab.step(1000)
    assert (lab.updates, lab.state, lab.problem) == (5, "paused", "")
    again = Playground()
    again.step(5)
    np.testing.assert_array_equal(lab.network.parameters, again.network.parameters)
    lab.step(3)
    assert lab.updates == 8


def test_a_function_that_does_not_end_is_interrupted_at_once(ctrl_c):
    lab, reached = Playground(), []
    cell = in_a_cell(
        "def update(x, g, learning_rate):\n"
        "    if lab.updates == 4:\n"
        "        ctrl_c()\n"
        "        reached.append('what comes after')\n"
        "    return x - learning_rate * g\n",
        **dict(lab=lab, ctrl_c=ctrl_c, reached=reached),
    )
    lab.use(update=cell["update"])
    with pytest.raises(KeyboardInterrupt):
        lab.step(1000)
    assert reached == [] and lab.updates == 4 and lab.state == "stopped"
    assert lab.problem.startswith("Interrupted while your code was running")
    lab.use()
    lab.step(6)
    assert (lab.updates, lab.problem) == (6, "")


def test_sys_exit_in_a_function_stops_the_lab_and_not_the_kernel():
    async def scene():
        lab = Playground()
        lab.use(update=lambda x, g, learning_rate: raise_exit(lab) or x - learning_rate * g)
        stopped = asyncio.Event()
        lab.observe(lambda change: stopped.set(), "problem")
        lab.run()
        await asyncio.wait_for(stopped.wait(), timeout=20)
        return lab

    def raise_exit(lab):
        if lab.updates == 3:
            raise SystemExit

    lab = asyncio.run(scene())
    assert "SystemExit" in lab.problem and not lab.running and lab.updates == 3


def test_a_divergence_is_blamed_on_what_caused_it():
    lab = Playground(learning_rate=100, l2=0.1)
    lab.step(500)
    assert "L2 is the cause" in lab.problem and "1 − αλ₂ = −9" in lab.problem
    lab = Playground()
    lab.use(
        update=lambda x, g, learning_rate: (
            x - learning_rate * g * (1 if lab.updates < 2 else np.nan)
        )
    )
    lab.step(5)
    assert lab.updates == 2 and "your update returned are not all finite" in lab.problem
    lab = Playground(learning_rate=1e6, loss="Mean squared error", activation="relu", hidden=[])
    lab.step(500)
    assert "L2" not in lab.problem and "your update" not in lab.problem
    lab = Playground(learning_rate=1e308)
    lab.step()
    assert "Diverged at the first update" in lab.summary() and "Run" not in lab.summary()


def test_the_slowest_motion_hears_of_another_speed():
    made = []

    async def scene():
        engine = Engine(lambda: made.append(1) or True, lambda: None, made.append)
        engine.speed = 0.001  # a thousand seconds an update
        engine.run()
        while not made:
            await asyncio.sleep(0)
        engine.speed = 0
        while len(made) < 50:
            await asyncio.sleep(0)
        engine.pause()

    asyncio.run(asyncio.wait_for(scene(), timeout=30))


def test_a_very_long_error_is_cut():
    lab = Playground()

    def update(x, g, learning_rate):
        if lab.updates:
            raise ValueError("x" * 100_000)
        return x - learning_rate * g

    lab.use(update=update)
    lab.step(2)
    assert lab.state == "stopped" and 1000 < len(lab.problem) < 2500


ENDLESS = """
from nnlib.lab import Playground
lab = Playground()
def update(x, g, learning_rate):
    if lab.updates == 3:
        print("here it stays", flush=True)
        while True:
            pass
    return x - learning_rate * g
lab.use(update=update)
lab.run()
"""


@pytest.mark.slow
def test_interrupt_ends_an_endless_function_while_run_is_on():
    """In a real kernel, where Interrupt comes between two cells."""
    manager, client = start_new_kernel()
    try:
        said = []
        client.execute(ENDLESS)
        while "here it stays" not in said:
            said.append(client.get_iopub_msg(timeout=60)["content"].get("text", "").strip())
        manager.interrupt_kernel()
        client.execute_interactive(
            "print(lab.updates, lab.problem)",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert any(text.startswith("3 Interrupted while your code was running") for text in said), said
