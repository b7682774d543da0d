"""Wrong answers to the exercises of lesson 3, and words of what each must be told."""

import inspect

from nnlib.exercises import backprop_clinic as clinic

BACKWARD = """
def backward(weights, z, a, y, activations):
    dW, db = [], []
    delta = (a[-1] - y) / len(y)
    for l in range(len(weights), 0, -1):
        dW.insert(0, a[l - 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if l > 1:
            f = activations[l - 2]
            delta = (delta @ weights[l - 1].T) * f.derivative(z[l - 1])
    return dW, db
"""


def wrote(old, new):
    """Return a right backward but for one place."""
    assert old in BACKWARD
    return BACKWARD.replace(old, new)


def mended(number, *changes):
    """Return a patient as a learner has changed it: (old, new), …"""
    source = inspect.getsource(getattr(clinic, f"patient_{number}"))
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


WRONG = [
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    slopes = np.empty(len(x))
    for i in range(len(x)):
        e = np.eye(len(x))[i]
        slopes[i] = (C(x + h * e) - C(x)) / h
    return slopes
""",
        "The step goes one way only",
    ),
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    e = np.eye(len(x))
    return [(C(x + h * e[i]) - C(x - h * e[i])) / h for i in range(len(x))]
""",
        "exactly twice too large",
    ),
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    e = np.eye(len(x))
    return [(C(x + h * e[i]) - C(x - h * e[i])) / 2 * h for i in range(len(x))]
""",
        "Brackets",
    ),
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    return (C(x + h) - C(x - h)) / (2 * h)
""",
        "All parameters are nudged at once",
    ),
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    x = x.copy()
    slopes = np.zeros_like(x)
    for i in range(len(x)):
        x[i] += h
        above = C(x)
        x[i] -= 2 * h
        slopes[i] = (above - C(x)) / (2 * h)
    return slopes
""",
        "not put back",
    ),
    (
        "numeric_gradient",
        """
def numeric_gradient(C, x, h):
    slopes = np.zeros_like(x)
    for i in range(len(x)):
        x[i] += h
        slopes[i] = C(x) / (2 * h)
        x[i] -= 2 * h
        slopes[i] -= C(x) / (2 * h)
    return slopes
