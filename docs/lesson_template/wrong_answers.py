"""What learners write instead, in lesson NUMBER, and the words that they must be told."""

WRONG = [
    (
        "mean_absolute_error",
        """
def mean_absolute_error(a, y):
    return np.abs(a - y).sum()
""",
        "the sum of the errors",
    ),
    (
        "mean_absolute_error",
        """
def mean_absolute_error(a, y):
    return abs((a - y).mean())
""",
        "errors of opposite sign cancel",
    ),
    (
        "mean_absolute_error",
        """
def mean_absolute_error(a, y):
    return np.mean(np.square(a - y))
""",
        "the mean squared error",
    ),
]
