"""The exercises of lesson 4: update, threshold, mini-batches, momentum, Adam, and tuning."""

import functools
from dataclasses import replace
from itertools import islice

import numpy as np

from ..diagnosis.check_update import check_update
from ..diagnosis.own_code import OwnCode
from .compare import show
from .engine import Exercise, Finding, FunctionExercise, KnownWrongAnswer, NotAttempted, call

LESSON = "04_descent"


# 1 · The update.


class _Update(FunctionExercise):
    """As the labs do, it asks `nnlib.diagnosis` what is wrong: it knows every usual mistake."""

    def judge(self, attempt, rng):
        finding = super().judge(attempt, rng)
        if finding is None or "changed an array" in finding.why or "None" in finding.why:
            return finding
        found = check_update(OwnCode(update=attempt), seed=0) if callable(attempt) else []
        return replace(finding, why=found[0].message) if found else finding


update = _Update(
    LESSON,
    "update",
    answer=lambda x, g, learning_rate: x - learning_rate * g,
    cases=lambda rng: [
        (rng.normal(size=shape), rng.normal(size=shape), float(rng.uniform(0.01, 0.3)))
        for shape in ((1,), (7,), (3, 2))
    ],
    mistakes=[],
    leave=True,
    hints=[
        "The gradient points uphill. Which way does a step go, and how long is it?",
        "One line is enough: numpy scales and subtracts whole arrays, whatever their shape.",
        "return x - … * g, with the learning rate in the place of the dots",
    ],
)


# 2 · The threshold.


def _symmetric(rng, n: int) -> np.ndarray:
    """Return a Hessian with eigenvalues of 0.5 to 20 in directions other than the axes.

    The largest is well above the others, so that power iteration finds it soon.
    """
    turn, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return turn @ np.diag([rng.uniform(15, 20), *rng.uniform(0.5, 8, n - 1)]) @ turn.T


def _curvatures(H) -> np.ndarray:
    return np.linalg.eigvalsh(H)


largest_rate = FunctionExercise(
    LESSON,
    "largest_rate",
    answer=lambda H: 2 / _curvatures(H)[-1],
    cases=lambda rng: [(_symmetric(rng, n),) for n in (2, 3, 6)] + [(np.diag([1.0, 8.0]),)],
    mistakes=[
        KnownWrongAnswer(
            "this is 2 over the smallest curvature. A step must shrink the distance in every "
            "direction, also in the steepest: it is the largest λ that sets the limit",
            lambda H: 2 / _curvatures(H)[0],
        ),
        KnownWrongAnswer(
            "this is 1 over the largest curvature: the rate that lands in the minimum in one "
            "step. It still converges with up to twice as much, while |1 − αλ| < 1",
            lambda H: 1 / _curvatures(H)[-1],
        ),
        KnownWrongAnswer(
            "this is 2 over the largest entry of H. It stands on the diagonal, where the "
            "curvatures along the axes are. A direction between the axes may be steeper; the "
            "extreme ones are H's eigenvectors, with its eigenvalues as their curvatures: "
            "np.linalg.eigvalsh(H)",
            lambda H: 2 / np.diag(H).max(),
        ),
        KnownWrongAnswer(
            "the sum of the curvatures (H's trace) is too careful: directions do not add up, "
            "each has a bound of its own, and the smallest bound counts",
            lambda H: 2 / np.trace(H),
        ),
        KnownWrongAnswer(
            "this is λ/2, upside down: the more curved, the smaller must be the step, 2/λ",
            lambda H: _curvatures(H)[-1] / 2,
        ),
    ],
    hints=[
        "In the direction of an eigenvector of H the loss is a parabola, and its eigenvalue is λ.",
        "Each of these parabolas bounds α by 2/λ. Which bound is the tightest?",
        "np.linalg.eigvalsh(H) returns the eigenvalues of a symmetric matrix, smallest first.",
    ],
)


# 3 · Mini-batches: many right answers, so properties are checked instead of numbers.


def _labelled(rng, n: int):
    """Return X and y of n samples that can be told apart, out of order: row i of both is i's."""
    y = rng.permutation(n)
    return np.column_stack([y + 0.25, -y, y * y]).astype(np.float64), y


# So many in a row: what is random does not look the same in all of them. More where orders are
# told apart, which takes many samples: of few the same order may come again by chance.
EPOCHS, MANY_SAMPLES, MANY_EPOCHS = 6, 60, 20


