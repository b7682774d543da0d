"""The exercises of lesson 5: the split, training a network yourself, and judging the result."""

from dataclasses import replace

import numpy as np

from ..backprop import Gradients, backpropagate
from ..diagnosis import diagnose
from ..diagnosis.own_code import OwnCode
from ..diagnosis.probe import make_probe, widths
from ..forward import Trace, forward_pass
from ..losses import CrossEntropy
from ..network import NeuralNetwork
from .compare import show
from .diagnosed import judge_numbering
from .engine import (
    Exercise,
    Finding,
    FunctionExercise,
    KnownWrongAnswer,
    NotAttempted,
    ValueExercise,
    bound,
    call,
)

LESSON = "05_mnist"


# 1 · The split: many right answers, so properties are checked instead of numbers.

_PARTS = ("X_train", "y_train", "X_validation", "y_validation")


def _judge_split(attempt, rng) -> Finding | None:
    if not callable(attempt):
        return Finding("split must be a function", "", show(attempt))
    # Many samples first: in a small set a random mask may be empty, or of the right size.
    for n, size in ((200, 61), (150, 40), (13, 4), (30, 7), (8, 1)):
        y = rng.permutation(n)
        X = np.column_stack([y + 0.25, -y, y * y]).astype(np.float64)  # row i knows its y
        finding = _judge_parts(attempt, X, y, size, int(rng.integers(10**6)))
        if finding is not None:
            called = f"split(X, y, n_validation={size}, rng) with X of shape {X.shape}"
            return replace(finding, called=called)
    return None


def _judge_parts(attempt, X, y, size, seed) -> Finding | None:
    first = bound(attempt, size, np.random.default_rng(seed))
    parts, problem = call(first, (X, y))
    if problem is not None:
        if "changed an array" in problem:
            problem = (
                "it shuffled the data themselves: X or y is not as it was. Shuffle the row "
                "numbers instead, order = rng.permutation(n), and index both with parts of it"
            )
        return Finding(problem)
    finding = _judge_rows(parts, X, y, size)
    if finding is not None:
        return finding
    again, _ = call(first, (X, y))
    finding = _judge_rows(again, X, y, size)
    if finding is not None:
        return finding
    fresh, _ = call(bound(attempt, size, np.random.default_rng(seed)), (X, y))
    chosen, chosen_again, chosen_fresh = (np.asarray(p[3]).tolist() for p in (parts, again, fresh))
    return _judge_chance(chosen, chosen_again, chosen_fresh, y, size)


def _judge_rows(parts, X, y, size) -> Finding | None:
    """Return what is wrong with the rows of the four parts."""
    n = len(X)
    if not isinstance(parts, (tuple, list)) or len(parts) != 4:
        return Finding(f"it must return four arrays, {', '.join(_PARTS)}", "", show(parts))
    shapes = [np.shape(part) for part in parts]
    expected = [(n - size, 3), (n - size,), (size, 3), (size,)]
    told = ("", f"shapes {', '.join(map(str, shapes))}", f"shapes {', '.join(map(str, expected))}")
    if shapes == [expected[i] for i in (0, 2, 1, 3)]:
        return Finding(
            "the four came back in another order: X_train, y_train come first, then "
            "X_validation, y_validation",
            *told,
        )
    if size != n - size and shapes == [expected[i] for i in (2, 3, 0, 1)]:
        return Finding(
            "training and validation are exchanged: n_validation images are set apart, "
            "the rest, which is more, is trained on",
            *told,
        )
    if shapes[:2] == [X.shape, y.shape]:
        return Finding(
            "the training part is still the whole set, so the validation images are in "
            "it. They leak: the network is examined on what it learned by heart, and "
            "looks better than it is. Take them out",
            *told,
        )
    if shapes != expected:
        return Finding(
            f"the parts have the wrong sizes: n_validation rows are set apart, the "
            f"others are trained on ({', '.join(_PARTS)})",
            *told,
        )
    X_train, y_train, X_validation, y_validation = (np.asarray(part) for part in parts)
    for rows, labels in ((X_train, y_train), (X_validation, y_validation)):
        if not np.array_equal(rows[:, 1], -labels):
            return Finding(
                "images came with the labels of others: X and y were shuffled in two "
                "different orders. Draw one order for both"
            )
    trained, held = set(y_train.tolist()), set(y_validation.tolist())
    if trained & held:
        return Finding(
            f"{len(trained & held)} samples are in both parts. They leak: the network is "
            "examined on what it was trained on. Cut one order in two, so that no row number can "
            "be on both sides"
        )
    if len(trained) + len(held) < n:
        return Finding(
            "some samples came twice and others not at all: they were drawn with "
            "putting back. rng.permutation(n) uses each row number once"
        )
    return None


