"""What does a learner cost? Peak memory and processor time of each lesson, and of a class.

    python -m benchmarks.classroom            measure and print the table
    python -m benchmarks.classroom --write    also put it into deploy/README.md

Each lesson is run from top to bottom, as it is handed out, in a kernel of its own, and once
JupyterLab's server, until it has served its page. Both numbers are the system's own account of the
process, so a machine that does other things besides changes little; elapsed time is not shown.
Needs Linux or macOS.
"""

import contextlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from nnlib.recipes.machine import machine

from . import report

LESSONS = report.ROOT / "notebooks"
CLASSES = (30, 500)
GB = 1e9

# In a process of its own, whose only child is the kernel.
RUN_ONE = """
import json, resource, sys
from pathlib import Path
sys.path.insert(0, "tests/notebooks")
import execute, nbformat
path = Path(sys.argv[1])
execute.run(nbformat.read(path, 4), path.parent)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_maxrss, used.ru_utime + used.ru_stime]))
"""


def bytes_of(maxrss: int) -> int:
    """Return ru_maxrss in bytes: Linux counts in kilobytes, macOS in bytes."""
    return maxrss if sys.platform == "darwin" else 1024 * maxrss


def of_a_lesson(name: str) -> dict:
    """Run a lesson and return what its kernel took."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_ONE, str(LESSONS / name)],
        cwd=report.ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    memory, seconds = json.loads(done.stdout.splitlines()[-1])
    return {"lesson": name, "bytes": bytes_of(memory), "seconds": seconds}


def of_the_server() -> dict:
    """Start JupyterLab's server, ask for its page, end it, and return what it took."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=0"]
    command += ["--ServerApp.token=", "--ServerApp.ip=127.0.0.1", f"--notebook-dir={LESSONS}"]
    command += ["--allow-root"] * (os.getuid() == 0)
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    for line in server.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab", line):
            break
    else:
        sys.exit("error: JupyterLab did not start")
    while True:
        # It names its address a moment before it listens there.
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(found[0]).close()
            break
        if server.poll() is not None:
            sys.exit("error: JupyterLab ended before it served its page")
        time.sleep(0.1)
    server.send_signal(signal.SIGTERM)
    server.stderr.close()
    _, _, used = os.wait4(server.pid, 0)
    server.returncode = 0
    return {"bytes": bytes_of(used.ru_maxrss), "seconds": used.ru_utime + used.ru_stime}


def minutes() -> dict[str, float]:
    """Return how long a learner takes for each lesson, from README's table."""
    readme = (report.ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(
        r"\(notebooks/(\w+\.ipynb)\) \| (?:about )?(\d*)(½|¼|¾)? (hours?|minutes)", readme
    )
    part = {"": 0, "¼": 0.25, "½": 0.5, "¾": 0.75}
    return {
        name: (int(whole or 0) + part[rest]) * (60 if unit.startswith("hour") else 1)
        for name, whole, rest, unit in found
    }


def measure() -> dict:
    """Return the facts of the machine, and what was measured on it."""
    rows = []
    for path in sorted(LESSONS.glob("*.ipynb")):
        rows.append(of_a_lesson(path.name))
        print(rows[-1], file=sys.stderr, flush=True)
    return {"machine": machine(), "server": of_the_server(), "rows": rows}


def render(numbers: dict) -> str:
    """Return both tables as markdown."""
    server, rows, takes = numbers["server"], numbers["rows"], minutes()
    table = report.markdown_table(
        ["lesson", "kernel, peak memory", "processor time", "share of a core"],
        [
            [
                f"`{row['lesson']}`",
                f"{row['bytes'] / 1e6:.0f} MB",
                f"{row['seconds']:.0f} s",
                f"{row['seconds'] / (60 * takes[row['lesson']]):.2%}"
                if row["lesson"] in takes
                else "",
            ]
            for row in rows
        ]
        + [
            [
                "JupyterLab's server",
                f"{server['bytes'] / 1e6:.0f} MB",
                f"{server['seconds']:.0f} s",
                "",
            ]
        ],
    )
    each = server["bytes"] + max(row["bytes"] for row in rows)
    timed = [row for row in rows if row["lesson"] in takes]
    share = max(row["seconds"] / (60 * takes[row["lesson"]]) for row in timed)
    classes = report.markdown_table(
        ["learners at once", "memory", "cores, on the mean of the busiest lesson"],
        [[str(n), f"{n * each / GB:.0f} GB", str(math.ceil(n * share))] for n in CLASSES],
    )
    return f"{table}\n\n{report.describe(numbers['machine'])}\n\n{classes}"


if __name__ == "__main__":
    words = (__doc__ or "").partition("\n")[0]
    report.main("classroom", "classroom", words, measure, render)