def _judge_minibatches(attempt, rng) -> Finding | None:
    if not callable(attempt):
        return Finding("minibatches must be a function", "", show(attempt))
    for n, size in ((11, 4), (60, 8), (12, 4), (7, 1), (6, 10)):
        X, y = _labelled(rng, n)
        seed = int(rng.integers(10**6))
        called = f"minibatches(X, y, batch_size={size}, rng) with X of shape {X.shape}"
        finding = _judge_epochs(attempt, X, y, size, seed)
        if finding is not None:
            return replace(finding, called=called)
    return None


def _judge_epochs(attempt, X, y, size, seed) -> Finding | None:
    rng, epochs = np.random.default_rng(seed), []
    for _ in range(MANY_EPOCHS if len(X) >= MANY_SAMPLES else EPOCHS):
        batches, finding = _epoch(attempt, X, y, size, rng)
        if finding := finding or _judge_epoch(batches, X, y, size):
            return finding
        epochs.append([np.asarray(b, int) for _, b in batches])
    if len(X) < MANY_SAMPLES:
        return None
    again, finding = _epoch(attempt, X, y, size, np.random.default_rng(seed))
    if finding := finding or _judge_epoch(again, X, y, size):
        return finding
    return _judge_order(epochs, [np.asarray(b, int) for _, b in again], y, size)


def _epoch(attempt, X, y, size, rng):
    """Return (the batches of one epoch, None), or (None, what stopped it)."""

    @functools.wraps(attempt)  # whose lines an error is told by
    def one_epoch(X, y) -> list:
        # One more than there can be: enough to see that it does not end.
        return list(islice(iter(attempt(X, y, size, rng)), len(X) + 1))

    batches, problem = call(one_epoch, (X, y))  # without rng, which is meant to move on
    if problem is None:
        return batches, None
    if "'NoneType' object is not iterable" in problem:
        problem = "it returned None. Put `yield X_batch, y_batch` where a batch is ready"
    elif "changed an array" in problem:
        problem = (
            "it shuffled the data themselves: X or y has changed, but the caller still "
            "needs the old order. Shuffle the row numbers instead, order = rng.permutation(n)"
        )
    return None, Finding(problem)


def _judge_epoch(batches, X, y, size) -> Finding | None:
    """Return what is wrong with the batches of one epoch."""
    n = len(X)
    if len(batches) > n:
        return Finding(
            "it does not stop after one epoch. Each sample is used once: go over the row numbers "
            "in steps of batch_size, range(0, n, batch_size)"
        )
    try:
        pairs = [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in batches]
    except (TypeError, ValueError):
        return Finding(
            "each batch must be a pair: yield X_batch, y_batch",
            "",
            show(batches[0]) if batches else "nothing",
        )
    sizes = [len(a) if a.ndim else 0 for a, _ in pairs]
    returned = f"batches of {', '.join(map(str, sizes)) or 'nothing'} samples"
    expected = f"batches of {', '.join(str(min(size, n - i)) for i in range(0, n, size))} samples"
    for a, b in pairs:
        if a.ndim != 2 or a.shape[1] != X.shape[1] or b.shape != a.shape[:1]:
            return Finding(
                f"a batch has X of shape {a.shape} and y of shape {b.shape}, but they must be "
                f"(m, {X.shape[1]}) and (m,): rows of X and the targets that belong to them",
                "",
                returned,
                expected,
            )
        if not np.array_equal(a[:, 1], -b):
            return Finding(
                "rows of X came with the targets of other rows: X and y were shuffled each in an "
                "order of its own. Draw one order and index both with it",
                "",
                returned,
                expected,
            )
    seen = np.concatenate([b for _, b in pairs]) if pairs else np.empty(0)
    unused = n - len(set(seen.tolist()))
    if len(set(seen.tolist())) < len(seen):
        return Finding(
            f"some samples came twice in one epoch, and {unused} not at all: they were drawn again "
            "for each batch. Draw one order of all row numbers, rng.permutation(n), and cut it up",
            "",
            returned,
            expected,
        )
    if unused and len(seen) == n - n % size:
        return Finding(
            f"the last batch, of only {n % size}, is missing: n // batch_size rounds down, and "
            "those samples are never learned from. range(0, n, batch_size) reaches them, and a "
            "slice beyond the end takes what is left",
            "",
            returned,
            expected,
        )
    if unused:
        return Finding(f"{unused} of {n} samples were not used", "", returned, expected)
    if sizes != [min(size, n - i) for i in range(0, n, size)]:
        return Finding(
            "the samples are all there, but the batches have the wrong sizes: all must have "
            "batch_size, the last one what is left",
            "",
            returned,
            expected,
        )
    return None


