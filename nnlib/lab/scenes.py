"""Explorers that the lessons show by one call: what is dragged, drawn and said, and no mathematics.

What a lesson is about, the function that is drawn, stands in the lesson or is nnlib's own.
"""

from collections.abc import Callable

import numpy as np

from ..activations import sigmoid, softmax
from ..network import NeuralNetwork
from .explorer import Explorer

X = np.linspace(-6, 6, 241)


def one_neuron() -> Explorer:
    """Return the curve of a neuron with one input, a = σ(wx + b), under sliders for w and b."""

    def words(w, b):
        if not w:
            return f"With w = 0 the input does not count: a = σ(b) = {sigmoid(b):.2f} everywhere."
        return f"a is ½ where x = −b/w = {0 - b / w:.2f}; its slope there is w/4 = {w / 4:.2f}."

    return Explorer(
        {"w": (-5, 5, 1.0), "b": (-5, 5, 0.0)},
        curves=lambda w, b: {"a = σ(wx + b)": (X, sigmoid(w * X + b))},
        points=lambda w, b: {"z = 0": ([-b / w], [0.5])} if w and abs(b / w) < 6 else {},
        words=words,
        axes=("x", "a"),
        y_range=(-0.05, 1.05),
        title="One neuron with one input",
        alt="An S-shaped curve of a over x from 0 to 1, which is one half where wx + b is zero",
    )


def line_in_plane(points, labels, title: str) -> Explorer:
    """Return the map of a neuron with two inputs, and how many points are on their side.

    points, shape (n, 2), and labels, 0 or 1, shape (n,), are drawn on the map.
    """

    def right(w1, w2, b):
        return np.sum((points @ [w1, w2] + b > 0) == labels)

    def arrow(w1, w2, b):
        """Return the point of the line nearest to the origin, and one from there along w."""
        w = np.array([w1, w2])
        foot = -b * w / max(w @ w, 1e-9)
        return np.transpose([foot, foot + w / 10])

    return Explorer(
        {"w1": (-10, 10, 4.0), "w2": (-10, 10, 2.0), "b": (-10, 10, 1.0)},
        plane=lambda P, w1, w2, b: sigmoid(P @ [w1, w2] + b),
        paths=lambda **v: {"w": arrow(**v)},
        data=(points, labels),
        limits=1.5,
        title=title,
        words=lambda **v: f"{right(**v)} of {len(points)} points are on their side of the line.",
        alt="A map of a over the plane, its line where a is one half, and points of two classes",
    )


def random_networks() -> Explorer:
    """Return the curve of a network 1-8-…-8-1 with random weights, for several activations."""

    def curve(f, layers, seed):
        network = NeuralNetwork(
            [1] + [8] * layers + [1],
            hidden=f,
            output="identity",
            init="normal",
            seed=seed,
            dtype="float64",
        )
        y = network.forward(X[:, None]).output[:, 0]
        return (y - y.mean()) / (y.std() + 1e-12)

    def words(**v):
        y = curve(**v)
        far = np.abs(y - np.polyval(np.polyfit(X, y, 1), X)).max()
        return f"Farthest from a straight line: {far:.2f} (the spread of the heights is 1)."

    return Explorer(
        {"f": ["identity", "relu", "tanh", "sigmoid"], "layers": (1, 6, 2), "seed": (0, 30, 1)},
        curves=lambda **v: {"output": (X, curve(**v))},
        words=words,
        axes=("x", "output"),
        y_range=(-4, 4),
        title="What a random network draws",
        alt="The output of a random network over its input, a straight line",
    )


def compose_xor(points, labels) -> Explorer:
    """Return a network 2-2-1 on the plane, both hidden neurons with the weights 5 and 5.

    points, shape (n, 2), and labels, 0 or 1, shape (n,), are drawn on the map.
    """

    def composed(P, b1, b2, v1, v2, c):
        a1, a2 = sigmoid(P @ [5, 5] + b1), sigmoid(P @ [5, 5] + b2)
        return {"hidden 1": a1, "hidden 2": a2, "output": sigmoid(v1 * a1 + v2 * a2 + c)}

    def words(show, **v):
        n = np.sum((composed(points, **v)["output"] > 0.5) == labels)
        return f"Shown: {show}. By the output, {n} of {len(points)} points are right."

    return Explorer(
        {
            "show": ["output", "hidden 1", "hidden 2"],
            "b1": (-10, 10, 0.0),
            "b2": (-10, 10, 0.0),
            "v1": (-20, 20, 10.0),
            "v2": (-20, 20, 10.0),
            "c": (-20, 20, -5.0),
        },
        plane=lambda P, show, **v: composed(P, **v)[show],
        words=words,
        data=(points, labels),
        limits=1.5,
        title="Compose a network",
        help={"c": "The bias of the output."},
        alt="A map of the output over the plane with points of XOR; one line, not yet two",
    )


