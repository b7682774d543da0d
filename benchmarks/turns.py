"""Libraries that take turns, each in a process of its own: what disturbs one disturbs all.

A library's threads, its memory and its settings stay with it, and yet a round of all of them
takes a second or two. `benchmarks.worker` is what runs in each process.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAUSE = 0.03  # seconds between two turns, in which the threads of the last come to rest


def environment(threads: int) -> dict[str, str]:
    """Return the environment variables that give a library so many threads."""
    names = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")
    env = {**os.environ, **{f"{name}_NUM_THREADS": str(threads) for name in names[:3]}}
    env["VECLIB_MAXIMUM_THREADS"] = str(threads)
    env["PJRT_NPROC"] = str(threads)  # JAX: the threads of its pools
    env["JAX_PLATFORMS"] = "cpu"
    env["TF_CPP_MIN_LOG_LEVEL"] = "3"  # JAX and Keras keep their notes to themselves
    if threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return env


class WorkerFailed(RuntimeError):
    """A library ended with an error."""


class Runner:
    """A library at work in another process."""

    def __init__(self, name: str, settings: dict):
        self.name, self.answered = name, False
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.worker",
                json.dumps({"contender": name, **settings}),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env=environment(settings["threads"]),
        )

    def listen(self):
        """Return what the process answers next."""
        line = self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            raise WorkerFailed(f"{self.name} failed:\n{self._log.read()[-3000:]}")
        return json.loads(line)

    def ask(self, do: str, **what):
        """Ask for something and return the answer."""
        try:
            self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and `listen` says why
        return self.listen()

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._log.close()


@contextlib.contextmanager
def runners(names, settings: dict):
    """Yield {name: Runner} of those libraries that are installed, all ready; end them after."""
    started = {}
    try:
        for name in names:
            started[name] = Runner(name, settings)
        ready = {}
        for name, runner in started.items():
            if "ready" in runner.listen():
                ready[name] = runner
            else:
                print(f"  {name} is not installed: left out", flush=True)
        yield ready
    finally:
        for runner in started.values():
            runner.stop()


def ask_all(ready: dict, do: str, **what) -> dict:
    """Ask each for the same; return the answers by name.

    A library that fails at it, as `torch.compile` does without a compiler of C++, is left out
    from then on, and the end of what it wrote is printed; but nnlib and the floor must not fail.
    """
    answers = {}
    for name, runner in list(ready.items()):
        try:
            answers[name] = runner.ask(do, **what)
        except WorkerFailed as error:
            if name in ("products", "nnlib"):
                raise
            print(f"  left out: {str(error)[-600:]}", flush=True)
            del ready[name]
    return answers


def rounds(n: int, ready: dict, turn) -> dict[str, list]:
    """Let all take turns, n rounds; `turn(runner)` returns one result. Return them by name.

    Every round begins with another of them, so that none always follows the same.
    """
    results: dict[str, list] = {name: [] for name in ready}
    names = list(ready)
    for i in range(n):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            time.sleep(PAUSE)
            results[name].append(turn(ready[name]))
    return results