""",
        "changed an array",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return 2 * (a - y) / y.size",
        "f'(z) is missing",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n"
        "    n, k = y.shape\n    return 2 / (n * k) * (a - y) * f.derivative(a)",
        "derivative is taken at a",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return 2 / len(y) * (a - y) * f.derivative(z)",
        "k times too large",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return (a - y) / y.size * f.derivative(z)",
        "exactly half",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return 2 / y.size * (y - a) * f.derivative(z)",
        "The sign is wrong",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return (a - y) / len(y)",
        "cross-entropy after softmax",
    ),
    (
        "output_delta",
        "def output_delta(z, a, y, f):\n    return 2 * (a - y) * f.derivative(z)",
        "The mean is missing",
    ),
    (
        "one_layer_back",
        "def one_layer_back(delta, W, z, f):\n    return delta @ W.T",
        "f'(z) is missing",
    ),
    (
        "one_layer_back",
        "def one_layer_back(delta, W, z, f):\n    return (delta @ W) * f.derivative(z)",
        "W is not transposed",
    ),
    (
        "one_layer_back",
        "def one_layer_back(delta, W, z, f):\n    return (W @ delta) * f.derivative(z)",
        "formula of a single column",
    ),
    (
        "one_layer_back",
        "def one_layer_back(delta, W, z, f):\n"
        "    a = f(z)\n    return (delta @ W.T) * f.derivative(a)",
        "taken at f(z)",
    ),
    (
        "one_layer_back",
        "def one_layer_back(delta, W, z, f):\n    return (delta @ W.T) * f(z)",
        "multiplied by f(z), where its derivative",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    return delta.T @ a, delta.sum(axis=0)",
        "dW is transposed",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    return a.T @ delta, delta.mean(axis=0)",
        "averaged where it must be summed",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    return a.T @ delta, delta",
        "a row for each sample",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    n = len(a)\n"
        "    return a.T @ delta / n, delta.sum(axis=0) / n",
        "Both are divided by n once more",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    return a.T @ delta, np.sum(delta, axis=0, keepdims=True)",
        "keepdims=True leaves",
    ),
    (
        "gradients",
        "def gradients(a, delta):\n    return a @ delta, delta.sum(axis=0)",
        "without the transpose",
    ),
    ("backward", wrote("delta.sum(axis=0)", "delta.mean(axis=0)"), "times too small"),
    ("backward", wrote(" * f.derivative(z[l - 1])", ""), "activation is missing"),
    ("backward", wrote("weights[l - 1].T", "weights[l - 1]"), "where it needs the transpose"),
    ("backward", wrote("weights[l - 1].T", "weights[l - 2].T"), "weights of the wrong layer"),
    ("backward", wrote(" / len(y)", ""), "is the batch size"),
    ("backward", wrote("    return dW, db", "    return dW"), "must be a list with one array"),
    ("patient_1", mended(1, ("a[-1] - y", "(a[-1] - y) / y.size")), "number of outputs"),
    (
        "patient_1",
        mended(1, ("a[l - 1].T @ delta", "a[l - 1].T @ delta / len(y)")),
        "the gradient of the biases) is exactly 7 times too large",
    ),
    (
        "patient_1",
        mended(
            1,
            ("a[-1] - y", "(a[-1] - y) / len(y)"),
            ("* f.derivative(z[l - 1])", "* f.derivative(z[l - 1]) / len(y)"),
        ),
        "again at every layer further back",
    ),
    ("patient_2", mended(2, (".mean(axis=0)", ".sum()")), "over samples and neurons alike"),
    ("patient_2", mended(2, (".mean(axis=0)", ".sum(axis=1)")), "one number for each sample"),
    (
        "patient_2",
        mended(2, (".mean(axis=0)", ".sum(axis=0, keepdims=True)")),
        "an axis is left over",
    ),
    (
        "patient_3",
        mended(3, ("l - 1].T\n", "l - 1].T * activations[l - 2].derivative(a[l - 1])\n")),
        "evaluated at a instead of z",
    ),
    (
        "patient_3",
        mended(3, ("weights[l - 1].T\n", "weights[l - 1].T * a[l - 1]\n")),
        "multiplied by f(z) itself",
    ),
    (
        "patient_3",
        mended(3, ("[l - 1].T\n", "[l - 1].T * activations[l - 2].derivative(z[l])\n")),
        "z of the layer above",
    ),
    (
        "patient_4",
        mended(4, (" * a[-1] * (1 - a[-1])", " * activations[-1].derivative(z[-1])")),
        "ValueError",
    ),
    (
        "patient_4",
        mended(4, ("(a[-1] - y) / len(y) * a[-1] * (1 - a[-1])", "2 * (a[-1] - y) / y.size")),
        "the 2 of the square",
    ),
    (
        "patient_4",
        mended(4, ("(a[-1] - y) / len(y) * a[-1] * (1 - a[-1])", "-y / a[-1] / len(y)")),
        "you return the gradients of ∂C/∂a",
    ),
    ("patient_5", mended(5, ("f(a[-1] @ W + b)", "a[-1] @ W + b")), "activation is missing"),
    ("patient_5", mended(5, ("a.append(z[-1])", "a.append(f(z[-1]))")), "z holds the activation"),
    (
        "patient_5",
        mended(5, ("f(a[-1] @ W + b)", "a[-1] @ W"), ("a.append(z[-1])", "a.append(f(z[-1] + b))")),
        "the bias is missing",
    ),
    (
        "slopes",
        "def slopes(z):\n    return z * (1 - z), 1 - np.tanh(z) ** 2, (z > 0) * 1.0",
        "not z(1 − z)",
    ),
    (
        "slopes",
        "def slopes(z):\n    a = nnlib.sigmoid(z)\n"
        "    return a * (1 - a), 1 - np.tanh(z), (z > 0) * 1.0",
        "the square is missing",
    ),
    (
        "slopes",
        "def slopes(z):\n    return nnlib.sigmoid(z), np.tanh(z), nnlib.relu(z)",
        "the activations themselves",
    ),
    (
        "slopes",
        "def slopes(z):\n    a = nnlib.sigmoid(z)\n"
        "    return a * (1 - a), 1 - np.tanh(z) ** 2, np.sign(z)",
        "np.sign gives −1",
    ),
    (
        "slopes",
        """
