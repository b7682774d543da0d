"""Every patient of the clinic has the one illness that it was admitted with."""

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.diagnosis import diagnose
from nnlib.diagnosis.own_code import OwnCode
from nnlib.exercises import backprop_clinic as clinic

NETWORK = NeuralNetwork([4, 5, 6, 3], ["tanh", "sigmoid"], seed=0)
ILLNESSES = [
    "factor_batch_size",
    "sign_flipped",
    "transposed",
    "layers_reversed",
    "bias_mean",
    "missing_derivative_hidden",
    "derivative_at_a",
    "extra_output_derivative",
    "mutates_inputs",
    "z_overwritten",
]


@pytest.mark.parametrize("number, illness", list(enumerate(ILLNESSES, start=1)))
def test_a_patient_has_one_illness_whatever_the_random_numbers(number, illness):
    function = "backward" if number < 10 else "forward"
    own = OwnCode(**{function: getattr(clinic, f"patient_{number}")})
    for seed in range(3):
        assert [d.name for d in diagnose(own, NETWORK, seed=seed)] == [illness]


def test_the_output_of_the_last_patient_is_right_as_it_says():
    X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    _, a = clinic.patient_10(X, NETWORK.weights, NETWORK.biases, NETWORK.activations)
    assert np.array_equal(a[-1], NETWORK.forward(X).output)
