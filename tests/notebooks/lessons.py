"""The exercises of a lesson as its notebook holds them: stub, check and solution by their tags.

A code cell tagged `stub:NAME` is what the learner fills in, one tagged `check:NAME` checks it,
and the Python block in the Markdown cell tagged `solution:NAME` solves it. A code cell
tagged `setup` imports what all of them need.
"""

import ast
import importlib
import re
from pathlib import Path

import nbformat

from nnlib.exercises import Exercise, Verdict

from .execute import notebooks

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


class Lesson:
    """One notebook and the module of nnlib.exercises that belongs to it."""

    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        self.notebook = nbformat.read(path, as_version=4)
        self.module = importlib.import_module(f"nnlib.exercises.{self.name.partition('_')[2]}")
        self.exercises = {x.name: x for x in vars(self.module).values() if isinstance(x, Exercise)}

    def cells(self, kind: str) -> dict:
        """Return {name: cell} of the cells tagged `kind:name`, in order."""
        return {
            tag.removeprefix(f"{kind}:"): cell
            for cell in self.notebook.cells
            for tag in cell.metadata.get("tags", [])
            if tag.startswith(f"{kind}:")
        }

    def solution(self, name: str) -> str:
        """Return the code that solves an exercise."""
        return "\n".join(BLOCK.findall(self.cells("solution")[name].source))

    def solved(self):
        """Return the notebook with each solution in place of its stub."""
        notebook = nbformat.from_dict(self.notebook)
        for cell in notebook.cells:
            for tag in cell.metadata.get("tags", []):
                if tag.startswith("stub:"):
                    cell.source = self.solution(tag.removeprefix("stub:"))
        return notebook

    def namespace(self) -> dict:
        """Return what the cells tagged `setup` define."""
        names: dict = {"__name__": "__main__"}
        for cell in self.notebook.cells:
            if "setup" in cell.metadata.get("tags", []):
                exec(compile(cell.source, f"{self.name}, setup", "exec"), names)
        return names

    def attempt(self, name: str, source: str | None) -> tuple[Exercise, object]:
        """Return the exercise and what its check cell hands to `check`.

        `source` stands in the stub (None: the stub as it is), the exercises before it are solved.
        """
        names = self.namespace()
        stubs = self.cells("stub")
        for other in stubs:
            if other == name:
                break
            exec(compile(self.solution(other), f"solution of {other}", "exec"), names)
        source = stubs[name].source if source is None else source
        exec(compile(source, f"attempt at {name}", "exec"), names)
        return self.exercises[name], self.handed_over(name, names)

    def handed_over(self, name: str, names: dict) -> object:
        """Return what the check cell of an exercise hands to `check`, given the names defined."""
        *before, last = ast.parse(self.cells("check")[name].source).body
        exec(compile(ast.Module(before, []), "check", "exec"), names)
        call = last.value
        assert ast.unparse(call.func) == f"exercises.{name}.check", f"no check of {name}"
        (argument,) = call.args
        return eval(compile(ast.Expression(argument), "check", "eval"), names)

    def check(self, name: str, source: str | None, seed: int = 0) -> Verdict:
        """Return what the check cell says of this attempt, with the numbers of this seed."""
        exercise, attempt = self.attempt(name, source)
        return exercise.check(attempt, seed=seed)


def lessons() -> list[Lesson]:
    """Return the lessons that hold exercises."""
    found = []
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
        if any(tag.startswith("stub:") for tag in tags):
            found.append(Lesson(path))
    return found
