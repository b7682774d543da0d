"""Parts of a notebook that run by themselves: chosen cells, and those that define what they use.

Every notebook is executed from top to bottom once, by nbval. Whoever wants to know more about some
of its cells (that the labs answer in a browser, that solutions pass the checks) runs a slice: these
cells, all cells tagged `setup`, and every earlier cell that assigns, defines or imports a name that
is used, as often as needed. What a cell changes in place is not followed, which is how trainings
are left out; and of a thousand samples or more `nnlib.train` makes a single epoch.
"""

import ast
from collections.abc import Callable, Iterable

import nbformat
from nbformat.v4 import new_code_cell

LIVE = "It is live in JupyterLab"  # in the words of every lab, where its picture is saved

SHORT = """
import functools, nnlib

def _briefly(network, X, *more, _train=nnlib.train, **settings):
    return _train(network, X, *more, **settings | ({"epochs": 1} if len(X) >= 1000 else {}))

nnlib.train = functools.wraps(nnlib.train)(_briefly)
"""


# The picture that stands in for a lab in a saved copy takes a second or more to draw, and is not
# seen where the lab is alive. Until `Lab.whole()` puts it back, it is left out.
LIVE_ALONE = """
import anywidget
from nnlib.lab.widget import Lab
def whole(bundle=Lab._repr_mimebundle_):
    from nnlib.lab.widget import Lab
    Lab._repr_mimebundle_ = bundle
    del Lab.whole
if not hasattr(Lab, "whole"):
    Lab._repr_mimebundle_, Lab.whole = anywidget.AnyWidget._repr_mimebundle_, staticmethod(whole)
del anywidget, Lab, whole
"""


def tags(cell) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def holds_lab(cell) -> bool:
    """Is a lab what this code cell shows (in the notebook as it was saved)?"""
    texts = (output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))
    return any(LIVE in text for text in texts)


def is_exercise(cell) -> bool:
    """Is this the stub or the check of an exercise?"""
    return any(tag.startswith(("stub:", "check:")) for tag in tags(cell))


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell defines at its top level, and those that it uses anywhere."""
    tree = ast.parse(source)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    defined = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defined |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
            todo += ast.iter_child_nodes(node)
    return defined, used


def needed(cells: list, wanted: Iterable[int]) -> list[int]:
    """Return the numbers of the wanted cells and of all code cells that must run before them."""
    code = {i: names(cell.source) for i, cell in enumerate(cells) if cell.cell_type == "code"}
    found = {i for i in code if "setup" in tags(cells[i])}
    todo = [*wanted, *found]
    while todo:
        i = todo.pop()
        found.add(i)
        for name in code[i][1]:
            before = [j for j in code if j < i and name in code[j][0]]
            todo += set(before[-1:]) - found
    return sorted(found)


def users(cells: list, of: Callable) -> set[int]:
    """Return the numbers of the code cells that `of` chooses, and of those that use their names."""
    chosen = {i for i, cell in enumerate(cells) if cell.cell_type == "code" and of(cell)}
    defined = set().union(*(names(cells[i].source)[0] for i in chosen))
    return chosen | {
        i
        for i, cell in enumerate(cells)
        if cell.cell_type == "code" and names(cell.source)[1] & defined
    }


def part(notebook, wanted: Iterable[int]):
    """Return a notebook of the wanted cells and what they need, without what takes long."""
    short = nbformat.from_dict(notebook)
    short.cells = [new_code_cell(SHORT)] + [short.cells[i] for i in needed(notebook.cells, wanted)]
    return short
