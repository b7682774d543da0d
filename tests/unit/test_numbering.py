"""The z of a learner's `forward` are numbered as the lessons number them."""

import numpy as np
import pytest

from nnlib.exercises.diagnosed import judge_numbering
from nnlib.forward import forward_pass


def forward(X, weights, biases, activations):
    trace = forward_pass(weights, biases, activations, X)
    return trace.z, trace.a


def shifted(*network):
    z, a = forward(*network)
    return z[1:], a


def swapped(*network):
    z, a = forward(*network)
    return a, z


def of_the_input(X, *network):
    z, a = forward(X, *network)
    return [X, *z[1:]], a


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (shifted, "no entry for the input"),
        (swapped, "have changed places"),
        (of_the_input, "the input has no z"),
    ],
)
def test_each_wrong_numbering_is_called_by_its_name(wrong, words):
    assert words in judge_numbering(wrong, np.random.default_rng(0)).why


@pytest.mark.parametrize("other", [forward, lambda *network: 3, lambda *network: (3, 4)])
def test_what_is_right_or_no_matter_of_numbering_is_left_to_others(other):
    assert judge_numbering(other, np.random.default_rng(0)) is None
