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


def layer_exercise(**more) -> FunctionExercise:
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
        **more,
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


def test_a_mistake_is_named_only_if_it_gives_every_result_of_the_attempt():
    exercise = FunctionExercise(
        "01_test",
        "total",
        answer=np.sum,
        cases=lambda rng: [(rng.uniform(1, 2, n),) for n in (1, 4)],
        mistakes=[
            KnownWrongAnswer("minus the mean", lambda x: -np.mean(x)),  # the same of one number
            KnownWrongAnswer("the wrong sign", lambda x: -np.sum(x)),
        ],
        hints=["h"],
    )
    assert exercise.check(lambda x: -np.sum(x)).finding.why == "the wrong sign"


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


def test_arguments_may_be_changed_unless_the_exercise_says_to_leave_them():
    def changes(X, W, b):
        result = X @ W + b
        X *= 2
        return result

    assert layer_exercise().check(changes)
    assert "changed an array" in layer_exercise(leave=True).check(changes).finding.why


def test_what_is_computed_in_float32_is_compared_as_float32():
    def single(X, W, b):
        return (1e3 * (X @ W + b)).astype(np.float32) / np.float32(1e3)

    assert all(layer_exercise().check(single, seed=seed) for seed in range(12))
    assert not layer_exercise().check(lambda X, W, b: single(X, W, b) * 1.01)
    assert not layer_exercise().check(lambda X, W, b: (X @ W + b) * (1 + 1e-3))


def test_what_cancels_in_float32_counts_by_the_size_of_what_cancelled():
    """1 − tanh² far out, from float32, is right to 1e-7 alone, and in float64 nobody sees it."""
    exercise = FunctionExercise(
        "01_test",
        "slope",
        answer=lambda z: 1 / np.cosh(z) ** 2,
        cases=lambda rng: [(rng.uniform(6, 8, 3),)],
        mistakes=[],
        hints=["h"],
    )
    assert exercise.check(lambda z: (1 - np.tanh(z.astype(np.float32)) ** 2).astype(float), seed=0)
    assert not exercise.check(lambda z: 1e-3 + 1 / np.cosh(z) ** 2, seed=0)


def test_an_answer_that_is_right_by_luck_in_one_draw_is_not_accepted():
    exercise = FunctionExercise(
        "01_test",
        "size",
        answer=abs,
        cases=lambda rng: [(next(drawn),)],
        mistakes=[KnownWrongAnswer("the sign is kept", lambda x: x)],
        hints=["h"],
    )
    drawn = iter([0.5, 0.7, -0.3])
    assert exercise.check(lambda x: x).finding.why == "the sign is kept"


@pytest.mark.parametrize("n", [1, 5, 50])
def test_no_two_arrays_that_differ_are_shown_alike(n):
    exercise = FunctionExercise(
        "01_test",
        "vector",
        answer=lambda x: (x, 2 * x),
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(rng.uniform(1, 2, n),)],
    )

    def nearly(x):
        y = 2 * x
        y[-1] *= 1 + 3e-5
        return x, y

    finding = exercise.check(nearly).finding
    assert finding.returned != finding.expected
    assert exercise.check(lambda x: np.array([x, 2 * x]))


def test_nan_where_nan_is_right_is_right():
    exercise = FunctionExercise(
        "01_test",
        "root",
        answer=lambda x: np.sqrt(x),  # numpy 2.0 tells no signature of np.sqrt itself
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(np.array([-1.0, 4.0]),)],
    )
    assert exercise.check(lambda x: x**0.5)
    assert not exercise.check(lambda x: np.abs(x) ** 0.5)


def test_a_number_in_brackets_is_told_that_a_number_is_wanted():
    exercise = FunctionExercise(
        "01_test",
        "total",
        answer=np.sum,
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(rng.normal(size=3),)],
    )
    for attempt in (lambda x: [np.sum(x)], lambda x: np.sum(x, keepdims=True)):
        assert "a number is wanted" in exercise.check(attempt).finding.why


def test_an_activation_among_the_arguments_is_not_taken_for_a_change():
    exercise = FunctionExercise(
        "01_test",
        "activate",
        answer=lambda f, z: f(z),
        hints=["h"],
        mistakes=[],
        cases=lambda rng: [(nnlib.tanh, rng.normal(size=3))],
        leave=True,
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
    why = exercise.check(lambda X, y: ([X, y], [y], y)).finding.why
    assert why == "it must return 2 things, but returned 3"


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
    first, second = seen[0], seen[len(seen) // 2]  # of the first check, and of the second
    assert first.shape == second.shape and not np.array_equal(first, second)


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


def test_a_hint_repeats_until_there_is_a_new_wrong_attempt_and_the_last_one_stays():
    exercise = layer_exercise()
    seen = []
    for attempt in (None, None, lambda X, W, b: X, None, lambda X, W, b: W, lambda X, W, b: b):
        if attempt is not None:
            exercise.check(attempt)
        seen.append(repr(exercise.hint()).partition("\n")[0])
    first, second = "Hint 1 of 2: think", "Hint 2 of 2: think harder"
    assert seen == [first, first, second, second, second, second]
    assert "solution" in repr(exercise.hint())


def test_a_hint_is_folded_until_something_was_tried():
    exercise = layer_exercise()
    exercise.check(None)
    assert "<details style" in exercise.hint()._repr_html_()
    exercise.check(lambda X, W, b: X)
    assert "<details open" in exercise.hint()._repr_html_()


def test_a_verdict_and_a_hint_print_themselves_where_there_is_no_notebook(capsys):
    verdict = layer_exercise().check(lambda X, W, b: X @ W)
    assert capsys.readouterr().out == f"{verdict}\n"
    hint = layer_exercise().hint()
    assert capsys.readouterr().out == f"{hint}\n"


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
    assert exercise.check(0.5).finding.why == "derive it"
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
    path().write_text('{"01_test": ["layer", "an exercise of before"]}')
    assert progress(lesson).solved == ("layer",)
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
