"""The exercises of lesson 7: a product, the way back, a convolution, the mean over shards."""

import functools
from dataclasses import dataclass, field

import numpy as np

from .engine import FunctionExercise, KnownWrongAnswer

LESSON = "07_beyond"


class Value:
    """A number that remembers what it was made from, as the lesson defines it.

    made_from  pairs (earlier value, ∂ this / ∂ that one)
    slope      ∂C / ∂ this, once it was computed
    """

    def __init__(self, number: float, made_from=()):
        self.number = float(number)
        self.made_from = list(made_from)
        self.slope = 0.0


def _product(u, v):
    return Value(u.number * v.number, [(u, v.number), (v, u.number)])


def _sum(u, v):
    return Value(u.number + v.number, [(u, 1.0), (v, 1.0)])


# 1 · A product: its number, and how it depends on each of its factors.


class _Multiply(FunctionExercise):
    """Compared are the number of the value that it returns, and its slopes towards u and v."""

    def compared(self, function):
        @functools.wraps(function)  # whose lines an error is told by
        def numbers(u, v):
            factors = Value(u), Value(v)
            returned = function(*factors)
            if returned is None:
                return None
            try:
                number, pairs = returned.number, [(x, float(s)) for x, s in returned.made_from]
            except (AttributeError, TypeError, ValueError):
                raise TypeError(
                    "it must return a Value with its pairs: Value(number, [(u, …), (v, …)])"
                ) from None
            return number, *(sum(s for x, s in pairs if x is y) for y in factors)

        return numbers


def _made(number, slope_u, slope_v):
    """Return a wrong product: each of these is a function of the two numbers, or None."""

    def wrong(u, v):
        at = u.number, v.number
        pairs = [(x, f(*at)) for x, f in ((u, slope_u), (v, slope_v)) if f is not None]
        return Value(number(*at), pairs)

    return wrong


def _first(u, v):
    return u


def _second(u, v):
    return v


def _times(u, v):
    return u * v


multiply = _Multiply(
    LESSON,
    "multiply",
    answer=_product,
    # Neither 1 nor alike: else a number and a slope, or both slopes, may be the same.
    cases=lambda rng: [
        (float(rng.uniform(1.5, 3)), float(rng.uniform(-3, -1.5))),
        (float(rng.uniform(-9, -4)), float(rng.uniform(0.2, 0.8))),
    ],
    mistakes=[
        KnownWrongAnswer(
            "the two slopes are exchanged. If u grows by h, u·v grows by v·h: the slope towards u "
            "is v, the *other* factor",
            _made(_times, _first, _second),
        ),
        KnownWrongAnswer(
            "both slopes are 1, as for a sum. If u grows by h, u·v grows by v·h",
            _made(_times, lambda u, v: 1.0, lambda u, v: 1.0),
        ),
        KnownWrongAnswer(
            "it adds the two numbers, and has the slopes of a product",
            _made(lambda u, v: u + v, _second, _first),
        ),
        KnownWrongAnswer(
            "both slopes are u·v, the product itself. How much does it grow if u alone grows by h?",
            _made(_times, _times, _times),
        ),
        KnownWrongAnswer(
            "it returns a Value that does not know what it was made from: the pairs are missing, "
            "so nothing can flow back through it",
            _made(_times, None, None),
        ),
        KnownWrongAnswer(
            "only one of the two factors is among the pairs: the product depends on both",
            _made(_times, _second, None),
        ),
    ],
    hints=[
        "If u grows by h and v stays, by how much does u·v grow?",
        "By v·h: so the slope towards u is v's number, and the one towards v is u's.",
        "return Value(u.number * v.number, [(u, …), (v, …)])",
    ],
)


# 2 · The way back.


@dataclass
class _Graph:
    """A small computation: its values in the order in which they were made, the last being C."""

    text: str
    values: list = field(default_factory=list)


def _graph(rng, text: str, steps) -> _Graph:
    """Return the graph of u, v and the steps (product or sum, earlier, earlier)."""
    values = [Value(rng.uniform(1.2, 2)), Value(rng.uniform(-2, -1.2))]
    for make, i, j in steps:
        values.append(make(values[i], values[j]))
    for value in values:
        value.slope = float(rng.uniform(3, 5))  # left there by an earlier use
    u, v = values[:2]
    return _Graph(f"u = {u.number:.3g}, v = {v.number:.3g}, {text}", values)


def _graphs(rng):
    return [
        (_graph(rng, "C = u·v", [(_product, 0, 1)]),),
        (_graph(rng, "w = u·u, C = w + v", [(_product, 0, 0), (_sum, 2, 1)]),),
        (
            _graph(
                rng,
                "p = u·v, q = p + u, r = p·q, C = r + p",
                [(_product, 0, 1), (_sum, 2, 0), (_product, 2, 3), (_sum, 4, 2)],
            ),
        ),
        (
            _graph(
                rng,
                "p = u + v, q = p·p, r = q·p, C = p·r",
                [(_sum, 0, 1), (_product, 2, 2), (_product, 3, 2), (_product, 2, 4)],
            ),
        ),
    ]


