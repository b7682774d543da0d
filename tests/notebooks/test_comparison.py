"""Plain `pytest` runs every notebook and compares what it saved: a changed output fails.

The comparison is nbval's; here it is pointed, with the settings of pyproject.toml,
at scratch notebooks, to see that it fails and passes where it should.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from .execute import main

REPO = Path(__file__).parents[2]


def pytest_on(path):
    """Run pytest as `make test` does, but on this notebook; return the finished process."""
    settings = ["-c", str(REPO / "pyproject.toml"), "--rootdir", str(path.parent)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "-p", "no:cacheprovider", "-q", str(path)],
        cwd=REPO,
        capture_output=True,
        text=True,
    )


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# What differs from run to run: an address, the name of the cell's file, a picture's ids.
PASS = [
    "import io, matplotlib.pyplot as plt, warnings\n"
    "from IPython.display import HTML, SVG, display\n"
    "print('loss', 0.125)",
    "object()",
    "warnings.warn('steep')",
    "f = io.StringIO(); plt.plot([1, 2], marker='o')\n"
    "plt.savefig(f, format='svg'); plt.close(); SVG(f.getvalue())",
]
# (cell, what is changed in the file after it was saved, into what, why it must fail)
FAIL = [
    ("print('loss', 0.25)", "loss 0.25\\n", "loss 0.24\\n", "Cell outputs differ"),
    ("0.5 * 0.75", '"0.375"', '"0.374"', "Cell outputs differ"),
    ("HTML(f'<b>{0.5 * 1.25}</b>')", "<b>0.625</b>", "<b>0.624</b>", "Cell outputs differ"),
    ("x = 1", '"x = 1"', '"x = 1 / 0"', "ZeroDivisionError"),
]


@pytest.mark.nightly
def test_cells_as_they_were_saved_pass_and_a_changed_one_fails(tmp_path):
    path = tmp_path / "scratch.ipynb"
    cells = map(new_code_cell, [*PASS, *(source for source, _, _, _ in FAIL)])
    nbformat.write(new_notebook(cells=list(cells)), path)
    assert main([str(path)]) == 0
    for _, old, new, _ in FAIL:
        change(path, old, new)
    result = pytest_on(path)
    assert result.returncode == 1
    assert f"{len(FAIL)} failed, {len(PASS)} passed" in result.stdout, result.stdout
    reports = result.stdout.split("scratch.ipynb::Cell ")[1:]
    said = {int(report.split(None, 1)[0]): report for report in reversed(reports)}
    assert sorted(said) == list(range(len(PASS), len(PASS) + len(FAIL)))
    for number, (_, _, _, why) in enumerate(FAIL, start=len(PASS)):
        assert why in said[number]


def test_every_notebook_of_the_course_is_compared_by_plain_pytest(pytestconfig):
    assert "notebooks" in pytestconfig.getini("testpaths")
    only = ["notebooks", "--collect-only", "-q", "-p", "no:cacheprovider"]
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", *only], cwd=REPO, capture_output=True, text=True
    ).stdout
    for path in (REPO / "notebooks").rglob("*.ipynb"):
        if not any(part.startswith(".") for part in path.relative_to(REPO).parts):
            assert f"{path.relative_to(REPO).as_posix()}::" in listing
