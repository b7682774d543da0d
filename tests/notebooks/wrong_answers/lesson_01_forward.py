"""Wrong answers to the exercises of lesson 1, and what whoever gives them must be told."""

WRONG = [
    (
        "neuron",
        """
def neuron(x, w, b):
    z = 0
    for i in range(len(x)):
        z += w[i] * x[i]
    return z + b
""",
        "the activation is missing",
    ),
    (
        "neuron",
        """
def neuron(x, w, b):
    z = w * x + b
    return sigmoid(z)
""",
        "the products were not added up",
    ),
    (
        "neuron",
        """
def neuron(x, w, b):
    return sigmoid(sum(w * x + b))
""",
        "once for each input",
    ),
    (
        "neuron",
        """
def neuron(x, w, b):
    return sigmoid(np.dot(w, x)) + b
""",
        "after the activation",
    ),
    (
        "neuron",
        """
def neuron(x, w, b):
    return 1 / (1 + np.exp(x @ w + b))
""",
        "wrong sign",
    ),
    (
        "neuron",
        """
def neuron(x, w, b):
    return sigmoid(x @ w)
""",
        "the bias is missing",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    return f(W @ a + b)
""",
        "the transpose is missing",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    z = np.zeros(len(b))
    for j in range(len(b)):
        z[j] = sum(W[i, j] * a[i] for i in range(len(a))) + b[j]
    return z
""",
        "the activation is missing",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    return f(a @ W)
""",
        "the biases are missing",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    return f(a @ W) + b
""",
        "after the activation",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    z = W.T @ a + b
    return 1 / (1 + np.exp(-z))
""",
        "always the sigmoid",
    ),
    (
        "layer",
        """
def layer(a, W, b, f):
    return f((W.T * a).T + b)
""",
        "multiplies each entry",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    return np.mean(np.abs(output - y))
""",
        "a table of n × n differences",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    total = 0
    for o, t in zip(output[:, 0], y):
        total += abs(o - t)
    return total
""",
        "added up, not averaged",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    return np.mean(output.ravel() - y)
""",
        "too little cancel",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    return abs(output.mean() - y.mean())
""",
        "after the mean",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    return np.mean((output.reshape(-1) - y) ** 2)
""",
        "squared",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    for W, b, f in zip(weights, biases, activations):
        a = f(W.T @ x + b)
    return a
""",
        "every layer was given the input",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    a = x
    for W, b, f in zip(weights, biases, activations):
        a = f(W.T @ a + b)
        return a
""",
        "stopped after the first layer",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    a = x
    for i in range(len(weights) - 1):
        a = activations[i](weights[i].T @ a + biases[i])
    return a
""",
        "the last layer was left out",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    a = x
    for W, b in zip(weights, biases):
        a = activations[0](a @ W + b)
    return a
""",
        "the first activation",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    a = x
    for W, b, f in zip(weights[:-1], biases[:-1], activations):
        a = f(a @ W + b)
    return a @ weights[-1] + biases[-1]
""",
        "the last activation is missing",
    ),
    (
        "network",
        """
def network(x, weights, biases, activations):
    a = [x]
    for W, b, f in zip(weights, biases, activations):
        a.append(f(W.T @ a[-1] + b))
    return a
""",
        "the list of the activations",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    W1, b1 = np.array([[5.0, 5], [5, 5]]), np.array([5.0, -5])
    W2, b2 = np.array([[-10.0], [10]]), np.array([5.0])
    return W1, b1, W2, b2
""",
        "the opposite everywhere",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    W1, b1 = np.array([[5.0, 5], [5, 5]]), np.array([5.0, -5])
    W2, b2 = np.array([[10.0], [-10]]), np.array([5.0])
    return W1, b1, W2, b2
""",
        "all four corners are above",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    W1, b1 = np.array([[5.0, 5], [5, 5]]), np.array([5.0, 5])
    W2, b2 = np.array([[10.0], [10]]), np.array([-5.0])
    return W1, b1, W2, b2
""",
        "three of four corners are right",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    W1, b1 = np.array([[5.0, 5], [5, 5]]), np.array([5.0, -5])
    W2, b2 = np.array([10.0, -10]), np.array([-5.0])
    return W1, b1, W2, b2
""",
        "W2 has shape (2,), but must have (2, 1)",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    W1, b1 = np.array([[5.0, 5], [5, 5]]), np.array([9.5, -9.5])
    W2, b2 = np.array([[10.0], [-10]]), np.array([-5.0])
    return W1, b1, W2, b2
""",
        "up to 0.2 away",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return sigmoid(k * (x - left)) + sigmoid(k * (x - right))
""",
        "a staircase",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return sigmoid(k * x - left) - sigmoid(k * x - right)
""",
        "k multiplies x alone",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    up = 1 / (1 + np.exp(-k * (x - left)))
    down = 1 / (1 + np.exp(-k * (x - right)))
    return down - up
""",
        "upside down",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return k * (sigmoid(x - left) - sigmoid(x - right))
""",
        "k is outside",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return sigmoid(k * (x + left)) - sigmoid(k * (x + right))
""",
        "the signs inside",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [], []
    for W, b, f in zip(weights, biases, activations):
        z.append(X @ W + b)
        X = f(z[-1])
        a.append(X)
    return z, a
""",
        "a[0] must be X",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(f(a[-1] @ W + b))
        a.append(z[-1])
    return z, a
""",
        "z holds the activation",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W)
        a.append(f(z[-1]))
    return z, a
""",
        "the bias is missing",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(z[-1])
    return z, a
""",
        "the activation is missing",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a, now = [None], [X], X
    for W, b, f in zip(weights, biases, activations):
        now = now @ W + b
        z.append(now)
        a.append(f(now))
    return z, a
""",
        "its activation has no effect",
    ),
]

WRONG += [
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a
""",
        "no entry for the input",
    ),
    (
        "mean_distance",
        """
def mean_distance(output, y):
    return [np.mean(np.abs(output[:, 0] - y))]
""",
        "a number is wanted",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return sigmoid(x - left) - sigmoid(x - right)
""",
        "k is not used",
    ),
    (
        "bump",
        """
def bump(x, left, right, k):
    return sigmoid(k * (x - left))
""",
        "only the step up",
    ),
    (
        "xor_by_hand",
        """
def xor_by_hand():
    return np.ones((2, 2)), np.zeros(2), np.ones(2), np.zeros(1)
""",
        "W2 has shape (2,)",
    ),
]

WRONG += [
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [X], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return z, a
""",
        "z[0] holds something",
    ),
    (
        "forward",
        """
def forward(X, weights, biases, activations):
    z, a = [None], [X]
    for W, b, f in zip(weights, biases, activations):
        z.append(a[-1] @ W + b)
        a.append(f(z[-1]))
    return a, z
""",
        "have changed places",
    ),
]