def _judge_order(epochs, again, y, size) -> Finding | None:
    """Return what is wrong with the order: of the samples, from epoch to epoch, from run to run.

    epochs  the y of each batch of each epoch
    again   those of the first epoch of a second run with an equal generator
    """
    orders = [np.concatenate(batches).tolist() for batches in epochs]
    if all(order == y.tolist() for order in orders):
        return Finding(
            "the samples come in the order in which they stand in X. If that is by class, each "
            "batch knows of one class alone: shuffle, with rng.permutation(n)"
        )
    neighbours = {tuple(np.sort(y[i : i + size])) for i in range(0, len(y), size)}
    if all({tuple(np.sort(b)) for b in batches} == neighbours for batches in epochs):
        return Finding(
            "the batches come in random order, but each holds the same neighbours in every epoch. "
            "Only the starts were shuffled: shuffle the samples, then cut"
        )
    if finding := _judge_shuffle([np.argsort(y)[order] for order in orders]):
        return finding
    if orders[0] == orders[1]:
        return Finding(
            "a second epoch came in exactly the same order as the first: a new order must be drawn "
            "in each, from the rng that you are given. A generator made inside, with a seed, "
            "begins again each time"
        )
    if orders[0] != np.concatenate(again).tolist():
        return Finding(
            "two runs from equal generators gave different orders: it draws from elsewhere than "
            "rng. Use rng.permutation, and no np.random function, so that a run can be repeated"
        )
    return None


def _judge_shuffle(orders: list[np.ndarray]) -> Finding | None:
    """Return what is wrong with orders of all rows that are no real shuffles."""
    n = len(orders[0])
    together = [int((np.abs(np.diff(rows)) % (n - 2) == 1).sum()) for rows in orders]
    if np.mean(together) > n / 3:  # by chance about two
        return Finding(
            f"in {max(together)} places a sample still follows its neighbour in X: the order was "
            "turned round, moved on or changed in a few places. If X is sorted by class, so are "
            "the batches: every order must be possible, rng.permutation(n)"
        )
    likeness = [abs(np.corrcoef(rows, np.arange(n))[0, 1]) for rows in orders]
    if np.mean(likeness) > 0.5:  # by chance 0.1
        return Finding(
            "the samples were shuffled only near to where they stand: those at the beginning of X "
            "still come in the first batches. Shuffle all rows at once, rng.permutation(n)"
        )
    return None


minibatches = Exercise(
    LESSON,
    "minibatches",
    judge=_judge_minibatches,
    hints=[
        "Do not shuffle X and y: shuffle the row numbers 0 … n − 1 once, and index both with them.",
        "`for start in range(0, n, batch_size)` walks to every batch, to the partial last one too.",
        "order[start : start + batch_size] are its rows, fewer at the end: X[rows] and y[rows].",
        "`yield X[rows], y[rows]` inside the loop makes the function an iterator.",
    ],
)


# 4 · Momentum.


def _momentum(x, v, g, learning_rate, beta):
    v = beta * v + g
    return x - learning_rate * v, v


def _momentum_cases(rng):
    still = (rng.normal(size=4), np.zeros(4), rng.normal(size=4), 0.1, 0.9)
    return [still] + [
        (
            rng.normal(size=n),
            rng.normal(size=n),
            rng.normal(size=n),
            float(rng.uniform(0.01, 0.3)),
            float(rng.uniform(0.3, 0.95)),
        )
        for n in (1, 5)
    ]


