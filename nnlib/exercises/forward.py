"""The exercises of lesson 1, 01_forward: a neuron, a layer, a network, a batch of samples."""

from itertools import pairwise

import numpy as np

from ..activations import leaky_relu, relu, sigmoid, tanh
from ..diagnosis import diagnose
from ..diagnosis.own_code import OwnCode
from ..network import NeuralNetwork
from .compare import show
from .diagnosed import judge_numbering
from .engine import Exercise, Finding, FunctionExercise, KnownWrongAnswer, call

LESSON = "01_forward"


# One neuron.

neuron = FunctionExercise(
    LESSON,
    "neuron",
    answer=lambda x, w, b: sigmoid(x @ w + b),
    cases=lambda rng: [(rng.normal(size=n), rng.normal(size=n), rng.normal()) for n in (1, 3, 7)],
    mistakes=[
        KnownWrongAnswer(
            "this is z, the weighted sum: the activation is missing. A neuron has two steps, and "
            "the second is easily forgotten because the first looks finished: a = σ(z).",
            lambda x, w, b: x @ w + b,
        ),
        KnownWrongAnswer(
            "the products were not added up: one number came out for each input. In numpy x * w "
            "multiplies entry by entry; the sum over the inputs is a step of its own, "
            "np.sum(x * w), or both in one, x @ w.",
            lambda x, w, b: sigmoid(x * w + b),
        ),
        KnownWrongAnswer(
            "the bias was added once for each input instead of once. In sum(x * w + b) it is "
            "inside the sum; a neuron has a single bias, however many inputs it has.",
            lambda x, w, b: sigmoid(np.sum(x * w + b)),
        ),
        KnownWrongAnswer(
            "the bias was added after the activation. It belongs to z: it moves the place where "
            "the neuron turns from 0 to 1, not the height of what comes out.",
            lambda x, w, b: sigmoid(x @ w) + b,
        ),
        KnownWrongAnswer(
            "the bias is missing: z = wᵀx + b. Without it z is 0 at x = 0, so every neuron turns "
            "at the origin.",
            lambda x, w, b: sigmoid(x @ w),
        ),
        KnownWrongAnswer(
            "the exponent has the wrong sign: this is σ(−z). In σ(z) = 1 / (1 + e⁻ᶻ) the "
            "minus belongs to z, so that a large z gives nearly 1.",
            lambda x, w, b: sigmoid(-(x @ w + b)),
        ),
    ],
    hints=[
        "Two steps, two lines: first the weighted sum z, then the activation a.",
        "x @ w is the sum of the products of two vectors of the same length.",
        "z = x @ w + b, and nnlib.sigmoid(z) is σ(z).",
    ],
)


# One layer, for one sample.


def _layer_cases(rng):
    sizes = [(1, 1), (2, 5), (5, 2), (4, 4)]
    return [
        (rng.normal(size=n), rng.normal(size=(n, m)), rng.normal(size=m), f)
        for (n, m), f in zip(sizes, (sigmoid, tanh, relu, leaky_relu), strict=True)
    ]


