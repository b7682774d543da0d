"""The exercises of lesson 2: the two losses, softmax, and their gradients."""

import functools
import math

import numpy as np

from .engine import FunctionExercise, KnownWrongAnswer, ValueExercise

LESSON = "02_loss"


# ---------------------------------------------------------------- the right answers


def _mse(a, y):
    """C = 1/(n k) Σᵢ Σⱼ (aᵢⱼ − yᵢⱼ)²."""
    return np.mean((a - y) ** 2)


def _mse_gradient(a, y):
    """∂C/∂aᵢⱼ = 2/(n k) (aᵢⱼ − yᵢⱼ)."""
    return 2 * (a - y) / a.size


def _softmax(z):
    """aⱼ = e^(zⱼ − max z) / Σₘ e^(zₘ − max z), in each row."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _log_sum_exp(z):
    """Return ln Σₘ e^zₘ of each row: shape (n, k) gives (n, 1)."""
    highest = z.max(axis=1, keepdims=True)
    return highest + np.log(np.exp(z - highest).sum(axis=1, keepdims=True))


def _log_probabilities(z, labels):
    """Return ln of the probability that softmax gives to each row's label: shape (n,)."""
    return z[np.arange(len(labels)), labels] - _log_sum_exp(z)[:, 0]


def _cross_entropy(z, labels):
    """C = −1/n Σᵢ ln a of the right class."""
    return -np.mean(_log_probabilities(z, labels))


def _cross_entropy_gradient(z, labels):
    """∂C/∂z = (a − y) / n, with y one-hot."""
    return (_softmax(z) - _one_hot(z, labels)) / len(z)


def _one_hot(z, labels):
    """Return y in the shape of z: 1 at the label of each row, else 0."""
    return np.eye(z.shape[1])[labels]


# ---------------------------------------------------------------- the numbers they are tried with


def _outputs(rng):
    """Return (a, y) of several shapes; (1, 1) comes last, since there many mistakes vanish."""
    shapes = [(5, 3), (7, 1), (1, 4), (1, 1)]
    return [(rng.normal(size=shape), rng.normal(size=shape)) for shape in shapes]


def _scores(rng):
    """Return (z,): ordinary rows, square ones, and rows whose exponentials leave the floats."""
    ordinary = [(rng.normal(scale=2, size=shape),) for shape in [(5, 3), (4, 4), (1, 6)]]
    high, mixed, wide = (rng.normal(size=(3, 4)) for _ in range(3))
    high += 1000
    mixed += np.array([[1000.0], [0.0], [-1000.0]])
    wide += np.array([-1000.0, 0.0, 500.0, 0.0])
    # Two high scores among many: the mean of the row lies far below them, and so does the median.
    peaks = rng.normal(size=(3, 12))
    peaks[:, [3, 8]] += 1000
    return [*ordinary, (high,), (mixed,), (peaks,), (wide,)]


def _labelled_scores(rng):
    """Return (z, labels); in the last, the right class has a probability too small for a float."""
    scores = [z for (z,) in _scores(rng)]
    labels = [rng.integers(z.shape[1], size=len(z)) for z in scores]
    labels[-1] = np.zeros(len(scores[-1]), np.int64)
    labels[-2] = rng.choice([3, 8], size=len(scores[-2]))
    return list(zip(scores, labels, strict=True))


