"""Whatever is public refuses what it does not expect in words, or is right: see fuzz.py."""

import inspect

import pytest

import nnlib
from tests.unit import fuzz


def test_nothing_that_is_public_is_forgotten():
    public = {name for name in nnlib.__all__ if callable(getattr(nnlib, name))}
    assert public == fuzz.CALLS.keys() | fuzz.NOT_CALLED
    assert not fuzz.CALLS.keys() & fuzz.NOT_CALLED


@pytest.mark.parametrize("name", fuzz.CALLS)
def test_each_argument_of_the_wrong_kind_is_refused_by_its_name_or_taken_rightly(name):
    parameters = inspect.signature(getattr(nnlib, name)).parameters
    assert fuzz.CALLS[name].keys() <= parameters.keys() | {"threads"} or "settings" in parameters
    tries = [one for one in fuzz.tries() if one[0] == name]
    found = [(*one, *fuzz.attempt(*one)) for one in tries]
    assert not [one for one in found if one[3] == "wrong"]
