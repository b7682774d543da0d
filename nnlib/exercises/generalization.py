"""The exercises of lesson 6: when to stop, a price on weights, doubt, and dropout."""

from dataclasses import replace

import numpy as np

from .compare import show
from .engine import Exercise, Finding, FunctionExercise, KnownWrongAnswer, bound, call

LESSON = "06_generalization"


# 1 · When to stop.


def _stopping(
    losses, patience, *, ties=False, versus_last=False, no_reset=False, late=0, highest=False
):
    """Return (best, last): which epoch to keep, and after which training stops."""
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        new, old = losses[epoch], losses[epoch - 1 if versus_last else best]
        better = new > old if highest else new <= old if ties else new < old
        if better:
            waited = waited if no_reset else 0
        else:
            waited += 1
        if losses[epoch] < losses[best] or (ties and better) or (highest and better):
            best = epoch
        if waited == patience + late:
            return best, epoch
    return best, len(losses) - 1


def _curves(rng):
    """Return (losses, patience): falling and rising again, with ties and with a late second dip."""

    def noise(n):
        return rng.uniform(0.001, 0.004, n)

    usual = np.array([2.3, 0.9, 0.5, 0.6, 0.4, 0.38, 0.41, 0.39, 0.45, 0.5, 0.2, 0.1, 0.3])
    usual = usual + noise(13)
    tied = np.array([1.0, 0.5, 0.5, 0.7, 0.5, 0.6, 0.8, 0.7, 0.3])
    zigzag = np.array([1.0, 0.6, 0.8, 0.7, 0.9, 0.85, 0.95, 0.2]) + noise(8)
    falling = np.array([1.0, 0.8, 0.7, 0.6]) + noise(4)
    return [(usual, 3), (tied, 3), (zigzag, 3), (falling, 2), (usual, 1), (np.array([0.7]), 2)]


early_stopping = FunctionExercise(
    LESSON,
    "early_stopping",
    answer=lambda losses, patience: _stopping(losses, patience),
    cases=_curves,
    mistakes=[
        KnownWrongAnswer(
            "this looks into the future: it takes the lowest loss of the whole curve, but "
            "training had stopped by then and those epochs were never made. Go through the "
            "losses one by one",
            lambda losses, p: (int(np.argmin(losses)), len(losses) - 1),
        ),
        KnownWrongAnswer(
            "the best epoch is that of the whole curve, but where training stops, nothing "
            "later can be known: only the epochs up to there count",
            lambda losses, p: (int(np.argmin(losses)), _stopping(losses, p)[1]),
        ),
        KnownWrongAnswer(
            "each epoch is compared with the one before it. A loss that rises and then falls a "
            "little is not a new best: compare with the lowest so far",
            lambda losses, p: _stopping(losses, p, versus_last=True),
        ),
        KnownWrongAnswer(
            "the epochs without a new best are counted over the whole run. A new best starts "
            "the count again, at zero",
            lambda losses, p: _stopping(losses, p, no_reset=True),
        ),
        KnownWrongAnswer(
            "it waits one epoch too long: stop as soon as `patience` epochs in a row have "
            "brought no new best",
            lambda losses, p: _stopping(losses, p, late=1),
        ),
        KnownWrongAnswer(
            "the epoch to keep is the best one, not the one at which training stopped: the "
            "network of that moment has already got worse",
            lambda losses, p: (_stopping(losses, p)[1],) * 2,
        ),
        KnownWrongAnswer(
            "an equal loss counted as an improvement. It must be lower, or a curve that lies "
            "level would train for ever",
            lambda losses, p: _stopping(losses, p, ties=True),
        ),
        KnownWrongAnswer(
            "it looks for the highest value, as for an accuracy; a loss is best where lowest",
            lambda losses, p: _stopping(losses, p, highest=True),
        ),
        KnownWrongAnswer(
            "it stops at the first rise. Curves of validation are noisy: that is what "
            "`patience` is for",
            lambda losses, p: _stopping(losses, 1),
        ),
    ],
    hints=[
        "Keep two numbers: which epoch was the best so far, and how long ago that was.",
        "For each epoch after the first: if its loss is lower than losses[best], best = epoch; "
        "else, if epoch - best == patience, stop.",
        "How many epochs have passed without a new best is just epoch - best.",
        "If the losses end before that, the last one is where it stops: len(losses) - 1.",
    ],
)


