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
from typing import Any

from ..support.atomic_write import atomic_write
from ..support.paths import as_path, ordinary


def path() -> Path:
    """Return where the names of the solved exercises are stored."""
    return as_path(os.environ.get("NNLIB_PROGRESS") or "~/.nnlib/progress.json")


def read() -> dict[str, list[str]]:
    """Return {lesson: [solved, …]}; nothing if there is no file that can be read."""
    try:
        stored = stored_in(path())
        return {str(k): [str(x) for x in v] for k, v in stored.items() if isinstance(v, list)}
    except (OSError, ValueError, AttributeError):
        return {}


def stored_in(file: Path) -> Any:
    """Return what the JSON in a file says; OSError or ValueError if it cannot be read."""
    ordinary(file)
    return json.loads(file.read_text(encoding="utf-8"))


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let no other process change the file meanwhile, where the system can see to that."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:  # not on Windows; in a browser the module is there, and empty
        yield
        return
    with open(file.with_name(f"{file.name}.lock"), "w") as lock:
        with contextlib.suppress(OSError):  # this file system has no locks
            flock(lock, LOCK_EX)  # until it is closed, or the process ends
        yield


@contextlib.contextmanager
def changed(file: Path) -> Iterator[dict]:
    """Give what a file of names holds, to be changed in place, and write it when the block ends.

    No other process changes it meanwhile. What is there but cannot be read is not written over: it
    is laid aside, with `.damaged` at the end of its name. Raises OSError if it cannot be written.
    """
    ordinary(file)  # nor is a device laid aside
    file.parent.mkdir(parents=True, exist_ok=True)
    with alone(file):
        try:
            stored = stored_in(file)
        except FileNotFoundError:
            stored = {}
        except ValueError:
            stored = None
        if not isinstance(stored, dict):
            os.replace(file, file.with_name(f"{file.name}.damaged"))
            stored = {}
        yield stored
        text = json.dumps(stored, indent=1, ensure_ascii=False)
        with atomic_write(file) as out:
            out.write(text.encode())


def add(lesson: str, name: str) -> str:
    """Store that an exercise is solved; return a message if that is not possible."""
    if name in read().get(lesson, []):
        return ""
    try:
        with changed(path()) as stored:  # anew: another kernel may have solved something meanwhile
            before = stored.get(lesson)
            names = before if isinstance(before, list) else []
            stored[lesson] = names if name in names else [*names, name]
    except OSError as error:
        return f"(your progress could not be saved: {error.strerror})"
    return ""
