"""The template of a lesson makes a lesson: stub, check, solution and diagnoses work."""

import importlib.util
import runpy
import sys
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.lessons import Lesson

ROOT = Path(__file__).parents[2]


@pytest.fixture
def new():
    return runpy.run_path(str(ROOT / "docs" / "lesson_template" / "new_lesson.py"))


@pytest.fixture
def lesson(new, tmp_path, monkeypatch):
    """A lesson begun in an empty folder, as `Lesson` reads those of the course."""
    for folder in ("notebooks", "nnlib/exercises", "tests/notebooks/wrong_answers"):
        (tmp_path / folder).mkdir(parents=True)
    notebook, exercises, wrong = new["begin"]("96_distance", tmp_path)
    spec = importlib.util.spec_from_file_location("nnlib.exercises.distance", exercises)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "nnlib.exercises.distance", module)
    monkeypatch.setattr(sys.modules["nnlib.exercises"], "distance", module, raising=False)
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    made = Lesson(notebook)
    made.wrong = runpy.run_path(str(wrong))["WRONG"]
    return made


def test_nothing_of_the_template_is_left_in_a_lesson(lesson, tmp_path):
    nbformat.validate(lesson.notebook)
    assert lesson.notebook.cells[0].source.startswith("# 96 · distance")
    written = [path for path in tmp_path.rglob("*.*") if path.parent.name != "__pycache__"]
    assert len(written) >= 3
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "NUMBER" not in text and "NAME" not in text and "template" not in text, path


def test_its_exercises_know_right_from_wrong(lesson):
    assert lesson.exercises
    for name, exercise in lesson.exercises.items():
        assert exercise.lesson == "96_distance"
        assert lesson.check(name, None).outcome == "not attempted"
        assert lesson.check(name, lesson.solution(name)).outcome == "correct"
    assert len(lesson.wrong) >= 3 * len(lesson.exercises)
    for name, source, words in lesson.wrong:
        assert words in lesson.check(name, source).finding.why


@pytest.mark.parametrize("name", ["convolution", "6_x", "06-x", "06_", "06_X", "../06_x"])
def test_a_name_that_is_none_of_a_lesson_is_refused(new, name, tmp_path):
    with pytest.raises(ValueError, match="such as 06_convolution"):
        new["begin"](name, tmp_path)


def test_a_lesson_that_exists_is_not_overwritten(new):
    with pytest.raises(ValueError, match="exists already"):
        new["begin"]("02_loss")