layer = FunctionExercise(
    LESSON,
    "layer",
    answer=lambda a, W, b, f: f(W.T @ a + b),
    cases=_layer_cases,
    mistakes=[
        KnownWrongAnswer(
            "the transpose is missing: this is W a + b, which has a value only where W is square. "
            "Row i of W belongs to input i and column j to neuron j, so the sum for neuron "
            "j runs down a column: Wᵀa. Write the shapes: (n_out, n_in) · (n_in) = (n_out).",
            lambda a, W, b, f: f(W @ a + b),
        ),
        KnownWrongAnswer(
            "this is z: the activation is missing. Every layer ends with its f: a = f(z).",
            lambda a, W, b, f: W.T @ a + b,
        ),
        KnownWrongAnswer(
            "the biases are missing: z = Wᵀa + b, one bias for each neuron of this layer.",
            lambda a, W, b, f: f(W.T @ a),
        ),
        KnownWrongAnswer(
            "the biases were added after the activation: z = Wᵀa + b comes first, and f last.",
            lambda a, W, b, f: f(W.T @ a) + b,
        ),
        KnownWrongAnswer(
            "f is always the sigmoid here, but a layer is given its activation as the argument f: "
            "call f(z).",
            lambda a, W, b, f: sigmoid(W.T @ a + b),
        ),
        KnownWrongAnswer(
            "the products were not added up: W * a multiplies each entry of W and sums nothing. "
            "A layer is a matrix product, written @.",
            lambda a, W, b, f: f(W * a[:, None] + b),
        ),
    ],
    hints=[
        "For neuron j: z_j is the sum over i of W[i, j] · a[i], plus b[j]. Which axis of W is i?",
        "All these sums at once are a matrix product. Its result must have n_out numbers, so W, "
        "of shape (n_in, n_out), must be turned.",
        "f(W.T @ a + b).",
    ],
)


# (n,) and (n, 1).


def _apart(rng, n, sign):
    """Return an output of shape (n, 1) and a y of shape (n,), on the mean above it or below."""
    output, y = rng.normal(size=(2, n))
    if sign * (output.mean() - y.mean()) < 0:
        output, y = y, output
    return output[:, None], y


mean_distance = FunctionExercise(
    LESSON,
    "mean_distance",
    answer=lambda output, y: np.mean(np.abs(output[:, 0] - y)),
    # On the mean too low, then too high: a sign that is kept shows in one or the other.
    cases=lambda rng: [_apart(rng, 1, -1), _apart(rng, 3, 1), _apart(rng, 8, -1)],
    mistakes=[
        KnownWrongAnswer(
            "output − y has become a table of n × n differences, every output with every target, "
            "and you took the mean of all of them. (n, 1) and (n,) do not line up: numpy reads "
            "(n,) as (1, n) and stretches both. Nothing is raised, and for n = 1 it is even "
            "right. Give both the same shape first: output[:, 0], or y[:, None].",
            lambda output, y: np.mean(np.abs(output - y)),
        ),
        KnownWrongAnswer(
            "the n × n table of all differences was summed: (n, 1) − (n,) is (n, n). Give both the "
            "same shape first, output[:, 0] or y[:, None]; then take the mean.",
            lambda output, y: np.sum(np.abs(output - y)),
        ),
        KnownWrongAnswer(
            "the distances were added up, not averaged: a sum grows with the number of samples, so "
            "two batches of different size could not be compared.",
            lambda output, y: np.sum(np.abs(output[:, 0] - y)),
        ),
        KnownWrongAnswer(
            "the sign was kept: too much and too little cancel. A distance is never negative: take "
            "np.abs of each difference before the mean.",
            lambda output, y: np.mean(output[:, 0] - y),
        ),
        KnownWrongAnswer(
            "the sign was taken away after the mean, when too much and too little had cancelled "
            "already. np.abs goes inside, np.mean outside.",
            lambda output, y: np.abs(np.mean(output[:, 0] - y)),
        ),
        KnownWrongAnswer(
            "the differences were squared, not taken as distances: np.abs instead of ** 2. (The "
            "mean square is the loss of lesson 2.)",
            lambda output, y: np.mean((output[:, 0] - y) ** 2),
        ),
        KnownWrongAnswer(
            "this is one distance for each sample; what is asked for is their mean, one number.",
            lambda output, y: np.abs(output[:, 0] - y),
        ),
    ],
    hints=[
        "Print (output - y).shape for three samples. Is it what you expect?",
        "output has two axes and y has one. Take the only column of output: output[:, 0].",
        "np.mean(np.abs(output[:, 0] - y)).",
    ],
)


# A network, for one sample.


