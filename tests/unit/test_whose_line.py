"""Which line of the learner's own code did an error come through?"""

import functools
import math

import pytest

from nnlib.support.whose_line import is_cell, is_file_of, whose_line


def helper(x):
    return math.sqrt(x) + int("no number")


def learner(x):
    return helper(x)


class Callable:
    def __call__(self, x):
        return helper(x)


def decorated(function):
    # As if another file had wrapped it: what matters is what stands inside.
    wrapper = eval(
        compile("lambda *a: function(*a)", "elsewhere.py", "eval"), {"function": function}
    )
    return functools.wraps(function)(wrapper)


@pytest.mark.parametrize(
    "function", [learner, decorated(learner), functools.partial(learner), Callable()]
)
def test_the_innermost_line_in_the_functions_own_file_is_named(function):
    with pytest.raises(ValueError) as caught:
        function(4)
    line = whose_line(caught.value, is_file_of(function))
    assert line.number == helper.__code__.co_firstlineno + 1
    assert line.text == 'return math.sqrt(x) + int("no number")'
    assert line.raised_here


def test_an_error_from_deeper_down_was_not_raised_on_the_line_itself():
    with pytest.raises(KeyError) as caught:
        decorated(functools.partial(dict.__getitem__, {}))("a")
    line = whose_line(caught.value, lambda name: name == __file__)
    assert not line.raised_here


def test_code_in_no_file_of_the_learners_has_no_line():
    with pytest.raises(ValueError) as caught:
        learner(4)
    assert whose_line(caught.value, is_file_of(math.sqrt)) is None
    assert whose_line(caught.value, is_cell) is None


def test_a_notebooks_cells_are_known_by_their_names():
    assert is_cell("/tmp/ipykernel_12/345.py") and is_cell("<ipython-input-1-ab>")
    assert not is_cell(__file__)
