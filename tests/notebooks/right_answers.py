"""Right answers to the exercises that are not written as their solutions are: RIGHT[name].

Loops and lists, einsum, in place where nothing forbids it, float32, other formulas. The check must
accept each of them, whatever random numbers it draws (`test_any_draw`). There are three of each
exercise at least.
"""

RIGHT = {
    # Start
    "double": [
        "def double(x):\n    return x + x",
        "def double(x):\n    x *= 2\n    return x",
        "import numpy as np\n\n"
        "def double(x):\n    return (np.array([x, x], np.float32)).sum(axis=0)",
    ],
    # 1 · forward
    "neuron": [
        """
def neuron(x, w, b):
    z = b
    for x_i, w_i in zip(x, w):
        z += x_i * w_i
    return 1 / (1 + np.exp(-z))
""",
        """
def neuron(x, w, b):
    x *= w
    return sigmoid(x.sum() + b)
""",
        """
def neuron(x, w, b):
    z = np.einsum("i,i", x.astype(np.float32), w.astype(np.float32)) + np.float32(b)
    return float((1 + np.tanh(z / 2)) / 2)
""",
    ],
    "layer": [
        """
def layer(a, W, b, f):
    return f(np.array([sum(a[i] * W[i, j] for i in range(len(a))) + b[j] for j in range(len(b))]))
""",
        """
def layer(a, W, b, f):
    b += np.einsum("i,ij->j", a, W)
    return f(b)
""",
        """
def layer(a, W, b, f):
    return list(f((a[None, :] @ W + b)[0].astype(np.float32)))
""",
    ],
    "mean_distance": [
        """
def mean_distance(output, y):
    return sum(abs(a - t) for a, t in zip(output[:, 0], y)) / len(y)
""",
        """
def mean_distance(output, y):
    output -= y[:, None]
    return np.abs(output).mean()
""",
        """
def mean_distance(output, y):
    return np.linalg.norm(output.ravel() - y, ord=1) / y.size
""",
    ],
    "network": [
        """
def network(x, weights, biases, activations):
    for l in range(len(weights)):
        x = activations[l](x @ weights[l] + biases[l])
    return x
""",
        """
def network(x, weights, biases, activations):
    if not weights:
        return x
    a = activations[0](np.einsum("ij,i->j", weights[0], x) + biases[0])
    return network(a, weights[1:], biases[1:], activations[1:])
""",
        """
def network(x, weights, biases, activations):
    a = x[:, None]
    while weights:
        a = activations.pop(0)(weights.pop(0).T @ a + biases.pop(0)[:, None])
    return a[:, 0].tolist()
""",
    ],
    "xor_by_hand": [
        """
def xor_by_hand():
    return [[10, -10], [-10, 10]], [-10, -10], [[20], [20]], [-10]
""",
        """
def xor_by_hand():
    W1 = 20 * np.ones((2, 2))
    return W1, np.array([-20, 20]), np.array([[-30], [30]]), np.array([-15])
""",
        """
def xor_by_hand():
    W1 = np.full((2, 2), -7, np.float32)
    return W1, np.array([7, -7]), [[12.0], [-12.0]], [-6.0]
""",
    ],
    "bump": [
        """
def bump(x, left, right, k):
    return [sigmoid(k * (u - left)) - sigmoid(k * (u - right)) for u in x]
""",
        """
def bump(x, left, right, k):
    x *= k
    return sigmoid(x - k * left) + sigmoid(k * right - x) - 1
""",
        """
def bump(x, left, right, k):
    x = x.astype(np.float32)
    return (np.tanh(k * (x - left) / 2) - np.tanh(k * (x - right) / 2)) / 2
""",
    ],
    "forward": [
        """
def forward(X, weights, biases, activations):
    z, a = [None] * (len(weights) + 1), [X] + [None] * len(weights)
    for l in range(1, len(weights) + 1):
        z[l] = np.einsum("si,ij->sj", a[l - 1], weights[l - 1]) + biases[l - 1]
        a[l] = activations[l - 1](z[l])
    return z, a
""",
        """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(np.array([W.T @ row + b for row in a[-1]]))
        a.append(f(z[-1]))
    return tuple(z), tuple(a)
""",
        """
def forward(X, weights, biases, activations):
    if not weights:
        return [None], [X]
    z, a = forward(X, weights[:-1], biases[:-1], activations[:-1])
    z = [*z, np.dot(a[-1], weights[-1]) + biases[-1]]
    return z, [*a, activations[-1](z[-1])]
""",
    ],
    # 2 · loss
    "mse": [
        """
def mse(a, y):
    return sum((p - q) ** 2 for r, s in zip(a, y) for p, q in zip(r, s)) / (len(a) * len(a[0]))
""",
        """
def mse(a, y):
    a -= y
    a *= a
    return a.mean()
""",
        """
def mse(a, y):
    d = (a - y).astype(np.float32)
    return np.einsum("ij,ij", d, d) / d.size
""",
    ],
    "mse_gradient": [
        """
def mse_gradient(a, y):
    a -= y
    a *= 2 / y.size
    return a
""",
        """
def mse_gradient(a, y):
    n, k = a.shape
    return [[2 / (n * k) * (a[i, j] - y[i, j]) for j in range(k)] for i in range(n)]
""",
        """
def mse_gradient(a, y):
    return (2 * (a.astype(np.float32) - y.astype(np.float32))) / (a.shape[0] * a.shape[1])
""",
    ],
    "softmax": [
        """
def softmax(z):
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z
""",
        """
def softmax(z):
    rows = []
    for row in z:
        e = [np.exp(x - max(row)) for x in row]
        rows.append([x / sum(e) for x in e])
    return rows
""",
        """
def softmax(z):
    z = z.astype(np.float32)
    return np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
""",
    ],
    "cross_entropy": [
        """
def cross_entropy(z, labels):
    total = 0
    for row, c in zip(z, labels):
        m = max(row)
        total += m + np.log(sum(np.exp(x - m) for x in row)) - row[c]
    return total / len(z)
""",
        """
def cross_entropy(z, labels):
    z -= z.max(axis=1, keepdims=True)
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -z[range(len(z)), labels].mean()
""",
        """
def cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    return np.mean(np.logaddexp.reduce(z, axis=1) - np.einsum("ij,ij->i", z, y))
""",
    ],
    "cross_entropy_gradient": [
        """
def cross_entropy_gradient(z, labels):
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    z[np.arange(len(z)), labels] -= 1
    z /= len(z)
    return z
""",
        """
def cross_entropy_gradient(z, labels):
    y = np.arange(z.shape[1]) == labels[:, None]
    return (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(labels)
""",
        """
def cross_entropy_gradient(z, labels):
    rows = []
    for row, c in zip(z.astype(np.float32), labels):
        e = np.exp(row - row.max())
        a = e / e.sum()
        a[c] -= 1
        rows.append(a / len(z))
    return rows
""",
    ],
    "start_loss": [
        "start_loss = -np.log(1 / 26)",
        "start_loss = 3.26",
        "start_loss = np.float32(3.258)",
    ],
    # 3 · backpropagation
    "numeric_gradient": [
        """
def numeric_gradient(C, x, h):
    return [(C(x + h * e) - C(x - h * e)) / (2 * h) for e in np.eye(len(x))]
""",
        """
def numeric_gradient(C, x, h):
    x, slopes = x.copy(), []
    for i, start in enumerate(x.copy()):
        x[i] = start + h
        above = C(x)
        x[i] = start - h
        slopes.append((above - C(x)) / h / 2)
        x[i] = start
    return slopes
""",
        """
def numeric_gradient(C, x, h):
    def nudged(i, by):
        return C(np.where(np.arange(len(x)) == i, x + by, x))
    return np.array([nudged(i, h) - nudged(i, -h) for i in range(len(x))]) / (2 * h)
""",
    ],
    "slopes": [
        """
def slopes(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2, 1 / np.cosh(z) ** 2, np.where(z > 0, 1, 0)
""",
        """
def slopes(z):
    return [nnlib.sigmoid.derivative(z), nnlib.tanh.derivative(z), nnlib.relu.derivative(z)]
""",
        """
def slopes(z):
    z = z.astype(np.float32)
    t = np.tanh(z / 2)
    return np.array([(1 + t) * (1 - t) / 4, 1 - np.tanh(z) ** 2, np.heaviside(z, 0)])
""",
    ],
    "output_delta": [
        """
def output_delta(z, a, y, f):
    a -= y
    a *= 2 / a.size
    a *= f.derivative(z)
    return a
""",
        """
def output_delta(z, a, y, f):
    slope, (n, k) = f.derivative(z), y.shape
    return [[2 * (a[s, j] - y[s, j]) * slope[s, j] / (n * k) for j in range(k)] for s in range(n)]
""",
        """
def output_delta(z, a, y, f):
    two_links = np.multiply(a - y, f.derivative(z))
    return (two_links * 2 / np.size(y)).astype(np.float32)
""",
    ],
    "one_layer_back": [
        """
def one_layer_back(delta, W, z, f):
    return np.einsum("sj,ij->si", delta, W) * f.derivative(z)
""",
        """
def one_layer_back(delta, W, z, f):
    return [(W @ d) * f.derivative(row) for d, row in zip(delta, z)]
""",
        """
def one_layer_back(delta, W, z, f):
    back = (W @ delta.T).T
    back *= f.derivative(z)
    return back.astype(np.float32)
""",
    ],
    "gradients": [
        """
def gradients(a, delta):
    dW = sum(np.outer(a_s, d_s) for a_s, d_s in zip(a, delta))
    return [dW, np.ones(len(a)) @ delta]
""",
        """
def gradients(a, delta):
    return np.einsum("si,sj->ij", a, delta), np.einsum("sj->j", delta)
""",
        """
def gradients(a, delta):
    with_ones = np.column_stack([a, np.ones(len(a))])
    both = with_ones.T @ delta
    return both[:-1].tolist(), both[-1].tolist()
""",
    ],
    "backward": [
        """
def backward(weights, z, a, y, activations):
    L = len(weights)
    delta = [None] * L + [(a[L] - y) / y.shape[0]]
    for l in range(L - 1, 0, -1):
        back = np.einsum("sj,ij->si", delta[l + 1], weights[l])
        delta[l] = back * activations[l - 1].derivative(z[l])
    return [a[l].T @ delta[l + 1] for l in range(L)], [delta[l + 1].sum(0) for l in range(L)]
""",
        """
def backward(weights, z, a, y, activations):
    dW = [np.zeros_like(W) for W in weights]
    db = [np.zeros(W.shape[1]) for W in weights]
    for s in range(len(y)):
        d = (a[-1][s] - y[s]) / len(y)
        for l in range(len(weights), 0, -1):
            dW[l - 1] += np.outer(a[l - 1][s], d)
            db[l - 1] += d
            if l > 1:
                d = (weights[l - 1] @ d) * activations[l - 2].derivative(z[l - 1][s])
    return dW, db
""",
        """
def backward(weights, z, a, y, activations):
    dW, db, d = [], [], np.divide(a[-1] - y, len(y))
    for l in reversed(range(len(weights))):
        dW.append(np.dot(a[l].T, d))
        db.append(np.add.reduce(d))
        if l:
            d = np.dot(d, weights[l].T) * activations[l - 1].derivative(z[l])
    return tuple(dW[::-1]), tuple(db[::-1])
""",
    ],
    # 4 · descent
    "update": [
        """
def update(x, g, learning_rate):
    step = learning_rate * g
    return x - step
""",
        """
def update(x, g, learning_rate):
    x = x.copy()
    x -= learning_rate * g
    return x
""",
        """
def update(x, g, learning_rate):
    return np.add(x, np.multiply(-learning_rate, g))
""",
    ],
    "largest_rate": [
        """
def largest_rate(H):
    v = np.ones(len(H)) + 0.1 * np.arange(len(H))
    for _ in range(60):
        v = H @ v
        v /= np.linalg.norm(v)
    return 2 / (v @ H @ v)
""",
        """
def largest_rate(H):
    return min(2 / curvature for curvature in np.linalg.eig(H)[0].real)
""",
        """
def largest_rate(H):
    return 2 / np.linalg.norm(H.astype(np.float32), 2)
""",
    ],
    "minibatches": [
        """
def minibatches(X, y, batch_size, rng):
    order = list(range(len(X)))
    rng.shuffle(order)
    batches = []
    while order:
        rows, order = order[:batch_size], order[batch_size:]
        batches.append((X[rows], y[rows]))
    return batches
""",
        """
def minibatches(X, y, batch_size, rng):
    order = np.argsort(rng.random(len(X)))
    for rows in np.split(order, range(batch_size, len(X), batch_size)):
        yield [X[row] for row in rows], [y[row] for row in rows]
""",
        """
def minibatches(X, y, batch_size, rng):
    both = np.column_stack([X, y])
    rng.shuffle(both)
    cut = (both[i:i + batch_size] for i in range(0, len(y), batch_size))
    return ((rows[:, :-1], rows[:, -1]) for rows in cut)
""",
    ],
    "momentum": [
        """
def momentum(x, v, g, learning_rate, beta):
    v *= beta
    v += g
    x -= learning_rate * v
    return x, v
""",
        """
def momentum(x, v, g, learning_rate, beta):
    return np.array([x - learning_rate * (g + beta * v), g + beta * v])
""",
        """
def momentum(x, v, g, learning_rate, beta):
    new_v = [beta * a + b for a, b in zip(v, g)]
    return [a - learning_rate * b for a, b in zip(x, new_v)], new_v
""",
    ],
    "adam": [
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m *= beta1
    m += (1 - beta1) * g
    s *= beta2
    s += (1 - beta2) * g * g
    x -= learning_rate * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
    return x, m, s
""",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m, s = m + (1 - beta1) * (g - m), s + (1 - beta2) * (g**2 - s)
    root = np.sqrt(1 - beta2**t)  # the order of Kingma and Ba, section 2
    x = x - learning_rate * root / (1 - beta1**t) * m / (np.sqrt(s) + epsilon * root)
    return np.array([x, m, s])
""",
        """
def adam(x, m, s, g, t, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    new = [], [], []
    for x_i, m_i, s_i, g_i in zip(x, m, s, g):
        m_i = beta1 * m_i + (1 - beta1) * g_i
        s_i = beta2 * s_i + (1 - beta2) * g_i**2
        x_i = x_i - learning_rate * m_i / (1 - beta1**t) / ((s_i / (1 - beta2**t)) ** 0.5 + epsilon)
        for column, value in zip(new, (x_i, m_i, s_i)):
            column.append(value)
    return new
""",
    ],
    # 5 · MNIST
    "split": [
        """
def split(X, y, n_validation, rng):
    chosen = rng.choice(len(X), n_validation, replace=False)
    return np.delete(X, chosen, axis=0), np.delete(y, chosen), X[chosen], y[chosen]
""",
        """
def split(X, y, n_validation, rng):
    order = np.arange(len(y))
    rng.shuffle(order)
    held = np.isin(np.arange(len(y)), order[-n_validation:])
    return [X[~held], y[~held], X[held], y[held]]
""",
        """
def split(X, y, n_validation, rng):
    order = rng.permutation(len(X)).tolist()
    held = [order.pop() for _ in range(n_validation)]
    return [X[i] for i in order], [y[i] for i in order], [X[i] for i in held], [y[i] for i in held]
""",
    ],
    "train_epoch": [
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    weights, biases, losses = list(weights), list(biases), []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses += [own.loss(a[-1], y)]
        dW, db = own.backward(weights, z, a, y, activations)
        for l in range(len(weights)):
            weights[l] = own.update(weights[l], dW[l], learning_rate)
            biases[l] = own.update(biases[l], db[l], learning_rate)
    return weights, biases, losses
""",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    if not batches:
        return weights, biases, []
    (X, y), *others = batches
    z, a = own.forward(X, weights, biases, activations)
    dW, db = own.backward(weights, z, a, y, activations)
    W = [own.update(x, g, learning_rate) for x, g in zip(weights, dW)]
    b = [own.update(x, g, learning_rate) for x, g in zip(biases, db)]
    W, b, losses = train_epoch(own, W, b, activations, others, learning_rate)
    return W, b, [own.loss(a[-1], y), *losses]
""",
        """
def train_epoch(own, weights, biases, activations, batches, learning_rate):
    weights, biases = [W.copy() for W in weights], [b.copy() for b in biases]
    losses = []
    for X, y in batches:
        z, a = own.forward(X, weights, biases, activations)
        losses.append(float(own.loss(a[-1], y)))
        for kind, gradients in zip((weights, biases), own.backward(weights, z, a, y, activations)):
            for x, g in zip(kind, gradients):
                x[...] = own.update(x, g, learning_rate)
    return tuple(weights), tuple(biases), np.array(losses)
""",
    ],
    "alpha": ["alpha = 0.5 * 10 / 2", "alpha = np.float32(2.5)", "alpha = 5 / 2"],
    "early_stopping": [
        """
def early_stopping(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return best, epoch
""",
        """
def early_stopping(losses, patience):
    for last in range(len(losses)):
        best = int(np.argmin(losses[: last + 1]))
        if last - best >= patience:
            return [best, last]
    return [best, last]
""",
        """
def early_stopping(losses, patience):
    losses = list(losses)
    best = last = 0
    while last + 1 < len(losses) and last - best < patience:
        last += 1
        best = last if losses[last] < losses[best] else best
    return np.array([best, last])
""",
    ],
    "confusion": [
        """
def confusion(labels, predicted, k):
    return [[sum((labels == i) & (predicted == j)) for j in range(k)] for i in range(k)]
""",
        """
def confusion(labels, predicted, k):
    labels *= k
    labels += predicted
    return np.bincount(labels, minlength=k * k).reshape(k, k)
""",
        """
def confusion(labels, predicted, k):
    return np.eye(k)[labels].T @ np.eye(k, dtype=np.float32)[predicted]
""",
    ],
    "abstain": [
        """
def abstain(probabilities, labels, threshold):
    answers = [(p.argmax() == c) for p, c in zip(probabilities, labels) if p.max() >= threshold]
    return len(answers) / len(labels), sum(answers) / len(answers) if answers else np.nan
""",
        """
def abstain(probabilities, labels, threshold):
    sure = np.amax(probabilities, 1) >= threshold
    if not sure.any():
        return 0, float("nan")
    return np.array([np.mean(sure), np.mean(np.argmax(probabilities[sure], 1) == labels[sure])])
""",
        """
def abstain(probabilities, labels, threshold):
    probabilities[probabilities < threshold] = -1
    sure = (probabilities > -1).any(axis=1)
    hits = np.count_nonzero(sure & (probabilities.argmax(axis=1) == labels))
    return [sure.sum() / sure.size, hits / sure.sum() if sure.sum() else np.nan]
""",
    ],
    "dropout": [
        """
def dropout(a, p, rng, training):
    return np.where(rng.random(a.shape) < p, 0, a / (1 - p)) if training else a
""",
        """
def dropout(a, p, rng, training):
    a = a.copy()
    if training:
        a[rng.random(a.shape) < p] = 0
        a /= 1 - p
    return a
""",
        """
def dropout(a, p, rng, training):
    stays = rng.binomial(1, 1 - p, size=a.shape) if training else 1 - p
    return a * stays / (1 - p)
""",
    ],
    "centre_of_mass": [
        """
def centre_of_mass(image):
    rows, columns = np.indices(image.shape)
    return np.average(rows, weights=image), np.average(columns, weights=image)
""",
        """
def centre_of_mass(image):
    row = column = ink = 0
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            row, column, ink = row + r * image[r, c], column + c * image[r, c], ink + image[r, c]
    return [row / ink, column / ink]
""",
        """
def centre_of_mass(image):
    image /= image.sum()
    r, c = (np.arange(n, dtype=np.float32) for n in image.shape)
    return np.array([np.einsum("rc,r->", image, r), np.einsum("rc,c->", image, c)])
""",
    ],
    "penalized": [
        """
def penalized(W, dW, l1, l2):
    dW += l2 * W
    dW[W > 0] += l1
    dW[W < 0] -= l1
    return dW
""",
        """
def penalized(W, dW, l1, l2):
    slope = lambda w: (l1 if w > 0 else -l1) + l2 * w
    return [[g + slope(w) for w, g in zip(*rows)] for rows in zip(W, dW)]
""",
        """
def penalized(W, dW, l1, l2):
    W = W.astype(np.float32)
    return dW.astype(np.float32) + l1 * W / np.abs(W) + l2 * W
""",
    ],
    # 7 · beyond
    "multiply": [
        """
def multiply(u, v):
    return Value(v.number * u.number, ((v, u.number), (u, v.number)))
""",
        """
def multiply(u, v):
    w = Value(np.float32(u.number) * np.float32(v.number))
    w.made_from = [(u, v.number)]
    w.made_from.append((v, u.number))
    return w
""",
        """
def multiply(u, v):
    return Value(np.prod([u.number, v.number]), zip((u, v), (v.number, u.number)))
""",
    ],
    "backpropagate": [
        """
def backpropagate(C):
    order = made(C)
    while order:
        value = order.pop()
        value.slope = float(value is C)
        for later, slope in later_ones.get(id(value), []):
            value.slope += slope * later.slope
        for earlier, slope in value.made_from:
            later_ones.setdefault(id(earlier), []).append((value, slope))
    later_ones.clear()

later_ones = {}
""",
        """
def backpropagate(C):
    slopes = {id(C): 1.0}
    for value in made(C)[::-1]:
        value.slope = slopes[id(value)]
        for earlier, slope in value.made_from:
            slopes[id(earlier)] = slopes.get(id(earlier), 0.0) + slope * value.slope
    return C
""",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0
    def pass_on(value, share):
        value.slope += share
        for earlier, slope in value.made_from:
            pass_on(earlier, slope * share)
    pass_on(C, 1)
""",
    ],
    "convolve": [
        """
def convolve(image, K):
    patches = np.lib.stride_tricks.sliding_window_view(image, K.shape)
    return np.einsum("rcij,ij->rc", patches, K)
""",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    z = np.zeros((h - kh + 1, w - kw + 1), np.float32)
    for i in range(kh):
        for j in range(kw):
            z += K[i, j] * image[i : i + h - kh + 1, j : j + w - kw + 1]
    return z
""",
        """
def convolve(image, K):
    rows = range(image.shape[0] - K.shape[0] + 1)
    columns = range(image.shape[1] - K.shape[1] + 1)
    return [[sum(K[i, j] * image[r + i, c + j] for i, j in np.ndindex(K.shape)) for c in columns]
            for r in rows]
""",
    ],
    "mean_of_shards": [
        """
def mean_of_shards(gradients, sizes):
    total = 0
    for g, n in zip(gradients, sizes):
        total = total + n / sum(sizes) * g
    return total
""",
        """
def mean_of_shards(gradients, sizes):
    return np.average(gradients, axis=0, weights=sizes)
""",
        """
def mean_of_shards(gradients, sizes):
    columns = zip(*gradients)
    return [sum(n * x for n, x in zip(sizes, column)) / sum(sizes) for column in columns]
""",
    ],
}

