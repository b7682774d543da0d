"""The exercise engine: three outcomes, a diagnosis, hints one at a time, progress kept locally."""

import json

import numpy as np
import pytest

import nnlib
from nnlib.exercises import (
    Exercise,
    Finding,
    FunctionExercise,
    KnownWrongAnswer,
    ValueExercise,
    progress,
)
from nnlib.exercises.solved import path, read


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "kept" / "progress.json"))


def layer_exercise() -> FunctionExercise:
    return FunctionExercise(
        "01_test",
        "layer",
        answer=lambda X, W, b: X @ W + b,
        cases=lambda rng: [
            (rng.normal(size=(n, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)) for n in (1, 5)
        ],
        mistakes=[
            KnownWrongAnswer("the bias is missing", lambda X, W, b: X @ W),
            KnownWrongAnswer("the bias is subtracted", lambda X, W, b: X @ W - b),
        ],
        hints=["think", "think harder"],
    )


def test_a_right_answer_is_correct_however_it_is_written():
    def loops(X, W, b):
        return [
            [sum(x * w for x, w in zip(row, W[:, j], strict=True)) + b[j] for j in range(2)]
            for row in X
        ]

    verdict = layer_exercise().check(loops)
    assert verdict
    assert verdict.outcome == "correct"


def test_a_stub_none_and_an_ellipsis_are_not_attempted():
    def stub(X, W, b):
        raise NotImplementedError

    for attempt in (stub, None, ...):
        verdict = layer_exercise().check(attempt)
        assert (verdict.outcome, bool(verdict)) == ("not attempted", False)
        assert "not attempted" in repr(verdict)


def test_a_known_mistake_is_named_with_call_result_and_expectation():
    verdict = layer_exercise().check(lambda X, W, b: X @ W - b)
    assert verdict.outcome == "incorrect"
    assert verdict.finding.why == "the bias is subtracted"
    assert verdict.finding.called.startswith("layer(X=[[")
    assert verdict.finding.returned != verdict.finding.expected
    for text in (verdict.finding.called, verdict.finding.returned, verdict.finding.expected):
        assert text in repr(verdict)


def test_an_unknown_mistake_is_told_by_its_size():
    verdict = layer_exercise().check(lambda X, W, b: X @ W + 3 * b)
    assert "numbers are not right" in verdict.finding.why


def test_a_wrong_shape_is_told_with_both_shapes():
    why = layer_exercise().check(lambda X, W, b: (X @ W + b).T).finding.why
    assert "(2, 1)" in why and "(1, 2)" in why and "transpose" in why


def test_code_that_raises_is_incorrect_and_its_line_is_named():
    def raises(X, W, b):
        X = X * 2
        return X @ W.T

    why = layer_exercise().check(raises).finding.why
    assert "ValueError" in why
    assert f"line {raises.__code__.co_firstlineno + 2} " in why


def test_arguments_must_not_be_changed():
    def changes(X, W, b):
        result = X @ W + b
        X *= 2
        return result

    assert "changed an array" in layer_exercise().check(changes).finding.why


def test_an_activation_among_the_arguments_is_not_taken_for_a_change():
    exercise = FunctionExercise(
        "01_test",
        "activate",
        answer=lambda f, z: f(z),
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(nnlib.tanh, rng.normal(size=3))],
    )
    assert exercise.check(lambda f, z: f(z))
    assert "changed an array" in exercise.check(lambda f, z: np.tanh(z, out=z)).finding.why


def test_lists_of_arrays_within_a_tuple_are_compared_array_by_array():
    exercise = FunctionExercise(
        "01_test",
        "both",
        answer=lambda X, y: ([X, y], [y]),
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(rng.normal(size=(2, 3)), rng.normal(size=2))],
    )
    assert exercise.check(lambda X, y: ([X, y], [y]))
    why = exercise.check(lambda X, y: ([X, y], [2 * y])).finding.why
    assert "item 1 of what it returned" in why