def two_steps() -> Explorer:
    """Return the bump that two sigmoid neurons make: a step up, and one that is taken away."""

    def curves(left, right, k):
        up, down = sigmoid(k * (X - left)), sigmoid(k * (X - right))
        return {"bump": (X, up - down), "step up": (X, up), "step taken away": (X, down)}

    return Explorer(
        {"left": (-5, 5, -2.0), "right": (-5, 5, 2.0), "k": (0.5, 50.0, 5.0, "log")},
        curves=curves,
        words=lambda left, right, k: (
            f"Biases {-k * left:.3g} and {-k * right:.3g}, both weights {k:.3g}."
        ),
        y_range=(-1.1, 1.1),
        title="A bump of two sigmoid neurons",
        alt="A bump from 0 to 1 and back between left and right, and the two steps it is the "
        "difference of",
    )


def many_bumps(target: Callable, bumps: Callable, distance: Callable) -> Explorer:
    """Return target(u) and bumps(n, k), the output of a network of n bumps at u, from 0 to 1.

    distance(n, k) is the mean distance of the two, for the words.
    """
    u = np.linspace(0, 1, 301)
    return Explorer(
        {"n": (2, 60, 6), "k": (5.0, 2000.0, 50.0, "log")},
        curves=lambda n, k: {"target": (u, target(u)), "network": (u, bumps(n, k))},
        words=lambda n, k: f"{n} bumps, {2 * n} neurons: mean distance {distance(n, k):.3f}.",
        axes=("x", "output"),
        y_range=(-0.5, 1.2),
        title="A function built of bumps",
        alt="A wavy target curve, and a network of six bumps that follows it in coarse steps",
    )


def line_through_points(x, y, loss: Callable) -> Explorer:
    """Return measured points, shape (n,), and a line a = wx + b to be laid through them.

    loss(w, b) is the number that the words tell.
    """
    grid = np.linspace(-1, 1, 50)
    return Explorer(
        {"w": (-1.0, 2.0, 0.0), "b": (-1.0, 1.5, 0.0)},
        curves=lambda w, b: {"a = w x + b": (grid, w * grid + b)},
        points=lambda w, b: {"measured": (x, y)},
        words=lambda w, b: f"C = {loss(w, b):.4f}, the mean of the squared vertical distances.",
        title="A line through points",
        axes=("x", "a and y"),
        y_range=(-1, 1.8),
        alt="Points that rise to the right, and a line whose slope and intercept can be moved.",
    )


def softmax_of_three() -> Explorer:
    """Return the three probabilities that softmax makes of three scores, as the first is moved."""
    axis = np.linspace(-5, 5, 121)

    def probabilities(z1, z2, z3, factor):
        return softmax(factor * np.stack(np.broadcast_arrays(z1, z2, z3), axis=-1))

    return Explorer(
        {
            "z1": (-5, 5, 1.0),
            "z2": (-5, 5, 2.0),
            "z3": (-5, 5, -1.0),
            "factor": (0.1, 10, 1.0, "log"),
        },
        curves=lambda z1, **others: {
            f"a{'₁₂₃'[j]}": (axis, a) for j, a in enumerate(probabilities(axis, **others).T)
        },
        points=lambda z1, **others: {"now": ([z1] * 3, probabilities(z1, **others))},
        words=lambda **z: "a = " + ", ".join(f"{a:.3f}" for a in probabilities(**z)),
        title="Softmax of three scores",
        axes=("z₁", "probability"),
        y_range=(0, 1.02),
        alt="The three probabilities over the first score: the first rises from 0 to 1 in an S, "
        "the other two fall and keep their ratio.",
    )


