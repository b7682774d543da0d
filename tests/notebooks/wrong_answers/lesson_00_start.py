"""Wrong answers to the exercise of the first page, and what whoever gives them must be told."""

WRONG = [
    ("double", "def double(x):\n    return x ** 2", "x squared"),
    ("double", "def double(x):\n    return x", "x itself"),
    ("double", "def double(x):\n    return x / 2", "half of x"),
    ("double", "def double(x):\n    return x + 2", "2 was added"),
    ("double", "def double(x):\n    print(2 * x)", "returned None"),
    ("double", "def double(x):\n    return 2 * [x]", "the shape is"),
]