def _backpropagate(C, *, reset=True, seed=True, add=True, local=True, chain=True, backward=True):
    """Set the slopes of all that C was made from; each keyword makes one mistake."""
    order, seen = [], set()

    def visit(value):
        if id(value) not in seen:
            seen.add(id(value))
            for earlier, _ in value.made_from:
                visit(earlier)
            order.append(value)

    visit(C)
    if reset:
        for value in order:
            value.slope = 0.0
    if seed:
        C.slope = 1.0
    for value in reversed(order) if backward else order:
        for earlier, slope in value.made_from:
            part = (value.slope if chain else 1.0) * (slope if local else 1.0)
            earlier.slope = earlier.slope + part if add else part


def _as_it_comes(C):
    """Pass on what a value has when it is met first, and never again."""
    _clear(C)
    todo, seen = [C], set()
    while todo:
        value = todo.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        for earlier, slope in value.made_from:
            earlier.slope += slope * value.slope
            todo.append(earlier)


def _again_and_again(C):
    """Pass on all that a value has, each time that it is met."""
    _clear(C)

    def back(value):
        for earlier, slope in value.made_from:
            earlier.slope += slope * value.slope
            back(earlier)

    back(C)


def _clear(C):
    _backpropagate(C, seed=False)
    C.slope = 1.0


class _Backpropagate(FunctionExercise):
    """It returns nothing; compared are the slopes that it leaves in a graph."""

    def compared(self, function):
        @functools.wraps(function)
        def slopes(graph):
            function(graph.values[-1])
            return [value.slope for value in graph.values]

        return slopes

    def _call_as_text(self, arguments):
        (graph,) = arguments
        steps = [step.partition(" = ")[0] for step in graph.text.split(", ")]
        return f"backpropagate(C) with {graph.text}; compared: the slopes of {', '.join(steps)}"


backpropagate = _Backpropagate(
    LESSON,
    "backpropagate",
    answer=_backpropagate,
    cases=_graphs,
    mistakes=[
        KnownWrongAnswer(
            "a slope is set where it must be added to: `=` instead of `+=`. Whatever is used in "
            "two places takes its blame from both, and the second wiped out the first",
            lambda C: _backpropagate(C, add=False),
        ),
        KnownWrongAnswer(
            "all slopes stay 0: nothing was there to be passed on. Begin with ∂C/∂C, which is 1",
            lambda C: _backpropagate(C, seed=False),
        ),
        KnownWrongAnswer(
            "what stood in the slopes before was added to. Set them all to 0 first: a second call "
            "must give the same",
            lambda C: _backpropagate(C, reset=False),
        ),
        KnownWrongAnswer(
            "a value passed its slope on before all of it had arrived. Those that use it must come "
            "first, all of them: go through the values in the reverse of the order in which they "
            "were made",
            _as_it_comes,
        ),
        KnownWrongAnswer(
            "a value that is reached on two ways passed on the first share twice: once when it "
            "came, and again as a part of the sum. Pass each value's slope on once, when all of "
            "it has arrived",
            _again_and_again,
        ),
        KnownWrongAnswer(
            "it goes from the first value to C, where the slopes are still 0. They come from C: go "
            "through the values in reverse",
            lambda C: _backpropagate(C, backward=False),
        ),
        KnownWrongAnswer(
            "the slope of the step is missing: what arrives at an earlier value is the slope of "
            "the later one *times* ∂ later / ∂ earlier, the second of the pair",
            lambda C: _backpropagate(C, local=False),
        ),
        KnownWrongAnswer(
            "only the slope of the step itself was added, without that of the later value: the "
            "chain rule multiplies the two",
            lambda C: _backpropagate(C, chain=False),
        ),
    ],
    hints=[
        "Three steps: all slopes to 0, that of C to 1, then from the last value to the first: pass "
        "its slope on to each that it was made from.",
        "`made(C)` lists all values that C depends on, each after those it was made from. So go "
        "through it in reverse: then a value's slope is complete before it is passed on.",
        "for earlier, slope in value.made_from: earlier.slope += slope * value.slope",
    ],
)


# 3 · A convolution: one small W, at every place of an image.


def _convolve(image, K, meet=np.multiply):
    """Return the sum of meet(K, patch) for each place at which K fits."""
    (h, w), (kh, kw) = image.shape, K.shape
    return np.array(
        [
            [meet(K, image[r : r + kh, c : c + kw]).sum() for c in range(w - kw + 1)]
            for r in range(h - kh + 1)
        ]
    )


def _padded(image, K):
    height, width = K.shape
    top, left = height // 2, width // 2
    return _convolve(np.pad(image, ((top, height - 1 - top), (left, width - 1 - left))), K)


def _patch_sums(image, K):
    return _convolve(image, np.ones_like(K))


_NO_MATRIX_PRODUCT = (
    "a matrix product of patch and K stands where each entry of the patch must meet the entry of K "
    "at its own place: `*` and then sum, not `@`"
)