def _naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def _by_column(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def _over_all(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def _shifted(z, by):
    """Softmax with by(z, axis=1, keepdims=True) subtracted where the maximum belongs."""
    return _naive_softmax(z - by(z, axis=1, keepdims=True))


_NOT_THE_LARGEST = (
    "what is subtracted from each row is not its largest score. Where a single score is far above "
    "the others the mean, the median or the smallest leave it large, e^900 overflows, and infinity "
    "divided by infinity is NaN. Subtract z.max(axis=1, keepdims=True)"
)


def _highest_of_all(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=1, keepdims=True)


def _probability_of_label(a, labels):
    return a[np.arange(len(labels)), labels]


def _minus_mean_log(a, labels):
    return -np.mean(np.log(_probability_of_label(a, labels)))


def _minus_columns(z, labels):
    a = _softmax(z)
    a[:, labels] -= 1
    return a


# ---------------------------------------------------------------- the exercises


mse = FunctionExercise(
    LESSON,
    "mse",
    answer=_mse,
    cases=_outputs,
    mistakes=[
        KnownWrongAnswer(
            "this is the sum of the squared errors, not their mean: twice as many samples "
            "would double it, and with it every step of gradient descent. Divide by how "
            "many numbers there are, n times k",
            lambda a, y: np.sum((a - y) ** 2),
        ),
        KnownWrongAnswer(
            "the sum over the outputs is not divided by k: MSE here is a mean over samples "
            "*and* outputs. Many books mean over samples only; then α means something else",
            lambda a, y: np.sum((a - y) ** 2) / len(a),
        ),
        KnownWrongAnswer(
            "there is a factor ½ too many. Books put it in so that the 2 of the derivative "
            "cancels; our MSE has none",
            lambda a, y: np.mean((a - y) ** 2) / 2,
        ),
        KnownWrongAnswer(
            "this is the mean absolute error: the errors are not squared, so a large error "
            "counts no more than several small ones",
            lambda a, y: np.mean(np.abs(a - y)),
        ),
        KnownWrongAnswer(
            "this is the mean of the errors themselves: errors of opposite sign cancel. Square "
            "each before you take the mean",
            lambda a, y: np.mean(a - y),
        ),
        KnownWrongAnswer(
            "this is the root of the mean squared error, RMSE. It has the same minimum, but "
            "another gradient",
            lambda a, y: np.sqrt(np.mean((a - y) ** 2)),
        ),
        KnownWrongAnswer(
            "this squares the mean error, but the mean of the squares is wanted: the order matters",
            lambda a, y: np.mean(a - y) ** 2,
        ),
        KnownWrongAnswer(
            "this is one number for each sample or output: take the mean over both axes, "
            "np.mean without an axis",
            lambda a, y: np.mean((a - y) ** 2, axis=1),
        ),
        KnownWrongAnswer(
            "this is one number for each output: take the mean over both axes, np.mean "
            "without an axis",
            lambda a, y: np.mean((a - y) ** 2, axis=0),
        ),
    ],
    hints=[
        "Three steps, from the inside of the formula outwards: the error, its square, the mean.",
        "a − y has the shape (n, k) of both. ** 2 squares each number of an array.",
        "np.mean(x) without an axis is the sum of all numbers of x divided by how many they are.",
    ],
)

mse_gradient = FunctionExercise(
    LESSON,
    "mse_gradient",
    answer=_mse_gradient,
    cases=_outputs,
    mistakes=[
        KnownWrongAnswer(
            "the 2 is missing: it comes down from the exponent, d(u²)/du = 2u",
            lambda a, y: (a - y) / a.size,
        ),
        KnownWrongAnswer(
            "1/(n k) is missing: the loss is a mean, so one of its n k terms moves it by only "
            "that share",
            lambda a, y: 2 * (a - y),
        ),
        KnownWrongAnswer(
            "this is the gradient of half the summed squares, the convention of many books. "
            "Ours is a mean: the factor is 2/(n k)",
            lambda a, y: a - y,
        ),
        KnownWrongAnswer(
            "divided by the n samples, but not by the k outputs: the mean is over both",
            lambda a, y: 2 * (a - y) / len(a),
        ),
        KnownWrongAnswer(
            "the sign is flipped: C grows with a where a lies above y. This usually happens "
            "when (y − a)² is differentiated and the inner derivative, −1, forgotten",
            lambda a, y: 2 * (y - a) / a.size,
        ),
        KnownWrongAnswer(
            "this is the mean of the slopes, one number, but each of the n k outputs has a "
            "slope of its own: an array in the shape of a",
            lambda a, y: np.mean(2 * (a - y)),
        ),
    ],
    hints=[
        "Only one term of the double sum holds aᵢⱼ. Differentiate that one and keep its factor.",
        "The derivative of (a − y)² with respect to a is 2 (a − y).",
        "The answer has the shape of a; a.size is n k.",
    ],
)

softmax = FunctionExercise(
    LESSON,
    "softmax",
    answer=_softmax,
    cases=_scores,
    mistakes=[
        KnownWrongAnswer(
            "right for small z, but e^1000 is infinity in floats, and infinity divided by "
            "infinity is NaN. Subtract from each row its largest z first: it changes nothing "
            "else",
            _naive_softmax,
        ),
        KnownWrongAnswer(
            "the largest z of the *whole* array is subtracted. A row that lies far below it "
            "becomes all zeros, and 0/0 is NaN: each row needs its own, "
            "z.max(axis=1, keepdims=True)",
            _highest_of_all,
        ),
        *(
            KnownWrongAnswer(_NOT_THE_LARGEST, functools.partial(_shifted, by=by))
            for by in (np.mean, np.median, np.min)
        ),
        KnownWrongAnswer(
            "the columns sum to 1 here, but a sample is a row: sum over axis=1", _by_column
        ),
        KnownWrongAnswer(
            "all numbers together sum to 1 here, but each row, a sample, must: sum with "
            "axis=1, keepdims=True",
            _over_all,
        ),
        KnownWrongAnswer(
            "the exponentials are not divided by their sum, so the rows do not sum to 1",
            lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        ),
        KnownWrongAnswer(
            "the shares of the z themselves are not probabilities: they may be negative. Take "
            "the exponentials first",
            lambda z: z / z.sum(axis=1, keepdims=True),
        ),
        KnownWrongAnswer(
            "this is the logarithm of softmax: correct in itself, and what cross-entropy "
            "needs, but here the probabilities are asked for",
            lambda z: z - _log_sum_exp(z),
        ),
    ],
    hints=[
        "Write it first as the formula says, with np.exp and a sum over each row.",
        "The sum of each row loses its axis; keepdims=True keeps it, and (n, 1) divides (n, k) row "
        "by row.",
        "Before np.exp, subtract z.max(axis=1, keepdims=True). Then the largest exponential is 1.",
    ],
)

cross_entropy = FunctionExercise(
    LESSON,
    "cross_entropy",
    answer=_cross_entropy,
    cases=_labelled_scores,
    mistakes=[
        KnownWrongAnswer(
            "right for small z, but for large ones softmax overflows to NaN before the "
            "logarithm sees it. Do not compute a at all: "
            "ln a = z − log-sum-exp(z), with the largest z taken out of the sum",
            lambda z, labels: _minus_mean_log(_naive_softmax(z), labels),
        ),
        KnownWrongAnswer(
            "the logarithm of a stable softmax still sees a 0 where a probability is too small "
            "for a float, and ln 0 is −∞. Do not compute a at all: ln a = z − log-sum-exp(z)",
            lambda z, labels: _minus_mean_log(_softmax(z), labels),
        ),
        KnownWrongAnswer(
            "e^z overflows within the log-sum-exp: take the largest z out of it first, "
            "ln Σ e^z = m + ln Σ e^(z − m)",
            lambda z, labels: np.mean(
                np.log(np.exp(z).sum(axis=1)) - _probability_of_label(z, labels)
            ),
        ),
        KnownWrongAnswer(
            "what is taken out of each row is not its largest score but its mean. Where a single "
            "score is far above the others, e^(z − mean) still overflows: m is the maximum",
            lambda z, labels: _minus_mean_log(_shifted(z, np.mean), labels),
        ),
        KnownWrongAnswer(
            "the sign is flipped: a logarithm of a probability is negative, and a loss is to "
            "be made small",
            lambda z, labels: np.mean(_log_probabilities(z, labels)),
        ),
        KnownWrongAnswer(
            "this is the sum over the samples, not their mean: the learning rate would depend "
            "on the batch size",
            lambda z, labels: -np.sum(_log_probabilities(z, labels)),
        ),
        KnownWrongAnswer(
            "divided by n k, but only one class of each row counts: the mean is over the n samples",
            lambda z, labels: -np.sum(_log_probabilities(z, labels)) / z.size,
        ),
        KnownWrongAnswer(
            "this is minus the mean probability of the right class: the logarithm is missing, "
            "which punishes a confident mistake so much harder",
            lambda z, labels: -np.mean(_probability_of_label(_softmax(z), labels)),
        ),
        KnownWrongAnswer(
            "the logarithm is to the base 2; the course measures in nats, np.log",
            lambda z, labels: _cross_entropy(z, labels) / math.log(2),
        ),
        KnownWrongAnswer(
            "this is the loss of each sample; the mean over them is wanted",
            lambda z, labels: -_log_probabilities(z, labels),
        ),
    ],
    hints=[
        "Start from ln aⱼ = zⱼ − ln Σₘ e^zₘ: no softmax, no division.",
        "z[np.arange(n), labels] picks the z of the right class from each row: shape (n,).",
        "m = z.max(axis=1); the log-sum-exp is m + np.log(np.exp(z - m[:, None]).sum(axis=1)).",
        "The loss is the mean of (log-sum-exp − z of the right class).",
    ],
)

cross_entropy_gradient = FunctionExercise(
    LESSON,
    "cross_entropy_gradient",
    answer=_cross_entropy_gradient,
    cases=_labelled_scores,
    mistakes=[
        KnownWrongAnswer(
            "1/n is missing: the loss is a mean over the samples, so each of them moves it by "
            "an n-th part",
            lambda z, labels: _softmax(z) - _one_hot(z, labels),
        ),
        KnownWrongAnswer(
            "the sign is flipped: raising the z of a wrong class must raise the loss",
            lambda z, labels: (_one_hot(z, labels) - _softmax(z)) / len(z),
        ),
        KnownWrongAnswer(
            "these are the probabilities over n: the one-hot target is not yet subtracted, so "
            "the right class is pushed down with the others",
            lambda z, labels: _softmax(z) / len(z),
        ),
        KnownWrongAnswer(
            "divided by n k, but cross-entropy is a mean over the n samples only",
            lambda z, labels: (_softmax(z) - _one_hot(z, labels)) / z.size,
        ),
        KnownWrongAnswer(
            "z itself stands where the probabilities a = softmax(z) should",
            lambda z, labels: (z - _one_hot(z, labels)) / len(z),
        ),
        KnownWrongAnswer(
            "this softmax overflows: e^1000 is infinity. Use the stable one, with the largest "
            "z of the row subtracted",
            lambda z, labels: (_naive_softmax(z) - _one_hot(z, labels)) / len(z),
        ),
        *(
            KnownWrongAnswer(
                _NOT_THE_LARGEST,
                lambda z, labels, by=by: (_shifted(z, by) - _one_hot(z, labels)) / len(z),
            )
            for by in (np.mean, np.median, np.min)
        ),
        KnownWrongAnswer(
            "this is −y/a, the derivative with respect to a; asked for is the one with respect "
            "to z, after the Jacobian of softmax: (a − y)/n",
            lambda z, labels: -_one_hot(z, labels) / _softmax(z) / len(z),
        ),
        KnownWrongAnswer(
            "1 is subtracted in a whole column of each label instead of once in each row: "
            "a[:, labels] is not a[np.arange(n), labels]",
            lambda z, labels: _minus_columns(z, labels) / len(z),
        ),
    ],
    hints=[
        "Everything cancels to ∂C/∂z = (a − y)/n.",
        "y has a 1 at the label of each row. Instead of building y, subtract 1 from a there.",
        "a[np.arange(n), labels] -= 1 does that for all rows at once; a is your own new array.",
    ],
)


start_loss = ValueExercise(
    LESSON,
    "start_loss",
    answer=math.log(26),
    tolerance=0.01,
    wrong={
        math.log2(26): "this is log₂ 26: our logarithms are natural ones, np.log",
        -math.log(26): "the sign is flipped: −ln(1/26) is positive",
        1 / 26: "this is the probability of each letter; the loss is minus its logarithm",
        math.log(10): "this is ln 10, for ten classes; here there are 26",
        26.0: "this is the number of classes; the loss is minus the logarithm of what each gets",
    },
    otherwise="before it has learned anything, each of the 26 letters gets the same probability; "
    "the loss is minus the logarithm of that of the right letter",
    hints=[
        "What probability does a network that knows nothing give to each letter?",
        "C = −ln a of the right class, and a = 1/26.",
    ],
)
