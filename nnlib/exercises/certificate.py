"""A page to keep at the end: what was solved, how well the network reads, and one's own digits."""

import base64
import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..images.pixels import as_shades
from ..support.arrays import as_numbers
from ..support.atomic_write import atomic_write
from ..support.checks import as_whole, is_number
from ..support.paths import as_path
from ..support.takes import data, text
from .predicted import predictions
from .progress import all_progress


def certificate(
    name: str, path: Any = "certificate.html", *, accuracy: float | None = None, digits: Any = ()
) -> Path:
    """Write one HTML file that needs nothing else, and return its path.

    name      whose it is, a text
    accuracy  the share of the test images that the learner's network reads, from 0 to 1
    digits    (image, label) pairs: drawn digits, images of 784 numbers, shades from 0 to 1 or raw
              pixels from 0 to 255

    Raises ValueError for an accuracy that is no share and for images or labels that are none.
    """
    name = text("name", name)
    if accuracy is not None and not (is_number(accuracy) and 0 <= accuracy <= 1):
        raise ValueError(f"accuracy={accuracy!r} must be a share, from 0 to 1")
    rows = "".join(
        f"<tr><td>{html.escape(p.lesson)}</td><td>{len(p.solved)} of {len(p.exercises)}</td>"
        f"<td>{html.escape(', '.join(p.solved)) or '–'}</td></tr>"
        for p in all_progress()
    )
    score = "" if accuracy is None else f"<p>Test images read correctly: <b>{accuracy:.2%}</b></p>"
    made = predictions()
    if made.made:
        score += f"<p>Predictions that came true: <b>{made.right} of {made.made}</b></p>"
    pairs = [data("a digit", digit) for digit in digits]
    drawn = "".join(_figure(image, label) for image, label in pairs)
    page = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Neural Networks from Scratch</title>
<style>
body {{ font: 1.1em/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}
td, th {{ text-align: left; padding: 0.2em 1em 0.2em 0; vertical-align: top }}
figure {{ display: inline-block; margin: 0.3em; text-align: center }}
img {{ width: 84px; image-rendering: pixelated; border: 1px solid #888 }}</style>
<h1>Neural Networks from Scratch</h1>
<p>What <b>{html.escape(name)}</b> has written with numpy alone:</p>
<table><tr><th>lesson</th><th>solved</th><th>exercises</th></tr>{rows}</table>
{score}{drawn}
</html>
"""
    path = as_path(path)
    with atomic_write(path) as file:
        file.write(page.encode())
    return path


def _figure(image: Sequence[float], label: int) -> str:
    from PIL import Image

    pixels, label = as_numbers("a digit", image).ravel(), as_whole("label", label, 0)
    if pixels.size != 784:
        raise ValueError(f"a digit has {pixels.size} numbers, but must have 784: 28 rows of 28")
    pixels = as_shades("the digits", pixels).astype(np.float64)
    grey = np.rint(255 * (1 - pixels.clip(0, 1))).astype(np.uint8).reshape(28, 28)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    alt = f"A drawn {label}"
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><br>{label}</figure>'