def slopes(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a), 1 - z**2, (z > 0) * 1.0
""",
        "not the derivative of tanh",
    ),
    (
        "slopes",
        """
def slopes(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a), 1 - np.tanh(z) ** 2, np.maximum(z, 0)
""",
        "not ReLU itself",
    ),
    (
        "one_layer_back",
        """
def one_layer_back(delta, W, z, f):
    return (delta @ W.T) * f.derivative(z) / len(z)
""",
        "divided by n once more",
    ),
]

OVER_N = ("a[-1] - y", "(a[-1] - y) / len(y)")
SLOPE = "activations[l - 2].derivative(z[l - 1])"

WRONG += [
    ("patient_1", mended(1, ("a[-1] - y", "(y - a[-1]) / len(y)")), "exactly the wrong sign"),
    (
        "patient_1",
        mended(1, OVER_N, ("a[l - 1].T @ delta", "delta.T @ a[l - 1]")),
        "It is transposed",
    ),
    (
        "patient_1",
        mended(1, OVER_N, ("return dW, db", "return dW[::-1], db[::-1]")),
        "Turn them round",
    ),
    (
        "patient_2",
        mended(2, (".mean(axis=0)", ".sum(axis=0) * len(y)")),
        "(the gradient of the biases) is exactly 7 times too large",
    ),
    (
        "patient_2",
        mended(2, ("mean(", "sum("), ("a[l - 1].T @ delta", "a[l - 1].T @ delta / len(y)")),
        "(the gradient of the weights) is exactly 7 times too small",
    ),
    ("patient_2", mended(2, ("delta.mean(axis=0)", "delta[0]")), "not in any way that is known"),
    (
        "patient_3",
        mended(3, ("[l - 1].T\n", "[l - 1].T * activations[l - 1].derivative(z[l - 1])\n")),
        "could not be broadcast",
    ),
    (
        "patient_3",
        mended(3, ("[l - 1].T\n", f"[l - 1].T * {SLOPE} / len(y)\n")),
        "exactly 7 times too small",
    ),
    (
        "patient_3",
        mended(3, ("[l - 1].T\n", f"[l - 1] * {SLOPE}\n")),
        "needs the transpose",
    ),
    ("patient_4", mended(4, (" * (1 - a[-1])", "")), "look at δ of the output first"),
    (
        "patient_4",
        mended(4, ("(a[-1] - y) / len(y) * a[-1] * (1 - a[-1])", "(y - a[-1]) / len(y)")),
        "exactly the wrong sign",
    ),
    (
        "patient_4",
        mended(4, ("(a[-1] - y) / len(y) * a[-1] * (1 - a[-1])", "a[-1] - y")),
        "exactly 7 times too large",
    ),
    (
        "patient_5",
        mended(5, ("f(a[-1] @ W + b)", "a[-1] @ W + b"), ("z[-1])", "activations[0](z[-1]))")),
        "activations[i] belongs to layer i + 1",
    ),
    (
        "patient_5",
        mended(5, ("f(a[-1] @ W + b)", "X @ W + b"), ("a.append(z[-1])", "a.append(f(z[-1]))")),
        "mismatch in its core dimension",
    ),
    (
        "patient_5",
        mended(
            5,
            ("f(a[-1] @ W + b)", "a[-1] @ W + b"),
            ("a.append(z[-1])", "a.append(f(z[-1]))"),
            ("return z, a", "return a, z"),
        ),
        "a0 is None",
    ),
]

WRONG += [
    (
        "slopes",
        "def slopes(z):\n    a = nnlib.sigmoid(z)\n"
        "    return a * (1 - a), 1 - np.tanh(z) ** 2, (z >= 0) * 1.0",
        "only z = 0 itself is wrong",
    ),
]