def _run(x, weights, biases, activations, *, last=None, read=None):
    """Return the activations of all layers, with one thing wrong if told so."""
    a = [x]
    for i, (W, b, f) in enumerate(zip(weights, biases, activations, strict=True)):
        z = W.T @ (a[-1] if read is None else read(a, i)) + b
        a.append(z if last == "none" and i + 1 == len(weights) else f(z))
    return a


def _network_cases(rng):
    cases = []
    for widths in [(3, 2), (4, 5, 3, 2), (4, 4, 4, 4)]:
        pairs = list(pairwise(widths))
        # Weights of a size at which no activation is flat.
        weights = [rng.normal(size=pair) / 2 for pair in pairs]
        biases = [rng.normal(size=m) / 2 for _, m in pairs]
        activations = [tanh, leaky_relu, sigmoid][-len(pairs) :]
        cases.append((rng.normal(size=widths[0]), weights, biases, activations))
    return cases


network = FunctionExercise(
    LESSON,
    "network",
    answer=lambda x, weights, biases, activations: _run(x, weights, biases, activations)[-1],
    cases=_network_cases,
    mistakes=[
        KnownWrongAnswer(
            "every layer was given the input x. The a that one layer returns is what the next "
            "one takes: keep it in one variable, a = layer(a, W, b, f), which begins as a = x.",
            lambda x, weights, biases, activations: _run(
                x, weights, biases, activations, read=lambda a, i: x
            )[-1],
        ),
        KnownWrongAnswer(
            "the last activation is missing: the output layer has an f too, the last of "
            "`activations`.",
            lambda x, weights, biases, activations: _run(
                x, weights, biases, activations, last="none"
            )[-1],
        ),
        KnownWrongAnswer(
            "all layers used the first activation: layer l has its own, activations[l − 1]. "
            "Walk through the three lists side by side, with zip.",
            lambda x, weights, biases, activations: _run(
                x, weights, biases, [activations[0]] * len(weights)
            )[-1],
        ),
        KnownWrongAnswer(
            "all layers used the last activation: layer l has its own, activations[l − 1]. "
            "Walk through the three lists side by side, with zip.",
            lambda x, weights, biases, activations: _run(
                x, weights, biases, [activations[-1]] * len(weights)
            )[-1],
        ),
        KnownWrongAnswer(
            "it stopped after the first layer: a `return` inside the loop ends the function. Put "
            "it after the loop, at the indentation of `for`.",
            lambda x, weights, biases, activations: _run(x, weights, biases, activations)[1],
        ),
        KnownWrongAnswer(
            "the last layer was left out. The lists hold one entry for each layer of weights, so "
            "the loop has as many turns as there are weights, not one fewer.",
            lambda x, weights, biases, activations: _run(
                x, weights[:-1], biases[:-1], activations[:-1]
            )[-1],
        ),
        KnownWrongAnswer(
            "the transpose is missing in every layer: for one sample z = Wᵀa + b.",
            lambda x, weights, biases, activations: _run(
                x, [W.T for W in weights], biases, activations
            )[-1],
        ),
        KnownWrongAnswer(
            "this is the list of the activations of all layers; what is asked for is the output, "
            "the last of them.",
            lambda x, weights, biases, activations: _run(x, weights, biases, activations),
        ),
    ],
    hints=[
        "A network is layers one after another, and you have written the layer.",
        "One variable, a, begins as the input. For each layer it is replaced by what that layer "
        "makes of it; after the last layer it is the output.",
        "for W, b, f in zip(weights, biases, activations): a = layer(a, W, b, f)",
    ],
)


# XOR, by hand.

CORNERS = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
XOR_NAMES = ("W1", "b1", "W2", "b2")
XOR_SHAPES = ((2, 2), (2,), (2, 1), (1,))