momentum = FunctionExercise(
    LESSON,
    "momentum",
    answer=_momentum,
    cases=_momentum_cases,
    mistakes=[
        KnownWrongAnswer(
            "g is scaled by 1 − β. That is the running mean which Adam uses; here v is a sum, "
            "v ← βv + g, so that in a steady slope it grows to g/(1 − β)",
            lambda x, v, g, a, b: (x - a * (b * v + (1 - b) * g), b * v + (1 - b) * g),
        ),
        KnownWrongAnswer(
            "x moved by the v of before. Update v first, then step with the new one: otherwise "
            "this gradient is heard one update too late",
            lambda x, v, g, a, b: (x - a * v, b * v + g),
        ),
        KnownWrongAnswer(
            "x moved along v, up the loss: v is a sum of gradients, so x ← x − α v",
            lambda x, v, g, a, b: (x + a * (b * v + g), b * v + g),
        ),
        KnownWrongAnswer(
            "x moved by −αg alone: v was updated but not used",
            lambda x, v, g, a, b: (x - a * g, b * v + g),
        ),
        KnownWrongAnswer(
            "the two came back in the wrong order: return x, v",
            lambda x, v, g, a, b: (b * v + g, x - a * (b * v + g)),
        ),
        KnownWrongAnswer(
            "α is already inside this v. Then v changes its size with the learning rate; in "
            "our form v ← βv + g holds gradients alone, and α stands in the step, x ← x − α v",
            lambda x, v, g, a, b: (x - (b * v + a * g), b * v + a * g),
        ),
        KnownWrongAnswer(
            "this v = βv − αg holds the step, not the gradients. It is another common "
            "form; in ours v ← βv + g, x ← x − α v",
            lambda x, v, g, a, b: (x + b * v - a * g, b * v - a * g),
        ),
        KnownWrongAnswer(
            "this looks ahead, g + βv, as Nesterov does: plain momentum steps by v itself",
            lambda x, v, g, a, b: (x - a * (g + b * (b * v + g)), b * v + g),
        ),
        KnownWrongAnswer(
            "β was forgotten: without it v never fades, and the ball never comes to rest",
            lambda x, v, g, a, b: (x - a * (v + g), v + g),
        ),
    ],
    hints=[
        "Two lines: first what is remembered, then the step.",
        "The new v is β times the old one plus the gradient.",
        "v = beta * v + g, then return x - learning_rate * v, v",
    ],
)


# 5 · Adam.


def _adam(x, m, s, g, t, learning_rate, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon), m, s


def _adam_variant(
    *,
    correct=True,
    shift=0,
    power=2,
    root=np.sqrt,
    inside=False,
    keep_hat=False,
    swap=False,
    sign=-1,
    sums=False,
):
    """Return Adam with one thing in it different."""

    def wrong(x, m, s, g, t, learning_rate, beta1, beta2, epsilon):
        b1, b2 = (beta2, beta1) if swap else (beta1, beta2)
        m = b1 * m + (1 if sums else 1 - b1) * g
        s = b2 * s + (1 if sums else 1 - b2) * g**power
        m_hat = m / (1 - b1 ** (t + shift)) if correct else m
        s_hat = s / (1 - b2 ** (t + shift)) if correct else s
        below = np.sqrt(s_hat + epsilon) if inside else root(s_hat) + epsilon
        x = x + sign * learning_rate * m_hat / below
        return (x, m_hat, s_hat) if keep_hat else (x, m, s)

    return wrong


def _adam_cases(rng):
    def case(n, t, m, s):
        return (
            rng.normal(size=n),
            m,
            s,
            rng.normal(size=n),
            t,
            float(rng.uniform(0.001, 0.1)),
            0.85,
            0.95,
            1e-3,
        )

    first = case(4, 1, np.zeros(4), np.zeros(4))
    return [first] + [
        case(n, t, rng.normal(size=n), rng.uniform(0.1, 1, n)) for n, t in ((1, 2), (6, 9))
    ]


adam = FunctionExercise(
    LESSON,
    "adam",
    answer=_adam,
    cases=_adam_cases,
    mistakes=[
        KnownWrongAnswer(
            "the start is not corrected: m and s began at zero, so at first both are too "
            "small, by the factors 1 − β₁ᵗ and 1 − β₂ᵗ. Divide by them, for the step alone",
            _adam_variant(correct=False),
        ),
        KnownWrongAnswer(
            "the corrected m̂ and ŝ were kept. They are for this step only: what is remembered "
            "is m and s as they are, or the correction is applied again and again",
            _adam_variant(keep_hat=True),
        ),
        KnownWrongAnswer(
            "t is one too small in the correction. t counts this update too, the first is 1; "
            "with t = 0 it would divide by zero",
            _adam_variant(shift=-1),
        ),
        KnownWrongAnswer(
            "t is one too large in the correction: it counts this update already, the first is 1",
            _adam_variant(shift=1),
        ),
        KnownWrongAnswer(
            "the root is missing: ŝ has the unit of g², and so m̂ must be divided by √ŝ, or the "
            "step still depends on how large gradients are",
            _adam_variant(root=lambda s: s),
        ),
        KnownWrongAnswer(
            "ε stands inside the root, where it counts as √ε. Kingma and Ba add it to the "
            "root: √ŝ + ε",
            _adam_variant(inside=True),
        ),
        KnownWrongAnswer(
            "s is a mean of g, not of g²: squares do not cancel, and that is the point",
            _adam_variant(power=1),
        ),
        KnownWrongAnswer(
            "β₁ and β₂ are taken for each other: β₁ belongs to m, β₂ to s", _adam_variant(swap=True)
        ),
        KnownWrongAnswer(
            "m and s are sums: the weight 1 − β of what is new is missing, so they are not means",
            _adam_variant(sums=True),
        ),
        KnownWrongAnswer("x moved up the loss: x ← x − …", _adam_variant(sign=1)),
    ],
    hints=[
        "Four lines of mathematics: m, s, then both corrected, then the step. t is given.",
        "m = beta1 * m + (1 - beta1) * g, and s likewise with g**2.",
        "m_hat = m / (1 - beta1**t); the names m and s keep their uncorrected values.",
        "Return x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon), m, s.",
    ],
)


