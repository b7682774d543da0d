"""A change of the code's shape leaves every bit of every training as it is."""

import json

import numpy as np
import pytest
import trajectories

STORED = json.loads(trajectories.STORED.read_text(encoding="utf-8"))
CASES = dict(trajectories.cases())
SAME_ARITHMETIC = trajectories.arithmetic() == STORED["arithmetic"]


def test_no_stored_training_is_left_out():
    assert list(CASES) == list(STORED["cases"])


@pytest.mark.parametrize("name", CASES)
def test_a_training_is_what_it_was(name):
    was, now = STORED["cases"][name], trajectories.run(CASES[name])
    if SAME_ARITHMETIC:  # the machine that the numbers were stored on, or its like
        assert now == was
    tolerance = 1e-9 if trajectories.LOSSES.keys() & set(name.split(", ")) else 2e-3
    for part in ("losses", "some of the parameters"):
        np.testing.assert_allclose(now[part], was[part], rtol=tolerance, atol=tolerance / 10)
