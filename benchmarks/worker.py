"""One library in a process of its own, which does what it is asked for, line by line.

    python -m benchmarks.worker '{"contender": "nnlib", "layers": [784, 30, 10], …}'

Each line it reads is a JSON object, {"do": …} and what that needs; each line it writes is the
answer to one. It begins by writing {"ready": seconds}, or {"missing": …} if the library is not
installed. `benchmarks.turns` is the other side.
"""

import itertools
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from .peers import Task, contender


class Worker:
    """Answers questions about one library; each public method is something to do."""

    def __init__(self, settings: dict):
        folder = Path(settings["images"])
        X, y = np.load(folder / "X.npy"), np.load(folder / "y.npy")
        n = settings["samples"] or len(X)
        n -= n % settings["batch_size"]  # all batches of one size: one shape to compile for
        layers = settings["layers"]
        rng = np.random.default_rng(0)
        start = [
            (
                rng.normal(0, (2 / n_in) ** 0.5, (n_in, n_out)).astype("float32"),
                np.zeros(n_out, "float32"),
            )
            for n_in, n_out in itertools.pairwise(layers)
        ]
        self.folder = folder
        self.task = Task(
            layers,
            settings["batch_size"],
            settings["learning_rate"],
            settings["threads"],
            X[:n],
            y[:n],
            start,
        )
        self.contender = contender(settings["contender"])(self.task)

    def calibrate(self, seconds: float) -> int:
        """Warm up; return how many updates take about so many seconds."""
        step = getattr(self.contender, "at_a_time", 1)
        self.contender.train(step)  # compiles
        updates, took = step, 0.0
        while took < seconds / 4:
            begin = time.perf_counter()
            self.contender.train(updates)
            took = time.perf_counter() - begin
            if took < seconds / 4:
                updates *= 2
        return max(step, int(updates * seconds / took) // step * step)

    def train(self, updates: int) -> tuple[float, float]:
        """Return seconds an update, by the clock and of all cores together."""
        begin, cpu = time.perf_counter(), time.process_time()
        self.contender.train(updates)
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
        return seconds / updates, cpu / updates

    def predict(self, images: int, times: int) -> float:
        """Return the seconds that the classes of so many images take."""
        X = np.ascontiguousarray(self.task.X[:images])
        begin = time.perf_counter()
        for _ in range(times):
            self.contender.predict(X)
        return (time.perf_counter() - begin) / times

    def reach(self, accuracy: float, epochs: int) -> dict:
        """Train until so many of the test images are classified; return what that took."""
        X, y = np.load(self.folder / "X_test.npy"), np.load(self.folder / "y_test.npy")
        begin, reached, epoch = time.perf_counter(), 0.0, 0
        while reached < accuracy and epoch < epochs:
            epoch += 1
            self.contender.train(len(self.task.X) // self.task.batch_size)
            reached = float(np.mean(np.asarray(self.contender.predict(X)) == y))
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "epochs": epoch, "accuracy": reached}

    def differ(self, updates: int) -> float:
        """Return by how much the parameters differ from nnlib's after the same few updates.

        There must be one batch only, so that the order of the samples is all the same.
        """
        assert len(self.task.X) == self.task.batch_size, "this needs all samples in one batch"
        reference = contender("nnlib")(self.task)
        for one in (reference, self.contender):
            one.train(updates)
        pairs = zip(reference.parameters(), self.contender.parameters(), strict=True)
        moved = max(
            float(abs(W - W0).max())
            for (W, _), (W0, _) in zip(reference.parameters(), self.task.start, strict=True)
        )
        off = max(
            float(abs(ours - theirs).max())
            for pair in pairs
            for ours, theirs in zip(*pair, strict=True)
        )
        return off / moved

    def memory(self) -> float | None:
        """Return the megabytes that this process held at its peak; None where nobody tells."""
        try:
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1000
        except OSError:
            pass
        try:
            import resource
        except ModuleNotFoundError:  # Windows
            return None
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS: bytes


def main() -> None:
    """Answer one line after another."""
    # Libraries print what they like: only the answers go where the other side listens.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(content: object) -> None:
        print(json.dumps(content), file=answers, flush=True)

    begin = time.perf_counter()
    try:
        worker = Worker(json.loads(sys.argv[1]))
    except ImportError as error:
        answer({"missing": str(error)})
        return
    answer({"ready": time.perf_counter() - begin})
    for line in sys.stdin:
        asked = json.loads(line)
        answer(getattr(worker, asked.pop("do"))(**asked))


if __name__ == "__main__":
    main()
