"""Which exercises are solved, in a small file on the learner's own machine.

The file is `.nnlib/progress.json` in the home folder, or where the environment variable
NNLIB_PROGRESS says. It holds names and nothing else, never leaves the machine, and may be
deleted at any time. If it cannot be written the exercises work without it.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ..support.atomic_write import atomic_write


def path() -> Path:
    """Return where the names of the solved exercises are stored."""
    return Path(os.environ.get("NNLIB_PROGRESS") or Path.home() / ".nnlib" / "progress.json")


def read() -> dict[str, list[str]]:
    """Return {lesson: [solved, …]}; nothing if there is no file that can be read."""
    try:
        stored = json.loads(path().read_text(encoding="utf-8"))
        return {str(k): [str(x) for x in v] for k, v in stored.items() if isinstance(v, list)}
    except (OSError, ValueError, AttributeError):
        return {}


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let no other process change the file meanwhile, where the system can see to that."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with open(file.with_name(f"{file.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed, or the process ends
        yield


def add(lesson: str, name: str) -> str:
    """Store that an exercise is solved; return a message if that is not possible."""
    if name in read().get(lesson, []):
        return ""
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        with alone(path()):
            stored = read()  # anew: another kernel may have solved something meanwhile
            stored.setdefault(lesson, []).append(name)
            with atomic_write(path()) as file:
                file.write(json.dumps(stored, indent=1).encode())
    except OSError as error:
        return f"(your progress could not be saved: {error.strerror})"
    return ""
