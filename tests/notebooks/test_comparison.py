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


@pytest.fixture
def executed(tmp_path):
    """Return a function that saves an executed notebook of these cells, and its path."""

    def save(*sources):
        path = tmp_path / "scratch.ipynb"
        nbformat.write(new_notebook(cells=list(map(new_code_cell, sources))), path)
        assert main([str(path)]) == 0
        return path

    return save


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


def test_an_unchanged_notebook_passes(executed):
    # What differs from run to run: an address, the name of the cell's file, a picture's ids.
    path = executed(
        "import matplotlib.pyplot as plt, warnings\nfrom IPython.display import SVG, display\n"
        "print('loss', 0.25)",
        "object()",
        "warnings.warn('steep')",
        "import io; f = io.StringIO(); plt.plot([1, 2], marker='o')\n"
        "plt.savefig(f, format='svg'); plt.close(); SVG(f.getvalue())",
    )
    result = pytest_on(path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "4 passed" in result.stdout


@pytest.mark.parametrize(
    "source, old, new",
    [
        ("print('loss', 0.25)", "loss 0.25\\n", "loss 0.24\\n"),
        ("0.5 * 0.5", '"0.25"', '"0.24"'),
        (
            "from IPython.display import HTML; HTML(f'<b>{0.5 * 0.5}</b>')",
            "<b>0.25</b>",
            "<b>0.24</b>",
        ),
    ],
    ids=["stream", "result", "html"],
)
def test_a_changed_output_fails(executed, source, old, new):
    path = executed("x = 1", source)
    change(path, old, new)
    result = pytest_on(path)
    assert result.returncode == 1
    assert "Cell outputs differ" in result.stdout
    assert "1 failed, 1 passed" in result.stdout


def test_a_cell_that_raises_fails(executed):
    path = executed("x = 1")
    change(path, '"x = 1"', '"x = 1 / 0"')
    result = pytest_on(path)
    assert result.returncode == 1
    assert "ZeroDivisionError" in result.stdout


def test_every_notebook_of_the_course_is_compared_by_plain_pytest():
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=REPO,
        capture_output=True,
        text=True,
    ).stdout
    for path in (REPO / "notebooks").rglob("*.ipynb"):
        if not any(part.startswith(".") for part in path.relative_to(REPO).parts):
            assert f"{path.relative_to(REPO).as_posix()}::" in listing