@pytest.mark.parametrize("value, why", [(None, "None"), ("text", "numbers"), (object(), "numbers")])
def test_what_is_no_array_is_told(value, why):
    assert why in layer_exercise().check(lambda X, W, b: value).finding.why


def test_hard_coding_fails_since_the_numbers_are_new_each_time():
    seen = []

    def spy(X, W, b):
        seen.append(X)
        return X @ W + b

    exercise = layer_exercise()
    exercise.check(spy)
    exercise.check(spy)
    assert not np.array_equal(seen[0], seen[2])
    assert seen[0].shape == seen[2].shape


def test_a_seed_repeats_the_numbers():
    first, second = (
        layer_exercise().check(lambda X, W, b: X @ W, seed=3).finding for _ in range(2)
    )
    assert first == second


def test_no_attempt_makes_the_check_raise():
    def exits(X, W, b):
        raise RuntimeError("no")

    for attempt in (exits, 7, "text", lambda: 1, np.zeros(3)):
        assert layer_exercise().check(attempt).outcome == "incorrect"


def test_hints_come_one_at_a_time_and_end():
    exercise = layer_exercise()
    assert repr(exercise.hint()) == "Hint 1 of 2: think"
    assert repr(exercise.hint()) == "Hint 2 of 2: think harder"
    assert "last hint" in repr(exercise.hint())
    assert "last hint" in repr(exercise.hint())


def test_a_number_is_checked_within_its_tolerance():
    exercise = ValueExercise(
        "01_test",
        "limit",
        answer=2.0,
        tolerance=0.01,
        wrong={1.0: "this is 1/λ"},
        otherwise="derive it",
        hints=["h"],
    )
    assert exercise.check(2.005)
    assert exercise.check(2.02).finding.why == "derive it"
    assert exercise.check(1.0).finding.why == "this is 1/λ"
    assert "must be a number" in exercise.check("two").finding.why
    assert exercise.check(None).outcome == "not attempted"


def test_a_judge_of_its_own_decides():
    exercise = Exercise(
        "01_test",
        "even",
        hints=["h"],
        judge=lambda attempt, rng: Finding("it is odd") if attempt % 2 else None,
    )
    assert exercise.check(2)
    assert exercise.check(3).finding.why == "it is odd"


def test_what_is_solved_is_kept_and_can_be_deleted():
    class lesson:
        layer = layer_exercise()
        limit = ValueExercise(
            "01_test", "limit", answer=1, tolerance=0, wrong={}, otherwise="", hints=["h"]
        )

    assert repr(progress(lesson)).startswith("01_test: 0 of 2")
    lesson.layer.check(lambda X, W, b: X @ W)
    assert progress(lesson).solved == ()
    lesson.layer.check(lambda X, W, b: X @ W + b)
    assert progress(lesson).solved == ("layer",)
    assert "[x] layer\n[ ] limit" in repr(progress(lesson))
    assert json.loads(path().read_text()) == {"01_test": ["layer"]}
    path().unlink()
    assert progress(lesson).solved == ()


@pytest.mark.parametrize("text", ["", "no json", "[1, 2]", '{"01_test": 3}', '"x"'])
def test_a_damaged_progress_file_is_as_good_as_none(text):
    path().parent.mkdir()
    path().write_text(text)
    assert read() == {}
    assert layer_exercise().check(lambda X, W, b: X @ W + b)
    assert read() == {"01_test": ["layer"]}


def test_without_a_place_for_progress_exercises_still_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    verdict = layer_exercise().check(lambda X, W, b: X @ W + b)
    assert verdict
    assert "could not be saved" in repr(verdict)


def test_the_verdict_can_be_read_in_a_notebook_and_as_text():
    verdict = layer_exercise().check(lambda X, W, b: "<b>")
    assert "<b>" not in verdict._repr_html_()
    assert 'role="status"' in verdict._repr_html_()
    assert "incorrect" in verdict._repr_html_()
