"""The times that the lessons state are counted, and are the same wherever they stand.

Words at 130 a minute, folded answers too but no solutions; 7 minutes for an exercise, 4 for a
lab, 1½ for a displayed formula: as the appendix says. The one exercise of the first page, which
asks for 2 * x, takes 2.
"""

import re

import nbformat
import pytest

from .execute import FOLDER
from .slices import holds_lab, tags

LESSONS = sorted(FOLDER.glob("0[1-9]_*.ipynb"))
PARTS = {"": 0.0, "¼": 0.25, "½": 0.5, "¾": 0.75}
HOURS = r"(\d?[¼½¾]?) hours?"


def counted(notebook, an_exercise: float = 7) -> float:
    """Return the minutes of a lesson, given those for one of its exercises."""
    minutes = 0.0
    for cell in notebook.cells:
        if any(tag.startswith("solution:") for tag in tags(cell)):
            continue
        if cell.cell_type == "markdown":
            text, formulas = re.subn(r"\$\$.*?\$\$", "", cell.source, flags=re.DOTALL)
            minutes += len(text.split()) / 130 + 1.5 * formulas
        else:
            exercise = any(tag.startswith("stub:") for tag in tags(cell))
            minutes += an_exercise * exercise + 4 * holds_lab(cell)
    return minutes


def minutes(text: str) -> float:
    """Return 90 for '1½'."""
    whole, part = re.fullmatch(r"(\d?)([¼½¾]?)", text).groups()
    return 60 * (int(whole or 0) + PARTS[part])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_time_of_a_lesson_is_what_is_counted(path):
    notebook = nbformat.read(path, as_version=4)
    stated = re.search(rf"\*\*Time\*\* {HOURS}", notebook.cells[0].source)[1]
    assert abs(minutes(stated) - counted(notebook)) < 15, counted(notebook)
    for other in (FOLDER / "00_start.ipynb", FOLDER.parent / "README.md"):
        row = re.search(rf"{path.name}\) \| (?:about )?{HOURS} \|", other.read_text("utf-8"))
        assert row and row[1] == stated, other.name


def test_the_first_page_takes_about_ten_minutes():
    notebook = nbformat.read(FOLDER / "00_start.ipynb", as_version=4)
    assert "ten minutes" in notebook.cells[0].source
    assert 8 <= counted(notebook, an_exercise=2) <= 12
