"""A learner who solves every exercise, and brings the functions of earlier lessons along."""

import linecache

import pytest

from nnlib.exercises import mine, progress

from .lessons import lessons

# What lesson 5 asks for, with nothing new but the loss.
PIECES = """
from nnlib.exercises import mine

forward, backward, update = mine().forward, mine().backward, mine().update


def loss(output, y):
    return -np.log(np.maximum((y * output).sum(axis=1), 1e-12)).mean()
"""


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "kept" / "progress.json"))


def run_cell(source: str, names: dict) -> None:
    """Run a cell as a kernel does, which keeps its text."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)


def test_all_lessons_are_solved_with_functions_kept_from_one_to_the_next():
    kept = {}
    for lesson in lessons():
        names = lesson.namespace()
        for name, exercise in lesson.exercises.items():
            run_cell(PIECES if name == "pieces" else lesson.solution(name).lstrip(), names)
            attempt = lesson.handed_over(name, names)
            assert exercise.check(attempt, seed=0), name
            if getattr(attempt, "__name__", None) == name:
                kept[name] = exercise, lesson
    assert all(p.solved == p.exercises for p in progress())
    # What is kept is what passed, and works by itself: with numpy, nnlib and what else is kept.
    own = vars(mine())
    assert own.keys() == kept.keys() | {"loss"}  # which lesson 5 asks for among its pieces
    for name, (exercise, lesson) in kept.items():
        if lesson.name != "07_beyond":  # whose functions work on a class of that page
            assert exercise.check(own[name], seed=1), name
