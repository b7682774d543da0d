"""What learners write instead, in lesson 2, and the words that they must be told."""

WRONG = [
    (
        "mse",
        """
def mse(a, y):
    return ((a - y) ** 2).sum()
""",
        "the sum of the squared errors",
    ),
    (
        "mse",
        """
def mse(a, y):
    return ((a - y) ** 2).sum(axis=1).mean()
""",
        "not divided by k",
    ),
    (
        "mse",
        """
def mse(a, y):
    return 0.5 * np.mean(np.square(a - y))
""",
        "factor ½",
    ),
    (
        "mse",
        """
def mse(a, y):
    return np.abs(a - y).mean()
""",
        "absolute error",
    ),
    (
        "mse",
        """
def mse(a, y):
    total = 0
    for row_a, row_y in zip(a, y):
        total += (row_a - row_y).mean()
    return total / len(a)
""",
        "errors of opposite sign cancel",
    ),
    (
        "mse",
        """
def mse(a, y):
    return ((a - y) ** 2).mean(axis=1)
""",
        "one number for each sample",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    n, k = a.shape
    return (a - y) / (n * k)
""",
        "the 2 is missing",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    return 2 * (a - y) / a.shape[0]
""",
        "not by the k outputs",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    return 2 / a.size * (y - a)
""",
        "sign is flipped",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    return 2 * (a - y)
""",
        "1/(n k) is missing",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    return 2 * np.mean(a - y)
""",
        "mean of the slopes",
    ),
    (
        "softmax",
        """
def softmax(z):
    return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
""",
        "e^1000 is infinity",
    ),
    (
        "softmax",
        """
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=1)[:, None]
""",
        "*whole* array",
    ),
    (
        "softmax",
        """
def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
""",
        "a sample is a row",
    ),
    (
        "softmax",
        """
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()
""",
        "each row, a sample, must",
    ),
    (
        "softmax",
        """
def softmax(z):
    e = np.exp(z - z.max(axis=1))
    return e / e.sum(axis=1)
""",
        "ValueError",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    a = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(a[range(len(labels)), labels]).mean()
""",
        "overflows to NaN",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    return -np.log(a[range(len(labels)), labels]).mean()
""",
        "still sees a 0",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    log_sum = np.log(np.sum(np.exp(z), axis=1))
    return (log_sum - z[np.arange(len(labels)), labels]).mean()
""",
        "within the log-sum-exp",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    z = z - z.max(axis=1, keepdims=True)
    log_a = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return log_a[np.arange(len(labels)), labels].mean()
""",
        "sign is flipped",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    z = z - z.max(axis=1, keepdims=True)
    log_a = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    y = np.zeros_like(z)
    y[np.arange(len(labels)), labels] = 1
    return -(y * log_a).sum()
""",
        "sum over the samples",
    ),
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    z = z - z.max(axis=1, keepdims=True)
    log_a = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    y = np.eye(z.shape[1])[labels]
    return -np.mean(y * log_a)
""",
        "divided by n k",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    a = softmax(z)
    a[np.arange(len(z)), labels] -= 1
    return a
""",
        "1/n is missing",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    y = np.eye(z.shape[1])[labels]
    return (y - softmax(z)) / len(z)
""",
        "sign is flipped",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    return softmax(z) / len(labels)
""",
        "not yet subtracted",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    a = softmax(z)
    a[:, labels] -= 1
    return a / len(z)
""",
        "whole column",
    ),
    ("start_loss", "start_loss = np.log(10)", "for ten classes"),
    ("start_loss", "start_loss = np.log2(26)", "natural"),
    ("start_loss", "start_loss = 1 / 26", "minus its logarithm"),
    ("start_loss", "start_loss = 0.0", "the same probability"),
]

# The row's mean, its median or its smallest score do not keep e^z within the floats.
WRONG += [
    (
        "softmax",
        f"""
def softmax(z):
    e = np.exp(z - np.{by}(z, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
        "not its largest score",
    )
    for by in ("mean", "median", "min")
]
WRONG += [
    (
        "cross_entropy",
        """
def cross_entropy(z, labels):
    e = np.exp(z - z.mean(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    return -np.log(a[np.arange(len(z)), labels]).mean()
""",
        "its mean",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    a = np.exp(z - z.mean(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    a[np.arange(len(z)), labels] -= 1
    return a / len(z)
""",
        "not its largest score",
    ),
    (
        "mse_gradient",
        """
def mse_gradient(a, y):
    return a - y
""",
        "half the summed squares",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    return (a - np.eye(z.shape[1])[labels]) / z.size
""",
        "divided by n k",
    ),
    (
        "cross_entropy_gradient",
        """
def cross_entropy_gradient(z, labels):
    return (z - np.eye(z.shape[1])[labels]) / len(z)
""",
        "z itself stands",
    ),
    ("start_loss", "start_loss = np.log(1 / 26)", "the sign is flipped"),
    ("start_loss", "start_loss = 26", "the number of classes"),
]