# 2 · A price on large weights.


def _penalized(W, dW, l1, l2):
    return dW + l1 * np.sign(W) + l2 * W


def _of_both_signs(rng, shape):
    """Return weights of which the first is negative and the last positive, none of them near 0."""
    sizes, signs = rng.uniform(0.2, 2, shape), rng.choice([-1, 1], shape)
    signs.flat[0], signs.flat[-1] = -1, 1
    return signs * sizes


penalized = FunctionExercise(
    LESSON,
    "penalized",
    answer=_penalized,
    cases=lambda rng: [
        (_of_both_signs(rng, shape), rng.normal(size=shape), l1, l2)
        for shape, l1, l2 in (((3, 2), 0.3, 0.2), ((4, 5), 0.0, 0.1), ((1, 3), 0.05, 0.0))
    ],
    mistakes=[
        KnownWrongAnswer(
            "the price is subtracted, which rewards large weights. It is added to the loss, so its "
            "derivative is added to the gradient; the minus comes with the update",
            lambda W, dW, l1, l2: dW - l1 * np.sign(W) - l2 * W,
        ),
        KnownWrongAnswer(
            "the derivative of λ₂/2·w² is λ₂ w: the ½ is there so that it cancels the 2",
            lambda W, dW, l1, l2: dW + l1 * np.sign(W) + 2 * l2 * W,
        ),
        KnownWrongAnswer(
            "the derivative of λ₂/2·w² is λ₂ w, without the ½: the 2 of the square cancels it",
            lambda W, dW, l1, l2: dW + l1 * np.sign(W) + l2 / 2 * W,
        ),
        KnownWrongAnswer(
            "this adds the price itself, |w|, where its slope belongs: 1 for a positive w and −1 "
            "for a negative one, np.sign(W)",
            lambda W, dW, l1, l2: dW + l1 * np.abs(W) + l2 * W,
        ),
        KnownWrongAnswer(
            "λ₁ is added whatever the sign of the weight. The slope of |w| is −1 for a negative w: "
            "np.sign(W)",
            lambda W, dW, l1, l2: dW + l1 + l2 * W,
        ),
        KnownWrongAnswer(
            "the gradient of the loss, dW, is missing: the price comes on top of it",
            lambda W, dW, l1, l2: l1 * np.sign(W) + l2 * W,
        ),
        KnownWrongAnswer(
            "λ₁ and λ₂ are taken for each other: λ₁ belongs to |w|, λ₂ to w²",
            lambda W, dW, l1, l2: dW + l2 * np.sign(W) + l1 * W,
        ),
    ],
    hints=[
        "L is a sum, so its gradient is the sum of three: that of C, that of λ₁ Σ|w|, that of "
        "λ₂/2 Σ w².",
        "The slope of |w| is the sign of w; the slope of w²/2 is w.",
        "return dW + l1 * np.sign(W) + l2 * W",
    ],
)


# 3 · "I don't know".


def _abstain(probabilities, labels, threshold):
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return sure.mean(), right[sure].mean() if sure.any() else np.nan


def _beliefs(rng):
    """Return (probabilities, labels, threshold): sharp and vague rows; in the last none is sure."""
    cases = []
    for n, k, threshold in ((60, 4, 0.6), (35, 3, 0.8)):
        z = rng.normal(size=(n, k)) * rng.uniform(0.5, 4, size=(n, 1))
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        p[0] = (1 - threshold) / (k - 1)
        p[0, 0] = threshold  # just sure enough
        labels = np.where(rng.random(n) < 0.6, p.argmax(axis=1), rng.integers(k, size=n))
        labels[0] = 0
        cases.append((p, labels, float(p[0, 0])))
    return [*cases, (np.full((6, 3), 1 / 3), np.zeros(6, np.int64), 0.9)]


