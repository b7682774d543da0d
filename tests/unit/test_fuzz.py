"""Whatever is public refuses what it does not expect in words, or is right: see fuzz.py."""

import inspect

import pytest

import nnlib
from tests.unit import fuzz, fuzz_rooms


def test_nothing_that_is_public_is_forgotten():
    public = {name for name in nnlib.__all__ if callable(getattr(nnlib, name))}
    core = {name for name in fuzz.CALLS if "." not in name}
    assert public == core | fuzz.NOT_CALLED
    assert not core & fuzz.NOT_CALLED


@pytest.mark.parametrize("room", fuzz_rooms.ROOMS)
def test_nothing_that_is_public_in_a_room_is_forgotten(room):
    public = {f"{room}.{name}" for name in fuzz_rooms.public(room)}
    named = {
        name for name in (*fuzz_rooms.ROOM_CALLS, *fuzz_rooms.NOT_FUZZED) if f"{room}." in name
    }
    assert public == named
    assert not fuzz_rooms.ROOM_CALLS.keys() & fuzz_rooms.NOT_FUZZED.keys()


def refuses_or_is_right(name, tries):
    parameters = inspect.signature(fuzz.callable_of(name)).parameters
    assert fuzz.CALLS[name].keys() <= parameters.keys() | {"threads"} or "settings" in parameters
    found = [(*one, *fuzz.attempt(*one)) for one in tries if one[0] == name]
    assert not [one for one in found if one[3] == "wrong"]


LONG = {"a list": [0.5] * 10_000, "a text": "x" * 10_000, "a dict": dict.fromkeys(range(10_000))}


@pytest.mark.parametrize("name", [name for name in fuzz.CALLS if "." not in name])
def test_a_message_stays_short_however_long_what_it_speaks_of(name):
    for argument in fuzz.CALLS[name].keys() - {"X", "progress"}:
        for value in LONG.values():
            _, said = fuzz.outcome(name, argument, value)
            assert len(said) < 1000, said[:300]


# A part of them every time, fewer where a picture is drawn; `make nightly` tries them all.
SOME = [one for at, one in enumerate(fuzz.tries()) if at % (31 if "." in one[0] else 5) == 0]
QUICK = [name for name in fuzz.CALLS if not name.startswith("lab.")]


@pytest.mark.parametrize("name", QUICK)
def test_each_argument_of_the_wrong_kind_is_refused_by_its_name_or_taken_rightly(name):
    refuses_or_is_right(name, SOME)


@pytest.mark.nightly
@pytest.mark.parametrize("name", fuzz.CALLS)
def test_the_right_call_is_right_or_nothing_would_tell_what_is_refused(name):
    arguments = {**fuzz._arguments(fuzz.CALLS[name]), **fuzz.GIVEN.get(name, {})}
    with fuzz._in_a_folder():
        fuzz._use(name, fuzz.callable_of(name)(**arguments))


@pytest.mark.nightly
@pytest.mark.parametrize("name", fuzz.CALLS)
def test_all_that_there_is_to_be_tried_is_refused_by_its_name_or_taken_rightly(name):
    refuses_or_is_right(name, fuzz.tries())
