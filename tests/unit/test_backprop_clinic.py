"""Every patient of the clinic has the one illness that it was admitted with."""

import re

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.diagnosis import diagnose
from nnlib.diagnosis.own_code import OwnCode
from nnlib.exercises import backprop as exercises
from nnlib.exercises import backprop_clinic as clinic
from nnlib.exercises import patient as patient_module
from nnlib.exercises.patient import SUSPECTS

NETWORK = NeuralNetwork([4, 5, 6, 3], ["tanh", "sigmoid"], seed=0)
ILLNESSES = [
    "factor_batch_size",
    "bias_mean",
    "missing_derivative_hidden",
    "extra_output_derivative",
    "z_overwritten",
]
PATIENTS = [getattr(exercises, f"patient_{number}") for number in range(1, 6)]


@pytest.mark.parametrize("number, illness", list(enumerate(ILLNESSES, start=1)))
def test_a_patient_has_one_illness_whatever_the_random_numbers(number, illness):
    function = "backward" if number < 5 else "forward"
    own = OwnCode(**{function: getattr(clinic, f"patient_{number}")})
    for seed in range(3):
        assert [d.name for d in diagnose(own, NETWORK, seed=seed)] == [illness]


def ratios(text):
    return {name: float(number) for name, number in re.findall(r"(d[Wb]\d) ([\d.]+)", text)}


def test_the_probes_show_what_each_bug_does_to_the_gradients(capsys):
    seen = {}
    for patient in PATIENTS:
        patient.probe("sizes")
        seen[patient.name] = ratios(capsys.readouterr().out)
    assert set(seen["patient_1"].values()) == {8.0}  # the batch has 8 samples
    for name, ratio in seen["patient_2"].items():
        assert ratio == pytest.approx(1 if name.startswith("dW") else 1 / 8, abs=0.01)
    for hidden_only in ("patient_3", "patient_5"):
        last = [seen[hidden_only][name] for name in ("dW3", "db3")]
        assert last == [1.0, 1.0] and seen[hidden_only]["dW1"] != 1.0
    assert 1.0 not in seen["patient_4"].values()
    PATIENTS[4].probe("values")
    values = [float(x) for x in re.findall(r"z from (\S+) to (\S+),", capsys.readouterr().out)[0]]
    assert 0 < values[0] < values[1] < 1  # no z, but a sigmoid of one
    PATIENTS[0].probe("arguments")
    assert "none" in capsys.readouterr().out


def test_the_healthy_passes_of_the_clinic_are_right():
    own = OwnCode(forward=patient_module._forward, backward=patient_module._backward)
    assert diagnose(own, NETWORK) == []


@pytest.mark.slow
def test_nothing_names_the_bug_before_the_learner_does(capsys):
    for patient in PATIENTS:
        bug = SUSPECTS[patient.bug]
        verdict = patient.check(patient.patient)
        assert verdict.outcome == "not attempted" and verdict.finding is None
        assert bug not in patient.symptoms().alt
        for probe in ("?", "sizes", "directions", "batches", "arguments", "values"):
            patient.probe(probe)
        wrong = next(letter for letter in SUSPECTS if letter != patient.bug)
        patient.suspect(wrong)
        assert bug not in capsys.readouterr().out
        patient.suspect(patient.bug)
        assert "Yes" in capsys.readouterr().out
        patient.suspect()
        assert all(text in capsys.readouterr().out for text in list(SUSPECTS.values())[:1])
    for wrong in (PATIENTS[0].probe, PATIENTS[0].suspect):
        with pytest.raises(ValueError, match="choose one of"):
            wrong("zzz")


def test_the_output_of_the_last_patient_is_right_as_it_says():
    X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    _, a = clinic.patient_5(X, NETWORK.weights, NETWORK.biases, NETWORK.activations)
    assert np.array_equal(a[-1], NETWORK.forward(X).output)
