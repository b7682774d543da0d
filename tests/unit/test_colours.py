"""Every colour has one home, and stands out from what it is drawn on."""

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from nnlib.lab.widget import _STATIC, front_end, style_sheet
from nnlib.support import colours

# JupyterLab's --jp-layout-color1, on which the labs stand, in its light and its dark theme.
PAGES = ("#FFFFFF", "#212121")
LINES = ("TRAINING", "VALIDATION", "POSITIVE", "NEGATIVE", "MUTED", "INK")

PAIRS = [(name, *getattr(colours, name)) for name in LINES]
PAIRS += [(f"run {i}", light, dark) for i, (light, dark, _) in enumerate(colours.RUNS)]


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name, light, dark", PAIRS, ids=[name for name, *_ in PAIRS])
def test_every_line_stands_out_from_its_page(name, light, dark):
    # WCAG 2, 1.4.11: 3 to 1 for what must be seen to understand a picture.
    for colour, page in zip((light, dark), PAGES, strict=True):
        assert contrast(colour, page) >= 3, (colour, page)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_stands_out_from_its_page(theme):
    # WCAG 2, 1.4.3: 4.5 to 1 for text.
    for name in ("INK", "MUTED", "ALERT"):
        assert contrast(getattr(colours, name)[theme], PAGES[theme]) >= 4.5, name


@pytest.mark.parametrize("theme", [0, 1])
def test_runs_differ_in_hue_and_in_dashes(theme):
    assert len({run[2] for run in colours.RUNS}) == len(colours.RUNS)
    for one, other in combinations([channels(run[theme]) for run in colours.RUNS], 2):
        assert np.linalg.norm(np.subtract(one, other)) > 0.2


def test_the_front_end_is_given_them_and_has_none_of_its_own():
    first = front_end("playground.js").splitlines()[0]
    given = json.loads(re.fullmatch(r"const COLOURS = (.*);", first)[1])
    assert given["training"] == list(colours.TRAINING)
    assert given["runs"][1] == ["#D55E00", "#E69F00", [8, 4]]
    assert "--nnlib-positive: #56B4E9;" in style_sheet()

    ours = {text.upper() for text in re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(given))}
    # Greys mean nothing by themselves: they are also what a page has without JupyterLab.
    ours -= {colour for colour in ours if colour[1:3] == colour[3:5] == colour[5:7]}
    files = [*Path(_STATIC).glob("*.js"), *Path(_STATIC).glob("*.css")]
    assert len(files) > 5
    for file in files:
        written = {c.upper() for c in re.findall(r"#[0-9A-Fa-f]{6}", file.read_text("utf-8"))}
        assert written & ours == set(), file.name
