"""Labels meet one door: whatever takes labels counts them rightly or refuses them in words."""

import numpy as np
import pytest

from nnlib import (
    NeuralNetwork,
    Trainer,
    accuracy,
    backward,
    blobs,
    check_gradients,
    confusion_matrix,
    evaluate,
    one_hot,
    plots,
    train,
)
from nnlib.analysis.calibration import answered_above, reliability, threshold_for
from nnlib.analysis.depth import delta_sizes
from nnlib.analysis.projection import alike
from nnlib.analysis.samples import cell_indices, class_means, distance_from_mean
from nnlib.analysis.step_size import difference_error
from nnlib.images.damage import accuracy_under
from nnlib.images.fine_tuning import fine_tuner
from nnlib.lab import (
    ConfusionLab,
    DigitPad,
    DistortionLab,
    Explorer,
    Playground,
    RaceLab,
    TrainingPanel,
)
from nnlib.landscapes.curvature import largest_curvature
from nnlib.landscapes.rate_finder import range_test

N, K = 30, 3
X = np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32)
LABELS = np.arange(N) % K
PLANE, _ = blobs(N, seed=0)
DIGITS = np.random.default_rng(1).random((N, 784)).astype(np.float32)
NETWORK = NeuralNetwork([4, 5, K], "tanh", seed=0)
P = NETWORK.forward(X).output
ON_PLANE, ON_DIGITS = NeuralNetwork([2, K], seed=0), NeuralNetwork([784, K], seed=0)

# Everything that takes labels, as a function of them alone, that returns what follows from them.
DOORS = {
    "accuracy": lambda y: accuracy(NETWORK, X, y),
    "accuracy_under": lambda y: accuracy_under(NETWORK, X, y, "shift", [0, 1]),
    "backward": lambda y: backward(NETWORK, NETWORK.forward(X), y, "cross_entropy").vector,
    "check_gradients": lambda y: check_gradients(NETWORK, X, y, "mse", max_entries=3).worst.numeric,
    "confusion_matrix, true": lambda y: confusion_matrix(y, LABELS, K),
    "confusion_matrix, predicted": lambda y: confusion_matrix(LABELS, y, K),
    "evaluate": lambda y: (evaluate(NETWORK, X, y).loss, evaluate(NETWORK, X, y).accuracy),
    "one_hot": lambda y: one_hot(y, K),
    "Trainer": lambda y: next(Trainer(NETWORK.copy(), X, y, seed=0)).loss,
    "train": lambda y: (
        train(NETWORK.copy(), X, y, epochs=1, seed=0, progress=False).training_loss
    ),
    "validation": lambda y: (
        train(NETWORK.copy(), X, LABELS, validation=(X, y), epochs=1, seed=0, progress=False)
        .validation_accuracy
    ),
    "reliability": lambda y: reliability(P, y).error,
    "answered_above": lambda y: answered_above(P, y, [0, 0.5]).accuracy,
    "threshold_for": lambda y: threshold_for(P, y, 0.5),
    "cell_indices": lambda y: cell_indices(P, y, 0, int(P[0].argmax())),
    "class_means": lambda y: class_means(X, y),
    "distance_from_mean": lambda y: distance_from_mean(X, y, np.zeros((K, 4))),
    "delta_sizes": lambda y: delta_sizes(NETWORK, X, y, "mse"),
    "difference_error": lambda y: difference_error(NETWORK, X, y, "mse", 1e-5),
    "largest_curvature": lambda y: largest_curvature(NETWORK, X, y, iterations=3),
    "range_test": lambda y: range_test(NETWORK, X, y, batch_size=10, updates=3).losses,
    "fine_tuner, old": lambda y: (
        next(fine_tuner(ON_DIGITS.copy(), DIGITS[:1], [0], DIGITS, y, seed=0)).loss
    ),
    "fine_tuner, new": lambda y: (
        next(fine_tuner(ON_DIGITS.copy(), DIGITS, y, DIGITS, LABELS, seed=0)).loss
    ),
    "plots.boundary": lambda y: plots.boundary(ON_PLANE, PLANE, y).alt,
    "plots.class_balance": lambda y: plots.class_balance(y).alt,
    "plots.digits": lambda y: plots.digits(DIGITS, y).alt,
    "plots.mean_digits": lambda y: plots.mean_digits(DIGITS, y).alt,
    "plots.wrong_digits": lambda y: plots.wrong_digits(DIGITS, y, LABELS).alt,
    "ConfusionLab": lambda y: ConfusionLab(ON_DIGITS, DIGITS, y).matrix,
    "DistortionLab": lambda y: DistortionLab(DIGITS[:12], y[:12]).y,
    "Explorer": lambda y: Explorer(
        {}, plane=lambda X: X[:, 0], data=(PLANE, y), title="", alt=""
    ).frame()[1]["data"],
    "Playground": lambda y: Playground(PLANE, y).points[1],
    "TrainingPanel": lambda y: TrainingPanel(
        ON_PLANE.copy(), PLANE, y, validation=(PLANE, y)
    ).trainer.y,
}  # fmt: skip