def neuron_unlearns(outputs: Callable, updates: int = 200) -> Explorer:
    """Return the output of a neuron that is to unlearn a 1, update by update, for two losses.

    outputs(loss, w, b, alpha) is that output before each update, shape (updates,), for a loss by
    its name, a start of weight and bias, and a learning rate.
    """
    steps = np.arange(updates)
    losses = {"squared error": "mse", "cross-entropy": "cross_entropy"}
    return Explorer(
        {"w": (-3.0, 5.0, 2.0), "b": (-3.0, 5.0, 2.0), "alpha": (0.01, 10, 0.15, "log")},
        curves=lambda w, b, alpha: {
            name: (steps, outputs(loss, w, b, alpha)) for name, loss in losses.items()
        },
        title="One neuron unlearns a 1",
        axes=("update", "output a"),
        y_range=(0, 1.02),
        alt="The output of the neuron over 200 updates. With cross-entropy it falls at once; with "
        "the squared error it stays near 1 for a long while before it falls.",
    )


def slope_of_the_loss(loss: Callable, slope: Callable) -> Explorer:
    """Return the curve loss(w), and the line through it at w − h and w + h, of slope(w, h)."""
    ws = np.linspace(-4, 4, 161)

    def curves(w, h):
        line = loss(w - h) + slope(w, h) * (ws - (w - h))
        return {"C": (ws, loss(ws)), "through w ± h": (ws, line)}

    def ends(w, h):
        at = np.array([w - h, w + h])
        return {"at w ± h": (at, loss(at))}

    return Explorer(
        {"w": (-3.0, 4.0, 0.8), "h": (0.001, 2.0, 1.0, "log")},
        curves=curves,
        points=ends,
        words=lambda w, h: f"(C(w + h) − C(w − h)) / 2h = {slope(w, h):.4f}.",
        axes=("w", "C"),
        y_range=(-0.2, 1.2),
        title="The slope of the loss",
        alt="The loss C over the weight w, an S-shaped rise from 0 to 1, and the line through "
        "the curve at w − h and w + h.",
    )


def delta_over_depth(sizes: Callable) -> Explorer:
    """Return sizes(s, depth, activation), the |δ| of each hidden layer, over the layers."""

    def curves(s, depth, activation):
        return {"|δ| in layer l": (np.arange(1, depth + 1), sizes(s, depth, activation))}

    def words(s, depth, activation):
        size = sizes(s, depth, activation)
        return f"|δ| in the first hidden layer is {size[0] / size[-1]:.2g} times that in the last."

    return Explorer(
        {
            "s": (0.25, 16.0, 1.0, "log"),
            "depth": (2, 20, 20),
            "activation": ["tanh", "sigmoid", "relu"],
        },
        curves=curves,
        words=words,
        axes=("layer l", "|δ|"),
        log=True,
        title="δ over depth",
        alt="The size of δ in each hidden layer of an untrained network, on a logarithmic axis: a "
        "line that rises or falls towards the first layer by the same factor at each.",
    )


def momentum_in_a_valley(walk: Callable, factor: Callable, curvature: float) -> Explorer:
    """Return the distance from the minimum in a shallow direction and in a steep one.

    walk(λ, alpha, beta) is that distance after each update for the curvatures 1 and `curvature`;
    factor(alpha, beta) is by what the slower direction shrinks at an update.
    """

    def curves(alpha, beta):
        names = {"shallow, λ = 1": 1, f"steep, λ = {curvature:g}": curvature}
        walks = {name: np.asarray(walk(size, alpha, beta)) for name, size in names.items()}
        return {name: (np.arange(len(x)), np.clip(x, 1e-8, 1e3)) for name, x in walks.items()}

    def words(alpha, beta):
        size = factor(alpha, beta)
        says = "converges" if size < 1 else "does not converge"
        return f"The slower direction is multiplied by {size:.3f} an update: it {says}."

    return Explorer(
        {"alpha": (0.002, 0.1, 0.03), "beta": (0.0, 0.98, 0.0)},
        curves=curves,
        words=words,
        axes=("update", "distance |x|"),
        y_range=(1e-8, 1e3),
        log=True,
        title=f"Momentum in a valley of condition number {curvature:g}",
        alt="Distance from the minimum over 80 updates in the shallow and in the steep direction "
        "of a valley.",
        help={"alpha": "Learning rate α.", "beta": "Momentum β: how much of its speed it keeps."},
    )
