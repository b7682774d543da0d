"""Certificates read again: a folder of them as one table, for whoever teaches.

Each file is one line of the table. What cannot be read, or was changed after nnlib had written it,
is a line too, which says so: nothing is left out.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..support.checks import is_number
from ..support.paths import as_path
from .certificate import DATA, FORMAT, is_sealed

LARGEST = 20_000_000  # bytes: a hundred drawn digits take a twentieth of that


@dataclass(frozen=True)
class Collected:
    """What one file says.

    file         its name
    problem      why nothing of it is believed, or ''
    name         whose certificate it is
    lessons      {lesson: (exercises solved, exercises there are)}
    predictions  (came true, made)
    accuracy     the share of the test images that the network reads, None if it is not told
    goals        {name: (whether it was reached, how it stands in words)}
    """

    file: str
    problem: str = ""
    name: str = ""
    lessons: dict[str, tuple[int, int]] | None = None
    predictions: tuple[int, int] = (0, 0)
    accuracy: float | None = None
    goals: dict[str, tuple[bool, str]] = field(default_factory=dict)


def collect(folder: Any) -> list[Collected]:
    """Return what the certificates in a folder say, each .html file once, by name of the file.

    Raises NotADirectoryError, or FileNotFoundError if there is no such file in it.
    """
    folder = as_path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder: name the one that holds the certificates")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".html", ".htm"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no .html file: each certificate is one")
    return [_read(path, str(path.relative_to(folder))) for path in files]


def _read(path: Path, file: str) -> Collected:
    try:
        with open(path, "rb") as opened:
            page = opened.read(LARGEST + 1).decode()
    except OSError as error:
        return Collected(file, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return Collected(file, "damaged: it is no text")
    found = DATA.findall(page)
    if "Neural Networks from Scratch" not in page:
        return Collected(file, "no certificate")
    if not found:
        return Collected(file, "without data: written by an older nnlib, or cut short")
    if not is_sealed(page):
        return Collected(file, "changed after it was written, or damaged on the way")
    try:
        return _believed(json.loads(found[-1]), file)
    except (ValueError, TypeError, KeyError):
        return Collected(file, "its data are not those of a certificate")


def _believed(data: dict, file: str) -> Collected:
    """Return the data of a certificate; raises an error if they are something else."""
    lessons = {str(k): (len(solved), int(of)) for k, (solved, of) in data["lessons"].items()}
    right, made = map(int, data["predictions"])
    accuracy = data["accuracy"]
    goals = {str(k): (bool(reached), str(words)) for k, (reached, words) in data["goals"].items()}
    if data["format"] != FORMAT or not isinstance(data["name"], str):
        raise ValueError
    if accuracy is not None and not (is_number(accuracy) and 0 <= accuracy <= 1):
        raise ValueError
    return Collected(file, "", data["name"], lessons, (right, made), accuracy, goals)


def rows(collected: Iterable[Collected]) -> list[list[str]]:
    """Return a table of texts, its header first: a column a lesson, in the order of the course."""
    collected = list(collected)
    lessons = list(dict.fromkeys(l for each in collected for l in each.lessons or {}))
    goals = list(dict.fromkeys(g for each in collected for g in each.goals))
    header = ["file", "name", *lessons, "all", "predictions", "test accuracy", *goals, "note"]
    table = [header]
    for each in collected:
        there = each.lessons or {}
        cells = [f"{there[l][0]} of {there[l][1]}" if l in there else "" for l in lessons]
        total = [sum(numbers) for numbers in zip(*there.values(), strict=True)]
        table.append(
            [
                each.file,
                each.name,
                *cells,
                f"{total[0]} of {total[1]}" if total else "",
                f"{each.predictions[0]} of {each.predictions[1]}" if there else "",
                "" if each.accuracy is None else f"{each.accuracy:.2%}",
                *(each.goals[g][1] if g in each.goals else "" for g in goals),
                each.problem,
            ]
        )
    return table


def as_text(table: list[list[str]]) -> str:
    """Return a table for the eye, its columns in line."""
    table = [["".join(c for c in cell if c.isprintable()) for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def as_csv(table: list[list[str]]) -> str:
    """Return a table for a spreadsheet, which must not take a name for a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in row]
        for row in table
    )
    return file.getvalue()
