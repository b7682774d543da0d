"""The lessons, laid into a folder of the learner's own, where nothing of theirs is overwritten.

The folder keeps, in `.nnlib-lessons.json`, a hash of each lesson as it was laid there. So a lesson
that nobody has touched is told from one with work in it, and only the first is ever replaced.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nnlib

from ..support.atomic_write import atomic_write
from ..support.paths import as_path

LAID = ".nnlib-lessons.json"


@dataclass
class Laid:
    """What became of the lessons: their names, or for `beside` (old name, name of the new one)."""

    folder: Path
    written: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)


def source() -> Path:
    """Return the folder of the lessons that belong to this nnlib: in the wheel, or the checkout.

    Raises FileNotFoundError if there is none.
    """
    package = Path(nnlib.__file__).parent
    for folder in (package / "command" / "lessons", package.parent / "notebooks"):
        if (folder / "00_start.ipynb").is_file():
            return folder
    raise FileNotFoundError(
        f"no lessons were found in or beside {package}: install nnlib again, "
        "with pip install --force-reinstall 'nnlib[lab]'"
    )


def lay_out(folder: Any, *, update: bool = False) -> Laid:
    """Copy the lessons into `folder`, which is made if need be, and return what became of each.

    A lesson that is there already stays as it is. With `update`, one that nobody has changed is
    replaced by the newer one, and beside a changed one the newer is laid under another name.
    Raises NotADirectoryError if `folder` is a file, and OSError where it cannot be written.
    """
    folder = as_path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file: name a folder for the lessons")
    folder.mkdir(parents=True, exist_ok=True)
    laid, hashes = Laid(folder), _hashes(folder)
    for lesson in sorted(source().glob("*.ipynb")):
        new, place = lesson.read_bytes(), folder / lesson.name
        if not place.exists():
            _write(place, new)
            hashes[lesson.name] = _hash(new)
            laid.written.append(lesson.name)
        elif not update or _hash(new) in (_hash(place.read_bytes()), hashes.get(lesson.name)):
            laid.kept.append(lesson.name)
        elif _hash(place.read_bytes()) == hashes.get(lesson.name):
            _write(place, new)
            hashes[lesson.name] = _hash(new)
            laid.replaced.append(lesson.name)
        else:
            beside = folder / f"{lesson.stem} ({nnlib.__version__}).ipynb"
            if not beside.exists():
                _write(beside, new)
            laid.beside.append((lesson.name, beside.name))
    _write(folder / LAID, json.dumps(hashes, indent=1).encode())
    return laid


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path) as file:
        file.write(content)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hashes(folder: Path) -> dict[str, str]:
    """Return {lesson: hash as it was laid}; a list that cannot be read counts as empty."""
    try:
        stored = json.loads((folder / LAID).read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in stored.items()}
    except (OSError, ValueError, AttributeError):
        return {}
