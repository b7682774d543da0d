"""Exercises that nnlib.diagnosis judges: a whole pass, and functions to repair."""

import numpy as np
import pytest

from nnlib import NeuralNetwork
from nnlib.exercises.diagnosed import DiagnosedExercise, Repair, same_code

NETWORKS = [
    (NeuralNetwork([3, 5, 2], "tanh", seed=0), "cross_entropy"),
    (NeuralNetwork([3, 5, 4, 2], ["tanh", "sigmoid"], seed=0), "cross_entropy"),
]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))


def right(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db


def ill(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 1].derivative(z[l - 1])
    return dW, db


def right_forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations, strict=True):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a


def backward_exercise(networks=NETWORKS):
    return DiagnosedExercise("03_test", "own", function="backward", networks=networks, hints=["h"])


def forward_exercise():
    return DiagnosedExercise("03_test", "go", function="forward", networks=NETWORKS, hints=["h"])


def repair_exercise():
    network = NeuralNetwork([3, 5, 4, 2], ["tanh", "sigmoid"], "sigmoid", seed=0)
    networks = [(network, "cross_entropy")]
    return Repair("03_test", ill, function="backward", networks=networks, hints=["h"])


def test_right_passes_are_correct_again_and_again():
    for _ in range(3):
        assert backward_exercise().check(right)
        assert forward_exercise().check(right_forward)


def test_a_mistake_is_told_with_call_array_and_diagnosis():
    def ascending(*arguments):
        dW, db = right(*arguments)
        return [-x for x in dW], [-x for x in db]

    finding = backward_exercise().check(ascending).finding
    assert "exactly the wrong sign" in finding.why
    assert finding.called.startswith("own(weights, z, a, y, activations): 7 samples through layers")
    assert "tanh, softmax and cross-entropy as the loss" in finding.called
    assert finding.returned.startswith("dW2 = ") and finding.expected.startswith("dW2 = ")
    assert finding.returned != finding.expected


def test_a_mistake_in_a_forward_pass_shows_the_array_that_is_wrong_first():
    def unbiased(X, weights, biases, activations):
        return right_forward(X, weights, [0 * b for b in biases], activations)

    finding = forward_exercise().check(unbiased).finding
    assert "the bias is missing" in finding.why
    assert finding.returned.startswith("z1 = ") and finding.expected.startswith("z1 = ")


def test_what_is_right_for_a_shallow_network_alone_is_found_out():
    def last_only(weights, z, a, y, activations):
        dW, db = right(weights, z, a, y, activations)
        if len(weights) > 2:
            dW[0] = dW[0] * 0
        return dW, db

    assert backward_exercise(NETWORKS[:1]).check(last_only)
    assert not backward_exercise().check(last_only)


def test_code_that_raises_or_is_no_function_is_incorrect_and_a_stub_not_attempted():
    def stub(weights, z, a, y, activations):
        raise NotImplementedError

    assert backward_exercise().check(stub).outcome == "not attempted"
    assert "must be a function" in backward_exercise().check(3).finding.why
    why = backward_exercise().check(lambda weights, z, a, y, activations: z[99]).finding.why
    assert why.startswith("backward, line") and "IndexError" in why


def test_a_patient_as_it_was_is_not_attempted_and_nothing_is_given_away():
    verdict = repair_exercise().check(ill)
    assert (verdict.outcome, bool(verdict)) == ("not attempted", False)
    assert verdict.finding is None and "mend" in verdict.advice
    assert repr(verdict) == repr(repair_exercise().check(None))


def test_a_mended_patient_is_correct_and_one_mended_wrongly_is_not():
    def worse(weights, z, a, y, activations):
        dW, db = right(weights, z, a, y, activations)
        return dW, [b[None] for b in db]

    assert repair_exercise().check(right)
    verdict = repair_exercise().check(worse)
    assert verdict.outcome == "incorrect"
    assert "axis is left over" in verdict.finding.why


def test_the_same_lines_are_the_same_code_wherever_they_stand():
    source = "def f(x):\n    return [k * 2 for k in x]\n"
    first, second, third, names = {}, {}, {}, {"np": np}
    exec(source, first)
    exec("\n\n# a comment\n" + source.replace("x]", "x]  # here too"), second)
    exec(source.replace("2", "3"), third)
    exec(source.replace("k * 2", "k + 2"), names)
    assert same_code(first["f"], second["f"])
    assert not same_code(first["f"], third["f"])
    assert not same_code(first["f"], names["f"])
    real, imaginary = {}, {}
    exec("def f(x):\n    return x.real\n", real)
    exec("def f(x):\n    return x.imag\n", imaginary)
    assert not same_code(real["f"], imaginary["f"])
    assert not same_code(first["f"], 3)
    assert not same_code(len, len)