def _right(p, labels):
    return p.argmax(axis=1) == labels


abstain = FunctionExercise(
    LESSON,
    "abstain",
    answer=_abstain,
    cases=_beliefs,
    mistakes=[
        KnownWrongAnswer(
            "the right answers are divided by all samples. Of those that it leaves open the "
            "network has said nothing: the second number is a share of the *answered* ones",
            lambda p, labels, t: (
                (p.max(axis=1) >= t).mean(),
                (_right(p, labels) & (p.max(axis=1) >= t)).mean(),
            ),
        ),
        KnownWrongAnswer(
            "it asks for the probability of the right class. Nobody knows which is right when "
            "a new digit comes: only the largest probability, of whatever class, may decide",
            lambda p, labels, t: _abstain_by(p, labels, p[np.arange(len(p)), labels] >= t),
        ),
        KnownWrongAnswer(
            "a sample exactly at the threshold is left open: answer where the largest "
            "probability is at least the threshold, >=",
            lambda p, labels, t: _abstain_by(p, labels, p.max(axis=1) > t),
        ),
        KnownWrongAnswer(
            "the first number is the share left open; the share answered is wanted",
            lambda p, labels, t: (1 - _abstain(p, labels, t)[0], _abstain(p, labels, t)[1]),
        ),
        KnownWrongAnswer(
            "it answers where it is unsure: ≥ and < are exchanged",
            lambda p, labels, t: _abstain_by(p, labels, p.max(axis=1) < t),
        ),
        KnownWrongAnswer(
            "the second number is the mean probability of its answers, what it believes of "
            "itself. Whether they *are* right is the question: compare with the labels",
            lambda p, labels, t: (
                (s := p.max(axis=1) >= t).mean(),
                p.max(axis=1)[s].mean() if s.any() else np.nan,
            ),
        ),
        KnownWrongAnswer(
            "the first number is how many are answered; the share is wanted",
            lambda p, labels, t: ((p.max(axis=1) >= t).sum(), _abstain(p, labels, t)[1]),
        ),
        KnownWrongAnswer(
            "the accuracy is that over all samples, those left open too",
            lambda p, labels, t: (_abstain(p, labels, t)[0], _right(p, labels).mean()),
        ),
    ],
    hints=[
        "sure = probabilities.max(axis=1) >= threshold is True where it answers.",
        "What it answers is probabilities.argmax(axis=1). Compare with labels, and keep those of "
        "`sure`.",
        "The mean of an array of True and False is the share of True. If none is answered there is "
        "no accuracy: return np.nan.",
    ],
)


def _abstain_by(p, labels, sure):
    return sure.mean(), _right(p, labels)[sure].mean() if sure.any() else np.nan


# 4 · Dropout: random, so properties are checked.


def _judge_dropout(attempt, rng) -> Finding | None:
    if not callable(attempt):
        return Finding("dropout must be a function", "", show(attempt))
    for p, shape in ((0.3, (60, 50)), (0.8, (50, 40)), (0.5, (70, 30))):
        a = rng.uniform(0.5, 2, size=shape)
        seed = int(rng.integers(10**6))
        finding = _judge_mask(attempt, a, p, seed) or _judge_test_time(attempt, a, p, seed)
        if finding is not None:
            return replace(
                finding,
                called=finding.called
                or f"dropout(a, p={p}, rng, training=True) with a of shape {shape}",
            )
    return None