def _judge_xor(attempt, rng) -> Finding | None:
    """Look at what the weights that the learner chose make of the four corners."""
    returned, problem = call(attempt, ()) if callable(attempt) else (attempt, None)
    called = "xor_by_hand()"
    if problem:
        return Finding(problem, called)
    try:
        arrays = [np.asarray(value, np.float64) for value in returned]
    except (TypeError, ValueError):
        arrays = []
    if len(arrays) != 4:
        why = "it must return four arrays of numbers, in this order: W1, b1, W2, b2"
        return Finding(why, called, show(returned))
    for name, array, shape in zip(XOR_NAMES, arrays, XOR_SHAPES, strict=True):
        if array.shape != shape:
            return Finding(
                f"{name} has shape {array.shape}, but must have {shape}: W has a row for each "
                "input and a column for each neuron, b one number for each neuron",
                called,
                show(array),
                f"an array of shape {shape}",
            )
        if not np.isfinite(array).all():
            return Finding(f"{name} holds numbers that are infinite or NaN", called, show(array))
    W1, b1, W2, b2 = arrays
    # The corners, and points around them: a line that only just passes would not do.
    around = [CORNERS + rng.uniform(-0.2, 0.2, size=(4, 2)), *(CORNERS + 0.2 * c for c in CORNERS)]
    points = np.concatenate([CORNERS, *around])
    a = sigmoid(sigmoid(points @ W1 + b1) @ W2 + b2)[:, 0]
    above, wanted = a > 0.5, points[:, 0] * points[:, 1] < 0
    if (above == wanted).all():
        return None
    corners = ", ".join(
        f"({p[0]:+.0f}, {p[1]:+.0f}) → {v:.2f}" for p, v in zip(CORNERS, a[:4], strict=True)
    ).replace("-", "−")
    expected = "above ½ at (−1, +1) and (+1, −1), below ½ at (−1, −1) and (+1, +1)"
    return Finding(_why_xor(above, wanted, W1), called, corners, expected)


def _why_xor(above, wanted, W1) -> str:
    corners, right = above[:4], int((above[:4] == wanted[:4]).sum())
    if right == 4:
        return (
            "the four corners are right, but not all points near them, up to 0.2 away: the lines "
            "pass too close. Move them to the middle between the corners."
        )
    if right == 0:
        return (
            "it says the opposite everywhere: this is 'both alike'. Turn the output round: change "
            "the sign of W2 and of b2."
        )
    if corners.all() or not corners.any():
        side = "above" if corners.all() else "below"
        return (
            f"all four corners are {side} ½: the bias of the output outweighs everything. Look "
            "at what the two hidden neurons say at each corner, and place b2 between the sums."
        )
    if np.linalg.matrix_rank(np.column_stack([W1[:, 0], W1[:, 1]])) == 1 and right == 2:
        return (
            "two corners are right. Your two hidden neurons have parallel lines, which is a good "
            "plan; now one must turn between (−1, −1) and the middle corners and the other "
            "between these and (+1, +1), each moved there by its bias."
        )
    if right == 3:
        return (
            "three of four corners are right, which a single neuron can do as well. The second "
            "hidden neuron must cut off the fourth: look at where its line runs."
        )
    return (
        f"{right} of four corners are right. Look at the hidden neurons one at a time: on which "
        "side of its line does each of the corners lie, and what must the output make of that?"
    )


xor_by_hand = Exercise(
    LESSON,
    "xor_by_hand",
    judge=_judge_xor,
    hints=[
        "Two lines, both parallel to the diagonal from (−1, 1) to (1, −1), leave a band between "
        "them, and the two corners that should be above ½ lie in it.",
        "Let one hidden neuron say 'x₁ + x₂ > −1' and the other 'x₁ + x₂ > 1'. In the band the "
        "first says 1 and the second 0.",
        "A hidden neuron σ(k (x₁ + x₂ + 1)) has both weights k and bias k. With the other "
        "one σ(k (x₁ + x₂ − 1)), and k = 5: W1 = [[5, 5], [5, 5]], b1 = [5, −5].",
        "The output must be above ½ where the first is 1 and the second 0: weights +10 and −10, "
        "and a bias of −5, half of what the band gives.",
    ],
)