def _judge_chance(first, again, fresh, y, size) -> Finding | None:
    """Return what is wrong with how the validation samples were chosen: labels of three runs."""
    if len(y) < 20:  # of few samples the same ones may be drawn twice by chance
        return None
    if sorted(first) in (sorted(y[-size:]), sorted(y[:size])):
        which = "last" if sorted(first) == sorted(y[-size:]) else "first"
        return Finding(
            f"the {which} rows were set apart as they stand. If a file is sorted, by class or by "
            "writer, validation then asks about what training never saw: shuffle first"
        )
    # By chance a chosen row is followed by another chosen one about as often as any row is chosen.
    rows = np.sort(np.argsort(y)[np.asarray(first, np.int64)])
    if len(y) >= 150 and (np.diff(rows) == 1).mean() > 0.7:
        return Finding(
            "the validation rows stand side by side in X: the order was moved on, or changed only "
            "near to where the rows stand. If the file is sorted, validation then asks about what "
            "training hardly saw: every order must be possible, rng.permutation(n)"
        )
    if first == again:
        return Finding(
            "a second call with the same rng chose the very same samples: it makes a generator of "
            "its own, with a seed inside. Use the rng that it is given"
        )
    if first != fresh:
        return Finding(
            "two calls with equal generators chose different samples: it draws from elsewhere "
            "than rng, so no run can be repeated. Use rng.permutation, and no np.random function"
        )
    return None


split = Exercise(
    LESSON,
    "split",
    judge=_judge_split,
    hints=[
        "Do not shuffle X and y: shuffle the row numbers 0 … n − 1 once, rng.permutation(len(X)).",
        "Cut that order in two: the first n_validation numbers are set apart, the others are left.",
        "X[rows] with an array of row numbers takes those rows; the same rows for y.",
    ],
)


# 2 · The four pieces of training, from lessons 1 to 4.

_PIECES = ("forward", "loss", "backward", "update")
_NETWORKS = [
    NeuralNetwork([4, 5, 3], "relu", seed=0),
    NeuralNetwork([4, 5, 6, 3], ["tanh", "sigmoid"], seed=0),
]


def _judge_pieces(attempt, rng) -> Finding | None:
    if not isinstance(attempt, OwnCode):
        return Finding(
            "pieces must be the four functions together: pieces.check(OwnCode(forward, loss, "
            "backward, update))",
            "",
            show(attempt),
        )
    missing = [name for name in _PIECES if _is_stub(getattr(attempt, name), name)]
    if len(missing) == len(_PIECES):
        raise NotAttempted
    if "forward" not in missing and (finding := judge_numbering(attempt.forward, rng)):
        return finding
    written = OwnCode(**{n: getattr(attempt, n) for n in _PIECES if n not in missing})
    for network in _NETWORKS:
        found = diagnose(written, network, loss="cross_entropy", seed=int(rng.integers(10**6)))
        if found:
            return Finding(
                "\n\n".join(
                    d.message if d.message.startswith(d.where.split(",")[0]) else str(d)
                    for d in found
                )
            )
    if missing:
        right = [name for name in _PIECES if name not in missing]
        return Finding(f"{_and(right)} right so far; still to be written: {', '.join(missing)}")
    return None


def _and(names: list[str]) -> str:
    """Return 'forward is' or 'forward and loss are'."""
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _is_stub(function, name: str) -> bool:
    """Return whether the function is missing, or raises NotImplementedError as a stub does."""
    if function is None:
        return True
    p = make_probe(_NETWORKS[0], CrossEntropy(), widths(_NETWORKS[0]))
    arguments = {
        "forward": (p.X, p.weights, p.biases, p.activations),
        "loss": (p.a[-1], p.y),
        "backward": (p.weights, p.z, p.a, p.y, p.activations),
        "update": (p.weights[0], p.weights[0], 0.1),
    }[name]
    try:
        call(function, arguments)
    except NotAttempted:
        return True
    return False