def _judge_mask(attempt, a, p, seed) -> Finding | None:
    dropped = bound(attempt, p, np.random.default_rng(seed), True)
    out, problem = call(dropped, (a,))
    if problem is not None:
        return Finding(problem)
    out = np.asarray(out)
    if out.shape != a.shape or out.dtype.kind not in "biuf":
        return Finding(f"it must return an array of the shape of a, {a.shape}", "", show(out))
    off, share = out == 0, float((out == 0).mean())
    told = (
        "",
        f"{share:.0%} of the activations are 0, the others are "
        f"{_times(out, a, off)} what they were",
        f"about {p:.0%} are 0, the others {1 / (1 - p):.3g} times what they were",
    )
    if not off.any():
        return Finding(
            "no activation is 0: in training each is switched off with the probability p", *told
        )
    if off.all():
        return Finding(
            "all activations are 0: keep those where rng.random(a.shape) is p or more", *told
        )
    if (off == off[0]).all() or (off == off[:, :1]).all():
        return Finding(
            "the same neurons are off in every sample, or whole samples are: draw one "
            "number for each entry, rng.random(a.shape)",
            *told,
        )
    factor = (out / a)[~off]
    if not np.allclose(factor, factor[0]):
        return Finding(
            "the activations that stay are not multiplied by one and the same factor, 1/(1 − p)",
            *told,
        )
    if abs(share - p) > 0.1:
        return Finding(_wrong_share(share, p), *told)
    if not np.isclose(factor[0], 1 / (1 - p)):
        return Finding(_wrong_factor(float(factor[0]), p), *told)
    return _judge_generator(attempt, dropped, a, p, seed, off)


def _times(out, a, off) -> str:
    factor = (out / a)[~off]
    if not factor.size:
        return "none"
    return f"{factor[0]:.3g} times" if np.allclose(factor, factor[0]) else "various multiples of"


def _wrong_share(share: float, p: float) -> str:
    if p != 0.5 and abs(share - (1 - p)) < 0.1:
        return (
            "p is taken for the probability to stay. Here p is the probability to be switched off, "
            "so those stay for which rng.random is p or more (papers differ: look which they mean)"
        )
    return "the share that is switched off is not p: compare rng.random(a.shape) with p"


def _wrong_factor(factor: float, p: float) -> str:
    if np.isclose(factor, 1):
        return (
            "those that stay are not scaled up. Then the next layer gets, on average, only 1 − p "
            "of what it gets at test time, when no neuron is off. Divide by 1 − p"
        )
    if np.isclose(factor, 1 - p):
        return "multiplied by 1 − p instead of divided: the mean of an activation must stay"
    if np.isclose(factor, 1 / p):
        return "divided by p, the share that goes. It is the share that stays, 1 − p, that counts"
    return "the factor is not 1/(1 − p), which keeps the mean of each activation as it was"


def _judge_generator(attempt, dropped, a, p, seed, off) -> Finding | None:
    again = np.asarray(call(dropped, (a,))[0]) == 0
    fresh = np.asarray(call(bound(attempt, p, np.random.default_rng(seed), True), (a,))[0]) == 0
    if np.array_equal(off, again):
        return Finding(
            "the same activations are off in a second call with the same rng: a new "
            "mask must be drawn each time, from the rng that is given"
        )
    if not np.array_equal(off, fresh):
        return Finding(
            "two calls with equal generators gave different masks: it draws from "
            "elsewhere than rng. Use rng.random, and no np.random function"
        )
    return None


def _judge_test_time(attempt, a, p, seed) -> Finding | None:
    called = f"dropout(a, p={p}, rng, training=False) with a of shape {a.shape}"
    out, problem = call(bound(attempt, p, np.random.default_rng(seed), False), (a,))
    if problem is not None:
        return Finding(problem, called)
    if np.shape(out) == a.shape and np.allclose(out, a):
        return None
    out = np.asarray(out)
    if out.shape == a.shape and (out == 0).any():
        why = (
            "neurons are switched off outside training too: at test time all of them answer, and "
            "the same digit gets the same answer each time. Without training, return a as it is"
        )
    elif out.shape == a.shape and np.allclose(out, a * (1 - p)):
        why = (
            "scaled down at test time: that belongs to dropout as it was first published, which "
            "does not scale in training. Here the scaling is done in training, and at test time a "
            "is left alone"
        )
    else:
        why = "without training, return a as it is"
    return Finding(why, called, show(out), show(a))


dropout = Exercise(
    LESSON,
    "dropout",
    judge=_judge_dropout,
    hints=[
        "Without training there is nothing to do: return a.",
        "stays = rng.random(a.shape) >= p is True with the probability 1 − p, entry by entry.",
        "a * stays switches the others off; divided by 1 − p its mean is again that of a.",
    ],
)
