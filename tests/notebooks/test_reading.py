"""What a learner reads: code cells about networks, short ones, and no outcome before its time.

A statement *shows* something if it names what comes from nnlib.plots or nnlib.lab, or what was made
with it, or imports it. One line of that in a cell is the named call behind which all drawing is
meant to be; every further one is *plumbing*, the settings of a lab too. At most a tenth of what is
read in a lesson may be that. Empty lines and comments count on neither side, and neither do the
cells that nobody reads: those of `predict`, whose source is folded away, and the calls of check,
hint, progress and the like.
"""

import ast
import re

import nbformat
import pytest

from .execute import FOLDER
from .slices import tags

LESSONS = sorted(FOLDER.glob("0[1-9]_*.ipynb"))
PAGES = sorted(FOLDER.glob("*.ipynb"))
SHOWING = ("nnlib.plots", "nnlib.lab")
LONGEST = 15


def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook) -> list:
    """Return the code cells whose source is not folded away."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden")
    ]


def is_machinery(cell) -> bool:
    """Does the cell do nothing but ask for a verdict, a hint or the progress?"""
    if any(tag.startswith(("check:", "hint:")) for tag in tags(cell)):
        return True
    return bool(re.fullmatch(r"(exercises\.\w+\.\w+|progress|predictions)\(.*\)", cell.source))


def simple(tree):
    """Yield the statements of a tree, of compound ones the parts."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            yield node
        else:
            yield from simple(node)


def lines_of(node) -> set[int]:
    return set(range(node.lineno, node.end_lineno + 1))


def names_of(node) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def shows(node, showing: set[str]) -> bool:
    """Is this statement plumbing? What it imports or makes is added to `showing`."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        module = getattr(node, "module", "")
        found = {
            alias.asname or alias.name
            for alias in node.names
            if module.startswith(SHOWING) or f"{module}.{alias.name}" in SHOWING
        }
        showing |= found
        return bool(found)
    if not names_of(node) & showing:
        return False
    if isinstance(node, ast.Assign):
        showing |= set().union(*(names_of(target) for target in node.targets))
    return True


def counted(notebook) -> tuple[int, int]:
    """Return how many lines of code are read, and how many of these are plumbing."""
    total, plumbing, showing = 0, 0, set()
    for cell in code(notebook):
        if is_machinery(cell):
            continue
        text = cell.source.splitlines()
        written = {i for i, line in enumerate(text, 1) if line.split("#")[0].strip()}
        drawing = set()
        for node in simple(ast.parse(cell.source)):
            if shows(node, showing):
                drawing |= lines_of(node)
        total += len(written)
        plumbing += max(0, len(written & drawing) - 1)
    return total, plumbing


def test_plumbing_is_what_draws_beyond_one_line_a_cell():
    cells = [
        "import numpy as np\nfrom nnlib import plots\nfrom nnlib.lab import Playground",
        "x = np.ones(3)  # not plumbing\n\nlab = Playground(\n    hidden=[4],\n)\nlab.at_start()",
        "for a in x:\n    y = a\n    plots.lines(x, y)",
        "progress(exercises)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    assert counted(notebook) == (3 + 5 + 3, 1 + 3 + 0)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_at_most_a_tenth_of_what_is_read_is_plumbing(path):
    total, plumbing = counted(read(path))
    assert plumbing <= total / 10, f"{plumbing} of {total} lines"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_labels_and_words_of_a_figure_are_not_in_the_lesson(path):
    for cell in code(read(path)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.keyword):
                assert node.arg not in ("alt", "axes", "x_label", "y_label", "words"), cell.id


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_code_cell_is_longer_than_a_learner_takes_in_at_once(path):
    long = {c.id: len(c.source.splitlines()) for c in code(read(path))}
    assert max(long.values()) <= LONGEST, {i: n for i, n in long.items() if n > LONGEST}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_is_folded_away_is_nothing_but_predictions(path):
    for cell in read(path).cells:
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert hidden == ("predict" in tags(cell))
        if hidden:
            (statement,) = ast.parse(cell.source).body
            assert ast.unparse(statement).startswith("predict(")


def first_line(output) -> str:
    """Return what JupyterLab shows of a folded output: the first line of its first form."""
    data = output.get("data", {})
    text = data.get("text/html") or data.get("text/plain") or output.get("text", "")
    return next(line for line in text.split("\n") if line)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_first_line_of_a_folded_output_is_a_heading_that_gives_nothing_away(path):
    for cell in read(path).cells:
        if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            line = first_line(cell.outputs[0])
            assert line.endswith(":") and not re.search(r"\d", line), (cell.id, line)