pieces = Exercise(
    LESSON,
    "pieces",
    judge=_judge_pieces,
    hints=[
        "All four are exercises of the earlier lessons: forward of lesson 1, cross_entropy of "
        "lesson 2, backward of lesson 3, update of lesson 4. mine() holds those of yours that "
        "passed; or write them again.",
        "loss is given probabilities and one-hot targets, of one shape: y * output picks those of "
        "the right class. It is minus the mean of their logarithms over the samples.",
        "A probability can come out as exactly 0, and ln 0 is −∞: np.log(np.maximum(a, 1e-12)).",
        "backward begins with (a[-1] - y) / len(y), and ends with two lists, first layer first.",
    ],
)


# 3 · The loop.


def _forward(X, weights, biases, activations):
    trace = forward_pass(weights, biases, activations, X)
    return trace.z, trace.a


def _loss(output, y):
    return -np.mean(np.log(np.maximum((y * output).sum(axis=1), 1e-12)))


def _backward(weights, z, a, y, activations):
    layers = [a[0].shape[1], *(W.shape[1] for W in weights)]
    gradients = Gradients(layers, weights[0].dtype)
    backpropagate(weights, Trace(z, a, activations), y, CrossEntropy(), gradients)
    return gradients.weights, gradients.biases


def _update(x, g, learning_rate):
    return x - learning_rate * g


# nnlib's own pieces: the loop is tried with these, so that it can be right before they are.
reference = OwnCode(_forward, _loss, _backward, _update)


def _epoch(
    own,
    weights,
    biases,
    activations,
    batches,
    learning_rate,
    *,
    stale=False,
    only_weights=False,
    unused=False,
    loss_after=False,
    sign=1,
):
    """Return (weights, biases, losses); each keyword makes one mistake."""
    weights, biases, losses = list(weights), list(biases), []
    start = weights, biases
    for X, y in batches:
        W, b = start if stale else (weights, biases)
        z, a = own.forward(X, W, b, activations)
        if not loss_after:
            losses.append(own.loss(a[-1], y))
        dW, db = own.backward(W, z, a, y, activations)
        rate = 0.0 if unused else sign * learning_rate
        weights = [own.update(x, g, rate) for x, g in zip(weights, dW, strict=True)]
        if not only_weights:
            biases = [own.update(x, g, rate) for x, g in zip(biases, db, strict=True)]
        if loss_after:
            losses.append(own.loss(own.forward(X, weights, biases, activations)[1][-1], y))
    return weights, biases, losses


def _epoch_cases(rng):
    def case(layers, hidden, sizes):
        network = NeuralNetwork(layers, hidden, seed=int(rng.integers(10**6)), dtype="float64")
        for b in network.biases:
            b[...] = rng.normal(size=b.shape)
        k = layers[-1]
        batches = [
            (rng.normal(size=(m, layers[0])), np.eye(k)[rng.integers(k, size=m)]) for m in sizes
        ]
        weights, biases = ([x.copy() for x in v] for v in (network.weights, network.biases))
        return reference, weights, biases, list(network.activations), batches, 0.3

    return [
        case([3, 4, 2], "tanh", (5, 5, 2)),
        case([4, 3], [], (6, 6)),
        case([2, 5, 4, 3], "relu", (3, 1, 3, 2)),
    ]


def _with(**mistakes):
    return lambda *arguments: _epoch(*arguments, **mistakes)


