"""A slice of a notebook holds what its cells need, and nothing else."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .execute import notebooks
from .slices import holds_lab, is_exercise, needed, part, users


def cells(*sources):
    return [new_code_cell(source) for source in sources]


@pytest.mark.parametrize(
    ("sources", "wanted", "found"),
    [
        (["x = 1", "y = 2", "print(x)"], 2, [0, 2]),
        (["x = 1", "x = 2", "print(x)"], 2, [1, 2]),  # the latest before it
        (["x = 1", "x = x + 1", "print(x)"], 2, [0, 1, 2]),
        (["x = 1", "print(x)", "x = 2"], 1, [0, 1]),  # not one after it
        (["import a.b as c", "def f(): return c", "g = f()", "g"], 3, [0, 1, 2, 3]),
        (["import a.b", "a.b"], 1, [0, 1]),
        (["a, (b, *c) = 1, (2, 3)", "c"], 1, [0, 1]),
        (["with open('x') as f: pass", "f"], 1, [0, 1]),
        (["for i in range(3):\n    j = i", "j"], 1, [0, 1]),
        (["[i for i in range(3)]", "i"], 1, [1]),  # a comprehension keeps its names
        (["def f():\n    x = 1", "x"], 1, [1]),  # and so does a function
    ],
)
def test_every_earlier_cell_that_defines_a_name_in_use_is_needed(sources, wanted, found):
    assert needed(cells(*sources), [wanted]) == found


def test_setup_cells_are_always_needed_and_words_never():
    some = [new_markdown_cell("x = 1"), *cells("seed()", "x = 2", "x")]
    some[1].metadata.tags = ["setup"]
    assert needed(some, [3]) == [1, 2, 3]


def test_the_users_of_an_exercise_are_its_cells_and_those_that_use_its_names():
    some = cells("y = 1", "def f(): ...", "right = check(f)", "show(f if right else None)", "y")
    some[1].metadata.tags, some[2].metadata.tags = ["stub:f"], ["check:f"]
    assert users(some, is_exercise) == {1, 2, 3}


def test_a_slice_leaves_its_notebook_as_it_was():
    notebook = new_notebook(cells=cells("x = 1", "y = 2", "x"))
    before = nbformat.writes(notebook)
    assert [cell.source for cell in part(notebook, [2]).cells][1:] == ["x = 1", "x"]
    assert nbformat.writes(notebook) == before


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.name)
def test_the_labs_of_a_lesson_need_less_than_all_of_it(path):
    some = nbformat.read(path, as_version=4).cells
    labs = [i for i, cell in enumerate(some) if holds_lab(cell)]
    assert len(needed(some, labs)) < sum(cell.cell_type == "code" for cell in some)
