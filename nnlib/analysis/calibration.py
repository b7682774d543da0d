"""Is a network as sure as it should be, and when should it rather say "I don't know"?

The confidence of an answer is its probability, p = maxⱼ aⱼ⁽ᴸ⁾. A network is calibrated if of
all answers with p = 0.8 it gives, 80 % are right. To see whether it is, sort the answers by
their confidence into M bins Bₘ of equal width, and compare in each

    conf(Bₘ) = mean of p        acc(Bₘ) = share that is right

    ECE = Σₘ |Bₘ|/n · |acc(Bₘ) − conf(Bₘ)|             expected calibration error

An answer that is withheld cannot be wrong. With a threshold t the network answers where p ≥ t,

    coverage = share of samples answered        error = share of wrong ones among those answered

and a higher t trades the one for the other. Like every other setting, t is chosen on validation
data: on the data that it was chosen by, the error looks a little smaller than it is.

Sources: Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural networks* (2017),
section 2; Chow, *On optimum recognition error and reject tradeoff* (1970); Geifman and El-Yaniv,
*Selective classification for deep neural networks* (2017).
"""

from dataclasses import dataclass

import numpy as np

from ..support.arrays import as_labels, as_numbers
from ..support.checks import as_number, as_whole

MOST_BINS = 10_000


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence against accuracy in M bins of equal width: bin m holds edges[m] < p ≤ edges[m+1].

    edges        shape (M + 1,), from 0 to 1
    counts       how many answers lie in each bin, shape (M,)
    confidence   conf(Bₘ), shape (M,), NaN for an empty bin
    accuracy     acc(Bₘ), likewise
    """

    edges: np.ndarray
    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error: 0 for a network that is as sure as it should be."""
        full = self.counts > 0
        gaps = np.abs(self.accuracy - self.confidence)[full]
        return float(gaps @ self.counts[full] / self.counts.sum())

    @property
    def overconfidence(self) -> float:
        """Mean confidence less accuracy, over all answers: positive if it is too sure."""
        full = self.counts > 0
        gaps = (self.confidence - self.accuracy)[full]
        return float(gaps @ self.counts[full] / self.counts.sum())


@dataclass(frozen=True, eq=False)
class Answered:
    """What happens if a network only answers where it is sure, for several thresholds.

    thresholds   t, shape (m,)
    coverage     the share of all samples that is answered, p ≥ t, shape (m,)
    accuracy     the share of these that is right, shape (m,); NaN where none is answered
    """

    thresholds: np.ndarray
    coverage: np.ndarray
    accuracy: np.ndarray


def reliability(probabilities, y, bins: int = 10) -> Reliability:
    """Return confidence and accuracy by bins.

    `probabilities` has shape (n, k), one row a sample as softmax gives them, and y holds the
    labels, integers of shape (n,). Raises ValueError for anything else.
    """
    p, right = _answers(probabilities, y)
    edges = np.linspace(0, 1, as_whole("bins", bins, at_least=1, at_most=MOST_BINS) + 1)
    which = np.minimum(np.searchsorted(edges, p) - 1, len(edges) - 2)  # 1.0001 is 1, rounded
    counts, sure, correct = (
        np.bincount(which, weights, minlength=len(edges) - 1) for weights in (None, p, right)
    )
    with np.errstate(invalid="ignore"):  # 0/0 in an empty bin is the NaN it should be
        return Reliability(edges, counts, sure / counts, correct / counts)


def answered_above(probabilities, y, thresholds) -> Answered:
    """Return coverage and accuracy for each of the thresholds; see `reliability` for p and y."""
    p, right = _answers(probabilities, y)
    thresholds = as_numbers("thresholds", thresholds).astype(np.float64)
    if thresholds.ndim != 1 or np.isnan(thresholds).any():
        raise ValueError(
            f"thresholds must be numbers of shape (m,), not of shape {thresholds.shape}"
        )
    answers = p >= thresholds[:, None]  # (m, n)
    n = answers.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return Answered(thresholds, n / len(p), (answers & right).sum(axis=1) / n)


def threshold_for(probabilities, y, error: float) -> float:
    """Return the lowest threshold at which at most the share `error` of the answers is wrong.

    That is the one with the largest coverage. It is infinite, so nothing is answered, if even
    the surest answers are wrong more often. See `reliability` for the arguments.
    """
    p, right = _answers(probabilities, y)
    error = as_number("error", error, 0, 1, "a share, 0.01 is 1 %")
    order = np.argsort(-p, kind="stable")
    p, wrong = p[order], np.cumsum(~right[order])
    # All answers that are equally sure are given, or none of them.
    last = np.append(p[1:] < p[:-1], True)
    allowed = error * np.arange(1, len(p) + 1) + 1e-9  # 29 of 100 are 29 %, however it is rounded
    fits = np.flatnonzero(last & (wrong <= allowed))
    return float(p[fits[-1]]) if len(fits) else np.inf


def one_column(a: np.ndarray) -> str:
    """Say what to do with the output of a network with a single output, shape (n, 1)."""
    alone = a.ndim == 2 and a.shape[1] == 1
    return ": for one sigmoid output p pass np.hstack([1 - p, p])" if alone else ""


def _answers(probabilities, y) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidence of each answer and whether it is right, both of shape (n,)."""
    a = as_numbers("probabilities", probabilities)
    if a.ndim != 2 or a.shape[1] < 2 or a.size == 0:
        raise ValueError(
            f"probabilities have shape {a.shape}, but must have one row for each sample and one "
            f"column for each class{one_column(a)}"
        )
    y = as_labels(y, len(a), a.shape[1], "the labels y")
    sums = a.sum(axis=1, dtype=np.float64)
    if not (a.min() >= 0 and np.abs(sums - 1).max() < 1e-3):
        row = np.abs(np.nan_to_num(sums, nan=np.inf) - 1).argmax()
        raise ValueError(
            f"probabilities must not be negative and each row must sum to 1, but row {row} sums "
            f"to {sums[row]:g}: pass the output of a softmax, network.forward(X).output"
        )
    return a.max(axis=1).astype(np.float64), a.argmax(axis=1) == y
