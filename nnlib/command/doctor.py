"""Is everything here that the course needs? One line a point, and what to do where it is not."""

import os
import re
import sys
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from . import lessons

# The front-ends by which JupyterLab shows a widget; pip lays them beside JupyterLab's own.
FRONT_ENDS = {
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets",
    "anywidget": "anywidget",
}


@dataclass(frozen=True)
class Point:
    """One thing that was looked at.

    what    what it is, and how it stands
    remedy  what to do about it; empty where all is well
    """

    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"problem  {self.what}: {self.remedy}" if self.remedy else f"fine     {self.what}"


def examine() -> list[Point]:
    """Return how each thing stands that the course needs."""
    version = ".".join(map(str, sys.version_info[:3]))
    python = "" if sys.version_info >= (3, 11) else "the course needs Python 3.11 or newer"
    points = [Point(f"Python {version}", python), *_packages(), *_front_ends()]
    return [*points, _browser(), _lessons(), _progress()]


def _packages() -> Iterator[Point]:
    for line in metadata.requires("nnlib") or []:
        name, least, extra = _requirement(line)
        if extra not in ("", "lab"):
            continue
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Point(f"{name} is missing", "pip install 'nnlib[lab]'")
            continue
        old = _numbers(here) < _numbers(least)
        yield Point(f"{name} {here}", f"pip install '{name}>={least}'" if old else "")


def _requirement(line: str) -> tuple[str, str, str]:
    """Return name, least version and extra of a line like `numpy>=2.0; extra == 'lab'`."""
    found = re.match(r"([\w.-]+)\s*(?:>=\s*([\w.]+))?", line)
    assert found is not None  # as pyproject.toml says it
    extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
    return found[1], found[2] or "0", extra[1] if extra else ""


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers a version begins with: (3, 11) of 3.11.0rc1, without zeros at its end."""
    numbers = [int(n) for n in re.match(r"\d+(?:\.\d+)*", version)[0].split(".")]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _front_ends() -> Iterator[Point]:
    try:
        from jupyter_core.paths import jupyter_path
    except ModuleNotFoundError:
        return  # then JupyterLab is missing, which has been said
    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    for name, package in FRONT_ENDS.items():
        there = any((folder / name / "package.json").is_file() for folder in folders)
        remedy = "" if there else f"it is missing: pip install --force-reinstall {package}"
        yield Point(f"JupyterLab's part of {package}", remedy)


def _browser() -> Point:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return Point(
            "no browser was found",
            "JupyterLab prints an address: open it in a browser, here or through a tunnel",
        )
    return Point("a browser")


def _lessons() -> Point:
    try:
        return Point(f"{len(list(lessons.source().glob('*.ipynb')))} lessons")
    except FileNotFoundError as error:
        return Point("no lessons", str(error))


def _progress() -> Point:
    from ..exercises import solved

    place = solved.path()
    folder = next(p for p in (place.parent, *place.parent.parents) if p.exists())
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Point(f"progress is kept in {place}")
    return Point(
        f"progress cannot be kept in {place}",
        "let NNLIB_PROGRESS name a file in a folder that you may write to",
    )