convolve = FunctionExercise(
    LESSON,
    "convolve",
    answer=lambda image, K: _convolve(image, K),
    # Square first: there a transposed K can still be used. The others tell rows from columns.
    cases=lambda rng: [
        (rng.normal(size=image), rng.normal(size=kernel))
        for image, kernel in (
            ((6, 6), (3, 3)),
            ((5, 8), (2, 3)),
            ((7, 4), (3, 2)),
            ((3, 3), (3, 3)),
        )
    ],
    mistakes=[
        KnownWrongAnswer(
            "K is turned by half a turn. That is what mathematicians call a convolution; in neural "
            "networks the name is used for the sum without the turn, and since K is learned "
            "it makes no difference what it is called. Here K[0, 0] meets image[r, c]",
            lambda image, K: _convolve(image, K[::-1, ::-1]),
        ),
        KnownWrongAnswer(
            "the result has the size of the image: it was padded with zeros. Here only places "
            "count at which K lies wholly on the image",
            _padded,
        ),
        KnownWrongAnswer(
            "K is not used: this is the sum of each patch. Multiply the patch by K, entry by "
            "entry, and then sum",
            _patch_sums,
        ),
        KnownWrongAnswer(
            "one row and one column are missing: K fits h − k + 1 times, not h − k. For k = 1 it "
            "fits everywhere",
            lambda image, K: _convolve(image, K)[:-1, :-1],
        ),
        KnownWrongAnswer(
            "this is the mean of each product, where the sum is wanted: the weights of a neuron "
            "are not divided by their number",
            lambda image, K: _convolve(image, K) / K.size,
        ),
        KnownWrongAnswer(
            "rows and columns of the result are exchanged: out[r, c] belongs to the patch that "
            "begins at row r and column c",
            lambda image, K: _convolve(image, K).T,
        ),
        KnownWrongAnswer(_NO_MATRIX_PRODUCT, lambda image, K: _convolve(image, K, np.matmul)),
        KnownWrongAnswer(
            _NO_MATRIX_PRODUCT, lambda image, K: _convolve(image, K, lambda K, patch: patch @ K)
        ),
    ],
    hints=[
        "At how many places does K fit into the image, downwards and to the right?",
        "The patch at (r, c) is image[r : r + k, c : c + k]. What does a neuron do with its inputs "
        "and its weights?",
        "out[r, c] = (K * image[r : r + K.shape[0], c : c + K.shape[1]]).sum(), in two loops.",
    ],
)


# 4 · One batch, cut into shards.


def _mean_of_shards(gradients, sizes):
    """Return the mean of the rows, each weighted by the size of its shard."""
    return np.asarray(sizes) @ gradients / np.sum(sizes)


def _shards(rng):
    """Return gradients, one row a shard, and sizes, no two of which are alike."""
    cases = []
    for K, P in ((3, 5), (2, 4), (5, 3)):
        sizes = rng.choice(np.arange(2, 30), size=K, replace=False)
        cases.append((rng.normal(size=(K, P)), sizes))
    return cases


mean_of_shards = FunctionExercise(
    LESSON,
    "mean_of_shards",
    answer=_mean_of_shards,
    cases=_shards,
    mistakes=[
        KnownWrongAnswer(
            "every shard has the same weight: a sample of a small shard then counts for more than "
            "one of a large shard. Weight each gradient by the size of its shard",
            lambda gradients, sizes: np.mean(gradients, axis=0),
        ),
        KnownWrongAnswer(
            "this is a sum over samples: the loss is a mean. Divide by how many samples there are "
            "in all",
            lambda gradients, sizes: np.asarray(sizes) @ gradients,
        ),
        KnownWrongAnswer(
            "the gradients are only added up: each is a mean over its own shard, so weight it by "
            "the size of that shard, and divide by how many samples there are in all",
            lambda gradients, sizes: np.sum(gradients, axis=0),
        ),
        KnownWrongAnswer(
            "it was divided by how many shards there are. Divide by how many samples there are "
            "in all",
            lambda gradients, sizes: np.asarray(sizes) @ gradients / len(sizes),
        ),
        KnownWrongAnswer(
            "each gradient was divided by its size. It is a mean already: multiply by the size, "
            "and divide by how many samples there are in all",
            lambda gradients, sizes: np.sum(gradients / np.reshape(sizes, (-1, 1)), axis=0),
        ),
        KnownWrongAnswer(
            "the weights are right, and the weighted gradients are still to be added up: sum over "
            "the rows",
            lambda gradients, sizes: np.reshape(sizes, (-1, 1)) * gradients / np.sum(sizes),
        ),
    ],
    hints=[
        "Each row is a mean over the samples of its shard. What is the *sum* over these samples?",
        "n_k times the row. Add these sums up, and divide by how many samples there are in all.",
        "sum(n * g for n, g in zip(sizes, gradients)) is the sum over all samples.",
    ],
)