train_epoch = FunctionExercise(
    LESSON,
    "train_epoch",
    answer=lambda own, weights, biases, activations, batches, learning_rate: _epoch(
        own, weights, biases, activations, batches, learning_rate
    ),
    cases=_epoch_cases,
    leave=True,
    mistakes=[
        KnownWrongAnswer(
            "nothing has moved: update returns the new x and does not change the old one. Replace "
            "the old weights and biases with what it returns",
            _with(unused=True),
        ),
        KnownWrongAnswer(
            "the biases stayed where they were. db belongs to them, and they take the same "
            "step as the weights",
            _with(only_weights=True),
        ),
        KnownWrongAnswer(
            "every gradient was taken at the weights of the start. A gradient is true only "
            "where it was taken: from the second batch on, forward and backward must use the "
            "weights as they are now. (Adding up the gradients for one step is the same.)",
            _with(stale=True),
        ),
        KnownWrongAnswer(
            "the losses are those after the update. That costs a second forward pass for "
            "each batch: take the loss of the output that backward used, before the step",
            _with(loss_after=True),
        ),
        KnownWrongAnswer(
            "it went up the loss: update subtracts already, so hand it the gradient as it is",
            _with(sign=-1),
        ),
        KnownWrongAnswer(
            "the mean of the losses came back, but the list is wanted, one number a batch: its "
            "course within the epoch is the first thing to look at when something goes wrong",
            lambda *a: (*_epoch(*a)[:2], np.mean(_epoch(*a)[2])),
        ),
    ],
    hints=[
        "For each (X, y) of batches, five lines: forward, loss, backward, the step of the weights, "
        "the step of the biases.",
        "z, a = own.forward(X, weights, biases, activations), then own.loss(a[-1], y).",
        "weights = [own.update(W, g, learning_rate) for W, g in zip(weights, dW)], and so for the "
        "biases with db. A new list leaves the one you were given as it was.",
    ],
)


# 4 · A learning rate translated from one loss into another.

alpha = ValueExercise(
    LESSON,
    "alpha",
    answer=2.5,
    tolerance=1e-6,
    wrong={
        0.1: "upside down: our gradient is a fifth of theirs, so the same step needs five times "
        "the rate, not a fifth of it",
        0.5: "with the same number the steps are not the same: our loss is a mean over ten "
        "outputs, theirs a sum, and the gradient has that factor too",
        5.0: "the sum over ten outputs gives the factor 10, but the ½ is not dealt with yet: it "
        "cancels the 2 from the exponent in their gradient, and in ours the 2 is still there",
        10.0: "the 2 from the exponent stands in *our* gradient (theirs lost it to the ½), so it "
        "makes our steps longer: it divides the factor 10 instead of multiplying it",
        1.0: "this accounts for the ½ the wrong way round and not for the mean over ten outputs: "
        "write both gradients down and divide one by the other",
        0.25: "this accounts for the ½ and not for the mean over ten outputs: write both gradients "
        "down and divide one by the other",
        50.0: "the batch of 20 does not enter: both losses are means over the batch",
        0.125: "the batch of 20 does not enter: both losses are means over the batch",
    },
    otherwise="write down ∂/∂aⱼ of both losses for one image. Their ratio does not depend on a or "
    "y, and α times the gradient must be the same in both",
    hints=[
        "What is ∂L/∂aⱼ of ½ Σ (aⱼ − yⱼ)²? And that of 1/10 Σ (aⱼ − yⱼ)²?",
        "The first is aⱼ − yⱼ, the second 2/10 (aⱼ − yⱼ). Which α times the second is 0.5 times "
        "the first?",
    ],
)


# 5 · The confusion matrix.


