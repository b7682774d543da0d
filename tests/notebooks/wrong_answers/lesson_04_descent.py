"""Wrong answers to the exercises of lesson 4, as they are really written, and what must be said."""

LAB = "lab = Playground.from_settings(exercises.TO_TUNE)\n"

BATCH = LAB + "lab.mode = 'Batch'\n"
FORTY = "lab.batch_size = 40\n"

WRONG = [
    (
        "update",
        """
def update(x, g, learning_rate):
    return x + learning_rate * g
""",
        "up the loss",
    ),
    (
        "update",
        """
def update(x, g, learning_rate):
    return x - g
""",
        "must be scaled",
    ),
    (
        "update",
        """
def update(x, g, learning_rate):
    return -learning_rate * g
""",
        "the step alone",
    ),
    (
        "update",
        """
def update(x, g, learning_rate):
    return x - learning_rate * g / len(g)
""",
        "already the gradient of a mean",
    ),
    (
        "update",
        """
def update(x, g, learning_rate):
    x -= learning_rate * g
    return x
""",
        "changed an array",
    ),
    (
        "update",
        """
def update(x, g, learning_rate):
    x = x - learning_rate * g
""",
        "returned None",
    ),
    (
        "largest_rate",
        """
def largest_rate(H):
    return 2 / np.linalg.eigvalsh(H)[0]
""",
        "smallest curvature",
    ),
    (
        "largest_rate",
        """
def largest_rate(H):
    return 1 / np.linalg.eigvalsh(H).max()
""",
        "in one step",
    ),
    (
        "largest_rate",
        """
def largest_rate(H):
    return 2 / max(H[i, i] for i in range(len(H)))
""",
        "on the diagonal",
    ),
    (
        "largest_rate",
        """
def largest_rate(H):
    return 2 / np.max(H)
""",
        "largest entry",
    ),
    (
        "largest_rate",
        """
def largest_rate(H):
    return 2 / np.linalg.eigvalsh(H).sum()
""",
        "too careful",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // batch_size):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield X[rows], y[rows]
""",
        "rounds down",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]
""",
        "in the order in which they stand",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    starts = np.arange(0, len(X), batch_size)
    rng.shuffle(starts)
    for start in starts:
        yield X[start : start + batch_size], y[start : start + batch_size]
""",
        "wrong sizes",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    starts = np.arange(0, len(X), batch_size)
    for start in sorted(starts[:-1], key=lambda s: rng.random()) + [starts[-1]]:
        yield X[start : start + batch_size], y[start : start + batch_size]
""",
        "same neighbours",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    for _ in range(0, len(X), batch_size):
        rows = rng.integers(len(X), size=batch_size)
        yield X[rows], y[rows]
""",
        "came twice",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]
""",
        "order of its own",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    rng.shuffle(X)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]
""",
        "shuffled the data themselves",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]
""",
        "exactly the same order as the first",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    order = np.random.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]
""",
        "from elsewhere",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    while True:
        rows = rng.permutation(len(X))[:batch_size]
        yield X[rows], y[rows]
""",
        "does not stop",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        return X[order[start : start + batch_size]], y[order[start : start + batch_size]]
""",
        "must be a pair",
    ),
    (
        "minibatches",
        """
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    batches = [order[i : i + batch_size] for i in range(0, len(X), batch_size)]
""",
        "returned None",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + (1 - beta) * g
    return x - learning_rate * v, v
""",
        "scaled by 1 − β",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    x = x - learning_rate * v
    v = beta * v + g
    return x, v
""",
        "too late",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v - learning_rate * g
    return x + v, v
""",
        "holds the step",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + g
    return x + learning_rate * v, v
""",
        "up the loss",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + g
    return x - learning_rate * v
""",
        "must return 2 things",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    return x - learning_rate * m / (np.sqrt(s) + epsilon), m, s
""",
        "start is not corrected",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m, s = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m / (np.sqrt(s) + epsilon), m, s
""",
        "were kept",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m_hat / np.sqrt(s_hat + epsilon), m, s
""",
        "inside the root",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m_hat, s_hat = m / (1 - beta1 ** (t + 1)), s / (1 - beta2 ** (t + 1))
    return x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon), m, s
""",
        "one too large",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon), m, s
""",
        "not of g²",
    ),
    ("tuned", LAB + FORTY + "lab.learning_rate = 0.2\nlab.step(1250)", "too small"),
    ("tuned", LAB + "lab.learning_rate = 1.0\nlab.step(300)", "of the budget are left"),
    ("tuned", LAB + FORTY + "lab.learning_rate = 10\nlab.step(1250)", "so few samples"),
    ("tuned", BATCH + "lab.learning_rate = 1.0\nlab.step(178)", "take smaller batches"),
    (
        "tuned",
        LAB.replace("exercises.TO_TUNE", "{**exercises.TO_TUNE, 'hidden': [16, 16]}"),
        "hidden of this playground: not as handed out",
    ),
    (
        "tuned",
        "class Goal:\n    goal_reached = True\n\nlab = Goal()",
        "give it the playground itself",
    ),
]

# Orders that are no real shuffle.
WRONG += [
    (
        "minibatches",
        f"""
def minibatches(X, y, batch_size, rng):
    n = len(X)
    {order}
    for start in range(0, n, batch_size):
        yield X[order[start:start + batch_size]], y[order[start:start + batch_size]]
""",
        words,
    )
    for order, words in (
        ("order = np.roll(np.arange(n), rng.integers(n))", "follows its neighbour"),
        ("order = np.arange(n)[:: rng.choice([1, -1])]", "follows its neighbour"),
        (
            "order = np.arange(n); i = rng.integers(n - 1); order[[i, -1]] = order[[-1, i]]",
            "follows its neighbour",
        ),
        ("order = np.argsort(np.arange(n) + 12 * rng.random(n))", "near to where they stand"),
    )
]

WRONG += [
    (
        "largest_rate",
        """
def largest_rate(H):
    return np.linalg.eigvalsh(H).max() / 2
""",
        "upside down",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + g
    return v, x - learning_rate * v
""",
        "in the wrong order",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + g
    return x - learning_rate * g, v
""",
        "v was updated but not used",
    ),
    (
        "momentum",
        """
def momentum(x, v, g, learning_rate, beta):
    v = beta * v + learning_rate * g
    return x - v, v
""",
        "already inside this v",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m_hat / (s_hat + epsilon), m, s
""",
        "the root is missing",
    ),
    (
        "adam",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m, s = beta1 * m + g, beta2 * s + g**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return x - learning_rate * m_hat / (np.sqrt(s_hat) + epsilon), m, s
""",
        "m and s are sums",
    ),
]
