"""A kernel, or the server, killed while a lab runs: what was solved, saved or predicted stays."""

import contextlib
import os
import queue
import signal

import psutil
import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from nnlib import NeuralNetwork
from nnlib.exercises import mine, predictions, solved

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL"),
]

# A lab runs between the pieces of this cell, each of which keeps something and then says so.
CELL = """
import asyncio
from nnlib.exercises import predicted, save, solved
from nnlib.lab import Playground

def square(z):
    return z * z

lab = Playground(hidden=[16, 16])
lab.run()
for n in range(10_000):
    await asyncio.sleep(0.001)
    assert solved.add("01_forward", f"exercise {n}") == ""
    save(square)
    question = predicted.Question(f"What comes {n}?", ("this", "that"), "this", "So it is.")
    assert predicted.commit(question, "this") == ""
    lab.network.save(FOLDER + "/network.npz")
    print(f"kept {n} {lab.updates}", flush=True)
"""


def killed_while_it_keeps(client, folder, kill) -> tuple[int, int]:
    """Run the cell, kill after some of its lines; return what it kept last, and updates."""
    client.execute(CELL.replace("FOLDER", repr(str(folder))))
    said = ""
    while said.count("kept") < 12:
        message = client.get_iopub_msg(timeout=60)
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            said += message["content"]["text"]
    kill()
    last = said.strip().splitlines()[-1].split()
    return int(last[1]) + 1, int(last[2])


def wait_until_heard(client) -> None:
    """Ask until a kernel answers on both channels; its heartbeat may be late on a busy machine."""
    for _ in range(120):
        client.kernel_info()
        with contextlib.suppress(queue.Empty):
            client.get_shell_msg(timeout=1)
            client.get_iopub_msg(timeout=1)
            return
    raise RuntimeError("the kernel does not answer")


def all_is_there(kept: int, updates: int, folder) -> None:
    assert updates > 0
    assert {f"exercise {n}" for n in range(kept)} <= {*solved.read()["01_forward"]}
    assert predictions().right == predictions().made >= kept
    assert mine().square(3) == 9
    assert NeuralNetwork.load(folder / "network.npz").layers == (2, 16, 16, 2)
    assert not list(folder.glob("*.damaged"))
    # And it goes on from there.
    assert solved.add("01_forward", "after") == ""
    assert len(solved.read()["01_forward"]) > kept


def test_a_kernel_killed_while_a_lab_runs_loses_nothing_that_it_has_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    manager, client = start_new_kernel()
    try:
        kill = lambda: os.kill(manager.provisioner.pid, signal.SIGKILL)  # noqa: E731
        all_is_there(*killed_while_it_keeps(client, tmp_path, kill), tmp_path)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_server_killed_while_a_lab_runs_loses_nothing_that_its_kernel_has_kept(
    tmp_path, monkeypatch
):
    jupyterlab = pytest.importorskip("tests.browser.jupyterlab")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    lessons = tmp_path / "lessons"
    lessons.mkdir()
    with jupyterlab.Server(tmp_path, lessons) as server:
        kernel = server.api("kernels", "POST")["id"]
        client = BlockingKernelClient(
            connection_file=str(tmp_path / "runtime" / f"kernel-{kernel}.json")
        )
        client.load_connection_file()
        client.start_channels()
        wait_until_heard(client)
        family = psutil.Process(server.process.pid).children(recursive=True)
        try:
            all_is_there(*killed_while_it_keeps(client, tmp_path, server.process.kill), tmp_path)
        finally:
            client.stop_channels()
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
