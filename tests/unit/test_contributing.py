"""The walks of CONTRIBUTING lead where it says, done as it says, in a copy of the repository.

The walk to a lesson is proven by test_new_lesson.py, the one to a lab by test_make_a_lab.py.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.nightly  # about a minute


@pytest.fixture
def copy(tmp_path):
    """A copy of the repository that may be changed."""
    left_out = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "runs")
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=left_out))


def python_of(heading: str) -> list[str]:
    """Return the blocks of Python in CONTRIBUTING under this heading."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [block.strip("\n") for block in re.findall(r"```py\n(.*?)```", section, re.DOTALL)]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_optimizer_takes_one_class_and_its_definition(copy):
    made, definition = (textwrap.dedent(block) for block in python_of("An optimizer"))
    optimizers = copy / "nnlib" / "optimizers.py"
    optimizers.write_text(optimizers.read_text(encoding="utf-8") + "\n\n" + made + "\n")
    tests = copy / "tests" / "unit" / "test_optimizers.py"
    edit(tests, "\nKINDS = [", "\nfrom nnlib.optimizers import AdaGrad\n\nKINDS = [AdaGrad, ")
    indented = textwrap.indent(definition, 8 * " ")
    edit(tests, "        path.append(x)\n", f"{indented}\n        path.append(x)\n")
    command = ("-m", "pytest", "-q", "-p", "no:nbval", "-o", "addopts=", str(tests))
    done = run(copy, *command)
    assert done.returncode == 0, done.stdout[-3000:]
    edit(optimizers, "self.s += g * g", "self.s += g")
    assert run(copy, *command, "-k", "AdaGrad").returncode == 1


def test_an_exercise_takes_an_answer_four_cells_and_wrong_answers(copy):
    answer, stub, right, wrong = (textwrap.dedent(block) for block in python_of("An exercise"))
    for path, block in (
        (copy / "nnlib" / "exercises" / "loss.py", answer),
        (copy / "tests" / "notebooks" / "right_answers.py", right),
        (copy / "tests" / "notebooks" / "wrong_answers" / "lesson_02_loss.py", wrong),
    ):
        path.write_text(path.read_text(encoding="utf-8") + "\n\n" + block + "\n", encoding="utf-8")
    path = copy / "notebooks" / "02_loss.ipynb"
    notebook = nbformat.read(path, as_version=4)
    last = max(
        i
        for i, cell in enumerate(notebook.cells)
        if any(tag.startswith("solution:") for tag in cell.metadata.get("tags", []))
    )
    solution = (
        "<details><summary>Solution</summary>\n\n```python\ndef accuracy(z, labels):\n"
        "    return np.mean(z.argmax(axis=1) == labels)\n```\n\n</details>"
    )
    code, words = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [
        code(stub, metadata={"tags": ["stub:accuracy"]}),
        code("exercises.accuracy.check(accuracy)", metadata={"tags": ["check:accuracy"]}),
        code("exercises.accuracy.hint()", metadata={"tags": ["hint:accuracy"]}),
        words(solution, metadata={"tags": ["solution:accuracy"]}),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"accuracy-{number}"
    notebook.cells[last + 1 : last + 1] = cells
    nbformat.write(notebook, path)
    done = run(copy, "tests/notebooks/execute.py", "02_loss.ipynb")
    assert done.returncode == 0, done.stderr[-3000:]
    done = run(copy, "-m", "pytest", "-q", "tests/notebooks", "-k", "02_loss")
    assert done.returncode == 0, done.stdout[-3000:]
    tried = run(copy, "-m", "pytest", "-q", "--collect-only", "tests/notebooks", "-k", "accuracy")
    assert "accuracy" in tried.stdout
