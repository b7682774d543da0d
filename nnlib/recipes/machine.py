"""The facts that explain a measurement: the machine, and the versions of what ran on it."""

import os
import platform
from pathlib import Path

import numpy as np


def machine() -> dict[str, str | int]:
    """Return processor, cores, system, and the versions of Python, numpy and its BLAS."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": _blas(),
    }


def _blas() -> str:
    """Return the BLAS that numpy multiplies with, and the kind of processor it has chosen."""
    # Imported here so that importing nnlib.recipes imports numpy alone.
    from threadpoolctl import threadpool_info

    facts: dict = next((i for i in threadpool_info() if i["user_api"] == "blas"), {})
    keys = ("internal_api", "version", "architecture")
    return " ".join(str(facts[key]) for key in keys if facts.get(key)) or "unknown"


def _processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
