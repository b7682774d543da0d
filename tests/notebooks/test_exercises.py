"""The exercises of every lesson: solutions pass, stubs are not attempted, mistakes get their words.

The wrong answers are in `wrong_answers/`, one file a lesson: WRONG = [(exercise, source, words
that the finding must hold), …]. Each is tried with the same numbers in every run; many draws of
them are tried in `test_any_draw`, at night.
"""

import importlib

import pytest
from nbformat.v4 import new_code_cell

from .execute import run
from .lessons import lessons
from .right_answers import RIGHT
from .slices import LIVE_ALONE, is_exercise, part, users

LESSONS = {lesson.name: lesson for lesson in lessons()}
EXERCISES = [(lesson, name) for lesson in LESSONS for name in LESSONS[lesson].exercises]
WRONG = [
    pytest.param(lesson, *entry, id=f"{lesson}-{entry[0]}-{number}")
    for lesson in LESSONS
    for number, entry in enumerate(
        importlib.import_module(f"tests.notebooks.wrong_answers.lesson_{lesson}").WRONG
    )
]

# Thousands of updates each time.
AT_NIGHT = {"tuned"}


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_holds_stub_check_hint_and_solution_of_each_of_its_exercises(lesson):
    lesson = LESSONS[lesson]
    assert lesson.exercises
    names = list(lesson.exercises)
    for kind in ("stub", "check", "hint", "solution"):
        assert list(lesson.cells(kind)) == names
    for exercise in lesson.exercises.values():
        assert exercise.lesson == lesson.name
        assert exercise.hints


def test_the_course_has_at_least_thirty_five_exercises():
    assert len(EXERCISES) >= 35


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_solution_is_folded_and_stub_check_hint_and_solution_follow_one_another(lesson):
    lesson = LESSONS[lesson]
    order = lesson.notebook.cells
    for name, cell in lesson.cells("solution").items():
        assert cell.cell_type == "markdown"
        assert "<details>" in cell.source and "<summary>" in cell.source
        places = [order.index(lesson.cells(kind)[name]) for kind in ("stub", "check", "hint")]
        assert places == list(range(places[0], places[0] + 3))
        assert places[-1] + 1 == order.index(cell)


def test_each_exercise_has_three_more_right_answers_and_six_wrong_ones():
    for lesson, name in EXERCISES:
        assert len(set(RIGHT[name])) >= 3, name
        tried = [p.values for p in WRONG if p.values[:2] == (lesson, name)]
        assert len({source for _, _, source, _ in tried}) >= 6, name


@pytest.mark.parametrize(
    "lesson, name",
    [pytest.param(*e, marks=[pytest.mark.nightly] * (e[1] in AT_NIGHT)) for e in EXERCISES],
)
def test_a_right_answer_is_accepted_in_other_styles_too(lesson, name):
    for source in RIGHT[name]:
        verdict = LESSONS[lesson].check(name, source)
        assert verdict.outcome == "correct", f"{source}\n{verdict!r}"


@pytest.mark.nightly
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10])
def test_no_learning_rate_reaches_the_goal_of_the_tuning_with_full_batches(rate):
    source = f"""
lab = Playground.from_settings(exercises.TO_TUNE)
lab.mode, lab.learning_rate = "Batch", {rate}
lab.step(50_000 // 280)
"""
    assert LESSONS["04_descent"].check("tuned", source).outcome == "incorrect"


@pytest.mark.parametrize("lesson, name, source, words", WRONG)
def test_a_wrong_answer_is_told_what_is_wrong_with_it(lesson, name, source, words):
    verdict = LESSONS[lesson].check(name, source)
    assert verdict.outcome == "incorrect"
    assert words in verdict.finding.why, repr(verdict)


@pytest.mark.parametrize("lesson, name", EXERCISES)
def test_every_known_mistake_is_recognised_as_itself(lesson, name):
    exercise = LESSONS[lesson].exercises[name]
    for mistake in getattr(exercise, "mistakes", ()):
        verdict = exercise.check(mistake.wrong, seed=0)
        assert verdict.finding is not None, mistake.why
        assert verdict.finding.why == mistake.why


def seen(cell) -> list[str]:
    """Return what a cell shows, each output as text."""
    return [output.get("data", output).get("text/plain", "") for output in cell.outputs]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_learner_who_takes_every_hint_sees_each_verdict_and_each_hint(lesson):
    """Run every check and hint as it stands: with the stub, after two mistakes, and solved.

    What comes after an exercise and uses it (a lab, say) runs with the solution.
    """
    lesson = LESSONS[lesson]
    notebook = part(lesson.notebook, users(lesson.notebook.cells, is_exercise))
    wrong = {
        name: [p.values for p in WRONG if p.values[:2] == (lesson.name, name)]
        for name in lesson.exercises
    }
    cells, told = [new_code_cell(LIVE_ALONE)], []

    def tell(cell, word):
        cells.append(new_code_cell(cell.source))
        told.append((cells[-1], word))

    for cell in notebook.cells:
        kind, _, name = next(iter(cell.metadata.get("tags", [])), "").partition(":")
        if kind != "check":
            cells.append(cell)
            continue
        hint, count = lesson.cells("hint")[name], len(lesson.exercises[name].hints)
        tell(cell, f"{name}: not attempted")
        tell(hint, f"Hint 1 of {count}: ")
        for number, (_, _, source, _) in enumerate(wrong[name][:2], start=1):
            cells.append(new_code_cell(source))
            tell(cell, f"{name}: incorrect")
            for _ in range(2):
                tell(hint, f"Hint {min(number + 1, count)} of {count}: ")
        cells.append(new_code_cell(lesson.solution(name)))
        tell(cell, f"{name}: correct")
    notebook.cells = cells
    run(notebook, lesson.path.parent)
    for cell, words in told:
        assert sum(text.startswith(words) for text in seen(cell)) == 1, (words, seen(cell))
