"""A page to keep at the end: what was solved, how well the network reads, and one's own digits."""

import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..images.pixels import as_shades
from ..support.arrays import as_numbers
from ..support.atomic_write import atomic_write
from ..support.checks import as_whole, is_number
from ..support.paths import as_path
from ..support.takes import data, mapping, text
from ..support.words import shown
from .predicted import predictions
from .progress import CourseProgress, all_progress
from .results import Digit, latest

# The data of a page, for whoever reads many of them: see `nnlib.exercises.collect`.
FORMAT = "nnlib certificate, version 1"
BEFORE, AFTER = '<script type="application/json" id="nnlib-certificate">', "</script>"
DATA = re.compile(f"{BEFORE}(.*?){AFTER}", re.DOTALL)
SEAL = re.compile(r"<!-- seal ([0-9a-f]{32}) -->\s*\Z")


def certificate(
    name: str,
    path: Any = "certificate.html",
    *,
    accuracy: float | None = None,
    digits: Any = (),
    goals: Any = None,
) -> Path:
    """Write one HTML file that needs nothing else, and return its path.

    name      whose it is, a text
    accuracy  the share of the test images that the learner's network reads, from 0 to 1
    digits    (image, label) pairs: drawn digits, images of 784 numbers, shades from 0 to 1 or raw
              pixels from 0 to 255; a DigitPad's `added` are such pairs
    goals     labs that have a goal, by name, {"homework": playground}: how far each has come

    Accuracy and digits that are not given are those of the page before: lesson 5 has them, and the
    last lesson asks for the page once more.

    The page holds its data as JSON too, and a seal, by which `nnlib collect` tells whether it was
    changed afterwards. That is no proof of who did the work: nnlib is open, and so is its seal.

    Raises ValueError for an accuracy that is no share, for images or labels that are none and for
    labs without a goal.
    """
    name = text("name", name)
    if accuracy is not None and not (is_number(accuracy) and 0 <= accuracy <= 1):
        raise ValueError(f"accuracy={shown(accuracy)} must be a share, from 0 to 1")
    accuracy, drawn = latest(accuracy, [_drawn(*data("a digit", digit)) for digit in digits])
    course = all_progress()
    rows = "".join(
        f"<tr><td>{html.escape(p.lesson)}</td><td>{len(p.solved)} of {len(p.exercises)}</td>"
        f"<td>{html.escape(', '.join(p.solved)) or '–'}</td></tr>"
        for p in course
    )
    score = "" if accuracy is None else f"<p>Test images read correctly: <b>{accuracy:.2%}</b></p>"
    made = predictions()
    if made.made:
        score += f"<p>Predictions that came true: <b>{made.right} of {made.made}</b></p>"
    reached = {} if goals is None else _goals(mapping("a lab with a goal")("goals", goals))
    score += "".join(
        f"<p>{html.escape(goal)}: {html.escape(words)}</p>" for goal, (_, words) in reached.items()
    )
    whose = f"What <b>{html.escape(name)}</b> has written" if name.strip() else "Written"
    figures = "".join(_figure(grey, label) for grey, label in drawn)
    facts = _facts(name, course, accuracy, len(drawn), reached)
    page = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Neural Networks from Scratch</title>
<style>
body {{ font: 1.1em/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}
td, th {{ text-align: left; padding: 0.2em 1em 0.2em 0; vertical-align: top }}
figure {{ display: inline-block; margin: 0.3em; text-align: center }}
img {{ width: 84px; image-rendering: pixelated; border: 1px solid #888 }}</style>
<h1>Neural Networks from Scratch</h1>
<p>{whose} with numpy alone:</p>
<table><tr><th>lesson</th><th>solved</th><th>exercises</th></tr>{rows}</table>
{score}{figures}
{BEFORE}{facts}{AFTER}
</html>
"""
    path = as_path(path)
    with atomic_write(path) as file:
        file.write(sealed(page).encode())
    return path


def sealed(page: str) -> str:
    """Return a page with its seal, a comment at its end."""
    return f"{page}<!-- seal {_digest(page)} -->\n"


def is_sealed(page: str) -> bool:
    """Return whether the seal is that of the page: nothing was changed after it was written."""
    seal = SEAL.search(page)
    return seal is not None and seal[1] == _digest(page[: seal.start()])


def _digest(page: str) -> str:
    # However the lines end: on the way by mail that may change.
    lines = page.replace("\r\n", "\n")
    return hashlib.blake2b(lines.encode(), digest_size=16).hexdigest()


def _goals(labs: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    """Return whether each lab's goal is reached, and how it stands in words."""
    for name, lab in labs.items():
        if not getattr(lab, "goal", None):
            raise ValueError(
                f"goals[{name!r}] must be a lab that has a goal, not {type(lab).__name__} without"
            )
    return {str(name): (lab.goal_reached, lab.progress.words()) for name, lab in labs.items()}


def _facts(
    name: str,
    course: CourseProgress,
    accuracy: float | None,
    n_digits: int,
    goals: dict[str, tuple[bool, str]],
) -> str:
    """Return what the page says as JSON, as it can stand within HTML."""
    made = predictions()
    data = {
        "format": FORMAT,
        "name": name,
        "lessons": {p.lesson: [list(p.solved), len(p.exercises)] for p in course},
        "predictions": [made.right, made.made],
        "accuracy": None if accuracy is None else float(accuracy),
        "digits": n_digits,
        "goals": goals,
    }
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _drawn(image: Sequence[float], label: int) -> Digit:
    """Return a digit in greys, 0 for ink and 255 for paper, with its label."""
    pixels, label = as_numbers("a digit", image).ravel(), as_whole("label", label, 0)
    if pixels.size != 784:
        raise ValueError(f"a digit has {pixels.size} numbers, but must have 784: 28 rows of 28")
    pixels = as_shades("the digits", pixels).astype(np.float64)
    return np.rint(255 * (1 - pixels.clip(0, 1))).astype(np.uint8), label


def _figure(grey: np.ndarray, label: int) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(grey.reshape(28, 28)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    alt = f"A drawn {label}"
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><br>{label}</figure>'
