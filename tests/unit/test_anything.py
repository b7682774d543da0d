"""Anything at all is put in place of each argument: it is refused by its name, or is right.

`fuzz.py` tries a list of values of the wrong kind; here hypothesis makes them up, and tells the
simplest that is neither. What is taken must give what the same numbers give in Python's own types.
The callables are those of `fuzz.CALLS`: all that is public, in the core and in the rooms around it.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.unit import fuzz

# Small or absurd: what lies between is right, and takes long or much memory.
WHOLE = st.one_of(st.integers(-3, 20), st.integers(2**62, 2**70), st.integers(-(2**70), -(2**62)))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    WHOLE,
    st.floats(),
    st.complex_numbers(),
    st.fractions(),
    st.decimals(),
    st.text(max_size=6),
    st.binary(max_size=6),
    st.dates(),
)
DTYPES = st.one_of(hnp.scalar_dtypes(), hnp.unicode_string_dtypes(max_len=3))
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
ANYTHING = st.one_of(
    SCALARS,
    ARRAYS,
    ARRAYS.map(lambda a: a.tolist()),
    st.lists(SCALARS, max_size=4),
    st.tuples(SCALARS, SCALARS),
    st.dictionaries(st.text(max_size=3), SCALARS, max_size=3),
    st.sets(st.integers(0, 9), max_size=3),
)
NAMES = [name for name in fuzz.CALLS if fuzz.CALLS[name]]
# Fewer where a picture is drawn or a lab is made.
FEWER = {"plots": 8, "lab": 30}


def plain(value):
    """Return the same numbers in Python's own types; what holds none comes back as it is."""
    try:
        numbers = np.asarray(value)
        if numbers.dtype.kind in "OSUMmc":
            return value
        return numbers.tolist() if numbers.dtype.kind in "biu" else numbers.astype(float).tolist()
    except (TypeError, ValueError, OverflowError):
        return value


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_anything_is_refused_by_its_name_or_gives_what_plain_numbers_give(name):
    most = settings.default.max_examples
    few = min(most, FEWER.get(name.partition(".")[0], most))

    @settings(max_examples=few)
    @given(data=st.data())
    def tried(data):
        refused_or_right(name, data)

    tried()


def refused_or_right(name, data):
    argument = data.draw(st.sampled_from(sorted(fuzz.CALLS[name].keys() - {"progress"})))
    value = data.draw(ANYTHING)
    verdict, said = fuzz.outcome(name, argument, value)
    if verdict == "refused" or (argument == "seed" and value is None):  # that one is random
        return
    assert said.startswith("taken") or verdict == "right", said
    found, expected = (fuzz.flat(fuzz.made_with(name, argument, v)) for v in (value, plain(value)))
    assert np.array_equal(found, expected, equal_nan=True)
