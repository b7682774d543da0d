"""No verdict depends on luck: right answers and wrong ones, each with many draws of the numbers."""

import copy
from collections import Counter

import numpy as np
import pytest

from nnlib.exercises.compare import differ, largest
from nnlib.exercises.diagnosed import DiagnosedExercise
from nnlib.exercises.engine import DRAWS, FunctionExercise, call

from .right_answers import RIGHT
from .test_exercises import EXERCISES, LESSONS, WRONG

# To tell a mistake takes longer than to see that there is one. Fewer where nnlib.diagnosis
# measures a slope for every parameter.
SEEDS, TOLD_SEEDS, FEWER = range(300), range(60), range(6)


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))


def verdicts(exercise, attempt, seeds):
    """Yield (seed, verdict) for these seeds, or fewer."""
    slow = isinstance(exercise, DiagnosedExercise) or exercise.name in ("pieces", "forward")
    for seed in FEWER if slow else seeds:
        yield seed, exercise._verdict(attempt, seed)


def refused(exercise, attempt) -> list:
    """Return (seed, verdict) wherever it is not correct."""
    return [(s, v) for s, v in verdicts(exercise, attempt, SEEDS) if v.outcome != "correct"][:3]


def cast(value, dtype):
    """Return a copy in which all floats, in arrays, lists and tuples, are of this type."""
    if isinstance(value, (list, tuple)):
        return type(value)(cast(item, dtype) for item in value)
    if isinstance(value, (float, np.floating)) or getattr(value, "dtype", None) in (
        np.float32,
        np.float64,
    ):
        return np.asarray(value).astype(dtype)[()]
    return value


def in_float32(function):
    """Return the function as it would be in float32, its results in float64 again."""

    def rounded(*arguments):
        return cast(function(*cast(list(copy.deepcopy(arguments)), np.float32)), np.float64)

    return rounded


@pytest.mark.nightly
@pytest.mark.parametrize("lesson, name", EXERCISES)
def test_a_right_answer_is_correct_in_every_draw(lesson, name):
    for source in [LESSONS[lesson].solution(name), *RIGHT.get(name, ())]:
        exercise, attempt = LESSONS[lesson].attempt(name, source)
        assert not refused(exercise, attempt), source
        if type(exercise) is FunctionExercise and not exercise.leave:
            assert not refused(exercise, in_float32(attempt)), f"in float32: {source}"


def wrong_answers(lesson, name) -> list:
    """Return (attempt, words that whoever gives it is told) of all that are known."""
    exercise = LESSONS[lesson].exercises[name]
    wrong = [(m.wrong, m.why) for m in getattr(exercise, "mistakes", ())]
    for _, _, source, words in (p.values for p in WRONG if p.values[:2] == (lesson, name)):
        wrong.append((LESSONS[lesson].attempt(name, source)[1], words))
    return wrong


def is_right(exercise, attempt, seed) -> bool:
    """Tell whether a check would accept it, without finding out why not."""
    rng = np.random.default_rng(seed)
    for arguments in (case for _ in range(DRAWS) for case in exercise.cases(rng)):
        expected = exercise.compared(exercise.answer)(*copy.deepcopy(arguments))
        returned, problem = call(exercise.compared(attempt), arguments, leave=exercise.leave)
        if problem or differ(returned, expected, largest(arguments)):
            return False
    return True


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("lesson, name", EXERCISES)
def test_a_wrong_answer_is_refused_in_every_draw(lesson, name):
    exercise = LESSONS[lesson].exercises[name]
    for attempt, words in wrong_answers(lesson, name):
        if isinstance(exercise, FunctionExercise):
            accepted = [seed for seed in SEEDS if is_right(exercise, attempt, seed)]
            assert bool(exercise._verdict(attempt, 0)) == (0 in accepted)
        else:
            accepted = [seed for seed, v in verdicts(exercise, attempt, SEEDS) if v]
        assert not accepted, words


@pytest.mark.nightly
@pytest.mark.parametrize("lesson, name", EXERCISES)
def test_a_wrong_answer_is_told_the_same_in_every_draw(lesson, name):
    exercise = LESSONS[lesson].exercises[name]
    for attempt, words in wrong_answers(lesson, name):
        told = Counter(
            v.finding.why if v.finding else v.outcome for _, v in verdicts(exercise, attempt, SEEDS)
        )
        assert all(words in why for why in told), (words, told)
