"""Edges that nothing else holds: the last value that is allowed, and the first that is not."""

import inspect

import numpy as np
import pytest

import nnlib
from nnlib import (
    Adam,
    Batches,
    GradientDescent,
    NeuralNetwork,
    Trainer,
    backward,
    blobs,
    confusion_matrix,
    evaluate,
    one_hot,
    train,
)
from nnlib.activations import ACTIVATIONS
from nnlib.analysis.calibration import reliability
from nnlib.analysis.counting import count_passes
from nnlib.analysis.explain import explain, number, own_numbers
from nnlib.analysis.maps import plane
from nnlib.analysis.step_size import difference_error
from nnlib.forward import forward_pass
from nnlib.images.damage import accuracy_under, damaged, shifted
from nnlib.images.distortion import blur_matrix
from nnlib.images.fine_tuning import fine_tuner
from nnlib.images.handwriting import draw_stroke, is_small, paste, prepare, rasterize, scale_to
from nnlib.landscapes.curvature import largest_curvature
from nnlib.landscapes.rate_finder import range_test
from nnlib.regularizers.averaging import WeightAverage
from nnlib.support.checks import as_layers
from nnlib.training.batches import rows_at_once
from nnlib.training.snapshot import Snapshot

X, Y = blobs(20, seed=0)