# Doors that do not know how many classes there are, and so cannot tell labels that start at 1.
OPEN_ENDED = {
    "class_means", "plots.class_balance", "plots.digits", "plots.mean_digits", "plots.wrong_digits",
    "DistortionLab", "Explorer", "Playground", "TrainingPanel",
}  # fmt: skip

BAD = {
    "text": (LABELS.astype(str), "text"),
    "names": (np.array(["cat", "dog", "cow"])[LABELS], "text.*'cat'"),
    "text as objects": (LABELS.astype(str).astype(object), "object: '0' stands in row 0"),
    "NaN": (np.where(LABELS == 2, np.nan, LABELS), "(row 2)|(holds nan)"),
    "None": (np.where(LABELS == 2, None, LABELS), "None stands in row 2"),
    "masked": (np.ma.array(LABELS, mask=LABELS == 2), "masked.*row 2"),
    "negative": (LABELS - 1, "from -1 to 1"),
    "fractions": (LABELS + 0.5, "(float64)|(holds 0.5)"),
    "complex": (LABELS * 1j, "complex"),
    "dates": (LABELS.astype("datetime64[D]"), "datetime64"),
    "two axes": (np.stack([LABELS, LABELS]), "shape|rows"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("door", DOORS)
def test_labels_that_are_none_are_refused_with_their_cause(door, bad):
    labels, cause = BAD[bad]
    with pytest.raises(ValueError, match=f"(?s){cause}"):
        DOORS[door](labels)


@pytest.mark.parametrize("door", sorted(DOORS.keys() - {"one_hot", "plots.class_balance"}))
def test_there_is_a_label_for_each_row(door):
    labels = LABELS[:8] if door == "DistortionLab" else LABELS[:-1]
    with pytest.raises(ValueError, match=r"shape|rows"):
        DOORS[door](labels)


@pytest.mark.parametrize("door", sorted(DOORS.keys() - OPEN_ENDED))
def test_labels_that_start_at_one_are_told_so(door):
    with pytest.raises(ValueError, match=r"from 1 to 3, but.*start at 1: subtract 1|means have"):
        DOORS[door](LABELS + 1)


SAME = {
    "uint8": LABELS.astype(np.uint8),
    "int8": LABELS.astype(np.int8),
    "uint64": LABELS.astype(np.uint64),
    "big-endian": LABELS.astype(">i4"),
    "objects": LABELS.astype(object),
    "every second": np.repeat(LABELS, 2)[::2],
    "backwards": LABELS[::-1].copy()[::-1],
    "a list": LABELS.tolist(),
    "masked, but nowhere": np.ma.array(LABELS),
}


SLOW = pytest.mark.slow  # a picture is drawn for each


@pytest.mark.parametrize(
    "door", [pytest.param(door, marks=SLOW if door.startswith("plots.") else ()) for door in DOORS]
)
def test_the_type_of_the_labels_makes_no_difference(door):
    expected = DOORS[door](LABELS)
    for kind, labels in SAME.items():
        if not isinstance(labels, list):
            labels = labels.view()
            labels.flags.writeable = False
        np.testing.assert_equal(DOORS[door](labels), expected, kind)


def test_truth_values_and_floats_that_are_zero_and_one_count_for_a_single_output():
    network = NeuralNetwork([4, 5, 1], output="sigmoid", seed=0)
    says = network.predict(X)
    y = np.where(np.arange(N) < 12, says, 1 - says)
    for labels in (y, y.astype(bool), y.astype(float), y.astype(np.float16)):
        assert accuracy(network, X, labels) == evaluate(network, X, labels).accuracy == 12 / N
    for constant in (np.zeros(N), np.ones(N)):
        assert accuracy(network, X, constant) == np.mean(says == constant)
    for net, floats in ((network, np.where(y > 0, 1, 0.5)), (NETWORK, y.astype(float))):
        with pytest.raises(ValueError, match=r"labels must be integers.*float64"):
            accuracy(net, X, floats)
    with pytest.raises(ValueError, match="subtract 1"):
        accuracy(network, X, y + 1)
    with pytest.raises(ValueError, match="labels start at 1: subtract 1"):
        evaluate(network, X, y + 1)
    with pytest.raises(ValueError, match=r"0 to 2: .*3 outputs and output='softmax'"):
        evaluate(network, X, LABELS)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint64"])
def test_advice_is_worked_out_in_integers_that_do_not_wrap_round(dtype):
    most = min(np.iinfo(dtype).max, 2**62)
    labels = np.array([0, most], dtype)
    for call in (
        lambda: one_hot(labels, 2),
        lambda: accuracy(NETWORK, X[:2], labels),
        lambda: evaluate(NETWORK, X[:2], labels),
        lambda: evaluate(NeuralNetwork([4, 1], output="sigmoid"), X[:2], labels),
    ):
        with pytest.raises(ValueError, match=f"(?i)give the network {most + 1} outputs"):
            call()


def test_a_label_beyond_all_measure_takes_no_memory():
    far = np.array([0, 2**62])
    for call in (
        lambda: class_means(X[:2], far),
        lambda: plots.class_balance(far),
        lambda: distance_from_mean(X[:2], far),
    ):
        with pytest.raises(ValueError, match=r"class 1 has no sample|too many"):
            call()


class Table:
    """Rows with names, as a data frame has them, as far as it matters here."""

    def __init__(self, values, index):
        self.values, self.index = values, index

    def __getitem__(self, part):
        return Table(self.values[part], self.index)

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values


BOTH = {
    "accuracy_under": lambda X, y: accuracy_under(ON_DIGITS, X, y, "shift", [0]),
    "class_means": class_means,
    "distance_from_mean": lambda X, y: distance_from_mean(X, y, np.zeros((K, 784))),
    "alike": alike,
    "fine_tuner, old": lambda X, y: fine_tuner(ON_DIGITS.copy(), DIGITS[:1], [0], X, y, seed=0),
    "fine_tuner, new": lambda X, y: fine_tuner(ON_DIGITS.copy(), X, y, DIGITS, LABELS, seed=0),
    "plots.mean_digits": plots.mean_digits,
    "plots.boundary": lambda X, y: plots.boundary(ON_PLANE, X[:, :2], y),
    "plots.overview": lambda X, y: plots.overview(ON_PLANE, X[:, :2], y),
    "ConfusionLab": lambda X, y: ConfusionLab(ON_DIGITS, X, y),
    "DistortionLab": lambda X, y: DistortionLab(X, y),
    "DigitPad": lambda X, y: DigitPad(NeuralNetwork([784, 10], seed=0), X, y),
    "Explorer": lambda X, y: Explorer(
        {}, plane=lambda X: X[:, 0], data=(X[:, :2], y), title="", alt=""
    ),
    "Playground": lambda X, y: Playground(X[:, :2], y),
    "RaceLab": lambda X, y: RaceLab(X=X[:, :2], y=y),
    "TrainingPanel": lambda X, y: TrainingPanel(
        ON_PLANE.copy(), X[:, :2], y, validation=(PLANE, LABELS)
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", BOTH)
def test_rows_named_in_another_order_than_their_labels_are_refused_by_every_door(door):
    index = [f"row {i}" for i in range(N)]
    rows = Table(DIGITS, index)
    with pytest.raises(ValueError, match=r"have the same rows in another order: row 0 is 'row 0'"):
        BOTH[door](rows, Table(LABELS, index[::-1]))