# 6 · Tuning a locked playground to a goal.


# The lab as it is handed out, for `Playground.from_settings`. The budget is in samples, since that
# is what training costs: it is met by batches of 4 to 20 with a rate that suits them.
TO_TUNE = {
    "dataset": "spirals",
    "hidden": [8, 8],
    "noise": 0.02,
    "seed": 3,
    "learning_rate": 0.003,
    "batch_size": 4,
    "goal": {"validation_accuracy": 0.9, "samples": 50_000},
    "locked": [
        *("dataset", "noise", "share", "seed", "hidden", "activation", "init", "loss", "optimizer"),
        *("momentum", "l1", "l2", "points"),
    ],
}
_FREE = {"learning_rate", "batch_size", "mode", "pace"}


def _judge_tuned(lab, rng) -> Finding | None:
    if type(lab).__module__.partition(".lab.")[0] != "nnlib" or not hasattr(lab, "goal_reached"):
        return Finding("give it the playground itself: tuned.check(lab)", "", show(lab))
    now = {**lab.settings(), "goal": lab.goal, "locked": list(lab.locked)}
    changed = [k for k, v in TO_TUNE.items() if k not in _FREE and now.get(k) != v]
    if changed:
        return Finding(
            f"{', '.join(changed)} of this playground: not as handed out. Make it again with "
            "Playground.from_settings(exercises.TO_TUNE), and change learning rate, batch mode and "
            "batch size alone"
        )
    if lab.goal_reached:
        return None
    if lab.updates == 0:
        raise NotAttempted
    settings = f"learning rate {lab.learning_rate:.3g}, {lab.mode.lower()}"
    if lab.mode == "Mini-batch":
        settings += f" of {lab.batch_size}"
    returned = f"{lab.updates:,} updates with {settings}"
    if lab.accuracy is not None:
        returned += f": validation accuracy {lab.accuracy:.1%}"
    return Finding(_why_not(lab), "", returned, _goal_in_words(lab.goal))


def _why_not(lab) -> str:
    """Say what the state of the lab tells about its settings."""
    if lab.problem:
        return (
            "it diverged: the learning rate is beyond 2/λ for the steepest direction. Reset, and "
            "take a third of it"
        )
    in_batch = {"Batch": len(lab.trainer.X), "Stochastic": 1}.get(lab.mode, lab.batch_size)
    left = lab.goal["samples"] - lab.updates * in_batch
    if left >= in_batch:
        return (
            f"the goal is not reached yet, and {left:,} samples of the budget are left: run "
            "on. If the loss hardly falls, raise the learning rate; if it jumps, lower it"
        )
    if in_batch > 40:
        return (
            f"out of budget after only {lab.updates:,} updates: batches of {in_batch} cost as much "
            "as many updates with small ones, and a gradient need not be known so exactly. Reset, "
            "and take smaller batches"
        )
    if lab.learning_rate < 0.02 * in_batch:  # larger batches bear, and need, a larger one
        return (
            "out of budget, and the loss was still on its way: the learning rate is too small "
            "to get there in time. Reset, and raise it by factors of three until the loss jumps"
        )
    return (
        "out of budget, and the loss jumps about: gradients of so few samples are too noisy for "
        "such steps. Reset, and lower the learning rate by a factor of three, or take batches two "
        "or three times as large"
    )


def _goal_in_words(goal: dict) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in goal.items())


tuned = Exercise(
    LESSON,
    "tuned",
    judge=_judge_tuned,
    hints=[
        "Begin as the range test does: run a little, and raise the learning rate until the loss "
        "begins to jump. Then Reset, and use a third of that.",
        "The budget counts samples: full batches have spent it after some hundred and eighty "
        "updates, batches of 10 after 5,000. Which size gives many updates that are not too noisy?",
        "Set it from a cell if you like: lab.batch_size = 10; lab.learning_rate = 0.3; "
        "lab.step(5000).",
    ],
)