# The patients of lesson 3 are mended where they are what their exercise asks for, in any style.
for patient in range(1, 5):
    RIGHT[f"patient_{patient}"] = [
        source.replace("backward(", f"patient_{patient}(") for source in RIGHT["backward"]
    ]
RIGHT["patient_5"] = [source.replace("forward(", "patient_5(") for source in RIGHT["forward"]]

# The four pieces of lesson 5 together.
LOSS = [
    """
def loss(output, y):
    return -(y * np.log(np.maximum(output, 1e-12))).sum() / len(y)
""",
    """
def loss(output, y):
    total = 0
    for a, label in zip(output, y.argmax(axis=1)):
        total -= np.log(max(a[label], 1e-15))
    return total / len(output)
""",
    """
def loss(output, y):
    right = output[np.arange(len(y)), np.argmax(y, axis=1)].clip(1e-12)
    return np.mean(-np.log(right))
""",
]
RIGHT["pieces"] = [
    "".join(parts)
    for parts in zip(RIGHT["forward"], LOSS, RIGHT["backward"], RIGHT["update"], strict=True)
]

# Other batches of lesson 4, each with a rate that they bear.
RIGHT["tuned"] = [
    f"""
lab = Playground.from_settings(exercises.TO_TUNE)
lab.batch_size, lab.learning_rate = {size}, {rate}
lab.step({50_000 // size})
"""
    for size, rate in ((4, 0.1), (10, 0.3), (20, 0.5))
]
