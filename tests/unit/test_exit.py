"""exit() in a learner's function ends the function, and not the check, the lab or the kernel."""

import sys

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.diagnosis import diagnose
from nnlib.diagnosis.own_code import OwnCode
from nnlib.exercises import forward as lesson
from nnlib.exercises.engine import Exercise, FunctionExercise
from nnlib.lab import Explorer

EXERCISES = [x for x in vars(lesson).values() if isinstance(x, FunctionExercise)]


def leaves(*arguments):
    sys.exit("enough")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda x: x.name)
def test_an_answer_that_exits_is_incorrect_and_told_why(exercise: Exercise):
    verdict = exercise.check(leaves)
    assert verdict.outcome == "incorrect"
    assert "SystemExit" in repr(verdict) and "enough" in repr(verdict)


def test_a_backward_that_exits_is_diagnosed():
    found = diagnose(OwnCode(backward=leaves), NeuralNetwork([2, 3, 2], seed=0))
    assert "SystemExit" in str(found[0]) and "enough" in str(found[0])


def test_an_explorer_says_it_and_goes_on():
    def curves(w):
        if w > 1:
            sys.exit()
        return {"c": (np.arange(3), w * np.arange(3))}

    lab = Explorer({"w": (0.0, 2.0, 0.5)}, title="t", alt="a", curves=curves)
    lab.w = 1.5
    assert "exit()" in lab.problem
    lab.w = 1.0
    assert not lab.problem