# A bump.

bump = FunctionExercise(
    LESSON,
    "bump",
    answer=lambda x, left, right, k: sigmoid(k * (x - left)) - sigmoid(k * (x - right)),
    cases=lambda rng: [
        (rng.uniform(-2, 2, size=n), -rng.uniform(0.2, 1), rng.uniform(0.2, 1), rng.uniform(2, 9))
        for n in (1, 4, 9)
    ],
    mistakes=[
        KnownWrongAnswer(
            "the two steps were added: that is a staircase from 0 to 2. The second step must go "
            "down, so it is subtracted.",
            lambda x, left, right, k: sigmoid(k * (x - left)) + sigmoid(k * (x - right)),
        ),
        KnownWrongAnswer(
            "k multiplies x alone, so the steps are not at `left` and `right` but at left/k and "
            "right/k. As a neuron: the weight is k and the bias −k·left; k is in both.",
            lambda x, left, right, k: sigmoid(k * x - left) - sigmoid(k * x - right),
        ),
        KnownWrongAnswer(
            "the bump is upside down: the step up, at `left`, comes first, and the one at `right` "
            "is subtracted from it.",
            lambda x, left, right, k: sigmoid(k * (x - right)) - sigmoid(k * (x - left)),
        ),
        KnownWrongAnswer(
            "the signs inside are turned round: σ(k (x + left)) turns where x = −left. With a "
            "minus, σ(k (x − left)), it turns where x = left.",
            lambda x, left, right, k: sigmoid(k * (x + left)) - sigmoid(k * (x + right)),
        ),
        KnownWrongAnswer(
            "k is outside the sigmoid: it makes the bump higher, not its sides steeper.",
            lambda x, left, right, k: k * (sigmoid(x - left) - sigmoid(x - right)),
        ),
        KnownWrongAnswer(
            "k is not used: it is the weight, which says how steep the two steps are.",
            lambda x, left, right, k: sigmoid(x - left) - sigmoid(x - right),
        ),
        KnownWrongAnswer(
            "this is only the step up at `left`. Subtract the same step at `right`.",
            lambda x, left, right, k: sigmoid(k * (x - left)),
        ),
    ],
    hints=[
        "A step up at `left`, and from there on 1; then take away a step up at `right`.",
        "A neuron with weight k that turns where x = left: k·x + b = 0 there, so b = −k·left.",
        "sigmoid(k * (x - left)) is one of the two.",
    ],
)


# A batch, and all that lies on the way.


def _judge_forward(attempt, rng) -> Finding | None:
    """Let `nnlib.diagnosis` try it on networks of several depths and activations."""
    if not callable(attempt):
        return Finding("forward must be a function", "", show(attempt))
    if finding := judge_numbering(attempt, rng):
        return finding
    seed = int(rng.integers(2**31))
    for hidden, depth in (("tanh", 2), ("relu", 3), ("sigmoid", 1)):
        net = NeuralNetwork([3] + [4] * (depth - 1) + [2], hidden=hidden, output="sigmoid", seed=1)
        X = rng.normal(size=(5, 3))
        # A stub is found out here; any other trouble the diagnosis tells better.
        call(attempt, (X, list(net.weights), list(net.biases), list(net.activations)))
        found = diagnose(OwnCode(forward=attempt), net, loss="mse", seed=seed)
        if found:
            return Finding(found[0].message, "forward(X, weights, biases, activations)")
    return None


forward = Exercise(
    LESSON,
    "forward",
    judge=_judge_forward,
    hints=[
        "It is `network` again with two changes: the samples are rows, so that no transpose is "
        "needed, and every z and a is kept.",
        "Begin with z = [None] and a = [X]: so z[l] and a[l] are those of layer l. In the loop, "
        "append to both.",
        "z.append(a[-1] @ W + b), then a.append(f(z[-1])). After the loop, return z, a.",
    ],
)
