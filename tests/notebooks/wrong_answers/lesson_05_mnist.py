"""Wrong answers to the exercises of lesson 5, as they are really written, and what must be said."""

FORWARD = """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a
"""

LOSS = """
def loss(output, y):
    return -np.mean(np.log(np.maximum(np.sum(y * output, axis=1), 1e-12)))
"""

BACKWARD = """
def backward(weights, z, a, y, activations):
    dW, db, delta = [], [], (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            delta = (delta @ weights[l - 1].T) * activations[l - 2].derivative(z[l - 1])
    return dW, db
"""

UPDATE = """
def update(x, g, learning_rate):
    return x - learning_rate * g
"""

STUB_BACKWARD = """
def backward(weights, z, a, y, activations):
    raise NotImplementedError("return dW, db: lesson 3")
"""

WRONG = [
    (
        "split",
        """
def split(X, y, n_validation, rng):
    n = len(X) - n_validation
    return X[:n], y[:n], X[n:], y[n:]
""",
        "as they stand",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    chosen = rng.permutation(len(X))[:n_validation]
    return X, y, X[chosen], y[chosen]
""",
        "still the whole set",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    validation = rng.permutation(len(X))[:n_validation]
    training = rng.permutation(len(X))[n_validation:]
    return X[training], y[training], X[validation], y[validation]
""",
        "are in both parts",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    rows = rng.permutation(len(X))
    labels = rng.permutation(len(X))
    a, b = rows[n_validation:], rows[:n_validation]
    return X[a], y[labels[n_validation:]], X[b], y[labels[:n_validation]]
""",
        "labels of others",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    rows = rng.permutation(len(X))
    a, b = rows[:n_validation], rows[n_validation:]
    return X[a], y[a], X[b], y[b]
""",
        "exchanged",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    rows = rng.permutation(len(X))
    a, b = rows[n_validation:], rows[:n_validation]
    return X[a], X[b], y[a], y[b]
""",
        "another order",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    rows = np.random.default_rng(0).permutation(len(X))
    a, b = rows[n_validation:], rows[:n_validation]
    return X[a], y[a], X[b], y[b]
""",
        "a seed inside",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    rng.shuffle(X)
    n = len(X) - n_validation
    return X[:n], y[:n], X[n:], y[n:]
""",
        "shuffled the data themselves",
    ),
    ("pieces", FORWARD + LOSS + STUB_BACKWARD + UPDATE, "still to be written: backward"),
    ("pieces", FORWARD + LOSS + BACKWARD.replace(" / len(y)", "") + UPDATE, "1/n"),
    (
        "pieces",
        FORWARD
        + """
def loss(output, y):
    return -np.sum(y * np.log(np.maximum(output, 1e-12)))
"""
        + BACKWARD
        + UPDATE,
        "a mean over the samples",
    ),
    (
        "pieces",
        FORWARD
        + """
def loss(output, y):
    return -np.mean(np.sum(y * np.log(output), axis=1))
"""
        + BACKWARD
        + UPDATE,
        "ln 0 is",
    ),
    ("pieces", FORWARD + LOSS + BACKWARD + UPDATE.replace("x - ", "x + "), "up the loss"),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        for W, b, gW, gb in zip(weights, biases, dW, db):
            own.update(W, gW, learning_rate)
            own.update(b, gb, learning_rate)
    return weights, biases, losses
""",
        "nothing has moved",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        weights = [own.update(W, g, learning_rate) for W, g in zip(weights, dW)]
    return weights, biases, losses
""",
        "biases stayed",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses, W, b = [], list(weights), list(biases)
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        W = [own.update(w, g, learning_rate) for w, g in zip(W, dW)]
        b = [own.update(v, g, learning_rate) for v, g in zip(b, db)]
    return W, b, losses
""",
        "weights of the start",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        dW, db = own.backward(weights, z, a, y, activations)
        weights = [own.update(W, g, learning_rate) for W, g in zip(weights, dW)]
        biases = [own.update(b, g, learning_rate) for b, g in zip(biases, db)]
        losses.append(own.loss(own.forward(X, weights, biases, activations)[1][-1], y))
    return weights, biases, losses
""",
        "after the update",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        for l in range(len(weights)):
            weights[l] -= learning_rate * dW[l]
            biases[l] -= learning_rate * db[l]
    return weights, biases, losses
""",
        "changed an array",
    ),
    ("alpha", "alpha = 0.5", "with the same number"),
    ("alpha", "alpha = 5", "is not dealt with yet"),
    ("alpha", "alpha = 0.5 / 5", "upside down"),
    ("alpha", "alpha = 2.5 * 20", "does not enter"),
    ("alpha", "alpha = 3", "write down"),
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    matrix = np.zeros((k, k), int)
    matrix[labels, predicted] += 1
    return matrix
""",
        "no count exceeds 1",
    ),
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    matrix = np.zeros((k, k), int)
    for i in range(len(labels)):
        matrix[predicted[i], labels[i]] += 1
    return matrix
""",
        "rows and columns are exchanged",
    ),
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    matrix = np.zeros((k, k))
    for i, j in zip(labels, predicted):
        matrix[i, j] += 1
    return matrix / matrix.sum(axis=1, keepdims=True)