def _confusion(labels, predicted, k):
    matrix = np.zeros((k, k), np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def _once(labels, predicted, k):
    matrix = np.zeros((k, k), np.int64)
    matrix[labels, predicted] += 1
    return matrix


def _classified(rng):
    """Return (labels, predicted, k): pairs occur more than once, and some classes never.

    Those are the last ones: what counts up to the largest label is too small.
    """
    cases = []
    for n, k in ((40, 3), (90, 5), (7, 2)):
        labels = np.concatenate([np.arange(k), rng.integers(k, size=n - k)])
        predicted = np.where(rng.random(n) < 0.5, labels, rng.integers(k, size=n))
        predicted[:2], labels[2:4], predicted[2:4] = 1, 0, 1  # 0 taken for 1, more than once
        cases.append((labels, predicted, k))
    labels, predicted, k = cases[0]
    return [*cases, (labels, predicted, k + 2)]


confusion = FunctionExercise(
    LESSON,
    "confusion",
    answer=_confusion,
    cases=_classified,
    mistakes=[
        KnownWrongAnswer(
            "rows and columns are exchanged: row is what the digit is, column what the network "
            "says. Otherwise '4 taken for 9' reads as '9 taken for 4'",
            lambda labels, predicted, k: _confusion(predicted, labels, k),
        ),
        KnownWrongAnswer(
            "no count exceeds 1. matrix[labels, predicted] += 1 reads all the old values first "
            "and writes them back plus one, so a pair that comes ten times is counted once. "
            "Use a loop, or np.add.at(matrix, (labels, predicted), 1)",
            _once,
        ),
        KnownWrongAnswer(
            "these are shares, but counts are wanted",
            lambda labels, predicted, k: _confusion(labels, predicted, k) / len(labels),
        ),
        KnownWrongAnswer(
            "these are shares of each row, but counts are wanted",
            lambda labels, predicted, k: (
                _confusion(labels, predicted, k)
                / np.bincount(labels.astype(np.intp), minlength=k)[:, None]
            ),
        ),
        KnownWrongAnswer(
            "the matrix is as large as the largest label asks for. Some classes may not occur in "
            "these samples, and two matrices are compared only if both are (k, k)",
            lambda labels, predicted, k: _confusion(
                labels, predicted, int(max(labels.max(), predicted.max())) + 1
            ),
        ),
        KnownWrongAnswer(
            "only right answers are counted, on the diagonal. The others are what the matrix "
            "is for",
            lambda labels, predicted, k: _confusion(labels, predicted, k) * np.eye(k),
        ),
        KnownWrongAnswer(
            "only mistakes are counted: the diagonal holds the right answers",
            lambda labels, predicted, k: _confusion(labels, predicted, k) * (1 - np.eye(k)),
        ),
    ],
    hints=[
        "Start with np.zeros((k, k), int): one more at [label, prediction] for each sample.",
        "A loop over zip(labels, predicted) does it. So does one product of two one-hot matrices.",
        "np.add.at(matrix, (labels, predicted), 1) adds 1 for each pair, also if it repeats.",
    ],
)


# 6 · The centre of mass, by which MNIST places a digit in its square.


def _centre(image):
    rows, columns = np.indices(image.shape)
    return (rows * image).sum() / image.sum(), (columns * image).sum() / image.sum()


def _ink(image):
    return (image > 0).astype(np.float64)


def _box(image):
    rows, columns = np.nonzero(image)
    return (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2


def _images(rng):
    """Return (image,): not square, blank towards one corner, each pixel with its own grey."""
    cases = []
    for height, width in ((9, 6), (5, 11), (28, 28)):
        image = np.where(rng.random((height, width)) < 0.6, rng.uniform(0.1, 1, (height, width)), 0)
        image[:, width - 2 :] = 0
        image[height // 2 :, : width // 2] *= 0.2
        image[0, 1] = 1.0
        image[height - 2, 0] = 0.7
        cases.append((image,))
    return cases


centre_of_mass = FunctionExercise(
    LESSON,
    "centre_of_mass",
    answer=_centre,
    cases=_images,
    mistakes=[
        KnownWrongAnswer(
            "row and column are exchanged: axis 0 of an image goes down, axis 1 to the right",
            lambda image: _centre(image)[::-1],
        ),
        KnownWrongAnswer(
            "every pixel with any ink counts alike here. Ink is weight: a dark pixel pulls the "
            "centre more than a grey one",
            lambda image: _centre(_ink(image)),
        ),
        KnownWrongAnswer(
            "this is the centre of the box round the ink. A 7 has most of its ink above the "
            "middle of its box: weigh each pixel by its ink",
            _box,
        ),
        KnownWrongAnswer(
            "this is the darkest pixel; all of them pull, each with its ink",
            lambda image: np.unravel_index(image.argmax(), image.shape),
        ),
        KnownWrongAnswer(
            "both are one too large: the first row and the first column are number 0",
            lambda image: tuple(x + 1 for x in _centre(image)),
        ),
        KnownWrongAnswer(
            "the sums are not divided by the ink altogether: a mean with weights is "
            "Σ ink · position / Σ ink",
            lambda image: tuple(x * image.sum() for x in _centre(image)),
        ),
        KnownWrongAnswer(
            "divided by the number of pixels, but the weights of a mean must sum to 1: divide "
            "by the ink altogether",
            lambda image: tuple(x * image.sum() / image.size for x in _centre(image)),
        ),
    ],
    hints=[
        "A mean with weights: Σ ink · position / Σ ink, for the rows and for the columns.",
        "image.sum(axis=1) is the ink of each row, shape (height,). np.arange(height) are their "
        "positions.",
        "row = image.sum(axis=1) @ np.arange(image.shape[0]) / image.sum()",
    ],
)
