"""The company in which something is measured: what else the machine does, and busy processes."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

BUSY = 2  # processes that want a core each, and more than most laptops have to spare


def others(seconds: float = 0.5) -> dict[str, float | None]:
    """Watch the machine while nothing is measured; return what others take of it.

    'load' is the number of processes that want to run, over the last minute; 'taken' the
    share of all cores' time that went elsewhere meanwhile, None where the system does not tell.
    """
    before = _times()
    time.sleep(seconds)
    after = _times()
    taken = None
    if before and after and after[1] > before[1]:
        taken = round((after[0] - before[0]) / (after[1] - before[1]), 3)
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return {"load": load, "taken": taken}


def _times() -> tuple[int, int] | None:
    """Return the time that the cores were used, and all time, in ticks since the start."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return None  # not Linux
    ticks = [int(number) for number in line.split()[1:9]]
    idle = ticks[3] + ticks[4]  # idle, and waiting for a disk
    return sum(ticks) - idle, sum(ticks)


@contextlib.contextmanager
def busy(n: int = BUSY):
    """Keep n processes counting, meanwhile."""
    program = "import os, time\nparent = os.getppid()\nwhile os.getppid() == parent:\n"
    program += "    for i in range(1_000_000): pass"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(n)]
    try:
        time.sleep(0.3)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