DEFAULTS = {
    nnlib.Adam: {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    nnlib.Adversarial: {"epsilon": 0.08, "share": 0.5},
    nnlib.CosineSchedule: {"final": 0.0},
    nnlib.CrossEntropy: {"smoothing": 0.0},
    nnlib.Distortion: {
        "alpha": 34.0, "sigma": 4.0, "rotation": 15.0, "scaling": 0.15, "shear": 0.15, "shift": 0.0,
    },
    nnlib.Dropout: {"input": 0.2, "hidden": 0.5},
    nnlib.GradientDescent: {"learning_rate": 0.1},
    nnlib.Momentum: {"learning_rate": 0.1, "beta": 0.9},
    nnlib.Nesterov: {"learning_rate": 0.1, "beta": 0.9},
    nnlib.NeuralNetwork: {
        "hidden": "sigmoid", "output": "softmax", "init": "xavier", "seed": None,
        "dtype": "float32",
    },
    nnlib.RMSProp: {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-8},
    nnlib.Trainer: {"batch_size": "auto", "l1": 0.0, "l2": 0.0, "threads": 1, "seed": None},
    nnlib.WarmupCosineSchedule: {"final": 0.0},
    nnlib.WarmupLinearSchedule: {"final": 0.0},
    nnlib.blobs: {"n_samples": 200, "noise": 0.15, "seed": 0, "n_classes": 3},
    nnlib.check_gradients: {
        "h": 1e-5, "tolerance": 1e-6, "max_entries": 200, "seed": 0, "l1": 0.0, "l2": 0.0,
    },
    nnlib.circles: {"n_samples": 200, "noise": 0.05, "seed": 0},
    nnlib.load_mnist: {"validation": 10_000, "directory": None},
    nnlib.moons: {"n_samples": 200, "noise": 0.05, "seed": 0},
    nnlib.noisy_sine: {"n_samples": 100, "noise": 0.1, "seed": 0},
    nnlib.one_hot: {"dtype": "float32"},
    nnlib.spirals: {"n_samples": 300, "noise": 0.02, "seed": 0, "n_classes": 2, "turns": 1.5},
    nnlib.train: {"epochs": 10, "validation": None, "progress": True, "threads": None},
    nnlib.xor: {"n_samples": 200, "noise": 0.05, "seed": 0},
    WeightAverage: {"decay": 1.0},
    accuracy_under: {"seed": 0},
    blur_matrix: {"dtype": "float32"},
    count_passes: {"n": 1},
    damaged: {"seed": 0},
    difference_error: {"dtype": "float64", "centred": True},
    draw_stroke: {"pen": 0.08},
    explain: {"learning_rate": None, "digits": 4},
    fine_tuner: {"updates": 60, "seed": None},
    is_small: {"pen": 0.08},
    largest_curvature: {"iterations": 1000, "seed": 0},
    number: {"digits": 4},
    own_numbers: {"trust": True},
    paste: {"across": 0.0, "down": 0.0, "degrees": 0.0, "zoom": 1.0, "size": 280},
    plane: {"limit": 1.2},
    prepare: {"crop": True, "scale": True, "centre": True},
    range_test: {"batch_size": "auto", "low": 1e-4, "high": 10.0, "updates": 200, "seed": 0},
    rasterize: {"pen": 0.08, "size": 280},
    reliability: {"bins": 10},
    scale_to: {"longest": 20},
    shifted: {"right": 0.0, "down": 0.0},
}  # fmt: skip


@pytest.mark.parametrize("function", DEFAULTS, ids=lambda f: f.__name__)
def test_the_defaults_are_those_that_are_documented(function):
    parameters = inspect.signature(function).parameters
    assert {name: parameters[name].default for name in DEFAULTS[function]} == DEFAULTS[function]


# What takes a whole number: as a function of it, with the first and the last that is allowed.
WHOLE = {
    "Batches, n_samples": (lambda n: Batches(n, None), 1, 2**40),
    "Batches, batch_size": (lambda n: Batches(10, n), 1, 10),
    "as_layers, a width": (lambda n: as_layers([3, n, 1]), 1, None),
    "as_layers, together": (lambda n: as_layers([2**21 - 1, 2**21 - 1, n]), None, 1),
    "confusion_matrix": (lambda n: confusion_matrix([], [], n), 1, None),
    "confusion_matrix, which would be large": (
        lambda n: n > 10_000 and confusion_matrix([], [], n), None, 10_000,
    ),
    "one_hot": (lambda n: one_hot([], n), 1, 10**8),
    "rows_at_once": (lambda n: rows_at_once(n, [2, 3], 4, 1), 1, None),
    "train, epochs": (
        lambda n: train(NeuralNetwork([2, 3]), X, Y, epochs=n, progress=False), 0, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("take", "first", "last"), WHOLE.values(), ids=WHOLE)
def test_whole_numbers_are_taken_from_the_first_to_the_last_that_is_allowed(take, first, last):
    for edge, beyond in ((first, -1), (last, 1)):
        if edge is not None:
            take(edge)
            with pytest.raises(ValueError):
                take(edge + beyond)


def test_auto_is_32_or_all():
    assert [Batches(n, "auto").batch_size for n in (1, 31, 32, 33, 1000)] == [1, 31, 32, 32, 32]
    assert Batches(10, None).left_in_epoch == 1
    batches, left = Batches(10, 4), []
    for _ in range(4):
        left.append(batches.left_in_epoch)
        next(batches)
    assert left == [3, 2, 1, 3]


def test_of_two_answers_in_two_bins_the_error_is_that_of_both():
    measured = reliability([[0.6, 0.4], [0.1, 0.9]], [1, 1], bins=10)
    assert measured.error == pytest.approx((0.6 + 0.1) / 2)
    assert measured.overconfidence == pytest.approx((0.6 - 0.1) / 2)


@pytest.mark.parametrize("row", [[0.6, 0.5], [0.4, 0.5], [1.1, -0.1]])
def test_rows_of_probabilities_sum_to_one_neither_more_nor_less(row):
    with pytest.raises(ValueError, match="each row must sum to 1"):
        reliability([[0.5, 0.5], row], [0, 1])


def test_two_questions_of_yes_or_no_are_no_class():
    network = NeuralNetwork([2, 2], output="sigmoid", seed=0)
    assert evaluate(network, X, np.ones((20, 2))).accuracy is None
    assert evaluate(network, X, np.eye(2)[Y % 2]).accuracy is not None


def test_one_half_is_no_and_evaluate_agrees_with_predict():
    network = NeuralNetwork([2, 1], output="sigmoid", init="zeros")
    assert not network.predict(X).any()
    assert evaluate(network, X, np.zeros(20, int)).accuracy == 1
    with pytest.raises(ValueError, match="cross-entropy needs targets between 0 and 1"):
        evaluate(network, X, np.where(Y > 0, 1.0, -1.0))


def test_one_number_is_no_class():
    with pytest.raises(ValueError, match="one identity output is not a class"):
        NeuralNetwork([2, 3, 4, 1], output="identity").predict(X)


def test_a_snapshot_keeps_the_gradient_of_its_moment():
    trainer = Trainer(NeuralNetwork([2, 3], seed=0), X, Y, batch_size=5, seed=0)
    next(trainer)
    before, snapshot = trainer.gradients.vector.copy(), Snapshot.of(trainer)
    for _ in range(5):
        next(trainer)
    assert not np.array_equal(trainer.gradients.vector, before)
    trainer.restore(snapshot)
    np.testing.assert_array_equal(trainer.gradients.vector, before)


@pytest.mark.parametrize("at_once", [2.5, 0, "all", True])
def test_a_piece_is_a_whole_number_of_samples(at_once):
    with pytest.raises(ValueError, match="at_once="):
        Trainer(NeuralNetwork([2, 3]), X, Y, at_once=at_once)


def test_what_an_optimizer_moves_has_the_shape_of_its_gradient():
    for g in (np.ones(1), np.ones((3, 1))):
        with pytest.raises(ValueError, match="differ in shape"):
            GradientDescent().update(np.ones(3), g)
    x = np.ones(2)
    assert Adam(0.1, epsilon=0).update(x, np.array([1.0, -2.0]))
    np.testing.assert_allclose(x, [0.9, 1.1])
    for whole in (np.arange(3), np.ones(3, bool)):
        with pytest.raises(ValueError, match="both must be floats"):
            GradientDescent().update(whole, np.ones(3))


def test_a_range_has_two_ends():
    for low, high in ((1, 1), (2, 1), (0, 1), (1, np.inf)):
        with pytest.raises(ValueError, match="0 < low < high"):
            range_test(NeuralNetwork([2, 3]), X, Y, low=low, high=high)


def test_pictures_at_the_edge():
    with pytest.raises(ValueError, match="one number a pixel"):
        prepare(np.zeros((28, 28, 3)))
    for moved in ({"across": -3}, {"across": 3}, {"down": -3}, {"down": 3}):
        assert paste(np.ones(784), **moved).sum() == 25 * 28 * 100
    assert scale_to(np.ones((1, 100))).shape == (1, 20)


def test_whole_numbers_are_worked_with_in_float64_and_a_loss_is_a_float():
    for f in ACTIVATIONS.values():
        for z in ([0, 1], np.array([0, 1], np.uint8), np.array([0, 1], np.float16)):
            assert f(z).dtype == f.derivative(z).dtype == np.float64
            np.testing.assert_array_equal(f(z), f(np.array([0.0, 1.0])))
    for output in ("sigmoid", "softmax"):
        network = NeuralNetwork([2, 3], output=output, seed=0)
        trace = network.forward(X)
        for loss in (nnlib.MSE(), nnlib.CrossEntropy()):
            assert type(loss.value(trace, np.eye(3, dtype=np.float32)[Y])) is float
    smooth = nnlib.CrossEntropy(np.float64(0.1))  # which, as it is, would make float64 of all
    assert smooth.delta(trace, np.eye(3, dtype=np.float32)[Y]).dtype == np.float32
    assert backward(network, trace, Y, "mse").vector.dtype == np.float32


def test_a_forward_pass_leaves_out_no_layer_for_which_a_bias_or_a_function_is_missing():
    n = NeuralNetwork([2, 4, 3], seed=0)
    for W, b, f in (
        (n.weights, n.biases[:1], n.activations),
        (n.weights, n.biases, n.activations[:1]),
        (n.weights[:1], n.biases, n.activations),
    ):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            forward_pass(W, b, f, X)


def test_backward_takes_a_trace_and_nothing_that_looks_like_an_output():
    network = NeuralNetwork([2, 3], seed=0)
    with pytest.raises(TypeError, match=r"trace must be what network\.forward\(X\) returns"):
        backward(network, network.forward(X).output, Y, "mse")
