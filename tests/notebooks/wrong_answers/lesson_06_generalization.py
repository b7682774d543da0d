"""Wrong answers to the exercises of lesson 6, and what whoever gives them must be told."""

WRONG = [
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    return int(np.argmin(losses)), len(losses) - 1
""",
        "looks into the future",
    ),
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        waited = 0 if losses[epoch] < losses[epoch - 1] else waited + 1
        if losses[epoch] < losses[best]:
            best = epoch
        if waited == patience:
            return best, epoch
    return best, len(losses) - 1
""",
        "with the one before it",
    ),
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            waited += 1
        if waited == patience:
            return best, epoch
    return best, len(losses) - 1
""",
        "over the whole run",
    ),
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        elif epoch - best > patience:
            return best, epoch
    return best, len(losses) - 1
""",
        "one epoch too long",
    ),
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch - 1, epoch
    return len(losses) - 1, len(losses) - 1
""",
        "at the first rise",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return np.mean(sure), np.mean(sure & right)
""",
        "divided by all samples",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    sure = probabilities[np.arange(len(labels)), labels] >= threshold
    right = probabilities.argmax(axis=1) == labels
    return np.mean(sure), np.mean(right[sure])
""",
        "Nobody knows which is right",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    sure = probabilities.max(axis=1) > threshold
    right = probabilities.argmax(axis=1) == labels
    return np.mean(sure), np.mean(right[sure])
""",
        "exactly at the threshold",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    unsure = probabilities.max(axis=1) < threshold
    right = probabilities.argmax(axis=1) == labels
    return np.mean(unsure), np.mean(right[~unsure])
""",
        "share left open",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if not training:
        return a
    return a * (rng.random(a.shape) >= p)
""",
        "not scaled up",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if not training:
        return a
    return a * (rng.random(a.shape) < p) / p
""",
        "probability to stay",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    return a * (rng.random(a.shape) >= p) / (1 - p)
""",
        "outside training too",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if not training:
        return a
    return a * (rng.random(a.shape[1]) >= p) / (1 - p)
""",
        "the same neurons are off",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if not training:
        return a * (1 - p)
    return a * (rng.random(a.shape) >= p) / (1 - p)
""",
        "as it was first published",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if not training:
        return a
    return a * (np.random.random(a.shape) >= p) / (1 - p)
""",
        "from elsewhere",
    ),
    (
        "dropout",
        """
def dropout(a, p, rng, training):
    if training:
        a[rng.random(a.shape) < p] = 0
    return a
""",
        "changed an array",
    ),
    (
        "penalized",
        "def penalized(W, dW, l1, l2):\n    return dW - l1 * np.sign(W) - l2 * W",
        "rewards",
    ),
    (
        "penalized",
        "def penalized(W, dW, l1, l2):\n    return dW + l1 * np.sign(W) + 2 * l2 * W",
        "the ½ is there",
    ),
    (
        "penalized",
        "def penalized(W, dW, l1, l2):\n    return dW + l1 * abs(W) + l2 * W",
        "slope belongs",
    ),
    (
        "penalized",
        "def penalized(W, dW, l1, l2):\n    return dW + l1 + l2 * W",
        "whatever the sign",
    ),
    (
        "early_stopping",
        """
def early_stopping(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss <= losses[best]:
            best = epoch
        elif epoch - best == patience:
            break
    return best, epoch
""",
        "an equal loss counted",
    ),
    (
        "penalized",
        """
def penalized(W, dW, l1, l2):
    return l1 * np.sign(W) + l2 * W
""",
        "dW, is missing",
    ),
    (
        "penalized",
        """
def penalized(W, dW, l1, l2):
    return dW + l2 * np.sign(W) + l1 * W
""",
        "taken for each other",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    sure = probabilities.max(axis=1) < threshold
    right = probabilities.argmax(axis=1) == labels
    return sure.mean(), right[sure].mean() if sure.any() else np.nan
""",
        "exchanged",
    ),
    (
        "abstain",
        """
def abstain(probabilities, labels, threshold):
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return sure.sum(), right[sure].mean() if sure.any() else np.nan
""",
        "how many are answered",
    ),
]
