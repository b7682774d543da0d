"""Wrong answers to the exercises of lesson 7, and what whoever gives them must be told."""

WRONG = [
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u.number * v.number, [(u, u.number), (v, v.number)])
""",
        "the two slopes are exchanged",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u.number * v.number, [(u, 1.0), (v, 1.0)])
""",
        "both slopes are 1, as for a sum",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u.number + v.number, [(u, v.number), (v, u.number)])
""",
        "it adds the two numbers",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    product = u.number * v.number
    return Value(product, [(u, product), (v, product)])
""",
        "both slopes are u·v",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u.number * v.number)
""",
        "the pairs are missing",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u.number * v.number, [(u, v.number)])
""",
        "only one of the two factors",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return u.number * v.number
""",
        "it must return a Value with its pairs",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    return Value(u * v, [(u, v), (v, u)])
""",
        "it raised TypeError in line 3",
    ),
    (
        "multiply",
        """
def multiply(u, v):
    Value(u.number * v.number, [(u, v.number), (v, u.number)])
""",
        "it returned None",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    for value in reversed(made(C)):
        for earlier, slope in value.made_from:
            earlier.slope = slope * value.slope
""",
        "`=` instead of `+=`",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    for value in made(C)[::-1]:
        for earlier, slope in value.made_from:
            earlier.slope += slope * value.slope
""",
        "Begin with ∂C/∂C",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    C.slope = 1.0
    for value in reversed(made(C)):
        for earlier, slope in value.made_from:
            earlier.slope += slope * value.slope
""",
        "Set them all to 0 first",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    todo, done = [C], []
    for value in todo:
        if value not in done:
            done.append(value)
            for earlier, slope in value.made_from:
                earlier.slope += slope * value.slope
                todo.append(earlier)
""",
        "before all of it had arrived",
    ),
    (
        "backpropagate",
        """
def back(value):
    for earlier, slope in value.made_from:
        earlier.slope += slope * value.slope
        back(earlier)

def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    back(C)
""",
        "passed on the first share twice",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    for value in reversed(made(C)):
        for earlier, _ in value.made_from:
            earlier.slope += value.slope
""",
        "the slope of the step is missing",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    for value in reversed(made(C)):
        for earlier, slope in value.made_from:
            earlier.slope += slope
""",
        "the chain rule multiplies the two",
    ),
    (
        "backpropagate",
        """
def backpropagate(C):
    for value in made(C):
        value.slope = 0.0
    C.slope = 1.0
    for value in made(C):
        for earlier, slope in value.made_from:
            earlier.slope += slope * value.slope
""",
        "They come from C",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    K = K[::-1, ::-1]
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array([[(K * image[r : r + kh, c : c + kw]).sum() for c in range(w - kw + 1)]
                     for r in range(h - kh + 1)])
""",
        "turned by half a turn",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    image = np.pad(image, ((kh // 2, kh - 1 - kh // 2), (kw // 2, kw - 1 - kw // 2)))
    return np.array([[(K * image[r : r + kh, c : c + kw]).sum() for c in range(w)]
                     for r in range(h)])
""",
        "it was padded with zeros",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array([[image[r : r + kh, c : c + kw].sum() for c in range(w - kw + 1)]
                     for r in range(h - kh + 1)])
""",
        "K is not used",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    z = np.zeros((h - kh, w - kw))
    for r in range(h - kh):
        for c in range(w - kw):
            z[r, c] = (K * image[r : r + kh, c : c + kw]).sum()
    return z
""",
        "one row and one column are missing",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array([[(K * image[r : r + kh, c : c + kw]).mean() for c in range(w - kw + 1)]
                     for r in range(h - kh + 1)])
""",
        "this is the mean of each product",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array([[(K * image[r : r + kh, c : c + kw]).sum() for r in range(h - kh + 1)]
                     for c in range(w - kw + 1)])
""",
        "rows and columns of the result are exchanged",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), k = image.shape, len(K)
    return np.array([[(K * image[r : r + k, c : c + k]).sum() for c in range(w - k + 1)]
                     for r in range(h - k + 1)])
""",
        "it raised ValueError in line 4",
    ),
    (
        "convolve",
        """
def convolve(image, K):
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array([[(K @ image[r : r + kh, c : c + kw]).sum() for c in range(w - kw + 1)]
                     for r in range(h - kh + 1)])
""",
        "not `@`",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return gradients.mean(axis=0)
""",
        "every shard has the same weight",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return sum(n * g for n, g in zip(sizes, gradients))
""",
        "this is a sum over samples",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return gradients.sum(axis=0)
""",
        "the gradients are only added up",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return np.mean([n * g for n, g in zip(sizes, gradients)], axis=0)
""",
        "how many shards there are",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return sum(g / n for n, g in zip(sizes, gradients))
""",
        "It is a mean already",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return gradients * (sizes / sizes.sum())[:, None]
""",
        "still to be added up",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return gradients.mean(axis=1)
""",
        "shape",
    ),
    (
        "mean_of_shards",
        """
def mean_of_shards(gradients, sizes):
    return sizes * gradients / sizes.sum()
""",
        "it raised ValueError in line 3",
    ),
]