""",
        "shares of each row",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    column = image.sum(axis=0) @ np.arange(image.shape[1]) / image.sum()
    row = image.sum(axis=1) @ np.arange(image.shape[0]) / image.sum()
    return column, row
""",
        "row and column are exchanged",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    rows, columns = np.nonzero(image)
    return rows.mean(), columns.mean()
""",
        "any ink counts alike",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    rows, columns = np.nonzero(image)
    return (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
""",
        "box round the ink",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    rows, columns = np.indices(image.shape)
    return np.mean(rows * image), np.mean(columns * image)
""",
        "by the number of pixels",
    ),
]

WRONG += [
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    k = labels.max() + 1
    return np.bincount(labels * k + predicted, minlength=k * k).reshape(k, k)
""",
        "as large as the largest label",
    ),
    (
        "split",
        """
def split(X, y, n_validation, rng):
    held = rng.random(len(X)) < n_validation / len(X)
    return X[~held], y[~held], X[held], y[held]
""",
        "wrong sizes",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        weights = [own.update(W, -g, learning_rate) for W, g in zip(weights, dW)]
        biases = [own.update(b, -g, learning_rate) for b, g in zip(biases, db)]
    return weights, biases, losses
""",
        "it went up the loss",
    ),
    (
        "train_epoch",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(own.loss(a[-1], y))
        dW, db = own.backward(weights, z, a, y, activations)
        weights = [own.update(W, g, learning_rate) for W, g in zip(weights, dW)]
        biases = [own.update(b, g, learning_rate) for b, g in zip(biases, db)]
    return weights, biases, np.mean(losses)
""",
        "the mean of the losses",
    ),
    ("alpha", "alpha = 1.0", "the wrong way round"),
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    matrix = np.zeros((k, k))
    for label in labels[labels == predicted]:
        matrix[label, label] += 1
    return matrix
""",
        "only right answers are counted",
    ),
    (
        "confusion",
        """
def confusion(labels, predicted, k):
    matrix = np.zeros((k, k), int)
    for i, j in zip(labels, predicted):
        if i != j:
            matrix[i, j] += 1
    return matrix
""",
        "only mistakes are counted",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    return np.unravel_index(np.argmax(image), image.shape)
""",
        "the darkest pixel",
    ),
    (
        "centre_of_mass",
        """
def centre_of_mass(image):
    rows, columns = np.arange(1, image.shape[0] + 1), np.arange(1, image.shape[1] + 1)
    ink = image.sum()
    return image.sum(axis=1) @ rows / ink, image.sum(axis=0) @ columns / ink
""",
        "one too large",
    ),
]

WRONG += [
    ("pieces", FORWARD + LOSS.replace("np.mean", "np.sum") + BACKWARD + UPDATE, "batch size"),
]

# Orders that are no real shuffle: moved on from a random row, or disturbed near to where it stands.
WRONG += [
    (
        "split",
        f"""
def split(X, y, n_validation, rng):
    order = {order}
    held, kept = order[:n_validation], order[n_validation:]
    return X[kept], y[kept], X[held], y[held]
""",
        words,
    )
    for order, words in (
        ("np.roll(np.arange(len(X)), rng.integers(5, len(X) // 2))", "stand"),
        ("np.argsort(np.arange(len(X)) + 5 * rng.random(len(X)))", "stand"),
    )
]
WRONG += [
    (
        "pieces",
        FORWARD + LOSS.replace("1e-12", "0.1") + BACKWARD + UPDATE,
        "The relative errors on three probes",
    ),
]
